"""Colours that go together: skin, hair, and themes of a wall with the clothes worn before it."""

from __future__ import annotations

from typing import NamedTuple

Colour = tuple[int, int, int]
WHITE: Colour = (255, 253, 248)


def mix(colour: Colour, other: Colour, percent: int) -> Colour:
    """`percent` of the other colour in the first."""
    red, green, blue = ((a * (100 - percent) + b * percent + 50) // 100 for a, b in zip(colour, other, strict=True))
    return red, green, blue


def darker(colour: Colour, percent: int = 24) -> Colour:
    """As in a warm shadow."""
    return mix(colour, (30, 18, 34), percent)


def lighter(colour: Colour, percent: int = 24) -> Colour:
    """As in warm light."""
    return mix(colour, (255, 244, 226), percent)


def distance(colour: Colour, other: Colour) -> int:
    """How far apart two colours look, roughly: 0 to 765, green counting most as it does for the eye."""
    red, green, blue = (abs(a - b) for a, b in zip(colour, other, strict=True))
    return (3 * red + 4 * green + 2 * blue) // 3


def _hex(text: str) -> Colour:
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


class Skin(NamedTuple):
    """One tone and what light, warmth and shade make of it."""

    tone: Colour

    @property
    def shade(self) -> Colour:
        return mix(self.tone, (112, 38, 48), 20)

    @property
    def line(self) -> Colour:
        """For the nose, eyelids and the lines of age."""
        return mix(self.tone, (52, 14, 22), 46)

    @property
    def blush(self) -> Colour:
        return mix(self.tone, (222, 92, 84), 38)

    @property
    def light(self) -> Colour:
        return mix(self.tone, (255, 240, 220), 40)

    @property
    def lips(self) -> Colour:
        return mix(self.tone, (184, 62, 74), 58)


SKINS: tuple[Skin, ...] = tuple(
    Skin(_hex(tone))
    for tone in ("f6d7c1", "efc3a2", "e6b48c", "d9a077", "c98d5f", "b0764b", "905c3c", "7b4d35", "67402e")
)

DARK_HAIR: tuple[Colour, ...] = tuple(_hex(text) for text in ("26222a", "2f2523", "43302a", "573a2c"))
LIGHT_HAIR: tuple[Colour, ...] = tuple(
    _hex(text) for text in ("7b4b2d", "93462a", "bf6a32", "b78446", "d8b46e", "c4ab88")
)
DYED_HAIR: tuple[Colour, ...] = tuple(_hex(text) for text in ("3f8f94", "b8607f", "6f62a8"))
GREY_HAIR: tuple[Colour, ...] = tuple(_hex(text) for text in ("77787f", "9a9ba1", "c2c3c8", "e6e2dc"))


class Theme(NamedTuple):
    """`wall` is behind the person, `accent` the shape on it; `cloth` is worn, `trim` is what sets it off."""

    wall: Colour
    accent: Colour
    cloth: Colour
    trim: Colour


THEMES: tuple[Theme, ...] = tuple(
    Theme(*(_hex(part) for part in text.split()))
    for text in (
        "bcdcd8 dcefe9 e07a5f f4efe6",
        "f3d9b1 f9e9cf 3d6b73 f2c14e",
        "c9d6ea e1e9f5 2f4b7c f6f3ee",
        "f4c9bd fae1d9 56757b ffffff",
        "d5cbe6 e9e3f3 6a4c93 f5d66b",
        "c7dfb9 e2efd9 8a5a44 f3ead7",
        "f6dd8f fbeec1 2e5e6b ffffff",
        "9fc5cf c3dde3 f0b553 ffffff",
        "e9b8a2 f3d3c4 3b5b4b f2e3c9",
        "a9c7a3 cbdec6 d9594c f7efe2",
        "e8e2d6 f5f2ea 4f6d8f d98e5f",
        "85a9b8 aac6d1 ede3d0 3a5a68",
        "efc5d2 f8dfe7 4c4f79 ffffff",
        "7f97b5 a3b6cd f4d6c6 c4584f",
        "d8d3a8 e9e6ca 9b3f52 f2e7d5",
        "f0a58f f6c3b3 2c4a5a f6e9d8",
        "c2e0ef def0f8 3f7d58 f5efdf",
        "b7a8c9 d0c5dd f2e4dc 59406f",
    )
)

JEWELLERY: tuple[Colour, ...] = tuple(_hex(text) for text in ("e2b44a", "d7d9de", "4aa39a", "c9485b"))
FRAMES: tuple[Colour, ...] = tuple(_hex(text) for text in ("2b2a30", "6b3f2a", "34557a", "9a3b3f", "b98a3a"))
FABRICS: tuple[Colour, ...] = tuple(
    _hex(text) for text in ("35606b", "a6485a", "6b5b95", "d18b47", "48735a", "e6d3b8", "2f3e5c", "8fa8b8", "c9a0a8")
)
EYES: tuple[Colour, ...] = tuple(_hex(text) for text in ("2a1d1a", "3b261d", "4a3220", "3d4a3a", "34506b"))
