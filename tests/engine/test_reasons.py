"""Every reason can be said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from samepic.engine.reasons import ENGLISH, Code, because, sentence


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_sentence(code):
    assert sentence(because(code)).endswith((".", "?"))
    assert set(ENGLISH) == set(Code)


def test_instants_are_said_to_the_minute():
    at = datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)
    assert (
        sentence(because(Code.ASKED, at=at, until=at))
        == "Asked on 2026-03-01 12:30 UTC; look again on 2026-03-01 12:30 UTC."
    )


def test_names_that_look_like_templates_stay_as_they_are():
    assert sentence(because(Code.DIFFERS, source="{at}")) == "Shows another picture than {at}."
