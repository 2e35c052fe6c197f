"""A directory for a whole session of tests, and connectors to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from samepic.connectors.ldap import LdapOptions
from tests.servers.slapd import PASSWORD, PEOPLE, SERVICE, Slapd, running

CAST = ("ada", "grace", "joan", "hedy", "mary")


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """Five people. A test that changes somebody changes them back, or takes somebody of its own."""
    with running(tmp_path_factory.mktemp("slapd"), dict.fromkeys(CAST, "")) as slapd:
        yield slapd


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
