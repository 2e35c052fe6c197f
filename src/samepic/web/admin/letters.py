"""Letters that ask people to come by, or to add a picture: whom they would help, how they read, and sending them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from samepic.engine.advice import Advice
from samepic.engine.nudging import Nudge, what_helps
from samepic.engine.reasons import Code, Reason
from samepic.engine.wording import wording
from samepic.model import Language, PersonId, Route, Verdict
from samepic.store.listing import Listed
from samepic.store.orders import What
from samepic.store.verdicts import Spoken
from samepic.web.access import Access, Door
from samepic.web.admin.figures import Group, figures
from samepic.web.admin.filters import Filters
from samepic.web.admin.log import note
from samepic.web.admin.names import names
from samepic.web.admin.orders import give
from samepic.web.admin.story import story
from samepic.web.ask import Ask

ASKABLE = (Group.NEVER, Group.STALE, Group.NONE)
"""Whom a letter may help."""


@dataclass(slots=True)
class Preview:
    """How many people are meant, and how many of them would get which letter; `samples` are those of the first ones."""

    meant: int = 0
    counts: Counter[Advice] = field(default_factory=Counter)
    samples: dict[Advice, Nudge] = field(default_factory=dict)

    @property
    def helped(self) -> int:
        return self.counts.total()

    def read(self, advice: Advice, language: Language) -> str:
        """The letter, with its subject above."""
        words = wording(language)
        subject = words.invitation_subject if advice is Advice.ADD else words.subject
        return f"{subject}\n\n{self.samples[advice].text(language)}"


async def reminders(ask: Ask) -> Response:
    org = ask.site.org
    counts = await org.ledger.verdict_counts()
    sent = await org.ledger.orders(What.LETTERS)
    return ask.page(
        "admin/reminders.html",
        figures=[figures(system, counts) for system in _routes(ask)],
        groups=ASKABLE,
        orders=sent,
        moving=any(order.state == "asked" for order in sent),
        names=await names(ask, [order.made_by for order in sent]),
        server=_can_mail(ask),
        days=ask.site.settings.work.remind_days,
        now=ask.site.clock(),
    )


async def letters(ask: Ask) -> Response:
    """Whom the filters mean, before anything is sent."""
    filters, person = Filters.of(ask), ask.text("person")
    return ask.page(
        "admin/letters.html",
        filters=filters,
        person=person,
        name=(await names(ask, [person])).get(person, ""),
        preview=await _preview(ask, filters, person),
        languages=tuple(Language),
        server=_can_mail(ask),
        language=ask.site.settings.mail.language,
    )


async def send(ask: Ask) -> Response:
    filters, person, language = Filters.of(ask), ask.text("person"), ask.text("language")
    spoken = language if language in set(Language) else ask.site.settings.mail.language.value
    asked: dict[str, Any] = {"people": [person]} if person else filters.asked
    number = await give(ask, What.LETTERS, asked | {"language": spoken})
    await note(ask, "letters ordered", PersonId(person) if person else None, order=number, **filters.fields)
    return ask.see("admin-reminders", said="letters-ordered")


async def _preview(ask: Ask, filters: Filters, person: str) -> Preview:
    """From what was last said; whoever is written to is looked at again before."""
    found, routes = Preview(), _routes(ask)
    async for one in _meant(ask, filters, person):
        found.meant += 1
        if (helping := helped(one.spoken, routes)) is not None:
            advice, said = helping
            found.counts[advice] += 1
            if advice not in found.samples:
                found.samples[advice] = _sample(ask, one, said, routes[said.slot.system])
    return found


async def _meant(ask: Ask, filters: Filters, person: str) -> AsyncIterator[Listed]:
    """One person where there is one, else all whom the filters let through."""
    if not person:
        async for one in filters.everybody(ask.site.org.ledger):
            yield one
    elif (found := await story(ask.site.org, PersonId(person))) is not None and found.here:
        yield Listed(found.person, found.name, found.address, tuple(one.said for one in found.places if one.said))


def helped(spoken: Sequence[Spoken], routes: Mapping[str, Route]) -> tuple[Advice, Spoken] | None:
    """What a letter would ask somebody for: to come by, or else to add a picture; None where none would help. Pure."""
    concerned = [one for one in spoken if one.slot.system in routes and one.verdict is not Verdict.WAITING]
    asked = [(what_helps(_reason(one), routes[one.slot.system]), one) for one in concerned]
    return next((one for wish in (Advice.VISIT, Advice.ADD) for one in asked if one[0] is wish), None)


def _reason(said: Spoken) -> Reason:
    return Reason(Code(said.code), said.facts)


def _sample(ask: Ask, one: Listed, said: Spoken, route: Route) -> Nudge:
    portal, now = ask.site.settings.portal, ask.site.clock()
    invites = what_helps(_reason(said), route) is Advice.ADD
    link = portal.address if invites else portal.start
    return Nudge(
        person=one.person,
        name=one.name,
        address=one.address,
        system=said.slot.system,
        verdict=said.verdict,
        reason=_reason(said),
        start=link,
        link=link,
        helpdesk=portal.helpdesk,
        at=now,
        until=now + route.deadline,
        interval=timedelta(0),
        invites=invites,
    )


def _routes(ask: Ask) -> dict[str, Route]:
    """By target."""
    return {route.target: route for route in ask.site.org.routes}


def _can_mail(ask: Ask) -> bool:
    mail = ask.site.settings.mail
    return bool(mail.host and mail.sender)


DOORS = (
    Door("admin-reminders", "/admin/reminders", Access.ADMINISTRATOR, reminders),
    Door("admin-letters", "/admin/letters", Access.ADMINISTRATOR, letters),
    Door("admin-letters-send", "/admin/letters", Access.ADMINISTRATOR, send, methods=("POST",)),
)
