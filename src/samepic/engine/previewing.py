"""Who in a system was matched with whom, by what, and who is missing there: to be read before anything moves. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from samepic.engine.reading import Roll
from samepic.engine.reasons import sentence
from samepic.model import PersonId, Sighting, Slot, Unseen
from samepic.store.people import Link

_FIRST_MET = frozenset({"new", "known"})


class Match(StrEnum):
    MATCHED = "matched"
    NOBODY = "matches nobody"  # nobody in any other system
    HELD = "held"
    ABSENT = "not there"  # somebody of another system


@dataclass(frozen=True, slots=True)
class Previewed:
    """One account of the system, or somebody without one. `by` are the kinds of key that linked the person."""

    match: Match
    name: str
    ref: str = ""
    by: str = ""
    also: tuple[str, ...] = ()
    picture: str = ""
    detail: str = ""


def preview(system: str, roll: Roll, links: Iterable[Link], seen: Mapping[str, Sighting | Unseen]) -> list[Previewed]:
    """Every account of the system, then everybody without one; each part by name."""
    linked_by = {link.slot: link.linked_by for link in links}
    owners = {slot: person for person, slots in roll.persons.items() for slot in slots.values()}
    here = [_account(slot, roll, linked_by, owners, seen) for slot in roll.accounts if slot.system == system]
    return [*sorted(here, key=_order), *sorted(_absent(system, roll), key=_order)]


def _order(one: Previewed) -> tuple[str, str]:
    return one.name.casefold(), one.ref


def _account(
    slot: Slot,
    roll: Roll,
    linked_by: Mapping[Slot, str],
    owners: Mapping[Slot, PersonId],
    seen: Mapping[str, Sighting | Unseen],
) -> Previewed:
    account, picture = roll.accounts[slot], _picture(seen.get(slot.ref))
    detail = unseen.detail if isinstance(unseen := seen.get(slot.ref), Unseen) else ""
    if slot in roll.held:
        return Previewed(Match.HELD, account.name, slot.ref, picture=picture, detail=sentence(roll.held[slot]))
    theirs = roll.persons[owners[slot]]
    also = tuple(system for system in theirs if system != slot.system)
    by = {linked_by.get(one, "") for one in theirs.values()} - _FIRST_MET - {""} if also else set()
    match = Match.MATCHED if also else Match.NOBODY
    return Previewed(match, account.name, slot.ref, ", ".join(sorted(by)), also, picture, detail)


def _picture(seen: Sighting | Unseen | None) -> str:
    match seen:
        case Sighting(present=present):
            return "picture" if present else "no picture"
        case Unseen():
            return "unreadable"
        case None:
            return "not looked at"


def _absent(system: str, roll: Roll) -> Iterator[Previewed]:
    for person, slots in roll.persons.items():
        if system not in slots:
            yield Previewed(Match.ABSENT, roll.name(person), also=tuple(slots))
