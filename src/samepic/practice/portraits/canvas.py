"""Soft shapes on a Pillow image, in whole numbers only, so that every machine draws the same pixels.

Design space is a 1024 x 1024 square: x runs from -512 (left) to 511 with 0 on the middle line, y from 0 (top) to 1023.
A `Pose` moves design space into the picture. Canvases are drawn `OVERSAMPLE` times too large and shrunk at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[int, int]
Box = tuple[int, int, int, int]

GRID = 1024
OVERSAMPLE = 2
_STEPS = 7  # straight pieces per curve between two points
_FINE = 16  # curves are computed in sixteenths of a design unit
_WHEEL = ((1024, 0), (887, 512), (512, 887), (0, 1024), (-512, 887), (-887, 512))  # cosine and sine of 30 degree steps
_WHEEL = (*_WHEEL, *((-x, -y) for x, y in _WHEEL))


def mix(colour: Colour, other: Colour, percent: int) -> Colour:
    """`percent` of the other colour in the first."""
    red, green, blue = ((a * (100 - percent) + b * percent + 50) // 100 for a, b in zip(colour, other, strict=True))
    return red, green, blue


def distance(colour: Colour, other: Colour) -> int:
    """How far apart two colours look, roughly: 0 to 765, green counting most as it does for the eye."""
    red, green, blue = (abs(a - b) for a, b in zip(colour, other, strict=True))
    return (3 * red + 4 * green + 2 * blue) // 3


def mirrored(half: Sequence[Point]) -> list[Point]:
    """The closed outline whose right half, top to bottom, is given."""
    return [*half, *((-x, y) for x, y in reversed(half) if x)]


def ellipse(centre: Point, rx: int, ry: int) -> list[Point]:
    return [(centre[0] + rx * x // 1024, centre[1] + ry * y // 1024) for x, y in _WHEEL]


def curve(points: Sequence[Point], *, closed: bool) -> list[Point]:
    """Catmull-Rom through every point, in sixteenths of a unit. A point given twice in a row makes a corner."""
    count = len(points)
    ring = points if closed else [points[0], *points, points[-1]]
    first, last = (0, count) if closed else (1, count)
    line = [
        (_between(*xs, step), _between(*ys, step))
        for at in range(first, last)
        for xs, ys in [zip(*(ring[(at + k) % len(ring)] for k in (-1, 0, 1, 2)), strict=True)]
        for step in range(_STEPS)
    ]
    if not closed:
        line.append((points[-1][0] * _FINE, points[-1][1] * _FINE))
    return line


def _between(before: int, start: int, end: int, after: int, step: int) -> int:
    """One coordinate on the way from `start` to `end`, `step` of `_STEPS`: the cubic times 2 * _STEPS**3, in integers."""
    n = _STEPS
    cubic = (
        2 * start * n**3
        + (end - before) * step * n**2
        + (2 * before - 5 * start + 4 * end - after) * step**2 * n
        + (3 * start - before - 3 * end + after) * step**3
    )
    return cubic * _FINE // (2 * n**3)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where design space goes: moved sideways and down, enlarged (percent), tilted about the neck (thousandths)."""

    right: int = 0
    down: int = 0
    zoom: int = 100
    tilt: int = 0

    pivot = 660

    def place(self, x: int, y: int, side: int) -> Point:
        """A point in sixteenths of a unit -> pixels of a canvas with this side."""
        from_neck = y - self.pivot * _FINE
        turned_x = x - from_neck * self.tilt // 1000
        turned_y = y + x * self.tilt // 1000
        base = 700 * _FINE
        shown_x = turned_x * self.zoom // 100 + (GRID // 2 + self.right) * _FINE
        shown_y = (turned_y - base) * self.zoom // 100 + base + self.down * _FINE
        return _scaled(shown_x, side), _scaled(shown_y, side)


def _scaled(fine: int, side: int) -> int:
    return (2 * fine * side + GRID * _FINE) // (2 * GRID * _FINE)


