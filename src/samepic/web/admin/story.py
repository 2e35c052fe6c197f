"""One person's whole story, as it is remembered: nothing here waits for a system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from samepic.engine.organisation import Organisation
from samepic.engine.reading import Roll, one_roll
from samepic.engine.reasons import Code, Reason
from samepic.engine.rules import Ruling
from samepic.engine.undo import undoable
from samepic.model import Digest, PersonId, Route, Slot
from samepic.store.ledger import Added, Approval, Choice, Intent, Pin, Spoken, Usual
from samepic.store.people import Link

DEEDS = 50
"""Entries of the journal on the page, the newest ones."""


@dataclass(frozen=True, slots=True)
class Place:
    """One system of the person's.

    said      what was last found there; `reason` says why. None where nobody has looked yet.
    route     the one that leads here; `usual` is how long a picture takes on it, `under_way` since when one is.
    pin       what an undo keeps out.
    version   of the picture, as last seen.
    """

    system: str
    slot: Slot
    said: Spoken | None
    reason: Reason | None
    route: Route | None
    ruling: Ruling
    choice: Choice | None
    pin: Pin | None
    version: str | None
    usual: Usual | None
    under_way: datetime | None


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry of the journal, and what was there before and after. `undoable`: it can be taken back now."""

    intent: Intent
    before: Digest | None
    after: Digest | None
    undoable: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A picture that was seen, with where and when last."""

    digest: Digest
    system: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """`links` are all accounts, those that are gone among them; `absent` the systems without one."""

    person: PersonId
    name: str
    address: str | None
    links: Sequence[Link]
    places: Sequence[Place]
    absent: Sequence[str]
    deeds: Sequence[Deed]
    known: Sequence[Known]
    gallery: Sequence[Added]
    approvals: Sequence[Approval]

    @property
    def kind(self) -> str:
        return self.links[0].account.kind

    @property
    def here(self) -> bool:
        """There is an account that is not gone."""
        return bool(self.places)

    @property
    def keys(self) -> list[str]:
        return sorted(frozenset().union(*(link.account.keys for link in self.links)))

    @property
    def looked(self) -> datetime | None:
        return max((one.said.at for one in self.places if one.said), default=None)


async def story(org: Organisation, person: PersonId) -> Story | None:
    """None where there never was such a person."""
    links = await org.people.of(person)
    if not links:
        return None
    roll = await one_roll(org, person)
    places = await _places(org, roll, person)
    systems = {one.system for one in places}
    return Story(
        person=person,
        name=next((link.account.name for link in links if link.account.name), person),
        address=next((link.account.address for link in links if link.account.address), None),
        links=links,
        places=places,
        absent=[system for system in org.systems if system not in systems],
        deeds=await _deeds(org, person),
        known=await _known(org, [link.slot for link in links]),
        gallery=await org.ledger.gallery_of(person),
        approvals=await org.ledger.approvals_of(person),
    )


async def _places(org: Organisation, roll: Roll, person: PersonId) -> list[Place]:
    slots = roll.persons.get(person, {})
    said = {one.slot: one for one in await org.ledger.verdicts_of(person)}
    choices = await org.ledger.choices_of(person)
    under_way = await org.ledger.under_way(list(slots.values()))
    return [
        await _place(org, roll, slot, person, said.get(slot), choices.get(slot.system), under_way.get(slot))
        for slot in slots.values()
    ]


async def _place(
    org: Organisation,
    roll: Roll,
    slot: Slot,
    person: PersonId,
    said: Spoken | None,
    choice: Choice | None,
    under_way: datetime | None,
) -> Place:
    ledger, system, route = org.ledger, slot.system, org.route_to(slot.system)
    remembered = (await ledger.remembered(system, [slot.ref])).get(slot.ref)
    return Place(
        system=system,
        slot=slot,
        said=said,
        reason=Reason(Code(said.code), said.facts) if said else None,
        route=route,
        ruling=org.rules.ruling(roll.texts(person), system, org.clock()),
        choice=choice,
        pin=(await ledger.pins(system, [slot.ref])).get(slot.ref),
        version=remembered.sighting.version if remembered else None,
        usual=await ledger.usual(system, route.way) if route else None,
        under_way=under_way,
    )


async def _deeds(org: Organisation, person: PersonId) -> list[Deed]:
    journal = await org.ledger.journal(person=person, limit=DEEDS)
    open_to_undo = {one.id for one in await undoable(org, people=[person])}
    return [Deed(one, largest(one.replaced), one.want, one.id in open_to_undo) for one in journal]


def largest(replaced: Mapping[str, Digest]) -> Digest | None:
    """Of one picture in several sizes, the one that was stored last; it carries the version, and the most pixels."""
    return list(replaced.values())[-1] if replaced else None


async def _known(org: Organisation, slots: Sequence[Slot]) -> list[Known]:
    found = [Known(digest, slot.system, at) for slot in slots for digest, at in await org.ledger.portraits_of(slot)]
    return sorted(found, key=lambda one: one.at, reverse=True)
