"""The documentation says what the code says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from samepic.cli.app import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def test_reference_is_what_the_code_generates(tmp_path: Path):
    subprocess.run([sys.executable, str(ROOT / "tools" / "reference.py"), str(tmp_path)], check=True)
    for made in tmp_path.iterdir():
        kept = ROOT / "docs" / "reference" / made.name
        assert kept.read_text() == made.read_text(), "run `make reference`"


@pytest.mark.parametrize("page", PAGES, ids=lambda one: str(one.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    text = page.read_text()
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target


def test_every_command_is_in_the_reference_and_every_connector_has_a_page():
    commands = (ROOT / "docs" / "reference" / "commands.md").read_text()
    for name in app:
        if not name.startswith("-"):
            assert f"## samepic {name}" in commands
    assert {one.stem for one in (ROOT / "docs" / "connectors").glob("*.md")} >= {"graph", "sharepoint", "folder"}
