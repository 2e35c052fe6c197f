"""A small organisation in this process: real store, real imaging, systems in memory, a clock we turn."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio

from samepic.connectors.base import Connector, Surroundings
from samepic.connectors.memory import MemoryConnector, MemoryOptions
from samepic.engine.organisation import Organisation
from samepic.engine.planning import Plan, look_and_plan
from samepic.engine.reading import Roll, call_roll
from samepic.engine.rules import Rules
from samepic.engine.sync import Report, apply_plan, occasion_now, sync
from samepic.imaging.intake import Intake
from samepic.model import Account, PersonId, Photo, Route, Rule, Slot, Trigger, Way, key
from samepic.practice.portraits import draw
from samepic.store.blobs import Blobs
from samepic.store.database import Database
from samepic.store.ledger import Ledger
from samepic.store.people import People

ROUTE = Route(("hr",), "wall", Way.WRITE, frozenset({Trigger.MANUAL, Trigger.VISIT}))


def portrait(seed: str, quality: int = 90, side: int = 256) -> Photo:
    """The drawn portrait of nobody, as a JPEG."""
    out = io.BytesIO()
    draw(seed, side).save(out, "JPEG", quality=quality)
    return Photo(out.getvalue(), "image/jpeg", (side, side))


@dataclass
class Office:
    """Two systems, `hr` and `wall`, and everything a run needs. `coats` wrap a system for the next runs."""

    folder: Path
    intake: Intake
    database: Database
    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)
    routes: tuple[Route, ...] = (ROUTE,)
    settings: str = "settings"
    rules: tuple[Rule, ...] = ()
    coats: dict[str, Callable[[Connector], Connector]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hr = MemoryConnector("hr", MemoryOptions(), Surroundings())
        self.wall = MemoryConnector("wall", MemoryOptions(sides=(96, 240)), Surroundings())

        self.systems = [self.hr, self.wall]

    def another(self, name: str) -> MemoryConnector:
        """One more system."""
        self.systems.append(MemoryConnector(name, MemoryOptions(), Surroundings()))
        return self.systems[-1]

    @property
    def org(self) -> Organisation:
        systems = {one.name: self.coats.get(one.name, lambda x: x)(one) for one in self.systems}
        blobs = Blobs(self.folder / "pictures")
        return Organisation(
            systems,
            self.routes,
            People(self.database),
            Ledger(self.database),
            blobs,
            self.intake,
            lambda: self.now,
            self.settings,
            rules=Rules(self.rules),
        )

    def hire(self, *refs: str, picture: bool = True) -> None:
        for ref in refs:
            account = Account(ref, frozenset({key("id", ref)}), name=ref.title(), address=f"{ref}@contoso.example")
            self.hr.add(account, portrait(ref) if picture else None)
            self.wall.add(account)

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    async def roll(self) -> Roll:
        return await call_roll(self.org)

    async def person(self, ref: str) -> PersonId:
        (found,) = await People(self.database).find(ref)
        return found

    async def plan(self, trigger: Trigger = Trigger.MANUAL) -> Plan:
        roll, org = await self.roll(), self.org
        return await look_and_plan(org, roll, list(roll.persons), await occasion_now(org, trigger))

    async def apply(self, plan: Plan) -> Report:
        return await apply_plan(self.org, await self.roll(), plan)

    async def sync(self, trigger: Trigger = Trigger.MANUAL, **options) -> Report:
        roll = await self.roll()
        return await sync(self.org, roll, list(roll.persons), trigger, **options)

    async def start(self) -> Report:
        """The first run: a plan, read by somebody, and applied."""
        return await self.apply(await self.plan())

    async def shows(self, ref: str, system: str = "wall") -> Photo | None:
        return await getattr(self, system).fetch(ref)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def intake() -> AsyncIterator[Intake]:
    async with Intake() as intake:
        yield intake


@pytest_asyncio.fixture(loop_scope="module")
async def office(tmp_path: Path, intake: Intake) -> AsyncIterator[Office]:
    database = await Database.open(tmp_path / "store")
    yield Office(tmp_path, intake, database)
    await database.close()


def slot(ref: str, system: str = "wall") -> Slot:
    return Slot(system, ref)
