"""Carrying out what administrators ordered: plans made and carried out, runs taken back, letters sent.

An order may be carried out again after a crash: a plan is made anew, what was applied or put back before is found so,
and nobody is written to twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from samepic.engine import planfile
from samepic.engine.mailing import Posted, post, unmailed, why_not
from samepic.engine.nudging import reminders
from samepic.engine.organisation import Organisation
from samepic.engine.planning import Plan, look_and_plan
from samepic.engine.progress import recorded
from samepic.engine.reading import Roll, known_roll
from samepic.engine.sync import Report, apply_plan, came_to_nothing, occasion_now, unconfirmed
from samepic.engine.undo import undo, undoable
from samepic.errors import Busy, SamepicError, UserError
from samepic.mail import Mailer, MailServer
from samepic.model import Keep, Language, PersonId, Trigger, Verdict
from samepic.store.ledger import Order
from samepic.store.orders import State, What

T = TypeVar("T")

AT_ONCE = 50
"""People written to, or writes taken back, between two notes of the progress."""

AGAIN = timedelta(days=1)
"""Nobody is written to twice within this time, however often it is ordered; mostly a system's own is longer."""

NAMED = 200
"""Of the steps that the world has overtaken so many are named in an order; the run knows all of them."""


@dataclass(frozen=True, slots=True)
class Post:
    """How letters are sent: through which server, with which links. `portal` is where people add a picture."""

    server: MailServer
    start: str
    helpdesk: str
    portal: str


Call = Callable[[], Awaitable[Roll]]


async def carry_out_orders(org: Organisation, call: Call, mail: Post | None) -> None:
    """Everything that waits, oldest first; `call` calls the roll. Trouble is noted with its order and stops no other.

    Raises Busy where another run is in the way: the caller comes back later.
    """
    for order in await org.ledger.orders_to_do():
        try:
            await _carry_out(org, order, call, mail)
        except Busy:
            raise
        except SamepicError as trouble:
            remedy = trouble.remedy if isinstance(trouble, UserError) else ""
            message = trouble.message if isinstance(trouble, UserError) else str(trouble)
            await org.ledger.close_order(order.id, State.FAILED, {"trouble": message, "remedy": remedy})


async def _carry_out(org: Organisation, order: Order, call: Call, mail: Post | None) -> None:
    match order.what:
        case What.PLAN if order.state is State.APPROVED:
            await _apply(org, order, await call())
        case What.PLAN:
            await _plan(org, order, call)
        case What.UNDO:
            await _undo(org, order)
        case What.LETTERS:
            await _write_letters(org, order, mail)


@asynccontextmanager
async def _run_for(org: Organisation, order: Order, trigger: Trigger = Trigger.MANUAL) -> AsyncIterator[_Run]:
    """A run under the order's name, whose progress is written down; it ends with its counts, also where it breaks."""
    number = await org.ledger.begin_run(order.what, trigger, org.settings, org.clock())
    await org.ledger.begin_order(order.id, number)
    counts: Counter[str] = Counter()
    try:
        async with recorded(org, number) as at_work:
            yield _Run(number, at_work, counts)
    finally:
        await org.ledger.end_run(number, dict(counts), org.clock())


@dataclass(frozen=True, slots=True)
class _Run:
    """`org` tells the run's progress; `counts` are what came of it so far."""

    number: int
    org: Organisation
    counts: Counter[str]


# --- plans -----------------------------------------------------------------------------------------------------------


async def _plan(org: Organisation, order: Order, call: Call) -> None:
    trigger = Trigger(order.ask["trigger"])
    async with _run_for(org, order, trigger) as run:
        roll = await call()
        people = await people_meant(org, roll, order.ask)
        plan = await look_and_plan(run.org, roll, people, await occasion_now(org, trigger))
        run.counts["planned"] = len(plan.acts)
    fresh = [route.name for route in await unconfirmed(org, plan)]
    summary = {"steps": _steps(plan), "acts": len(plan.acts), "first_runs": fresh}
    state = State.READY if plan.acts else State.DONE
    await org.ledger.close_order(order.id, state, summary, planfile.to_json(_worth_reading(plan)))


def _worth_reading(plan: Plan) -> Plan:
    """Without everybody whose picture simply stays: of them there are too many to keep, and nothing to say."""
    return replace(plan, lines=tuple(one for one in plan.lines if not isinstance(one.decision.step, Keep)))


