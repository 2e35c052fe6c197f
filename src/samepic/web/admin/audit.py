"""The log: who signed in, and what administrators and programs did."""

from __future__ import annotations

from starlette.responses import Response

from samepic.model import PersonId
from samepic.web.access import Access, Door
from samepic.web.admin.names import names
from samepic.web.ask import Ask

ON_A_PAGE = 100


async def audit(ask: Ask) -> Response:
    before, person = ask.text("before"), ask.text("person")
    found = await ask.site.org.ledger.audit(
        int(before) if before.isdecimal() else None, ON_A_PAGE + 1, person=PersonId(person) if person else None
    )
    lines = found[:ON_A_PAGE]
    return ask.page(
        "admin/audit.html",
        lines=lines,
        person=person,
        names=await names(ask, [person, *(one.actor for one in lines), *(one.person for one in lines)]),
        further=lines[-1].id if len(found) > ON_A_PAGE else None,
        first=not before,
    )


DOORS = (Door("admin-audit", "/admin/audit", Access.ADMINISTRATOR, audit),)
