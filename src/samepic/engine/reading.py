"""Reading the world: who is where (the roll), and what every system shows for them (the view).

Trouble with one system never stops the others: a system whose roster cannot be read keeps the people we knew there, and
shows each of them as unseen.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from samepic.connectors.base import Connector, unseen
from samepic.engine.belonging import Belonging, call_groups, known_belonging
from samepic.engine.matching import BY_HAND, match
from samepic.engine.organisation import Organisation
from samepic.engine.reasons import Code, Reason
from samepic.errors import ConnectorError
from samepic.model import KEY_STRENGTH, Account, Kind, PersonId, Sighting, Slot, Unseen, Why
from samepic.store.ledger import Contradiction, Remembered
from samepic.store.people import Link, People

FEW = 200
"""Of so many people what is remembered is asked for one by one; of more, reading the whole system costs less."""

Scope = Mapping[str, Collection[str]]
"""By system: the refs at hand."""


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody, the accounts they have, and the groups they are in, as far as rules name them. `troubles` are the
    systems whose roster could not be read.
    """

    accounts: Mapping[Slot, Account]
    persons: Mapping[PersonId, Mapping[str, Slot]]
    held: Mapping[Slot, Reason]
    troubles: Mapping[str, ConnectorError] = field(default_factory=dict)
    belonging: Belonging = field(default_factory=Belonging)

    def name(self, person: PersonId) -> str:
        """The best name that any system has for the person."""
        names = [self.accounts[slot].name for slot in self.persons[person].values()]
        return next((name for name in names if name), person)

    def address(self, person: PersonId) -> str | None:
        addresses = (self.accounts[slot].address for slot in self.persons[person].values())
        return next((address for address in addresses if address), None)

    def texts(self, person: PersonId) -> frozenset[str]:
        """Everything a pattern may mean the person by, folded: names, addresses, keys with and without their kind, the
        kind of account as `kind:guest`, their groups as `group:pilots`, and their id. A name that looks like one of
        these is none of them: people can often change it themselves.
        """
        slots = self.persons[person].values()
        accounts = [self.accounts[slot] for slot in slots]
        found = {
            text.casefold() for one in accounts for text in (one.name, one.address or "") if not _looks_given(text)
        }
        for account in accounts:
            found |= account.keys | {one.partition(":")[2] for one in account.keys} | {f"kind:{account.kind}"}
        return frozenset((found | self.belonging.texts(slots) | {person}) - {""})

    def kind(self, person: PersonId) -> Kind:
        return next(self.accounts[slot].kind for slot in self.persons[person].values())


def _looks_given(text: str) -> bool:
    return text.partition(":")[0].strip().casefold() in _GIVEN and ":" in text


_GIVEN = {*KEY_STRENGTH, "kind", "group", "unknown group"}


@dataclass(frozen=True, slots=True)
class View:
    """What the systems show now, and what we remembered of them before this look: of the people looked at only where
    `scope` names their refs by system, else of everybody.
    """

    at: datetime
    seen: Mapping[Slot, Sighting | Unseen]
    before: Mapping[Slot, Remembered]
    looks: Mapping[Slot, Remembered]
    scope: Scope | None = None

    def refs(self, system: str) -> Collection[str] | None:
        """What to ask the ledger for."""
        return None if self.scope is None else self.scope.get(system, ())


async def call_roll(org: Organisation) -> Roll:
    """Reads every roster, links accounts to people, asks who is in the groups of rules, and remembers all of it."""
    now = org.clock()
    links = await org.people.links()
    rosters, troubles = await _rosters(org.systems, links)
    known = {Slot(link.system, link.account.ref): link.person for link in links}
    linked_by = {link.slot: link.linked_by for link in links}
    by_hand = {slot for slot, decided in linked_by.items() if decided == BY_HAND}
    matching = match(rosters, known, People.new_id, by_hand)
    accounts = {Slot(system, one.ref): one for system, roster in rosters.items() for one in roster}
    fresh = [
        Link(person, slot.system, accounts[slot], matching.by.get(slot, linked_by.get(slot, "known")), now, None)
        for slot, person in matching.persons.items()
        if slot.system not in troubles
    ]
    await org.people.save(fresh)
    gone = [slot for slot in known if slot not in accounts and slot.system in rosters and slot.system not in troubles]
    await org.people.mark_gone(gone, now)
    await org.ledger.forget_verdicts(gone)
    for link in links:
        if link.gone_at is not None and link.slot in accounts:  # back again: what we left there is not what is there
            await org.ledger.set_baseline(link.slot, None)
    # Half of a contradiction may stand in a roster that could not be read: what was held stays so.
    held = {**(await _held(org) if troubles else {}), **matching.held}
    await org.ledger.set_contradictions({slot: Contradiction(one.code, one.facts) for slot, one in held.items()})
    await call_groups(org)
    return Roll(accounts, _by_person(matching.persons), held, troubles, await known_belonging(org))


