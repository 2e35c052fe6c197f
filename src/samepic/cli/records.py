"""Commands about what samepic remembers: one person's history, the runs, and taking all of it elsewhere.

None of them asks a system, so they work while the tenant is away.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from samepic.cli.app import GOOD, LOOK, MOVE, Common, app
from samepic.cli.screen import Screen
from samepic.errors import NoSuchPerson
from samepic.model import PersonId
from samepic.services import utc_now
from samepic.settings import load
from samepic.store import archive
from samepic.store.blobs import Blobs
from samepic.store.database import Database
from samepic.store.ledger import Intent, Ledger, Remembered, Run
from samepic.store.people import Link, People


@dataclass(frozen=True, slots=True)
class Records:
    """What is remembered, without the systems it is about."""

    screen: Screen
    database: Database
    people: People
    ledger: Ledger
    blobs: Blobs


@asynccontextmanager
async def records(common: Common | None) -> AsyncIterator[Records]:
    common = common or Common()
    settings = load(common.settings)
    async with await Database.open(settings.store_folder, patience=settings.store_patience) as database:
        blobs = Blobs(settings.store_folder / "pictures")
        yield Records(Screen(as_json=common.json), database, People(database), Ledger(database), blobs)


@app.command(name="history", group=LOOK)
async def history_command(person: str, /, *, common: Common | None = None) -> int:
    """What is remembered about one person: accounts, what was last seen in each, what was done, and in which runs.

    Parameters
    ----------
    person
        A name, an address or an id, also of somebody who is gone.

    """
    async with records(common) as at:
        links = await _the_one(at, person)
        journal = await at.ledger.journal(person=links[0].person, limit=None)
        concerned = {one.run for one in journal}
        runs = [one for one in await at.ledger.runs(limit=1_000_000) if one.id in concerned]
        refs = {one.system: one.account.ref for one in links}
        seen = {system: (await at.ledger.remembered(system, [ref])).get(ref) for system, ref in refs.items()}
        _show_history(at.screen, links, seen, journal, runs)
        at.screen.json({"person": links[0].person, "accounts": links, "seen": seen, "journal": journal, "runs": runs})
    return GOOD


async def _the_one(at: Records, text: str) -> list[Link]:
    """Every link of the one person whom a text names. Raises NoSuchPerson."""
    found: Sequence[PersonId] = await at.people.find(text)
    if not found:
        raise NoSuchPerson(f"Nobody is remembered by {text!r}.", "`samepic people` reads who there is.")
    if len(found) > 1:
        raise NoSuchPerson(f"{text!r} fits {len(found)} people.", "Use an address or an id.")
    return await at.people.of(found[0])


def _show_history(
    screen: Screen,
    links: Sequence[Link],
    seen: Mapping[str, Remembered | None],
    journal: Sequence[Intent],
    runs: Sequence[Run],
) -> None:
    screen.styled(f"{links[0].account.name}  {links[0].account.address or ''}".rstrip(), "bold")
    screen.table(["account in", "ref", "linked by", "gone", "last seen there"], [_link(one, seen) for one in links])
    screen.table(["when (UTC)", "step", "system", "result", "run"], [_deed(one) for one in journal])
    screen.table(["run", "what", "started by", "began", "ended", "outcome"], [_run(one) for one in runs])


def _link(link: Link, seen: Mapping[str, Remembered | None]) -> list[str]:
    known = seen[link.system]
    shown = "never looked at"
    if known is not None:
        shown = f"{'a picture' if known.sighting.present else 'no picture'} since {_minute(known.first_at)}"
    return [link.system, link.account.ref, link.linked_by, _minute(link.gone_at) if link.gone_at else "", shown]


def _deed(intent: Intent) -> list[str]:
    state = f"{intent.outcome or 'not confirmed yet'}{', undone' if intent.undone_by else ''}"
    result = f"{state}: {intent.detail}" if intent.detail else state
    return [_minute(intent.opened_at), intent.step, intent.slot.system, result, str(intent.run)]


@app.command(name="runs", group=LOOK)
async def runs_command(*, last: int = 20, common: Common | None = None) -> int:
    """The newest runs, with what came of each.

    Parameters
    ----------
    last
        How many.

    """
    async with records(common) as at:
        found = await at.ledger.runs(limit=max(last, 0))
        at.screen.table(["run", "what", "started by", "began", "ended", "outcome"], [_run(one) for one in found])
        at.screen.json(found)
    return GOOD


def _run(run: Run) -> list[str]:
    counts = ", ".join(f"{count} {what}" for what, count in run.outcome.items() if count) or "nothing"
    ended = _minute(run.ended) if run.ended else ""
    return [str(run.id), run.what, run.trigger, _minute(run.started), ended, counts if run.ended else "not ended"]


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


@app.command(name="export", group=MOVE)
async def export_command(file: Path, /, *, common: Common | None = None) -> int:
    """Everything that is remembered, in one file: people, baselines, pins, journal and pictures. Never a secret.

    Parameters
    ----------
    file
        A zip that is not there yet.

    """
    async with records(common) as at:
        _tell(at.screen, await archive.export(at.database, at.blobs, file, utc_now()), f"exported to {file}")
    return GOOD


@app.command(name="import", group=MOVE)
async def import_command(file: Path, /, *, common: Common | None = None) -> int:
    """Read what another installation exported into an empty store.

    Parameters
    ----------
    file
        The zip.

    """
    async with records(common) as at:
        _tell(at.screen, await archive.restore(at.database, at.blobs, file), f"imported from {file}")
    return GOOD


def _tell(screen: Screen, done: archive.Contents, how: str) -> None:
    screen.say(f"{done.people} people, {done.journal} journal entries and {done.pictures} pictures {how}.")
    screen.json(done)
