"""The wall behind, the neck and the shoulders, and what they wear."""

from __future__ import annotations

from samepic.practice.portraits.canvas import Canvas, Colour, Point, ellipse, mirrored, mix
from samepic.practice.portraits.head import chin
from samepic.practice.portraits.look import Backdrop, Clothes, Look

_DARK: Colour = (28, 20, 40)
_WHITE: Colour = (255, 252, 246)


def draw_backdrop(canvas: Canvas, look: Look) -> None:
    accent = look.theme.accent
    if look.backdrop is Backdrop.PLAIN:
        canvas.glow((-120, 300), 640, 640, accent, 90)
    elif look.backdrop is Backdrop.DISC:
        canvas.oval((0, 470), 400, 400, accent)
    elif look.backdrop is Backdrop.ARCH:
        canvas.blob(
            mirrored([(0, 96), (190, 140), (320, 300), (350, 470), (350, 1100), (350, 1100), (0, 1120)]), accent
        )
    elif look.backdrop is Backdrop.CORNER:
        canvas.oval((-380, 160), 300, 300, accent)
        canvas.oval((420, 760), 210, 210, mix(look.theme.wall, accent, 50))
    elif look.backdrop is Backdrop.WAVES:
        canvas.blob(
            [(-640, 560), (-400, 520), (-160, 600), (120, 520), (360, 440), (640, 520), (640, 1200), (-640, 1200)],
            accent,
        )
    elif look.backdrop is Backdrop.SPLIT:
        canvas.polygon([(-512, -10), (140, -10), (-220, 1040), (-512, 1040)], accent)


