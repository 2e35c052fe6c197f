"""A run as a spreadsheet: a row for each person and system. The same command takes it to do the failed ones again."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from samepic.cli.looking import save
from samepic.engine.apply import Outcome, Result
from samepic.engine.planning import Line
from samepic.engine.reasons import sentence
from samepic.engine.spreadsheet import line
from samepic.engine.sync import Report
from samepic.errors import UserError
from samepic.model import Hold, PersonId, Verdict

COLUMNS = ("person", "name", "system", "ref", "result", "reason", "remedy")
_WELL = frozenset({Result.DONE, Result.ADOPTED, Result.ASKED, "as it was"})
_TROUBLED = frozenset({Verdict.CANNOT_READ, Verdict.HELD, Verdict.UNKNOWN_STORE})


def write_report(report: Report, path: Path) -> None:
    """Raises UserError where the file cannot be written."""
    acted = {one.slot for one in report.outcomes}
    rows = [_outcome(one) for one in report.outcomes]
    rows += [_line(one) for one in report.plan.lines if one.decision.slot not in acted]
    save(path, "".join(line(row) for row in [list(COLUMNS), *rows]))


def _outcome(one: Outcome) -> list[str]:
    return [one.person, one.name, one.slot.system, one.slot.ref, one.result, one.detail, one.remedy]


def _line(one: Line) -> list[str]:
    decision = one.decision
    held = decision.verdict in _TROUBLED or one.acts or isinstance(decision.step, Hold)
    result = str(decision.verdict) if decision.verdict in _TROUBLED else "held" if held else "as it was"
    return [one.person, one.name, decision.slot.system, decision.slot.ref, result, sentence(decision.reason), ""]


def not_done(path: Path) -> list[PersonId]:
    """Everybody in a report for whom something was not done. Raises UserError where it is no report."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as text:
            return list(dict.fromkeys(_people(csv.DictReader(text), path)))
    except (OSError, UnicodeDecodeError, csv.Error) as why:
        said = why.strerror if isinstance(why, OSError) else "it is no report"
        raise UserError(f"{path} cannot be read: {said}.", "Name a file that --report has written.") from None


def _people(rows: csv.DictReader[str], path: Path) -> Iterator[PersonId]:
    if not {"person", "result"} <= set(rows.fieldnames or ()):
        raise UserError(f"{path} is no report: it has no columns person and result.", "Name one that --report wrote.")
    for row in rows:
        if row["person"] and row["result"] not in _WELL:
            yield PersonId(row["person"])
