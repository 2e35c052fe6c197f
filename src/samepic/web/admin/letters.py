"""Letters that ask people for their visit: whom they would help, how they read, and sending them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from samepic.engine.advice import Advice, advice
from samepic.engine.nudging import Nudge
from samepic.engine.reasons import Code, Reason
from samepic.engine.wording import wording
from samepic.model import Language, PersonId, Route, Verdict, Way
from samepic.store.listing import Listed
from samepic.store.orders import What
from samepic.store.verdicts import Spoken
from samepic.web.access import Access, Door
from samepic.web.admin.figures import Group, figures
from samepic.web.admin.filters import Filters
from samepic.web.admin.log import note
from samepic.web.admin.names import names
from samepic.web.admin.orders import give
from samepic.web.ask import Ask

ASKABLE = (Group.NEVER, Group.STALE, Group.NONE)
"""Whom a letter may help."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How many people are meant, how many of them a letter would help, and how it reads to the first of those."""

    meant: int
    helped: int
    letters: Mapping[Language, str]


async def reminders(ask: Ask) -> Response:
    org = ask.site.org
    counts = await org.ledger.verdict_counts()
    sent = await org.ledger.orders(What.LETTERS)
    return ask.page(
        "admin/reminders.html",
        figures=[figures(system, counts) for system in _targets(ask)],
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
    meant, helped = 0, 0
    letters: Mapping[Language, str] = {}
    targets = _targets(ask)
    async for one in filters.everybody(ask.site.org.ledger):
        if person and one.person != person:
            continue
        meant += 1
        if (said := _helped(one, targets)) is not None:
            helped += 1
            letters = letters or _read_to(ask, one, said, targets[said.slot.system])
    return Preview(meant, helped, letters)


def _helped(one: Listed, targets: Mapping[str, Route]) -> Spoken | None:
    """Where a visit of this person would bring the picture."""
    for said in one.spoken:
        due = said.slot.system in targets and said.verdict is not Verdict.WAITING
        if due and advice(Reason(Code(said.code), said.facts), pulls=True) is Advice.VISIT:
            return said
    return None


def _read_to(ask: Ask, one: Listed, said: Spoken, route: Route) -> dict[Language, str]:
    portal, now = ask.site.settings.portal, ask.site.clock()
    sample = Nudge(
        person=one.person,
        name=one.name,
        address=one.address,
        system=said.slot.system,
        verdict=said.verdict,
        reason=Reason(Code(said.code), said.facts),
        start=portal.start,
        link=portal.start,
        helpdesk=portal.helpdesk,
        at=now,
        until=now + route.deadline,
        interval=timedelta(0),
    )
    return {language: f"{wording(language).subject}\n\n{sample.text(language)}" for language in Language}


def _targets(ask: Ask) -> dict[str, Route]:
    """Where a visit moves pictures."""
    return {route.target: route for route in ask.site.org.routes if route.way is Way.PULL}


def _can_mail(ask: Ask) -> bool:
    mail = ask.site.settings.mail
    return bool(mail.host and mail.sender)


DOORS = (
    Door("admin-reminders", "/admin/reminders", Access.ADMINISTRATOR, reminders),
    Door("admin-letters", "/admin/letters", Access.ADMINISTRATOR, letters),
    Door("admin-letters-send", "/admin/letters", Access.ADMINISTRATOR, send, methods=("POST",)),
)
