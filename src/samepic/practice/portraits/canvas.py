"""Soft shapes on a Pillow image: drawn too large and without smoothing, then averaged, which is what smooths them.

Averaging whole blocks (`Image.reduce`) costs a tenth of a Lanczos filter here, looks the same for flat shapes, and is
whole numbers again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from PIL import Image, ImageDraw

from samepic.practice.portraits.palette import Colour
from samepic.practice.portraits.shapes import FINE, GRID, Outline, Point, Pose, bounds, curve, ellipse

_OVERSAMPLE = 3
_RIM = 180
"""What Pillow's radial gradient has reached in the middle of its sides; it is 0 in the centre, 255 in the corners."""


_UPRIGHT = Pose()


@dataclass(frozen=True)
class Canvas:
    """An image being drawn, `side` pixels wide as a whole; `origin` is where this part of it begins."""

    image: Image.Image
    side: int
    pose: Pose = _UPRIGHT
    origin: Point = (0, 0)
    _pen: ImageDraw.ImageDraw = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pen", ImageDraw.Draw(self.image))

    @classmethod
    def blank(cls, side: int, colour: Colour) -> Canvas:
        """A canvas for a picture that will be `side` pixels wide when it is finished."""
        full = side * _OVERSAMPLE
        return cls(Image.new("RGB", (full, full), colour), full)

    def finished(self) -> Image.Image:
        return self.image.reduce(_OVERSAMPLE)

    def posed(self, pose: Pose) -> Canvas:
        """The same image, drawn on in another pose."""
        return replace(self, pose=pose)

    def fill(self, colour: Colour) -> None:
        self.image.paste(colour, (0, 0, *self.image.size))

    def blob(self, outline: Outline, colour: Colour) -> None:
        """A soft closed shape through the points."""
        self._pen.polygon(self._placed(curve(outline, closed=True)), fill=colour)

    def polygon(self, corners: Outline, colour: Colour) -> None:
        """A closed shape with straight sides and sharp corners."""
        self._pen.polygon(self._placed([(x * FINE, y * FINE) for x, y in corners]), fill=colour)

    def oval(self, centre: Point, rx: int, ry: int, colour: Colour) -> None:
        self.blob(ellipse(centre, rx, ry), colour)

    def stroke(self, line: Outline, width: int, colour: Colour) -> None:
        """A soft line with round ends."""
        self._line(self._placed(curve(line, closed=False)), width, colour)

    def loop(self, outline: Outline, width: int, colour: Colour) -> None:
        """A soft closed line."""
        around = self._placed(curve(outline, closed=True))
        self._line([*around, around[0]], width, colour)

    def _line(self, placed: list[Point], width: int, colour: Colour) -> None:
        thick = max(1, width * self.pose.zoom * self.side // (GRID * 100))
        self._pen.line(placed, fill=colour, width=thick, joint="curve")
        before, after = thick // 2, (thick - 1) // 2
        for x, y in (placed[0], placed[-1]):
            self._pen.ellipse((x - before, y - before, x + after, y + after), fill=colour)

    def glow(self, centre: Point, rx: int, ry: int, colour: Colour, percent: int) -> None:
        """A spot of colour, `percent` strong in its middle and fading to nothing at the rim."""
        left, top, right, bottom = bounds(self._placed(curve(ellipse(centre, rx, ry), closed=True)))
        seen = self._visible((left, top, right, bottom))
        if seen[0] < left or seen[1] < top or seen[2] > right or seen[3] > bottom:
            return  # it lies outside the image altogether
        across, along = 256 / (right - left), 256 / (bottom - top)
        part = ((seen[0] - left) * across, (seen[1] - top) * along, (seen[2] - left) * across, (seen[3] - top) * along)
        spot = Image.radial_gradient("L").point([_eased(max(0, _RIM - far)) * percent // 100 for far in range(256)])
        size = (seen[2] - seen[0], seen[3] - seen[1])
        self.image.paste(colour, seen, spot.resize(size, Image.Resampling.BILINEAR, box=part))

    @contextmanager
    def within(self, outline: Outline, hole: Outline = ()) -> Iterator[Canvas]:
        """A canvas of which only what lies inside the outline, and outside the hole, will remain."""
        box = self._visible(bounds(self._placed(curve(outline, closed=True))))
        left, top = self.origin
        inner = replace(self, image=self.image.crop(box), origin=(left + box[0], top + box[1]))
        yield inner
        self.image.paste(inner.image, box, inner.mask(outline, hole))

    def mask(self, outline: Outline, hole: Outline = ()) -> Image.Image:
        mask = Image.new("L", self.image.size)
        pen = ImageDraw.Draw(mask)
        pen.polygon(self._placed(curve(outline, closed=True)), fill=255)
        if hole:
            pen.polygon(self._placed(curve(hole, closed=True)), fill=0)
        return mask

    def shaded(self, outline: Outline, colour: Colour, shade: Colour, by: Point = (-10, -12)) -> None:
        """A soft shape; `shade` is left on the side away from where `by` points, as under a gentle light."""
        with self.within(outline) as inner:
            inner.fill(shade)
            inner.blob([(x + by[0], y + by[1]) for x, y in outline], colour)

    def _placed(self, fine: list[Point]) -> list[Point]:
        left, top = self.origin
        return [(x - left, y - top) for x, y in (self.pose.place(point, self.side) for point in fine)]

    def _visible(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """The part of a box that lies on this image; at least one pixel, so that it can be drawn on."""
        wide, high = self.image.size
        left, top = min(max(0, box[0]), wide - 1), min(max(0, box[1]), high - 1)
        return left, top, max(left + 1, min(wide, box[2])), max(top + 1, min(high, box[3]))


def _eased(near: int) -> int:
    """0 to `_RIM` -> 0 to 255, level at both ends."""
    return 255 * near * near * (3 * _RIM - 2 * near) // _RIM**3
