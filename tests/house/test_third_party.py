"""A package that samepic knows nothing of adds a kind of system: built, installed, proved and used."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from samepic.connectors.conformance import distance
from samepic.model import Photo
from tests.engine.conftest import portrait
from tests.house.test_connector_kit import ROOT, ran

SETTINGS = """\
[systems.faces]
kind = "folder"
path = "faces"

[systems.album]
kind = "album"
path = "album.json"

[[routes]]
from = ["faces"]
to = "album"
way = "write"
when = ["manual"]
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """The package's sources, away from ours."""
    return Path(shutil.copytree(ROOT / "tests/packages/samepic-sample", tmp_path_factory.mktemp("sources") / "sample"))


@pytest.fixture(scope="module")
def installed(package, tmp_path_factory) -> Path:
    """A folder to import from, into which the package was built and installed without a network."""
    target = tmp_path_factory.mktemp("installed")
    alone = ("--no-deps", "--no-index", "--no-build-isolation", "--quiet", "--disable-pip-version-check")
    done = ran("-m", "pip", "install", *alone, "--target", target, package)
    assert done.returncode == 0, done.stderr
    return target


def test_it_passes_the_suite_that_ours_pass(package, installed):
    tested = ran("-m", "pytest", "-q", "-p", "no:cacheprovider", folder=package, paths=(installed,))
    assert tested.returncode == 0, tested.stdout
    assert "skipped" not in tested.stdout


@pytest.fixture
def office(tmp_path) -> Path:
    """A folder with a picture of Ada's, and an album with an empty page for her."""
    face = portrait("ada")
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "ada@contoso.example.jpg").write_bytes(face.data)
    page = {"mail": "Ada@Contoso.example", "name": "Ada", "picture": None}
    (tmp_path / "album.json").write_text(json.dumps({"ada": page}))
    (tmp_path / "samepic.toml").write_text(SETTINGS)
    return tmp_path


def test_a_sync_fills_it_and_the_next_one_writes_nothing(installed, office):
    def samepic(*arguments: str) -> str:
        done = ran("-m", "samepic", *arguments, folder=office, paths=(installed,))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    samepic("plan", "--save", "plan.json")
    samepic("apply", "plan.json")
    written = (office / "album.json").read_text()
    kept = Photo(b64decode(json.loads(written)["ada"]["picture"]))
    assert Image.open(BytesIO(kept.data)).size == (200, 200)
    assert distance(kept, portrait("ada")) < distance(kept, portrait("grace"))
    samepic("sync")
    assert (office / "album.json").read_text() == written
    [row] = json.loads(samepic("status", "--json"))
    assert row["systems"]["album"]["verdict"] == "same"


def test_without_the_package_its_kind_is_unknown_and_ours_are_named(office):
    done = ran("-m", "samepic", "status", folder=office)
    assert done.returncode == 2
    assert "no kind of system called 'album'" in done.stderr
    assert "folder, graph" in done.stderr
