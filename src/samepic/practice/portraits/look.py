"""What a drawn person looks like, as a value: chosen from a seed here, drawn elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

from samepic.practice.portraits.canvas import Colour, distance
from samepic.practice.portraits.palette import (
    DARK_HAIR,
    EYES,
    FABRICS,
    FRAMES,
    GREY_HAIR,
    JEWELLERY,
    LIGHT_HAIR,
    SKINS,
    THEMES,
    Skin,
    Theme,
)

T = TypeVar("T")


class Age(StrEnum):
    YOUNG = "young"
    MIDDLE = "middle"
    OLD = "old"


class Face(StrEnum):
    OVAL = "oval"
    ROUND = "round"
    LONG = "long"
    SQUARE = "square"
    HEART = "heart"


class Hair(StrEnum):
    BALD = "bald"
    THINNING = "thinning"
    BUZZ = "buzz"
    CROP = "crop"
    PARTED = "parted"
    QUIFF = "quiff"
    CURLS = "curls"
    AFRO = "afro"
    PIXIE = "pixie"
    BOB = "bob"
    FRINGE = "fringe"
    STRAIGHT = "straight"
    WAVES = "waves"
    PONYTAIL = "ponytail"
    BUN = "bun"
    BRAIDS = "braids"
    LOCS = "locs"


class Cover(StrEnum):
    NONE = "none"
    HEADSCARF = "headscarf"
    TURBAN = "turban"
    WRAP = "wrap"
    BEANIE = "beanie"
    SKULLCAP = "skullcap"
    HEADBAND = "headband"
    SUN_HAT = "sun hat"


class Beard(StrEnum):
    NONE = "none"
    STUBBLE = "stubble"
    MOUSTACHE = "moustache"
    GOATEE = "goatee"
    SHORT = "short"
    FULL = "full"


class Glasses(StrEnum):
    NONE = "none"
    ROUND = "round"
    SQUARE = "square"
    HALF = "half"


class Earrings(StrEnum):
    NONE = "none"
    STUDS = "studs"
    HOOPS = "hoops"
    DROPS = "drops"


class Smile(StrEnum):
    CALM = "calm"
    SMILE = "smile"
    GRIN = "grin"
    ASKEW = "askew"


class Clothes(StrEnum):
    CREW = "crew neck"
    STRIPES = "striped shirt"
    SHIRT = "shirt"
    BLAZER = "blazer"
    ROLL_NECK = "roll neck"
    V_NECK = "v-neck"
    HOODIE = "hoodie"
    SCOOP = "scoop neck"
    SCARF = "scarf"
    CARDIGAN = "cardigan"


class Backdrop(StrEnum):
    PLAIN = "plain"
    DISC = "disc"
    ARCH = "arch"
    CORNER = "corner"
    WAVES = "waves"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that is drawn. Change one field (`dataclasses.replace`) and only that feature changes.

    `turn` is how far the face looks to the side (design units, -18 to 18), `tilt` the lean of the head (thousandths),
    `zoom` how close the person is (percent), `breadth` the shoulders' width (percent).
    """

    skin: Skin
    age: Age
    face: Face
    hair: Hair
    hair_colour: Colour
    cover: Cover
    cover_colour: Colour
    beard: Beard
    glasses: Glasses
    frame: Colour
    earrings: Earrings
    metal: Colour
    eyes: Colour
    lashes: bool
    brows: int
    smile: Smile
    clothes: Clothes
    theme: Theme
    backdrop: Backdrop
    turn: int
    tilt: int
    zoom: int
    breadth: int


_SHORT = (Hair.BUZZ, Hair.CROP, Hair.CROP, Hair.PARTED, Hair.PARTED, Hair.QUIFF, Hair.CURLS, Hair.AFRO, Hair.LOCS)
_LONG = (
    *(Hair.PIXIE, Hair.BOB, Hair.FRINGE, Hair.STRAIGHT, Hair.STRAIGHT, Hair.WAVES, Hair.WAVES),
    *(Hair.PONYTAIL, Hair.BUN, Hair.BRAIDS, Hair.CURLS, Hair.AFRO, Hair.LOCS),
)
_UNDER_HAT = {Hair.AFRO: Hair.CURLS, Hair.QUIFF: Hair.CROP, Hair.BUN: Hair.BOB}
"""Hair that would stand through a hat lies flat beneath it."""


