"""Is this nobody's picture: the grey head and shoulders, the initials on a disc, the one plain colour?

Services draw these where there is no picture, and some hand them out as if they were one. All are made of two colours
and what anti-aliasing mixes from them, so that every pixel lies on the line between the two; a face in colour never
does. What the second colour draws has to look like a head above shoulders then, or like letters in the middle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import dist

from PIL import Image, ImageStat

from samepic.imaging.framing import frame
from samepic.imaging.picture import Picture

Colour = tuple[int, int, int]

_ACROSS = 64
_RADIUS = 0.47 * _ACROSS  # services cut discs; what lies in the corners beyond is nobody's
_PLAIN = 3.0  # spread of each channel, in levels of 255: a plain colour after JPEG
_LEAST_CONTRAST = 20.0  # levels between ground and figure
_OFF_LINE, _OFF_LINE_OF_CONTRAST = 8.0, 0.12
_ON_LINE_SHARE = 0.97
_WHOLE = 0.88  # of a bust: on both sides of the middle alike, and without holes
_STROKES = 0.72  # of the box around letters that is ink at most; blocks and discs have more
_FIGURE_FROM = 0.4  # of the way from the ground's colour to the other
_SHADES = 3  # ground, and two for a figure with hair; a picture without colours has many more
_PLAIN_BUST, _PLAIN_INITIALS = 0.86, 0.8  # share of the disc in those shades; letters are mostly edges


def silhouette(picture: Picture) -> bool:
    """True for a placeholder as services draw it; False for anything that somebody chose.

    Not recognised: gradients as ground, patterned ("identicon") and drawn placeholders with several colours.
    """
    small = _small(picture)
    if max(ImageStat.Stat(small).stddev) < _PLAIN:
        return True
    figures = (_figure(square) for square in (small, *_trimmed(small)))
    return any(figure is not None and (_bust(figure) or _initials(figure)) for figure in figures)


def _small(picture: Picture) -> Image.Image:
    crop = frame(picture.size, picture.face)
    box = (crop.left, crop.top, crop.left + crop.side, crop.top + crop.side)
    whole = Image.frombytes("RGB", picture.size, picture.pixels)
    return whole.resize((_ACROSS, _ACROSS), Image.Resampling.BOX, box=box)


def _trimmed(square: Image.Image) -> Iterator[Image.Image]:
    """The disc alone, where it has a margin of one colour around it, which may be the colour of its shoulders too."""
    corner = square.getpixel((0, 0))
    assert isinstance(corner, tuple)
    other = [at for at, colour in enumerate(_colours(square)) if dist(colour, corner) > _LEAST_CONTRAST]
    if not other:
        return
    left, right = min(at % _ACROSS for at in other), max(at % _ACROSS for at in other) + 1
    top, bottom = other[0] // _ACROSS, other[-1] // _ACROSS + 1
    side = right - left
    if _ACROSS / 2 < side < _ACROSS and 0.7 * side <= bottom - top <= 1.05 * side and top + side <= _ACROSS:
        yield square.resize((_ACROSS, _ACROSS), Image.Resampling.BILINEAR, box=(left, top, right, top + side))


def _colours(square: Image.Image) -> list[Colour]:
    data = square.tobytes()
    return list(zip(data[::3], data[1::3], data[2::3], strict=True))


def _in_disc(x: int, y: int) -> bool:
    return dist((x + 0.5, y + 0.5), (_ACROSS / 2, _ACROSS / 2)) <= _RADIUS


_DISC = tuple(at for at in range(_ACROSS**2) if _in_disc(at % _ACROSS, at // _ACROSS))
_SCATTERED = tuple(_DISC[at * 1009 % len(_DISC)] for at in range(len(_DISC)))  # a prime: each once, far from the last


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


def _figure(square: Image.Image) -> _Figure | None:
    """None where the disc shows more than two colours and their mixtures, or one only."""
    colours = _colours(square)
    ground = _ground(colours)
    contrast, other = sorted((dist(colours[at], ground), colours[at]) for at in _DISC)[-len(_DISC) // 100]
    if contrast < _LEAST_CONTRAST:
        return None
    line = [(theirs - ours) / contrast for ours, theirs in zip(ground, other, strict=True)]
    if not _on_line(colours, ground, line, _OFF_LINE + _OFF_LINE_OF_CONTRAST * contrast):
        return None
    along = {at: _along(colours[at], ground, line) for at in _DISC}
    inked = {at for at in _DISC if along[at] > _FIGURE_FROM * contrast}
    rows = [frozenset(x for x in range(_ACROSS) if y * _ACROSS + x in inked) for y in range(_ACROSS)]
    return _Figure(rows, _plain([along[at] / contrast for at in _DISC]))


def _ground(colours: Sequence[Colour]) -> Colour:
    """The middle colour of the upper tenth of the disc, where neither heads nor letters reach."""
    upper = [colours[at] for at in _DISC if at // _ACROSS < _ACROSS // 10]
    red, green, blue = (sorted(channel)[len(upper) // 2] for channel in zip(*upper, strict=True))
    return red, green, blue


def _on_line(colours: Sequence[Colour], ground: Colour, line: Sequence[float], most: float) -> bool:
    """Do nearly all lie within `most` levels of the line? Gives up early: few pictures are placeholders."""
    left = (1 - _ON_LINE_SHARE) * len(_DISC)
    for at in _SCATTERED:
        along = _along(colours[at], ground, line)
        left -= dist(colours[at], _point(ground, line, along)) > most
        if left < 0:
            return False
    return True


def _along(colour: Colour, ground: Colour, line: Sequence[float]) -> float:
    return sum((level - zero) * way for level, zero, way in zip(colour, ground, line, strict=True))


def _point(ground: Colour, line: Sequence[float], along: float) -> list[float]:
    return [zero + way * along for zero, way in zip(ground, line, strict=True)]


def _plain(shares: Sequence[float]) -> float:
    """How many pixels have one of the commonest shades between ground (0) and figure (1)."""
    near = Counter(round(share * 8) for share in shares)
    return sum(count for _, count in near.most_common(_SHADES)) / len(shares)


def _bust(figure: _Figure) -> bool:
    """A head, something narrower or nothing, and shoulders down to the lower edge; the same on both sides."""
    if figure.plain < _PLAIN_BUST or figure.area < 0.1 * len(_DISC):
        return False
    if figure.bottom < 0.75 * _ACROSS or not 0.03 * _ACROSS <= figure.top <= 0.45 * _ACROSS:
        return False
    mirrored = sum(_ACROSS - 1 - x in row for row in figure.rows for x in row)
    without_gaps = sum(max(row) - min(row) + 1 for row in figure.rows if row)
    if min(mirrored, figure.area**2 / without_gaps) < _WHOLE * figure.area:
        return False
    widths = [len(row) for row in figure.rows]
    neck = min(range(figure.top + _ACROSS // 8, round(0.8 * _ACROSS)), key=widths.__getitem__)
    head, shoulders = max(widths[:neck]), max(widths[neck:])
    return 0.14 * _ACROSS <= head <= 0.6 * _ACROSS and widths[neck] <= 0.9 * head and shoulders >= 1.2 * head


def _initials(figure: _Figure) -> bool:
    """Strokes in the middle with air all around, as tall as letters are."""
    if not figure.area or figure.plain < _PLAIN_INITIALS:
        return False
    width, height = figure.right - figure.left, figure.bottom - figure.top
    across, down = (figure.left + figure.right) / 2, (figure.top + figure.bottom) / 2
    in_the_middle = max(abs(across - _ACROSS / 2), abs(down - _ACROSS / 2)) <= 0.08 * _ACROSS
    filled = figure.area / (width * height)
    return (
        in_the_middle
        and 0.15 * _ACROSS <= height <= 0.62 * _ACROSS
        and width <= 0.8 * _ACROSS
        and (filled <= _STROKES or width < 0.35 * height)
        and 0.01 * len(_DISC) <= figure.area <= 0.3 * len(_DISC)
    )
