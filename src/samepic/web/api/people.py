"""People, and what every system shows for them."""

from __future__ import annotations

import base64
import json
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from samepic.engine.reading import Roll, one_roll
from samepic.engine.status import status
from samepic.model import PersonId, Verdict
from samepic.store.listing import After
from samepic.store.tokens import Scope, Token
from samepic.web.api.once import OnceRoute
from samepic.web.api.problems import Problem, described
from samepic.web.api.scopes import Needs, site_of
from samepic.web.api.shapes.people import AccountShape, Number, Numbers, People, Person, Shown, Visited, Whole
from samepic.web.site import Site

router = APIRouter(route_class=OnceRoute, tags=["people"])

Who = Annotated[str, Path(description="samepic's own id of a person.", pattern=r"^[0-9A-Za-z-]{1,64}$")]
_MOST = 200


@router.get("/people", responses=described(401, 403, 404, 422))
async def people(
    request: Request,
    _: Annotated[Token, Depends(Needs(Scope.PEOPLE_READ))],
    *,
    system: Annotated[str | None, Query(max_length=200, description="Only people with an account there.")] = None,
    verdict: Annotated[Verdict | None, Query(description="Only people with this verdict, there or anywhere.")] = None,
    text: Annotated[str | None, Query(max_length=200, description="A part of a name or an address.")] = None,
    after: Annotated[str | None, Query(max_length=2000, description="The `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
) -> People:
    """People by name, a page at a time."""
    listing = await site_of(request).org.ledger.verdict_page(
        system, () if verdict is None else (verdict,), text, _after(after), limit
    )
    return People(
        people=[Person.of(one) for one in listing.people], next=_cursor(listing.after) if listing.after else None
    )


@router.get("/people/{person}", responses=described(401, 403, 404, 422))
async def person(request: Request, person: Who, _: Annotated[Token, Depends(Needs(Scope.PEOPLE_READ))]) -> Whole:
    """Somebody, their accounts, and what each system was last seen to show."""
    site = site_of(request)
    roll = await require_person(site, person)
    return await _whole(site, roll, PersonId(person))


@router.post("/people/{person}/look", responses=described(401, 403, 404, 409, 422, 502, 503))
async def look_again(request: Request, person: Who, _: Annotated[Token, Depends(Needs(Scope.PEOPLE_READ))]) -> Whole:
    """Looks at every system now, for this one person. Changes nothing."""
    site = site_of(request)
    roll = await require_person(site, person)
    await status(site.org, roll, [PersonId(person)])
    return await _whole(site, roll, PersonId(person))


@router.post("/people/{person}/visits", status_code=202, responses=described(401, 403, 404, 409, 422))
async def visit(request: Request, person: Who, token: Annotated[Token, Depends(Needs(Scope.VISITS_WRITE))]) -> Visited:
    """Records that the person came by, such as from another portal; what waits for a visit moves now."""
    site = site_of(request)
    await require_person(site, person)
    return Visited(visit=await site.work.visit(PersonId(person), token.label))


@router.get("/numbers", responses=described(401, 403, 422))
async def numbers(request: Request, _: Annotated[Token, Depends(Needs(Scope.PEOPLE_READ))]) -> Numbers:
    """How many people each system shows what for."""
    counts = await site_of(request).org.ledger.verdict_counts()
    return Numbers(
        numbers=[
            Number(system=system, verdict=verdict, people=count) for (system, verdict), count in sorted(counts.items())
        ]
    )


async def require_person(site: Site, person: str) -> Roll:
    """The roll with this one person in it. Raises Problem(404)."""
    roll = await one_roll(site.org, PersonId(person))
    if person not in roll.persons:
        raise Problem(404, "There is nobody with this id.")
    return roll


async def _whole(site: Site, roll: Roll, person: PersonId) -> Whole:
    return Whole(
        id=person,
        name=roll.name(person),
        address=roll.address(person),
        systems=[Shown.of(one) for one in await site.org.ledger.verdicts_of(person)],
        accounts=[AccountShape.of(link) for link in await site.org.people.of(person)],
    )


def _cursor(after: After) -> str:
    return base64.urlsafe_b64encode(json.dumps(after).encode()).decode()


def _after(cursor: str | None) -> After | None:
    if cursor is None:
        return None
    try:
        folded, person = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return After(str(folded), str(person))
    except ValueError:
        raise Problem(404, "This is not a place in the list.", "Give the `next` of the page before.") from None
