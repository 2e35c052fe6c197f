"""Files that are no plans."""

from __future__ import annotations

import pytest

from samepic.engine import planfile
from samepic.errors import PlanRefused


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"samepic_plan": 99}', '{"samepic_plan": 1, "made_at": "x"}']
)
def test_file_that_is_no_plan_is_refused_with_a_sentence(tmp_path, content):
    (tmp_path / "plan.json").write_text(content)
    with pytest.raises(PlanRefused) as refused:
        planfile.read(tmp_path / "plan.json")
    assert str(tmp_path / "plan.json") in str(refused.value)
