"""The API does what its own description says: schemathesis asks it everything, well and badly formed."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from samepic.store.tokens import Scope
from tests.portal import served


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory, tenant: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """The description of a portal that runs, and a token that may do everything there."""
    with served(tmp_path_factory.mktemp("api"), tenant) as portal, pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.setattr("samepic.cli.screen.Screen.say", lambda _self, text="": printed.append(text))
        portal.samepic("token", "new", "test", *(part for one in Scope for part in ("--scope", one.value)))
        schema = schemathesis.openapi.from_url(f"{portal.address}/api/openapi.json")
        schema.token = printed[0]
        yield schema


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_described_and_none_is_a_breakdown(case, described):
    case.call_and_validate(headers={"authorization": f"Bearer {described.token}"})


def test_the_description_is_openapi_3_1_with_every_route_guarded(described):
    assert described.raw_schema["openapi"].startswith("3.1")
    for path, operations in described.raw_schema["paths"].items():
        for operation in operations.values():
            assert operation.get("security") or path == "/hooks/changed"
            assert {"401"} <= set(operation["responses"])
