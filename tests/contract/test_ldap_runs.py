"""Whole runs with a real directory at one end: what is held, what is lost (nothing), what comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from samepic import settings as settings_file
from samepic.engine.organisation import Organisation
from samepic.engine.planning import look_and_plan
from samepic.engine.reading import Roll, call_roll
from samepic.engine.sync import Report, apply_plan, occasion_now, sync
from samepic.engine.undo import undo, undoable
from samepic.model import Trigger, Verdict
from samepic.services import open_organisation
from samepic.store.ledger import Ledger
from tests.engine.conftest import portrait
from tests.servers.relay import Relay
from tests.servers.slapd import PASSWORD, PEOPLE, SERVICE, SUFFIX, Slapd, running

CREW = tuple(f"crew{number}" for number in range(12))
MODIFY = b"\x66"

_SETTINGS = """
[brakes]
at_least = 5
[systems.faces]
kind = "folder"
path = "faces"
people = "people.txt"
[systems.directory]
kind = "ldap"
server = "{server}"
encryption = "none"
user = "{user}"
password = "file:password"
base = "{base}"
[[routes]]
from = ["{source}"]
to = "{target}"
way = "write"
when = ["manual"]
emptied = "remove"
"""


class Office:
    """A folder of faces and a directory, the settings that name them, and runs."""

    def __init__(self, folder: Path, slapd: Slapd, server: str) -> None:
        self.folder, self.slapd, self.server = folder, slapd, server
        self.rules = ""
        (folder / "faces").mkdir()
        (folder / "people.txt").write_text("\n".join(f"{uid}@example.test" for uid in CREW))
        (folder / "password").write_text(PASSWORD)

    def face(self, uid: str) -> Path:
        return self.folder / "faces" / f"{uid}@example.test.jpg"

    def draw(self, seed: str = "") -> None:
        for uid in CREW:
            self.face(uid).write_bytes(portrait(uid + seed).data)

    def pictures(self) -> dict[str, list[bytes]]:
        return {uid: self.slapd.values(f"uid={uid},{PEOPLE}") for uid in CREW}

    async def run(self, what: Callable[[Organisation, Roll], Awaitable[Report]], *, source: str = "faces") -> Report:
        target = {"faces": "directory", "directory": "faces"}[source]
        settings = self.folder / "samepic.toml"
        systems = _SETTINGS.format(server=self.server, user=SERVICE, base=PEOPLE, source=source, target=target)
        settings.write_text(systems + self.rules)
        async with open_organisation(settings_file.load(settings), sleep=_at_once) as org:
            self.ledger: Ledger = org.ledger
            return await what(org, await call_roll(org))


async def _at_once(_seconds: float) -> None:
    """Pauses before another try take no time."""


async def first(org: Organisation, roll: Roll) -> Report:
    plan = await look_and_plan(org, roll, list(roll.persons), await occasion_now(org, Trigger.MANUAL))
    return await apply_plan(org, roll, plan, confirmed=frozenset(alarm.count for alarm in plan.alarms))


async def again(org: Organisation, roll: Roll) -> Report:
    return await sync(org, roll, list(roll.persons), Trigger.MANUAL)


@pytest.fixture
def office(tmp_path: Path):
    with running(tmp_path / "slapd", dict.fromkeys(CREW, "")) as slapd, Relay(slapd.ports[0]) as relay:
        (tmp_path / "office").mkdir()
        made = Office(tmp_path / "office", slapd, relay.url)
        made.relay = relay
        made.draw()
        yield made


async def test_a_second_run_writes_nothing_and_an_undo_brings_back_all_that_was_there(office):
    ada = f"uid={CREW[0]},{PEOPLE}"
    office.slapd.set(ada, b"not a picture at all")
    report = await office.run(first)
    done = {one.slot.ref for one in report.outcomes if one.good}
    assert len(done) == len(CREW) - 1, "garbage is not ours to write over without a word"
    assert office.pictures()[CREW[0]] == [b"not a picture at all"]
    stamps = office.slapd.stamps()
    report = await office.run(again)
    assert report.good
    assert not report.outcomes
    assert office.slapd.stamps() == stamps

    async def back(org: Organisation, roll: Roll) -> Report:
        run = await org.ledger.begin_run("undo", Trigger.MANUAL, org.settings, org.clock())
        outcomes = await undo(org, run, roll, await undoable(org), force=False)
        return Report(run, None, outcomes)

    assert (await office.run(back)).good
    assert {uid: held for uid, held in office.pictures().items() if held} == {CREW[0]: [b"not a picture at all"]}


async def test_a_rule_about_a_group_holds_for_those_in_it(office):
    asked, named = CREW[:2], CREW[2]
    pilots = f"cn=Pilots,{SUFFIX}"
    office.slapd.add(pilots, "groupOfNames", member=[f"uid={uid},{PEOPLE}" for uid in asked])
    office.slapd.add(f"cn=Others,{SUFFIX}", "groupOfNames", member=[f"uid={named},{PEOPLE}"])
    office.rules = f"""