def traits_of(seed: str) -> Look:
    """The look that belongs to a seed: always the same, on every machine and in every process."""
    rng = Random(f"samepic portrait {seed}")  # noqa: S311 -- a drawing, not a secret
    tone = rng.randrange(len(SKINS))
    age = _weighed(rng, {Age.YOUNG: 5, Age.MIDDLE: 4, Age.OLD: 2})
    long = rng.randrange(2) == 1
    cover = _cover(rng, long=long)
    hair = _hair(rng, age, cover, long=long)
    hair_colour = _hair_colour(rng, age, tone)
    skin = SKINS[tone]
    return Look(
        skin=skin,
        age=age,
        face=rng.choice(tuple(Face)),
        hair=hair,
        hair_colour=hair_colour,
        cover=cover,
        cover_colour=rng.choice([colour for colour in FABRICS if distance(colour, skin.tone) > 100]),
        beard=_beard(rng, cover, long=long),
        glasses=_weighed(rng, {Glasses.NONE: 12, Glasses.ROUND: 3, Glasses.SQUARE: 3, Glasses.HALF: 1}),
        frame=rng.choice(FRAMES),
        earrings=_earrings(rng, cover, long=long),
        metal=rng.choice(JEWELLERY),
        eyes=rng.choice(EYES if tone < 4 else EYES[:3]),
        lashes=long and rng.randrange(4) > 0,
        brows=rng.choice((12, 15, 18)) - 4 * long,
        smile=_weighed(rng, {Smile.CALM: 2, Smile.SMILE: 4, Smile.GRIN: 3, Smile.ASKEW: 2}),
        clothes=rng.choice(tuple(Clothes)),
        theme=_theme(rng, skin.tone, hair_colour),
        backdrop=rng.choice(tuple(Backdrop)),
        turn=rng.randrange(-18, 19),
        tilt=rng.randrange(-55, 56),
        zoom=rng.randrange(98, 114),
        breadth=rng.randrange(88, 98) if long else rng.randrange(96, 108),
    )


def _weighed(rng: Random, weights: dict[T, int]) -> T:
    return rng.choice([one for one, weight in weights.items() for _ in range(weight)])


def _cover(rng: Random, *, long: bool) -> Cover:
    if long:
        return _weighed(
            rng,
            {Cover.NONE: 18, Cover.HEADSCARF: 4, Cover.WRAP: 1, Cover.HEADBAND: 2, Cover.SUN_HAT: 1, Cover.BEANIE: 1},
        )
    return _weighed(rng, {Cover.NONE: 18, Cover.TURBAN: 2, Cover.BEANIE: 2, Cover.SKULLCAP: 1})


def _hair(rng: Random, age: Age, cover: Cover, *, long: bool) -> Hair:
    thin = () if long else {Age.YOUNG: (), Age.MIDDLE: (Hair.BALD,), Age.OLD: (Hair.BALD, *[Hair.THINNING] * 3)}[age]
    hair = rng.choice((*(_LONG if long else _SHORT), *thin))
    return hair if cover in (Cover.NONE, Cover.SKULLCAP) else _UNDER_HAT.get(hair, hair)


def _hair_colour(rng: Random, age: Age, tone: int) -> Colour:
    if age is Age.OLD:
        return rng.choice(GREY_HAIR)
    light = LIGHT_HAIR if tone < 3 else LIGHT_HAIR[:1]
    return rng.choice((*DARK_HAIR, *light))


def _beard(rng: Random, cover: Cover, *, long: bool) -> Beard:
    if long:
        return Beard.NONE
    if cover is Cover.TURBAN:
        return rng.choice((Beard.SHORT, Beard.FULL))
    return _weighed(
        rng,
        {Beard.NONE: 7, Beard.STUBBLE: 3, Beard.MOUSTACHE: 1, Beard.GOATEE: 1, Beard.SHORT: 3, Beard.FULL: 2},
    )


def _earrings(rng: Random, cover: Cover, *, long: bool) -> Earrings:
    if cover is Cover.HEADSCARF:
        return Earrings.NONE
    plain = 3 if long else 24
    return _weighed(rng, {Earrings.NONE: plain, Earrings.STUDS: 2, Earrings.HOOPS: 2 * long, Earrings.DROPS: 2 * long})


def _theme(rng: Random, *before: Colour) -> Theme:
    """A theme whose wall is not lost behind skin or hair."""
    return rng.choice([theme for theme in THEMES if all(distance(theme.wall, colour) > 90 for colour in before)])
