"""Half of everything goes wrong, in one way at a time: runs converge, nobody loses a picture, and then it is quiet."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from bench.tenant import writes

from samepic.demo.tenant import Tenant
from samepic.engine.planning import look_and_plan
from samepic.engine.reading import call_roll
from samepic.engine.sync import Report, apply_plan, occasion_now, sync
from samepic.model import Trigger
from samepic.services import open_organisation
from samepic.settings import load
from tests.conftest import practice_tenant

CHANGED = ("in-sync", "never-visited", "stale", "blocked", "turned")
RUNS = 3

FAULTS: dict[str, list[dict[str, Any]]] = {
    "429": [{"fault": 429, "retry_after": 1}],
    **{str(status): [{"fault": status}] for status in (500, 502, 503, 504, 507, 424)},
    "slow": [{"latency": 2}],
    **{fault: [{"fault": fault}] for fault in ("dropped", "lost", "torn", "ignored", "stale", "mislabelled")},
}


class Office:
    """A tenant in a thread and a folder with settings that write; nothing here waits."""

    def __init__(self, folder: Path, tenant: SimpleNamespace) -> None:
        self.tenant = tenant
        self.folder = folder
        content = {name: getattr(tenant, name) for name in Tenant.__dataclass_fields__ if name in vars(tenant)}
        described = Tenant(**content | {"people": (), "application": vars(tenant.application)})
        settings = described.settings(way="write", when=("manual",), conflict="restore")
        (folder / "samepic.toml").write_text(settings, encoding="utf-8")

    async def run(self, *, first: bool = False) -> Report:
        everything = frozenset(range(100))
        async with open_organisation(load(self.folder / "samepic.toml"), sleep=_at_once) as org:
            roll = await call_roll(org)
            people = list(roll.persons)
            if not first:
                return await sync(org, roll, people, Trigger.MANUAL, confirmed=everything)
            plan = await look_and_plan(org, roll, people, await occasion_now(org, Trigger.MANUAL))
            return await apply_plan(org, roll, plan, confirmed=everything)

    def control(self, method: str, path: str, **request: Any) -> Any:
        answer = httpx2.request(method, f"{self.tenant.control}{path}", trust_env=False, **request)
        answer.raise_for_status()
        return answer.json()

    def change_mailboxes(self, occasion: str) -> None:
        for case in CHANGED:
            who = self.tenant.person(case)
            self.control("PUT", f"/people/{who.id}/mailbox/picture", json={"portrait": occasion})

    def pictures(self) -> dict[str, Any]:
        """Case -> place -> digests, as the tenant says itself."""
        return {one["case"]: one["pictures"] for one in self.control("GET", "/people")["people"]}

    def kept(self) -> set[str]:
        """Digests of the pictures in samepic's own folder: what was replaced can be put back."""
        return {file.name for file in (self.folder / "samepic-data" / "pictures").rglob("*") if file.is_file()}

    def writes(self) -> int:
        return writes(self.control("GET", "/requests"))


async def _at_once(_seconds: float) -> None:
    pass


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the route was confirmed and everybody is in sync."""
    folder = tmp_path_factory.mktemp("settled")
    with practice_tenant(folder / "tenant") as tenant:
        assert asyncio.run(Office(folder, tenant).run(first=True)).good
    return folder


@pytest.fixture
def office(settled: Path, tmp_path: Path) -> Iterator[Office]:
    folder = Path(shutil.copytree(settled, tmp_path / "office"))
    with ExitStack() as stack:
        yield Office(folder, stack.enter_context(practice_tenant(folder / "tenant")))


@pytest.mark.parametrize("fault", FAULTS)
async def test_runs_converge_and_nobody_loses_a_picture(office: Office, fault: str):
    office.change_mailboxes(f"after {fault}")
    before = office.pictures()
    rules = [{"share": 0.5} | rule for rule in FAULTS[fault]]
    office.control("PUT", "/faults", json={"seed": 1, "rules": rules})
    for _ in range(RUNS):
        await office.run()
        assert sizes(office.pictures()) == sizes(before), "somebody lost a picture"
    assert all(rule["struck"] for rule in office.control("GET", "/faults")["rules"])
    office.control("DELETE", "/faults")
    after = office.pictures()
    assert replaced(before, after) == {(case, size) for case in CHANGED for size in "SML"}
    assert {case: held["mailbox"] for case, held in after.items()} == {
        case: held["mailbox"] for case, held in before.items()
    }
    assert {
        before[case]["sharepoint"][size] for case in CHANGED for size in before[case]["sharepoint"]
    } <= office.kept()
    await quiet(office, after)


async def quiet(office: Office, pictures: dict[str, Any]) -> None:
    """A run without faults finds nothing to write."""
    office.control("POST", "/requests/reset")
    last = await office.run()
    assert last.good
    assert office.writes() == 0
    assert office.pictures() == pictures


def sizes(pictures: dict[str, Any]) -> dict[str, set[str]]:
    return {case: set(held["sharepoint"]) for case, held in pictures.items()}


def replaced(before: dict[str, Any], after: dict[str, Any]) -> set[tuple[str, str]]:
    """Case and size of every thumbnail that is another one now."""
    return {
        (case, size)
        for case, held in before.items()
        for size, digest in held["sharepoint"].items()
        if after[case]["sharepoint"][size] != digest
    }
