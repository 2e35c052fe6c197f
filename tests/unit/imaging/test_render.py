"""Renditions: within the demand, the largest and best that fit, always the same, nothing attached."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from samepic.errors import Unfit
from samepic.imaging import scaling
from samepic.imaging.framing import Crop, frame
from samepic.imaging.picture import Picture
from samepic.imaging.render import render, render_all
from samepic.model import Demand, Photo
from samepic.practice.portraits import draw

from .samples import encoded, face, noise, picture_of, quarters
from .services import like_a_photo


@pytest.fixture(autouse=True, params=["vectorised", "by_pillow"])
def _scaled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything below holds whichever of the two scales."""
    monkeypatch.setattr(scaling, "scale", getattr(scaling, request.param))


FACE = picture_of(face(3, 700))
NOISE = picture_of(noise((220, 300)))
GRAPH_SIDES = (48, 64, 96, 120, 240, 360, 432, 504, 648)


def whole(picture: Picture) -> Crop:
    return frame(picture.size)


def opened(photo: Photo) -> Image.Image:
    return Image.open(io.BytesIO(photo.data))


@pytest.mark.parametrize("side", GRAPH_SIDES)
def test_a_rendition_has_the_side_asked_for(side: int) -> None:
    photo = render(FACE, whole(FACE), Demand(side=(side, side)))
    assert photo.size == opened(photo).size == (side, side)
    assert photo.media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("crop", "side", "wanted"),
    [(300, (48, 648), 300), (30, (48, 648), 48), (700, (48, 648), 648), (100, (240, 240), 240), (1, (48, 96), 48)],
)
def test_a_crop_is_enlarged_only_to_reach_the_smallest_side(crop: int, side: tuple[int, int], wanted: int) -> None:
    assert render(FACE, Crop(0, 0, crop), Demand(side=side)).size == (wanted, wanted)


def test_the_crop_is_what_is_shown() -> None:
    picture = picture_of(quarters((200, 200)))
    photo = render(picture, Crop(110, 10, 80), Demand())
    assert [round(level) for level in ImageStat.Stat(opened(photo)).mean] == pytest.approx([30, 160, 60], abs=3)


def test_a_jpeg_is_baseline_with_halved_chroma_and_nothing_attached() -> None:
    photo = render(FACE, whole(FACE), Demand())
    image = opened(photo)
    assert b"\xff\xc0" in photo.data
    assert b"\xff\xc2" not in photo.data
    assert [component[1:3] for component in image.layer] == [(2, 2), (1, 1), (1, 1)]
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_png_has_nothing_attached() -> None:
    photo = render(FACE, whole(FACE), Demand(media_types=("image/png", "image/jpeg")))
    assert photo.media_type == "image/png"
    assert opened(photo).info == {}


def test_types_nobody_can_make_are_passed_over() -> None:
    demand = Demand(media_types=("image/webp", "image/png"))
    assert render(FACE, whole(FACE), demand).media_type == "image/png"
    with pytest.raises(Unfit) as caught:
        render(FACE, whole(FACE), Demand(media_types=("image/webp",)))
    assert caught.value.code == "cannot-fit"


def test_the_next_type_is_taken_before_the_side_shrinks() -> None:
    demand = Demand(media_types=("image/png", "image/jpeg"), max_bytes=60_000)
    photo = render(NOISE, whole(NOISE), demand)
    assert (photo.media_type, photo.size) == ("image/jpeg", (220, 220))


def test_what_cannot_fit_at_the_smallest_side_is_refused() -> None:
    with pytest.raises(Unfit) as caught:
        render(NOISE, whole(NOISE), Demand(side=(96, 96), max_bytes=700))
    assert caught.value.code == "cannot-fit"


def test_the_side_shrinks_before_quality_becomes_poor() -> None:
    photo = render(NOISE, whole(NOISE), Demand(max_bytes=9_000))
    assert photo.size is not None
    assert 96 < photo.size[0] < 220


def test_a_quality_just_short_of_too_large_is_found() -> None:
    free = render(NOISE, whole(NOISE), Demand())
    tight = render(NOISE, whole(NOISE), Demand(max_bytes=len(free.data) - 1))
    assert tight.size == free.size
    assert 0.93 < len(tight.data) / len(free.data) < 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    smallest=st.integers(16, 120),
    more=st.integers(0, 300),
    max_bytes=st.integers(300, 80_000),
    types=st.permutations(["image/jpeg", "image/png"]),
    picture=st.sampled_from([FACE, NOISE]),
)
def test_a_rendition_always_keeps_to_its_demand(
    smallest: int, more: int, max_bytes: int, types: list[str], picture: Picture
) -> None:
    demand = Demand(tuple(types), (smallest, smallest + more), max_bytes)
    try:
        photo = render(picture, whole(picture), demand)
    except Unfit:
        assert max_bytes < 6_000
        return
    assert len(photo.data) <= max_bytes
    assert photo.size is not None
    assert smallest <= photo.size[0] == photo.size[1] <= smallest + more
    assert opened(photo).size == photo.size


