"""What lasts of a person from one picture to the next: skin, face, hair, what always covers it, beard, eyes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from samepic.practice.portraits.dice import Dice
from samepic.practice.portraits.look import Age, Beard, Cover, Face, Glasses, Hair
from samepic.practice.portraits.palette import (
    DARK_HAIR,
    DYED_HAIR,
    EYES,
    FRAMES,
    GREY_HAIR,
    LIGHT_HAIR,
    SKINS,
    Colour,
    Skin,
    distance,
)

Styles = tuple[Hair, ...]


@dataclass(frozen=True, slots=True)
class Casting:
    """What is known of somebody before the dice are thrown; what is left empty or None is theirs to choose.

    `tones` are places in `palette.SKINS`, light to dark. `styles` are the ways in which one person wears their hair.
    `covers` are worn in every picture; one listed twice is twice as likely, as in `beards`, `ages` and `glasses`.
    """

    feminine: bool | None = None
    tones: tuple[int, ...] = ()
    ages: tuple[Age, ...] = ()
    styles: tuple[Styles, ...] = ()
    colours: tuple[Colour, ...] = ()
    covers: tuple[Cover, ...] = ()
    beards: tuple[Beard, ...] = ()
    glasses: tuple[Glasses, ...] = ()
    freckles: bool | None = None


ANYBODY = Casting()


@dataclass(frozen=True, slots=True)
class Nature:
    """`glasses` are the ones this person owns, `beard` the one usually worn; `breadth` and `brows` as in a `Look`."""

    skin: Skin
    age: Age
    face: Face
    feminine: bool
    styles: Styles
    hair_colour: Colour
    cover: Cover
    beard: Beard
    glasses: Glasses
    frame: Colour
    pierced: bool
    eyes: Colour
    lashes: bool
    brows: int
    freckles: bool
    breadth: int


_SHORT: tuple[Styles, ...] = (
    (Hair.CROP, Hair.PARTED, Hair.QUIFF),
    (Hair.PARTED, Hair.CROP),
    (Hair.QUIFF, Hair.PARTED),
    (Hair.BUZZ, Hair.CROP),
    (Hair.CURLS, Hair.CROP),
    (Hair.AFRO, Hair.BUZZ),
    (Hair.LOCS,),
)
_LONG: tuple[Styles, ...] = (
    (Hair.STRAIGHT, Hair.PONYTAIL, Hair.BUN),
    (Hair.STRAIGHT, Hair.FRINGE, Hair.BRAIDS),
    (Hair.WAVES, Hair.PONYTAIL, Hair.BOB),
    (Hair.WAVES, Hair.BUN, Hair.BRAIDS),
    (Hair.BOB, Hair.FRINGE),
    (Hair.PIXIE, Hair.BOB),
    (Hair.CURLS, Hair.BUN),
    (Hair.AFRO, Hair.BUN, Hair.BRAIDS),
    (Hair.LOCS, Hair.BUN),
)
_THIN: Mapping[Age, tuple[Styles, ...]] = {
    Age.YOUNG: (),
    Age.MIDDLE: ((Hair.BALD,),),
    Age.OLD: ((Hair.BALD, Hair.THINNING), (Hair.THINNING,), (Hair.THINNING, Hair.BUZZ)),
}
_FAIR = range(3)
_PALE_ENOUGH_FOR_LIGHT_EYES = range(4)
_APART = 48


def nature_of(seed: str, casting: Casting = ANYBODY) -> Nature:
    """The person who belongs to a seed, within what is known of them."""
    dice = Dice(seed)
    tone = dice.among(casting.tones or tuple(range(len(SKINS))))
    skin = SKINS[tone]
    age = dice.among(casting.ages) if casting.ages else dice.weighed({Age.YOUNG: 5, Age.MIDDLE: 4, Age.OLD: 2})
    feminine = dice.chance(50) if casting.feminine is None else casting.feminine
    cover = dice.among(casting.covers) if casting.covers else _cover(dice, feminine=feminine)
    return Nature(
        skin=skin,
        age=age,
        face=dice.among(tuple(Face)),
        feminine=feminine,
        styles=dice.among(casting.styles or (_LONG if feminine else (*_SHORT, *_THIN[age]))),
        hair_colour=_hair_colour(dice, age, tone, casting.colours),
        cover=cover,
        beard=_beard(dice, cover, casting.beards, feminine=feminine),
        glasses=_glasses(dice, casting.glasses),
        frame=dice.among([colour for colour in FRAMES if distance(colour, skin.tone) > _APART]),
        pierced=cover is not Cover.HEADSCARF and dice.chance(67 if feminine else 8),
        eyes=dice.among(EYES if _may_have_light_eyes(tone, casting.colours) else EYES[:2]),
        lashes=feminine and dice.chance(75),
        brows=dice.among((11, 14, 17)) - 3 * feminine,
        freckles=age is Age.YOUNG
        and (dice.chance(40 * (tone in _FAIR)) if casting.freckles is None else casting.freckles),
        breadth=dice.between(80, 88) if feminine else dice.between(88, 98),
    )


def _cover(dice: Dice, *, feminine: bool) -> Cover:
    if feminine:
        return dice.weighed({Cover.NONE: 25, Cover.HEADSCARF: 3, Cover.WRAP: 1})
    return dice.weighed({Cover.NONE: 22, Cover.TURBAN: 2, Cover.SKULLCAP: 1})


def _hair_colour(dice: Dice, age: Age, tone: int, known: tuple[Colour, ...]) -> Colour:
    if age is Age.OLD:
        return dice.among(GREY_HAIR)
    if known:
        return dice.among(known)
    if age is Age.YOUNG and dice.chance(6):
        return dice.among(DYED_HAIR)
    natural = (*DARK_HAIR, *(LIGHT_HAIR if tone in _FAIR else LIGHT_HAIR[:1]))
    return dice.among([colour for colour in natural if distance(colour, SKINS[tone].tone) > _APART])


def _beard(dice: Dice, cover: Cover, known: tuple[Beard, ...], *, feminine: bool) -> Beard:
    if feminine:
        return Beard.NONE
    if cover is Cover.TURBAN:
        return dice.among((Beard.SHORT, Beard.FULL))
    few = {Beard.STUBBLE: 3, Beard.MOUSTACHE: 1, Beard.GOATEE: 1, Beard.SHORT: 3, Beard.FULL: 2}
    return dice.among(known) if known else dice.weighed({Beard.NONE: 7, **few})


def _glasses(dice: Dice, known: tuple[Glasses, ...]) -> Glasses:
    some = {Glasses.NONE: 10, Glasses.ROUND: 4, Glasses.SQUARE: 4, Glasses.HALF: 3}
    return dice.among(known) if known else dice.weighed(some)


def _freckled(dice: Dice, tone: int, casting: Casting) -> bool:
    return (tone in _FAIR and dice.chance(40)) if casting.freckles is None else casting.freckles


def _may_have_light_eyes(tone: int, known: tuple[Colour, ...]) -> bool:
    return tone in _PALE_ENOUGH_FOR_LIGHT_EYES and (not known or not set(known) <= set(DARK_HAIR))
