"""Orders: plans made and carried out, runs taken back, letters sent, all of it beside the request that asks for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from samepic.engine.ordering import alarms
from samepic.model import Trigger
from samepic.store.ledger import Order
from samepic.store.orders import State, What
from samepic.store.tokens import Scope, Token
from samepic.web.api.once import OnceRoute
from samepic.web.api.problems import Problem, described
from samepic.web.api.scopes import Needs, site_of
from samepic.web.api.shapes.orders import Confirmed, Ordered, OrderShape, PlanWish, Whom

router = APIRouter(route_class=OnceRoute, tags=["orders"])

Number = Annotated[int, Path(ge=1, le=2**62)]


@router.post("/plans", status_code=202, responses=described(400, 401, 403, 409, 413, 422))
async def make_plan(
    request: Request, wish: PlanWish, token: Annotated[Token, Depends(Needs(Scope.RUNS_WRITE))]
) -> Ordered:
    """Asks for a plan: what a run over these people would do. It is ready a while later, and changes nothing."""
    asked = {**_whom(wish), "trigger": Trigger(wish.trigger).value}
    return await _give(request, token, What.PLAN, asked)


@router.post("/letters", status_code=202, responses=described(400, 401, 403, 409, 413, 422))
async def write_letters(
    request: Request, whom: Whom, token: Annotated[Token, Depends(Needs(Scope.RUNS_WRITE))]
) -> Ordered:
    """Asks people by mail for what only they can do; whoever was asked lately, or need not be, is left alone."""
    return await _give(
        request, token, What.LETTERS, {**_whom(whom), "language": site_of(request).settings.mail.language}
    )


@router.post("/runs/{run}/undo", status_code=202, responses=described(401, 403, 404, 409, 422))
async def undo_run(request: Request, run: Number, token: Annotated[Token, Depends(Needs(Scope.RUNS_WRITE))]) -> Ordered:
    """Takes a whole run back; a picture that somebody changed since is left alone."""
    if await site_of(request).org.ledger.run(run) is None:
        raise Problem(404, "There is no run with this number.")
    return await _give(request, token, What.UNDO, {"run": run})


@router.get("/orders/{number}", responses=described(401, 403, 404, 422))
async def order(request: Request, number: Number, _: Annotated[Token, Depends(Needs(Scope.RUNS_READ))]) -> OrderShape:
    """How far an order has come, and what came of it. A plan that is `ready` waits for a decision."""
    return OrderShape.of(await _order(request, number))


@router.get("/plans/{number}", responses=described(401, 403, 404, 422))
async def plan(
    request: Request, number: Number, _: Annotated[Token, Depends(Needs(Scope.RUNS_READ))]
) -> dict[str, Any]:
    """The plan itself, as a plan file has it; people whose picture simply stays are left out."""
    found = await _order(request, number)
    content = await site_of(request).org.ledger.order_content(found.id)
    if found.what is not What.PLAN or not content:
        raise Problem(404, "There is no plan with this number, or it is not ready yet.")
    return dict(content)


@router.post("/plans/{number}/approve", status_code=202, responses=described(400, 401, 403, 404, 409, 413, 422))
async def approve_plan(
    request: Request, number: Number, confirmed: Confirmed, token: Annotated[Token, Depends(Needs(Scope.RUNS_WRITE))]
) -> OrderShape:
    """Has a plan carried out, as far as the world still agrees with it. Each alarm has to be confirmed by its count."""
    found = await _order(request, number)
    content = await site_of(request).org.ledger.order_content(number)
    needed = [int(one["count"]) for one in alarms(found, content)]
    if Counter(needed) != Counter(confirmed.counts):
        raise Problem(409, "This plan is alarming.", f"Confirm the counts {needed}, after reading why.")
    return await _decide(request, token, found, State.APPROVED, {**found.ask, "confirmed": needed})


@router.post("/plans/{number}/refuse", responses=described(401, 403, 404, 409, 422))
async def refuse_plan(
    request: Request, number: Number, token: Annotated[Token, Depends(Needs(Scope.RUNS_WRITE))]
) -> OrderShape:
    """Leaves everything as it is."""
    found = await _order(request, number)
    return await _decide(request, token, found, State.REFUSED, found.ask)


def _whom(whom: Whom) -> dict[str, Any]:
    """As orders have it: ids, or what a list is filtered by."""
    if whom.people is not None:
        return {"people": whom.people}
    filters = {"system": whom.system, "verdicts": [one.value for one in whom.verdicts], "text": whom.text}
    return {name: value for name, value in filters.items() if value}


async def _give(request: Request, token: Token, what: What, asked: Mapping[str, Any]) -> Ordered:
    site = site_of(request)
    number = await site.org.ledger.give_order(what, asked, token.label, site.clock())
    await site.org.ledger.note_audit(token.label, f"{what} ordered", None, {"order": number}, site.clock())
    await site.work.orders()
    return Ordered(order=number)


async def _order(request: Request, number: int) -> Order:
    found = await site_of(request).org.ledger.order(number)
    if found is None:
        raise Problem(404, "There is no order with this number.")
    return found


async def _decide(request: Request, token: Token, found: Order, state: State, asked: Mapping[str, Any]) -> OrderShape:
    site, by = site_of(request), token.label
    ready = found.what is What.PLAN and found.state is State.READY
    if not ready or not await site.org.ledger.decide_order(found.id, state, by, site.clock(), asked):
        raise Problem(409, "This plan does not wait for a decision.", "It is not ready yet, or somebody has decided.")
    await site.org.ledger.note_audit(by, f"plan {state}", None, {"order": found.id}, site.clock())
    if state is State.APPROVED:
        await site.work.orders()
    return OrderShape.of(await _order(request, found.id))
