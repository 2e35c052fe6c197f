"""Hair: what lies behind the head, and what lies over it. Drawn for the usual head, fitted to each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from samepic.practice.portraits.canvas import Canvas
from samepic.practice.portraits.head import SIDES, fitted
from samepic.practice.portraits.look import Cover, Hair, Look
from samepic.practice.portraits.palette import Colour, darker, lighter, mix
from samepic.practice.portraits.shapes import Outline, Point, ellipse, flipped, mirrored, moved, points

Draw = Callable[[Canvas, Look], None]
_HIDDEN = (Cover.HEADSCARF, Cover.TURBAN, Cover.WRAP)


def draw_hair_behind(canvas: Canvas, look: Look) -> None:
    if look.cover not in _HIDDEN and look.hair in _BEHIND:
        _BEHIND[look.hair](canvas, look)


def draw_hair(canvas: Canvas, look: Look) -> None:
    if look.cover not in _HIDDEN:
        _BEFORE[look.hair](canvas, look)


def _shade(look: Look) -> Colour:
    return darker(look.hair_colour, 28)


def _way(look: Look) -> int:
    """The side to which a parting falls."""
    return 1 if look.turn >= 0 else -1


def _mass(canvas: Canvas, look: Look, shape: Outline, strands: Sequence[Outline] = ()) -> None:
    """One body of hair: shade below, light from above, a few strands."""
    hair = fitted(shape, look)
    with canvas.within(hair) as inner:
        inner.fill(_shade(look))
        inner.blob(moved(hair, -9, -12), look.hair_colour)
        inner.glow((-60, 236), 150, 96, lighter(look.hair_colour), 60)
        for strand in strands:
            inner.stroke(fitted(strand, look), 6, _shade(look))


# Behind the head: in the shade, so that the face stands out.


def _fall(text: str) -> Draw:
    """Hair hanging down behind, given its right half."""
    shape = mirrored(points(text))

    def draw(canvas: Canvas, look: Look) -> None:
        canvas.blob(fitted(shape, look), _shade(look))

    return draw


_TAIL = points("60,230 160,206 232,290 240,440 254,590 210,730 186,610 172,450 120,330")


def _ponytail_behind(canvas: Canvas, look: Look) -> None:
    _mass(canvas, look, flipped(_TAIL, -_way(look)))


_KNOT = ellipse((0, 168), 84, 76)
_KNOT_STRANDS = (points("-56,170 -20,128 34,120"), points("-30,200 10,160 62,156"))


def _bun_behind(canvas: Canvas, look: Look) -> None:
    _mass(canvas, look, _KNOT, _KNOT_STRANDS)


_CLOUD = ellipse((0, 366), 218, 206)


def _afro_behind(canvas: Canvas, look: Look) -> None:
    for colour, by in ((_shade(look), 0), (look.hair_colour, -12)):
        canvas.blob(moved(_CLOUD, by, by), colour)
        for x, y in _CLOUD:
            canvas.oval((x * 19 // 20 + by, y + by), 56, 56, colour)


_LOCS = [(x, 690 + x * x % 70) for x in (-176, -120, -60, 0, 60, 120, 176, -150, 150, -198, 198)]
_LOCS_IN_SHADE = 7


def _locs_behind(canvas: Canvas, look: Look) -> None:
    for at, (x, low) in enumerate(_LOCS):
        colour = _shade(look) if at < _LOCS_IN_SHADE else look.hair_colour
        canvas.stroke([(x * 3 // 4, 262), (x, 420), (x * 17 // 16, 580), (x * 9 // 8, low)], 42, colour)


# Over the head.

_BALD_SHINE: Point = (-44, 290)


def _bald(canvas: Canvas, look: Look) -> None:
    canvas.glow(_BALD_SHINE, 80, 46, look.skin.light, 80)


_TUFT = points("126,332 156,304 174,370 172,446 156,476 140,452 138,392")


def _thinning(canvas: Canvas, look: Look) -> None:
    _bald(canvas, look)
    for way in SIDES:
        _mass(canvas, look, flipped(_TUFT, way))


_CLOSE = mirrored(points("0,218 94,236 150,312 162,396 158,452 158,452 138,452 138,452 137,372 108,334 58,310 0,306"))


def _buzz(canvas: Canvas, look: Look) -> None:
    colour = mix(look.hair_colour, look.skin.tone, 24)
    canvas.shaded(fitted(_CLOSE, look), colour, darker(colour, 16), (-8, -10))


_CAP = mirrored(points("0,190 96,206 154,290 166,390 160,462 160,462 138,462 138,462 136,366 108,328 60,302 0,298"))
_TUFTS = tuple(moved(points("-12,226 0,254 16,276"), x) for x in (-84, -40, 6, 52))


def _crop(canvas: Canvas, look: Look) -> None:
    _mass(canvas, look, _CAP, _TUFTS)


_PARTED = points(
    "-157,462 -168,384 -154,288 -98,206 -20,178 84,182 156,246 172,366 161,466 161,466 138,466 138,466 139,396 "
    "122,330 58,318 -20,298 -74,260 -106,314 -134,372 -137,462 -137,462"
)
_PARTED_STRANDS = (points("-72,258 -24,232 60,226 122,262"), points("-60,276 10,270 90,278 140,318"))


def _parted(canvas: Canvas, look: Look) -> None:
    way = _way(look)
    _mass(canvas, look, flipped(_PARTED, way), [flipped(strand, way) for strand in _PARTED_STRANDS])


_QUIFF = points(
    "-157,460 -167,366 -150,268 -122,196 -60,142 46,124 132,148 166,222 168,330 159,460 159,460 138,460 138,460 "
    "136,378 112,318 54,292 -30,288 -100,312 -132,372 -138,460 -138,460"
)
_QUIFF_STRANDS = tuple(moved(points("-84,240 -30,200 50,188 110,214"), 0, dy) for dy in (-10, 26))


def _quiff(canvas: Canvas, look: Look) -> None:
    way = _way(look)
    _mass(canvas, look, flipped(_QUIFF, way), [flipped(strand, way) for strand in _QUIFF_STRANDS])


_CURLS = points("0,206 66,214 116,244 152,296 166,354 160,410 -66,214 -116,244 -152,296 -166,354 -160,410")
_BROW_CURLS = points("-96,282 -34,272 32,272 94,282")
_RINGLETS = points("-72,236 0,218 72,238 -128,306 128,308 -36,274 40,276")


def _curls(canvas: Canvas, look: Look) -> None:
    _mass(canvas, look, _CAP)
    for at, spot in enumerate(fitted(_CURLS, look)):
        canvas.oval(spot, 48, 47, _shade(look) if at % 3 == 1 else look.hair_colour)
    for spot in fitted(_BROW_CURLS, look):
        canvas.oval(spot, 43, 36, look.hair_colour)
    _curled(canvas, look, _RINGLETS)


def _curled(canvas: Canvas, look: Look, places: Sequence[Point]) -> None:
    for x, y in fitted(places, look):
        canvas.stroke([(x - 16, y + 8), (x, y - 6), (x + 16, y + 6)], 6, lighter(look.hair_colour, 18))


_AFRO_LIGHTS = points("-150,296 -90,234 -10,204 80,222 -176,392 -60,168 40,180 140,280")


def _afro(canvas: Canvas, look: Look) -> None:
    canvas.blob(fitted(_CAP, look), look.hair_colour)
    canvas.glow((-70, 230), 170, 110, lighter(look.hair_colour), 45)
    _curled(canvas, look, _AFRO_LIGHTS)


_PIXIE = points(
    "-163,524 -178,400 -160,280 -100,200 0,172 100,192 164,286 176,400 161,512 161,512 140,500 140,500 142,424 "
    "120,398 60,372 -20,336 -84,286 -108,336 -138,402 -141,506 -141,506"
)
_PIXIE_STRANDS = tuple(moved(points("-78,280 -24,306 46,344"), dx, -dx // 3) for dx in (10, 56, 100))


def _pixie(canvas: Canvas, look: Look) -> None:
    way = _way(look)
    _mass(canvas, look, flipped(_PIXIE, way), [flipped(strand, way) for strand in _PIXIE_STRANDS])


def _curtains(text: str) -> Draw:
    """Hair parted in the middle and falling on both sides, given the right one."""
    shape, strand = points(text), points("40,240 120,310 166,430 176,560")

    def draw(canvas: Canvas, look: Look) -> None:
        for way in SIDES:
            _mass(canvas, look, flipped(shape, way), [flipped(strand, way)])

    return draw


def _swept(text: str) -> Draw:
    """Hair parted at one side and swept over the brow."""
    shape = points(text)
    strands = (points("-66,248 10,270 100,326 150,420"), points("-50,220 60,226 140,290 176,400"))

    def draw(canvas: Canvas, look: Look) -> None:
        way = _way(look)
        _mass(canvas, look, flipped(shape, way), [flipped(strand, way) for strand in strands])

    return draw


_FRINGE = mirrored(
    points(
        "0,182 104,202 182,296 200,430 198,580 180,664 156,656 156,656 146,560 140,400 140,400 132,386 132,386 "
        "70,394 0,396"
    )
)
_FRINGE_STRANDS = tuple(points(f"{x * 2 // 3},270 {x * 7 // 8},330 {x},392") for x in (-90, -46, 0, 46, 90))


def _fringe(canvas: Canvas, look: Look) -> None:
    _mass(canvas, look, _FRINGE, _FRINGE_STRANDS)


_BACK = mirrored(points("0,194 96,210 153,294 164,388 157,436 157,436 141,436 141,436 136,352 104,318 56,296 0,292"))
_BACK_STRANDS = tuple(points(f"{x},{304 + abs(x) // 6} {x * 3 // 4},256 {x // 2},216") for x in (-108, -54, 0, 54, 108))


def _pulled_back(canvas: Canvas, look: Look) -> None:
    _mass(canvas, look, _BACK, _BACK_STRANDS)


_TO_BRAIDS = _curtains(
    "-6,194 -6,194 70,194 146,242 184,340 192,470 194,590 150,600 150,500 146,430 124,366 74,306 -6,262 -6,262"
)


def _braids(canvas: Canvas, look: Look) -> None:
    _TO_BRAIDS(canvas, look)
    for way in SIDES:
        for step in range(6):
            link = ellipse((way * (178 - step * 3), 586 + step * 45), 34 - step * 2, 33)
            canvas.shaded(link, look.hair_colour, _shade(look), (-way * 8, -10))
        canvas.blob(moved(flipped(points("-16,846 16,846 20,900 -12,906"), way), way * 160), look.hair_colour)
        canvas.oval((way * 160, 838), 22, 14, look.theme.trim)


_ROOTS = (-132, -88, -44, 0, 44, 88, 132)


def _locs(canvas: Canvas, look: Look) -> None:
    _mass(canvas, look, _CAP)
    for x in _ROOTS:
        root = [(x // 2, 208), (x * 7 // 8, 250), (x * 17 // 16, 300 + abs(x) // 3)]
        canvas.stroke(root, 32, look.hair_colour)
        canvas.stroke(moved(root, 17, 4), 5, _shade(look))


_BEHIND: dict[Hair, Draw] = {
    Hair.BOB: _fall("0,186 110,206 180,300 194,430 206,600 194,668 150,690 0,680"),
    Hair.FRINGE: _fall("0,186 110,206 180,300 194,430 200,600 184,664 140,684 0,676"),
    Hair.STRAIGHT: _fall("0,186 110,206 180,300 194,430 212,640 208,820 160,872 0,860"),
    Hair.BRAIDS: _fall("0,186 110,206 176,300 186,430 190,580 150,630 0,620"),
    Hair.WAVES: _fall("0,180 112,200 188,300 194,400 224,500 206,600 238,700 214,796 150,842 0,810"),
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
    Hair.BOB: _swept(
        "-170,676 -204,590 -200,470 -186,340 -138,236 -50,184 60,182 144,230 188,340 202,480 206,590 176,682 148,600 "
        "146,440 96,372 -10,326 -78,258 -110,330 -142,430 -147,600"
    ),
    Hair.FRINGE: _fringe,
    Hair.STRAIGHT: _curtains(
        "-6,194 -6,194 70,194 148,244 188,350 204,500 218,680 210,810 184,866 156,800 158,680 148,550 146,450 122,368 "
        "74,306 -6,262 -6,262"
    ),
    Hair.WAVES: _swept(
        "-186,812 -230,700 -202,600 -218,500 -188,400 -184,330 -138,236 -50,184 60,182 144,230 190,340 194,410 222,500 "
        "204,600 236,700 194,820 158,720 172,640 148,560 146,440 96,372 -10,326 -78,258 -110,330 -142,430 -147,560 "
        "-172,640 -156,720"
    ),
    Hair.PONYTAIL: _pulled_back,
    Hair.BUN: _pulled_back,
    Hair.BRAIDS: _braids,
    Hair.LOCS: _locs,
}
