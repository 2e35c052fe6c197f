"""A person's own square: every slider fits, and what comes of it is what was seen."""

from __future__ import annotations

import io
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageStat

from samepic.errors import Unfit
from samepic.imaging import cropping
from samepic.imaging.cropping import Check, Cut
from samepic.imaging.framing import Crop, frame
from samepic.imaging.intake import Intake
from samepic.imaging.picture import Face, Picture
from samepic.imaging.turning import TURNS, face_after, size_after, turned
from samepic.practice.portraits import draw

from . import placeholders
from .samples import BLUE, GREEN, RED, YELLOW, corners, encoded, near, noise, picture_of, quarters
from .services import like_a_photo

shares = st.floats(0, 1)
cuts = st.builds(Cut, st.sampled_from(TURNS), shares, shares, st.floats(0, 1, exclude_min=True))
sizes = st.tuples(st.integers(1, 3000), st.integers(1, 3000))


def portrait(side: int = 480) -> Image.Image:
    return like_a_photo(draw("ada", side), Random(1))


def as_jpeg(image: Image.Image) -> Picture:
    return replace(picture_of(image), media_type="image/jpeg")


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


# --- the sliders -----------------------------------------------------------------------------------------------------


@given(sizes, cuts)
def test_any_values_in_range_give_a_square_inside_the_picture(size: tuple[int, int], chosen: Cut) -> None:
    crop, (width, height) = chosen.crop(size), size_after(size, chosen.turn)
    assert crop.side >= 1
    assert 0 <= crop.left <= width - crop.side
    assert 0 <= crop.top <= height - crop.side


@given(cuts)
def test_a_form_gives_back_what_was_put_into_it(chosen: Cut) -> None:
    form = {name: str(getattr(chosen, name)) for name in ("turn", "left", "top", "side")}
    assert Cut.parse({**form, "token": "not ours"}) == chosen


GOOD = {"turn": "90", "left": "0.25", "top": "1", "side": "0.5"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"turn": "45"},
        {"turn": "90.0"},
        {"turn": ""},
        {"left": "-0.1"},
        {"left": "nan"},
        {"top": "1.01"},
        {"top": "inf"},
        {"side": "0"},
        {"side": "half"},
        {"side": None},
    ],
)
def test_a_form_that_nobody_could_have_filled_in_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Unfit) as caught:
        Cut.parse({**GOOD, **wrong})
    assert caught.value.code == "crop"
    assert Cut.parse(GOOD) == Cut(90, 0.25, 1.0, 0.5)


def test_a_form_with_a_field_missing_is_refused() -> None:
    with pytest.raises(Unfit, match="sliders"):
        Cut.parse({"turn": "0", "left": "0", "top": "0"})


# --- where it begins -------------------------------------------------------------------------------------------------


@given(sizes, st.none() | st.tuples(shares, shares))
def test_the_suggestion_is_the_square_that_is_used_without_asking(
    size: tuple[int, int], at: tuple[float, float] | None
) -> None:
    faces = at and (Face(round(at[0] * (size[0] - 1)), round(at[1] * (size[1] - 1)), 1, 1),)
    picture = Picture(b"", size, size, "image/jpeg", faces)
    assert cropping.suggested(picture).crop(size) == frame(size, picture.face)


def test_without_room_the_suggestion_closes_in_on_the_middle() -> None:
    chosen = cropping.suggested(picture_of(quarters((200, 200))))
    assert replace(chosen, side=0.5).crop((200, 200)) == Crop(50, 50, 100)


@pytest.mark.parametrize("turn", TURNS)
async def test_a_picture_on_its_side_is_suggested_upright_with_the_face_in_it(turn: int) -> None:
    wall = Image.new("RGB", (900, 480), (150, 170, 190))
    wall.paste(draw("ada", 256), (450, 120))
    lying = wall.rotate(turn, expand=True)  # anticlockwise
    async with Intake() as intake:
        picture = await intake.read(encoded(lying, "PNG"), closely=True)
    chosen = cropping.suggested(picture)
    assert chosen.turn == turn
    assert chosen.crop(picture.size).left == pytest.approx(338, abs=30)
    shown = opened(cropping.cut(picture, chosen).photo.data).convert("RGB")
    assert ImageStat.Stat(ImageChops.difference(shown, wall.crop((338, 0, 818, 480)))).mean < [25] * 3


