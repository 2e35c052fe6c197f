"""Who is where, who is missing, how each account was matched, and what could not be told. Pure but for `seating`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from samepic.engine.organisation import Organisation
from samepic.engine.reading import Roll
from samepic.engine.reasons import Reason
from samepic.model import Account, Kind, PersonId, Slot


@dataclass(frozen=True, slots=True)
class Seat:
    """One account. `linked_by` is what decided whose it is, empty where that is not known; `held` why it is."""

    slot: Slot
    account: Account
    linked_by: str
    held: Reason | None


@dataclass(frozen=True, slots=True)
class Row:
    """One person's accounts by system: one as a rule, several where somebody has to decide.

    `person` is None for an account of which nobody knows whose it is; it stands in a row of its own.
    """

    person: PersonId | None
    name: str
    kind: Kind
    seats: Mapping[str, Sequence[Seat]]

    @property
    def held(self) -> list[Seat]:
        return [seat for seats in self.seats.values() for seat in seats if seat.held]

    def missing(self, systems: Iterable[str]) -> list[str]:
        """Where the person has no account. Of an account that is nobody's nothing is said."""
        return [] if self.person is None else [system for system in systems if system not in self.seats]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two systems side by side: the rows of people who are in both, and in one only."""

    one: str
    other: str
    both: Sequence[Row]
    only_one: Sequence[Row]
    only_other: Sequence[Row]


async def seating(org: Organisation, roll: Roll) -> list[Row]:
    """Everybody by name, then the accounts that are nobody's."""
    links = {link.slot: link for link in await org.people.links()}
    places: dict[PersonId | Slot, list[Seat]] = defaultdict(list)
    for slot, account in roll.accounts.items():
        link = links.get(slot)
        seat = Seat(slot, account, link.linked_by if link else "", roll.held.get(slot))
        places[link.person if link else slot].append(seat)
    rows = [_row(roll, place, seats) for place, seats in places.items()]
    return sorted(rows, key=lambda row: (row.person is None, row.name.casefold(), row.person or ""))


def _row(roll: Roll, place: PersonId | Slot, seats: Sequence[Seat]) -> Row:
    by_system: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        by_system[seat.slot.system].append(seat)
    account = seats[0].account
    if isinstance(place, Slot):
        return Row(None, account.name or place.ref, account.kind, by_system)
    return Row(place, roll.name(place), account.kind, by_system)


def pairs(rows: Sequence[Row], systems: Sequence[str]) -> list[Pair]:
    """Every two systems, in the order of the settings. Accounts that are nobody's count nowhere."""
    people = [row for row in rows if row.person is not None]
    return [_pair(people, one, other) for one, other in combinations(systems, 2)]


def _pair(people: Sequence[Row], one: str, other: str) -> Pair:
    sides: dict[tuple[bool, bool], list[Row]] = defaultdict(list)
    for row in people:
        sides[one in row.seats, other in row.seats].append(row)
    return Pair(one, other, sides[True, True], sides[True, False], sides[False, True])