def shoulders(look: Look) -> list[Point]:
    wide = look.breadth
    half = [(0, 752), (84, 752), (200, 806), (318, 858), (392, 960), (416, 1160), (416, 1160), (0, 1180)]
    return mirrored([(x * wide // 100, y) for x, y in half])


def draw_neck(canvas: Canvas, look: Look) -> None:
    skin, half = look.skin, 70 * look.breadth // 100
    neck = mirrored([(0, 560), (half, 560), (half, 700), (half + 18, 770), (half + 90, 820), (0, 900)])
    canvas.blob(neck, skin.tone)
    low = chin(look)
    with canvas.within(neck) as under:
        under.blob([(-160, 520), (160, 520), (120, low + 20), (30 + look.turn, low + 60), (-80, low + 30)], skin.shade)


def draw_clothes(canvas: Canvas, look: Look) -> None:
    outline, theme = shoulders(look), look.theme
    opening = _OPENINGS[look.clothes]
    cloth, dark = theme.cloth, mix(theme.cloth, _DARK, 24)
    with canvas.within(outline, opening) as worn:
        worn.blob(outline, dark)
        worn.blob([(x - 12, y + 16) for x, y in outline], cloth)
        worn.glow((-150, 860), 260, 170, mix(cloth, _WHITE, 40), 35)
        for way in (-1, 1):
            worn.stroke([(way * 262 * look.breadth // 100, 930), (way * 250 * look.breadth // 100, 1060)], 7, dark)
        _dress(worn, look)
    _finish(canvas, look)


_CREW = ellipse((0, 744), 104, 62)
_SCOOP = ellipse((0, 740), 130, 116)
_VEE = [(-96, 730), (-96, 730), (0, 720), (96, 730), (96, 730), (50, 820), (0, 900), (0, 900), (-50, 820)]
_DEEP = [(-100, 720), (-100, 720), (0, 700), (100, 720), (100, 720), (70, 880), (0, 1010), (0, 1010), (-70, 880)]
_NONE: list[Point] = []
_OPENINGS = {
    Clothes.CREW: _CREW,
    Clothes.STRIPES: _CREW,
    Clothes.SHIRT: [(-80, 730), (-80, 730), (0, 720), (80, 730), (80, 730), (36, 800), (0, 850), (0, 850), (-36, 800)],
    Clothes.BLAZER: _DEEP,
    Clothes.ROLL_NECK: _NONE,
    Clothes.V_NECK: _VEE,
    Clothes.HOODIE: _CREW,
    Clothes.SCOOP: _SCOOP,
    Clothes.SCARF: _NONE,
    Clothes.CARDIGAN: _DEEP,
}


def draw_under_clothes(canvas: Canvas, look: Look) -> None:
    """What shows in the opening of a blazer or a cardigan."""
    if look.clothes is Clothes.BLAZER:
        canvas.blob(mirrored([(0, 800), (60, 752), (110, 760), (150, 1100), (0, 1100)]), look.theme.trim)
        canvas.polygon([(-74, 744), (0, 858), (74, 744), (50, 700), (-50, 700)], look.skin.tone)
    elif look.clothes is Clothes.CARDIGAN:
        canvas.blob(mirrored([(0, 806), (70, 780), (130, 760), (150, 1100), (0, 1100)]), look.theme.trim)


def _dress(worn: Canvas, look: Look) -> None:
    if look.clothes is Clothes.STRIPES:
        for y in range(800, 1060, 52):
            worn.stroke([(-440, y + 30), (-160, y), (160, y), (440, y + 30)], 18, look.theme.trim)
    elif look.clothes is Clothes.CARDIGAN:
        for y in (1000,):
            worn.oval((26, y), 11, 11, look.theme.trim)


def _finish(canvas: Canvas, look: Look) -> None:
    cloth, trim = look.theme.cloth, look.theme.trim
    dark, light = mix(cloth, _DARK, 24), mix(cloth, _WHITE, 22)
    if look.clothes in (Clothes.CREW, Clothes.STRIPES):
        canvas.stroke([(-104, 748), (-74, 790), (0, 808), (74, 790), (104, 748)], 18, dark)
    elif look.clothes is Clothes.V_NECK:
        for way in (-1, 1):
            canvas.stroke([(way * 98, 736), (way * 52, 824), (0, 902)], 16, light)
    elif look.clothes is Clothes.SHIRT:
        for way in (-1, 1):
            canvas.polygon([(way * 70, 712), (way * 112, 752), (way * 92, 856), (0, 800)], light)
        canvas.stroke([(0, 850), (0, 1040)], 6, dark)
        for y in (890, 970):
            canvas.oval((0, y), 9, 9, trim)
    elif look.clothes is Clothes.BLAZER:
        for way in (-1, 1):
            canvas.polygon([(way * 58, 706), (way * 108, 738), (way * 84, 840), (0, 850)], _WHITE)
            canvas.polygon(
                [(way * 106, 740), (way * 160, 800), (way * 176, 880), (way * 140, 890), (0, 1024), (way * 60, 880)],
                light,
            )
    elif look.clothes is Clothes.ROLL_NECK:
        canvas.shaded(
            mirrored([(0, 690), (78, 686), (92, 720), (96, 776), (60, 800), (0, 806)]), light, cloth, (-6, -10)
        )
    elif look.clothes is Clothes.HOODIE:
        canvas.shaded(
            mirrored([(0, 812), (80, 790), (116, 730), (150, 730), (190, 800), (120, 862), (0, 880)]),
            light,
            dark,
            (0, -14),
        )
        for way in (-1, 1):
            canvas.stroke([(way * 46, 846), (way * 50, 900), (way * 46, 950)], 9, trim)
    elif look.clothes is Clothes.SCARF:
        canvas.shaded(
            mirrored([(0, 700), (110, 690), (150, 740), (140, 800), (60, 830), (0, 834)]),
            trim,
            mix(trim, _DARK, 22),
            (-6, -12),
        )
        canvas.shaded(
            [(40, 800), (110, 790), (130, 900), (120, 1060), (40, 1060), (50, 900)],
            trim,
            mix(trim, _DARK, 22),
            (-10, 0),
        )
        canvas.stroke([(-96, 740), (0, 772), (96, 740)], 6, mix(trim, _DARK, 22))
    elif look.clothes is Clothes.CARDIGAN:
        for way in (-1, 1):
            canvas.stroke([(way * 102, 736), (way * 72, 880), (0, 1012)], 22, light)
