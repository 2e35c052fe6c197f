"""Anything may happen in any order: pictures change on both sides, systems fail, lie and lag, people undo and release.

After every run: the source is never written to, and whatever a run replaced is kept. In the end, with honest systems,
a few runs converge, a last one does nothing, and everybody shows what they should.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from samepic.connectors.faulty import Fault, Faulty
from samepic.engine.undo import undo, undoable
from samepic.imaging.intake import Intake
from samepic.imaging.likeness import compare, sign
from samepic.model import Conflict, Digest, Emptied, Likeness, Photo, Trigger
from samepic.store.database import Database
from tests.engine.conftest import ROUTE, Office, portrait, slot

PEOPLE = ("ada",)
"""One is enough: people do not influence each other, and every step then hits."""

FROM_HR = {name: portrait(f"from hr {name}", side=120) for name in ("one", "two", "three")}
FROM_OTHERS = {name: portrait(f"from others {name}", side=120) for name in ("four", "five")}

people = st.sampled_from(PEOPLE)
faults = st.lists(st.sampled_from([Fault.NONE, *Fault]), min_size=4, max_size=16)
conflicts = st.sampled_from([Conflict.HOLD, Conflict.RESTORE, Conflict.RESPECT])


class TwoSystems(RuleBasedStateMachine):
    """`hr` is the source, `wall` the target; both may have trouble during a run, never between runs."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.intake = Intake()
        self.office: Office = self.wait_for(self._open())
        self.hr: dict[str, Photo | None] = dict.fromkeys(PEOPLE)
        self.undone: dict[str, Photo | None] = {}

    async def _open(self) -> Office:
        await self.intake.__aenter__()
        folder = Path(self.folder.name)
        office = Office(folder, self.intake, await Database.open(folder / "store"))
        office.hire(*PEOPLE, picture=False)
        return office

    def wait_for(self, work):
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        try:
            self.converges()
        finally:
            self.wait_for(self.office.database.close())
            self.wait_for(self.intake.close())
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()
            self.folder.cleanup()

    @initialize(
        conflict=conflicts,
        emptied=st.sampled_from(list(Emptied)),
        at_hr=st.tuples(*(st.sampled_from(sorted(FROM_HR)) for _ in PEOPLE)),
        at_wall=st.tuples(*(st.sampled_from([None, *sorted(FROM_OTHERS)]) for _ in PEOPLE)),
    )
    def begin(self, conflict: Conflict, emptied: Emptied, at_hr: tuple, at_wall: tuple) -> None:
        self.office.routes = (replace(ROUTE, conflict=conflict, emptied=emptied),)
        for who, from_hr, from_others in zip(PEOPLE, at_hr, at_wall, strict=True):
            self.hr_gets_a_picture(who, from_hr)
            if from_others is not None:
                self.somebody_hangs_another_picture(who, from_others)

    # What other people do

    @rule(who=people, picture=st.sampled_from(sorted(FROM_HR)))
    def hr_gets_a_picture(self, who: str, picture: str) -> None:
        self.hr[who] = FROM_HR[picture]
        self.office.hr.place(who, FROM_HR[picture])

    @rule(who=people)
    def hr_loses_a_picture(self, who: str) -> None:
        self.hr[who] = None
        self.office.hr.place(who, None)

    @rule(who=people, picture=st.sampled_from(sorted(FROM_OTHERS)))
    def somebody_hangs_another_picture(self, who: str, picture: str) -> None:
        self.office.wall.place(who, FROM_OTHERS[picture])

    @rule(who=people)
    def somebody_takes_the_picture_down(self, who: str) -> None:
        self.office.wall.place(who, None)

    @rule(hours=st.sampled_from([1, 30, 100]))
    def time_passes(self, hours: int) -> None:
        self.office.wait(hours=hours)

    # What samepic does

    @rule()
    def sync(self) -> None:
        self.run()

    @rule(at_hr=faults, at_wall=faults)
    def sync_with_trouble(self, at_hr: list[Fault], at_wall: list[Fault]) -> None:
        self.office.coats = {"hr": _trouble(at_hr), "wall": _trouble(at_wall)}
        self.run()
        self.office.coats = {}

    def run(self) -> int:
        """One run, confirmed where it is a route's first; the number of things that it did."""
        before = {who: self.hanging(who) for who in PEOPLE}
        report = self.wait_for(self.office.sync())
        if report.held:
            report = self.wait_for(self.office.start())
        for who, digest in before.items():
            if digest is not None and self.hanging(who) != digest:
                self.was_kept(who, digest)
        for who, source_then in self.undone.items():
            if self.hr[who] is not None and self.hr[who] == source_then:
                assert self.hanging(who) == before[who], f"{who}'s undo did not hold"
        return len(report.outcomes)

    def was_kept(self, who: str, digest: Digest) -> None:
        """The journal of this slot names it among what a write replaced, and its bytes are there."""
        org = self.office.org
        replaced = [one.replaced.values() for one in self.wait_for(org.ledger.journal()) if one.slot == slot(who)]
        assert any(digest in one for one in replaced), f"{who}'s picture was replaced and not kept"
        assert self.wait_for(org.blobs.has(digest))

    def hanging(self, who: str) -> Digest | None:
        photo = self.wait_for(self.office.wall.fetch(who))
        return None if photo is None else photo.digest

    @rule(who=people)
    def undo(self, who: str) -> None:
        async def work() -> None:
            org, roll = self.office.org, await self.office.roll()
            person = next(one for one, slots in roll.persons.items() if slots["wall"] == slot(who))
            intents = await undoable(org, people=[person])
            run = await org.ledger.begin_run("undo", Trigger.MANUAL, "", self.office.now)
            outcomes = await undo(org, run, roll, intents, force=False)
            if any(one.good for one in outcomes):
                self.undone[who] = self.hr[who]

        self.wait_for(work())

    @precondition(lambda self: self.undone)
    @rule()
    def release(self) -> None:
        for who in self.undone:
            self.wait_for(self.office.org.ledger.release(slot(who)))
        self.undone.clear()

    # What must hold

    @invariant()
    def the_source_is_never_written_to(self) -> None:
        for who in PEOPLE:
            assert self.wait_for(self.office.hr.fetch(who)) == self.hr[who]

    def converges(self) -> None:
        """With honest systems: at most three runs with something to do, none after them, and the right faces."""
        self.office.coats = {}
        for _ in range(3):
            self.office.wait(hours=100)
            self.run()
        self.office.wait(hours=100)
        assert self.run() == 0
        assert not self.wait_for(self.office.org.ledger.open_intents())
        plan = self.wait_for(self.office.plan())
        for line in plan.lines:
            assert not line.acts, line
        if self.office.routes[0].conflict is Conflict.RESTORE:
            self.everybody_shows_hr()

    def everybody_shows_hr(self) -> None:
        """Told by comparing the pictures themselves, not by what samepic says of them."""
        for who, photo in self.hr.items():
            if photo is not None and who not in self.undone:
                assert self.wait_for(self.alike(photo, self.wait_for(self.office.wall.fetch(who)))), who

    async def alike(self, one: Photo, other: Photo | None) -> bool:
        assert other is not None
        signatures = [sign(await self.intake.read(photo.data)) for photo in (one, other)]
        return compare(*signatures) is Likeness.SAME


def _trouble(script: list[Fault]) -> Callable:
    return lambda inner: Faulty(inner, script)


TestTwoSystems = pytest.mark.filterwarnings("ignore::ResourceWarning")(TwoSystems.TestCase)
TestTwoSystems.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # shrinking takes minutes; turn it on to study a failure
    suppress_health_check=list(HealthCheck),
)
