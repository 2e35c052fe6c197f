"""The photographs of a folder, and how the judging modules of imaging do on them; see `likeness`, which prints it."""

from __future__ import annotations

import asyncio
import io
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from random import Random

from PIL import Image, ImageFilter, ImageOps
from tests.unit.imaging import services
from tests.unit.imaging.samples import encoded, picture_of

from samepic.errors import Unfit
from samepic.imaging.cropping import Check, checks, suggested
from samepic.imaging.intake import Intake
from samepic.imaging.likeness import Signature, compare_all, sign_all
from samepic.imaging.picture import Picture
from samepic.imaging.silhouette import silhouette
from samepic.imaging.turning import TURNS
from samepic.model import Likeness

MOST_PAIRS = 3000

Change = Callable[[Image.Image, Random], Image.Image]


@dataclass(frozen=True)
class Photograph:
    """One of them, read closely. `person` is the same for all of one person's."""

    name: str
    person: str
    picture: Picture

    @property
    def image(self) -> Image.Image:
        return Image.frombytes("RGB", self.picture.size, self.picture.pixels)

    @property
    def signatures(self) -> tuple[Signature, ...]:
        return sign_all(self.picture)


def read(folder: Path) -> list[Photograph]:
    """Every photograph below a folder; what cannot be read is told."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    found = []
    for path, answer in zip(paths, asyncio.run(_answers(map(Path.read_bytes, paths))), strict=True):
        if isinstance(answer, Unfit):
            print(f"{path}: {answer}", file=sys.stderr)
        else:
            person = path if path.parent == folder else path.parent
            found.append(Photograph(str(path.relative_to(folder)), str(person), answer))
    return found


async def _answers(uploads: Iterable[bytes]) -> list[Picture | Unfit]:
    async with Intake() as intake:
        return [await _answer(intake, data) for data in uploads]


async def _answer(intake: Intake, data: bytes) -> Picture | Unfit:
    try:
        return await intake.read(data, closely=True)
    except Unfit as why:
        return why


# --- the same picture ------------------------------------------------------------------------------------------------


def the_same(photographs: Sequence[Photograph]) -> Iterator[tuple[str, Counter[Likeness]]]:
    changes: dict[str, Change] = {f"{side} pixels": _served(side) for side in services.SIDES}
    changes |= {
        "served, then taken over by a second service": lambda image, rng: services.served(
            services.served(image, rng, 360), rng
        ),
        "JPEG of quality 40 at 96 pixels": lambda image, _: services.recompressed(_square(image, 96), 40),
        "WebP of quality 50 at 240 pixels": lambda image, _: _webp(_square(image, 240), 50),
        "sharpened, at 240 pixels": lambda image, _: _sharpened(_square(image, 240)),
        "scaled to 48 pixels and back to 240": lambda image, _: _square(image, 48).resize((240, 240)),
    }
    yield from _changed(photographs, changes, seed=5)


def _served(side: int) -> Change:
    return lambda image, rng: services.served(image, rng, side)


def _square(image: Image.Image, side: int) -> Image.Image:
    return services.square(image).resize((side, side), Image.Resampling.LANCZOS)


def _webp(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(encoded(image, "WEBP", quality=quality))).convert("RGB")


def _sharpened(image: Image.Image) -> Image.Image:
    return services.recompressed(image.filter(ImageFilter.UnsharpMask(radius=1, percent=80, threshold=2)), 80)


# --- another picture -------------------------------------------------------------------------------------------------


def others(photographs: Sequence[Photograph]) -> Iterator[tuple[str, Counter[Likeness]]]:
    rng = Random(6)
    signed = {one.name: one.signatures for one in photographs}
    served = {one.name: sign_all(picture_of(services.served(one.image, rng))) for one in photographs}

    def judged(pairs: Iterable[tuple[Photograph, Photograph]]) -> Counter[Likeness]:
        return Counter(compare_all(signed[one.name], served[other.name]) for one, other in pairs)

    pairs = list(combinations(photographs, 2))
    strangers, themselves = (
        [(one, other) for one, other in pairs if (one.person == other.person) is wanted] for wanted in (False, True)
    )
    yield "another photograph", judged(rng.sample(strangers, min(MOST_PAIRS, len(strangers))))
    yield "another photograph of the same person", judged(themselves)
    changes: dict[str, Change] = {
        f"the same photograph cut {share:.0%} closer": lambda image, rng, share=share: services.served(
            closer(services.square(image), share), rng
        )
        for share in (0.02, 0.05, 0.15, 0.3)
    }
    changes |= {
        "the same photograph mirrored": lambda image, rng: services.served(ImageOps.mirror(image), rng),
        "the same photograph in black and white": lambda image, rng: services.served(
            image.convert("L").convert("RGB"), rng
        ),
    }
    yield from _changed(photographs, changes, seed=7)


def closer(image: Image.Image, share: float) -> Image.Image:
    """Without a frame of half that share of its sides."""
    left, top = (round(length * share / 2) for length in image.size)
    return image.crop((left, top, image.width - left, image.height - top))


def _changed(
    photographs: Sequence[Photograph], changes: dict[str, Change], seed: int
) -> Iterator[tuple[str, Counter[Likeness]]]:
    for name, change in changes.items():
        rng = Random(seed)
        yield (
            name,
            Counter(compare_all(one.signatures, sign_all(picture_of(change(one.image, rng)))) for one in photographs),
        )


# --- placeholders, faces, and what is told of a square ---------------------------------------------------------------

Share = tuple[str, int, int]
"""What was counted, how many of them, out of how many."""


def placeholders(photographs: Sequence[Photograph]) -> Iterator[Share]:
    for side in (48, 96, 240, 648):
        small = [services.recompressed(_square(one.image, side), 75) for one in photographs]
        yield f"photographs of {side} pixels", _taken(small), len(small)
        grey = [image.convert("L").convert("RGB") for image in small]
        yield f"photographs of {side} pixels, in black and white", _taken(grey), len(grey)


def _taken(images: Sequence[Image.Image]) -> int:
    return sum(silhouette(picture_of(image)) for image in images)


def faces(photographs: Sequence[Photograph]) -> Iterator[Share]:
    yield "a face is found", sum(bool(one.picture.faces) for one in photographs), len(photographs)
    upright = [one for one in photographs if one.picture.faces and not one.picture.tilt]
    for turn in TURNS[1:]:
        lying = (encoded(one.image.rotate(turn, expand=True), "JPEG", quality=90) for one in upright)
        found = [one for one in asyncio.run(_answers(lying)) if isinstance(one, Picture) and one.faces]
        yield f"turned by {turn} degrees, it is suggested upright", sum(one.tilt == turn for one in found), len(upright)
        yield f"turned by {turn} degrees, no face is found", len(upright) - len(found), len(upright)


def told(photographs: Sequence[Photograph]) -> Iterator[Share]:
    changes: dict[str, Change] = {
        "as it is": lambda image, _: image,
        "four times darker": lambda image, _: image.point(lambda level: level // 4),
        "four times paler": lambda image, _: image.point(lambda level: 255 - (255 - level) // 4),
        "blurred by 1 % of its side": lambda image, _: image.filter(ImageFilter.GaussianBlur(min(image.size) / 100)),
        "blurred by 2 % of its side": lambda image, _: image.filter(ImageFilter.GaussianBlur(min(image.size) / 50)),
    }
    for name, change in changes.items():
        found = Counter(check for one in photographs for check in _told(one, change(one.image, Random(0))))
        yield from ((f"{name}: {check}", found[check], len(photographs)) for check in Check if found[check])


def _told(photograph: Photograph, image: Image.Image) -> list[Check]:
    picture = replace(photograph.picture, pixels=image.tobytes())
    return checks(picture, suggested(picture))
