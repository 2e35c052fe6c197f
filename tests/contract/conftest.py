"""A practice tenant as connectors see it: by its addresses only.

There is one for each module; tests leave it as they found it.
"""

from pathlib import Path

import httpx2
import pytest

from tests.conftest import practice_tenant


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with practice_tenant(tmp_path_factory.mktemp("tenant")) as running:
        yield running


@pytest.fixture
def application(world):
    """The settings of the tenant's own application, with a certificate."""
    return {
        "tenant": world.tenant,
        "client_id": world.application.client_id,
        "certificate": f"file:{world.application.certificate}",
        "authority": world.authority,
        "graph": world.graph,
    }


@pytest.fixture
def private(world):
    """What must never be seen: the client secret, the start of every token, lines of the private key."""
    key_lines = Path(world.application.certificate).read_text().splitlines()[1:4]
    return [world.application.client_secret, "eyJ", *key_lines]


@pytest.fixture
def control(world):
    """A client of the tenant's control: what happens in the world behind our back."""
    with httpx2.Client(base_url=world.control, trust_env=False) as client:
        yield client


@pytest.fixture
def pilots(world, control):
    """The refs of everybody in the group Pilots, one of them in a group inside it; the application may ask for them."""
    before = control.get("/application/roles").json()
    roles = {"graph": [*before["graph"], "GroupMember.Read.All"]}
    control.put("/application/roles", json=roles).raise_for_status()
    members = {world.person("in-sync").id: "Pilots", world.person("turned").id: "Cadets"}
    for ref, group in members.items():
        control.put(f"/people/{ref}/groups", json={"groups": [group]}).raise_for_status()
    control.put("/groups/Pilots/groups", json={"groups": ["Cadets"]}).raise_for_status()
    yield list(members)
    for ref in members:
        control.put(f"/people/{ref}/groups", json={"groups": []}).raise_for_status()
    control.put("/application/roles", json=before).raise_for_status()


class Wire(httpx2.AsyncBaseTransport):
    """The real network, with somebody at the plug: `before` may answer in the tenant's place, `after` may lose answers.

    `sent` lists what reached the tenant, as (method, path), and `bodies` what it held; `waits` what retries would have
    waited, in seconds.
    """

    def __init__(self):
        self._real = httpx2.AsyncHTTPTransport()
        self.before = lambda request: None
        self.after = lambda request, response: response
        self.sent = []
        self.bodies = []
        self.waits = []

    async def handle_async_request(self, request):
        if (answer := self.before(request)) is not None:
            return answer
        self.sent.append((request.method, request.url.path))
        self.bodies.append(await request.aread())
        response = await self._real.handle_async_request(request)
        await response.aread()
        return self.after(request, response)

    async def aclose(self):
        await self._real.aclose()

    async def sleep(self, seconds):
        self.waits.append(seconds)


@pytest.fixture
async def wire():
    async with Wire() as wire:
        yield wire


def once(work):
    """Does the work the first time that it has something to do."""
    done = []

    def hook(*args):
        if done or (answer := work(*args)) is None:
            return args[1] if len(args) > 1 else None
        done.append(answer)
        return answer

    return hook
