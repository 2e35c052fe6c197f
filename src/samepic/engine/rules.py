"""Rules: what holds for one person in one system, and which rule said so. Pure.

Administrators' rules live in the settings, people's own choices in the store; both arrive here as values. For each
question the most specific rule that answers it decides: one that names people and systems, then one that names people,
then one that names systems, then one that names neither. Of two alike the later one does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from samepic.engine.reasons import Code, Reason, because
from samepic.model import Authority, Consent, Emptied, Route, Rule, group_in


class Question(StrEnum):
    """What a rule can answer, by the name of the setting."""

    CONSENT = "consent"
    PICTURE = "picture"
    APPROVAL = "approval"
    PUBLIC = "public"
    EMPTIED = "emptied"


NO_RULE = "no rule"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answers for one person in one system. `emptied` is None where the route decides.

    `deciding` has the rule behind each answer that a rule gave, in words.
    """

    consent: Consent = Consent.ASSUMED
    picture: Authority = Authority.MINE
    approval: bool = False
    public: bool = False
    emptied: Emptied | None = None
    deciding: Mapping[Question, str] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """Every rule that had a say, in words."""
        named = (self.deciding[one] for one in Question if one in self.deciding)
        return "; ".join(dict.fromkeys(named)) or NO_RULE

    def rule_for(self, question: Question) -> str:
        return self.deciding.get(question, NO_RULE)

    def governs(self, route: Route) -> Route:
        """The route as it is for this person."""
        return route if self.emptied is None else replace(route, emptied=self.emptied)


class Rules:
    """All rules of an organisation, in the order of the settings."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        numbered = enumerate(rules, 1)
        # Sorting keeps the order among equals, so the last of what applies is always the one that decides.
        self._rules = sorted(((rule, words(rule, number)) for number, rule in numbered), key=lambda one: _rank(one[0]))
        people = (one for rule in rules for one in rule.people)
        self.groups = {group.casefold(): group for one in people if (group := group_in(one)) is not None}
        """The groups that are named: as they are spelled, by their folded names."""

    def __bool__(self) -> bool:
        return bool(self._rules)

    def ruling(self, texts: Collection[str], system: str, at: datetime) -> Ruling:
        """What holds for the person whom these texts name (see `Roll.texts`), in this system, at this instant."""
        answers: dict[Question, Any] = {}
        deciding: dict[Question, str] = {}
        for rule, named in self._rules:
            if _counts(rule, system, at):
                said, words_for_it = _said(rule, named, texts)
                answers |= said
                deciding |= dict.fromkeys(said, words_for_it)
        return Ruling(**{one.value: answer for one, answer in answers.items()}, deciding=deciding)

    def about(self, question: Question, system: str) -> list[Rule]:
        """The rules that may answer this question for somebody in this system."""
        return [
            rule
            for rule, _ in self._rules
            if getattr(rule, question.value) is not None and (not rule.systems or system in rule.systems)
        ]


def words(rule: Rule, number: int) -> str:
    """`rule 2 (*@sales.example in sharepoint, until 2026-12-31)`"""
    whom = ", ".join(rule.people) or "everybody"
    where = " and ".join(rule.systems) or "every system"
    until = f", until {rule.until}" if rule.until else ""
    return f"rule {number} ({whom} in {where}{until})"


def _rank(rule: Rule) -> int:
    return 2 * bool(rule.people) + bool(rule.systems)


def _said(rule: Rule, named: str, texts: Collection[str]) -> tuple[dict[Question, Any], str]:
    """What it answers for the person, if anything, and the rule in words."""
    if _names(rule, texts):
        return _answers(rule), named
    if _may_name(rule, texts):
        strict = {one: answer for one, answer in _answers(rule).items() if answer == _STRICT[one]}
        return strict, f"{named}, though nobody can tell who is in the group"
    return {}, named


def _answers(rule: Rule) -> dict[Question, Any]:
    return {one: answer for one in Question if (answer := getattr(rule, one.value)) is not None}


def _counts(rule: Rule, system: str, at: datetime) -> bool:
    """In this system, at this instant."""
    if rule.until is not None and at.astimezone(UTC).date() > rule.until:
        return False
    return not rule.systems or system in rule.systems


def _names(rule: Rule, texts: Collection[str]) -> bool:
    return not rule.people or any(fits(texts, one) for one in rule.people)


_STRICT: Mapping[Question, Any] = {
    Question.CONSENT: Consent.REQUIRED,
    Question.PICTURE: Authority.LOCKED,
    Question.APPROVAL: True,
    Question.PUBLIC: False,
    Question.EMPTIED: Emptied.KEEP,
}
"""The answers that allow less: these hold for everybody as long as nobody can tell who is in a group."""


def _may_name(rule: Rule, texts: Collection[str]) -> bool:
    """Does it name a group of which nobody can tell who is in it?"""
    return any(perhaps_in(group) in texts for group in filter(None, map(group_in, rule.people)))


_GROUP = "group:"
_UNKNOWN = "unknown "


def member_of(group: str) -> str:
    """The text that somebody in a group goes by, besides their own."""
    return _GROUP + group.casefold()


def perhaps_in(group: str) -> str:
    """The text that everybody goes by while nobody can tell who is in that group."""
    return _UNKNOWN + member_of(group)


def fits(texts: Collection[str], pattern: str) -> bool:
    """Does a text, or a pattern with * and ?, name the person who goes by these texts? Case does not matter.

    Groups are named by `group:NAME` only, never by a pattern.
    """
    if (group := group_in(pattern)) is not None:
        return member_of(group) in texts
    folded = pattern.strip().casefold()
    own = (text for text in texts if not text.startswith((_GROUP, _UNKNOWN + _GROUP)))
    return folded in texts or any(fnmatchcase(text, folded) for text in own)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person chose about one system: `yes` where they agreed, False where they opted out."""

    yes: bool
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """The person does not want a picture brought here, or was not asked. `until` is when that ends by itself."""

    reason: Reason
    rule: str
    until: datetime | None = None


def declined(ruling: Ruling, said: Said | None, at: datetime) -> Declined | None:
    """Why nothing may be brought to a slot; None where it may. What a person chose counts until its end."""
    counts = said is not None and (said.until is None or at < said.until)
    if said is not None and counts and not said.yes:
        return Declined(_opted_out(said), "the person's own choice", said.until)
    if ruling.consent is Consent.ASSUMED or counts:
        return None
    if said is not None and said.yes:
        return Declined(because(Code.CONSENT_ENDED, ended=said.until), ruling.rule_for(Question.CONSENT))
    return Declined(because(Code.CONSENT_MISSING), ruling.rule_for(Question.CONSENT))


def _opted_out(said: Said) -> Reason:
    if said.until is None:
        return because(Code.OPTED_OUT, at=said.at)
    return because(Code.OPTED_OUT_UNTIL, until=said.until)
