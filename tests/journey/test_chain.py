"""One picture through many systems: HR's folder, Active Directory, Exchange, SharePoint and an LDAP directory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from samepic import settings as settings_file
from samepic.connectors.graph import GraphConnector
from samepic.connectors.ldap.entry import Answer
from samepic.connectors.ldap.session import LdapSession
from samepic.connectors.sharepoint import SharePointConnector
from samepic.engine.organisation import Organisation
from samepic.engine.planning import look_and_plan
from samepic.engine.reading import Roll, call_roll
from samepic.engine.sync import Report, apply_plan, occasion_now, sync
from samepic.imaging.likeness import compare_all, sign_all
from samepic.model import Likeness, PersonId, Slot, Trigger
from samepic.services import open_organisation
from tests.engine.conftest import portrait
from tests.servers import samba, slapd

CASES = ("in-sync", "stale", "turned")
HOPS = 4
CLOUD = ("authority", "graph", "sharepoint", "sharepoint_my", "sharepoint_admin")
BELOW = ("ad", "exchange", "sharepoint", "directory")

_SETTINGS = """
[brakes]
at_least = 5
[systems.hr]
kind = "folder"
path = "faces"
people = "people.txt"
[systems.ad]
kind = "active-directory"
server = "{domain.ldaps}"
ca = "{domain.ca}"
user = "{samba.SERVICE}"
password = "file:ad-password"
base = "{samba.PEOPLE}"
[systems.directory]
kind = "ldap"
server = "{directory.url}"
ca = "{directory.ca}"
user = "{slapd.SERVICE}"
password = "file:ldap-password"
base = "{slapd.PEOPLE}"
[systems.exchange]
kind = "graph"
store = "exchange"
tenant = "{tenant.tenant}"
client_id = "{tenant.application.client_id}"
certificate = "file:{tenant.application.certificate}"
authority = "{tenant.authority}"
graph = "{tenant.graph}"
settles_minutes = 0
[systems.sharepoint]
kind = "sharepoint"
use = "exchange"
site = "{tenant.sharepoint}"
my_site = "{tenant.sharepoint_my}"
admin_site = "{tenant.sharepoint_admin}"
"""

_ROUTE = """
[[routes]]
from = ["{source}"]
to = "{target}"
way = "write"
when = ["manual"]
conflict = "restore"
emptied = "{emptied}"
"""

_ROUTES = (
    ("hr", "ad", "remove"),
    ("ad", "directory", "remove"),
    ("ad", "exchange", "remove"),
    ("exchange", "sharepoint", "keep"),
)


class Chain:
    """All servers, the settings that name them, and runs over the people that are in all of them."""

    def __init__(self, folder: Path, tenant: SimpleNamespace, domain: samba.Samba, directory: slapd.Slapd) -> None:
        self.folder, self.tenant, self.domain, self.directory = folder, tenant, domain, directory
        self.people = [tenant.person(case).upn for case in CASES]
        (folder / "faces").mkdir(parents=True)
        (folder / "people.txt").write_text("\n".join(self.people))
        (folder / "ad-password").write_text(samba.PASSWORD)
        (folder / "ldap-password").write_text(slapd.PASSWORD)
        named = {"tenant": tenant, "domain": domain, "directory": directory, "samba": samba, "slapd": slapd}
        routes = "".join(_ROUTE.format(source=a, target=b, emptied=rule) for a, b, rule in _ROUTES)
        (folder / "samepic.toml").write_text(_SETTINGS.format(**named) + routes)
        for upn in self.people:
            name = upn.partition("@")[0]
            domain.add(name, userPrincipalName=upn, mail=upn)
            person = {"cn": name, "sn": name, "mail": upn}
            directory.add(f"uid={name},{slapd.PEOPLE}", ["inetOrgPerson"], **person)

    def face(self, upn: str) -> Path:
        return self.folder / "faces" / f"{upn}.jpg"

    def draw(self, seed: str = "") -> None:
        for upn in self.people:
            self.face(upn).write_bytes(portrait(upn + seed, side=400).data)

    async def cut_off(self, *, cloud: bool) -> None:
        """Every connection to the cloud ends before anything is heard there; or none does any more."""
        rules = [{"face": list(CLOUD), "fault": "dropped"}] if cloud else []
        async with httpx2.AsyncClient() as client:
            (await client.put(f"{self.tenant.control}/faults", json={"rules": rules})).raise_for_status()

    async def look(self) -> dict[str, dict[str, bytes | None]]:
        """What each system shows of each person."""
        async with self._opened() as (org, roll, people):
            return {
                roll.address(person): {
                    system: await _shown(org, system, roll.persons[person].get(system)) for system in BELOW
                }
                for person in people
            }

    async def run(self) -> Report:
        async with self._opened() as (org, roll, people):
            return await sync(org, roll, people, Trigger.MANUAL)

    async def confirm(self) -> Report:
        """A run whose plan somebody has read and applied."""
        async with self._opened() as (org, roll, people):
            plan = await look_and_plan(org, roll, people, await occasion_now(org, Trigger.MANUAL))
            return await apply_plan(org, roll, plan, confirmed=frozenset(alarm.count for alarm in plan.alarms))

    async def settle(self) -> None:
        """Runs until nothing is left to do: each run carries a picture one system further."""
        for _ in range(HOPS):
            report = await self.run()
            assert report.good, report
            if not report.outcomes:
                return
        raise AssertionError("it never came to rest")

    async def likenesses(self) -> set[Likeness]:
        """How HR's pictures compare with what every other system shows."""
        shown, found = await self.look(), set[Likeness]()
        async with self._opened() as (org, _, _):
            for upn, systems in shown.items():
                ours = sign_all(await org.intake.read(self.face(upn).read_bytes()))
                for data in systems.values():
                    theirs = sign_all(await org.intake.read(data)) if data else None
                    found.add(compare_all(ours, theirs) if theirs else Likeness.DIFFERENT)
        return found

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[tuple[Organisation, Roll, list[PersonId]]]:
        async with open_organisation(settings_file.load(self.folder / "samepic.toml"), sleep=_at_once) as org:
            roll = await call_roll(org)
            yield org, roll, [person for person in roll.persons if roll.address(person) in self.people]


