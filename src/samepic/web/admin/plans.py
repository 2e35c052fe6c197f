"""Plans: made beside the portal, read here with the pictures before and after, approved or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from samepic.engine.ordering import alarms
from samepic.engine.planfile import from_json, step_name
from samepic.engine.planning import Line, Plan
from samepic.model import Adopt, Digest, Pull, Put, Trigger
from samepic.store.ledger import Order
from samepic.store.orders import State, What
from samepic.web.access import Access, Door
from samepic.web.admin.figures import Group
from samepic.web.admin.filters import Filters
from samepic.web.admin.log import note
from samepic.web.admin.names import names
from samepic.web.admin.orders import give
from samepic.web.ask import Ask

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Reading:
    """Which steps of a plan are on the page. `steps` and `verdicts` are what there is to choose from, counted."""

    lines: Sequence[Line]
    steps: Mapping[str, int]
    verdicts: Mapping[str, int]
    step: str
    verdict: str
    start: int
    found: int

    @property
    def fields(self) -> dict[str, str]:
        return {name: value for name, value in (("step", self.step), ("verdict", self.verdict)) if value}

    @property
    def further(self) -> int | None:
        """Where the next page begins."""
        after = self.start + len(self.lines)
        return after if after < self.found else None


def reading(plan: Plan, step: str, verdict: str, start: int) -> Reading:
    """The lines with this step and this verdict (all where empty); what acts comes first. Pure."""
    steps = Counter(step_name(line.decision.step) for line in plan.lines)
    verdicts = Counter(str(line.decision.verdict) for line in plan.lines)
    step, verdict = step if step in steps else "", verdict if verdict in verdicts else ""
    found = [line for line in plan.lines if _wanted(line, step, verdict)]
    found.sort(key=lambda line: (not line.acts, line.name.casefold(), line.person))
    return Reading(found[start : start + ON_A_PAGE], steps, verdicts, step, verdict, start, len(found))


def _wanted(line: Line, step: str, verdict: str) -> bool:
    decision = line.decision
    return (not step or step_name(decision.step) == step) and (not verdict or decision.verdict == verdict)


def after(line: Line) -> Digest | None:
    """The picture that would be there after the step."""
    match line.decision.step:
        case Put(_, want) | Pull(_, want) | Adopt(_, want):
            return want
        case _:
            return None


async def plans(ask: Ask) -> Response:
    ledger = ask.site.org.ledger
    found = await ledger.orders(What.PLAN)
    people = [one for order in found for one in (order.made_by, order.decided_by)]
    return ask.page(
        "admin/plans.html",
        orders=found,
        moving=any(order.state in {State.ASKED, State.APPROVED} for order in found),
        names=await names(ask, people),
        systems=list(ask.site.org.systems),
        groups=tuple(Group),
        triggers=tuple(Trigger),
        now=ask.site.clock(),
    )


async def make(ask: Ask) -> Response:
    filters, trigger = Filters.of(ask), ask.text("trigger")
    asked = filters.asked | {"trigger": trigger if trigger in set(Trigger) else Trigger.MANUAL.value}
    number = await give(ask, What.PLAN, asked)
    await note(ask, "plan ordered", order=number, **filters.fields)
    return ask.see("admin-plan", number=number)


async def plan(ask: Ask) -> Response:
    return await _page(ask, await _order(ask))


async def _page(ask: Ask, order: Order, trouble: str = "", code: int = 200) -> Response:
    content = await ask.site.org.ledger.order_content(order.id)
    read = _reading(ask, content) if content else None
    run = await ask.site.org.ledger.run(order.run) if order.run else None
    return ask.page(
        "admin/plan.html",
        code,
        order=order,
        run=run,
        moving=order.state in {State.ASKED, State.APPROVED},
        reading=read,
        after=after,
        step_name=step_name,
        alarms=alarms(order, content),
        names=await names(ask, [order.made_by, order.decided_by]),
        trouble=trouble,
        now=ask.site.clock(),
    )


def _reading(ask: Ask, content: Mapping[str, Any]) -> Reading:
    return reading(from_json(content), ask.text("step"), ask.text("verdict"), ask.number("start") or 0)


async def decide(ask: Ask) -> Response:
    """Approves or refuses. Of two who decide at once, the second sees what the first did."""
    order = await _order(ask)
    if order.state is not State.READY:
        return await _page(ask, order, "decided", 409)
    if ask.text("decision") == "refuse":
        return await _decided(ask, order, State.REFUSED)
    needed = [str(one["count"]) for one in alarms(order, await ask.site.org.ledger.order_content(order.id))]
    typed = [one.strip() for one in ask.form.getlist("count") if isinstance(one, str)]
    if Counter(needed) != Counter(typed):
        return await _page(ask, order, "counts", 409)
    confirmed = {**order.ask, "confirmed": [int(one) for one in needed]}
    return await _decided(ask, replace(order, ask=confirmed), State.APPROVED)


async def _decided(ask: Ask, order: Order, state: State) -> Response:
    ledger = ask.site.org.ledger
    if not await ledger.decide_order(order.id, state, ask.who.label, ask.site.clock(), order.ask):
        return await _page(ask, await _order(ask), "decided", 409)
    await note(ask, f"plan {state}", order=order.id)
    if state is State.APPROVED:
        await ask.site.work.orders()
    return ask.see("admin-plan", said=f"plan-{state}", number=order.id)


async def _order(ask: Ask) -> Order:
    found = await ask.site.org.ledger.order(ask.request.path_params["number"])
    if found is None or found.what is not What.PLAN:
        raise HTTPException(404)
    return found


DOORS = (
    Door("admin-plans", "/admin/plans", Access.ADMINISTRATOR, plans),
    Door("admin-plan-make", "/admin/plans", Access.ADMINISTRATOR, make, methods=("POST",)),
    Door("admin-plan", "/admin/plans/{number:int}", Access.ADMINISTRATOR, plan),
    Door("admin-plan-decide", "/admin/plans/{number:int}/decide", Access.ADMINISTRATOR, decide, methods=("POST",)),
)
