"""What services do to a picture between taking it and giving it back, and pictures that are nearly the same."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from PIL import Image, ImageEnhance

from samepic.practice.portraits import Look, draw_look, traits_of

from .samples import encoded

SIDES = (48, 64, 96, 120, 240, 360, 648)
_FILTERS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
_DRAWN = 512


def recompressed(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(encoded(image, "JPEG", quality=quality))).convert("RGB")


def square(image: Image.Image, share_above: int = 2) -> Image.Image:
    """The square in the middle; of what goes from a tall picture, one part in `share_above` goes from above."""
    side, left = min(image.size), (image.width - min(image.size)) // 2
    top = (image.height - side) // share_above
    return image.crop((left, top, left + side, top + side))


def served(image: Image.Image, rng: Random, side: int | None = None) -> Image.Image:
    """Cropped to a square, scaled, in every other case slightly recoloured, compressed."""
    side = side or rng.choice(SIDES)
    image = square(image, rng.choice((2, 3))).resize((side, side), rng.choice(_FILTERS))
    if rng.random() < 0.5:
        for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
            image = change(image).enhance(rng.uniform(0.94, 1.06))
    return recompressed(image, rng.choice((60, 75, 85, 92)))


def tall(image: Image.Image) -> Image.Image:
    """The middle three quarters, upright as from a phone."""
    return image.crop((image.width // 8, 0, image.width - image.width // 8, image.height))


def like_a_photo(image: Image.Image, rng: Random) -> Image.Image:
    """With light from one side and the grain of a sensor."""
    light = Image.linear_gradient("L").resize(image.size).rotate(rng.choice((0, 90, 180, 270))).convert("RGB")
    grain = Image.frombytes("L", image.size, rng.randbytes(image.width * image.height)).convert("RGB")
    return Image.blend(Image.blend(image, light, 0.15), grain, 0.08)


def portraits(count: int, seed: int = 1) -> Iterator[tuple[Look, Random]]:
    rng = Random(seed)
    for number in range(count):
        yield traits_of(f"likeness {seed} {number}"), rng


def drawn(look: Look, style: int) -> Image.Image:
    """In one of four styles: plain, tall, like a photo, both."""
    image = draw_look(look, _DRAWN)
    if style & 1:
        image = like_a_photo(image, Random(style))
    return tall(image) if style & 2 else image


def with_another(look: Look, feature: str, rng: Random) -> Look:
    """The same look but for one feature, taken from somebody else who differs in it."""
    others = (traits_of(f"somebody {rng.random()}") for _ in range(1000))
    value = next(value for other in others if (value := getattr(other, feature)) != getattr(look, feature))
    return replace(look, **{feature: value})


def twin(look: Look, rng: Random) -> Look:
    """Somebody else in the same clothes, colours and light, before the same wall."""
    shared = ("theme", "backdrop", "clothes", "skin", "hair_colour", "zoom", "breadth")
    return replace(traits_of(f"twin {rng.random()}"), **{name: getattr(look, name) for name in shared})
