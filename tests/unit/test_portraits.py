from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import fields, replace
from enum import StrEnum
from io import BytesIO
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps, ImageStat
from PIL.ExifTags import GPS, IFD, Base

from samepic.practice.portraits import draw, draw_look, phone_picture, print_picture, traits_of
from samepic.practice.portraits.look import Age, Beard, Cover, Earrings, Hair, Look, Smile
from samepic.practice.portraits.palette import SKINS, THEMES

PLAIN = replace(
    traits_of("ada"),
    cover=Cover.NONE,
    hair=Hair.CROP,
    beard=Beard.NONE,
    smile=Smile.CALM,
    lean=0,
    turn=0,
)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference per channel, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def choices() -> list[tuple[str, StrEnum]]:
    """Every value of every feature that has a closed list of them."""
    kinds = {field.name: type(getattr(PLAIN, field.name)) for field in fields(Look)}
    return [(name, value) for name, kind in kinds.items() if issubclass(kind, StrEnum) for value in kind]


@pytest.mark.parametrize("side", [1, 7, 48, 96, 648])
def test_a_portrait_has_the_side_that_was_asked_for(side):
    picture = draw("ada", side)
    assert (picture.mode, picture.size) == ("RGB", (side, side))


def test_the_same_seed_is_the_same_picture():
    assert draw("ada", 120).tobytes() == draw("ada", 120).tobytes()


def test_a_look_does_not_depend_on_the_process():
    seeds = [f"person {number}" for number in range(20)]
    program = f"from samepic.practice.portraits import traits_of\nfor s in {seeds!r}: print(traits_of(s))"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    elsewhere = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    assert elsewhere.stdout.splitlines() == [str(traits_of(seed)) for seed in seeds]


def test_a_picture_stays_what_it_was_when_it_was_recorded():
    seen = list(draw("ada", 96).convert("L").resize((6, 6), Image.Resampling.BOX).tobytes())
    recorded = bytes.fromhex("d6d6a08eb9ba d6a177428dba cb859f9b7dbb ba708d9174c8 baa18b8aa9c8 b393908885b5")
    assert all(abs(now - then) <= 2 for now, then in zip(seen, recorded, strict=True)), seen


def test_small_and_large_are_the_same_drawing():
    large = draw("grace", 512).resize((128, 128), Image.Resampling.BOX)
    assert difference(large, draw("grace", 128)) < 3


def test_people_are_told_apart_at_48_pixels():
    tiny = [draw(f"person {number}", 48) for number in range(80)]
    assert min(difference(one, other) for one, other in combinations(tiny, 2)) > 9


@pytest.mark.parametrize(("feature", "value"), choices(), ids=str)
def test_every_choice_is_drawn_and_shows(feature, value):
    if getattr(PLAIN, feature) == value:
        value = next(other for other in type(value) if other != value)
    changed = draw_look(replace(PLAIN, **{feature: value}), 256)
    assert ImageChops.difference(changed, draw_look(PLAIN, 256)).getbbox()


def test_changing_the_smile_leaves_everything_but_mouth_and_brows():
    changed = draw_look(replace(PLAIN, smile=Smile.GRIN), 256)
    left, top, right, bottom = ImageChops.difference(changed, draw_look(PLAIN, 256)).getbbox()
    assert 64 < left < right < 192
    assert 64 < top < bottom < 192


def test_a_thousand_people_have_every_skin_and_every_theme():
    looks = [traits_of(str(number)) for number in range(1000)]
    assert {look.skin for look in looks} == set(SKINS)
    assert {look.theme for look in looks} == set(THEMES)
    for feature, value in choices():
        assert any(getattr(look, feature) == value for look in looks), (feature, value)


@given(st.text())
def test_any_text_is_a_seed(seed):
    assert traits_of(seed) == traits_of(seed)


def test_nobody_is_dressed_against_their_looks():
    for look in (traits_of(str(number)) for number in range(1000)):
        assert look.cover is not Cover.HEADSCARF or (look.beard, look.earrings) == (Beard.NONE, Earrings.NONE)
        assert look.cover is not Cover.TURBAN or look.beard is not Beard.NONE
        assert not look.freckles or look.age is Age.YOUNG


def test_a_large_portrait_is_drawn_quickly():
    def seconds() -> float:
        start = time.process_time()
        draw("ada")
        return time.process_time() - start

    assert min(seconds() for _ in range(3)) < 0.25


def test_a_phone_picture_lies_on_its_side_and_tells_where_it_was_taken():
    stored = Image.open(BytesIO(phone_picture("ada")))
    exif = stored.getexif()
    assert (stored.format, stored.size, exif[Base.Orientation]) == ("JPEG", (1600, 1200), 6)
    assert exif[Base.Make] == "Practice"
    assert exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] == (47, 36, 23)


def test_a_phone_picture_turned_upright_shows_the_portrait():
    upright = ImageOps.exif_transpose(Image.open(BytesIO(phone_picture("ada"))))
    assert upright.size == (1200, 1600)
    face = upright.crop((0, 244, 1200, 1420))
    assert difference(face, draw("ada", 1200).crop((0, 4, 1200, 1180))) < 3


def test_a_print_picture_has_four_inks():
    picture = Image.open(BytesIO(print_picture("ada")))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "CMYK", (600, 750))
    assert difference(picture.convert("RGB").crop((0, 0, 600, 600)), draw("ada", 600)) < 4
