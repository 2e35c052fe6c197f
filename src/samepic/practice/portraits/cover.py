"""Head coverings, and the part of them that hangs behind."""

from __future__ import annotations

from samepic.practice.portraits.canvas import Canvas, Colour, Point, ellipse, mirrored, mix
from samepic.practice.portraits.head import cheek, outline
from samepic.practice.portraits.look import Cover, Look

_DARK: Colour = (30, 18, 30)


def _shade(look: Look) -> Colour:
    return mix(look.cover_colour, _DARK, 24)


def _light(look: Look) -> Colour:
    return mix(look.cover_colour, (255, 250, 240), 28)


def draw_cover_behind(canvas: Canvas, look: Look) -> None:
    if look.cover is Cover.SUN_HAT:
        canvas.oval((0, 330), 316, 92, _shade(look))
    elif look.cover is Cover.HEADSCARF:
        canvas.blob(
            mirrored([(0, 176), (120, 200), (196, 320), (204, 470), (196, 640), (250, 800), (0, 860)]), _shade(look)
        )


def draw_cover(canvas: Canvas, look: Look) -> None:
    draw = {
        Cover.HEADSCARF: _headscarf,
        Cover.TURBAN: _turban,
        Cover.WRAP: _wrap,
        Cover.BEANIE: _beanie,
        Cover.SKULLCAP: _skullcap,
        Cover.HEADBAND: _headband,
        Cover.SUN_HAT: _sun_hat,
    }.get(look.cover)
    if draw:
        draw(canvas, look)


def _headscarf(canvas: Canvas, look: Look) -> None:
    around = mirrored(
        [(0, 178), (116, 200), (190, 310), (200, 450), (184, 590), (196, 690), (232, 800), (120, 850), (0, 866)]
    )
    opening = [(x * 93 // 100 + look.turn // 2, 300 + (y - 232) * 84 // 100) for x, y in outline(look)]
    with canvas.within(around, opening) as scarf:
        scarf.blob(around, look.cover_colour)
        scarf.blob([(-240, 700), (-60, 690), (80, 740), (260, 900), (-260, 900)], _shade(look))
        scarf.blob([(240, 600), (120, 690), (-60, 760), (-250, 850), (-250, 700), (-80, 690), (60, 660)], _light(look))
        scarf.stroke([(-130, 270), (-164, 380), (-166, 520), (-130, 640)], 7, _shade(look))
        scarf.stroke([(90, 236), (150, 300), (176, 400)], 7, _light(look))
        scarf.loop([(x * 102 // 100, y) for x, y in opening], 10, _shade(look))


def _folded(canvas: Canvas, look: Look, around: list[Point], folds: tuple[tuple[Point, ...], ...]) -> None:
    canvas.shaded(around, look.cover_colour, _shade(look), (-10, -12))
    with canvas.within(around) as cloth:
        for at, fold in enumerate(folds):
            cloth.stroke(fold, 7, _shade(look) if at % 2 == 0 else _light(look))


def _turban(canvas: Canvas, look: Look) -> None:
    wide = cheek(look)
    around = [
        (-wide - 14, 400),
        (-wide - 36, 300),
        (-wide + 8, 176),
        (-60, 112),
        (60, 112),
        (wide - 8, 176),
        (wide + 36, 300),
        (wide + 14, 400),
        (wide - 20, 352),
        (70, 316),
        (look.turn, 300),
        (-70, 316),
        (-wide + 20, 352),
    ]
    folds = tuple(
        tuple(
            (x * way, y) for x, y in ((wide + 40, 370 - rise), (90, 290 - rise), (-10, 232 - rise), (-150, 200 - rise))
        )
        for rise in (0, 46, 92)
        for way in (1, -1)
    )
    canvas.blob([(-60, 316), (look.turn, 268), (60, 316), (0, 322)], look.theme.trim)
    _folded(canvas, look, around, folds)


def _wrap(canvas: Canvas, look: Look) -> None:
    wide = cheek(look)
    around = [
        (-wide - 8, 390),
        (-wide - 30, 270),
        (-120, 130),
        (0, 84),
        (120, 130),
        (wide + 30, 270),
        (wide + 8, 390),
        (wide - 22, 340),
        (70, 304),
        (0, 294),
        (-70, 304),
        (-wide + 22, 340),
    ]
    folds = tuple(
        tuple((x, y - up) for x, y in ((-200, 330), (-60, 282), (70, 250), (200, 200))) for up in (0, 50, 100, 150)
    )
    _folded(canvas, look, around, folds)
    canvas.shaded(ellipse((70, 130), 62, 50), look.theme.cloth, mix(look.theme.cloth, _DARK, 26), (-8, -8))
    canvas.stroke([(38, 118), (70, 108), (102, 122)], 6, mix(look.theme.cloth, (255, 250, 240), 30))


def _beanie(canvas: Canvas, look: Look) -> None:
    wide = cheek(look)
    _folded(canvas, look, mirrored([(0, 148), (100, 168), (wide + 10, 270), (wide + 16, 360), (0, 350)]), ())
    cuff = mirrored(
        [(0, 284), (wide - 40, 292), (wide + 16, 316), (wide + 24, 352), (wide + 10, 384), (wide - 50, 362), (0, 352)]
    )
    canvas.shaded(cuff, _light(look), mix(_light(look), _shade(look), 50), (-6, -8))
    with canvas.within(cuff) as ribs:
        for x in range(-150, 151, 30):
            ribs.stroke([(x * 9 // 10, 270), (x, 390)], 5, look.cover_colour)


def _skullcap(canvas: Canvas, look: Look) -> None:
    around = mirrored([(0, 170), (70, 180), (112, 226), (116, 246), (60, 234), (0, 230)])
    _folded(canvas, look, around, (((-100, 236), (0, 216), (100, 236)),))


def _headband(canvas: Canvas, look: Look) -> None:
    wide = cheek(look)
    half = [(0, 250), (90, 266), (wide, 316), (wide + 26, 376), (wide + 18, 420), (wide - 8, 360), (80, 306), (0, 292)]
    around = [*half, *((-x, y) for x, y in reversed(half[1:-1]))]
    _folded(canvas, look, around, (((-160, 350), (-80, 290), (0, 274), (80, 290), (160, 350)),))


def _sun_hat(canvas: Canvas, look: Look) -> None:
    straw = look.cover_colour
    canvas.shaded(mirrored([(0, 130), (96, 142), (150, 210), (168, 310), (0, 330)]), straw, _shade(look), (-10, -8))
    canvas.blob(mirrored([(0, 276), (110, 270), (164, 262), (172, 316), (0, 336)]), look.theme.cloth)
    brim = mirrored([(0, 306), (170, 298), (300, 312), (326, 334), (250, 366), (120, 372), (0, 366)])
    canvas.shaded(brim, straw, _light(look), (0, 12))
