"""Rules and work in the settings: what is taken, and what is refused with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from samepic.errors import SettingsError
from samepic.model import Authority, Consent, Emptied, Rule
from samepic.settings import Settings, load

SYSTEMS = '[systems.hr]\nkind = "folder"\npath = "hr"\n'


def loaded(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "samepic.toml"
    file.write_text(SYSTEMS + text)
    return load(file)


def test_a_rule_says_what_holds_for_whom_and_where(tmp_path: Path):
    settings = loaded(
        tmp_path,
        '[[rules]]\nsystems = ["hr"]\npeople = ["*@sales.example"]\nconsent = "required"\npicture = "locked"\n'
        'approval = true\npublic = false\nemptied = "remove"\nuntil = 2026-12-31\n',
    )
    assert [one.rule() for one in settings.rules] == [
        Rule(
            systems=("hr",),
            people=("*@sales.example",),
            consent=Consent.REQUIRED,
            picture=Authority.LOCKED,
            approval=True,
            public=False,
            emptied=Emptied.REMOVE,
            until=date(2026, 12, 31),
        )
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('systems = ["wall"]\npublic = true', "there is no system 'wall'"),
        ('people = ["group:"]\npublic = true', "a group is named in full"),
        ('people = ["Group: Sales*"]\npublic = true', "a group is named in full"),
        ('people = ["*@sales.example"]', "a rule sets at least one of"),
        ('consent = "maybe"', "consent"),
        ('colour = "red"', "there is no such setting"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_its_place(tmp_path: Path, text, said):
    with pytest.raises(SettingsError, match="rule") as caught:
        loaded(tmp_path, f"[[rules]]\n{text}\n")
    assert said in str(caught.value)


def test_a_plan_made_under_other_rules_is_another_plan(tmp_path: Path):
    one, other = (loaded(tmp_path, f"[[rules]]\nemptied = '{emptied}'\n") for emptied in ("keep", "remove"))
    assert len({one.digest(), other.digest(), loaded(tmp_path, "").digest()}) == 3
    assert loaded(tmp_path, "[work]\nroll_minutes = 5\n").digest() == loaded(tmp_path, "").digest()


def test_a_time_zone_that_nobody_knows_is_refused(tmp_path: Path):
    with pytest.raises(SettingsError, match="no time zone 'Europe/Atlantis'"):
        loaded(tmp_path, '[work]\nzone = "Europe/Atlantis"\n')
