"""`samepic preview`: what one system would be taken for, before anything moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from samepic.cli.app import GOOD, LOOK, SOME_FAILED, Common, Desk, app, desk
from samepic.cli.looking import save
from samepic.engine.previewing import Match, Previewed, preview
from samepic.engine.spreadsheet import line
from samepic.errors import ConnectorError, UserError
from samepic.model import Finding, Level, Sighting, Unseen

COLUMNS = ("match", "name", "ref", "by", "also in", "picture", "detail")


@app.command(name="preview", group=LOOK)
async def preview_command(system: str, /, *, csv: Path | None = None, common: Common | None = None) -> int:
    """Who in one system was matched with whom, by what, who is missing there, and what in it cannot be used.

    The exit code is 1 where something cannot be used, or is held.

    Parameters
    ----------
    system
        A system's name in the settings.
    csv
        Also write all of it to this file, to be worked through.

    """
    async with desk(common) as at:
        if system not in at.org.systems:
            raise UserError(f"There is no system {system!r}.", f"There are: {', '.join(at.org.systems)}.")
        found = preview(system, at.roll, await at.org.people.links(), await _seen(at, system))
        wrong = [one for one in await at.org.systems[system].check() if one.level is not Level.GOOD]
        _show(at, found, wrong)
        if csv is not None:
            save(csv, "".join([line(COLUMNS), *(line(_row(one)) for one in found), *map(_wrong_line, wrong)]))
        at.screen.json({"accounts": found, "findings": wrong})
        held = any(one.match is Match.HELD or one.detail for one in found)
        return at.code or (SOME_FAILED if wrong or held else GOOD)


async def _seen(at: Desk, system: str) -> dict[str, Sighting | Unseen]:
    refs = [slot.ref for slot in at.roll.accounts if slot.system == system]
    try:
        return {ref: one async for ref, one in at.org.systems[system].survey(refs)}
    except ConnectorError as trouble:
        at.screen.note(f"{system}: {trouble} {trouble.remedy}".rstrip())
        return {}


def _show(at: Desk, found: Sequence[Previewed], wrong: Sequence[Finding]) -> None:
    at.screen.table(COLUMNS, map(_row, found))
    counts = Counter(one.match for one in found)
    at.screen.styled(", ".join(f"{count} {match}" for match, count in counts.most_common()) or "Nobody.", "dim")
    for one in wrong:
        at.screen.note(f"{one.subject}: {one.message} {one.remedy}".rstrip())


def _row(one: Previewed) -> list[str]:
    return [one.match, one.name, one.ref, one.by, ", ".join(one.also), one.picture, one.detail]


def _wrong_line(one: Finding) -> str:
    return line(["cannot be used", "", one.subject, "", "", "", f"{one.message} {one.remedy}".rstrip()])
