"""Where the square is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samepic.imaging.framing import Crop, centre, frame

sizes = st.tuples(st.integers(1, 20_000), st.integers(1, 20_000))


@given(sizes)
def test_the_square_is_as_large_as_can_be_and_inside(size: tuple[int, int]) -> None:
    crop = frame(size)
    assert crop.side == min(size)
    assert 0 <= crop.left <= size[0] - crop.side
    assert 0 <= crop.top <= size[1] - crop.side


@given(sizes)
def test_the_square_is_in_the_middle_or_above_it(size: tuple[int, int]) -> None:
    assert frame(size).left == centre(size).left
    assert frame(size).top <= centre(size).top


@pytest.mark.parametrize(
    ("size", "crop"),
    [
        ((640, 640), Crop(0, 0, 640)),
        ((4000, 3000), Crop(500, 0, 3000)),
        ((3000, 4000), Crop(0, 333, 3000)),
        ((1080, 2400), Crop(0, 440, 1080)),
    ],
)
def test_usual_pictures_are_cut_where_the_documentation_says(size: tuple[int, int], crop: Crop) -> None:
    assert frame(size) == crop
