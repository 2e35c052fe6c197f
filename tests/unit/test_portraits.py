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

from samepic.model import Kind
from samepic.practice.people import person_at
from samepic.practice.portraits import (
    ANYBODY,
    cast,
    draw,
    draw_look,
    draw_room,
    draw_team,
    phone_picture,
    print_picture,
    traits_of,
)
from samepic.practice.portraits.look import Age, Beard, Cover, Earrings, Glasses, Hair, Look, Smile
from samepic.practice.portraits.palette import SKINS, THEMES
from samepic.practice.sources import portrait, reader

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
    recorded = bytes.fromhex("dde1d0cbdbd6 dfce6076b6d7 dead96a39ed7 db9f909595d5 d7c59c99bcd3 ca85a5a677c8")
    assert all(abs(now - then) <= 2 for now, then in zip(seen, recorded, strict=True)), seen


def test_small_and_large_are_the_same_drawing():
    large = draw("grace", 512).resize((128, 128), Image.Resampling.BOX)
    assert difference(large, draw("grace", 128)) < 3


def test_people_are_told_apart_at_48_pixels():
    tiny = [draw(f"person {number}", 48) for number in range(80)]
    assert min(difference(one, other) for one, other in combinations(tiny, 2)) > 7


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
    looks = [traits_of(str(number), occasion) for number in range(500) for occasion in ("", "another day")]
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


LASTING = ("skin", "face", "hair_colour", "eyes", "lashes", "brows", "freckles", "breadth", "frame")


def test_a_person_stays_the_same_from_one_occasion_to_another():
    for number in range(300):
        usual, later = traits_of(str(number)), traits_of(str(number), "at the sea")
        assert [getattr(later, name) for name in LASTING] == [getattr(usual, name) for name in LASTING]
        assert later.cover is usual.cover or usual.cover is Cover.NONE
        assert later.age in {usual.age, Age.MIDDLE}
        assert {Glasses.NONE, usual.glasses} >= {later.glasses} or usual.glasses is Glasses.NONE


def test_another_occasion_has_another_wall_and_other_clothes():
    for number in range(300):
        usual, later = traits_of(str(number)), traits_of(str(number), "at the sea")
        assert later.theme.wall != usual.theme.wall
        assert later.theme.cloth != usual.theme.cloth
        assert later.clothes is not usual.clothes


def test_another_occasion_shows_at_48_pixels():
    for number in range(60):
        usual, later = draw(str(number), 48), draw(str(number), 48, "at the sea")
        assert difference(usual, later) > 12


@pytest.mark.parametrize("draw_place", [draw_room, draw_team])
def test_a_place_is_the_same_again_and_another_on_another_occasion(draw_place):
    usual = draw_place("8", 48)
    assert (usual.mode, usual.size) == ("RGB", (48, 48))
    assert usual.tobytes() == draw_place("8", 48).tobytes()
    assert difference(usual, draw_place("8", 48, "refurbished")) > 12


def test_a_source_tells_who_is_drawn_and_on_which_occasion():
    read = reader(lambda _: b"")
    deepa, guest, desk, room = (person_at(1, index) for index in (3, 5, 7, 8))
    expected = {
        portrait(1, deepa, "at the sea/a day later", side=96): draw("1-3", 96, "at the sea/a day later", cast("Deepa")),
        portrait(1, guest, side=96): draw("1-5", 96, casting=cast("Fatima")),
        portrait(1, desk, side=96): draw_team("1-7", 96),
        portrait(1, room, "painted", side=96): draw_room("1-8", 96, "painted"),
    }
    for source, drawn in expected.items():
        assert difference(Image.open(BytesIO(read(source))), drawn) < 4


def test_every_name_of_the_practice_world_suggests_somebody():
    people = [person_at(1, index) for index in range(3000)]
    assert not {one.given for one in people if one.kind in (Kind.PERSON, Kind.GUEST) and cast(one.given) == ANYBODY}


def test_a_name_nobody_thought_of_leaves_everything_to_the_dice():
    assert traits_of("ada", casting=cast("Nobody's")) == traits_of("ada")


def test_what_is_known_of_somebody_is_drawn():
    for number in range(100):
        bruno, isla = (traits_of(str(number), "today", cast(given)) for given in ("Bruno", "Isla"))
        assert bruno.beard is not Beard.NONE
        assert bruno.skin == SKINS[3]
        assert (isla.beard, isla.freckles, isla.age) == (Beard.NONE, True, Age.YOUNG)


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
