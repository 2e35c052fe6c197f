"""The same person on one day and on another: what they wear, where they stand, how they look into the camera."""

from __future__ import annotations

from collections.abc import Mapping

from samepic.practice.portraits.dice import Dice
from samepic.practice.portraits.look import (
    Age,
    Backdrop,
    Beard,
    Clothes,
    Cover,
    Earrings,
    Glasses,
    Hair,
    Look,
    Smile,
)
from samepic.practice.portraits.nature import ANYBODY, Casting, Nature, nature_of
from samepic.practice.portraits.palette import FABRICS, JEWELLERY, THEMES, Colour, Theme, distance

USUAL = ""
"""The occasion of a person's first picture."""

_FLATTENED = {Hair.AFRO: Hair.CURLS, Hair.QUIFF: Hair.CROP, Hair.BUN: Hair.BOB}
"""Hair that would stand through a hat lies flat beneath it."""

_GROWN: Mapping[Beard, tuple[Beard, ...]] = {
    Beard.NONE: (Beard.NONE, Beard.NONE, Beard.STUBBLE),
    Beard.STUBBLE: (Beard.STUBBLE, Beard.NONE, Beard.SHORT),
    Beard.MOUSTACHE: (Beard.MOUSTACHE,),
    Beard.GOATEE: (Beard.GOATEE, Beard.GOATEE, Beard.SHORT),
    Beard.SHORT: (Beard.SHORT, Beard.SHORT, Beard.STUBBLE, Beard.FULL),
    Beard.FULL: (Beard.FULL, Beard.SHORT),
}
_APART = 48
_WELL_APART = 90


def traits_of(seed: str, occasion: str = USUAL, casting: Casting = ANYBODY) -> Look:
    """How the person of a seed looks on an occasion: always the same, on every machine and in every process.

    Occasions share what lasts of a person; every one has another wall and other clothes than the usual one.
    """
    nature = nature_of(seed, casting)
    usual = _look(nature, Dice(f"{seed} as usual"))
    return usual if occasion == USUAL else _look(nature, Dice(f"{seed} on {occasion}"), usual)


def _look(nature: Nature, dice: Dice, usual: Look | None = None) -> Look:
    """What the dice make of a person, unlike the usual look if there is one already."""
    theme = dice.among(_themes(nature, usual))
    cover = nature.cover if nature.cover is not Cover.NONE or not usual else _hat(dice, nature)
    return Look(
        skin=nature.skin,
        age=Age.MIDDLE if usual and _may_age(nature) and dice.chance(40) else nature.age,
        face=nature.face,
        hair=_hair(dice, nature, cover, usual),
        hair_colour=nature.hair_colour,
        cover=cover,
        cover_colour=dice.among([one for one in FABRICS if _apart(one, nature.skin.tone, theme.wall, by=_APART)]),
        beard=_beard(dice, nature, usual),
        glasses=nature.glasses if dice.chance(60) else Glasses.NONE,
        frame=nature.frame,
        earrings=dice.among(tuple(Earrings)) if nature.pierced else Earrings.NONE,
        metal=dice.among(JEWELLERY),
        eyes=nature.eyes,
        lashes=nature.lashes,
        brows=nature.brows,
        freckles=nature.freckles,
        smile=dice.weighed({Smile.CALM: 2, Smile.SMILE: 4, Smile.GRIN: 3, Smile.ASKEW: 2}),
        clothes=_clothes(dice, nature, usual),
        necklace=dice.chance(60 if nature.feminine else 8),
        theme=theme,
        backdrop=dice.among([one for one in Backdrop if not usual or one is not usual.backdrop]),
        turn=dice.between(-18, 18),
        lean=dice.between(-70, 70),
        zoom=dice.between(116, 127),
        breadth=nature.breadth,
    )


def _apart(colour: Colour, *others: Colour, by: int) -> bool:
    return all(distance(colour, other) > by for other in others)


def _themes(nature: Nature, usual: Look | None) -> list[Theme]:
    """Walls that set a person off; the half of them that is least like the usual one, if there is one already."""
    suiting = [
        theme
        for theme in THEMES
        if _apart(theme.wall, nature.skin.tone, by=_WELL_APART) and _apart(theme.wall, nature.hair_colour, by=_APART)
    ]
    if usual is None:
        return suiting
    unlike = sorted(suiting, key=lambda theme: _distance(theme, usual.theme))
    return unlike[len(unlike) // 2 :]


def _distance(theme: Theme, other: Theme) -> int:
    """The wall counts twice: it is most of what is left of a small picture."""
    return 2 * distance(theme.wall, other.wall) + distance(theme.cloth, other.cloth)


def _may_age(nature: Nature) -> bool:
    return nature.age is Age.YOUNG and not nature.freckles


def _hat(dice: Dice, nature: Nature) -> Cover:
    if nature.feminine:
        return dice.weighed({Cover.NONE: 56, Cover.SUN_HAT: 1, Cover.BEANIE: 1, Cover.HEADBAND: 2})
    return dice.weighed({Cover.NONE: 19, Cover.BEANIE: 1})


def _hair(dice: Dice, nature: Nature, cover: Cover, usual: Look | None) -> Hair:
    others = [one for one in nature.styles if not usual or one is not usual.hair]
    hair = dice.among(others or nature.styles)
    return hair if cover in (Cover.NONE, Cover.SKULLCAP) else _FLATTENED.get(hair, hair)


def _beard(dice: Dice, nature: Nature, usual: Look | None) -> Beard:
    if usual is None or nature.feminine:
        return nature.beard
    return dice.among(_GROWN[nature.beard])


def _clothes(dice: Dice, nature: Nature, usual: Look | None) -> Clothes:
    unfit = {Clothes.TIE} if nature.feminine else set()
    return dice.among([one for one in Clothes if one not in unfit and not (usual and one is usual.clothes)])
