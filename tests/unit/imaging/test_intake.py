"""Untrusted bytes: what is taken, and what is refused with which reason."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from PIL import Image

from samepic.errors import Unfit
from samepic.imaging import framing, render
from samepic.imaging.appearance import Appearance
from samepic.imaging.intake import Intake, Limits, Picture
from samepic.imaging.likeness import sign_all
from samepic.model import Demand
from samepic.practice.portraits import draw

from . import samples
from .samples import BLUE, GREEN, RED, encoded, near, quarters, refusal

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def intake() -> AsyncIterator[Intake]:
    async with Intake() as one:
        yield one


def first_colour(picture: Picture) -> tuple[int, ...]:
    return tuple(picture.pixels[:3])


async def test_an_appearance_is_what_the_pixels_would_have_given(intake: Intake) -> None:
    for data in (encoded(draw("ada", 648), "JPEG"), encoded(quarters((4032, 3024)), "JPEG")):
        picture = await intake.read(data)
        assert await intake.appearance(data) == Appearance(sign_all(picture), picture.original)


async def test_a_placeholder_is_told_by_its_appearance(intake: Intake) -> None:
    for image, placeholder in ((Image.new("RGB", (96, 96), BLUE), True), (draw("ada", 96), False)):
        assert (await intake.appearance(encoded(image, "PNG"), whose=True)).placeholder is placeholder


async def test_the_appearance_of_something_else_is_refused(intake: Intake) -> None:
    with pytest.raises(Unfit) as refused:
        await intake.appearance(encoded(quarters(), "JPEG")[:200])
    assert refused.value.code == "damaged"


# --- what is taken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
async def test_every_format_gives_the_same_picture(intake: Intake, kind: str) -> None:
    picture = await intake.read(encoded(quarters(), kind))
    assert picture.size == picture.original == (120, 80)
    assert picture.media_type == f"image/{kind.lower()}"
    assert samples.shows_quarters(picture)


@pytest.mark.parametrize("name", ["quarters", "turned"])
async def test_a_phone_s_heic_is_taken_upright(intake: Intake, name: str) -> None:
    picture = await intake.read(samples.heic(name))
    assert picture.size == picture.original == (120, 80)
    assert picture.media_type == "image/heic"
    assert samples.shows_quarters(picture)


async def test_several_pictures_in_one_jpeg_give_the_first(intake: Intake) -> None:
    data = encoded(quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (120, 80), BLUE)])
    picture = await intake.read(data)
    assert samples.shows_quarters(picture)
    assert picture.media_type == "image/jpeg"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
async def test_an_animation_gives_its_first_frame(intake: Intake, kind: str) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in (GREEN, BLUE)]
    data = encoded(Image.new("RGB", (40, 40), RED), kind, save_all=True, append_images=frames, duration=100)
    assert near(first_colour(await intake.read(data)), RED)


STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera lays an upright scene into the file for each orientation it then notes (EXIF 2.32, tag 274)."""


def as_stored(orientation: int, size: tuple[int, int] = (120, 80)) -> tuple[Image.Image, Image.Exif]:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turn = STORED[orientation]
    scene = quarters(size)
    return (scene if turn is None else scene.transpose(turn)), exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", STORED)
async def test_every_orientation_is_turned_upright(intake: Intake, kind: str, orientation: int) -> None:
    stored, exif = as_stored(orientation)
    picture = await intake.read(encoded(stored, kind, exif=exif))
    assert picture.size == picture.original == (120, 80)
    assert samples.shows_quarters(picture)


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_a_large_picture_is_scaled_and_says_how_large_it_was(intake: Intake, kind: str, orientation: int) -> None:
    stored, exif = as_stored(orientation, (4032, 3024))
    picture = await intake.read(encoded(stored, kind, exif=exif))
    assert picture.original == (4032, 3024)
    assert 1536 <= picture.size[0] <= 2048
    assert picture.size[0] * 3 == picture.size[1] * 4
    assert samples.shows_quarters(picture)


@pytest.mark.parametrize("size", [(2500, 3), (3, 2500), (1, 1)])
async def test_a_sliver_keeps_at_least_a_pixel(intake: Intake, size: tuple[int, int]) -> None:
    picture = await intake.read(encoded(Image.new("RGB", size, RED), "PNG"))
    assert min(picture.size) >= 1
    assert near(first_colour(picture), RED)


async def test_cmyk_becomes_rgb(intake: Intake) -> None:
    assert samples.shows_quarters(await intake.read(encoded(quarters().convert("CMYK"), "JPEG")), most=40)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
async def test_sixteen_bits_become_eight_without_clipping(intake: Intake, kind: str) -> None:
    grey = Image.frombytes("I;16", (2, 1), (0x8000).to_bytes(2, "little") + (0x2080).to_bytes(2, "little"))
    assert (await intake.read(encoded(grey, kind))).pixels == bytes([0x80] * 3 + [0x20] * 3)


