"""The head: its outline, ears, light and shade, beard, earrings."""

from __future__ import annotations

from samepic.practice.portraits.canvas import Canvas
from samepic.practice.portraits.look import Age, Beard, Earrings, Face, Look
from samepic.practice.portraits.palette import WHITE, Colour, darker, mix
from samepic.practice.portraits.shapes import Outline, ellipse, flipped, mirrored, moved, points, widened

_FACES = {
    Face.OVAL: "0,232 92,250 138,330 153,430 147,510 113,590 64,642 0,656",
    Face.ROUND: "0,236 96,254 144,334 161,432 156,514 126,588 72,632 0,645",
    Face.LONG: "0,228 88,246 132,328 147,430 142,516 110,604 60,658 0,672",
    Face.SQUARE: "0,232 96,250 142,330 155,430 151,514 132,592 74,645 0,657",
    Face.HEART: "0,230 96,246 144,328 157,424 146,506 101,588 54,642 0,656",
}
_OUTLINES = {face: mirrored(points(text)) for face, text in _FACES.items()}
_USUAL_WIDTH = 153
SIDES = (-1, 1)


def outline(look: Look) -> Outline:
    """The head without its ears."""
    return _OUTLINES[look.face]


def chin(look: Look) -> int:
    """How low the face reaches."""
    return max(y for _, y in outline(look))


def fitted(shape: Outline, look: Look) -> Outline:
    """Something drawn for the usual head, as wide as this one needs it."""
    return widened(shape, 100 * _ear_line(look) // _USUAL_WIDTH)


def _ear_line(look: Look) -> int:
    return max(x for x, _ in outline(look))


def draw_head(canvas: Canvas, look: Look) -> None:
    """Ears and face, without the features."""
    skin = look.skin
    for way in SIDES:
        at = way * (_ear_line(look) + 2) - look.turn // 2
        canvas.shaded(ellipse((at, 484), 27, 42), skin.tone, skin.shade, (-way * 6, -6))
        canvas.stroke(moved(flipped([(9, 466), (1, 482), (5, 500)], way), at), 6, skin.shade)
    away = (-9, -12) if look.turn < 0 else (9, -12)
    canvas.shaded(outline(look), skin.tone, skin.shade, away)
    with canvas.within(outline(look)) as face:
        face.glow((look.turn, 330), 190, 130, skin.light, 40)
        for way in SIDES:
            face.glow((look.turn + way * 90, 536), 66, 48, skin.blush, 42 if look.age is Age.OLD else 66)
        _beard(face, look)


def draw_earrings(canvas: Canvas, look: Look) -> None:
    for way in SIDES:
        x, y = way * (_ear_line(look) + 6) - look.turn // 2, 524
        if look.earrings is Earrings.STUDS:
            canvas.oval((x, y), 10, 10, look.metal)
            canvas.oval((x - 3, y - 3), 3, 3, mix(look.metal, WHITE, 70))
        elif look.earrings is Earrings.HOOPS:
            canvas.loop(ellipse((x, y + 22), 20, 25), 7, look.metal)
        elif look.earrings is Earrings.DROPS:
            canvas.stroke([(x, y - 4), (x, y + 16)], 5, look.metal)
            canvas.blob(moved(points("0,14 12,40 0,54 -12,40"), x, y), look.metal)


def beard_colour(look: Look) -> Colour:
    return mix(look.hair_colour, look.skin.tone, 12)


_JAW_BEARD = points(
    "-190,452 -140,462 -124,540 -72,566 -34,556 0,560 34,556 72,566 124,540 140,462 190,452 220,680 0,780 -220,680"
)
_JAW_SHADOW = points(
    "-190,470 -142,482 -128,550 -84,562 -36,552 0,556 36,552 84,562 128,550 142,482 190,470 220,680 0,780 -220,680"
)
_AROUND_THE_MOUTH = points("-52,584 -30,572 0,570 30,572 52,584 34,606 0,614 -34,606")
_BELOW_THE_LIP = points("-48,588 -30,578 0,580 30,578 48,588 30,604 0,610 -30,604")
_CHIN_BEARD = points("-36,616 0,606 36,616 50,650 0,720 -50,650")
_HANGING = mirrored(points("0,520 149,520 150,590 118,680 66,722 0,734"))


def _beard(face: Canvas, look: Look) -> None:
    """What lies on the skin, drawn inside the outline of the head."""
    colour = beard_colour(look)
    if look.beard is Beard.STUBBLE:
        face.blob(_JAW_SHADOW, mix(look.skin.tone, look.hair_colour, 18))
        face.blob(moved(_AROUND_THE_MOUTH, look.turn), look.skin.tone)
    elif look.beard in (Beard.SHORT, Beard.FULL):
        face.blob(_JAW_BEARD, colour)
        face.blob(moved(_BELOW_THE_LIP, look.turn), look.skin.tone)
    elif look.beard is Beard.GOATEE:
        face.blob(moved(_CHIN_BEARD, look.turn), colour)


def draw_beard_behind(canvas: Canvas, look: Look) -> None:
    """What hangs below the chin; drawn before the head."""
    if look.beard is Beard.FULL:
        canvas.shaded(fitted(_HANGING, look), beard_colour(look), darker(beard_colour(look)), (-8, -14))
