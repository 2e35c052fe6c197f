"""Hair: what lies behind the head, and what lies over it."""

from __future__ import annotations

from collections.abc import Callable

from samepic.practice.portraits.canvas import Canvas, Colour, Point, ellipse, mirrored, mix
from samepic.practice.portraits.head import cheek, outline
from samepic.practice.portraits.look import Cover, Hair, Look

Draw = Callable[[Canvas, Look], None]
_DARK: Colour = (24, 14, 26)
_LIGHT: Colour = (255, 236, 206)


def shade(look: Look) -> Colour:
    return mix(look.hair_colour, _DARK, 28)


def _shine(look: Look) -> Colour:
    return mix(look.hair_colour, _LIGHT, 22)


def draw_hair_behind(canvas: Canvas, look: Look) -> None:
    if look.cover is not Cover.HEADSCARF:
        _BEHIND.get(look.hair, _nothing)(canvas, look)


def draw_hair(canvas: Canvas, look: Look) -> None:
    if look.cover is not Cover.HEADSCARF:
        _BEFORE.get(look.hair, _nothing)(canvas, look)


def _nothing(canvas: Canvas, look: Look) -> None:
    pass


def _mass(canvas: Canvas, look: Look, points: list[Point]) -> None:
    canvas.shaded(points, look.hair_colour, shade(look), (-10, -12))


# --- behind the head


def _curtain(bottom: int, width: int) -> Draw:
    def draw(canvas: Canvas, look: Look) -> None:
        half = [
            (0, 186),
            (110, 206),
            (182, 300),
            (196, 430),
            (width, 620),
            (width - 6, bottom - 40),
            (width - 50, bottom),
            (0, bottom - 16),
        ]
        canvas.blob(mirrored(half), shade(look))

    return draw


def _waves_behind(canvas: Canvas, look: Look) -> None:
    half = [
        (0, 180),
        (112, 200),
        (190, 300),
        (196, 400),
        (226, 500),
        (208, 600),
        (240, 700),
        (216, 800),
        (150, 846),
        (0, 810),
    ]
    canvas.blob(mirrored(half), shade(look))


def _ponytail_behind(canvas: Canvas, look: Look) -> None:
    way = 1 if look.turn <= 0 else -1
    tail = [(60, 230), (170, 210), (244, 300), (246, 450), (262, 600), (214, 740), (190, 620), (176, 450), (120, 330)]
    _mass(canvas, look, [(way * x, y) for x, y in tail])


def _bun_behind(canvas: Canvas, look: Look) -> None:
    _mass(canvas, look, ellipse((0, 172), 86, 78))
    canvas.stroke([(-46, 150), (0, 128), (46, 150)], 6, _shine(look))


