"""Eyes, brows, nose, mouth, moustache, the lines of age, freckles, glasses."""

from __future__ import annotations

from samepic.practice.portraits.canvas import Canvas
from samepic.practice.portraits.head import SIDES, beard_colour, fitted
from samepic.practice.portraits.look import Age, Beard, Glasses, Look, Smile
from samepic.practice.portraits.palette import DARK_HAIR, DYED_HAIR, WHITE, darker, mix
from samepic.practice.portraits.shapes import Outline, ellipse, flipped, mirrored, moved, points

_EYE_LINE = 466
_EYE_FROM_MIDDLE = 65
_MOUTH_LINE = 584


def draw_features(canvas: Canvas, look: Look) -> None:
    _lines_of_age(canvas, look)
    _freckles(canvas, look)
    _nose(canvas, look)
    _mouth(canvas, look)
    _moustache(canvas, look)
    for way in SIDES:
        _eye(canvas, look, way)
        _brow(canvas, look, way)


def _at_eye(shape: Outline, look: Look, way: int) -> Outline:
    """A shape drawn for the right eye of the picture, around its centre, brought to either eye."""
    return moved(flipped(shape, way), look.turn + way * _EYE_FROM_MIDDLE, _EYE_LINE)


_EYE = points("-27,4 -12,-14 12,-15 28,0 12,15 -12,15")
_LID = points("-29,5 -12,-14 12,-15 29,1")
_LASH = points("24,-5 36,-13")


def _eye(canvas: Canvas, look: Look, way: int) -> None:
    dark = mix(look.eyes, (20, 14, 16), 60)
    x, y = look.turn + look.turn // 6 + way * _EYE_FROM_MIDDLE, _EYE_LINE
    with canvas.within(_at_eye(_EYE, look, way)) as eye:
        eye.fill(WHITE)
        eye.oval((x, y - 1), 17, 18, look.eyes)
        eye.oval((x, y - 1), 10, 10, dark)
        eye.oval((x + 6, y - 7), 5, 5, (255, 255, 255))
    canvas.stroke(_at_eye(_LID, look, way), 9 if look.lashes else 6, dark)
    if look.lashes:
        canvas.stroke(_at_eye(_LASH, look, way), 7, dark)


_BROWS = {
    Smile.CALM: points("-30,-44 -6,-50 18,-50 37,-41"),
    Smile.SMILE: points("-30,-46 -6,-55 18,-54 37,-42"),
    Smile.GRIN: points("-30,-47 -6,-58 18,-57 37,-44"),
    Smile.ASKEW: points("-30,-45 -6,-52 18,-52 37,-42"),
}


def _brow(canvas: Canvas, look: Look, way: int) -> None:
    raised = -7 if look.smile is Smile.ASKEW and way > 0 else 0
    hair = DARK_HAIR[-1] if look.hair_colour in DYED_HAIR else look.hair_colour
    colour = mix(hair, look.skin.line, 35)
    canvas.stroke(moved(_at_eye(_BROWS[look.smile], look, way), 0, raised), look.brows, colour)


def _nose(canvas: Canvas, look: Look) -> None:
    middle, way = look.turn * 3 // 2, 1 if look.turn >= 0 else -1
    canvas.glow((middle, 518), 30, 42, look.skin.light, 45)
    under = points("-22,532 -11,543 6,545 19,536")
    canvas.stroke(moved(flipped(under, way), middle), 7, mix(look.skin.tone, look.skin.line, 70))


_OPEN = points("-48,-8 -48,-8 -24,-3 0,-2 24,-3 48,-8 48,-8 32,20 0,30 -32,20")
_TEETH = points("-60,-30 60,-30 46,4 0,11 -46,4")
_CLOSED = {
    Smile.CALM: points("-38,-3 -18,3 16,3 38,-4"),
    Smile.SMILE: points("-44,-11 -20,4 18,4 44,-11"),
    Smile.ASKEW: points("-38,-2 -16,5 18,2 44,-15"),
}
_LIPS = points("-33,-1 -14,-8 0,-4 14,-8 33,-1 14,17 -14,17")


