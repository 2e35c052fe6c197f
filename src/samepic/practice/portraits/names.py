"""What a given name suggests of its bearer, coarsely, so that a reader of the practice world is not puzzled.

The names are those of `samepic.practice.people`. The first ten people are known by sight; of the others a name says
no more than a list of first names would, and the dice do the rest. A name says nothing about a real person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from samepic.practice.portraits.look import Age, Beard, Cover, Glasses, Hair
from samepic.practice.portraits.nature import ANYBODY, Casting, Styles
from samepic.practice.portraits.palette import DARK_HAIR, LIGHT_HAIR

_BLACK, _BROWN = DARK_HAIR[:2], (*DARK_HAIR[1:], LIGHT_HAIR[0])
_CHESTNUT, _COPPER, _BLOND = LIGHT_HAIR[0], LIGHT_HAIR[2], LIGHT_HAIR[4]
_EUROPEAN = (*DARK_HAIR, *LIGHT_HAIR)

_FLOWING: tuple[Styles, ...] = (
    (Hair.STRAIGHT, Hair.PONYTAIL, Hair.BUN),
    (Hair.STRAIGHT, Hair.BRAIDS, Hair.FRINGE),
    (Hair.WAVES, Hair.PONYTAIL, Hair.BOB),
    (Hair.WAVES, Hair.BUN, Hair.BRAIDS),
    (Hair.BOB, Hair.FRINGE),
    (Hair.PIXIE, Hair.BOB),
)
_WAVY: tuple[Styles, ...] = (*_FLOWING, (Hair.CURLS, Hair.BUN))
_COILED: tuple[Styles, ...] = (
    (Hair.AFRO, Hair.BUN),
    (Hair.CURLS, Hair.BUN),
    (Hair.LOCS, Hair.BUN),
    (Hair.BRAIDS, Hair.BUN),
    (Hair.PIXIE, Hair.CURLS),
)
_NEAT: tuple[Styles, ...] = (
    (Hair.CROP, Hair.PARTED, Hair.QUIFF),
    (Hair.PARTED, Hair.CROP),
    (Hair.QUIFF, Hair.PARTED),
    (Hair.BUZZ, Hair.CROP),
)
_TOUSLED: tuple[Styles, ...] = (*_NEAT, (Hair.CURLS, Hair.CROP), (Hair.THINNING, Hair.BALD))
_CLOSE: tuple[Styles, ...] = (
    (Hair.BUZZ, Hair.CROP),
    (Hair.CURLS, Hair.BUZZ),
    (Hair.AFRO, Hair.BUZZ),
    (Hair.LOCS,),
    (Hair.BALD, Hair.BUZZ),
)

_BARE = (Cover.NONE,)
_OFTEN_SCARVED = (Cover.NONE, Cover.NONE, Cover.HEADSCARF)
_SELDOM_CAPPED = (*_BARE * 6, Cover.SKULLCAP)


def _she(tones: str, styles: tuple[Styles, ...] = _WAVY, covers: tuple[Cover, ...] = _BARE) -> Casting:
    return Casting(feminine=True, tones=_tones(tones), styles=styles, colours=DARK_HAIR, covers=covers)


def _he(tones: str, styles: tuple[Styles, ...] = _TOUSLED, covers: tuple[Cover, ...] = _BARE) -> Casting:
    return Casting(feminine=False, tones=_tones(tones), styles=styles, colours=DARK_HAIR, covers=covers)


def _tones(digits: str) -> tuple[int, ...]:
    return tuple(map(int, digits))


_ROUND, _NO_GLASSES = (Glasses.ROUND,), (Glasses.NONE,)
_YOUNG, _GROWN, _OLD = (Age.YOUNG,), (Age.MIDDLE,), (Age.OLD,)
_KNOWN: Mapping[str, Casting] = {
    "Ada": replace(_she("7", ((Hair.AFRO, Hair.BUN),)), ages=_YOUNG, colours=_BLACK),
    "Bruno": replace(_he("3", ((Hair.CURLS, Hair.CROP),)), ages=_GROWN, colours=_BROWN[:1], beards=(Beard.SHORT,)),
    "Chiara": replace(_she("1", ((Hair.WAVES, Hair.BUN),)), ages=_YOUNG, colours=(_CHESTNUT,), freckles=False),
    "Deepa": replace(_she("5", ((Hair.STRAIGHT, Hair.BRAIDS),)), ages=_GROWN, colours=_BLACK, glasses=_ROUND),
    "Elias": replace(_he("0", ((Hair.QUIFF, Hair.PARTED),)), ages=_GROWN, colours=(_BLOND,), beards=(Beard.SHORT,)),
    "Fatima": replace(_she("3", covers=(Cover.HEADSCARF,)), ages=_YOUNG, glasses=_NO_GLASSES),
    "Gustavo": replace(_he("4", ((Hair.PARTED, Hair.CROP),)), ages=_OLD, beards=(Beard.MOUSTACHE,)),
    "春香": replace(_she("1", ((Hair.BOB, Hair.FRINGE),)), ages=_YOUNG, colours=_BLACK, freckles=False),
    "Isla": replace(_she("0", ((Hair.WAVES, Hair.PONYTAIL),)), ages=_YOUNG, colours=(_COPPER,), freckles=True),
    "Jonas": replace(_he("2", ((Hair.QUIFF, Hair.PARTED),)), ages=_YOUNG, colours=_BLACK, beards=(Beard.NONE,)),
}
_SUGGESTED: Mapping[str, Casting] = {
    "Aaliyah": _she("45678", (*_COILED, *_WAVY), (*_BARE * 4, Cover.HEADSCARF)),
    "Amara Thandi": _she("678", _COILED, (*_BARE * 4, Cover.WRAP)),
    "Aroha Beatriz Camila Gabriela Lupe Rosa": _she("2345"),
    "Dilnoza": _she("1234", _FLOWING, (*_BARE * 4, Cover.HEADSCARF)),
    "Ebba Ingrid": replace(_she("01", _FLOWING), colours=(*LIGHT_HAIR, *LIGHT_HAIR[2:])),
    "Marta Olga Sofia Zoe Zofia Юлия Ελένη": replace(_she("012"), colours=_EUROPEAN),
    "Farah Jamila Leila Nadia Noor Salma Yara ليلى": _she("2345", _WAVY, _OFTEN_SCARVED),
    "Hana Mai Wei 美玲": replace(_she("123", _FLOWING), colours=_BLACK, freckles=False),
    "Priya Uma अनन्या": replace(_she("3456", _FLOWING), colours=_BLACK),
    "Anton Felix Ivan Lucas Niko Tomas Viktor": replace(_he("012"), colours=_EUROPEAN),
    "Bilal Hamid Omar Tariq Yusuf": _he("2345", _TOUSLED, _SELDOM_CAPPED),
    "Chen Kenji": replace(_he("123", _NEAT), colours=_BLACK, freckles=False),
    "Daniel Samuel": Casting(feminine=False, covers=_BARE),
    "Emeka Kwame": _he("678", _CLOSE),
    "Joao Keanu Mateo Rafael": _he("2345"),
    "Ravi": replace(_he("3456", _NEAT, (*_BARE * 4, Cover.TURBAN)), colours=_BLACK),
}
_BY_NAME: Mapping[str, Casting] = {
    **{name: casting for names, casting in _SUGGESTED.items() for name in names.split()},
    **_KNOWN,
}


def cast(given: str) -> Casting:
    """What is known of somebody of that given name: nothing, if the name is none of the practice world's."""
    return _BY_NAME.get(given, ANYBODY)