async def test_big_endian_sixteen_bits_become_eight(intake: Intake) -> None:
    tiff = encoded(Image.frombytes("I;16B", (2, 1), b"\x80\x01\x20\x02"), "TIFF")
    assert (await intake.read(tiff)).pixels == bytes([0x80] * 3 + [0x20] * 3)


async def test_thirty_two_bits_per_sample_are_refused(intake: Intake) -> None:
    assert await refusal(intake, encoded(Image.new("F", (4, 4), 0.5), "TIFF")) == "unsupported"


@pytest.mark.parametrize("kind", ["GIF", "PNG"])
async def test_a_transparent_palette_entry_becomes_white(intake: Intake, kind: str) -> None:
    image = Image.new("P", (10, 10), 0)
    image.putpalette([*RED, *BLUE])
    image.putpixel((9, 9), 1)
    picture = await intake.read(encoded(image, kind, transparency=0))
    assert first_colour(picture) == (255, 255, 255)
    assert tuple(picture.pixels[-3:]) == BLUE


@pytest.mark.parametrize(
    ("image", "colour"),
    [
        (Image.new("RGBA", (10, 10), (*RED, 0)), (255, 255, 255)),
        (Image.new("RGBA", (10, 10), (200, 0, 100, 128)), (227, 127, 177)),
        (Image.new("LA", (10, 10), (0, 0)), (255, 255, 255)),
        (Image.new("LA", (10, 10), (60, 255)), (60, 60, 60)),
        (Image.new("1", (10, 10), 1), (255, 255, 255)),
        (Image.new("L", (10, 10), 77), (77, 77, 77)),
    ],
)
async def test_transparency_is_flattened_on_white(
    intake: Intake, image: Image.Image, colour: tuple[int, int, int]
) -> None:
    assert near(first_colour(await intake.read(encoded(image, "PNG"))), colour, most=1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
async def test_a_colour_profile_is_applied(intake: Intake, kind: str) -> None:
    data = encoded(Image.new("RGB", (32, 32), (255, 0, 0)), kind, icc_profile=samples.swapped_profile())
    assert near(first_colour(await intake.read(data)), (0, 255, 0), most=6)


@pytest.mark.parametrize("profile", [b"", b"nonsense", samples.swapped_profile()[:200]])
async def test_a_broken_colour_profile_is_ignored(intake: Intake, profile: bytes) -> None:
    data = encoded(Image.new("RGB", (32, 32), RED), "PNG", icc_profile=profile)
    assert near(first_colour(await intake.read(data)), RED, most=1)


async def test_nothing_but_pixels_survives(intake: Intake) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera Maker"
    exif.get_ifd(0x8825)[2] = (48.0, 12.0, 30.0)
    data = encoded(quarters(), "JPEG", exif=exif, comment=b"secret comment", icc_profile=samples.swapped_profile())
    assert b"Secret Camera" in data
    picture = await intake.read(data)
    crop = framing.frame(picture.size)
    for media_type in ("image/jpeg", "image/png"):
        photo = render.render(picture, crop, Demand(media_types=(media_type,)))
        for leak in (b"Exif", b"ecret", b"ICC", b"iCCP", b"eXIf", b"tEXt"):
            assert leak not in photo.data


# --- faces -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [(40, 30), (300, 60), (620, 200)])
async def test_a_face_is_found_where_it_is(intake: Intake, at: tuple[int, int]) -> None:
    """A drawn person of 256 pixels on a plain wall; heads are drawn at 40 to 50 % of the height."""
    wall = Image.new("RGB", (900, 480), (150, 170, 190))
    wall.paste(draw("ada", 256), at)
    picture = await intake.read(encoded(wall, "PNG"))
    assert picture.face is not None
    across, down = picture.face.middle
    assert abs(across - at[0] - 128) < 20
    assert abs(down - at[1] - 118) < 40
    crop = framing.frame(picture.size, picture.face)
    assert 0 <= crop.left <= picture.face.left
    assert crop.left + crop.side >= picture.face.left + picture.face.width


async def test_the_larger_of_two_faces_counts(intake: Intake) -> None:
    wall = Image.new("RGB", (900, 480), (150, 170, 190))
    wall.paste(draw("ada", 160), (60, 160))
    wall.paste(draw("bruno", 300), (560, 90))
    face = (await intake.read(encoded(wall, "PNG"))).face
    assert face is not None
    assert face.left > 560


@pytest.mark.parametrize("image", [quarters((300, 200)), samples.noise((300, 200)), Image.new("L", (3, 2500))])
async def test_no_face_is_none(intake: Intake, image: Image.Image) -> None:
    assert (await intake.read(encoded(image, "PNG"))).face is None


async def test_a_square_is_used_whole_and_not_searched(intake: Intake) -> None:
    assert (await intake.read(encoded(draw("ada", 256), "PNG"))).face is None


async def test_the_same_bytes_give_the_same_pixels(intake: Intake) -> None:
    data = encoded(samples.noise((2300, 1700)), "JPEG", quality=60)
    async with Intake() as another:
        assert await intake.read(data) == await another.read(data)


async def test_a_film_behind_the_picture_is_not_counted_as_passes(intake: Intake) -> None:
    data = encoded(quarters(), "JPEG") + b"\xff\xda\0\x08" * 40_000
    assert samples.shows_quarters(await intake.read(data))


async def test_a_progressive_picture_is_taken(intake: Intake) -> None:
    assert samples.shows_quarters(await intake.read(encoded(quarters(), "JPEG", progressive=True)))


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff" + bytes(15_000_000), "too-large"),
        (b"Dear colleague, here is my picture.", "not-a-picture"),
        (bytes(500), "not-a-picture"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported"),
        (b"\xef\xbb\xbf <SVG></SVG>", "unsupported"),
        (b"<?xml version='1.0'?><letter/>", "not-a-picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100), "damaged"),
        (b"%PDF-1.7", "unsupported"),
        (b"\xff\x0a" + bytes(50), "unsupported"),
        (b"\xff\xd8\xff", "damaged"),
        (b"BM", "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "damaged"),
        (samples.png_claiming(20_000, 20_000), "too-many-pixels"),
        (samples.png_claiming(30_000, 10), "too-many-pixels"),
        (samples.png_claiming(100, 100), "damaged"),
        (samples.png_claiming(0, 100), "damaged"),
        (encoded(samples.noise((300, 200)), "JPEG")[:9000], "damaged"),
        (encoded(samples.noise((300, 200)), "PNG")[:9000], "damaged"),
        (samples.scan_bomb(), "too-costly"),
    ],
)
async def test_what_cannot_be_used_is_refused_with_its_reason(intake: Intake, data: bytes, code: str) -> None:
    assert await refusal(intake, data) == code
    assert samples.shows_quarters(await intake.read(encoded(quarters(), "PNG")))


AVIF = encoded(Image.new("RGB", (64, 64)), "AVIF")


@pytest.mark.parametrize(
    "bomb",
    [
        samples.claiming(AVIF, 60_000),
        samples.claiming(AVIF, 8_000),
        samples.claiming(samples.heic(), 60_000),
        samples.claiming(samples.heic(), 8_000),
    ],
)
async def test_a_few_bytes_that_announce_a_huge_picture_are_refused_by_their_header(
    intake: Intake, bomb: bytes
) -> None:
    assert len(bomb) < 1000
    assert await refusal(intake, bomb) == "too-many-pixels"


@pytest.mark.parametrize("bomb", [AVIF, samples.heic()])
@pytest.mark.parametrize("side", [0, 1, 300])
async def test_a_header_that_lies_about_the_pixels_harms_nobody(intake: Intake, bomb: bytes, side: int) -> None:
    """libavif scales the picture to what the header says; libheif refuses it."""
    (answer,) = await asyncio.gather(intake.read(samples.claiming(bomb, side)), return_exceptions=True)
    assert answer.size == (side, side) if isinstance(answer, Picture) else isinstance(answer, Unfit)
    assert samples.shows_quarters(await intake.read(encoded(quarters(), "PNG")))


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIC"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
async def test_a_file_that_breaks_off_is_refused_or_read_but_never_breaks_anything(
    intake: Intake, kind: str, share: float
) -> None:
    whole = samples.heic() if kind == "HEIC" else encoded(samples.noise((90, 60)), kind)
    assert await refusal(intake, whole[: int(len(whole) * share)]) in {"damaged", "not-a-picture"}
    assert samples.shows_quarters(await intake.read(encoded(quarters(), "PNG")))


async def test_an_extended_webp_that_announces_a_huge_canvas_is_refused(intake: Intake) -> None:
    assert await refusal(intake, samples.webp_claiming(16_000)) == "damaged"


async def test_a_jpeg_by_name_only_is_refused_with_what_to_choose(intake: Intake) -> None:
    with pytest.raises(Unfit, match=r"not a picture.*JPEG.*HEIC"):
        await intake.read(b"me.jpg\r\nis what this file is called, and it is text.")


async def test_a_picture_that_needs_more_memory_than_it_may_is_refused() -> None:
    async with Intake(Limits(memory=300_000_000)) as tight:
        assert await refusal(tight, encoded(Image.new("RGBA", (7000, 7000)), "PNG", compress_level=1)) == "too-costly"
        assert samples.shows_quarters(await tight.read(encoded(quarters(), "PNG")))
