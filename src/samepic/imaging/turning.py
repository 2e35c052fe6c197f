"""Pictures by quarter turns, clockwise, and where things in them are afterwards."""

from __future__ import annotations

from PIL import Image

from samepic.imaging.picture import Face

TURNS = (0, 90, 180, 270)

_TRANSPOSED = {  # Pillow counts the other way round
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}

Size = tuple[int, int]


def turned(image: Image.Image, turn: int) -> Image.Image:
    """The picture turned by one of TURNS."""
    return image.transpose(_TRANSPOSED[turn]) if turn else image


def size_after(size: Size, turn: int) -> Size:
    return size[::-1] if turn % 180 else size


def face_after(face: Face, size: Size, turn: int) -> Face:
    """Where a face of a picture `size` is when that has been turned; backwards where `turn` is negative."""
    for _ in range(turn % 360 // 90):
        face = Face(size[1] - face.top - face.height, face.left, face.height, face.width)
        size = size[::-1]
    return face
