"""From the press to the picture: how many requests one after the other, and how long, until the thumbnail is readable.

    python -m bench.visible --latency 50

A practice tenant that waits before every answer, samepic as a long-lived process with its tokens at hand. Somebody gets
a new picture in Exchange and presses: `write` puts it down ourselves; with `pull` the person's own browser makes
SharePoint fetch it, and samepic only looks. Requests that overlap in time count as one round.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

import httpx2

from samepic import settings as settings_file
from samepic.demo.tenant import Citizen, Tenant, practice
from samepic.demo.visitor import Visitor
from samepic.engine.organisation import Organisation
from samepic.engine.planning import look_and_plan
from samepic.engine.reading import call_roll
from samepic.engine.sync import apply_plan, occasion_now
from samepic.model import PersonId, Trigger
from samepic.services import open_organisation, open_work
from samepic.store.ledger import EVERYBODY
from samepic.work import Work

ROUNDS = 4
"""So many requests one after the other `write` may need."""

PRESSES = 5
BLINK = 0.01
"""Seconds between two looks whether it is done: for a clock, not for a program."""
LARGE = "_LThumb.jpg"
BROWSER = "samepic visitor"


@dataclass(frozen=True)
class Asked:
    """One request: when it left, when its answer began."""

    left: float
    answered: float
    address: str
    by_us: bool


@dataclass(frozen=True)
class Press:
    """What one press cost until the thumbnail was readable."""

    seconds: float
    rounds: int
    requests: int


@contextmanager
def watching() -> Iterator[list[Asked]]:
    """Every request that leaves this process."""
    asked: list[Asked] = []
    real = httpx2.AsyncHTTPTransport.handle_async_request

    async def noting(transport: httpx2.AsyncHTTPTransport, request: httpx2.Request) -> httpx2.Response:
        left = time.monotonic()
        answer = await real(transport, request)
        by_us = request.headers.get("User-Agent") != BROWSER
        asked.append(Asked(left, time.monotonic(), f"{request.method} {request.url}", by_us))
        return answer

    httpx2.AsyncHTTPTransport.handle_async_request = noting  # type: ignore[method-assign]  # the one place all pass
    try:
        yield asked
    finally:
        httpx2.AsyncHTTPTransport.handle_async_request = real  # type: ignore[method-assign]


def rounds(asked: Sequence[Asked]) -> int:
    """The longest chain of requests of which none overlaps another: so often somebody waits for an answer."""
    count, free = 0, float("-inf")
    for one in sorted(asked, key=lambda one: one.answered):
        if one.left >= free:
            count, free = count + 1, one.answered
    return count


@dataclass(frozen=True)
class Stage:
    """A tenant, samepic beside it, and what leaves this process."""

    tenant: Tenant
    org: Organisation
    work: Work
    asked: list[Asked]

    async def new_picture(self, one: Citizen, number: int) -> None:
        await self.tenant.ask_control("PUT", f"/people/{one.id}/mailbox/picture", json={"portrait": f"press {number}"})

    async def thumbnail(self, one: Citizen) -> str:
        found = await self.tenant.ask_control("GET", f"/people/{one.id}")
        return str(found["pictures"]["sharepoint"]["L"])

    async def press(self, person: PersonId) -> float:
        """When the portal received it."""
        self.asked.clear()
        began = time.monotonic()
        await self.work.visit(person, "tile OneDrive")
        while await self._at_work(person):  # noqa: ASYNC110 -- another task's work, as another process would see it
            await asyncio.sleep(BLINK)
        return began

    async def quiet(self) -> None:
        """Waits until what is done at every start is done."""
        while not await self.org.ledger.due_of(EVERYBODY) or await self._at_work(EVERYBODY):  # noqa: ASYNC110 -- as above
            await asyncio.sleep(BLINK)

    async def _at_work(self, person: PersonId) -> bool:
        return any(one.holder or one.at <= self.org.clock() for one in await self.org.ledger.due_of(person))

    def ours(self) -> list[Asked]:
        return [one for one in self.asked if one.by_us and not one.address.split()[1].startswith(self.tenant.control)]


async def written(stage: Stage, one: Citizen, person: PersonId, number: int) -> Press:
    """A press on a `write` route."""
    before = await stage.thumbnail(one)
    await stage.new_picture(one, number)
    began = await stage.press(person)
    assert await stage.thumbnail(one) != before, "the thumbnail did not change"
    seen = max(asked.answered for asked in stage.ours() if LARGE in asked.address and asked.address.startswith("POST"))
    until = [asked for asked in stage.ours() if asked.answered <= seen]
    if "-v" in sys.argv:
        for asked in sorted(stage.ours(), key=lambda asked: asked.left):
            sys.stderr.write(f"{asked.left - began:.3f} {asked.answered - began:.3f} {unquote(asked.address)}\n")
    return Press(seen - began, rounds(until), len(until))


async def pulled(stage: Stage, one: Citizen, person: PersonId, number: int) -> Press:
    """A press on a `pull` route: the browser goes on to the tile's address, samepic looks."""
    before = await stage.thumbnail(one)
    await stage.new_picture(one, number)
    began = await stage.press(person)
    async with Visitor() as browser:
        page = await browser.open(stage.tenant.start)
        page = await browser.submit(page, username=one.upn)
        page = await browser.submit(page, password=one.password)
        await browser.press(page, "OneDrive")
    while await stage.thumbnail(one) == before:  # noqa: ASYNC110 -- the tenant tells nobody
        await asyncio.sleep(BLINK)
    seen = time.monotonic()
    ours = [asked for asked in stage.ours() if asked.answered <= seen]
    return Press(seen - began, rounds(ours), len(ours))