def test_a_rendition_does_not_depend_on_what_else_is_made() -> None:
    demands = {str(side): Demand(side=(side, side)) for side in GRAPH_SIDES}
    together = render_all(FACE, whole(FACE), demands)
    assert list(together) == list(demands)
    for name, demand in reversed(demands.items()):
        assert render(FACE, whole(FACE), demand) == together[name]


def test_threads_give_the_same_renditions() -> None:
    demands = {"large": Demand(), "small": Demand(side=(48, 48))}
    with ThreadPoolExecutor(4) as pool:
        rendered = list(pool.map(lambda _: render_all(FACE, whole(FACE), demands), range(8)))
    assert all(one == rendered[0] for one in rendered)


@pytest.mark.parametrize("side", [48, 97, 240, 349])
def test_halving_first_gives_what_scaling_at_once_would(side: int) -> None:
    crop = Crop(0, 0, 699)
    photo = render(FACE, crop, Demand(media_types=("image/png",), side=(side, side)))
    image = Image.frombytes("RGB", FACE.size, FACE.pixels)
    direct = image.resize((side, side), Image.Resampling.LANCZOS, box=(0, 0, 699, 699))
    off = [abs(one - other) for one, other in zip(opened(photo).tobytes(), direct.tobytes(), strict=True)]
    assert sum(off) / len(off) < 0.1


# --- tight limits ----------------------------------------------------------------------------------------------------

DIRECTORY = Demand(side=(96, 648), max_bytes=10_240)
"""What Active Directory's thumbnailPhoto is kept to: 10 kB recommended, at 96 pixels or more."""


def off(photo: Photo, picture: Picture, side: int = 240) -> float:
    """How far a rendition is from the picture when both are shown at one size: mean of the levels of 255."""
    shown = opened(photo).convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
    wanted = Image.frombytes("RGB", picture.size, picture.pixels).resize((side, side), Image.Resampling.LANCZOS)
    return sum(ImageStat.Stat(ImageChops.difference(shown, wanted)).mean) / 3


@pytest.mark.parametrize("seed", range(3))
def test_ten_kilobytes_are_spent_on_size_and_quality_alike(seed: int) -> None:
    """Neither the smallest square at the best quality nor the largest at a poor one shows more of the person."""
    picture = picture_of(like_a_photo(draw(f"tight {seed}", 700), Random(seed)))
    photo = render(picture, whole(picture), DIRECTORY)
    assert photo.size is not None
    assert 240 <= photo.size[0] < 648
    smallest = render(picture, whole(picture), replace(DIRECTORY, side=(96, 96)))
    assert off(photo, picture) < 0.8 * off(smallest, picture)
    largest = Image.frombytes("RGB", picture.size, picture.pixels).resize((648, 648), Image.Resampling.LANCZOS)
    poor = next(
        data for quality in range(60, 0, -5) if len(data := encoded(largest, "JPEG", quality=quality)) <= 10_240
    )
    assert off(photo, picture) < 1.02 * off(Photo(poor, "image/jpeg", (648, 648)), picture)


def test_a_png_with_fewer_colours_is_better_than_a_smaller_one() -> None:
    picture = picture_of(like_a_photo(draw("png", 300), Random(1)))
    free = render(picture, whole(picture), Demand(media_types=("image/png",)))
    tight = render(picture, whole(picture), Demand(media_types=("image/png",), max_bytes=len(free.data) * 2 // 3))
    assert tight.size == free.size == (300, 300)
    assert len(opened(tight).getcolors(257)) <= 256
    assert off(tight, picture) < 6


def test_a_png_that_cannot_shrink_loses_colours_before_it_is_refused() -> None:
    demand = Demand(media_types=("image/png",), side=(96, 96), max_bytes=6_000)
    photo = render(FACE, whole(FACE), demand)
    assert (photo.media_type, photo.size) == ("image/png", (96, 96))
    with pytest.raises(Unfit):
        render(NOISE, whole(NOISE), demand)
