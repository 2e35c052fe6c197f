"""The audit log: what people, administrators and programs did in the portal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from samepic.store.tokens import Scope, Token
from samepic.web.api.problems import described
from samepic.web.api.runs import Limit
from samepic.web.api.scopes import Needs, site_of
from samepic.web.api.shapes.log import Log, LogLine
from samepic.web.api.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["audit"])

Before = Annotated[int | None, Query(ge=1, le=2**62, description="The `next` of the page before.")]


@router.get("/audit", responses=described(401, 403, 422))
async def audit(
    request: Request, _: Annotated[Token, Depends(Needs(Scope.AUDIT_READ))], limit: Limit = 100, before: Before = None
) -> Log:
    """Who did what, newest first; `next` is where the following page begins, and none where there is none."""
    found = await site_of(request).org.ledger.audit(before, limit)
    return Log(lines=[LogLine.of(one) for one in found], next=found[-1].id if len(found) == limit else None)
