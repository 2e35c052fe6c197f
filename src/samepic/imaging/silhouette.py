"""Is this nobody's picture: the grey head and shoulders, the initials on a disc, the one plain colour?

Services draw these where there is no picture, and some hand them out as if they were one. All are made of a ground, of
one colour or shaded from one to another, of a second colour, and of what anti-aliasing mixes from them, so that every
pixel lies on the line between the two; a face in colour never does. What the second colour draws has to look like a
head above shoulders then, or like letters in the middle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import dist

from PIL import Image, ImageStat

from samepic.imaging import ground
from samepic.imaging.framing import frame
from samepic.imaging.ground import ACROSS, DISC, Colour, Ground
from samepic.imaging.picture import Picture

_PLAIN = 3.0  # spread of each channel, in levels of 255: a plain colour after JPEG
_LEAST_CONTRAST = 20.0  # levels between ground and figure
_OFF_LINE, _OFF_LINE_OF_CONTRAST = 8.0, 0.12
_ON_LINE_SHARE = 0.95
_WHOLE = 0.88  # of a bust: on both sides of the middle alike, and without holes
_STROKES = 0.72  # of the box around letters that is ink at most; blocks and discs have more
_FIGURE_FROM = 0.4  # of the way from the ground's colour to the other
_SHADES = 3  # ground, and two for a figure with hair; a picture without colours has many more
_PLAIN_BUST, _PLAIN_INITIALS = 0.88, 0.84  # share of the disc in those; drawn people come to 0.86, photographs to 0.82


def silhouette(picture: Picture) -> bool:
    """True for a placeholder as services draw it; False for anything that somebody chose.

    Not recognised: patterned ("identicon") and drawn placeholders with several colours.
    """
    small = _small(picture)
    if max(ImageStat.Stat(small).stddev) < _PLAIN:
        return True
    figures = chain.from_iterable(map(_figures, (small, *_trimmed(small))))
    return any(_bust(figure) or _initials(figure) for figure in figures)


def _small(picture: Picture) -> Image.Image:
    crop = frame(picture.size, picture.face)
    box = (crop.left, crop.top, crop.left + crop.side, crop.top + crop.side)
    whole = Image.frombytes("RGB", picture.size, picture.pixels)
    return whole.resize((ACROSS, ACROSS), Image.Resampling.BOX, box=box)


def _trimmed(square: Image.Image) -> Iterator[Image.Image]:
    """The disc alone, where it has a margin of one colour around it, which may be the colour of its shoulders too."""
    corner = square.getpixel((0, 0))
    assert isinstance(corner, tuple)
    other = [at for at, colour in enumerate(ground.colours_of(square)) if dist(colour, corner) > _LEAST_CONTRAST]
    if not other:
        return
    left, right = min(at % ACROSS for at in other), max(at % ACROSS for at in other) + 1
    top, bottom = other[0] // ACROSS, other[-1] // ACROSS + 1
    side = right - left
    if ACROSS / 2 < side < ACROSS and 0.7 * side <= bottom - top <= 1.05 * side and top + side <= ACROSS:
        yield square.resize((ACROSS, ACROSS), Image.Resampling.BILINEAR, box=(left, top, right, top + side))


_SCATTERED = tuple(DISC[at * 1009 % len(DISC)] for at in range(len(DISC)))  # a prime: each once, far from the last


@dataclass(frozen=True, slots=True)
class _Figure:
    """What the second colour draws on the first: for each row of the square, the columns it has.

    `plain` is the share of the disc that has one of the few commonest shades.
    """

    rows: Sequence[frozenset[int]]
    plain: float

    @property
    def area(self) -> int:
        return sum(map(len, self.rows))

    @property
    def top(self) -> int:
        return next(y for y, row in enumerate(self.rows) if row)

    @property
    def bottom(self) -> int:
        return max(y for y, row in enumerate(self.rows) if row) + 1

    @property
    def left(self) -> int:
        return min(min(row) for row in self.rows if row)

    @property
    def right(self) -> int:
        return max(max(row) for row in self.rows if row) + 1


def _figures(square: Image.Image) -> Iterator[_Figure]:
    """What is drawn on one colour, and what on a gradient; none where other colours are in it."""
    colours = ground.colours_of(square)
    for behind in (ground.plain(colours), ground.shaded(square)):
        if behind is not None and (figure := _figure(colours, behind)) is not None:
            yield figure


def _figure(colours: Sequence[Colour], behind: Ground) -> _Figure | None:
    some = _SCATTERED[::4]
    contrast, ink = sorted((dist(colours[at], behind(at)), colours[at]) for at in some)[-len(some) // 100]
    if contrast < _LEAST_CONTRAST or not _on_line(colours, behind, ink, _OFF_LINE + _OFF_LINE_OF_CONTRAST * contrast):
        return None
    shares = {at: _share(colours[at], behind(at), ink) for at in DISC}
    inked = {at for at, share in shares.items() if share > _FIGURE_FROM}
    rows = [frozenset(x for x in range(ACROSS) if y * ACROSS + x in inked) for y in range(ACROSS)]
    return _Figure(rows, _plain(shares.values()))


def _on_line(colours: Sequence[Colour], behind: Ground, ink: Colour, most: float) -> bool:
    """Do nearly all lie within `most` levels of the line? Gives up early: few pictures are placeholders."""
    left = (1 - _ON_LINE_SHARE) * len(DISC)
    for at in _SCATTERED:
        zero = red, green, blue = behind(at)
        share = _share(colours[at], zero, ink)
        mixed = (red + share * (ink[0] - red), green + share * (ink[1] - green), blue + share * (ink[2] - blue))
        left -= dist(colours[at], mixed) > most
        if left < 0:
            return False
    return True


def _share(colour: Colour, zero: Colour, ink: Colour) -> float:
    """How much ink is in it, by the nearest point of the line; a ground that fades into the ink has none."""
    red, green, blue = zero
    across = ink[0] - red, ink[1] - green, ink[2] - blue
    length = across[0] * across[0] + across[1] * across[1] + across[2] * across[2]
    if length < _LEAST_CONTRAST**2:
        return 0.0
    return ((colour[0] - red) * across[0] + (colour[1] - green) * across[1] + (colour[2] - blue) * across[2]) / length


def _plain(shares: Collection[float]) -> float:
    """How many pixels have one of the commonest shades between ground (0) and figure (1)."""
    near = Counter(round(share * 8) for share in shares)
    return sum(count for _, count in near.most_common(_SHADES)) / len(shares)


def _bust(figure: _Figure) -> bool:
    """A head, something narrower or nothing, and shoulders down to the lower edge; the same on both sides."""
    if figure.plain < _PLAIN_BUST or figure.area < 0.1 * len(DISC):
        return False
    if figure.bottom < 0.75 * ACROSS or not 0.03 * ACROSS <= figure.top <= 0.45 * ACROSS:
        return False
    mirrored = sum(ACROSS - 1 - x in row for row in figure.rows for x in row)
    without_gaps = sum(max(row) - min(row) + 1 for row in figure.rows if row)
    if min(mirrored, figure.area**2 / without_gaps) < _WHOLE * figure.area:
        return False
    widths = [len(row) for row in figure.rows]
    neck = min(range(figure.top + ACROSS // 8, round(0.8 * ACROSS)), key=widths.__getitem__)
    head, shoulders = max(widths[:neck]), max(widths[neck:])
    return 0.14 * ACROSS <= head <= 0.6 * ACROSS and widths[neck] <= 0.9 * head and shoulders >= 1.2 * head


def _initials(figure: _Figure) -> bool:
    """Strokes in the middle with air all around, as tall as letters are."""
    if not figure.area or figure.plain < _PLAIN_INITIALS:
        return False
    width, height = figure.right - figure.left, figure.bottom - figure.top
    across, down = (figure.left + figure.right) / 2, (figure.top + figure.bottom) / 2
    in_the_middle = max(abs(across - ACROSS / 2), abs(down - ACROSS / 2)) <= 0.08 * ACROSS
    filled = figure.area / (width * height)
    return (
        in_the_middle
        and 0.15 * ACROSS <= height <= 0.62 * ACROSS
        and width <= 0.8 * ACROSS
        and (filled <= _STROKES or width < 0.35 * height)
        and 0.01 * len(DISC) <= figure.area <= 0.3 * len(DISC)
    )
