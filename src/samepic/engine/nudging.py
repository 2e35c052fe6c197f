"""Nudges: the link and the text that ask a person to make their own visit.

SharePoint fetches a picture only when its owner shows up, so the text is the documented way for a person to prompt it,
with this tenant's own links.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from samepic.engine.advice import Advice, advice
from samepic.engine.organisation import Organisation
from samepic.engine.planning import Line, Occasion, look_and_plan
from samepic.engine.reading import Roll
from samepic.engine.reasons import Reason
from samepic.engine.wording import wording
from samepic.errors import UserError
from samepic.model import Language, PersonId, Pull, Route, Trigger, Verdict, Way
from samepic.store.ledger import Ask


@dataclass(frozen=True, slots=True)
class Nudge:
    """What to send to one person.

    until     when to look again at the latest.
    interval  how often asking helps at all.
    active    they can sign in.
    invites   they have no picture anywhere it counts, and are invited to add one; otherwise they are asked to come by.
    ask       what to remember once they were asked; None where they were, or where nobody knows what would come.
    """

    person: PersonId
    name: str
    address: str | None
    system: str
    verdict: Verdict
    reason: Reason
    start: str
    link: str
    helpdesk: str
    at: datetime
    until: datetime
    interval: timedelta
    active: bool = True
    invites: bool = False
    ask: Ask | None = None

    @property
    def needed(self) -> bool:
        """A visit would bring the picture; elsewhere asking for one only teaches people to ignore messages."""
        return advice(self.reason, pulls=True) is Advice.VISIT

    @property
    def waiting(self) -> bool:
        """Asked before, and not yet due again."""
        return self.verdict is Verdict.WAITING

    def text(self, language: Language) -> str:
        words = wording(language)
        until = words.instant(self.until)
        letter = words.invitation if self.invites else words.letter
        return letter.format(
            name=self.name, start=self.start, link=self.link, until=until, helpdesk=self.helpdesk or words.helpdesk
        )


async def nudge(org: Organisation, roll: Roll, people: Sequence[PersonId], start: str, helpdesk: str) -> list[Nudge]:
    """A nudge for every pull route that leads to an account of these people, by name; nothing is noted yet.

    Raises UserError where no visit of theirs would move anything, ConnectorError where a system cannot say its link.
    """
    routes = {route.target: route for route in org.routes if route.way is Way.PULL}
    concerned = [person for person in people if routes.keys() & roll.persons[person].keys()]
    if not concerned:
        who = roll.name(people[0]) if len(people) == 1 else "these people"
        raise UserError(
            f"Nothing waits for a visit of {who}.",
            'Visits move pictures on routes with way = "pull" to systems where the person has an account.',
        )
    plan = await look_and_plan(org, roll, concerned, Occasion(Trigger.VISIT, frozenset(concerned)))
    lines = [line for line in plan.lines if line.decision.slot.system in routes]
    lines.sort(key=lambda line: (line.name.casefold(), line.person))
    return [await _nudge(org, roll, line, routes, start, helpdesk) for line in lines]


async def reminders(
    org: Organisation, roll: Roll, people: Sequence[PersonId], start: str, helpdesk: str, portal: str
) -> list[Nudge]:
    """A nudge for everybody of these people whom one helps: to come by, or else to add a picture in the portal.

    Raises ConnectorError where a system cannot say its link.
    """
    routes = {route.target: route for route in org.routes}
    plan = await look_and_plan(org, roll, people, Occasion(Trigger.VISIT, frozenset(people)))
    coming = [line for line in plan.lines if _helps(line, routes) is Advice.VISIT]
    found = [await _nudge(org, roll, line, routes, start, helpdesk) for line in coming]
    found = [one for one in found if not one.waiting]
    asked = {line.person for line in coming}
    lacking = {line.person: line for line in plan.lines if _helps(line, routes) is Advice.ADD}
    return found + [
        _invitation(org, roll, line, portal, helpdesk) for person, line in lacking.items() if person not in asked
    ]


def what_helps(reason: Reason, route: Route) -> Advice:
    """What its person can do about a slot that this route leads to."""
    return advice(reason, pulls=route.way is Way.PULL)


def _helps(line: Line, routes: Mapping[str, Route]) -> Advice:
    return what_helps(line.decision.reason, routes[line.decision.slot.system])


def _invitation(org: Organisation, roll: Roll, line: Line, portal: str, helpdesk: str) -> Nudge:
    return replace(_about(org, roll, line, helpdesk), start=portal, link=portal, invites=True)


async def _nudge(
    org: Organisation, roll: Roll, line: Line, routes: Mapping[str, Route], start: str, helpdesk: str
) -> Nudge:
    slot, step, known = line.decision.slot, line.decision.step, _about(org, roll, line, helpdesk)
    link = (await org.systems[slot.system].ask(slot.ref)).link or start
    return replace(
        known,
        start=start,
        link=link,
        until=known.at + routes[slot.system].deadline,
        ask=Ask(slot, step.want, known.at, link) if isinstance(step, Pull) else None,
    )


def _about(org: Organisation, roll: Roll, line: Line, helpdesk: str) -> Nudge:
    """What every letter says, whatever it asks for."""
    slot, now = line.decision.slot, org.clock()
    return Nudge(
        person=line.person,
        name=line.name,
        address=roll.address(line.person),
        system=slot.system,
        verdict=line.decision.verdict,
        reason=line.decision.reason,
        start="",
        link="",
        helpdesk=helpdesk,
        at=now,
        until=now,
        interval=org.systems[slot.system].traits.interval,
        active=roll.accounts[slot].active,
    )


async def note(org: Organisation, nudges: Sequence[Nudge]) -> None:
    """Notes who was asked: judged until the deadline, since asking again too soon says nothing new."""
    for one in nudges:
        if one.ask is not None:
            await org.ledger.note_ask(one.ask)
