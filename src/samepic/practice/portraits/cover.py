"""Head coverings, and the part of them that hangs behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from samepic.practice.portraits.canvas import Canvas
from samepic.practice.portraits.head import SIDES, fitted, outline
from samepic.practice.portraits.look import Cover, Look
from samepic.practice.portraits.palette import darker, lighter, mix
from samepic.practice.portraits.shapes import Outline, ellipse, flipped, mirrored, moved, points

_SCARF_BEHIND = mirrored(points("0,176 120,200 194,320 202,470 196,640 250,780 0,840"))
_BRIM_BEHIND = ellipse((0, 338), 300, 80)


def draw_cover_behind(canvas: Canvas, look: Look) -> None:
    if look.cover is Cover.SUN_HAT:
        canvas.blob(_BRIM_BEHIND, darker(look.cover_colour))
    elif look.cover is Cover.HEADSCARF:
        canvas.blob(_SCARF_BEHIND, darker(look.cover_colour))


def draw_cover(canvas: Canvas, look: Look) -> None:
    if look.cover in _COVERS:
        _COVERS[look.cover](canvas, look)


def _folded(canvas: Canvas, look: Look, shape: Outline, folds: Sequence[Outline]) -> None:
    """Cloth with shade below, light above, and every second fold a light one."""
    cloth = fitted(shape, look)
    with canvas.within(cloth) as inner:
        inner.fill(darker(look.cover_colour))
        inner.blob(moved(cloth, -9, -12), look.cover_colour)
        inner.glow((-70, 200), 150, 100, lighter(look.cover_colour), 60)
        for at, fold in enumerate(folds):
            inner.stroke(fold, 7, lighter(look.cover_colour) if at % 2 else darker(look.cover_colour))


_SCARF = mirrored(points("0,178 116,200 188,310 198,450 184,590 196,680 236,780 120,836 0,850"))
_SCARF_UNDER = points("-260,690 -60,680 80,726 260,880 -260,880")
_SCARF_OVER = points("240,580 120,676 -60,744 -260,840 -260,690 -80,676 60,646")
_SCARF_FOLDS = (points("-130,270 -164,380 -168,520 -136,650"), points("96,232 152,296 180,410 172,540"))


def _headscarf(canvas: Canvas, look: Look) -> None:
    opening = [(x * 94 // 100 + look.turn // 3, 296 + (y - 232) * 85 // 100) for x, y in outline(look)]
    with canvas.within(_SCARF, opening) as scarf:
        scarf.fill(darker(look.cover_colour))
        scarf.blob(moved(_SCARF, -9, -10), look.cover_colour)
        scarf.glow((-70, 240), 150, 110, lighter(look.cover_colour), 60)
        scarf.blob(_SCARF_UNDER, darker(look.cover_colour, 16))
        scarf.blob(_SCARF_OVER, lighter(look.cover_colour, 14))
        for fold in _SCARF_FOLDS:
            scarf.stroke(fold, 6, darker(look.cover_colour, 16))
        scarf.loop(opening, 22, darker(look.cover_colour, 20))


_TURBAN = mirrored(points("0,126 92,138 170,200 196,300 172,398 172,398 140,352 72,314 0,280"))
_TURBAN_FOLDS = tuple(
    flipped([(190, 372 - up), (120, 306 - up), (40, 254 - up * 9 // 10), (-30, 214 - up * 9 // 10)], way)
    for up in (0, 44, 88, 132)
    for way in SIDES
)


def _turban(canvas: Canvas, look: Look) -> None:
    under = points("-70,324 0,262 70,324 0,306")
    canvas.blob(under, mix(look.cover_colour, look.theme.trim, 70))
    _folded(canvas, look, _TURBAN, _TURBAN_FOLDS)


_WRAP = mirrored(points("0,122 116,146 180,256 178,340 164,398 164,398 134,346 72,310 0,298"))
_WRAP_FOLDS = tuple(moved(points("-210,346 -60,292 70,256 210,200"), 0, -up) for up in (0, 44, 88, 132))
_WRAP_KNOT = points("20,148 58,114 114,120 132,156 98,190 44,186")
_KNOT_CREASE = points("46,140 74,148 100,140")


def _wrap(canvas: Canvas, look: Look) -> None:
    _folded(canvas, look, _WRAP, _WRAP_FOLDS)
    cloth = mix(look.theme.cloth, look.cover_colour, 25)
    canvas.shaded(_WRAP_KNOT, cloth, darker(cloth))
    canvas.stroke(_KNOT_CREASE, 6, darker(cloth))


_BEANIE = mirrored(points("0,146 100,166 160,264 172,360 0,350"))
_CUFF = mirrored(points("0,286 112,292 166,314 178,350 166,392 104,368 0,358"))


def _beanie(canvas: Canvas, look: Look) -> None:
    _folded(canvas, look, _BEANIE, ())
    cuff, wool = fitted(_CUFF, look), lighter(look.cover_colour, 16)
    canvas.shaded(cuff, wool, darker(wool), (-6, -8))
    with canvas.within(cuff) as ribs:
        for x in range(-160, 161, 32):
            ribs.stroke([(x * 9 // 10, 270), (x, 400)], 5, darker(wool, 14))


_SKULLCAP = mirrored(points("0,158 88,166 138,200 160,272 166,322 112,290 0,276"))
_SKULLCAP_BAND = (points("-170,284 -112,250 0,236 112,250 170,284"), points("-170,300 -112,266 0,252 112,266 170,300"))


def _skullcap(canvas: Canvas, look: Look) -> None:
    _folded(canvas, look, _SKULLCAP, _SKULLCAP_BAND)


_HEADBAND = mirrored(points("0,246 90,262 152,312 180,376 172,420 144,364 82,306 0,290"))
_HEADBAND_FOLD = (points("-170,372 -84,286 0,268 84,286 170,372"),)


def _headband(canvas: Canvas, look: Look) -> None:
    _folded(canvas, look, _HEADBAND, _HEADBAND_FOLD)


_CROWN = mirrored(points("0,136 92,146 146,210 166,310 0,330"))
_RIBBON = mirrored(points("0,270 110,266 162,256 172,318 0,340"))
_BRIM = mirrored(points("0,302 168,296 286,312 310,336 240,364 120,366 0,360"))


def _sun_hat(canvas: Canvas, look: Look) -> None:
    _folded(canvas, look, _CROWN, ())
    canvas.blob(fitted(_RIBBON, look), look.theme.cloth)
    canvas.shaded(_BRIM, lighter(look.cover_colour, 14), darker(look.cover_colour, 14), (0, -10))


_COVERS: dict[Cover, Callable[[Canvas, Look], None]] = {
    Cover.HEADSCARF: _headscarf,
    Cover.TURBAN: _turban,
    Cover.WRAP: _wrap,
    Cover.BEANIE: _beanie,
    Cover.SKULLCAP: _skullcap,
    Cover.HEADBAND: _headband,
    Cover.SUN_HAT: _sun_hat,
}
