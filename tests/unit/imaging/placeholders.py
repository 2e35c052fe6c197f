"""Placeholders as services draw them where somebody has no picture."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw, ImageFont

from .samples import Colour

INK = ((255, 255, 255), (243, 242, 241), (60, 60, 70))
GROUNDS = ((200, 198, 196), (0, 120, 212), (189, 189, 189), (202, 80, 16), (16, 124, 65), (224, 224, 224))
INITIALS = ("AD", "JM", "K", "WW", "ÅØ", "ЖП", "T", "SB", "XQ", "O", "i", "Mc")
_BIG = 480


def bust(ground: Colour, ink: Colour, rng: Random) -> Image.Image:
    """Head and shoulders; some with a neck, some with a gap, some just touching."""
    image = Image.new("RGB", (_BIG, _BIG), ground)
    pencil = ImageDraw.Draw(image)
    head, top, breadth = rng.uniform(0.15, 0.2), rng.uniform(0.16, 0.24), rng.uniform(0.31, 0.38)
    shoulders = top + 2 * head + rng.choice((0.03, 0.06, -0.01))
    oval(pencil, 0.5, top + head * 1.1, head, head * 1.1, ink)
    oval(pencil, 0.5, shoulders + 0.3, breadth, 0.3, ink)
    if rng.random() < 0.3:
        pencil.rectangle((_BIG * 0.44, _BIG * (top + head), _BIG * 0.56, _BIG * (shoulders + 0.1)), fill=ink)
    return image


def oval(pencil: ImageDraw.ImageDraw, x: float, y: float, across: float, down: float, ink: Colour) -> None:
    box = ((x - across) * _BIG, (y - down) * _BIG, (x + across) * _BIG, (y + down) * _BIG)
    pencil.ellipse(box, fill=ink)


def initials(text: str, ground: Colour, ink: Colour, size: float = 0.4) -> Image.Image:
    image = Image.new("RGB", (_BIG, _BIG), ground)
    font = ImageFont.load_default(_BIG * size)
    ImageDraw.Draw(image).text((_BIG / 2, _BIG / 2), text, ink, font, "mm")
    return image


SHADES = (  # from the upper to the lower end of the slope, as chats draw them
    ((255, 136, 94), (255, 81, 106)),
    ((130, 177, 255), (102, 95, 255)),
    ((160, 222, 126), (84, 203, 104)),
    ((83, 237, 214), (40, 201, 183)),
    ((60, 66, 80), (120, 130, 150)),
    ((225, 228, 232), (168, 174, 184)),
)


def slope(colours: tuple[Colour, Colour], degrees: float) -> Image.Image:
    """From one colour above to another below, turned."""
    steep = Image.linear_gradient("L").resize((_BIG * 3 // 2, _BIG * 3 // 2)).rotate(degrees)
    edge = _BIG // 4
    return _coloured(steep.crop((edge, edge, edge + _BIG, edge + _BIG)), colours)


def bowl(colours: tuple[Colour, Colour]) -> Image.Image:
    """From one colour in the middle to another at the corners."""
    return _coloured(Image.radial_gradient("L").resize((_BIG, _BIG)), colours)


def _coloured(ramp: Image.Image, colours: tuple[Colour, Colour]) -> Image.Image:
    ends = [Image.new("RGB", ramp.size, colour) for colour in colours]
    return Image.composite(ends[1], ends[0], ramp)


def drawn_on(behind: Image.Image, figure: Image.Image, ink: Colour, opacity: float = 1.0) -> Image.Image:
    """A figure that is white on black, in another colour; services also draw it half transparent."""
    whole = behind.copy()
    whole.paste(ink, mask=figure.convert("L").point(lambda level: level * opacity))
    return whole


def two_tone(figure: Image.Image) -> Image.Image:
    """A figure that is white on black, its head lighter than its shoulders."""
    return Image.composite(figure, figure.point(lambda level: level * 0.75), _head(figure.size))


def _head(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size, 255)
    mask.paste(0, (0, size[1] * 11 // 20, *size))
    return mask


def all_shaded(rng: Random) -> list[tuple[str, Image.Image]]:
    """One of each on every gradient."""
    black, white = (0, 0, 0), (255, 255, 255)
    drawn = []
    for colours in SHADES:
        ink = (40, 42, 50) if colours == SHADES[-1] else white
        text = rng.choice(INITIALS)
        straight, round_ = slope(colours, rng.uniform(0, 360)), bowl(colours)
        letters = initials(text, black, white, rng.uniform(0.3, 0.48))
        body = bust(black, white, rng)
        drawn += [
            (f"initials {text} on a slope", drawn_on(straight, letters, ink)),
            (f"initials {text} on a bowl", drawn_on(round_, letters, ink)),
            (f"initials {text} on a shaded disc", on_a_disc(drawn_on(straight, letters, ink))),
            ("bust on a slope", drawn_on(straight, body, ink)),
            ("bust on a bowl", drawn_on(round_, body, ink)),
            ("half transparent bust on a shaded disc", on_a_disc(drawn_on(straight, body, ink, 0.6))),
            ("bust in two tones", drawn_on(Image.new("RGB", body.size, colours[0]), two_tone(body), ink)),
            ("bust in two tones on a slope", drawn_on(straight, two_tone(body), ink)),
        ]
    return drawn


def on_a_disc(image: Image.Image, margin: float = 0.0, around: Colour = (255, 255, 255)) -> Image.Image:
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).ellipse((0, 0, image.width - 1, image.height - 1), fill=255)
    wide = round(image.width * (1 + 2 * margin))
    whole = Image.new("RGB", (wide, wide), around)
    whole.paste(image, ((wide - image.width) // 2,) * 2, mask)
    return whole


def all_kinds(rng: Random) -> list[tuple[str, Image.Image]]:
    """One of each on every ground."""
    drawn = []
    for ground in GROUNDS:
        ink = INK[2] if ground == GROUNDS[-1] else rng.choice(INK[:2])
        text = rng.choice(INITIALS)
        drawn += [
            ("bust", bust(ground, ink, rng)),
            ("bust on a disc", on_a_disc(bust(ground, ink, rng))),
            ("bust on a disc in a margin", on_a_disc(bust(ground, ink, rng), 0.1)),
            (f"initials {text}", initials(text, ground, ink, rng.uniform(0.3, 0.48))),
            (f"initials {text} on a disc", on_a_disc(initials(text, ground, ink))),
            ("one colour", Image.new("RGB", (_BIG, _BIG), ground)),
        ]
    return drawn
