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
