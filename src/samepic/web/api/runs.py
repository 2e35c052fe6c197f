"""Runs and the journal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from samepic.model import PersonId
from samepic.store.tokens import Scope, Token
from samepic.web.api.once import OnceRoute
from samepic.web.api.people import Who, require_person
from samepic.web.api.problems import Problem, described
from samepic.web.api.scopes import Needs, site_of
from samepic.web.api.shapes.people import Taken
from samepic.web.api.shapes.runs import Entries, Entry, Runs, RunShape

router = APIRouter(route_class=OnceRoute, tags=["runs"])

Number = Annotated[int, Path(ge=1, le=2**62)]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/runs", responses=described(401, 403, 422))
async def runs(request: Request, _: Annotated[Token, Depends(Needs(Scope.RUNS_READ))], limit: Limit = 50) -> Runs:
    """The newest runs, newest first."""
    found = await site_of(request).org.ledger.runs(limit)
    return Runs(runs=[RunShape.of(one) for one in found])


@router.get("/runs/{run}", responses=described(401, 403, 404, 422))
async def run(request: Request, run: Number, _: Annotated[Token, Depends(Needs(Scope.RUNS_READ))]) -> RunShape:
    """One run; while it goes on, how far it has come."""
    found = await site_of(request).org.ledger.run(run)
    if found is None:
        raise Problem(404, "There is no run with this number.")
    return RunShape.of(found)


@router.get("/runs/{run}/journal", responses=described(401, 403, 404, 422))
async def journal_of_run(
    request: Request, run: Number, _: Annotated[Token, Depends(Needs(Scope.RUNS_READ))], limit: Limit = 200
) -> Entries:
    """What a run wrote, newest first."""
    ledger = site_of(request).org.ledger
    if await ledger.run(run) is None:
        raise Problem(404, "There is no run with this number.")
    return Entries(entries=[Entry.of(one) for one in await ledger.journal(run=run, limit=limit)])


@router.get("/people/{person}/journal", responses=described(401, 403, 404, 422))
async def journal_of_person(
    request: Request, person: Who, _: Annotated[Token, Depends(Needs(Scope.RUNS_READ))], limit: Limit = 200
) -> Entries:
    """Every write for this person, newest first."""
    site = site_of(request)
    await require_person(site, person)
    found = await site.org.ledger.journal(person=PersonId(person), limit=limit)
    return Entries(entries=[Entry.of(one) for one in found])


@router.post("/runs", status_code=202, responses=described(401, 403, 409, 422))
async def start_run(request: Request, token: Annotated[Token, Depends(Needs(Scope.RUNS_WRITE))]) -> Taken:
    """Asks for a run over everybody, as the routes and the brakes allow; it begins as soon as possible."""
    site = site_of(request)
    await site.work.everybody()
    await site.org.ledger.note_audit(token.label, "run asked for", None, {}, site.clock())
    return Taken(people=sum(1 for _ in {link.person for link in await site.org.people.links()}))
