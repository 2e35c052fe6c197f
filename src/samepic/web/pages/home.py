"""The first page: one sentence, one button, and the picture in every system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.responses import Response

from samepic.engine.reasons import Code
from samepic.store.ledger import Notice
from samepic.web.access import Access, Door
from samepic.web.ask import Ask
from samepic.web.pages.headline import News
from samepic.web.pages.now import SECONDS, face_address, look_if_stale, now
from samepic.web.pages.standing import Standing, told
from samepic.web.pages.tiles import leading_to
from samepic.web.pages.titles import Title, in_microsoft, titles
from samepic.web.words import later


async def home(ask: Ask) -> Response:
    """From what is known already; a look that begins now is shown when it is there."""
    found = await now(ask)
    if await look_if_stale(ask, found):
        found = replace(found, again=SECONDS)
    return leading_to(ask, ask.page("home.html", **_facts(ask, found)), found.tiles)


async def part(ask: Ask) -> Response:
    """The part of the page that changes, for a script to put in place of the old one."""
    return ask.page("now.html", **_facts(ask, await now(ask)))


def _facts(ask: Ask, found: object) -> dict[str, object]:
    named = titles(ask.site.settings)
    return {
        "now": found,
        "at": ask.site.clock(),
        "News": News,
        "microsoft": in_microsoft(ask.site.settings),
        "face_address": lambda one: face_address(ask, one),
        "why": lambda one: _why(ask, one, named),
        "sources_of": lambda route: [named[source].name for source in route.sources],
    }


_TO_YOU = {
    Code.CONSENT_MISSING: later("Waits for your yes; before that no picture is brought here."),
    Code.CONSENT_ENDED: later("Your yes has ended; before a new one no picture is brought here."),
}
"""What the engine says of a person, said to them."""


def _why(ask: Ask, one: Standing, named: Mapping[str, Title]) -> str:
    reason = told(one, named)
    if reason is None:
        return ""
    return ask.words.say(_TO_YOU[reason.code]) if reason.code in _TO_YOU else ask.words.sentence(reason)


async def want_note(ask: Ask) -> Response:
    """A message, once the picture is there: for every system that does not show it yet."""
    found = await now(ask)
    if found.note is None or ask.who.address is None:
        return ask.see("home")
    for one in found.headline.about:
        notice = Notice(ask.person, one.system, ask.who.address, ask.words.language, ask.site.clock())
        await ask.site.org.ledger.want_notice(notice)
    return ask.see("home", "note")


DOORS = (
    Door("home", "/", Access.PERSON, home),
    Door("now", "/now", Access.PERSON, part),
    Door("note", "/note", Access.PERSON, want_note, methods=("POST",)),
)
