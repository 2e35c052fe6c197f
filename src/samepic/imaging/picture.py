"""A checked picture and the ceilings it had to pass; what intake hands to rendering and likeness."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Face:
    """Where a face is, from brow to chin, in a picture's own pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class Picture:
    """Plain pixels: the right way up, in sRGB, without transparency, without metadata.

    `pixels` are RGB triples row by row, `size` is their (width, height). `original` is the (width, height) of the
    upload after turning it upright, `media_type` what the upload was. `faces` are those found in it, largest
    first; None where nobody looked: where nothing can, and in squares unless they were to be read closely.
    `tilt` is by how many degrees clockwise (0, 90, 180, 270) the picture has to be turned for its faces to stand
    upright; 0 unless it was read closely.
    """

    pixels: bytes = field(repr=False)
    size: tuple[int, int]
    original: tuple[int, int]
    media_type: str
    faces: tuple[Face, ...] | None = None
    tilt: int = 0

    @property
    def face(self) -> Face | None:
        """The largest, in an upright picture: what the square is laid around."""
        return self.faces[0] if self.faces and not self.tilt else None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one picture may cost. Everything above `cpu` is judged before anything is decoded.

    data     bytes of the upload.
    pixels   width x height; phones with "50 megapixels" make pictures slightly above 50 million.
    side     width or height.
    scans    passes of one progressive JPEG. Cameras and editors make up to about 10; each pass costs as much as a whole
             picture, so that 64 kB can ask for seconds of work.
    longest  the longest side that is kept, in pixels.
    cpu      seconds of processor time in the child. wall: seconds until an answer, queueing not counted.
    memory   bytes of address space of the child.
    """

    data: int = 15_000_000
    pixels: int = 52_000_000
    side: int = 20_000
    scans: int = 100
    longest: int = 2048
    cpu: int = 10
    wall: float = 30.0
    memory: int = 1 << 30
