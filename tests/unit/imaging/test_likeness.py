"""Is it the same picture? docs/concepts/pictures.md has the rates measured at length; here a small set keeps them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from samepic.imaging.likeness import Signature, compare, compare_all, difference, sign, sign_all
from samepic.imaging.picture import Face
from samepic.model import Likeness
from samepic.practice.portraits import draw

from . import placeholders, services
from .samples import Colour, face, noise, picture_of

SAME, UNSURE, DIFFERENT = Likeness.SAME, Likeness.UNSURE, Likeness.DIFFERENT


def likeness(one: Image.Image, other: Image.Image) -> Likeness:
    return compare(sign(picture_of(one)), sign(picture_of(other)))


# --- the same picture ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", services.SIDES)
def test_a_picture_scaled_by_a_service_is_the_same(side: int) -> None:
    original = face(1, 900)
    scaled = services.recompressed(original.resize((side, side), Image.Resampling.BICUBIC), 85)
    assert likeness(original, scaled) is SAME


@pytest.mark.parametrize("side", [48, 240, 600])
@pytest.mark.parametrize("share_above", [2, 3])
@pytest.mark.parametrize("size", [(900, 900), (675, 900), (506, 900), (415, 900), (900, 675)])
def test_a_square_cut_our_way_or_in_the_middle_is_the_same(size: tuple[int, int], share_above: int, side: int) -> None:
    original = face(2, 900).crop((0, 0, *size)) if size[0] > size[1] else face(2, 900).resize(size)
    cut = services.square(original, share_above).resize((side, side), Image.Resampling.LANCZOS)
    assert likeness(original, services.recompressed(cut, 88)) is SAME


def test_two_services_that_cut_differently_have_the_same_picture() -> None:
    original = face(5, 900).resize((675, 900))
    one, other = (services.square(original, share_above).resize((240, 240)) for share_above in (2, 3))
    assert likeness(one, other) is SAME


@pytest.mark.parametrize("change", [ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color])
@pytest.mark.parametrize("amount", [0.95, 1.05])
def test_a_mild_change_of_colours_is_forgiven(change: type, amount: float) -> None:
    original = face(3, 400)
    assert likeness(original, change(original).enhance(amount)) is SAME


def test_a_picture_is_the_same_as_itself_whatever_it_is() -> None:
    for image in (face(4), noise((100, 130)), Image.new("RGB", (64, 64), (10, 200, 30)), Image.new("RGB", (3, 2000))):
        assert likeness(image, image) is SAME


# --- another picture -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_another_face_is_different(seed: int) -> None:
    assert likeness(face(seed, 400), face(seed + 100, 400)) is DIFFERENT


@pytest.mark.parametrize("seed", range(10))
def test_another_face_before_the_same_wall_is_different(seed: int) -> None:
    wall = (120, 150, 180)
    assert likeness(face(seed, 400, wall), face(seed + 100, 96, wall)) is DIFFERENT


@pytest.mark.parametrize("walls", [((40, 90, 160), (190, 170, 120)), ((210, 205, 225), (212, 209, 197))])
@pytest.mark.parametrize("seed", range(10))
def test_the_same_face_before_another_wall_is_not_the_same(seed: int, walls: tuple[Colour, Colour]) -> None:
    one, other = (face(seed, 400, wall) for wall in walls)
    assert likeness(one, other.resize((64, 64), Image.Resampling.LANCZOS)) is not SAME


@pytest.mark.parametrize("seed", range(10))
def test_faces_in_the_fog_are_still_told_apart(seed: int) -> None:
    one, other = (
        ImageEnhance.Contrast(face(number, 300, (120, 150, 180))).enhance(0.04) for number in (seed, seed + 100)
    )
    assert likeness(one, one.resize((96, 96))) is SAME
    assert likeness(one, other) is not SAME


@pytest.mark.parametrize("side", [240, 360, 648])
def test_a_mole_of_one_cell_is_not_overlooked(side: int) -> None:
    plain = face(11, 648)
    marked = plain.copy()
    at = (377, 347, 387, 357)
    ImageDraw.Draw(marked).ellipse(at, fill=tuple(level - 45 for level in plain.getpixel(at[:2])))
    assert likeness(plain, plain.resize((side, side), Image.Resampling.LANCZOS)) is SAME
    assert likeness(plain, marked.resize((side, side), Image.Resampling.LANCZOS)) is not SAME


def test_plain_colours_are_compared_as_colours() -> None:
    plain = {name: Image.new("RGB", (96, 96), name) for name in ("red", "green", "#3060a0", "#3061a1", "#4070b0")}
    assert likeness(plain["red"], plain["green"]) is DIFFERENT
    assert likeness(plain["#3060a0"], plain["#3061a1"].resize((48, 48))) is SAME
    assert likeness(plain["#3060a0"], plain["#4070b0"]) is not SAME


def test_a_mirrored_picture_is_not_the_same() -> None:
    original = services.drawn(next(services.portraits(1))[0], 0)
    assert likeness(original, original.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) is not SAME


# --- the rates -------------------------------------------------------------------------------------------------------


def test_what_services_give_back_is_recognised() -> None:
    found: Counter[Likeness] = Counter()
    for number, (look, rng) in enumerate(services.portraits(8)):
        original = services.drawn(look, number % 4)
        found.update(likeness(original, services.served(original, rng, side)) for side in (48, 96, 240, 648))
    assert found[SAME] >= 0.9 * found.total()
    assert found[DIFFERENT] == 0


@pytest.mark.parametrize("feature", ["skin", "glasses", "cover", "backdrop", "theme"])
def test_a_changed_feature_is_never_the_same(feature: str) -> None:
    for number, (look, rng) in enumerate(services.portraits(4, seed=3)):
        changed = services.drawn(services.with_another(look, feature, rng), number % 4)
        assert likeness(services.drawn(look, number % 4), services.served(changed, rng)) is not SAME


def test_somebody_else_is_different_even_in_the_same_clothes() -> None:
    for number, (look, rng) in enumerate(services.portraits(8, seed=4)):
        other = services.drawn(services.twin(look, rng), number % 4)
        assert likeness(services.drawn(look, number % 4), services.served(other, rng)) is DIFFERENT


@pytest.mark.parametrize("occasion", ["at the sea", "a year later"])
def test_one_person_on_two_occasions_has_two_pictures(occasion: str) -> None:
    rng = Random(9)
    for seed in ("ada", "bruno", "chen"):
        later = services.served(draw(seed, 256, occasion), rng)
        assert likeness(draw(seed, 256), later) is not SAME


def test_a_photograph_cut_much_closer_is_not_the_same() -> None:
    for number, (look, rng) in enumerate(services.portraits(3, seed=5)):
        original = services.drawn(look, number)
        closer = original.crop((80, 80, original.width - 80, original.height - 80))
        assert likeness(original, services.served(closer, rng)) is not SAME


def test_placeholders_of_different_people_are_not_the_same() -> None:
    one, other = (placeholders.initials(text, (0, 120, 212), (255, 255, 255)) for text in ("AD", "JM"))
    assert likeness(one, services.recompressed(other.resize((240, 240)), 85)) is DIFFERENT


def test_the_square_that_others_cut_is_recognised_where_ours_follows_the_face() -> None:
    wide = Image.new("RGB", (640, 300), (150, 170, 190))
    wide.paste(draw("ada", 300), (340, 0))
    face_at_the_right = replace(picture_of(wide), faces=(Face(440, 80, 100, 120),))
    ours = sign_all(face_at_the_right)
    assert len(ours) == 2
    for box in ((340, 0, 640, 300), (170, 0, 470, 300)):
        theirs = sign_all(picture_of(services.recompressed(wide.crop(box).resize((240, 240)), 85)))
        assert compare_all(ours, theirs) is compare_all(theirs, ours) is SAME
    assert compare_all(ours, sign_all(picture_of(draw("bruno", 240)))) is DIFFERENT


def test_of_a_very_tall_picture_every_square_that_somebody_cuts_is_recognised() -> None:
    """Longer than 9:20, ours without a face and the very middle are too far apart for one to be laid over the other."""
    tall = Image.new("RGB", (300, 800))
    for number, top in enumerate((0, 260, 520)):
        tall.paste(draw(f"floor {number}", 300), (0, top))
    ours = sign_all(replace(picture_of(tall), faces=(Face(100, 60, 100, 120),)))
    for top in (0, (800 - 300) // 3, (800 - 300) // 2):
        theirs = services.recompressed(tall.crop((0, top, 300, top + 300)).resize((240, 240)), 85)
        assert compare_all(ours, sign_all(picture_of(theirs))) is SAME


def test_a_doubt_about_the_closest_squares_remains_a_doubt() -> None:
    """Cut a little closer: what is unlike in one pair of squares may not make it plainly different."""
    picture = picture_of(draw("ada", 300))
    nearly = picture_of(draw("ada", 300).crop((5, 5, 295, 295)).resize((300, 300)))
    assert compare_all((sign(picture_of(draw("bruno", 300))), sign(picture)), (sign(nearly),)) is compare(
        sign(picture), sign(nearly)
    )
    assert compare(sign(picture), sign(nearly)) is UNSURE


# --- signatures ------------------------------------------------------------------------------------------------------


def test_a_signature_can_be_stored() -> None:
    signature = sign(picture_of(face(6, 300).crop((0, 0, 200, 300))))
    stored = signature.to_bytes()
    assert len(stored) == 3459
    assert Signature.from_bytes(stored) == signature
    assert compare(signature, Signature.from_bytes(stored)) is SAME


def test_signing_is_deterministic() -> None:
    picture = picture_of(face(7, 333))
    assert sign(picture) == sign(picture)


@pytest.mark.parametrize("damage", [b"", b"\x01\0\0", b"\x01" + bytes(3459), b"\x02" + bytes(3458)])
def test_what_is_not_a_signature_is_refused(damage: bytes) -> None:
    with pytest.raises(ValueError, match="signature"):
        Signature.from_bytes(damage)


def test_the_order_does_not_matter() -> None:
    rng = Random(8)
    for number in range(8):
        one, other = sign(picture_of(face(number))), sign(picture_of(services.served(face(number), rng)))
        assert difference(one, other) == difference(other, one)
