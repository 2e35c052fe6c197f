"""Tests of what decides earn their place: each of these faults, planted in a copy of everything, makes them fail.

A fault that no test catches is worse than no test: it says that the thing is looked after.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Fault:
    """In `module`, `before` (found exactly once) becomes `after`."""

    name: str
    module: str
    before: str
    after: str


FAULTS = [
    Fault(
        "want and seen are swapped",
        "engine/plan.py",
        "put = Put(s.slot, wanted.digest, s.seen.version, overwrites=s.seen.present)",
        "put = Put(s.slot, s.baseline.want if s.baseline else wanted.digest, s.seen.version, s.seen.present)",
    ),
    Fault(
        "an open intent is somebody else's doing",
        "engine/plan.py",
        "if s.intent is not None and (resumed := _resume(s, s.intent)) is not None:",
        "if s.intent is None and (resumed := _resume(s, s.intent)) is not None:",
    ),
    Fault(
        "an unsure likeness counts as alike",
        "engine/plan.py",
        "if evidence.like_want is Likeness.SAME:",
        "if evidence.like_want is not Likeness.DIFFERENT:",
    ),
    Fault(
        "a removal needs no proof that it is ours",
        "engine/plan.py",
        "if not (missing.remove and ours and s.seen.present):",
        "if not (missing.remove and s.seen.present):",
    ),
    Fault(
        "a stale replica is a meddler",
        "engine/plan.py",
        "if seen.version in s.versions and s.now < until:",
        "if False and s.now < until:",
    ),
    Fault(
        "the settle is dropped",
        "engine/apply.py",
        'await org.ledger.settle(intent, token, DONE, "", baseline, org.clock(), pin=change.pin, undoes=change.undoes)',
        "del baseline",
    ),
    Fault(
        "an unclear answer closes the intent",
        "engine/apply.py",
        "except ConnectorError as trouble:  # the intent stays open; the next run writes again",
        "except ConnectorError as trouble:\n"
        '        await org.ledger.settle(intent, token, REFUSED, "", before, org.clock())',
    ),
    Fault(
        "the original is not kept",
        "engine/apply.py",
        "return {name: await org.blobs.put(photo.data) for name, photo in originals.items()}",
        "return {}",
    ),
    Fault(
        "the pin is forgotten",
        "engine/plan.py",
        "if _refused(s, wanted.digest):",
        "if _refused(s, wanted.digest) and False:",
    ),
    Fault(
        "an opt-out is forgotten",
        "engine/plan.py",
        "return None if s.declined is None else _declined(s, s.declined)",
        "return None",
    ),
    Fault(
        "a rule for systems comes before one for people",
        "engine/rules.py",
        "return 2 * bool(rule.people) + bool(rule.systems)",
        "return bool(rule.people) + 2 * bool(rule.systems)",
    ),
    Fault(
        "an answer counts in any browser",
        "web/signin/arrive.py",
        "if not secret or not attempt.answers(state):",
        "if False:",
    ),
    Fault(
        "a nonce of another attempt will do",
        "web/openid/claims.py",
        "if not isinstance(nonce, str) or not hmac.compare_digest(digest(nonce), expected.nonce):",
        "if not isinstance(nonce, str):",
    ),
    Fault(
        "a token for another application will do",
        "web/openid/claims.py",
        "if client_id not in several:",
        "if not several:",
    ),
    Fault(
        "an address that nobody verified will do",
        "web/signin/recognise.py",
        'or claims.get("email_verified") is not True:',
        "or not claims:",
    ),
    Fault(
        "whoever is one of two people is let in",
        "web/signin/recognise.py",
        "if len(people) != 1 or (",
        "if not people or (",
    ),
    Fault(
        "a form needs no token of its session",
        "web/proof.py",
        "if not isinstance(token, str) or not hmac.compare_digest(token.encode(), visitor.csrf.encode()):",
        "if not isinstance(token, str):",
    ),
    Fault(
        "a picture is shown to whoever knows its number",
        "web/pages/gallery.py",
        "if found is None or found.person != ask.person or found.removed_at is not None:",
        "if found is None or found.removed_at is not None:",
    ),
    Fault("absence seen once is enough", "engine/choosing.py", "LOOKS_BEFORE_ABSENT = 2", "LOOKS_BEFORE_ABSENT = 1"),
]


DECIDING = ("tests/engine/test_decide.py", "tests/engine/test_choosing.py")
ACTING = ("tests/engine/test_runs.py", "tests/engine/test_crash.py")
RULING = ("tests/engine/test_rules.py",)
FORGED = "tests/web/test_forged.py::test_"
CATCHERS = {
    "engine/plan.py": DECIDING,
    "engine/choosing.py": DECIDING,
    "engine/apply.py": ACTING,
    "engine/rules.py": RULING,
    "web/signin/arrive.py": (f"{FORGED}an_answer_is_good_in_the_browser_that_asked",),
    "web/openid/claims.py": (f"{FORGED}a_claim_that_does_not_fit_signs_nobody_in",),
    "web/signin/recognise.py": (
        f"{FORGED}an_address_that_proves_nothing_is_a_strangers",
        f"{FORGED}two_people_with_one_address_are_neither",
    ),
    "web/proof.py": ("tests/web/test_matrix.py::test_a_forged_form_changes_nothing",),
    "web/pages/gallery.py": ("tests/web/test_matrix.py::test_everybody_at_every_door",),
}
"""Which directed tests have to catch a fault, by where it is planted; without those that take long."""

KILLING = "tests/engine/test_crash.py::test_process_killed_at_every_gap_converges"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_planted_fault_is_caught(fault: Fault, tmp_path: Path):
    module = copy_of_everything(tmp_path) / fault.module
    text = module.read_text()
    assert text.count(fault.before) == 1, "the code has moved on; plant the fault where the rule lives now"
    module.write_text(text.replace(fault.before, fault.after))
    outcome = run_tests(tmp_path, CATCHERS[fault.module])
    assert outcome.returncode == 1, outcome.stdout
    assert " failed" in outcome.stdout, outcome.stdout


def test_copy_without_a_fault_passes(tmp_path: Path):
    copy_of_everything(tmp_path)
    outcome = run_tests(tmp_path, (*DECIDING, *ACTING))
    assert outcome.returncode == 0, outcome.stdout


def copy_of_everything(folder: Path) -> Path:
    """Where the modules are in the copy."""
    for name in ("src", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder / "src" / "samepic"


def run_tests(folder: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-x", *tests, "--deselect", KILLING, "-p", "no:cacheprovider"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
