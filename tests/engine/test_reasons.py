"""Every reason can be said, in every language."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from string import Formatter

import pytest

from samepic.engine.advice import Advice, advice
from samepic.engine.reasons import ENGLISH, Code, Reason, because, innermost, resting_on, sentence
from samepic.engine.wording import wording
from samepic.model import Language, Trigger, Verdict

AT = datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_sentence_with_the_same_facts(code, language):
    words = wording(language)
    assert words.sentence(because(code)).endswith((".", "?"))
    assert set(words.sentences) == set(Code)
    assert set(fields(words.sentences[code])) == set(fields(ENGLISH[code]))


def fields(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name]


@pytest.mark.parametrize("language", list(Language))
def test_every_word_there_is_can_be_said(language):
    words = wording(language)
    assert set(words.verdicts) == set(Verdict)
    assert set(words.triggers) == {*Trigger, "nothing"}
    assert set(words.advice) == set(Advice)
    english = wording(Language.EN)
    for mine, theirs in (
        (words.letter, english.letter),
        (words.heading, english.heading),
        (words.again, english.again),
    ):
        assert set(fields(mine)) == set(fields(theirs))
    for one in Advice:
        assert set(fields(words.advice[one])) == set(fields(english.advice[one]))


def test_instants_are_said_to_the_minute():
    assert (
        sentence(because(Code.ASKED, at=AT, until=AT))
        == "Asked on 2026-03-01 12:30 UTC; look again on 2026-03-01 12:30 UTC."
    )


def test_instants_are_said_in_the_reader_s_form():
    reason = because(Code.DIFFERS_SINCE, at=AT)
    assert wording(Language.EN).sentence(reason).endswith("after 1 March 2026, 12:30 UTC.")
    assert wording(Language.RU).sentence(reason) == "Кто-то изменил здесь фотографию после 1 марта 2026 г., 12:30 UTC."


def test_a_reason_that_rests_on_another_is_said_in_one_language():
    inner = because(Code.SOURCE_CHANGED, source="exchange")
    reason = resting_on(inner, Code.WAITS_FOR_TRIGGER, when="manual, visit")
    assert innermost(reason).code is inner.code
    assert sentence(reason) == "The picture in exchange changed after this one was put here. Moves on: manual, visit."
    said = wording(Language.RU).sentence(reason)
    assert re.findall("[A-Za-z]+", said) == ["exchange"]
    assert "по команде администратора, когда человек зайдёт сам" in said


def test_plan_files_from_before_keep_their_sentence():
    old = Reason(Code.WAITS_FOR_TRIGGER, {"because": "No picture yet; exchange has one.", "when": "visit"})
    assert sentence(old) == "No picture yet; exchange has one. Moves on: visit."
    assert innermost(old) is old


def test_names_that_look_like_templates_stay_as_they_are():
    assert sentence(because(Code.DIFFERS, source="{at}")) == "Shows another picture than {at}."


@pytest.mark.parametrize(
    ("code", "pulls", "wanted"),
    [
        (Code.ALIKE, True, Advice.NOTHING),
        (Code.DIFFERS, True, Advice.VISIT),
        (Code.DIFFERS, False, Advice.DECIDE),
        (Code.FIRST_PICTURE, True, Advice.VISIT),
        (Code.FIRST_PICTURE, False, Advice.WAIT),
        (Code.ASKED, True, Advice.VISIT),
        (Code.SETTLING, True, Advice.WAIT),
        (Code.SOURCE_HAS_NONE, True, Advice.ADD),
        (Code.PINNED, True, Advice.DECIDE),
        (Code.SOURCE_UNREADABLE, False, Advice.DECIDE),
    ],
)
def test_advice_follows_the_reason(code, pulls, wanted):
    assert advice(because(code), pulls=pulls) is wanted
    assert advice(resting_on(because(code), Code.WAITS_FOR_TRIGGER, when="visit"), pulls=pulls) is wanted
