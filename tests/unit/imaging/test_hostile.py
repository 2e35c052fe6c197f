"""Hostile bytes: whatever comes in, out comes a clean picture or a sentence, and the next picture is read."""

from __future__ import annotations

import asyncio
import io
import struct
import zlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from samepic.errors import Unfit
from samepic.imaging.cropping import SMALLEST, Cut, cut
from samepic.imaging.intake import Intake, Limits, Picture

from . import samples
from .samples import BLUE, encoded, near, quarters, shows_quarters

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMITS = Limits(cpu=3, wall=6.0)
CODES = {"empty", "too-large", "not-a-picture", "unsupported", "too-many-pixels", "damaged", "too-costly"}

quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def intake() -> AsyncIterator[Intake]:
    async with Intake(LIMITS, children=1) as one:
        yield one
        assert shows_quarters(await one.read(encoded(quarters(), "PNG"))), "the pool outlives them all"


async def ended(intake: Intake, data: bytes) -> Picture | Unfit:
    """The picture or the refusal; anything else fails the test."""
    (answer,) = await asyncio.gather(intake.read(data, owner="mallory", closely=True), return_exceptions=True)
    if isinstance(answer, Picture):
        assert 0 < max(answer.size) <= LIMITS.longest
        assert len(answer.pixels) == answer.size[0] * answer.size[1] * 3
        return answer
    assert isinstance(answer, Unfit)
    assert answer.code in CODES
    assert answer.message[0].isupper()
    assert answer.message[-1] == "."
    return answer


def described(kind: str) -> bytes:
    """A small picture with everything attached that its format takes."""
    if kind == "HEIC":
        return samples.heic("turned")
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Secret Camera", 6
    options = {} if kind in {"BMP", "GIF"} else {"exif": exif, "icc_profile": samples.swapped_profile()}
    if kind in {"GIF", "WEBP", "PNG"}:
        options |= {"save_all": True, "append_images": [Image.new("RGB", (30, 20), BLUE)], "duration": 100}
    return encoded(quarters((30, 20)), kind, **options)


KINDS = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIC")
GOOD = {kind: described(kind) for kind in KINDS}


# --- mutations -------------------------------------------------------------------------------------------------------

bytes_of = st.integers(0, 255)
ENDS = (0, 1, 0x7F, 0x80, 0xFF)


@st.composite
def mutated(draw: st.DrawFn, most_of_it: float = 1.0) -> bytes:
    """A good file with a few bytes changed, a piece repeated or missing, or its end cut off."""
    data = bytearray(draw(st.sampled_from(list(GOOD.values()))))
    places = st.integers(0, max(1, int(len(data) * most_of_it)) - 1)
    for at, value in draw(st.lists(st.tuples(places, bytes_of | st.sampled_from(ENDS)), max_size=8)):
        data[at] = value
    start, end = sorted((draw(places), draw(places)))
    match draw(st.sampled_from(("as it is", "repeated", "missing", "cut off"))):
        case "repeated":
            data[end:end] = data[start:end] * draw(st.integers(1, 40))
        case "missing":
            del data[start:end]
        case "cut off":
            del data[end:]
    return bytes(data)


@given(data=mutated())
@quickly
async def test_a_mutated_file_ends_in_a_picture_or_a_sentence(intake: Intake, data: bytes) -> None:
    await ended(intake, data)


@given(data=mutated(most_of_it=0.15))
@quickly
async def test_a_mutated_header_ends_in_a_picture_or_a_sentence(intake: Intake, data: bytes) -> None:
    await ended(intake, data)


@given(data=st.sampled_from([one[:length] for one in GOOD.values() for length in (2, 4, 12, 16)]), rest=st.binary())
@quickly
async def test_a_signature_before_nonsense_is_refused(intake: Intake, data: bytes, rest: bytes) -> None:
    assert isinstance(await ended(intake, data + rest), Unfit)


@given(
    at=st.lists(st.tuples(st.integers(0, len(samples.swapped_profile()) - 1), bytes_of), max_size=30),
    kind=st.sampled_from(("JPEG", "PNG", "WEBP", "TIFF")),
)
@quickly
async def test_a_mutated_colour_profile_costs_nobody_the_picture(
    intake: Intake, at: list[tuple[int, int]], kind: str
) -> None:
    profile = bytearray(samples.swapped_profile())
    for place, value in at:
        profile[place] = value
    picture = await ended(intake, encoded(quarters(), kind, icc_profile=bytes(profile)))
    assert isinstance(picture, Picture)
    assert picture.size == (120, 80)


# --- two things in one file ------------------------------------------------------------------------------------------

PAGE = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
ARCHIVE = b"PK\x03\x04\x14\0\0\0\0\0" + bytes(30) + b"evil.exe"
JPEG = encoded(quarters(), "JPEG")
SCRIPT_IN_GIF = b"GIF89a=1/*" + bytes(60) + b"*/;alert(1)"


