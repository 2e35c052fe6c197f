"""Commands that move pictures, ask people to, or take a move back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from samepic.cli.app import GOOD, HELD, MOVE, SOME_FAILED, Common, Desk, Scope, app, desk
from samepic.cli.reporting import not_done, write_report
from samepic.cli.screen import Screen
from samepic.engine import planfile
from samepic.engine.apply import Outcome
from samepic.engine.planfile import step_name
from samepic.engine.planning import Line, Plan, look_and_plan
from samepic.engine.reasons import sentence
from samepic.engine.sync import Report, apply_plan, occasion_now, sync, unconfirmed
from samepic.engine.undo import undo_at_once, undoable
from samepic.errors import UserError
from samepic.model import Adopt, Hold, Trigger, Way
from samepic.services import matching, the_one

Confirm = Annotated[tuple[int, ...], Parameter(negative=())]
Flag = Annotated[bool, Parameter(negative=())]


@app.command(name="plan", group=MOVE)
async def plan_command(
    *,
    save: Path | None = None,
    trigger: Trigger = Trigger.MANUAL,
    way: Way | None = None,
    scope: Scope | None = None,
    common: Common | None = None,
) -> int:
    """What a sync would do, person by person, and why. Changes nothing.

    Parameters
    ----------
    save
        Write the plan to this file, for somebody to read and `samepic apply` to carry out.
    trigger
        What started it: routes move that have it in their `when`. A timer says `schedule`, a hook says `change`.
    way
        Plan as if every route went this way.

    """
    async with desk(common, way=way) as at:
        occasion = await occasion_now(at.org, trigger)
        plan = await look_and_plan(at.org, at.roll, await at.people(scope or Scope()), occasion)
        show_plan(at.screen, plan)
        for route in await unconfirmed(at.org, plan):
            at.screen.note(f"{route.name} has never run: save its plan with --save FILE, read it, then apply it.")
        if save is not None:
            planfile.write(plan, save)
            at.screen.note(f"Saved to {save}. Carry it out with: samepic apply {save}")
        at.screen.json(planfile.to_json(plan))
        return at.code


def show_plan(screen: Screen, plan: Plan) -> None:
    """What would be done, then what is held, then what stays, counted."""
    acting = [line for line in plan.lines if line.acts or isinstance(line.decision.step, Adopt)]
    holding = [line for line in plan.lines if isinstance(line.decision.step, Hold)]
    screen.table(["step", "person", "system", "verdict", "why"], [_row(line) for line in [*acting, *holding]])
    counts = Counter(step_name(line.decision.step) for line in plan.lines)
    screen.styled(", ".join(f"{count} {name}" for name, count in counts.most_common()) or "nothing to decide", "dim")
    for alarm in plan.alarms:
        screen.note(f"Careful: {alarm.message} Held unless confirmed with --confirm {alarm.count}.")


def _row(line: Line) -> list[str]:
    decision = line.decision
    return [step_name(decision.step), line.name, decision.slot.system, decision.verdict, sentence(decision.reason)]


@app.command(name="apply", group=MOVE)
async def apply_command(
    plan: Path,
    /,
    *,
    confirm: Confirm = (),
    dry_run: Flag = False,
    way: Way | None = None,
    report: Path | None = None,
    common: Common | None = None,
) -> int:
    """Carry out a saved plan, as far as the world still agrees with it.

    Parameters
    ----------
    plan
        A file written by `samepic plan --save`.
    confirm
        The count of an alarm, to let it pass; may be repeated.
    dry_run
        Go the whole way up to the first write.
    way
        The --way that the plan was made with.
    report
        Write to this CSV file what came of everybody, with the reason.

    """
    wanted = planfile.read(plan)
    async with desk(common, read_only=dry_run, way=way) as at:
        done = await apply_plan(at.org, at.roll, wanted, confirmed=frozenset(confirm), rehearse=dry_run)
        if report is not None:
            write_report(done, report)
        return _tell(at, done)


@app.command(name="sync", group=MOVE)
async def sync_command(
    *,
    confirm: Confirm = (),
    dry_run: Flag = False,
    trigger: Trigger = Trigger.MANUAL,
    way: Way | None = None,
    report: Path | None = None,
    again: Path | None = None,
    scope: Scope | None = None,
    common: Common | None = None,
) -> int:
    """Read everything, decide, and do what the routes and brakes allow. A second run finds nothing to do.

    Parameters
    ----------
    confirm
        The count of an alarm, to let it pass; may be repeated.
    dry_run
        Go the whole way up to the first write.
    trigger
        What started it: routes move that have it in their `when`. A timer says `schedule`, a hook says `change`.
    way
        Every route goes this way, for this run.
    report
        Write to this CSV file what came of everybody, with the reason.
    again
        Only those for whom something was not done, by a file that --report has written.

    """
    failed = None if again is None else frozenset(not_done(again))
    async with desk(common, read_only=dry_run, way=way) as at:
        people = [one for one in await at.people(scope or Scope()) if failed is None or one in failed]
        done = await sync(at.org, at.roll, people, trigger, confirmed=frozenset(confirm), rehearse=dry_run)
        if report is not None:
            write_report(done, report)
        return _tell(at, done)


def _tell(at: Desk, report: Report) -> int:
    """What a run did, what failed and what is held; the exit code."""
    screen = at.screen
    screen.json(report)
    if report.rehearsed:
        show_plan(screen, report.plan)
    else:
        show_outcomes(screen, report.outcomes)
    for one in report.moved:
        screen.note(f"{one.planned.name}: no longer as planned in {one.planned.decision.slot.system}: {one.reason}")
    for held in report.held:
        way_out = "" if held.confirm is None else f" Confirm with --confirm {held.confirm}."
        screen.note(f"Held, {held.acts} steps: {held.message}{way_out}")
    if report.held:
        return HELD
    return GOOD if report.good else SOME_FAILED


def show_outcomes(screen: Screen, outcomes: Sequence[Outcome]) -> None:
    """A line for each step, trouble with its remedy, and the count of each result."""
    screen.table(["result", "person", "system", "detail"], [_outcome(one) for one in outcomes])
    counts = Counter(one.result for one in outcomes)
    screen.styled(", ".join(f"{count} {result}" for result, count in counts.most_common()) or "Nothing to do.", "dim")


def _outcome(one: Outcome) -> list[str]:
    return [one.result, one.name, one.slot.system, " ".join(filter(None, (one.detail, one.remedy, one.link)))]


@app.command(name="undo", group=MOVE)
async def undo_command(
    *people: str, run: int | None = None, force: Flag = False, dry_run: Flag = False, common: Common | None = None
) -> int:
    """Put back what samepic replaced, byte for byte, and keep it so until the source has another picture.

    Parameters
    ----------
    people
        Whose pictures: names, addresses or ids. The last write of each of their slots is taken back.
    run
        A whole run, by its number, instead of people or for these people only.
    force
        Put the original back even where somebody changed the picture since.
    dry_run
        Say what would be put back.

    """
    if not people and run is None:
        raise UserError("Whose pictures?", "Name people, or a run with --run NUMBER.")
    async with desk(common, read_only=dry_run) as at:
        chosen = [one for text in people for one in await matching(at.org, at.roll, text)] if people else None
        intents = await undoable(at.org, run=run, people=chosen)
        if not intents:
            raise UserError("There is nothing to undo.", "`samepic explain PERSON` shows what was done for a person.")
        if dry_run:
            for one in intents:
                at.screen.say(f"would undo the {one.step} of run {one.run} in {one.slot}")
            return GOOD
        _, outcomes = await undo_at_once(at.org, at.roll, intents, force=force)
        show_outcomes(at.screen, outcomes)
        at.screen.json(outcomes)
        return GOOD if all(one.good for one in outcomes) else SOME_FAILED


@app.command(name="release", group=MOVE)
async def release_command(person: str, /, *, common: Common | None = None) -> int:
    """Let pictures that were undone be written again.

    Parameters
    ----------
    person
        A name, an address or an id.

    """
    async with desk(common) as at:
        who = await the_one(at.org, at.roll, person)
        freed = [slot for slot in at.roll.persons[who].values() if await at.org.ledger.release(slot)]
        at.screen.say(
            f"Released: {', '.join(one.system for one in freed)}." if freed else "Nothing was held by an undo."
        )
        at.screen.json(freed)
    return GOOD
