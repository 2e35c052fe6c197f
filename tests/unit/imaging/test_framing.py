"""Where the square is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samepic.imaging.framing import Crop, centre, frame
from samepic.imaging.picture import Face

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


@given(sizes, st.data())
def test_with_a_face_the_square_is_as_large_and_inside_too(size: tuple[int, int], data: st.DataObject) -> None:
    left, top = data.draw(st.integers(0, size[0] - 1)), data.draw(st.integers(0, size[1] - 1))
    face = Face(left, top, data.draw(st.integers(1, size[0] - left)), data.draw(st.integers(1, size[1] - top)))
    crop = frame(size, face)
    assert crop.side == min(size)
    assert 0 <= crop.left <= size[0] - crop.side
    assert 0 <= crop.top <= size[1] - crop.side
    if max(face.width, face.height) <= crop.side * 0.9:
        assert crop.left <= face.left
        assert crop.left + crop.side >= face.left + face.width


@pytest.mark.parametrize(
    ("size", "face", "crop"),
    [
        ((900, 300), Face(500, 100, 80, 100), Crop(390, 0, 300)),
        ((900, 300), Face(10, 100, 80, 100), Crop(0, 0, 300)),
        ((900, 300), Face(810, 100, 80, 100), Crop(600, 0, 300)),
        ((300, 900), Face(100, 400, 80, 100), Crop(0, 312, 300)),
        ((300, 900), Face(100, 20, 80, 100), Crop(0, 0, 300)),
        ((300, 300), Face(10, 10, 80, 100), Crop(0, 0, 300)),
    ],
)
def test_the_face_is_in_the_middle_as_far_as_the_edges_allow(size: tuple[int, int], face: Face, crop: Crop) -> None:
    assert frame(size, face) == crop