def _afro_behind(canvas: Canvas, look: Look) -> None:
    rim = ellipse((0, 360), 226, 216)
    canvas.blob(rim, look.hair_colour)
    for x, y in rim:
        canvas.oval((x * 19 // 20, 360 + (y - 360) * 19 // 20), 54, 54, look.hair_colour)


def _locs_behind(canvas: Canvas, look: Look) -> None:
    for at, x in enumerate((-176, -120, -60, 0, 60, 120, 176, -150, 150, -195, 195)):
        colour = look.hair_colour if at > 6 else shade(look)
        canvas.stroke(
            [(x * 3 // 4, 260), (x, 420), (x * 17 // 16, 600), (x * 18 // 16, 720 + at * 37 % 60)], 44, colour
        )


# --- over the head


def _cap(look: Look, top: int, hairline: int, temple: int, side: int) -> list[Point]:
    """A close cap of hair: down to `side` before the ears, over the crown at `top`, along the hairline."""
    wide = cheek(look)
    outer = [(0, top), (96, top + 18), (wide - 2, 296), (wide + 12, 390), (wide + 8, side), (wide + 8, side)]
    inner = [
        (wide - 16, side),
        (wide - 16, side),
        (wide - 18, temple + 40),
        (wide - 48, temple),
        (58, hairline + 2),
        (0, hairline),
    ]
    half = outer + inner
    return [*half, *((-x, y) for x, y in reversed(half[1:-1]))]


def _buzz(canvas: Canvas, look: Look) -> None:
    colour = mix(look.hair_colour, look.skin.tone, 22)
    canvas.shaded(_cap(look, 218, 306, 336, 446), colour, mix(colour, _DARK, 22), (-8, -10))


def _thinning(canvas: Canvas, look: Look) -> None:
    wide = cheek(look)
    for way in (-1, 1):
        tuft = [
            (wide - 30, 330),
            (wide + 4, 300),
            (wide + 22, 370),
            (wide + 20, 450),
            (wide + 2, 470),
            (wide - 14, 450),
            (wide - 16, 390),
        ]
        _mass(canvas, look, [(way * x, y) for x, y in tuft])


def _bald(canvas: Canvas, look: Look) -> None:
    canvas.glow((look.turn - 40, 286), 70, 40, (255, 250, 240), 35)


def _crop(canvas: Canvas, look: Look) -> None:
    _mass(canvas, look, _cap(look, 190, 300, 326, 462))
    for x in (-66, -20, 28, 74):
        canvas.stroke([(x - 8, 226), (x, 256), (x + 12, 282)], 6, shade(look))


def _parted(canvas: Canvas, look: Look) -> None:
    way = 1 if look.turn >= 0 else -1
    wide = cheek(look)
    points = [
        (-wide - 6, 458),
        (-wide - 14, 390),
        (-wide - 2, 290),
        (-96, 206),
        (-20, 178),
        (84, 182),
        (wide + 4, 250),
        (wide + 18, 370),
        (wide + 8, 462),
        (wide - 14, 462),
        (wide - 14, 400),
        (wide - 34, 330),
        (60, 318),
        (-20, 298),
        (-74, 262),
        (-108, 316),
        (-wide + 18, 370),
        (-wide + 14, 458),
    ]
    _mass(canvas, look, [(way * x, y) for x, y in points])
    canvas.stroke([(way * x, y) for x, y in ((-72, 262), (-30, 232), (50, 226), (110, 262))], 6, shade(look))


def _quiff(canvas: Canvas, look: Look) -> None:
    way = 1 if look.turn >= 0 else -1
    wide = cheek(look)
    points = [
        (-wide - 4, 456),
        (-wide - 12, 370),
        (-wide + 4, 270),
        (-118, 190),
        (-50, 140),
        (50, 122),
        (134, 150),
        (168, 220),
        (wide + 14, 330),
        (wide + 6, 458),
        (wide - 14, 458),
        (wide - 18, 380),
        (wide - 42, 316),
        (56, 292),
        (-30, 288),
        (-100, 314),
        (-wide + 22, 372),
        (-wide + 14, 456),
    ]
    _mass(canvas, look, [(way * x, y) for x, y in points])
    for dy in (0, 34):
        canvas.stroke([(way * x, y + dy) for x, y in ((-76, 232), (-20, 192), (60, 180), (112, 204))], 6, shade(look))


def _curls(canvas: Canvas, look: Look) -> None:
    wide = cheek(look)
    half = [(0, 196), (60, 204), (112, 236), (wide, 290), (wide + 14, 350), (wide + 10, 414)]
    places = [*half, *((-x, y) for x, y in half if x)]
    canvas.blob(_cap(look, 196, 296, 330, 450), look.hair_colour)
    for at, (x, y) in enumerate(places):
        canvas.oval((x, y + 8), 50, 48, shade(look) if at % 3 == 1 else look.hair_colour)
    for x in (-92, -32, 32, 92):
        canvas.oval((x, 272 + abs(x) // 6), 44, 36, look.hair_colour)
    for x, y in ((-70, 232), (0, 216), (70, 236), (-124, 300), (124, 304), (-34, 274), (38, 276)):
        canvas.stroke([(x - 16, y + 8), (x, y - 6), (x + 16, y + 6)], 6, _shine(look))


def _afro(canvas: Canvas, look: Look) -> None:
    canvas.blob(_cap(look, 200, 300, 330, 470), look.hair_colour)
    for x, y in ((-150, 300), (-86, 236), (0, 204), (86, 236), (150, 300)):
        canvas.stroke([(x - 20, y + 8), (x, y - 6), (x + 20, y + 6)], 6, _shine(look))


def _pixie(canvas: Canvas, look: Look) -> None:
    way = 1 if look.turn >= 0 else -1
    wide = cheek(look)
    points = [
        (-wide - 10, 520),
        (-wide - 24, 400),
        (-wide - 8, 280),
        (-100, 200),
        (0, 172),
        (100, 194),
        (wide + 12, 290),
        (wide + 22, 400),
        (wide + 6, 510),
        (wide - 12, 500),
        (wide - 10, 420),
        (wide - 30, 396),
        (60, 372),
        (-20, 336),
        (-84, 288),
        (-110, 340),
        (-wide + 16, 400),
        (-wide + 12, 500),
    ]
    _mass(canvas, look, [(way * x, y) for x, y in points])
    for dx in (0, 44):
        canvas.stroke([(way * (x + dx), y) for x, y in ((-70, 280), (-20, 306), (40, 340))], 6, shade(look))


def _centre(bottom: int, wide: int) -> Draw:
    """Hair parted in the middle, falling on both sides to `bottom`."""

    def draw(canvas: Canvas, look: Look) -> None:
        face = cheek(look)
        for way in (-1, 1):
            lock = [
                (-6, 196),
                (-6, 196),
                (70, 196),
                (150, 246),
                (192, 350),
                (wide, 500),
                (wide, bottom - 80),
                (wide - 36, bottom),
                (wide - 66, bottom - 60),
                (face - 4, 560),
                (face - 4, 460),
                (face - 30, 370),
                (74, 306),
                (-6, 262),
                (-6, 262),
            ]
            _mass(canvas, look, [(way * x, y) for x, y in lock])
            canvas.stroke(
                [(way * x, y) for x, y in ((50, 250), (126, 320), (168, 430))],
                6,
                shade(look) if way > 0 else _shine(look),
            )

    return draw


def _swept(bottom: int, wide: int) -> Draw:
    """Hair parted at one side and swept over the brow."""

    def draw(canvas: Canvas, look: Look) -> None:
        way, face = (1 if look.turn >= 0 else -1), cheek(look)
        points = [
            (-wide + 40, bottom - 40),
            (-wide, bottom - 120),
            (-200, 480),
            (-188, 340),
            (-140, 236),
            (-50, 184),
            (60, 182),
            (146, 230),
            (192, 340),
            (202, 480),
            (wide, bottom - 110),
            (wide - 40, bottom - 20),
            (wide - 60, bottom - 110),
            (face - 2, 540),
            (face - 8, 430),
            (90, 370),
            (-10, 326),
            (-78, 262),
            (-112, 330),
            (-face + 8, 430),
            (-face + 2, 540),
            (-wide + 66, bottom - 100),
        ]
        _mass(canvas, look, [(way * x, y) for x, y in points])
        for dy in (0, 40):
            canvas.stroke([(way * x, y + dy) for x, y in ((-60, 248), (20, 270), (100, 322))], 6, _shine(look))

    return draw


def _fringe(canvas: Canvas, look: Look) -> None:
    face = cheek(look)
    half = [
        (0, 184),
        (104, 206),
        (184, 300),
        (200, 430),
        (196, 580),
        (176, 650),
        (150, 640),
        (150, 640),
        (face - 6, 540),
        (face - 10, 400),
        (face - 10, 400),
        (90, 392),
        (0, 396),
    ]
    _mass(canvas, look, [*half, *((-x, y) for x, y in reversed(half[1:-1]))])
    for x in (-84, -40, 6, 52, 96):
        canvas.stroke([(x * 3 // 4, 300), (x, 376)], 6, shade(look))


def _pulled_back(canvas: Canvas, look: Look) -> None:
    _mass(canvas, look, _cap(look, 196, 294, 318, 430))
    for x in (-110, -56, 0, 56, 110):
        canvas.stroke([(x, 296 + abs(x) // 6), (x * 3 // 4, 256), (x // 2, 224)], 5, shade(look))


def _braids(canvas: Canvas, look: Look) -> None:
    _centre(620, 200)(canvas, look)
    for way in (-1, 1):
        for step in range(6):
            x, y = way * (180 - step * 4), 590 + step * 46
            canvas.shaded(ellipse((x, y), 34 - step * 2, 33), look.hair_colour, shade(look), (-way * 8, -10))
        canvas.oval((way * 158, 842), 22, 14, look.theme.trim)
        canvas.blob([(way * 146, 850), (way * 172, 850), (way * 168, 900), (way * 150, 900)], look.hair_colour)


def _locs(canvas: Canvas, look: Look) -> None:
    canvas.blob(_cap(look, 188, 292, 322, 470), look.hair_colour)
    for x in (-128, -84, -42, 0, 42, 84, 128):
        canvas.stroke([(x // 2, 206), (x * 7 // 8, 250), (x * 17 // 16, 304 + abs(x) // 4)], 30, look.hair_colour)
        canvas.stroke(
            [(x // 2 + 14, 214), (x * 7 // 8 + 18, 258), (x * 17 // 16 + 18, 300 + abs(x) // 4)], 5, shade(look)
        )


_BEHIND: dict[Hair, Draw] = {
    Hair.BOB: _curtain(680, 206),
    Hair.FRINGE: _curtain(680, 202),
    Hair.STRAIGHT: _curtain(880, 216),
    Hair.BRAIDS: _curtain(620, 190),
    Hair.WAVES: _waves_behind,
    Hair.PONYTAIL: _ponytail_behind,
    Hair.BUN: _bun_behind,
    Hair.AFRO: _afro_behind,
    Hair.LOCS: _locs_behind,
}
_BEFORE: dict[Hair, Draw] = {
    Hair.BALD: _bald,
    Hair.THINNING: _thinning,
    Hair.BUZZ: _buzz,
    Hair.CROP: _crop,
    Hair.PARTED: _parted,
    Hair.QUIFF: _quiff,
    Hair.CURLS: _curls,
    Hair.AFRO: _afro,
    Hair.PIXIE: _pixie,
    Hair.BOB: _swept(690, 206),
    Hair.FRINGE: _fringe,
    Hair.STRAIGHT: _centre(860, 216),
    Hair.WAVES: _swept(820, 224),
    Hair.PONYTAIL: _pulled_back,
    Hair.BUN: _pulled_back,
    Hair.BRAIDS: _braids,
    Hair.LOCS: _locs,
}
