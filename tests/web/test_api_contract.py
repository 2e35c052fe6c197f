"""The API does what its own description says: schemathesis asks it everything, well and badly formed."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from samepic.settings import Settings
from samepic.store.tokens import Scope
from samepic.web.api.app import api
from tests.portal import served

DESCRIPTION: dict[str, Any] = api(SimpleNamespace(settings=Settings())).openapi()
"""What it says of itself depends on nothing that it serves."""

schema = schemathesis.openapi.from_dict(DESCRIPTION)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, tenant: SimpleNamespace) -> Iterator[dict[str, Any]]:
    """How to reach a portal that runs, with a token that may do everything there."""
    with served(tmp_path_factory.mktemp("api"), tenant) as portal, pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.setattr("samepic.cli.screen.Screen.say", lambda _self, text="": printed.append(text))
        portal.samepic("token", "new", "test", *(part for one in Scope for part in ("--scope", one.value)))
        yield {"base_url": f"{portal.address}/api", "headers": {"authorization": f"Bearer {printed[0]}"}}


@schema.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_described_and_none_is_a_breakdown(case, program):
    case.call_and_validate(**program, excluded_checks=[schemathesis.checks.ignored_auth])  # test_matrix tries all that


def test_the_description_is_openapi_3_1_with_every_route_guarded():
    assert DESCRIPTION["openapi"].startswith("3.1")
    for path, operations in DESCRIPTION["paths"].items():
        for operation in operations.values():
            assert operation.get("security") or path == "/hooks/changed"
            assert "401" in operation["responses"]
