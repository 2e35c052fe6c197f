"""The practice tenant seen from outside: its own process, the addresses it prints, the settings that fit it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from samepic.errors import UserError

PATIENCE = 60.0
"""Seconds that the tenant may take to answer."""


@dataclass(frozen=True)
class Citizen:
    """Somebody in the tenant, with the password they sign in with and what makes their case a case."""

    id: str
    upn: str
    name: str
    password: str
    kind: str
    case: str


@dataclass(frozen=True)
class Tenant:
    """What `samepic practice --json` prints: an address for each face, the applications, the people.

    `application` is for programs, `portal` signs people in to a web portal (`client_id`, `client_secret_file`).

    `control` is the address that changes the world while it runs; `ask_control` asks it.
    """

    authority: str
    graph: str
    sharepoint: str
    sharepoint_my: str
    sharepoint_admin: str
    start: str
    control: str
    tenant: str
    domain: str
    application: Mapping[str, str]
    portal: Mapping[str, str]
    people: tuple[Citizen, ...]
    count: int

    @classmethod
    def described(cls, content: Mapping[str, Any]) -> Tenant:
        known = {name: content[name] for name in cls.__dataclass_fields__}
        return cls(**{**known, "people": tuple(Citizen(**one) for one in content["people"])})

    def case(self, case: str) -> Citizen:
        return next(one for one in self.people if one.case == case)

    def settings(
        self, *, way: str = "pull", when: tuple[str, ...] = ("visit",), conflict: str = "hold", portal: str = ""
    ) -> str:
        """A `samepic.toml` for this tenant; with `portal`, people sign in to the portal that listens there."""
        pages = (
            ""
            if not portal
            else PORTAL.format(
                it=self,
                listen=portal,
                client_id=self.portal["client_id"],
                client_secret=json.dumps(f"file:{self.portal['client_secret_file']}"),
            )
        )
        return SETTINGS.format(
            pages=pages,
            it=self,
            client_id=self.application["client_id"],
            certificate=json.dumps(f"file:{self.application['certificate']}"),
            way=way,
            when=json.dumps(list(when)),
            conflict=conflict,
        )

    async def ask_control(self, method: str, path: str, **request: Any) -> Any:
        """One request to the tenant's control; the answer as JSON, or None where it has none."""
        async with httpx2.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.request(method, f"{self.control}{path}", **request)
        answer.raise_for_status()
        return answer.json() if answer.content else None


SETTINGS = """\
# Settings for the practice tenant. For a real one: leave out authority, graph, my_site, admin_site and the two
# settings that make waiting short, and put your own tenant, client id, certificate and site.

[portal]
start = "{it.start}"
{pages}
[systems.exchange]
kind = "graph"
store = "exchange"
tenant = "{it.tenant}"
client_id = "{client_id}"
certificate = {certificate}
authority = "{it.authority}"
graph = "{it.graph}"
settles_minutes = 0

[systems.entra]
kind = "graph"
store = "entra"
use = "exchange"
settles_minutes = 0

[systems.sharepoint]
kind = "sharepoint"
use = "exchange"
site = "{it.sharepoint}"
my_site = "{it.sharepoint_my}"
admin_site = "{it.sharepoint_admin}"

[[routes]]
from = ["exchange"]              # in order of authority; add "entra" and its picture counts too
to = "sharepoint"
way = "{way}"                    # pull | write | watch
when = {when}
conflict = "{conflict}"          # hold | restore | respect: what to do about a picture that is not ours
"""


PORTAL = """\
address = "http://{listen}"
listen = "{listen}"

[[portal.sign_in]]
name = "microsoft"
kind = "microsoft"
issuer = "{it.authority}/{it.tenant}/v2.0"
client_id = "{client_id}"
client_secret = {client_secret}
administrators = ["roles:Samepic.Administrator"]
"""


@asynccontextmanager
async def practice(state: Path, *arguments: str) -> AsyncIterator[Tenant]:
    """Runs the practice tenant in a process of its own for as long as the block lasts. Raises UserError."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "samepic", "practice", "--json", "--state", str(state), *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
        if not line:
            raise UserError(f"The practice tenant did not start. {(await process.stderr.read()).decode()}".strip())
        yield Tenant.described(json.loads(line))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