@pytest.mark.parametrize(
    "data",
    [
        JPEG + PAGE,
        JPEG + ARCHIVE,
        JPEG[:2] + b"\xff\xfe" + struct.pack(">H", len(PAGE) + 2) + PAGE + JPEG[2:],
        encoded(quarters(), "PNG") + PAGE,
        encoded(quarters(), "GIF", comment=PAGE),
    ],
)
async def test_a_page_within_a_picture_is_not_in_what_we_keep(intake: Intake, data: bytes) -> None:
    picture = await ended(intake, data)
    assert isinstance(picture, Picture)
    assert shows_quarters(picture)
    photo = cut(picture, Cut()).photo
    assert photo.size[0] >= SMALLEST
    for trace in (b"script", b"alert", b"PK\x03\x04", b"evil"):
        assert trace not in picture.pixels
        assert trace not in photo.data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (PAGE + JPEG, "not-a-picture"),
        (b"<!-- " + JPEG + b" -->", "not-a-picture"),
        (ARCHIVE + JPEG, "not-a-picture"),
        (b"%PDF-1.7\n" + JPEG, "unsupported"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>" + JPEG, "unsupported"),
        (SCRIPT_IN_GIF, "damaged"),
        (b"#!/bin/sh\n" + JPEG, "not-a-picture"),
        (b"\0" * 512 + JPEG, "not-a-picture"),
    ],
)
async def test_a_picture_behind_something_else_is_refused(intake: Intake, data: bytes, code: str) -> None:
    unfit = await ended(intake, data)
    assert isinstance(unfit, Unfit)
    assert unfit.code == code


# --- more than there should be ---------------------------------------------------------------------------------------


def png(*extra: tuple[bytes, bytes]) -> bytes:
    """A good PNG with chunks behind its header."""
    plain = encoded(quarters(), "PNG")
    chunks = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in extra
    )
    return plain[:33] + chunks + plain[33:]


def squeezed(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


def riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def exif_of(size: int) -> bytes:
    """One segment of a JPEG, full of a camera's notes."""
    body = b"Exif\0\0" + b"MM\0*\0\0\0\x08" + b"\xff\xff" + b"\x01\x0f\0\x02\0\0\xff\xff\0\0\0\x08" * (size // 12)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


@pytest.mark.parametrize(
    "data",
    [
        JPEG[:2] + exif_of(65_000) * 60 + JPEG[2:],
        JPEG[:2] + (b"\xff\xe2\xff\xffICC_PROFILE\0\x01\xff" + bytes(65_519)) * 60 + JPEG[2:],
        JPEG[:2] + b"\xff" * 500_000 + JPEG[2:],
        JPEG + bytes(14_000_000),
        encoded(quarters(), "WEBP", exif=bytes(10_000_000)),
        encoded(quarters(), "TIFF", tiffinfo={700: bytes(8_000_000)}),
        png((b"eXIf", bytes(10_000_000))),
        png(*[(b"tEXt", b"k\0v")] * 100_000),
    ],
)
async def test_a_small_picture_with_megabytes_attached_is_read_without_them(intake: Intake, data: bytes) -> None:
    picture = await ended(intake, data)
    assert isinstance(picture, Picture)
    assert shows_quarters(picture)


@pytest.mark.parametrize(
    "data",
    [
        png((b"iCCP", b"p\0\0" + squeezed(300_000_000))),
        png((b"zTXt", b"k\0\0" + squeezed(300_000_000))),
        png(*[(b"zTXt", b"k\0\0" + squeezed(1_000_000))] * 200),
        png((b"iTXt", b"k\0\1\0\0\0" + squeezed(300_000_000))),
    ],
)
async def test_what_unpacks_to_hundreds_of_megabytes_is_refused(intake: Intake, data: bytes) -> None:
    assert len(data) < 1_000_000
    unfit = await ended(intake, data)
    assert isinstance(unfit, Unfit)
    assert unfit.code == "damaged"


def gif_of(frames: int) -> bytes:
    """Red first, then blue over and over."""
    red, blue = (encoded(Image.new("RGB", (8, 8), colour), "GIF") for colour in (samples.RED, BLUE))
    return red[:-1] + blue[13:-1] * frames + b";"


def webp_of(frames: int) -> bytes:
    two = encoded(
        Image.new("RGB", (8, 8), samples.RED), "WEBP", save_all=True, append_images=[Image.new("RGB", (8, 8), BLUE)]
    )
    last = two.rindex(b"ANMF")
    return riff(b"RIFF", two[8:] + two[last:] * frames)


def tiff_of(frames: int) -> bytes:
    out = io.BytesIO()
    red = Image.new("RGB", (8, 8), samples.RED)
    red.save(out, "TIFF", save_all=True, append_images=[Image.new("RGB", (8, 8), BLUE)] * frames)
    return out.getvalue()


@pytest.mark.parametrize("data", [gif_of(10_000), webp_of(10_000), tiff_of(1_000)])
async def test_ten_thousand_frames_cost_no_more_than_the_first(intake: Intake, data: bytes) -> None:
    picture = await ended(intake, data)
    assert isinstance(picture, Picture)
    assert near(tuple(picture.pixels[:3]), samples.RED, 40)
