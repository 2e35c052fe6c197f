"""A domain for a whole session of tests, and connectors to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from samepic.connectors.active_directory import ActiveDirectoryConnector, ActiveDirectoryOptions
from samepic.connectors.base import Surroundings
from tests.servers.samba import PASSWORD, PEOPLE, SERVICE, Samba, running


@pytest.fixture(scope="session")
def domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    """Five people. A test that changes somebody changes them back, or takes somebody of its own."""
    with running(tmp_path_factory.mktemp("samba")) as samba:
        yield samba


@pytest.fixture
async def opened(domain: Samba) -> AsyncIterator[Callable[..., ActiveDirectoryConnector]]:
    """Connectors with options of their own: `opened(user=READER)`; each is closed at the end."""
    async with AsyncExitStack() as stack:

        async def enter(
            samba: Samba = domain, around: Surroundings | None = None, **more: object
        ) -> ActiveDirectoryConnector:
            connector = ActiveDirectoryConnector("ad", options(samba, **more), around or Surroundings())
            return await stack.enter_async_context(connector)

        yield enter


def options(samba: Samba, **more: object) -> ActiveDirectoryOptions:
    """Options of a connector that signs in with LDAPS as the service account."""
    password = samba.folder / "password"
    password.write_text(f"{PASSWORD}\n")
    given = {
        "server": samba.ldaps,
        "ca": samba.ca,
        "user": SERVICE,
        "password": f"file:{password}",
        "base": PEOPLE,
        **more,
    }
    return ActiveDirectoryOptions.model_validate(given, context={"folder": Path(samba.folder)})
