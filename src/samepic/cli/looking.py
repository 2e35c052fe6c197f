"""Commands that look: who is there, what every system shows, and why."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter, Token

from samepic.cli.app import LOOK, Common, Desk, Scope, app, desk
from samepic.cli.screen import Screen
from samepic.engine.reasons import sentence
from samepic.engine.snapshot import snapshot
from samepic.engine.spreadsheet import line
from samepic.engine.status import Cell, Row, status
from samepic.errors import UserError
from samepic.model import PersonId, Verdict
from samepic.services import the_one
from samepic.sheet import contact_sheet

Flag = Annotated[bool, Parameter(negative=())]


def _verdicts(_: object, tokens: Sequence[Token]) -> tuple[Verdict, ...]:
    """As they are shown ('never visited'), or with dashes."""
    return tuple(Verdict(one.value.lower().replace("-", " ")) for one in tokens)


Verdicts = Annotated[tuple[Verdict, ...], Parameter(negative=(), converter=_verdicts)]


@app.command(name="people", group=LOOK)
async def people_command(*, scope: Scope | None = None, common: Common | None = None) -> int:
    """Everybody, and the accounts they have in each system."""
    async with desk(common) as at:
        people = sorted(await at.people(scope or Scope()), key=lambda one: at.roll.name(one).casefold())
        at.screen.table(
            ["person", "kind", "address", "accounts in", "id"],
            [_person(at, person) for person in people],
        )
        at.screen.json([person_json(at, person) for person in people])
        return at.code


def _person(at: Desk, person: PersonId) -> list[str]:
    systems = ", ".join(at.roll.persons[person])
    return [at.roll.name(person), at.roll.kind(person), at.roll.address(person) or "", systems, person]


def person_json(at: Desk, person: PersonId) -> dict[str, Any]:
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
    verdict: Verdicts = (),
    why: Annotated[bool, Parameter(negative=())] = False,
    csv: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
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
    csv
        Write a line for every person in every system to this file, or to standard output for `-`.
    sheet
        Also write a contact sheet with the pictures in it to this HTML file.

    """
    require_file(csv)
    async with desk(common) as at:
        people = [await the_one(at.org, at.roll, person)] if person else await at.people(scope or Scope())
        rows = await status(at.org, at.roll, people)
        if verdict:
            rows = [row for row in rows if any(cell.verdict in verdict for cell in row.cells.values())]
        if sheet is not None:
            await write_sheet(at, rows, sheet)
        if csv is not None:
            write_csv(rows, csv)
        if csv == "-":
            return at.code
        if person and rows:
            _show_one(at.screen, rows[0])
        elif why:
            show_reasons(at.screen, rows)
        else:
            show_rows(at.screen, list(at.org.systems), rows)
        at.screen.json([row_json(row) for row in rows])
        return at.code


def require_file(csv: str | None) -> None:
    """Raises UserError where the next option stands in the file's place."""
    if csv is not None and csv.startswith("--"):
        raise UserError("--csv needs a file, or - for standard output.")


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


def row_json(row: Row) -> dict[str, Any]:
    return {
        "person": row.person,
        "name": row.name,
        "address": row.address,
        "kind": row.kind,
        "systems": {name: cell_json(cell) for name, cell in row.cells.items()},
    }


def cell_json(cell: Cell) -> dict[str, Any]:
    return {
        "ref": cell.slot.ref if cell.slot else None,
        "verdict": cell.verdict,
        "since": cell.since,
        "present": cell.present,
        "code": cell.reason.code,
        "why": sentence(cell.reason),
        "rule": cell.decision.rule if cell.decision else None,
    }


CSV_COLUMNS = ("person", "name", "address", "kind", "system", "verdict", "present", "code", "why", "rule")


def write_csv(rows: Sequence[Row], where: str) -> None:
    write_lines(_lines(rows), where)


def _lines(rows: Sequence[Row]) -> Iterator[Sequence[str]]:
    yield CSV_COLUMNS
    for row in rows:
        for name, cell in row.cells.items():
            found = cell_json(cell)
            who = (row.person, row.name, row.address or "", row.kind)
            yield (*who, name, *(str(found[one] or "") for one in CSV_COLUMNS[5:]))


def write_lines(lines: Iterable[Sequence[str]], where: str) -> None:
    """As CSV to a file, or to standard output for `-`. Raises UserError where it cannot be written."""
    text = "".join(map(line, lines))
    if where == "-":
        sys.stdout.write(text)
    else:
        save(Path(where), text)


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
