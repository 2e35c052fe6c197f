"""Placeholders are recognised; what somebody chose is never taken for one."""

from __future__ import annotations

from random import Random

import pytest
from PIL import Image, ImageChops, ImageDraw

from samepic.imaging.silhouette import silhouette
from samepic.practice.portraits import draw, draw_room, draw_team

from . import placeholders, services
from .samples import Colour, face, noise, picture_of, quarters


@pytest.mark.parametrize("all_kinds", [placeholders.all_kinds, placeholders.all_shaded])
@pytest.mark.parametrize("side", [96, 240])
def test_placeholders_are_recognised_after_a_service_has_scaled_them(all_kinds, side: int) -> None:
    """One in twenty of 96 pixels may be missed; docs/concepts/pictures.md has the rates."""
    drawn = all_kinds(Random(1))
    missed = [kind for kind, image in drawn if not silhouette(picture_of(scaled(image, side)))]
    assert len(missed) <= (len(drawn) // 20 if side == 96 else 0), missed


def test_of_the_smallest_most_are_recognised() -> None:
    """48 pixels; a rim that is not smooth any more has the colour of the very top to go by."""
    drawn = placeholders.all_kinds(Random(1))
    found = sum(silhouette(picture_of(scaled(image, 48))) for _, image in drawn)
    assert found >= 0.7 * len(drawn)


def scaled(image: Image.Image, side: int) -> Image.Image:
    return services.recompressed(image.resize((side, side), Image.Resampling.LANCZOS), 80)


def test_in_a_tall_picture_too() -> None:
    bust = placeholders.bust((200, 198, 196), (255, 255, 255), Random(3))
    tall = Image.new("RGB", (480, 520), (200, 198, 196))
    tall.paste(bust, (0, 13))
    assert silhouette(picture_of(tall))


def test_drawn_people_are_never_placeholders() -> None:
    """docs/concepts/pictures.md has the same for 500 of them."""
    for number in range(60):
        portrait = draw(f"nobody {number}", (48, 96, 240)[number % 3])
        assert not silhouette(picture_of(portrait))


@pytest.mark.parametrize(("name", "side", "colours"), [("nobody 163", 96, "RGB"), ("grey 53", 240, "L")])
def test_the_plainest_of_many_drawn_people_are_not_either(name: str, side: int, colours: str) -> None:
    assert not silhouette(picture_of(draw(name, side).convert(colours).convert("RGB")))


def test_drawn_people_without_colours_are_not_either() -> None:
    for number in range(40):
        grey = draw(f"grey {number}", (48, 96, 240)[number % 3]).convert("L").convert("RGB")
        assert not silhouette(picture_of(grey))


KEY = (0, 255, 0)


@pytest.mark.parametrize("colours", placeholders.SHADES)
def test_faces_before_a_studio_wall_are_not_either(colours: tuple[Colour, Colour]) -> None:
    """Photographers light their walls as services shade their discs."""
    for seed, wall in enumerate((placeholders.slope(colours, 20), placeholders.bowl(colours))):
        person = face(seed, wall.width, KEY)
        behind = ImageChops.difference(person, Image.new("RGB", person.size, KEY)).convert("L").point(bool)
        standing = Image.composite(person, wall, behind.point(lambda level: 255 * level))
        assert not silhouette(picture_of(standing.resize((240, 240))))


@pytest.mark.parametrize("place", [draw_room, draw_team])
def test_rooms_and_envelopes_are_not_either(place) -> None:
    for number in range(20):
        assert not silhouette(picture_of(place(str(number)).convert("RGB").resize((200, 200))))


def marked(*boxes: tuple[int, int, int, int], shape: str = "rectangle") -> Image.Image:
    image = Image.new("RGB", (480, 480), "white")
    for box in boxes:
        getattr(ImageDraw.Draw(image), shape)(box, fill=(160, 30, 30))
    return image


@pytest.mark.parametrize(
    "image",
    [
        marked((120, 120, 360, 360), shape="ellipse"),
        marked((140, 160, 340, 320)),
        marked((0, 240, 480, 480)),
        marked((30, 60, 200, 230), (240, 300, 460, 470)),
        quarters((200, 200)),
        noise((64, 64)),
        Image.linear_gradient("L").convert("RGB"),
        placeholders.slope(placeholders.SHADES[1], 30),
        placeholders.bowl(placeholders.SHADES[4]),
        placeholders.drawn_on(placeholders.bowl(placeholders.SHADES[0]), marked((120, 120, 360, 360)), (9, 9, 9)),
        placeholders.bust((200, 198, 196), (255, 255, 255), Random(3)).rotate(90),
        placeholders.bust((200, 198, 196), (255, 255, 255), Random(3)).rotate(180),
    ],
)
def test_other_simple_drawings_are_not_placeholders(image: Image.Image) -> None:
    assert not silhouette(picture_of(image))


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 2)])
def test_the_smallest_pictures_are_judged_too(size: tuple[int, int]) -> None:
    assert silhouette(picture_of(Image.new("RGB", size, "navy")))
