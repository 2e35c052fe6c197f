"""Which accounts belong to one person. Pure.

Links once made are kept: an account is known by (system, ref) and may be renamed at will. An account without a link is
matched by its strongest key. A weaker key that contradicts a stronger one (an address given to somebody else) holds
everybody involved; so do two persons for one account, and two accounts of one system for one person. Accounts of
different kinds never belong together.

What signs somebody in here is a mail address there, and one of many in a third place: sign-in names, addresses and
other addresses are compared with one another. Such a match is as strong as the weaker of the two keys.

What somebody decided by hand wins over every key. Such an account lends its keys only as far as they are nobody else's:
what was wrong about them must not mislead others.

Strangers are met in an order of their own, those with the strongest keys first, so that the outcome does not depend on
the order in which systems or accounts were read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from samepic.engine.reasons import Code, Reason, because
from samepic.model import KEY_STRENGTH, Account, Kind, PersonId, Slot

NEW = "new"
"""How an account was linked that nobody's keys fit: a person of its own."""

BY_HAND = "hand"
"""How an account was linked that somebody decided about."""


@dataclass(frozen=True, slots=True)
class Matching:
    """`persons` has every slot that belongs to somebody, `held` every slot that must not be touched, and why.

    `by` says what linked a slot that was not linked before: a kind of key, or `NEW` for a person of its own.
    """

    persons: Mapping[Slot, PersonId]
    held: Mapping[Slot, Reason]
    by: Mapping[Slot, str]


@dataclass
class _Index:
    """Who goes by which name, and by how strong a key; and, for contradictions, which keys a person has."""

    owners: dict[tuple[Kind, str], dict[PersonId, int]] = field(default_factory=lambda: defaultdict(dict))
    keys: dict[PersonId, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, person: PersonId, account: Account) -> None:
        for name, strength in _names(account):
            known = self.owners[account.kind, name]
            known[person] = min(strength, known.get(person, strength))
        self.keys[person] |= account.keys

    def add_by_hand(self, person: PersonId, account: Account) -> None:
        """Only the keys that are nobody else's, and of kinds in which the person has none."""
        free = {one for one in account.keys if not self.owners.get((account.kind, _name(one)), {}).keys() - {person}}
        had = {one.partition(":")[0] for one in self.keys[person]}
        for name, strength in _names(replace(account, keys=frozenset(free))):
            self.owners[account.kind, name].setdefault(person, strength)
        self.keys[person] |= {one for one in free if one.partition(":")[0] not in had}

    def found_by(self, account: Account) -> dict[PersonId, int]:
        """Everybody who shares a name with the account, and how strongly: 0 is the strongest."""
        found: dict[PersonId, int] = {}
        for name, mine in _names(account):
            for person, theirs in self.owners.get((account.kind, name), {}).items():
                shared = max(mine, theirs)
                found[person] = min(shared, found.get(person, shared))
        return found


def _names(account: Account) -> Iterable[tuple[str, int]]:
    """What each key names, and the rank of its kind in KEY_STRENGTH."""
    for one in account.keys:
        yield _name(one), KEY_STRENGTH.index(one.partition(":")[0])


def _name(one: str) -> str:
    kind_of_key, _, value = one.partition(":")
    return f"{_NAMESPACE.get(kind_of_key, kind_of_key)}:{value}"


def _share_a_name(some: Iterable[str], others: Iterable[str]) -> bool:
    return not {_name(one) for one in some}.isdisjoint(_name(one) for one in others)


_NAMESPACE = dict.fromkeys(("upn", "mail", "alias"), "address")
"""Kinds of key that name one and the same thing."""


def match(
    rosters: Mapping[str, Sequence[Account]],
    known: Mapping[Slot, PersonId],
    new_id: Callable[[], PersonId],
    by_hand: Collection[Slot] = frozenset(),
) -> Matching:
    """Links every account of every roster. `known` are the links there are, those made `by_hand` among them; `new_id`
    makes persons for strangers.
    """
    accounts = {Slot(system, one.ref): one for system, roster in rosters.items() for one in roster}
    persons = {slot: known[slot] for slot in accounts if slot in known}
    index = _indexed(accounts, persons, by_hand)
    held: dict[Slot, Reason] = {}
    suspects: dict[PersonId, Reason] = {}
    by: dict[Slot, str] = {}
    for slot in sorted(accounts.keys() - known.keys(), key=lambda one: (_strength(accounts[one]), one)):
        found, kind_of_key, trouble = _owner(accounts[slot], index)
        if trouble is not None:
            held[slot] = trouble
            suspects |= dict.fromkeys(found, trouble)
            continue
        person = found.pop() if found else new_id()
        persons[slot], by[slot] = person, kind_of_key
        index.add(person, accounts[slot])
    held |= {slot: suspects[person] for slot, person in persons.items() if person in suspects}
    persons = {slot: persons[slot] for slot in accounts if slot in persons}
    return Matching(persons, held | _doubles(persons), by)


def _indexed(accounts: Mapping[Slot, Account], persons: Mapping[Slot, PersonId], by_hand: Collection[Slot]) -> _Index:
    """Those decided by hand come last: what their keys are worth depends on everybody else's."""
    index = _Index()
    for slot in persons.keys() - by_hand:
        index.add(persons[slot], accounts[slot])
    for slot in sorted(persons.keys() & by_hand):
        index.add_by_hand(persons[slot], accounts[slot])
    return index


def _strength(account: Account) -> int:
    return min((strength for _, strength in _names(account)), default=len(KEY_STRENGTH))


def _owner(account: Account, index: _Index) -> tuple[set[PersonId], str, Reason | None]:
    """Whose account this is: (persons found, kind of key that decided, trouble if it cannot be told)."""
    everybody = index.found_by(account)
    if not everybody:
        return set(), NEW, None
    strength = min(everybody.values())
    kind_of_key = KEY_STRENGTH[strength]
    found = {person for person, shared in everybody.items() if shared == strength}
    detail = _doubt(account, found, index, strength)
    if detail is None and len(everybody) > 1:
        found, detail = set(everybody), f"the {kind_of_key} says one person, a weaker key another."
    return found, kind_of_key, None if detail is None else because(Code.AMBIGUOUS, detail=detail)


def _doubt(account: Account, found: set[PersonId], index: _Index, strength: int) -> str | None:
    """Why the people found by their strongest keys may not be the account's owner; None where nothing speaks for it."""
    kind_of_key = KEY_STRENGTH[strength]
    if len(found) > 1:
        keys = ", ".join(sorted(_of_kind(account.keys, kind_of_key))) or f"one {kind_of_key}"
        return f"{keys} belongs to several people."
    (person,) = found
    rival = _contradiction(account, index.keys[person], KEY_STRENGTH[:strength])
    if rival is None:
        return None
    return f"the {kind_of_key} is somebody's whose {rival.partition(':')[0]} is not {rival.partition(':')[2]}."


def _of_kind(keys: Iterable[str], kind_of_key: str) -> set[str]:
    return {one for one in keys if one.startswith(f"{kind_of_key}:")}


def _contradiction(account: Account, theirs: set[str], stronger: Sequence[str]) -> str | None:
    """A stronger key that both sides have and that differs; the first, or None.

    It does not differ where one side knows the other's by another kind: a mail address of old may be an alias by now.
    """
    for kind_of_key in stronger:
        mine, other = _of_kind(account.keys, kind_of_key), _of_kind(theirs, kind_of_key)
        if mine and other and not (_share_a_name(mine, theirs) or _share_a_name(other, account.keys)):
            return min(mine)
    return None


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