async def _at_once(_seconds: float) -> None:
    """Pauses before another try take no time."""


async def _shown(org: Organisation, system: str, slot: Slot | None) -> bytes | None:
    photo = await org.systems[system].fetch(slot.ref) if slot else None
    return photo.data if photo else None


@pytest.fixture
async def chain(tmp_path: Path, fresh_tenant: SimpleNamespace) -> AsyncIterator[Chain]:
    """Every picture has gone all the way down."""
    with samba.running(tmp_path / "samba") as domain, slapd.running(tmp_path / "slapd") as directory:
        chain = Chain(tmp_path / "desk", fresh_tenant, domain, directory)
        chain.draw()
        for _ in range(HOPS):
            if not (await chain.confirm()).outcomes:
                break
        yield chain


async def test_a_picture_changed_at_the_top_is_the_same_at_the_bottom(chain):
    assert await chain.likenesses() == {Likeness.SAME}
    before = await chain.look()
    report = await chain.run()
    assert report.good
    assert not report.outcomes, "a second run writes nothing"
    assert await chain.look() == before
    chain.draw(" a year later")
    assert Likeness.SAME not in await chain.likenesses()
    await chain.settle()
    assert await chain.likenesses() == {Likeness.SAME}


async def test_a_picture_removed_at_the_top_goes_as_far_as_the_routes_say(chain):
    gone, *others = chain.people
    chain.face(gone).unlink()
    for _ in range(2 * HOPS):
        assert (await chain.run()).good, "each removal is believed when it is seen twice"
    shown = await chain.look()
    assert {system for system, data in shown[gone].items() if data} == {"sharepoint"}, "its route says keep"
    assert all(all(shown[other].values()) for other in others)


@pytest.mark.parametrize("emptied", ["pictures", "people"])
async def test_a_domain_that_is_suddenly_empty_takes_nothing_away_below(chain, emptied):
    """Somebody moved an OU away, or a script cleared an attribute."""
    settings, before = chain.folder / "samepic.toml", await chain.look()
    settings.write_text(settings.read_text().replace("at_least = 5", "at_least = 2"))
    for upn in chain.people:
        name = upn.partition("@")[0]
        chain.face(upn).unlink()
        chain.domain.delete(name) if emptied == "people" else chain.domain.set(f"CN={name},{samba.PEOPLE}")
    for _ in range(HOPS):
        await chain.run()
    shown = await chain.look()
    for upn in chain.people:
        assert [shown[upn][one] for one in BELOW[1:]] == [before[upn][one] for one in BELOW[1:]]


@pytest.mark.parametrize("system", ["ad", "directory"])
async def test_a_server_that_stops_in_the_middle_of_a_run_loses_nothing(chain, system, monkeypatch):
    """It stops before its second write. The run says so, and the next one finishes."""
    server, modify, written = {"ad": chain.domain, "directory": chain.directory}[system], LdapSession.modify, []

    async def interrupted(session: LdapSession, *args: Any, **more: Any) -> Answer:
        if session.system == system:
            written.append(args)
            if len(written) == len(CASES) - 1:
                await asyncio.to_thread(server.stop)
        return await modify(session, *args, **more)

    chain.draw(" a year later")
    if system == "directory":
        assert (await chain.run()).good
    monkeypatch.setattr(LdapSession, "modify", interrupted)
    report = await chain.run()
    assert not report.good
    undone = [one for one in report.outcomes if not one.good]
    assert {one.slot.system for one in undone} == {system}
    report = await chain.run()
    assert list(report.troubles) == [system], "a server that is down is said once, for itself"
    assert not [one for one in report.outcomes if one.slot.system == system]
    monkeypatch.setattr(LdapSession, "modify", modify)
    server.start()
    await chain.settle()
    assert await chain.likenesses() == {Likeness.SAME}


@pytest.mark.parametrize(("system", "hops"), [("exchange", 1), ("sharepoint", 2)])
async def test_a_cloud_that_stops_in_the_middle_of_a_run_loses_nothing(chain, system, hops, monkeypatch):
    """The same for Exchange and SharePoint, which are one tenant: while it is away, both are said to be."""
    kind = {"exchange": GraphConnector, "sharepoint": SharePointConnector}[system]
    put, written = kind.put, []

    async def interrupted(connector: Any, *args: Any, **more: Any) -> Any:
        written.append(args)
        if len(written) == len(CASES) - 1:
            await chain.cut_off(cloud=True)
        return await put(connector, *args, **more)

    chain.draw(" a year later")
    for _ in range(hops):
        assert (await chain.run()).good
    monkeypatch.setattr(kind, "put", interrupted)
    report = await chain.run()
    assert {one.slot.system for one in report.outcomes if not one.good} == {system}
    report = await chain.run()
    assert sorted(report.troubles) == ["exchange", "sharepoint"]
    assert not [one for one in report.outcomes if one.slot.system in report.troubles]
    monkeypatch.setattr(kind, "put", put)
    await chain.cut_off(cloud=False)
    await chain.settle()
    assert await chain.likenesses() == {Likeness.SAME}
