"""The wall behind, the neck and the shoulders, and what they wear."""

from __future__ import annotations

from collections.abc import Callable

from samepic.practice.portraits.canvas import Canvas
from samepic.practice.portraits.head import SIDES, chin
from samepic.practice.portraits.look import Backdrop, Clothes, Look
from samepic.practice.portraits.palette import WHITE, darker, lighter, mix
from samepic.practice.portraits.shapes import Outline, ellipse, flipped, mirrored, moved, points, widened

_ARCH = mirrored(points("0,110 181,158 314,291 362,472 362,700 362,1100 362,1100 0,1120"))
_HILLS = points("-640,600 -400,540 -160,600 120,540 360,450 640,520 640,1200 -640,1200")


def draw_backdrop(canvas: Canvas, look: Look) -> None:
    accent, between = look.theme.accent, mix(look.theme.wall, look.theme.accent, 50)
    if look.backdrop is Backdrop.PLAIN:
        canvas.glow((-120, 300), 760, 760, accent, 90)
    elif look.backdrop is Backdrop.DISC:
        canvas.oval((0, 480), 410, 410, accent)
    elif look.backdrop is Backdrop.ARCH:
        canvas.blob(_ARCH, accent)
    elif look.backdrop is Backdrop.CORNER:
        canvas.oval((-380, 150), 300, 300, accent)
        canvas.oval((430, 700), 210, 210, between)
    elif look.backdrop is Backdrop.WAVES:
        canvas.blob(_HILLS, between)
        canvas.blob(moved(flipped(_HILLS, -1), 0, 150), accent)
    elif look.backdrop is Backdrop.SPLIT:
        canvas.polygon(points("-520,-10 160,-10 -220,1040 -520,1040"), accent)


_SHOULDERS = mirrored(points("0,716 86,720 190,776 314,828 390,930 418,1160 418,1160 0,1180"))
_NECK = mirrored(points("0,560 66,560 66,676 82,726 160,790 0,900"))
_HOOD = mirrored(points("0,660 100,652 166,694 196,780 0,820"))


def draw_neck(canvas: Canvas, look: Look) -> None:
    if look.clothes is Clothes.HOODIE:
        canvas.blob(_HOOD, darker(look.theme.cloth))
    neck, low = widened(_NECK, look.breadth), chin(look)
    under_chin = [(-160, 520), (160, 520), (120, low), (40 + look.turn, low + 46), (-70 + look.turn, low + 40)]
    with canvas.within(neck) as skin:
        skin.fill(look.skin.tone)
        skin.blob(under_chin, look.skin.shade)


_CREW = ellipse((0, 704), 98, 66)
_SCOOP = ellipse((0, 704), 122, 122)
_VEE = points("-92,690 -92,690 0,680 92,690 92,690 48,786 14,846 0,858 -14,846 -48,786")
_VEE_BAND = points("-112,680 -112,680 0,670 112,680 112,680 66,792 20,874 0,890 -20,874 -66,792")
_COLLAR_GAP = points("-78,690 -78,690 0,680 78,690 78,690 36,768 0,816 0,816 -36,768")
_CLOSED: Outline = ()
_OPENINGS: dict[Clothes, Outline] = {
    Clothes.CREW: _CREW,
    Clothes.STRIPES: _CREW,
    Clothes.SHIRT: _COLLAR_GAP,
    Clothes.BLAZER: _CREW,
    Clothes.TIE: _COLLAR_GAP,
    Clothes.ROLL_NECK: _CLOSED,
    Clothes.V_NECK: _VEE,
    Clothes.HOODIE: _CREW,
    Clothes.SCOOP: _SCOOP,
    Clothes.SCARF: _CLOSED,
    Clothes.CARDIGAN: _SCOOP,
}


def draw_clothes(canvas: Canvas, look: Look) -> None:
    shoulders, cloth = widened(_SHOULDERS, look.breadth), look.theme.cloth
    with canvas.within(shoulders, _OPENINGS[look.clothes]) as worn:
        worn.fill(darker(cloth))
        worn.blob(moved(shoulders, -10, 14), cloth)
        worn.glow((-160, 830), 240, 170, lighter(cloth), 70)
        for way in SIDES:
            worn.stroke(widened(flipped(points("262,920 252,1050"), way), look.breadth), 7, darker(cloth))
        _WORN[look.clothes](worn, look)
    if look.necklace and look.clothes in _NECKLACE_SHOWS:
        _necklace(canvas, look)
    if look.clothes in _OVER:
        _OVER[look.clothes](canvas, look)


# On the cloth, inside the shoulders and outside the opening.


def _crew(worn: Canvas, look: Look) -> None:
    worn.loop(_CREW, 40, darker(look.theme.cloth, 16))


def _stripes(worn: Canvas, look: Look) -> None:
    for y in range(790, 1060, 50):
        worn.stroke([(-440, y + 36), (-160, y), (160, y), (440, y + 36)], 17, look.theme.trim)
    _crew(worn, look)


def _shirt(worn: Canvas, look: Look) -> None:
    worn.stroke([(0, 816), (0, 1050)], 6, darker(look.theme.cloth))
    for y in (872, 950, 1028):
        worn.oval((0, y), 9, 9, look.theme.trim)


