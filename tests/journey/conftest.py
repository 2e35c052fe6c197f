"""An administrator's desk: a practice tenant in a process of its own, a folder with settings, and the commands."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from samepic.cli import run
from samepic.demo.tenant import Citizen, Tenant
from samepic.demo.visitor import Visitor

FED = """
[systems.KINDs]
kind = "graph"
use = "exchange"
include = ["KINDs"]

[systems.disk]
kind = "folder"
path = "KINDs"
of = "KIND"

[[routes]]
from = ["disk"]
to = "KINDs"
way = "write"
when = ["manual"]
conflict = "restore"
"""


@dataclass
class Desk:
    """`samepic` runs a command in the folder; `control` changes the world; `visit` is a person's own action."""

    folder: Path
    tenant: Tenant
    capsys: pytest.CaptureFixture[str]

    def configure(self, **options: Any) -> None:
        (self.folder / "samepic.toml").write_text(self.tenant.settings(**options), encoding="utf-8")

    def samepic(self, *arguments: str, code: int = 0) -> str:
        """What the command prints on standard output; it must end with this code."""
        self.capsys.readouterr()
        ended = run(arguments)
        out, err = self.capsys.readouterr()
        assert ended == code, f"samepic {' '.join(arguments)} ended with {ended}\n{out}\n{err}"
        self.said = err
        return out

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.samepic(*arguments, "--json", code=code))

    def verdicts(self, system: str = "sharepoint") -> dict[str, str]:
        """Case -> verdict of everybody in one system."""
        rows = {row["name"]: row["systems"][system]["verdict"] for row in self.json("status")}
        return {one.case: rows[one.name] for one in self.tenant.people}

    def control(self, method: str, path: str, **request: Any) -> Any:
        answer = httpx2.request(method, f"{self.tenant.control}{path}", timeout=60, trust_env=False, **request)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def grant(self, right: str) -> None:
        """The application may do this in Graph, too."""
        roles = self.control("GET", "/application/roles")
        self.control("PUT", "/application/roles", json={"graph": [*roles["graph"], right]})

    def feed(self, kind: str, right: str) -> Path:
        """A new folder whose pictures go to the accounts of a kind in Exchange, such as `room`, which takes a right."""
        self.grant(right)
        settings, pictures = self.folder / "samepic.toml", self.folder / f"{kind}s"
        settings.write_text(settings.read_text() + FED.replace("KIND", kind))
        pictures.mkdir()
        return pictures

    def pictures(self, case: str) -> dict[str, Any]:
        """Digests of what the tenant has for somebody, told by itself."""
        return self.control("GET", f"/people/{self.tenant.case(case).id}")["pictures"]

    def new_mailbox_picture(self, case: str, what: str) -> None:
        who = self.tenant.case(case)
        self.control("PUT", f"/people/{who.id}/mailbox/picture", json={"portrait": what})

    def visit(self, case: str, *also: str, tile: str = "OneDrive") -> int:
        """Private window, start page, sign-in, tile, then other addresses; the status of the last page."""
        return asyncio.run(_visit(self.tenant, self.tenant.case(case), tile, also))

    def writes(self) -> int:
        """Requests that change something in SharePoint or Graph since the last reset."""
        faces = self.control("GET", "/requests")["faces"]
        counted = (
            faces.get(face, {}).get("methods", {})
            for face in ("graph", "sharepoint", "sharepoint_my", "sharepoint_admin")
        )
        return sum(
            sum(statuses.values()) for methods in counted for method, statuses in methods.items() if method in UNSAFE
        )


UNSAFE = {"PUT", "PATCH", "DELETE", "MERGE"}
"""Methods that change something. POST is counted where it matters: `$batch` and `contextinfo` only read."""


async def _visit(tenant: Tenant, who: Citizen, tile: str, also: tuple[str, ...]) -> int:
    async with Visitor() as visitor:
        page = await visitor.open(tenant.start)
        page = await visitor.submit(page, username=who.upn, password=who.password)
        page = await visitor.press(page, tile)
        for address in also:
            page = await visitor.open(address)
        return page.status


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    command = [sys.executable, "-m", "samepic", "practice", "--json", "--state", str(tmp_path / "tenant")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        tenant = Tenant.described(json.loads(process.stdout.readline()))
        monkeypatch.chdir(tmp_path)
        desk = Desk(tmp_path, tenant, capsys)
        desk.configure()
        yield desk
        process.terminate()
