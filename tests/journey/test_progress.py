"""How far it has come: told after each person, shown on a terminal only, gone before the result."""

from __future__ import annotations

import io

from rich.console import Console

from samepic.cli.progress import Bars
from samepic.demo.tenant import Tenant
from samepic.engine.reading import call_roll
from samepic.engine.status import status
from samepic.services import open_organisation
from samepic.settings import load
from tests.journey.conftest import Desk


def terminal() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100)


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_bars_show_on_a_terminal_after_a_moment_only():
    console = terminal()
    bars = Bars(console, moment=0)
    bars("looking at exchange", 3, 12)
    bars.stop()
    assert "looking at exchange" in text(console)
    assert "3/12" in text(console)
    soon = terminal()
    Bars(soon, moment=60)("looking at exchange", 3, 12)
    assert text(soon) == ""
    piped = Console(file=io.StringIO())
    Bars(piped, moment=0)("looking at exchange", 3, 12)
    assert text(piped) == ""


def test_bars_may_stop_twice_and_begin_again():
    console = terminal()
    bars = Bars(console, moment=0)
    bars.stop()
    bars("one", 1, 2)
    bars.stop()
    bars.stop()
    bars("two", 1, 2)
    bars.stop()
    assert "two" in text(console)


async def test_every_system_tells_up_to_its_last_account(desk: Desk):
    assert isinstance(desk.tenant, Tenant)
    heard: dict[str, list[tuple[int, int]]] = {}

    def hear(what: str, done: int, total: int) -> None:
        heard.setdefault(what, []).append((done, total))

    async with open_organisation(load(desk.folder / "samepic.toml"), read_only=True, progress=hear) as org:
        roll = await call_roll(org)
        await status(org, roll, list(roll.persons))
    assert set(heard) == {"looking at exchange", "looking at entra", "looking at sharepoint"}
    for steps in heard.values():
        total = steps[-1][1]
        assert steps == [(done, total) for done in range(1, total + 1)]
