"""What a drawn person looks like, as a value: chosen from a seed here, drawn elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TypeVar

from samepic.practice.portraits.palette import (
    DARK_HAIR,
    DYED_HAIR,
    EYES,
    FABRICS,
    FRAMES,
    GREY_HAIR,
    JEWELLERY,
    LIGHT_HAIR,
    SKINS,
    THEMES,
    Colour,
    Skin,
    Theme,
    distance,
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
    TIE = "tie"
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

    `turn` is how far the face looks to the side (design units), `lean` how the head is held (thousandths), `zoom` how
    close the person is (percent), `breadth` the shoulders' width (percent), `brows` their thickness (design units).
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
    freckles: bool
    smile: Smile
    clothes: Clothes
    necklace: bool
    theme: Theme
    backdrop: Backdrop
    turn: int
    lean: int
    zoom: int
    breadth: int


_SHORT = (
    *(Hair.BUZZ, Hair.CROP, Hair.CROP, Hair.PARTED, Hair.PARTED, Hair.QUIFF, Hair.QUIFF),
    *(Hair.CURLS, Hair.AFRO, Hair.LOCS),
)
_LONG = (
    *(Hair.PIXIE, Hair.BOB, Hair.FRINGE, Hair.STRAIGHT, Hair.STRAIGHT, Hair.WAVES, Hair.WAVES),
    *(Hair.PONYTAIL, Hair.BUN, Hair.BRAIDS, Hair.CURLS, Hair.AFRO, Hair.LOCS),
)
_THIN = {Age.YOUNG: (), Age.MIDDLE: (Hair.BALD,), Age.OLD: (Hair.BALD, Hair.THINNING, Hair.THINNING, Hair.THINNING)}
_FLATTENED = {Hair.AFRO: Hair.CURLS, Hair.QUIFF: Hair.CROP, Hair.BUN: Hair.BOB}
"""Hair that would stand through a hat lies flat beneath it."""

_FAIR = range(3)
_PALE_ENOUGH_FOR_LIGHT_EYES = range(4)
_APART = 48
_WELL_APART = 90


class _Dice:
    """Choices from a seed by `Random.random` alone, the one method that Python promises never to change."""

    def __init__(self, seed: str) -> None:
        self._random = Random(f"samepic portrait {seed}").random  # noqa: S311 -- a drawing, not a secret

    def between(self, low: int, high: int) -> int:
        """Any of low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def among(self, options: Sequence[T]) -> T:
        return options[self.between(0, len(options) - 1)]

    def weighed(self, weights: Mapping[T, int]) -> T:
        return self.among([option for option, weight in weights.items() for _ in range(weight)])

    def chance(self, percent: int) -> bool:
        return self.between(1, 100) <= percent


def traits_of(seed: str) -> Look:
    """The look that belongs to a seed: always the same, on every machine and in every process."""
    dice = _Dice(seed)
    tone = dice.between(0, len(SKINS) - 1)
    skin = SKINS[tone]
    age = dice.weighed({Age.YOUNG: 5, Age.MIDDLE: 4, Age.OLD: 2})
    long = dice.chance(50)
    cover = _cover(dice, long=long)
    hair_colour = _hair_colour(dice, age, tone)
    theme = dice.among([theme for theme in THEMES if _apart(theme.wall, skin.tone, hair_colour, by=_WELL_APART)])
    return Look(
        skin=skin,
        age=age,
        face=dice.among(tuple(Face)),
        hair=_hair(dice, age, cover, long=long),
        hair_colour=hair_colour,
        cover=cover,
        cover_colour=dice.among([colour for colour in FABRICS if _apart(colour, skin.tone, theme.wall, by=_APART)]),
        beard=_beard(dice, cover, long=long),
        glasses=dice.weighed({Glasses.NONE: 12, Glasses.ROUND: 3, Glasses.SQUARE: 3, Glasses.HALF: 2}),
        frame=dice.among([colour for colour in FRAMES if _apart(colour, skin.tone, by=_APART)]),
        earrings=_earrings(dice, cover, long=long),
        metal=dice.among(JEWELLERY),
        eyes=dice.among(EYES if tone in _PALE_ENOUGH_FOR_LIGHT_EYES else EYES[:2]),
        lashes=long and dice.chance(75),
        brows=dice.among((11, 14, 17)) - 3 * long,
        freckles=age is Age.YOUNG and tone in _FAIR and dice.chance(40),
        smile=dice.weighed({Smile.CALM: 2, Smile.SMILE: 4, Smile.GRIN: 3, Smile.ASKEW: 2}),
        clothes=dice.among([one for one in Clothes if not (long and one is Clothes.TIE)]),
        necklace=dice.chance(60 if long else 8),
        theme=theme,
        backdrop=dice.among(tuple(Backdrop)),
        turn=dice.between(-18, 18),
        lean=dice.between(-70, 70),
        zoom=dice.between(116, 127),
        breadth=dice.between(80, 88) if long else dice.between(88, 98),
    )


def _apart(colour: Colour, *others: Colour, by: int) -> bool:
    return all(distance(colour, other) > by for other in others)


def _cover(dice: _Dice, *, long: bool) -> Cover:
    if long:
        rare = {Cover.WRAP: 1, Cover.SUN_HAT: 1, Cover.BEANIE: 1, Cover.HEADBAND: 2}
        return dice.weighed({Cover.NONE: 20, Cover.HEADSCARF: 3, **rare})
    return dice.weighed({Cover.NONE: 20, Cover.TURBAN: 2, Cover.BEANIE: 2, Cover.SKULLCAP: 1})


def _hair(dice: _Dice, age: Age, cover: Cover, *, long: bool) -> Hair:
    hair = dice.among(_LONG if long else (*_SHORT, *_THIN[age]))
    return hair if cover in (Cover.NONE, Cover.SKULLCAP) else _FLATTENED.get(hair, hair)


def _hair_colour(dice: _Dice, age: Age, tone: int) -> Colour:
    if age is Age.OLD:
        return dice.among(GREY_HAIR)
    if age is Age.YOUNG and dice.chance(6):
        return dice.among(DYED_HAIR)
    natural = (*DARK_HAIR, *(LIGHT_HAIR if tone in _FAIR else LIGHT_HAIR[:1]))
    return dice.among([colour for colour in natural if _apart(colour, SKINS[tone].tone, by=_APART)])


def _beard(dice: _Dice, cover: Cover, *, long: bool) -> Beard:
    if long:
        return Beard.NONE
    if cover is Cover.TURBAN:
        return dice.among((Beard.SHORT, Beard.FULL))
    few = {Beard.STUBBLE: 3, Beard.MOUSTACHE: 1, Beard.GOATEE: 1, Beard.SHORT: 3, Beard.FULL: 2}
    return dice.weighed({Beard.NONE: 7, **few})


def _earrings(dice: _Dice, cover: Cover, *, long: bool) -> Earrings:
    if cover is Cover.HEADSCARF:
        return Earrings.NONE
    if not long:
        return dice.weighed({Earrings.NONE: 12, Earrings.STUDS: 1})
    return dice.weighed({Earrings.NONE: 3, Earrings.STUDS: 2, Earrings.HOOPS: 2, Earrings.DROPS: 2})
