"""Whoever begins a connector begins with one that works, whether it is ours or comes in a package of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BESIDE_OURS = """\
from pathlib import Path

import samepic.connectors
import tests.servers

HERE = Path(__file__).parent
samepic.connectors.__path__.append(str(HERE / "src/samepic/connectors"))
tests.servers.__path__.append(str(HERE / "tests/servers"))
"""


def ran(*arguments: str | Path, folder: Path = ROOT, paths: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    """A program of this environment at work in that folder, with these folders to import from first."""
    seen = os.pathsep.join(str(path) for path in (*paths, ROOT))
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": seen},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Path:
    """A project in which a connector for a service called Zeta was begun."""
    folder = tmp_path_factory.mktemp("begun")
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    (folder / "conftest.py").write_text(BESIDE_OURS)
    package = folder / "src/samepic/connectors"
    package.mkdir(parents=True)
    for one in (package, package.parent):
        (one / "__init__.py").touch()
    made = ran("tools/new-connector.py", "zeta", folder)
    assert made.returncode == 0, made.stderr
    return folder


def test_a_new_connector_passes_its_tests_at_once(begun):
    tested = ran("-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", "tests", folder=begun)
    assert tested.returncode == 0, tested.stdout
    assert "skipped" not in tested.stdout


def test_a_new_connector_is_in_shape_and_says_nothing_of_the_kits(begun):
    checked = ran("-m", "ruff", "check", "src", "tests", folder=begun)
    assert checked.returncode == 0, checked.stdout
    assert ran("-m", "ruff", "format", "--check", "src", "tests", folder=begun).returncode == 0
    files = [path for path in begun.rglob("*zeta*") if path.is_file() and path.suffix != ".pyc"]
    assert len(files) == 6
    assert [path.name for path in files if "acme" in path.read_text().casefold()] == []


def test_a_new_connector_is_declared(begun):
    project = tomllib.loads((begun / "pyproject.toml").read_text())["project"]
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    points = dict(project["entry-points"]["samepic.connectors"])
    assert points.pop("zeta") == "samepic.connectors.zeta:ZetaConnector"
    assert points == ours["entry-points"]["samepic.connectors"]


def test_nothing_is_written_over(begun):
    again = ran("tools/new-connector.py", "zeta", begun)
    assert again.returncode == 1
    assert "is there already; nothing was written" in again.stderr


@pytest.mark.parametrize("name", ["Zeta", "my-crm", "9lives", "z" * 40, "../zeta"])
def test_a_name_that_is_no_module_is_refused(tmp_path, name):
    refused = ran("tools/new-connector.py", name, tmp_path)
    assert refused.returncode == 1
    assert "cannot be a connector's name" in refused.stderr
    assert list(tmp_path.iterdir()) == []