_FRONT = points("-104,690 -104,690 104,690 104,690 76,850 0,990 0,990 -76,850")
_LAPEL = points("102,690 162,752 180,842 140,850 0,1010 0,980 58,850")


def _blazer(worn: Canvas, look: Look) -> None:
    worn.blob(_FRONT, mix(look.theme.trim, WHITE, 40))
    worn.loop(_CREW, 26, look.theme.trim)
    for way in SIDES:
        worn.polygon(flipped(_LAPEL, way), lighter(look.theme.cloth, 14))
        worn.stroke(flipped([(102, 690), (62, 850), (0, 990)], way), 5, darker(look.theme.cloth, 30))


def _tie(worn: Canvas, look: Look) -> None:
    worn.blob(_FRONT, WHITE)
    tie = darker(mix(look.theme.accent, look.theme.cloth, 60), 10)
    worn.polygon(points("-24,812 24,812 16,850 36,1060 -36,1060 -16,850"), tie)
    worn.polygon(points("-26,808 26,808 16,852 -16,852"), darker(tie, 16))
    for way in SIDES:
        worn.polygon(flipped(_LAPEL, way), lighter(look.theme.cloth, 14))
        worn.stroke(flipped([(102, 690), (62, 850), (0, 990)], way), 5, darker(look.theme.cloth, 30))


def _v_neck(worn: Canvas, look: Look) -> None:
    worn.blob(_VEE_BAND, lighter(look.theme.cloth, 16))


def _cardigan(worn: Canvas, look: Look) -> None:
    worn.blob(_FRONT, look.theme.trim)
    worn.loop(_SCOOP, 18, darker(look.theme.trim, 12))
    for way in SIDES:
        worn.stroke(flipped([(116, 660), (86, 850), (6, 1000)], way), 26, lighter(look.theme.cloth, 16))
    worn.oval((4, 1020), 10, 10, look.theme.trim)


def _hoodie(worn: Canvas, look: Look) -> None:
    collar = points("-190,700 -150,800 -60,850 0,842 60,850 150,800 190,700 120,660 -120,660")
    worn.blob(moved(collar, 0, 10), darker(look.theme.cloth))
    worn.blob(collar, lighter(look.theme.cloth, 16))
    for way in SIDES:
        worn.stroke(flipped(points("46,812 52,880 47,940"), way), 9, look.theme.trim)


def _scoop(worn: Canvas, look: Look) -> None:
    worn.loop(_SCOOP, 22, darker(look.theme.cloth, 16))


def _plain(worn: Canvas, look: Look) -> None:
    pass


# Over the cloth, and over the neck.

_WING = points("62,676 104,712 92,826 0,770")


def _collar(canvas: Canvas, look: Look) -> None:
    for way in SIDES:
        canvas.polygon(flipped(_WING, way), lighter(look.theme.cloth, 20))


def _white_collar(canvas: Canvas, look: Look) -> None:
    for way in SIDES:
        canvas.polygon(flipped(_WING, way), mix(WHITE, look.theme.wall, 10 if way > 0 else 0))


def _roll(canvas: Canvas, look: Look) -> None:
    roll = mirrored(points("0,668 70,660 88,684 94,742 60,768 0,776"))
    canvas.shaded(roll, lighter(look.theme.cloth, 14), darker(look.theme.cloth, 10), (-6, -10))


_SCARF_ROUND = mirrored(points("0,668 100,658 146,706 138,768 62,804 0,808"))
_SCARF_END = points("36,780 104,772 124,880 116,1060 36,1060 48,880")


def _scarf(canvas: Canvas, look: Look) -> None:
    wool = mix(look.theme.trim, look.theme.cloth, 12)
    canvas.shaded(_SCARF_END, wool, darker(wool), (-10, 0))
    canvas.shaded(_SCARF_ROUND, wool, darker(wool), (-6, -12))
    canvas.stroke(points("-104,716 -40,752 60,746"), 6, darker(wool))


def _necklace(canvas: Canvas, look: Look) -> None:
    canvas.stroke(points("-68,704 -40,760 0,778 40,760 68,704"), 4, look.metal)
    canvas.oval((0, 786), 9, 11, look.metal)


_NECKLACE_SHOWS = (Clothes.SCOOP, Clothes.V_NECK, Clothes.CARDIGAN)

Draw = Callable[[Canvas, Look], None]
_WORN: dict[Clothes, Draw] = {
    Clothes.CREW: _crew,
    Clothes.STRIPES: _stripes,
    Clothes.SHIRT: _shirt,
    Clothes.BLAZER: _blazer,
    Clothes.TIE: _tie,
    Clothes.ROLL_NECK: _plain,
    Clothes.V_NECK: _v_neck,
    Clothes.HOODIE: _hoodie,
    Clothes.SCOOP: _scoop,
    Clothes.SCARF: _plain,
    Clothes.CARDIGAN: _cardigan,
}
_OVER: dict[Clothes, Draw] = {
    Clothes.SHIRT: _collar,
    Clothes.TIE: _white_collar,
    Clothes.ROLL_NECK: _roll,
    Clothes.SCARF: _scarf,
}
