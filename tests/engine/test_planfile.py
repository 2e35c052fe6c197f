"""Files that are no plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from samepic.connectors.base import Connector
from samepic.connectors.layers import Layer
from samepic.engine import planfile
from samepic.engine.apply import Result
from samepic.errors import PlanRefused
from samepic.model import Photo
from tests.engine.conftest import Office, portrait


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"samepic_plan": 99}', '{"samepic_plan": 1, "made_at": "x"}']
)
def test_file_that_is_no_plan_is_refused_with_a_sentence(tmp_path, content):
    (tmp_path / "plan.json").write_text(content)
    with pytest.raises(PlanRefused) as refused:
        planfile.read(tmp_path / "plan.json")
    assert str(tmp_path / "plan.json") in str(refused.value)


@pytest.mark.asyncio(loop_scope="module")
async def test_plan_read_from_its_file_is_applied_without_comparing_again(office: Office, tmp_path: Path):
    office.hire("ada", "bob")
    office.wall.place("ada", portrait("ada", quality=70))
    office.wall.place("bob", portrait("somebody else"))
    plan = await office.plan()
    planfile.write(plan, tmp_path / "plan.json")
    again = planfile.read(tmp_path / "plan.json")
    assert again == plan
    fetched: list[str] = []
    office.coats["wall"] = lambda wall: Fetching(wall, fetched)
    report = await office.apply(again)
    assert {one.name: one.result for one in report.outcomes}["Ada"] is Result.ADOPTED
    assert fetched == []


class Fetching(Layer):
    """Notes whose picture is fetched to be compared."""

    def __init__(self, inner: Connector, fetched: list[str]) -> None:
        super().__init__(inner)
        self.fetched = fetched

    async def fetch(self, ref: str) -> Photo | None:
        self.fetched.append(ref)
        return await super().fetch(ref)
