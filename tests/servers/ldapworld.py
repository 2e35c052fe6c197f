"""A directory for a whole session of tests, and connectors to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.ldap import LdapConnector, LdapOptions
from tests.servers.slapd import PASSWORD, PEOPLE, SERVICE, SUFFIX, Slapd, running

CAST = ("ada", "grace", "joan", "hedy", "mary")
PILOTS = f"cn=Pilots,{SUFFIX}"
"""A group: Ada and Grace."""


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Five people. A test that changes somebody changes them back, or takes somebody of its own."""
    with running(tmp_path_factory.mktemp("slapd"), dict.fromkeys(CAST, "")) as slapd:
        slapd.add(PILOTS, "groupOfNames", member=[f"uid={uid},{PEOPLE}" for uid in CAST[:2]])
        yield slapd


@pytest.fixture
async def opened(directory: Slapd) -> AsyncIterator[Callable[..., LdapConnector]]:
    """Connectors with options of their own: `opened(user=READER)`; each is closed at the end."""
    async with AsyncExitStack() as stack:

        async def enter(slapd: Slapd = directory, around: Surroundings | None = None, **more: object) -> LdapConnector:
            connector = LdapConnector("ldap", options(slapd, **more), around or Surroundings())
            return await stack.enter_async_context(connector)

        yield enter


def options(slapd: Slapd, **more: object) -> LdapOptions:
    """Options of a connector that signs in with StartTLS as the service account."""
    password = slapd.folder / "password"
    password.write_text(f"{PASSWORD}\n")
    given = {
        "server": slapd.url,
        "ca": slapd.ca,
        "user": SERVICE,
        "password": f"file:{password}",
        "base": PEOPLE,
        **more,
    }
    return LdapOptions.model_validate(given, context={"folder": Path(slapd.folder)})
