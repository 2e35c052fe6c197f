"""Commands that look: who is there, what every system shows, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from samepic.cli.app import LOOK, Common, Desk, Scope, app, desk
from samepic.cli.screen import Screen, badge
from samepic.engine.reasons import sentence
from samepic.engine.snapshot import snapshot
from samepic.engine.status import Cell, Row, status
from samepic.errors import UserError
from samepic.model import PersonId, Verdict
from samepic.services import the_one
from samepic.sheet import contact_sheet

Flag = Annotated[bool, Parameter(negative=())]


@app.command(name="people", group=LOOK)
async def people_command(*, scope: Scope | None = None, common: Common | None = None) -> int:
    """Everybody, and the accounts they have in each system."""
    async with desk(common) as at:
        people = sorted(await at.people(scope or Scope()), key=lambda one: at.roll.name(one).casefold())
        at.screen.table(
            ["person", "kind", "address", "accounts in", "id"],
            [_person(at, person) for person in people],
        )
        at.screen.json([_person_json(at, person) for person in people])
        return at.code


def _person(at: Desk, person: PersonId) -> list[str]:
    systems = ", ".join(at.roll.persons[person])
    return [at.roll.name(person), at.roll.kind(person), at.roll.address(person) or "", systems, person]


def _person_json(at: Desk, person: PersonId) -> dict[str, Any]:
    return {
        "person": person,
        "name": at.roll.name(person),
        "kind": at.roll.kind(person),
        "address": at.roll.address(person),
        "accounts": {system: at.roll.accounts[slot] for system, slot in at.roll.persons[person].items()},
    }


@app.command(name="status", group=LOOK)
async def status_command(
    person: str | None = None,
    /,
    *,
    verdict: Annotated[tuple[Verdict, ...], Parameter(negative=())] = (),
    why: Annotated[bool, Parameter(negative=())] = False,
    sheet: Path | None = None,
    scope: Scope | None = None,
    common: Common | None = None,
) -> int:
    """What every system shows for everybody, with a verdict; for one person, with the reasons.

    Parameters
    ----------
    person
        One person: a name, an address or an id.
    verdict
        Only people with this verdict in some system; may be repeated.
    why
        A line for every person in every system, with the reason.
    sheet
        Also write a contact sheet with the pictures in it to this HTML file.

    """
    async with desk(common) as at:
        people = [await the_one(at.org, at.roll, person)] if person else await at.people(scope or Scope())
        rows = await status(at.org, at.roll, people)
        if verdict:
            rows = [row for row in rows if any(cell.verdict in verdict for cell in row.cells.values())]
        if sheet is not None:
            await write_sheet(at, rows, sheet)
        if person and rows:
            _show_one(at.screen, rows[0])
        elif why:
            show_reasons(at.screen, rows)
        else:
            show_rows(at.screen, list(at.org.systems), rows)
        at.screen.json([_row_json(row) for row in rows])
        return at.code


def show_rows(screen: Screen, systems: Sequence[str], rows: Sequence[Row]) -> None:
    """The table of everybody, and the count of each verdict below."""
    screen.table(["person", *systems], [[row.name, *(row.cells[name].verdict for name in systems)] for row in rows])
    for system in systems if rows else ():
        counts = Counter(row.cells[system].verdict for row in rows)
        screen.styled(f"{system}: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()), "dim")


def show_reasons(screen: Screen, rows: Sequence[Row]) -> None:
    """A line for every person in every system; on a terminal the name is said once."""
    lines = [
        [row.name if place == 0 or not screen.shows_tables else "", name, cell.verdict, sentence(cell.reason)]
        for row in rows
        for place, (name, cell) in enumerate(row.cells.items())
    ]
    screen.table(["person", "system", "verdict", "why"], lines)


def _show_one(screen: Screen, row: Row) -> None:
    screen.styled(f"{row.name}  {row.address or ''}".rstrip(), "bold")
    screen.table(
        ["system", "verdict", "why"], [[name, cell.verdict, sentence(cell.reason)] for name, cell in row.cells.items()]
    )


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "person": row.person,
        "name": row.name,
        "address": row.address,
        "kind": row.kind,
        "systems": {name: _cell_json(cell) for name, cell in row.cells.items()},
    }


def _cell_json(cell: Cell) -> dict[str, Any]:
    return {
        "ref": cell.slot.ref if cell.slot else None,
        "verdict": cell.verdict,
        "present": cell.present,
        "code": cell.reason.code,
        "why": sentence(cell.reason),
        "rule": cell.decision.rule if cell.decision else None,
    }


async def write_sheet(at: Desk, rows: Sequence[Row], path: Path) -> None:
    shot = await snapshot(at.org, rows, "now", at.org.clock())
    save(path, contact_sheet("Profile pictures", shot))
    at.screen.note(f"Contact sheet: {path}")


def save(path: Path, text: str) -> None:
    """Raises UserError where the file cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as why:
        raise UserError(f"{path} cannot be written: {why.strerror}.") from None


@app.command(name="explain", group=LOOK)
async def explain_command(person: str, /, *, common: Common | None = None) -> int:
    """One person's whole story: accounts, what each system shows, why, which rule decided, and what samepic did.

    Parameters
    ----------
    person
        A name, an address or an id.

    """
    async with desk(common) as at:
        who = await the_one(at.org, at.roll, person)
        (row,) = await status(at.org, at.roll, [who])
        await _story(at, row)
        journal = await at.org.ledger.journal(person=who, limit=20)
        at.screen.json(_row_json(row) | {"accounts": _person_json(at, who)["accounts"], "journal": journal})
        return at.code


async def _story(at: Desk, row: Row) -> None:
    screen = at.screen
    screen.styled(f"{row.name}  {row.address or ''}  ({row.kind})", "bold")
    accounts = [at.roll.accounts[cell.slot] for cell in row.cells.values() if cell.slot is not None]
    screen.say(f"person {row.person}")
    screen.say(f"known as {', '.join(sorted(frozenset().union(*(one.keys for one in accounts))))}")
    for system, cell in row.cells.items():
        screen.say()
        screen.styled(f"{system}: {badge(cell.verdict)}", "bold")
        screen.say(f"  why    {sentence(cell.reason)}")
        if cell.decision is not None and cell.decision.rule:
            screen.say(f"  rule   {cell.decision.rule}")
        if cell.slot is not None:
            account = at.roll.accounts[cell.slot]
            screen.say(f"  ref    {cell.slot.ref}{'' if account.active else '  (sign-in blocked)'}")
            await _since(at, cell)
    await _deeds(at, row)


async def _since(at: Desk, cell: Cell) -> None:
    assert cell.slot is not None
    known = (await at.org.ledger.remembered(cell.slot.system)).get(cell.slot.ref)
    if known is not None:
        what = "this picture" if known.sighting.present else "no picture"
        at.screen.say(f"  since  {what} first seen {known.first_at:%Y-%m-%d %H:%M UTC}")


async def _deeds(at: Desk, row: Row) -> None:
    journal = await at.org.ledger.journal(person=row.person, limit=20)
    if not journal:
        return
    at.screen.say()
    at.screen.styled("what samepic did", "bold")
    for one in journal:
        state = f"{one.outcome or 'not confirmed yet'}{', undone' if one.undone_by else ''}"
        at.screen.say(
            f"  {one.opened_at:%Y-%m-%d %H:%M} UTC  {one.step} in {one.slot.system}: {state}  (run {one.run})"
        )