def _mouth(canvas: Canvas, look: Look) -> None:
    middle, lips = look.turn * 5 // 4, look.skin.lips
    if look.smile is Smile.GRIN:
        _grin(canvas, look, middle)
        return
    if look.lashes:
        canvas.blob(moved(_LIPS, middle, _MOUTH_LINE), lips)
    else:
        canvas.stroke(moved([(-13, 22), (13, 22)], middle, _MOUTH_LINE), 6, look.skin.shade)
    canvas.stroke(moved(_CLOSED[look.smile], middle, _MOUTH_LINE), 8, mix(lips, look.skin.line, 36))


def _grin(canvas: Canvas, look: Look, middle: int) -> None:
    lips, mouth = look.skin.lips, moved(_OPEN, middle, _MOUTH_LINE)
    with canvas.within(mouth) as inner:
        inner.fill(mix(lips, (70, 10, 24), 60))
        inner.oval((middle, _MOUTH_LINE + 32), 26, 13, mix(lips, (236, 120, 120), 55))
        inner.blob(moved(_TEETH, middle, _MOUTH_LINE), WHITE)
    canvas.loop(mouth, 7 if look.lashes else 5, lips)


_MOUSTACHE = mirrored(points("0,556 24,549 50,558 72,570 50,580 20,575 0,572"))


def _moustache(canvas: Canvas, look: Look) -> None:
    if look.beard in (Beard.MOUSTACHE, Beard.GOATEE, Beard.SHORT, Beard.FULL):
        canvas.blob(moved(_MOUSTACHE, look.turn * 5 // 4, -2), darker(beard_colour(look), 10))


_UNDER_EYE = points("-18,31 2,36 20,31")
_CROWS_FEET = (points("43,0 54,-6"), points("44,10 55,12"))
_SMILE_LINE = points("48,540 64,556 68,578")
_BROW_LINE = points("-46,364 0,358 46,364")


def _lines_of_age(canvas: Canvas, look: Look) -> None:
    colour = mix(look.skin.tone, look.skin.line, 40)
    lines: list[Outline] = []
    for way in SIDES:
        if look.age is not Age.YOUNG:
            lines.append(_at_eye(_UNDER_EYE, look, way))
        if look.age is Age.OLD:
            lines += [_at_eye(line, look, way) for line in _CROWS_FEET]
            lines.append(moved(flipped(_SMILE_LINE, way), look.turn))
    if look.age is Age.OLD:
        lines.append(moved(_BROW_LINE, look.turn))
    for line in lines:
        canvas.stroke(line, 4, colour)


_FRECKLES = points("-104,514 -84,528 -66,514 -50,530 -92,546 -22,514 22,512 50,530 66,514 84,528 104,514 92,546")


def _freckles(canvas: Canvas, look: Look) -> None:
    if look.freckles:
        for at in moved(_FRECKLES, look.turn):
            canvas.oval(at, 4, 4, mix(look.skin.tone, (160, 84, 50), 48))


_RIMS = {
    Glasses.ROUND: ellipse((0, 0), 50, 49),
    Glasses.SQUARE: points("-50,-36 0,-40 50,-36 54,0 44,36 0,42 -44,36 -54,0"),
    Glasses.HALF: points("-54,-8 -46,-36 0,-40 46,-36 54,-8 40,34 0,40 -40,34"),
}
_TEMPLE = 156


def draw_glasses(canvas: Canvas, look: Look) -> None:
    if look.glasses is Glasses.NONE:
        return
    top, turn = _EYE_LINE + 4, look.turn
    for way in SIDES:
        rim = moved(flipped(_RIMS[look.glasses], way), turn + way * (_EYE_FROM_MIDDLE + 3), top)
        with canvas.within(rim) as lens:
            lens.glow((turn + way * _EYE_FROM_MIDDLE - 24, top - 26), 56, 50, (255, 255, 255), 34)
        ear = fitted([(way * _TEMPLE, top - 14)], look)[0]
        canvas.stroke([(turn + way * (_EYE_FROM_MIDDLE + 54), top - 10), ear], 8, look.frame)
        if look.glasses is Glasses.HALF:
            canvas.stroke(rim[:5], 11, look.frame)
            canvas.loop(rim, 3, look.frame)
        else:
            canvas.loop(rim, 8, look.frame)
    canvas.stroke(moved([(-16, -8), (0, -15), (16, -8)], turn, top), 8, look.frame)
