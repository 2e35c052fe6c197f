"""Nudges: the link and the text that ask a person to make their own visit.

SharePoint fetches a picture only when its owner shows up, so the text is the documented way for a person to prompt it,
with this tenant's own links.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from samepic.engine.organisation import Organisation
from samepic.engine.planning import Occasion, look_and_plan
from samepic.engine.reading import Roll
from samepic.engine.reasons import Reason
from samepic.errors import UserError
from samepic.model import PersonId, Pull, Trigger, Verdict, Way
from samepic.store.ledger import Ask


@dataclass(frozen=True, slots=True)
class Nudge:
    """What to send to one person. `until` is when to look again at the latest."""

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

    @property
    def needed(self) -> bool:
        return self.verdict is not Verdict.SAME

    @property
    def text(self) -> str:
        until = f"{self.until:%Y-%m-%d %H:%M UTC}"
        return LETTER.format(name=self.name, start=self.start, link=self.link, until=until, helpdesk=self.helpdesk)


LETTER = """\
Hello {name},

SharePoint and OneDrive do not show your current profile picture yet. They fetch it from your mailbox, but only
when you come by yourself. It takes a minute:

  1. Open a private (InPrivate, incognito) browser window.
  2. Go to {start}
  3. Sign in with your work or school account.
  4. Press the OneDrive or the SharePoint tile, or go to {link}
     and wait until the page is there.

The new picture usually appears soon after, at the latest by {until}; other people may see the old
one a little longer, until their browser asks again. If it does not appear, ask {helpdesk}.
"""


async def nudge(org: Organisation, roll: Roll, person: PersonId, start: str, helpdesk: str) -> list[Nudge]:
    """A nudge for every pull route that leads to an account of this person; each is noted as asked.

    Raises UserError where no visit of theirs would move anything, ConnectorError where a system cannot say its link.
    """
    slots = roll.persons[person]
    routes = [route for route in org.routes if route.way is Way.PULL and route.target in slots]
    if not routes:
        raise UserError(
            f"Nothing waits for a visit of {roll.name(person)}.",
            'Visits move pictures on routes with way = "pull" to systems where the person has an account.',
        )
    plan = await look_and_plan(org, roll, [person], Occasion(Trigger.VISIT, frozenset({person})))
    decisions = {line.decision.slot: line.decision for line in plan.lines}
    nudges = []
    for route in routes:
        slot = slots[route.target]
        decision = decisions[slot]
        found = Nudge(
            person=person,
            name=roll.name(person),
            address=roll.address(person),
            system=route.target,
            verdict=decision.verdict,
            reason=decision.reason,
            start=start,
            link=(await org.systems[route.target].ask(slot.ref)).link or start,
            helpdesk=helpdesk,
            at=plan.made_at,
            until=plan.made_at + route.deadline,
        )
        if isinstance(decision.step, Pull):  # judged until the deadline; asking again too soon says nothing new
            await org.ledger.note_ask(Ask(slot, decision.step.want, found.at, found.link))
        nudges.append(found)
    return nudges
