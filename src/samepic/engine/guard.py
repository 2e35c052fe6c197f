"""Brakes: what makes a plan alarming enough that a person has to confirm it by its count. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from samepic.model import Digest, Put, Remove, Step


@dataclass(frozen=True, slots=True)
class Brakes:
    """Limits of one run. Shares are of the people with an account in the target; they count from `at_least` steps on,
    so that a small organisation is not stopped by every second picture.
    """

    overwrites: float = 0.25
    removals: float = 0.02
    emptied: float = 0.10
    same_picture: int = 5
    at_least: int = 10


class Kind(StrEnum):
    OVERWRITES = "overwrites"
    REMOVALS = "removals"
    EMPTIED = "emptied"
    SAME_PICTURE = "same-picture"


@dataclass(frozen=True, slots=True)
class Alarm:
    """Why a plan is held. `count` is the number that confirms it."""

    kind: Kind
    where: str
    count: int
    message: str


@dataclass(frozen=True, slots=True)
class Supply:
    """How many people had a picture in a source at the last look, and how many of them have lost it since."""

    had: int
    lost: int


def alarms(
    steps: Sequence[Step], accounts: Mapping[str, int], supplies: Mapping[str, Supply], brakes: Brakes
) -> list[Alarm]:
    """Every reason to stop. `accounts` is how many people each target has, `supplies` the state of each source."""
    return [
        *_too_many(
            Kind.OVERWRITES, (one for one in steps if isinstance(one, Put) and one.overwrites), accounts, brakes
        ),
        *_too_many(Kind.REMOVALS, (one for one in steps if isinstance(one, Remove)), accounts, brakes),
        *_emptied(supplies, brakes),
        *_same_picture((one for one in steps if isinstance(one, Put)), brakes),
    ]


def released(alarms: Sequence[Alarm], confirmed: frozenset[int]) -> list[Alarm]:
    """Those that stay after the counts a person has confirmed."""
    return [one for one in alarms if one.count not in confirmed]


def _too_many(
    kind: Kind, steps: Iterable[Put | Remove], accounts: Mapping[str, int], brakes: Brakes
) -> Iterable[Alarm]:
    limit = brakes.overwrites if kind is Kind.OVERWRITES else brakes.removals
    doing = "replace" if kind is Kind.OVERWRITES else "remove"
    for system, count in sorted(Counter(one.slot.system for one in steps).items()):
        people = accounts.get(system, count)
        if count >= brakes.at_least and count > limit * people:
            yield Alarm(kind, system, count, f"This would {doing} {count} of {people} pictures in {system}.")


def _emptied(supplies: Mapping[str, Supply], brakes: Brakes) -> Iterable[Alarm]:
    for system, supply in sorted(supplies.items()):
        if supply.lost >= brakes.at_least and supply.lost > brakes.emptied * supply.had:
            message = f"{system} lost {supply.lost} of {supply.had} pictures since the last look."
            yield Alarm(Kind.EMPTIED, system, supply.lost, message)


def _same_picture(puts: Iterable[Put], brakes: Brakes) -> Iterable[Alarm]:
    """One picture for many people is a logo, a silhouette or a mistake in matching."""
    people: dict[tuple[str, Digest], set[str]] = {}
    for put in puts:
        people.setdefault((put.slot.system, put.want), set()).add(put.slot.ref)
    for (system, digest), refs in sorted(people.items()):
        if len(refs) >= brakes.same_picture:
            message = f"{len(refs)} people would get the same picture in {system} ({digest[:12]})."
            yield Alarm(Kind.SAME_PICTURE, system, len(refs), message)
