"""Nobody claims more for a connector than its ledger can show."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from samepic.connectors.quality import LASTS, RULES, Ledger, Tier, tier_of
from samepic.connectors.registry import connector_kinds

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "quality").glob("*.yaml"))
KIT = ROOT / "tools" / "connector-kit" / "quality.yaml"
TODAY = date(2026, 6, 1)


def read(path: Path) -> Ledger:
    return Ledger.model_validate(yaml.safe_load(path.read_text()))


@cache
def defined(file: str) -> dict[str, ast.stmt]:
    """The tests and classes at the top of a file of tests."""
    tree = ast.parse((ROOT / file).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {one.name: one for one in tree.body if isinstance(one, kinds)}


def is_contract(found: ast.stmt) -> bool:
    return isinstance(found, ast.ClassDef) and "ConnectorContract" in {ast.unparse(base) for base in found.bases}


def wrong_with(witness: str, rule: str, kind: str) -> str | None:
    """What is wrong with one piece of evidence; None where it says what it should."""
    file, _, test = witness.partition("::")
    if not (ROOT / file).is_file():
        return f"{file} is not there"
    if rule == "documented":
        return None if f'kind = "{kind}"' in (ROOT / file).read_text() else f"{file} does not show its settings"
    found = defined(file).get(test)
    if found is None or not test.lower().startswith("test"):
        return f"{file} has no test {test!r}"
    return None if rule != "contract" or is_contract(found) else f"{test} is not the conformance suite"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_ledger_shows_what_it_says(path):
    ledger = read(path)
    assert ledger.connector == path.stem
    mistakes = [
        f"{tier} {rule}: {mistake}"
        for tier in RULES
        for rule, evidence in ledger.answers(tier).items()
        if isinstance(evidence, list)
        for witness in evidence
        if (mistake := wrong_with(witness, rule, ledger.connector))
    ]
    assert mistakes == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_ledger_claims_the_tier_that_its_answers_reach_today(path):
    ledger = read(path)
    assert ledger.tier == ledger.reached(date.today()), "change `tier`, then run `make reference`"  # noqa: DTZ011 -- a day


def test_every_kind_of_ours_has_a_ledger():
    ours = {kind for kind, point in connector_kinds().items() if point.value.startswith("samepic.")}
    assert {path.stem for path in FILES} == ours


def test_the_pages_say_what_the_ledgers_say(tmp_path):
    subprocess.run([sys.executable, str(ROOT / "tools" / "quality.py"), str(tmp_path)], check=True)
    kept = (ROOT / "docs/connectors/README.md", ROOT / "src/samepic/connectors/tiers.json")
    for path in kept:
        assert path.read_text() == (tmp_path / path.name).read_text(), "run `make reference`"
    assert tier_of("folder") == read(ROOT / "quality/folder.yaml").tier
    assert tier_of("album") == "unknown"


def ledger(**changed: object) -> Ledger:
    """The kit's ledger, with other answers to some rules."""
    answers = yaml.safe_load(KIT.read_text())
    for tier in RULES:
        answers[tier] |= {rule: given for rule, given in changed.items() if rule in RULES[tier]}
    return Ledger.model_validate(answers)


NOT_YET = {"missing": "There was no time for it so far."}


@pytest.mark.parametrize(
    ("changed", "reached"),
    [
        ({}, Tier.SILVER),
        ({"real": {"exempt": "There is no other system than this one."}}, Tier.GOLD),
        ({"contract": NOT_YET}, Tier.NONE),
        ({"faults": NOT_YET, "real": ["tests/contract/test_acme.py::TestAcme"]}, Tier.BRONZE),
        ({"real": {"on": TODAY, "account": "acme.example"}}, Tier.GOLD),
        ({"real": {"on": TODAY - LASTS, "account": "acme.example"}}, Tier.GOLD),
        ({"real": {"on": TODAY - LASTS - timedelta(1), "account": "acme.example"}}, Tier.SILVER),
        ({"real": {"on": TODAY + timedelta(1), "account": "acme.example"}}, Tier.SILVER),
    ],
)
def test_a_tier_needs_its_own_rules_and_all_below(changed, reached):
    assert ledger(**changed).reached(TODAY) is reached


@pytest.mark.parametrize("answer", [[], {"exempt": "no"}, {"missing": ""}, {"done": True}, "yes"])
def test_an_answer_is_evidence_or_a_sentence(answer):
    with pytest.raises(ValidationError):
        ledger(faults=answer)


def test_no_rule_is_left_out_and_none_made_up():
    answers = yaml.safe_load(KIT.read_text())
    answers["silver"]["shiny"] = answers["silver"].pop("faults")
    with pytest.raises(ValidationError, match=r"without an answer: \['faults'\]; not a rule: \['shiny'\]"):
        Ledger.model_validate(answers)


@pytest.mark.parametrize(
    ("witness", "rule", "mistake"),
    [
        ("tests/contract/test_memory.py::TestMemory", "contract", None),
        ("tests/contract/test_memory.py::TestNobody", "contract", "has no test 'TestNobody'"),
        (
            "tests/contract/test_graph_quirks.py::test_a_healthy_system_has_no_problems",
            "contract",
            "not the conformance",
        ),
        ("tests/contract/test_graph_quirks.py::seen", "faults", "has no test 'seen'"),
        ("tests/contract/test_nowhere.py::TestNowhere", "contract", "is not there"),
        ("docs/connectors/graph.md", "documented", "does not show its settings"),
    ],
)
def test_evidence_is_looked_at(witness, rule, mistake):
    found = wrong_with(witness, rule, "memory")
    assert found is None if mistake is None else mistake in found
