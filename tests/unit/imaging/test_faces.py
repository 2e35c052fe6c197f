"""What is made of a detector's answer; where faces are really looked for, see test_intake and test_cropping."""

from __future__ import annotations

import pytest
from PIL import Image

from samepic.imaging import faces
from samepic.imaging.picture import Face

SIZE = (400, 300)


def test_only_what_the_detector_is_sure_of_counts() -> None:
    assert faces.certain([(10, 10, 20, 20, 59), (50, 50, 20, 20, 60)], 2.0, SIZE) == (Face(100, 100, 40, 40),)


def test_the_largest_comes_first_and_eight_are_enough() -> None:
    found = [(0, 0, 10 + n, 10, 90) for n in range(12)]
    assert [face.width for face in faces.certain(found, 1.0, SIZE)] == [21, 20, 19, 18, 17, 16, 15, 14]


@pytest.mark.parametrize(
    ("found", "face"),
    [
        ((-20, 10, 50, 40), Face(0, 10, 30, 40)),
        ((380, 280, 50, 50), Face(380, 280, 20, 20)),
        ((-5, -5, 500, 500), Face(0, 0, 400, 300)),
    ],
)
def test_of_a_face_beyond_the_edge_what_is_in_the_picture_counts(found: tuple[int, int, int, int], face: Face) -> None:
    assert faces.certain([(*found, 90)], 1.0, SIZE) == (face,)


@pytest.mark.parametrize("found", [(400, 10, 50, 40), (-60, 10, 50, 40), (10, 300, 5, 5), (10, 10, 0, 5)])
def test_a_face_outside_the_picture_is_none(found: tuple[int, int, int, int]) -> None:
    assert faces.certain([(*found, 90)], 1.0, SIZE) == ()


def test_a_picture_without_anything_has_no_faces_and_no_tilt() -> None:
    plain = Image.new("RGB", SIZE, "navy")
    assert faces.search(plain) == ()
    assert faces.search_closely(plain) == ((), 0)


def test_where_nothing_looks_for_faces_nobody_says_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "_detector", lambda: None)
    plain = Image.new("RGB", SIZE, "navy")
    assert faces.search(plain) is None
    assert faces.search_closely(plain) == (None, 0)
