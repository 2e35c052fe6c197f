"""The log: who signed in, and what administrators and programs did."""

from __future__ import annotations

from starlette.responses import Response

from samepic.model import PersonId
from samepic.web.access import Access, Door
from samepic.web.admin.names import names
from samepic.web.ask import Ask
from samepic.web.words import Words, later

ON_A_PAGE = 100

DEEDS = frozenset({
    later("signed in"),
    later("signed out"),
    later("signed out elsewhere"),
    later("signed out everywhere"),
    later("sign-in refused"),
    later("sign-in failed"),
    later("connected"),
    later("connecting refused"),
    later("disconnected"),
    later("consented"),
    later("consent taken back"),
    later("consent lapsed"),
    later("token made"),
    later("token revoked"),
    later("plan ordered"),
    later("plan approved"),
    later("plan refused"),
    later("undo ordered"),
    later("letters ordered"),
    later("run asked for"),
    later("look asked for"),
    later("picture added"),
    later("picture set"),
    later("picture removed"),
    later("picture approved"),
    later("picture refused"),
    later("undo"),
    later("released"),
    later("system checked"),
    later("people exported"),
    later("linked"),
    later("unlinked"),
})  # fmt: skip
"""What stands in the log, in the words it is noted in; what is not among them is shown as it was noted."""


async def audit(ask: Ask) -> Response:
    before, person = ask.number("before"), ask.text("person")
    whose = PersonId(person) if person else None
    found = await ask.site.org.ledger.audit(before, ON_A_PAGE + 1, person=whose)
    lines = found[:ON_A_PAGE]
    return ask.page(
        "admin/audit.html",
        lines=lines,
        said={one.what: said(ask.words, one.what) for one in lines},
        person=person,
        names=await names(ask, [person, *(one.actor for one in lines), *(one.person for one in lines)]),
        further=lines[-1].id if len(found) > ON_A_PAGE else None,
        first=before is None,
    )


def said(words: Words, what: str) -> str:
    return words.say(what) if what in DEEDS else what


DOORS = (Door("admin-audit", "/admin/audit", Access.ADMINISTRATOR, audit),)