[[rules]]
people = ["group:pilots", "group:CN=Others, {SUFFIX}"]
consent = "required"
"""
    await office.run(first)
    assert {uid for uid, held in office.pictures().items() if not held} == {*asked, named}
    office.slapd.set(pilots, f"uid={asked[0]},{PEOPLE}".encode(), attribute="member")
    await office.run(again)
    assert {uid for uid, held in office.pictures().items() if not held} == {asked[0], named}


async def test_two_pictures_are_left_alone_and_named(office):
    ada = f"uid={CREW[0]},{PEOPLE}"
    two = [portrait("one").data, portrait("two").data]
    office.slapd.set(ada, *two)
    report = await office.run(first)
    assert sorted(office.pictures()[CREW[0]]) == sorted(two)
    ref = office.slapd.ref(ada)
    (line,) = (one for one in report.plan.lines if one.decision.slot.ref == ref)
    assert not line.acts
    assert line.decision.verdict is Verdict.CANNOT_READ
    assert "2 values in jpegPhoto" in str(line.decision.reason)
    assert ada in str(line.decision.reason)


async def test_a_server_that_stops_in_the_middle_of_a_run_loses_nothing(office):
    """It stops for real at the fifth write; the run says so, and the next one finishes."""
    office.relay.when(MODIFY, 5, office.slapd.stop)
    report = await office.run(first)
    assert not report.good
    undone = [one for one in report.outcomes if not one.good]
    assert undone
    assert all("127.0.0.1" in one.detail for one in undone), {one.detail for one in undone}
    report = await office.run(again)
    assert "directory" in report.troubles, "a directory that is down is said once, for itself"
    assert not report.outcomes
    office.slapd.start()
    report = await office.run(again)
    assert report.good
    pictures = office.pictures()
    assert all(len(held) == 1 for held in pictures.values())
    report = await office.run(again)
    assert report.good
    assert not report.outcomes
    assert office.pictures() == pictures


async def test_a_directory_suddenly_without_pictures_takes_none_away_elsewhere(office):
    for uid in CREW:
        office.slapd.set(f"uid={uid},{PEOPLE}", portrait(f"{uid} in the directory").data)
        office.face(uid).unlink()
    assert (await office.run(first, source="directory")).good
    assert all(office.face(uid).exists() for uid in CREW)
    for uid in CREW:
        office.slapd.set(f"uid={uid},{PEOPLE}")
    report = await office.run(again, source="directory")
    assert ["lost 12 of 12 pictures" in one.message for one in report.plan.alarms] == [True]
    assert not report.outcomes
    assert all(office.face(uid).exists() for uid in CREW)


async def test_a_base_suddenly_without_people_takes_nothing_away_elsewhere(office):
    for uid in CREW:
        office.slapd.set(f"uid={uid},{PEOPLE}", portrait(f"{uid} in the directory").data)
    await office.run(first, source="directory")
    with office.slapd.admin() as connection:
        for uid in CREW:
            connection.delete(f"uid={uid},{PEOPLE}")
    report = await office.run(again, source="directory")
    assert not report.outcomes
    assert all(office.face(uid).exists() for uid in CREW)