@given(sizes, st.data())
def test_turning_a_face_back_and_forth_leaves_it_where_it_was(size: tuple[int, int], data: st.DataObject) -> None:
    left, top = data.draw(st.integers(0, size[0] - 1)), data.draw(st.integers(0, size[1] - 1))
    face, turn = Face(left, top, 1, 1), data.draw(st.sampled_from(TURNS))
    assert face_after(face_after(face, size, turn), size_after(size, turn), -turn) == face


@pytest.mark.parametrize(
    ("turn", "face"),
    [
        (0, Face(10, 20, 30, 40)),
        (90, Face(240, 10, 40, 30)),
        (180, Face(360, 240, 30, 40)),
        (270, Face(20, 360, 40, 30)),
    ],
)
def test_a_face_is_turned_with_its_picture(turn: int, face: Face) -> None:
    picture = Image.new("L", (400, 300))
    picture.paste(255, (10, 20, 40, 60))
    assert face_after(Face(10, 20, 30, 40), picture.size, turn) == face
    assert turned(picture, turn).getbbox() == (face.left, face.top, face.left + face.width, face.top + face.height)


# --- what comes of it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turn", "shown"),
    [
        (0, [RED, GREEN, BLUE, YELLOW]),
        (90, [BLUE, RED, YELLOW, GREEN]),
        (180, [YELLOW, BLUE, GREEN, RED]),
        (270, [GREEN, YELLOW, RED, BLUE]),
    ],
)
def test_the_portrait_is_turned_clockwise(turn: int, shown: list[tuple[int, int, int]]) -> None:
    photo = cropping.cut(picture_of(quarters((300, 300))), Cut(turn)).photo
    assert all(map(near, corners(picture_of(opened(photo.data).convert("RGB"))), shown))


def test_the_portrait_is_what_the_sliders_say() -> None:
    picture = as_jpeg(quarters((600, 300)))
    photo = cropping.cut(picture, Cut(left=1, top=1, side=0.5)).photo
    assert photo.size == opened(photo.data).size == (150, 150)
    assert ImageStat.Stat(opened(photo.data)).mean == pytest.approx(YELLOW, abs=3)


@pytest.mark.parametrize(("side", "wanted"), [(2048, 1200), (1200, 1200), (700, 700)])
def test_a_portrait_has_at_most_1200_pixels_and_is_never_enlarged(side: int, wanted: int) -> None:
    photo = cropping.cut(as_jpeg(quarters((side, side))), Cut()).photo
    assert photo.size == opened(photo.data).size == (wanted, wanted)


def test_a_portrait_is_a_jpeg_with_all_of_its_colour_and_nothing_attached() -> None:
    photo = cropping.cut(as_jpeg(portrait()), Cut()).photo
    image = opened(photo.data)
    assert photo.media_type == "image/jpeg"
    assert [component[1:3] for component in image.layer] == [(1, 1)] * 3
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert ImageStat.Stat(ImageChops.difference(image, portrait())).mean < [4] * 3


def test_a_drawing_stays_exactly_what_it_was() -> None:
    photo = cropping.cut(picture_of(quarters((400, 400))), Cut()).photo
    assert photo.media_type == "image/png"
    assert opened(photo.data).info == {}
    assert opened(photo.data).tobytes() == quarters((400, 400)).tobytes()


def test_a_drawing_that_png_would_make_larger_becomes_a_jpeg() -> None:
    """Few colours, and nothing but noise."""
    speckled = noise((128, 128)).resize((512, 512), Image.Resampling.BICUBIC).quantize(256).convert("RGB")
    photo = cropping.cut(picture_of(speckled), Cut()).photo
    assert photo.media_type == "image/jpeg"
    assert len(photo.data) < len(encoded(speckled, "PNG", optimize=True))


@pytest.mark.parametrize("picture", [picture_of(portrait()), as_jpeg(quarters((400, 400)))])
def test_a_photograph_becomes_a_jpeg_even_as_png_and_a_jpeg_stays_one(picture: Picture) -> None:
    assert cropping.cut(picture, Cut()).photo.media_type == "image/jpeg"


@pytest.mark.parametrize(("side", "warning"), [(48, Check.COARSE), (239, Check.COARSE), (240, None)])
def test_a_small_square_is_taken_with_a_warning(side: int, warning: Check | None) -> None:
    picture = as_jpeg(quarters((480, 480)))
    assert cropping.cut(picture, Cut(side=side / 480)).warning is warning