@dataclass(frozen=True)
class Canvas:
    """An image being drawn. `origin` is where its corner lies within the whole picture; `side` is the whole's, in pixels."""

    image: Image.Image
    side: int
    pose: Pose = Pose()
    origin: Point = (0, 0)
    _pen: ImageDraw.ImageDraw = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pen", ImageDraw.Draw(self.image))

    @classmethod
    def blank(cls, side: int, colour: Colour) -> Canvas:
        """`side` is that of the finished picture."""
        full = side * OVERSAMPLE
        return cls(Image.new("RGB", (full, full), colour), full)

    def finished(self) -> Image.Image:
        side = self.side // OVERSAMPLE
        return self.image.resize((side, side), Image.Resampling.LANCZOS)

    def posed(self, pose: Pose) -> Canvas:
        """The same image seen through another pose."""
        return replace(self, pose=pose)

    def blob(self, points: Sequence[Point], colour: Colour) -> None:
        """A soft closed shape through the points."""
        self._pen.polygon(self._placed(curve(points, closed=True)), fill=colour)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """A closed shape with straight sides and sharp corners."""
        self._pen.polygon(self._placed((x * _FINE, y * _FINE) for x, y in points), fill=colour)

    def oval(self, centre: Point, rx: int, ry: int, colour: Colour) -> None:
        self.blob(ellipse(centre, rx, ry), colour)

    def stroke(self, points: Sequence[Point], width: int, colour: Colour) -> None:
        """A soft line with round ends."""
        placed = self._placed(curve(points, closed=False))
        thick = max(1, width * self.pose.zoom * self.side // (GRID * 100))
        self._pen.line(placed, fill=colour, width=thick, joint="curve")
        for x, y in (placed[0], placed[-1]):
            self._pen.ellipse((x - thick // 2, y - thick // 2, x + (thick - 1) // 2, y + (thick - 1) // 2), fill=colour)

    def loop(self, points: Sequence[Point], width: int, colour: Colour) -> None:
        """A soft closed line."""
        self.stroke([*points, points[0]], width, colour)

    def glow(self, centre: Point, rx: int, ry: int, colour: Colour, percent: int) -> None:
        """A spot of colour, `percent` strong in its middle and fading to nothing at the rim."""
        left, top, right, bottom = _bounds(self._placed(curve(ellipse(centre, rx, ry), closed=True)))
        size = (max(1, right - left), max(1, bottom - top))
        fade = Image.radial_gradient("L").point([_eased(255 - far) * percent // 100 for far in range(256)])
        self.image.paste(colour, (left, top), fade.resize(size, Image.Resampling.BILINEAR))

    @contextmanager
    def within(self, outline: Sequence[Point], hole: Sequence[Point] = ()) -> Iterator[Canvas]:
        """A canvas on which only what lies inside the outline, and outside the hole, will remain."""
        around = curve(outline, closed=True)
        left, top, right, bottom = _bounds(self._placed(around))
        left, top = (min(max(0, at), end - 1) for at, end in zip((left, top), self.image.size, strict=True))
        right, bottom = (
            min(max(at + 1, end), whole)
            for at, end, whole in zip((left, top), (right, bottom), self.image.size, strict=True)
        )
        box = (left, top, right, bottom)
        inner = replace(self, image=self.image.crop(box), origin=(self.origin[0] + box[0], self.origin[1] + box[1]))
        mask = Image.new("L", inner.image.size)
        pen = ImageDraw.Draw(mask)
        pen.polygon(inner._placed(around), fill=255)
        if hole:
            pen.polygon(inner._placed(curve(hole, closed=True)), fill=0)
        yield inner
        self.image.paste(inner.image, box[:2], mask)

    def shaded(self, points: Sequence[Point], colour: Colour, shade: Colour, by: Point) -> None:
        """A soft shape with a crescent of shade on the side away from `by`, as under a gentle light."""
        with self.within(points) as inner:
            inner.image.paste(shade, (0, 0, *inner.image.size))
            inner.blob([(x + by[0], y + by[1]) for x, y in points], colour)

    def _placed(self, fine: Iterable[Point]) -> list[Point]:
        left, top = self.origin
        return [(x - left, y - top) for x, y in (self.pose.place(x, y, self.side) for x, y in fine)]


def _eased(near: int) -> int:
    """0 to 255 -> 0 to 255, level at both ends."""
    return near * near * (3 * 255 - 2 * near) // 255**2


def _bounds(points: Sequence[Point]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs) + 1, max(ys) + 1
