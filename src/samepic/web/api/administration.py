"""What administrators decide: choices for a person, pictures that wait, the log, the systems' health."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from samepic.engine import setting
from samepic.engine.reading import one_roll
from samepic.model import PersonId
from samepic.store.ledger import Choice, Chosen
from samepic.store.tokens import Scope, Token
from samepic.web.api.once import OnceRoute
from samepic.web.api.people import Who, require_person
from samepic.web.api.pictures import System, effects
from samepic.web.api.problems import Problem, described
from samepic.web.api.scopes import Needs, site_of
from samepic.web.api.shapes.administration import (
    Approvals,
    ApprovalShape,
    Choices,
    ChoiceShape,
    Health,
    Refusal,
    Systems,
    SystemShape,
    Wish,
)
from samepic.web.api.shapes.runs import Effects

router = APIRouter(route_class=OnceRoute, tags=["administration"])

Number = Annotated[int, Path(ge=1, le=2**62)]


@router.get("/people/{person}/choices", responses=described(401, 403, 404, 422))
async def choices(request: Request, person: Who, _: Annotated[Token, Depends(Needs(Scope.PEOPLE_READ))]) -> Choices:
    """What a person chose for each system; those that have ended are among them."""
    site = site_of(request)
    await require_person(site, person)
    made = await site.org.ledger.choices_of(PersonId(person))
    return Choices(choices=[ChoiceShape.of(one) for one in made.values()])


@router.put("/people/{person}/choices/{system}", responses=described(400, 401, 403, 404, 409, 413, 422))
async def choose(
    request: Request,
    person: Who,
    system: System,
    wish: Wish,
    token: Annotated[Token, Depends(Needs(Scope.CHOICES_WRITE))],
) -> ChoiceShape:
    """Notes what the person said elsewhere: yes, or not here, until an instant or without an end."""
    site = site_of(request)
    roll = await require_person(site, person)
    if system not in roll.persons[PersonId(person)]:
        raise Problem(404, "The person has no account there.")
    now = site.clock()
    if wish.until is not None and wish.until <= now:
        raise Problem(409, "That end has passed.", "Give a later one, or none.")
    made = Choice(PersonId(person), system, Chosen(wish.choice), wish.until, now, token.label)
    await site.org.ledger.set_choice(made)
    await _note(request, token, f"choice {made.kind}", made.person, system=system)
    await site.work.changed(made.person)
    return ChoiceShape.of(made)


@router.delete("/people/{person}/choices/{system}", status_code=204, responses=described(401, 403, 404, 422))
async def forget_choice(
    request: Request, person: Who, system: System, token: Annotated[Token, Depends(Needs(Scope.CHOICES_WRITE))]
) -> None:
    """Takes the choice back, so that the rules decide alone."""
    site = site_of(request)
    await require_person(site, person)
    if not await site.org.ledger.clear_choice(PersonId(person), system):
        raise Problem(404, "Nothing was chosen there.")
    await _note(request, token, "choice forgotten", PersonId(person), system=system)
    await site.work.changed(PersonId(person))


@router.get("/approvals", responses=described(401, 403, 422))
async def approvals(request: Request, _: Annotated[Token, Depends(Needs(Scope.PEOPLE_READ))]) -> Approvals:
    """The pictures that wait for somebody's look."""
    waiting = await site_of(request).org.ledger.waiting_approvals()
    return Approvals(approvals=[ApprovalShape.of(one) for one in waiting])


@router.post("/approvals/{number}/approve", responses=described(401, 403, 404, 409, 422, 502, 503))
async def approve(
    request: Request, number: Number, token: Annotated[Token, Depends(Needs(Scope.APPROVALS_WRITE))]
) -> Effects:
    """Sets a picture that waits."""
    org = site_of(request).org
    found = await org.ledger.approval(number)
    if found is None:
        raise Problem(404, "There is no approval with this number.")
    effect = await setting.approve(org, await one_roll(org, found.person), number, by=token.label)
    await _note(request, token, "picture approved", found.person, approval=number)
    return effects(effect)


@router.post("/approvals/{number}/refuse", status_code=204, responses=described(400, 401, 403, 404, 409, 413, 422))
async def refuse(
    request: Request, number: Number, refusal: Refusal, token: Annotated[Token, Depends(Needs(Scope.APPROVALS_WRITE))]
) -> None:
    """Refuses a picture that waits; the person reads the note."""
    org = site_of(request).org
    found = await org.ledger.approval(number)
    if found is None:
        raise Problem(404, "There is no approval with this number.")
    await setting.refuse(org, number, by=token.label, note=refusal.note)
    await _note(request, token, "picture refused", found.person, approval=number, note=refusal.note)


@router.get("/systems", responses=described(401, 403, 422))
async def systems(request: Request, _: Annotated[Token, Depends(Needs(Scope.PEOPLE_READ))]) -> Systems:
    """The systems, what each can do, and when anybody was last looked at there."""
    site = site_of(request)
    looked = await site.org.ledger.looked_at()
    kinds = {name: table["kind"] for name, table in site.settings.systems.items()}
    return Systems(
        systems=[
            SystemShape.of(name, kinds[name], connector.traits, looked.get(name))
            for name, connector in site.org.systems.items()
        ]
    )


@router.post("/systems/{system}/check", responses=described(401, 403, 404, 422))
async def check(request: Request, system: System, _: Annotated[Token, Depends(Needs(Scope.PEOPLE_READ))]) -> Health:
    """Asks one system, as `samepic doctor` does: can we sign in, read, write. Changes nothing."""
    connector = site_of(request).org.systems.get(system)
    if connector is None:
        raise Problem(404, "There is no such system.")
    return Health.of(await connector.check())


async def _note(request: Request, token: Token, what: str, person: PersonId, **facts: object) -> None:
    ledger, now = site_of(request).org.ledger, site_of(request).clock()
    await ledger.note_audit(token.label, what, person, {name: str(one) for name, one in facts.items()}, now)
