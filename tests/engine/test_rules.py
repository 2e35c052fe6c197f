"""Rules: the most specific one decides, each answer by itself, and only for as long as it counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samepic.engine.reasons import Code
from samepic.engine.rules import Question, Rules, Ruling, Said, declined, fits, words
from samepic.model import Authority, Consent, Emptied, Route, Rule

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ADA = frozenset({"ada okafor", "ada@sales.example", "upn:ada@sales.example", "employee:1207", "1207", "kind:person"})


def ruling(*rules: Rule, system: str = "wall", at: datetime = NOW) -> Ruling:
    return Rules(rules).ruling(ADA, system, at)


def test_without_rules_everything_is_as_it_always_was():
    assert ruling() == Ruling(Consent.ASSUMED, Authority.MINE, approval=False, public=False, emptied=None)
    assert ruling().rule == "no rule"


RANKED = [
    Rule(picture=Authority.LOCKED),
    Rule(systems=("wall",), picture=Authority.MINE),
    Rule(people=("*@sales.example",), picture=Authority.LOCKED),
    Rule(people=("*@sales.example",), systems=("wall", "badge"), picture=Authority.MINE),
]


@pytest.mark.parametrize("most", range(1, 5))
@pytest.mark.parametrize("turned", [False, True])
def test_the_more_specific_rule_decides_wherever_it_stands(most, turned):
    some = RANKED[:most]
    expected = some[-1].picture
    assert ruling(*(reversed(some) if turned else some)).picture is expected


def test_of_two_alike_the_later_one_decides():
    first, second = Rule(public=True), Rule(public=False)
    assert ruling(first, second).public is False
    assert ruling(second, first).public is True


def test_each_answer_comes_from_its_own_rule_and_names_it():
    general = Rule(approval=True, picture=Authority.LOCKED)
    special = Rule(people=("ada okafor",), picture=Authority.MINE)
    found = ruling(special, general)
    assert (found.approval, found.picture) == (True, Authority.MINE)
    assert found.rule_for(Question.APPROVAL) == "rule 2 (everybody in every system)"
    assert found.rule_for(Question.PICTURE) == "rule 1 (ada okafor in every system)"
    assert found.rule_for(Question.PUBLIC) == "no rule"
    assert found.rule == "rule 1 (ada okafor in every system); rule 2 (everybody in every system)"


def test_a_rule_counts_on_its_last_day_and_not_on_the_next():
    rule = Rule(public=True, until=date(2026, 3, 1))
    assert ruling(rule).public
    assert not ruling(rule, at=NOW + DAY / 2).public
    assert words(rule, 1) == "rule 1 (everybody in every system, until 2026-03-01)"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*@sales.example", True),
        ("ADA Okafor", True),
        ("employee:12??", True),
        ("1207", True),
        ("kind:guest", False),
        ("*@hr.example", False),
        ("ada", False),
    ],
)
def test_people_are_meant_by_name_address_key_or_pattern(pattern, found):
    assert fits(ADA, pattern) is found


def test_a_group_has_one_name_in_whatever_case():
    rules = Rules([Rule(people=("group:Pilots",), public=True), Rule(people=("GROUP: pilots ",), approval=True)])
    assert set(rules.groups) == {"pilots"}
    found = rules.ruling({"group:pilots"}, "wall", NOW)
    assert (found.public, found.approval) == (True, True)


def test_an_emptied_source_may_be_ruled_apart_from_the_route():
    route = Route(("hr",), "wall", emptied=Emptied.REMOVE)
    assert ruling(Rule(emptied=Emptied.KEEP)).governs(route).emptied is Emptied.KEEP
    assert ruling(Rule(public=True)).governs(route) is route


SOME = st.builds(
    Rule,
    systems=st.sampled_from([(), ("wall",), ("badge",)]),
    people=st.sampled_from([(), ("*@sales.example",), ("*@hr.example",)]),
    consent=st.sampled_from([None, *Consent]),
    picture=st.sampled_from([None, *Authority]),
    approval=st.sampled_from([None, True, False]),
    until=st.sampled_from([None, date(2026, 2, 28), date(2026, 3, 2)]),
)


@given(st.lists(SOME, max_size=8))
def test_every_answer_is_that_of_the_most_specific_rule_that_counts(rules):
    counting = [
        (bool(one.people), bool(one.systems), place, one)
        for place, one in enumerate(rules)
        if one.systems in {(), ("wall",)}
        and one.people in {(), ("*@sales.example",)}
        and one.until != date(2026, 2, 28)
    ]
    found = ruling(*rules)
    for question, default in [("consent", Consent.ASSUMED), ("picture", Authority.MINE), ("approval", False)]:
        answers = [(*rank, getattr(one, question)) for *rank, one in counting if getattr(one, question) is not None]
        assert getattr(found, question) == (max(answers)[-1] if answers else default)


@given(st.lists(SOME, max_size=8))
def test_a_rule_that_has_ended_changes_nothing(rules):
    ended = Rule(people=("*",), systems=("wall",), public=True, picture=Authority.LOCKED, until=date(2026, 2, 28))
    assert ruling(*rules, ended) == ruling(*rules)


# Consent and opting out


REQUIRED = Ruling(consent=Consent.REQUIRED)
OUT, YES = Said(yes=False, at=NOW - DAY), Said(yes=True, at=NOW - DAY)


@pytest.mark.parametrize(
    ("rule", "said", "code"),
    [
        (Ruling(), None, None),
        (Ruling(), YES, None),
        (Ruling(), OUT, Code.OPTED_OUT),
        (Ruling(), Said(yes=False, at=NOW - DAY, until=NOW + DAY), Code.OPTED_OUT_UNTIL),
        (Ruling(), Said(yes=False, at=NOW - DAY, until=NOW), None),
        (REQUIRED, None, Code.CONSENT_MISSING),
        (REQUIRED, YES, None),
        (REQUIRED, Said(yes=True, at=NOW - DAY, until=NOW + DAY), None),
        (REQUIRED, Said(yes=True, at=NOW - DAY, until=NOW), Code.CONSENT_ENDED),
        (REQUIRED, Said(yes=False, at=NOW - DAY, until=NOW), Code.CONSENT_MISSING),
        (REQUIRED, OUT, Code.OPTED_OUT),
    ],
)
def test_what_was_said_and_what_is_required(rule, said, code):
    found = declined(rule, said, NOW)
    assert (found and found.reason.code) == code


def test_an_opt_out_with_an_end_is_held_until_then():
    found = declined(Ruling(), Said(yes=False, at=NOW, until=NOW + DAY), NOW)
    assert (found.until, found.rule) == (NOW + DAY, "the person's own choice")
