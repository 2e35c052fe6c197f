"""Which accounts belong to one person. Pure.

Links once made are kept: an account is known by (system, ref) and may be renamed at will. An account without a link is
matched by its strongest key. A weaker key that contradicts a stronger one (an address given to somebody else) holds
everybody involved; so do two persons for one account, and two accounts of one system for one person. Accounts of
different kinds never belong together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from samepic.engine.reasons import Code, Reason, because
from samepic.model import KEY_STRENGTH, Account, Kind, PersonId, Slot


@dataclass(frozen=True, slots=True)
class Matching:
    """`persons` has every slot that belongs to somebody, `held` every slot that must not be touched, and why.

    `by` says what linked a slot that was not linked before: a kind of key, or "new" for a person of its own.
    """

    persons: Mapping[Slot, PersonId]
    held: Mapping[Slot, Reason]
    by: Mapping[Slot, str]


@dataclass
class _Index:
    """Who has which key; and, for contradictions, which keys of each kind a person has."""

    owners: dict[tuple[Kind, str], set[PersonId]] = field(default_factory=lambda: defaultdict(set))
    keys: dict[PersonId, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, person: PersonId, account: Account) -> None:
        for one in account.keys:
            self.owners[account.kind, one].add(person)
        self.keys[person] |= account.keys


def match(
    rosters: Mapping[str, Sequence[Account]],
    known: Mapping[Slot, PersonId],
    new_id: Callable[[], PersonId],
) -> Matching:
    """Links every account of every roster. `known` are the links there are; `new_id` makes persons for strangers."""
    persons: dict[Slot, PersonId] = {}
    held: dict[Slot, Reason] = {}
    by: dict[Slot, str] = {}
    index = _Index()
    strangers: list[tuple[Slot, Account]] = []
    for slot, account in _accounts(rosters):
        if slot in known:
            persons[slot] = known[slot]
            index.add(known[slot], account)
        else:
            strangers.append((slot, account))
    for slot, account in strangers:
        found, kind_of_key, trouble = _owner(account, index)
        if trouble is not None:
            held[slot] = trouble
            held.update(dict.fromkeys(_slots_of(found, persons), trouble))
            continue
        person = found.pop() if found else new_id()
        persons[slot], by[slot] = person, kind_of_key
        index.add(person, account)
    return Matching(persons, held | _doubles(persons), by)


def _accounts(rosters: Mapping[str, Sequence[Account]]) -> Iterable[tuple[Slot, Account]]:
    for system, accounts in rosters.items():
        for account in sorted(accounts, key=lambda one: one.ref):
            yield Slot(system, account.ref), account


def _owner(account: Account, index: _Index) -> tuple[set[PersonId], str, Reason | None]:
    """Whose account this is: (persons found, kind of key that decided, trouble if it cannot be told)."""
    for strength, kind_of_key in enumerate(KEY_STRENGTH):
        found = _owners(account, kind_of_key, index)
        if not found:
            continue
        if len(found) > 1:
            keys = ", ".join(sorted(_of_kind(account.keys, kind_of_key)))
            return found, kind_of_key, because(Code.AMBIGUOUS, detail=f"{keys} belongs to several people.")
        rival = _contradiction(account, index.keys[next(iter(found))], KEY_STRENGTH[:strength])
        if rival:
            detail = (
                f"the {kind_of_key} is somebody's whose {rival.partition(':')[0]} is not {rival.partition(':')[2]}."
            )
            return found, kind_of_key, because(Code.AMBIGUOUS, detail=detail)
        others = set().union(*(_owners(account, weaker, index) for weaker in KEY_STRENGTH[strength + 1 :])) - found
        if others:
            detail = f"the {kind_of_key} says one person, a weaker key another."
            return found | others, kind_of_key, because(Code.AMBIGUOUS, detail=detail)
        return found, kind_of_key, None
    return set(), "new", None


def _owners(account: Account, kind_of_key: str, index: _Index) -> set[PersonId]:
    keys = _of_kind(account.keys, kind_of_key)
    return set().union(*(index.owners.get((account.kind, one), set()) for one in keys))


def _of_kind(keys: Iterable[str], kind_of_key: str) -> set[str]:
    return {one for one in keys if one.startswith(f"{kind_of_key}:")}


def _contradiction(account: Account, theirs: set[str], stronger: Sequence[str]) -> str | None:
    """A stronger key that both sides have and that differs; the first, or None."""
    for kind_of_key in stronger:
        mine, other = _of_kind(account.keys, kind_of_key), _of_kind(theirs, kind_of_key)
        if mine and other and mine.isdisjoint(other):
            return min(mine)
    return None


def _slots_of(found: set[PersonId], persons: Mapping[Slot, PersonId]) -> list[Slot]:
    return [slot for slot, person in persons.items() if person in found]


def _doubles(persons: Mapping[Slot, PersonId]) -> dict[Slot, Reason]:
    """Slots of people who seem to have two accounts in one system."""
    seats: dict[tuple[PersonId, str], list[Slot]] = defaultdict(list)
    for slot, person in persons.items():
        seats[person, slot.system].append(slot)
    return {
        slot: because(Code.AMBIGUOUS, detail=f"{len(slots)} accounts in {system} look like one person.")
        for (_, system), slots in seats.items()
        if len(slots) > 1
        for slot in slots
    }
