"""The head: its outline, ears, features, beard, and what is worn on it close to the skin."""

from __future__ import annotations

from samepic.practice.portraits.canvas import Canvas, Colour, Point, ellipse, mirrored, mix
from samepic.practice.portraits.look import Age, Beard, Cover, Earrings, Face, Glasses, Look, Smile

EYE_LINE = 462
EYE_GAP = 66
MOUTH_LINE = 580
_JAWS = {  # cheek half width, jaw half width, height of the chin
    Face.OVAL: (152, 112, 654),
    Face.ROUND: (160, 128, 644),
    Face.LONG: (147, 108, 670),
    Face.SQUARE: (155, 133, 656),
    Face.HEART: (156, 99, 652),
}


def chin(look: Look) -> int:
    return _JAWS[look.face][2]


def outline(look: Look, grow: int = 0) -> list[Point]:
    """The head without ears, `grow` units larger on every side."""
    cheek, jaw, low = _JAWS[look.face]
    half = [
        (0, 232 - grow),
        (92 + grow // 2, 252 - grow),
        (cheek - 14 + grow, 330),
        (cheek + grow, 430),
        (cheek - 6 + grow, 510),
        (jaw + grow, low - 66),
        (jaw // 2 + 8 + grow // 2, low - 14 + grow),
        (0, low + grow),
    ]
    return mirrored(half)


def cheek(look: Look) -> int:
    return _JAWS[look.face][0]


def draw_head(canvas: Canvas, look: Look) -> None:
    """Ears, face and everything that belongs to the skin."""
    _ears(canvas, look)
    skin, turn = look.skin, look.turn
    canvas.shaded(outline(look), skin.tone, skin.shade, (-10 if turn < 0 else 10, -14))
    with canvas.within(outline(look)) as face:
        face.glow((turn, 330), 190, 130, skin.light, 45)
        for side in (-1, 1):
            face.glow((turn + side * 92, 535), 62, 46, skin.blush, 60 if look.age is not Age.OLD else 40)
        _beard(face, look)
    _age_lines(canvas, look)
    _nose(canvas, look)
    _mouth(canvas, look)
    _moustache(canvas, look)
    for side in (-1, 1):
        _eye(canvas, look, side)
        _brow(canvas, look, side)


def _ears(canvas: Canvas, look: Look) -> None:
    skin = look.skin
    for side in (-1, 1):
        x = side * (cheek(look) + 4) - look.turn // 2
        canvas.shaded(ellipse((x, 482), 30, 46), skin.tone, skin.shade, (-side * 6, -6))
        canvas.stroke([(x + side * 10, 462), (x + side * 2, 480), (x + side * 6, 500)], 6, skin.shade)


def draw_earrings(canvas: Canvas, look: Look) -> None:
    for side in (-1, 1):
        x, y = side * (cheek(look) + 10) - look.turn // 2, 526
        if look.earrings is Earrings.STUDS:
            canvas.oval((x, y), 10, 10, look.metal)
            canvas.oval((x - 3, y - 3), 3, 3, mix(look.metal, (255, 255, 255), 70))
        elif look.earrings is Earrings.HOOPS:
            canvas.loop(ellipse((x, y + 24), 22, 26), 8, look.metal)
        elif look.earrings is Earrings.DROPS:
            canvas.stroke([(x, y - 4), (x, y + 18)], 5, look.metal)
            canvas.blob([(x, y + 14), (x + 13, y + 42), (x, y + 56), (x - 13, y + 42)], look.metal)


def _eye(canvas: Canvas, look: Look, side: int) -> None:
    x, y = look.turn + side * EYE_GAP, EYE_LINE
    white, line = (252, 249, 245), mix(look.eyes, (20, 14, 16), 50)
    low = 16 if look.smile is Smile.GRIN else 19
    almond = [
        (x - 31, y + 3),
        (x - 14, y - 17),
        (x + 12, y - 18),
        (x + 31, y + 2),
        (x + 12, y + low),
        (x - 13, y + low),
    ]
    with canvas.within(almond) as eye:
        eye.oval((x, y), 60, 60, white)
        eye.oval((x + look.turn // 5, y), 18, 19, look.eyes)
        eye.oval((x + look.turn // 5, y), 10, 11, line)
        eye.oval((x + look.turn // 5 + 7, y - 7), 5, 5, (255, 255, 255))
    lid = [(x - 33, y + 4), (x - 14, y - 17), (x + 12, y - 18), (x + 33, y + 3)]
    canvas.stroke(lid, 9 if look.lashes else 6, line)
    if look.lashes:
        canvas.stroke([(x + side * 29, y - 2), (x + side * 41, y - 11)], 7, line)


def _brow(canvas: Canvas, look: Look, side: int) -> None:
    x, y = look.turn + side * EYE_GAP, EYE_LINE - 52
    colour = mix(look.hair_colour, look.skin.line, 35)
    arch = 4 if look.smile is Smile.CALM else 9
    points = [
        (x - side * 34, y + 7),
        (x - side * 4, y - arch + 2),
        (x + side * 22, y - arch + 1),
        (x + side * 38, y + 9),
    ]
    canvas.stroke(points, look.brows, colour)


def _nose(canvas: Canvas, look: Look) -> None:
    turn = look.turn * 3 // 2
    way = 1 if turn >= 0 else -1
    canvas.glow((turn, 520), 34, 40, look.skin.light, 40)
    canvas.stroke(
        [(turn - way * 24, 530), (turn - way * 12, 541), (turn + way * 6, 543), (turn + way * 20, 534)],
        7,
        mix(look.skin.tone, look.skin.line, 75),
    )


def _mouth(canvas: Canvas, look: Look) -> None:
    x, y, lips = look.turn * 5 // 4, MOUTH_LINE, look.skin.lips
    if look.smile is Smile.GRIN:
        mouth = [
            (x - 50, y - 8),
            (x - 50, y - 8),
            (x, y + 2),
            (x + 50, y - 8),
            (x + 50, y - 8),
            (x + 30, y + 24),
            (x, y + 33),
            (x - 30, y + 24),
        ]
        with canvas.within(mouth) as inner:
            inner.oval((x, y), 80, 60, mix(lips, (70, 10, 24), 60))
            inner.blob(
                [(x - 60, y - 30), (x + 60, y - 30), (x + 44, y + 6), (x, y + 14), (x - 44, y + 6)], (253, 250, 246)
            )
            inner.oval((x, y + 36), 26, 14, mix(lips, (236, 120, 120), 50))
        canvas.loop(mouth, 7, lips)
        return
    curl = {Smile.CALM: (6, 6), Smile.SMILE: (14, 14), Smile.ASKEW: (6, 18)}[look.smile]
    if look.lashes:
        canvas.blob(
            [
                (x - 34, y),
                (x - 14, y - 8),
                (x, y - 4),
                (x + 14, y - 8),
                (x + 34, y),
                (x + 14, y + 18),
                (x - 14, y + 18),
            ],
            lips,
        )
    line = [(x - 44, y - curl[0]), (x - 20, y + 3), (x + 16, y + 4), (x + 44, y - curl[1])]
    canvas.stroke(line, 8, mix(lips, look.skin.line, 45))
    if not look.lashes:
        canvas.stroke([(x - 14, y + 22), (x + 14, y + 22)], 6, look.skin.shade)


def _age_lines(canvas: Canvas, look: Look) -> None:
    if look.age is Age.YOUNG:
        return
    colour = mix(look.skin.tone, look.skin.line, 45)
    turn = look.turn
    for side in (-1, 1):
        x = turn + side * EYE_GAP
        canvas.stroke(
            [(x - side * 20, EYE_LINE + 33), (x + side * 4, EYE_LINE + 38), (x + side * 22, EYE_LINE + 33)], 4, colour
        )
        if look.age is Age.OLD:
            canvas.stroke([(turn + side * 46, 536), (turn + side * 66, 556), (turn + side * 70, 580)], 5, colour)
            canvas.stroke([(x + side * 46, EYE_LINE + 2), (x + side * 58, EYE_LINE - 4)], 4, colour)
            canvas.stroke([(x + side * 46, EYE_LINE + 14), (x + side * 58, EYE_LINE + 16)], 4, colour)
    if look.age is Age.OLD:
        canvas.stroke([(turn - 50, 362), (turn, 356), (turn + 50, 362)], 4, colour)


def _beard_colour(look: Look) -> Colour:
    return mix(look.hair_colour, look.skin.tone, 12)


def _beard(face: Canvas, look: Look) -> None:
    """The part that lies on the skin; drawn inside the head's outline."""
    x, low, wide = look.turn, chin(look), cheek(look)
    colour = _beard_colour(look)
    if look.beard is Beard.STUBBLE:
        colour = mix(look.skin.tone, look.hair_colour, 22)
    if look.beard in (Beard.STUBBLE, Beard.SHORT, Beard.FULL):
        face.blob(
            [
                (-wide - 30, 455),
                (-wide + 12, 460),
                (-wide + 30, 540),
                (x - 70, 566),
                (x - 34, 552),
                (x, 558),
                (x + 34, 552),
                (x + 70, 566),
                (wide - 30, 540),
                (wide - 12, 460),
                (wide + 30, 455),
                (wide + 40, low),
                (0, low + 80),
                (-wide - 40, low),
            ],
            colour,
        )
        face.blob(
            [(x - 58, 584), (x - 40, 566), (x, 570), (x + 40, 566), (x + 58, 584), (x + 34, 606), (x - 34, 606)],
            mix(look.skin.tone, colour, 0 if look.beard is not Beard.STUBBLE else 30),
        )
    elif look.beard is Beard.GOATEE:
        face.blob([(x - 38, 612), (x, 604), (x + 38, 612), (x + 46, low), (0, low + 40), (x - 46, low)], colour)


def draw_long_beard(canvas: Canvas, look: Look) -> None:
    """What hangs below the chin; drawn before the head."""
    if look.beard is Beard.FULL:
        low, wide = chin(look), cheek(look)
        half = [(0, 520), (wide - 4, 520), (wide, 590), (wide - 34, low + 22), (70, low + 64), (0, low + 76)]
        colour = _beard_colour(look)
        canvas.shaded(mirrored(half), colour, mix(colour, (20, 12, 18), 25), (-8, -16))


def _moustache(canvas: Canvas, look: Look) -> None:
    if look.beard not in (Beard.MOUSTACHE, Beard.GOATEE, Beard.SHORT, Beard.FULL):
        return
    x = look.turn * 5 // 4
    half = [(0, 556), (26, 550), (52, 564), (66, 584), (40, 578), (16, 572), (0, 572)]
    canvas.blob([(x + dx, y) for dx, y in mirrored(half)], mix(_beard_colour(look), (20, 12, 18), 8))


def draw_glasses(canvas: Canvas, look: Look) -> None:
    if look.glasses is Glasses.NONE:
        return
    turn, y = look.turn, EYE_LINE + 6
    for side in (-1, 1):
        x = turn + side * (EYE_GAP + 2)
        rim = _rim(look.glasses, x, y)
        with canvas.within(rim) as lens:
            lens.glow((x - 20, y - 24), 60, 60, (255, 255, 255), 30)
        canvas.stroke([(x + side * 50, y - 10), (side * (cheek(look) + 2) - turn // 2, y - 14)], 9, look.frame)
        if look.glasses is Glasses.HALF:
            canvas.stroke(rim[-1:] + rim[:3], 12, look.frame)
        else:
            canvas.loop(rim, 9, look.frame)
    canvas.stroke([(turn - 18, y - 6), (turn, y - 13), (turn + 18, y - 6)], 9, look.frame)


def _rim(glasses: Glasses, x: int, y: int) -> list[Point]:
    if glasses is Glasses.ROUND:
        return ellipse((x, y), 51, 50)
    wide, high = (54, 42) if glasses is Glasses.SQUARE else (53, 38)
    return [
        (x - wide + 6, y - high),
        (x, y - high - 2),
        (x + wide - 6, y - high),
        (x + wide, y),
        (x + wide - 12, y + high),
        (x, y + high + 3),
        (x - wide + 12, y + high),
        (x - wide, y),
    ]