async def known_roll(org: Organisation) -> Roll:
    """The roll as it was last called, without a request to any system."""
    return await _remembered_roll(org, await org.people.links(), None)


async def one_roll(org: Organisation, person: PersonId) -> Roll:
    """The roll as it was last called, of one person; of nobody where they have no account any more."""
    links = await org.people.of(person)
    return await _remembered_roll(org, links, [link.slot for link in links])


async def _remembered_roll(org: Organisation, links: Sequence[Link], slots: Collection[Slot] | None) -> Roll:
    there = [link for link in links if link.gone_at is None and link.system in org.systems]
    order = list(org.systems)
    there.sort(key=lambda link: order.index(link.system))
    persons = _by_person({link.slot: link.person for link in there})
    accounts = {link.slot: link.account for link in there}
    return Roll(accounts, persons, await _held(org, slots), belonging=await known_belonging(org, slots))


async def _held(org: Organisation, slots: Collection[Slot] | None = None) -> dict[Slot, Reason]:
    """Why slots must not be touched, as the last roll found."""
    return {slot: Reason(Code(one.code), one.facts) for slot, one in (await org.ledger.contradictions(slots)).items()}


async def _rosters(
    systems: Mapping[str, Connector], links: Sequence[Link]
) -> tuple[dict[str, list[Account]], dict[str, ConnectorError]]:
    rosters: dict[str, list[Account]] = {}
    troubles: dict[str, ConnectorError] = {}
    known: dict[str, dict[str, Account]] = {name: {} for name in systems}
    for link in links:
        known.setdefault(link.system, {})[link.account.ref] = link.account
    results = await asyncio.gather(*(_roster(connector, known[name]) for name, connector in systems.items()))
    for name, result in zip(systems, results, strict=True):
        if isinstance(result, ConnectorError):
            troubles[name] = result
            rosters[name] = [link.account for link in links if link.system == name and link.gone_at is None]
        else:
            rosters[name] = result
    return rosters, troubles


async def _roster(connector: Connector, known: Mapping[str, Account]) -> list[Account] | ConnectorError:
    """Accounts that are as they were known are the very same, so that memory holds them once."""
    try:
        return [known[one.ref] if one == known.get(one.ref) else one async for one in connector.roster()]
    except ConnectorError as trouble:
        return trouble


def _by_person(persons: Mapping[Slot, PersonId]) -> dict[PersonId, dict[str, Slot]]:
    found: dict[PersonId, dict[str, Slot]] = defaultdict(dict)
    for slot, person in persons.items():
        found[person].setdefault(slot.system, slot)
    return dict(found)


async def view(org: Organisation, roll: Roll, people: Collection[PersonId], systems: Iterable[str]) -> View:
    """Looks at the slots of these people in these systems, all systems side by side, and remembers what was seen."""
    wanted: dict[str, list[str]] = {system: [] for system in systems}
    for person in people:
        for system, slot in roll.persons[person].items():
            if system in wanted:
                wanted[system].append(slot.ref)
    scope = wanted if len(people) <= FEW else None
    now = org.clock()
    before = await _remembered(org, wanted, scope)
    seen: dict[Slot, Sighting | Unseen] = {}
    looks = await asyncio.gather(*(_survey(org, name, refs, roll) for name, refs in wanted.items()))
    for name, look in zip(wanted, looks, strict=True):
        await org.ledger.remember(name, {ref: one for ref, one in look.items() if isinstance(one, Sighting)}, now)
        seen |= {Slot(name, ref): one for ref, one in look.items()}
    return View(now, seen, before, await _remembered(org, wanted, scope), scope)


async def _survey(org: Organisation, name: str, refs: Sequence[str], roll: Roll) -> dict[str, Sighting | Unseen]:
    """Every ref once. A survey that breaks off leaves the rest unseen."""
    if (trouble := roll.troubles.get(name)) is not None:
        return dict.fromkeys(refs, unseen(trouble))
    found: dict[str, Sighting | Unseen] = {}
    rest = Unseen(Why.FAILED, "the system left this account out of its answer")
    try:
        async for ref, sighting in org.systems[name].survey(refs):
            found[ref] = sighting
            org.progress(f"looking at {name}", len(found), len(refs))
    except ConnectorError as broke:
        rest = unseen(broke)
    return {ref: found.get(ref, rest) for ref in refs}


async def _remembered(org: Organisation, systems: Iterable[str], scope: Scope | None) -> dict[Slot, Remembered]:
    return {
        Slot(system, ref): one
        for system in systems
        for ref, one in (await org.ledger.remembered(system, None if scope is None else scope[system])).items()
    }