def _steps(plan: Plan) -> dict[str, int]:
    return dict(Counter(planfile.step_name(line.decision.step) for line in plan.lines))


async def people_meant(org: Organisation, roll: Roll, ask: Mapping[str, Any]) -> list[PersonId]:
    """Whom an order is about: `people` by their ids, or those in the list with `system`, `verdicts` and `text`."""
    if "people" in ask:
        return [PersonId(one) for one in ask["people"] if one in roll.persons]
    verdicts = [Verdict(one) for one in ask.get("verdicts", ())]
    if not (verdicts or ask.get("system") or ask.get("text")):
        return list(roll.persons)
    listed = org.ledger.everybody_listed(ask.get("system"), verdicts, ask.get("text"))
    return [one.person async for one in listed if one.person in roll.persons]


async def _apply(org: Organisation, order: Order, roll: Roll) -> None:
    plan = planfile.from_json(await org.ledger.order_content(order.id))
    confirmed = frozenset(order.ask.get("confirmed", ()))
    report = await apply_plan(org, roll, plan, confirmed=confirmed)
    await org.ledger.begin_order(order.id, report.run)
    state = State.READY if report.held else State.DONE  # held anew: it has to be confirmed by the counts of today
    await org.ledger.close_order(order.id, state, {**order.summary, **_came_of(report)})


def _came_of(report: Report) -> dict[str, Any]:
    moved = [
        {"person": one.planned.person, "name": one.planned.name, "system": one.planned.decision.slot.system}
        | {"reason": one.reason}
        for one in report.moved[:NAMED]
    ]
    return {
        "results": dict(Counter(str(one.result) for one in report.outcomes)),
        "overtaken": len(report.moved),
        "moved": moved,
        "alarms": [asdict(one) for one in report.plan.alarms] if report.held else [],
    }


def alarms(order: Order, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What has to be confirmed by its count: as the world was when the plan was held, else when it was made."""
    return list(order.summary.get("alarms") or content.get("alarms", ()))


# --- runs taken back -------------------------------------------------------------------------------------------------


async def _undo(org: Organisation, order: Order) -> None:
    """Where somebody changed a picture since, it is left alone."""
    roll, intents = await known_roll(org), await undoable(org, run=order.ask["run"])
    async with _run_for(org, order) as run:
        for some in _parts(intents):
            outcomes = await undo(org, run.number, roll, some, force=False)
            await org.ledger.note_troubles(run.number, came_to_nothing(outcomes))
            run.counts.update(str(one.result) for one in outcomes)
            run.org.progress("undo", run.counts.total(), len(intents))
    await org.ledger.close_order(order.id, State.DONE, {"results": dict(run.counts)})


# --- letters ---------------------------------------------------------------------------------------------------------


async def _write_letters(org: Organisation, order: Order, mail: Post | None) -> None:
    """To everybody meant whom one helps; they are looked at again before."""
    if mail is None:
        raise UserError("There is no mail server in the settings.", "Set host and sender in [mail].")
    roll = await known_roll(org)
    people = await people_meant(org, roll, order.ask)
    async with _run_for(org, order) as run, Mailer(mail.server) as mailer:
        office = _Office(org, roll, mail, mailer, Language(order.ask["language"]))
        for done, some in enumerate(_parts(people)):
            run.counts.update([one.result async for one in office.letters(some)])
            run.org.progress("letters", done * AT_ONCE + len(some), len(people))
    await org.ledger.close_order(order.id, State.DONE, {"results": dict(run.counts)})


@dataclass(frozen=True, slots=True)
class _Office:
    """Where letters are written."""

    org: Organisation
    roll: Roll
    mail: Post
    mailer: Mailer
    language: Language

    async def letters(self, people: Sequence[PersonId]) -> AsyncIterator[Posted]:
        mail = self.mail
        found = await reminders(self.org, self.roll, people, mail.start, mail.helpdesk, mail.portal)
        wanted = []
        for one in found:
            if why := why_not(one):
                yield unmailed(one, why)
            else:
                wanted.append(one)
        async for posted in post(self.org, self.mailer, wanted, self.language, every=AGAIN):
            yield posted


def _parts(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), AT_ONCE):
        yield things[start : start + AT_ONCE]
