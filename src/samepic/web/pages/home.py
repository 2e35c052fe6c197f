"""The first page: one sentence, one button, and the picture in every system."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from samepic.store.ledger import Notice
from samepic.web.access import Access, Door
from samepic.web.ask import Ask
from samepic.web.pages.headline import News
from samepic.web.pages.now import SECONDS, face_address, look_if_stale, now
from samepic.web.pages.standing import told
from samepic.web.pages.tiles import leading_to
from samepic.web.pages.titles import in_microsoft, titles


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
        "why": lambda one: ask.words.sentence(reason) if (reason := told(one, named)) else "",
        "sources_of": lambda route: [named[source].name for source in route.sources],
    }


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
