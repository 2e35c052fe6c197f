"""How far a connector is proved: bronze, silver, gold, by rules that each name their evidence. Pure but for `tier_of`.

A connector's ledger (`quality/NAME.yaml`) answers every rule: with tests, with the day of a run on a real account, with
the reason for which it does not apply, or with what is missing. The tier follows; nobody is grandfathered, and a tier
that rests on a run of long ago is lost again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, Self

from annotated_types import MinLen
from pydantic import BaseModel, ConfigDict, model_validator


class Tier(StrEnum):
    NONE = "none"
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"


RULES: Mapping[Tier, Mapping[str, str]] = {
    Tier.BRONZE: {
        "contract": "passes the conformance suite",
        "checked": "`samepic doctor` finds what would be refused before anything is written",
        "documented": "has a page: settings, rights, what is written, what it costs",
    },
    Tier.SILVER: {
        "faults": "survives what goes wrong on the way: limits, lost and half answers, nonsense",
        "refusals": "says what was refused and why, and what to do about it",
        "rehearsal": "sends nothing that writes in a dry run",
    },
    Tier.GOLD: {
        "changes": "versions or a feed tell of a change without a picture being fetched",
        "bulk": "many people cost less than each of them alone, and a test counts it",
        "real": "met the real system: one that the tests start, or an account within 90 days",
    },
}
"""What each tier asks for besides those below it."""

LASTS = timedelta(days=90)
"""For how long a run on a real account counts."""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Exempt(_Answer):
    """The rule does not apply, and why."""

    exempt: Annotated[str, MinLen(20)]


class Missing(_Answer):
    """The rule is not met, and what would be needed."""

    missing: Annotated[str, MinLen(20)]


class Met(_Answer):
    """A run on a real account: the day, and what it was."""

    on: date
    account: str


Witnesses = Annotated[list[str], MinLen(1)]
"""Files, or tests as pytest names them: `tests/contract/test_acme.py::TestAcme`."""

Evidence = Witnesses | Exempt | Missing | Met


class Ledger(BaseModel):
    """One connector's answers to all rules, and the tier it claims."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connector: str
    tier: Tier
    bronze: Mapping[str, Evidence]
    silver: Mapping[str, Evidence]
    gold: Mapping[str, Evidence]

    @model_validator(mode="after")
    def _every_rule_is_answered(self) -> Self:
        for tier, rules in RULES.items():
            answered = self.answers(tier).keys()
            if answered != rules.keys():
                unanswered, unknown = sorted(rules.keys() - answered), sorted(answered - rules.keys())
                raise ValueError(f"{tier}: without an answer: {unanswered}; not a rule: {unknown}")
        return self

    def answers(self, tier: Tier) -> Mapping[str, Evidence]:
        return {Tier.BRONZE: self.bronze, Tier.SILVER: self.silver, Tier.GOLD: self.gold}[tier]

    def reached(self, today: date) -> Tier:
        """The highest tier whose rules, and those of all below it, are met."""
        reached = Tier.NONE
        for tier in RULES:
            if not all(_counts(evidence, today) for evidence in self.answers(tier).values()):
                break
            reached = tier
        return reached


def _counts(evidence: Evidence, today: date) -> bool:
    match evidence:
        case Missing():
            return False
        case Met():
            return timedelta(0) <= today - evidence.on <= LASTS
        case _:
            return True


def tier_of(kind: str) -> Tier | Literal["unknown"]:
    """What a kind of system has reached, as of the release; "unknown" for kinds that are not ours."""
    tier = _tiers().get(kind)
    return "unknown" if tier is None else Tier(tier)


@cache
def _tiers() -> Mapping[str, str]:
    """What `make reference` made of the ledgers, which are no part of what is installed."""
    found: Mapping[str, str] = json.loads(files("samepic.connectors").joinpath("tiers.json").read_text("utf-8"))
    return found