def test_a_square_smaller_than_any_system_keeps_is_refused_with_its_size() -> None:
    with pytest.raises(Unfit, match="47 pixels") as caught:
        cropping.cut(as_jpeg(quarters((480, 480))), Cut(side=47 / 480))
    assert caught.value.code == "small"


def test_the_same_choice_gives_the_same_bytes() -> None:
    picture, chosen = as_jpeg(portrait()), Cut(90, 0.3, 0.4, 0.7)
    assert cropping.cut(picture, chosen) == cropping.cut(picture, chosen)


# --- what it will look like ------------------------------------------------------------------------------------------


def test_a_preview_shows_the_square_at_the_system_s_size() -> None:
    shown = opened(cropping.preview(picture_of(quarters((600, 300))), Cut(left=0.5), 96))
    assert shown.format == "JPEG"
    assert shown.size == (96, 96)
    assert all(map(near, corners(picture_of(shown)), (RED, GREEN, BLUE, YELLOW)))


def test_a_round_preview_is_white_in_the_corners_only() -> None:
    picture = picture_of(Image.new("RGB", (300, 300), BLUE))
    shown = opened(cropping.preview(picture, Cut(), 100, round_=True))
    assert all(near(shown.getpixel(at), (255, 255, 255)) for at in ((2, 2), (97, 2), (2, 97), (97, 97)))
    assert all(near(shown.getpixel(at), BLUE) for at in ((50, 4), (4, 50), (50, 95), (95, 50), (50, 50)))


# --- what might be wrong with it -------------------------------------------------------------------------------------


def test_nothing_is_wrong_with_a_good_portrait() -> None:
    picture = replace(as_jpeg(portrait()), faces=(Face(160, 120, 160, 200),))
    assert cropping.checks(picture, Cut()) == []


def test_nothing_is_said_of_faces_where_nobody_looked() -> None:
    assert cropping.checks(as_jpeg(portrait()), Cut()) == []


@pytest.mark.parametrize(
    ("faces", "chosen", "found"),
    [
        ((), Cut(), [Check.NO_FACE]),
        ((Face(160, 120, 160, 200),), Cut(180), [Check.NO_FACE]),
        ((Face(160, 120, 160, 200),), Cut(left=1, side=0.4), [Check.NO_FACE]),
        ((Face(160, 120, 160, 200), Face(20, 20, 80, 100)), Cut(), [Check.SEVERAL_FACES]),
        ((Face(160, 120, 160, 200), Face(20, 20, 80, 100)), Cut(left=0.5, top=0.5, side=0.7), []),
        ((Face(200, 200, 40, 50),), Cut(), [Check.SMALL_FACE]),
        ((Face(200, 200, 40, 50),), Cut(side=0.5), []),
    ],
)
def test_faces_count_where_the_square_shows_them(faces: tuple[Face, ...], chosen: Cut, found: list[Check]) -> None:
    assert cropping.checks(replace(as_jpeg(portrait(640)), faces=faces), chosen) == found


def test_dark_bright_and_blurred_are_told() -> None:
    good = portrait()
    assert cropping.checks(as_jpeg(good.point(lambda level: level // 5)), Cut())[0] is Check.DARK
    assert cropping.checks(as_jpeg(good.point(lambda level: 255 - level // 6)), Cut())[0] is Check.BRIGHT
    assert cropping.checks(as_jpeg(good.filter(ImageFilter.GaussianBlur(9))), Cut()) == [Check.BLURRED]


def test_a_coarse_square_is_told() -> None:
    assert Check.COARSE in cropping.checks(as_jpeg(portrait()), Cut(side=0.49))


def test_of_a_placeholder_nothing_else_is_said() -> None:
    bust = placeholders.bust((200, 198, 196), (255, 255, 255), Random(3)).resize((120, 120))
    assert cropping.checks(replace(picture_of(bust), faces=()), Cut()) == [Check.PLACEHOLDER]


@pytest.mark.parametrize("name", ["side 163", "side 202"])
@pytest.mark.parametrize("turn", TURNS)
async def test_a_face_that_is_seen_at_other_turns_too_is_still_upright(turn: int, name: str) -> None:
    """The detector sees these two at a wrong turn, too, with a confidence of 80 and 84."""
    lying = draw(name, 300).rotate(turn, expand=True)
    async with Intake() as intake:
        picture = await intake.read(encoded(lying, "PNG"), closely=True)
    assert picture.tilt == turn
    assert cropping.suggested(picture) == Cut(turn)