async def confirm(org: Organisation) -> None:
    """Everybody has their picture, and the route is confirmed."""
    roll = await call_roll(org)
    plan = await look_and_plan(org, roll, list(roll.persons), await occasion_now(org, Trigger.MANUAL))
    await apply_plan(org, roll, plan, confirmed=frozenset(alarm.count for alarm in plan.alarms))


MEASURES = {"write": written, "pull": pulled}


async def measure(folder: Path, way: str, people: int, latency: float) -> list[Press]:
    async with practice(folder / "tenant", "--people", str(people), "--latency", str(latency)) as tenant:
        file = folder / "samepic.toml"
        file.write_text(tenant.settings(way=way, when=("visit", "manual")))
        settings = settings_file.load(file)
        async with open_organisation(settings) as org:
            await confirm(org)
            async with open_work(org, settings) as work:
                stage = Stage(tenant, org, work, [])
                await stage.quiet()
                return [await _one(stage, way, number) for number in range(PRESSES)]


async def _one(stage: Stage, way: str, number: int) -> Press:
    one = stage.tenant.case("in-sync")
    (person,) = await stage.org.people.find(one.id)
    with watching() as asked:
        return await MEASURES[way](replace(stage, asked=asked), one, person, number)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--latency", type=float, default=50, help="milliseconds before every answer")
    parser.add_argument("-v", action="store_true", help="every request of ours, with its times")
    arguments = parser.parse_args()
    failed = False
    sys.stdout.write("| way | median s | slowest s | rounds | requests |\n|---|---|---|---|---|\n")
    for way in MEASURES:
        with tempfile.TemporaryDirectory() as folder:
            presses = asyncio.run(measure(Path(folder), way, arguments.people, arguments.latency))
        seconds, most = [one.seconds for one in presses], max(one.rounds for one in presses)
        requests = max(one.requests for one in presses)
        row = f"| {way} | {statistics.median(seconds):.2f} | {max(seconds):.2f} | {most} | {requests} |\n"
        sys.stdout.write(row)
        failed = failed or (way == "write" and most > ROUNDS)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
