"""Bad luck with the machine: a sentence, the right code, nothing half-written, and everybody else is served."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from samepic.model import digest_of
from tests.journey.conftest import Desk

NOBODY = 65534


@contextlib.contextmanager
def somebody_else() -> Iterator[None]:
    """Root may write anywhere; for as long as the block lasts we are nobody."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def read_only(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in folder.parents[:-1]:
        if parent.owner() == folder.owner():
            parent.chmod(parent.stat().st_mode | 0o055)


@pytest.fixture
def kept(desk: Desk) -> Path:
    """The data folder after a first look, with a route that writes."""
    desk.configure(way="write", when=("visit", "manual"), conflict="restore")
    desk.samepic("plan", "--save", "plan.json")
    return desk.folder / "samepic-data"


def test_locked_database_is_said_after_patience(desk: Desk, kept: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SAMEPIC_STORE__PATIENCE", "0")
    with contextlib.closing(sqlite3.connect(kept / "samepic.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        desk.samepic("sync", code=2)
        assert "keeps the database" in desk.said
        assert "Let it finish" in desk.said
        other.execute("ROLLBACK")
    desk.samepic("people")


def test_read_only_disk_is_said_and_nothing_is_sent(desk: Desk, kept: Path):
    read_only(kept)
    desk.control("POST", "/requests/reset")
    with somebody_else():
        desk.samepic("sync", code=2)
        assert "samepic-data" in desk.said
        assert "cannot be" in desk.said
        assert "the right to" in desk.said
        found = desk.json("doctor", code=1)
    assert any("cannot be written" in one["message"] for one in found if one["part"] == "store")
    assert desk.writes() == 0


def test_full_disk_is_said_and_the_next_run_converges(desk: Desk, kept: Path):
    """A limit on the size of files stands in for a full disk: the kernel gives EFBIG where that gives ENOSPC."""
    limit = max(one.stat().st_size for one in kept.rglob("*") if one.is_file())
    ended = subprocess.run(
        [sys.executable, "-m", "samepic", "apply", "plan.json"],
        cwd=desk.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit // 8, resource.RLIM_INFINITY)),
    )
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert "space" in ended.stderr or "disk" in ended.stderr
    desk.samepic("doctor")
    desk.samepic("apply", "plan.json")
    assert {desk.verdicts()[case] for case in ("stale", "never-visited")} == {"same"}
    assert not list(kept.rglob(".unfinished-*"))


@pytest.mark.parametrize(("case", "well"), [("stale", "never-visited"), ("never-visited", "stale")])
def test_damaged_picture_stops_its_own_person_only(desk: Desk, kept: Path, case: str, well: str):
    """Found while the picture is fitted to the target: what comparing has shown is in the plan already."""
    steps = json.loads((desk.folder / "plan.json").read_text())["steps"]
    wanted = {one["name"]: one["want"] for one in steps if one["step"] == "put"}
    unlucky, other = desk.tenant.case(case), desk.tenant.case(well)
    before = desk.pictures(case)["sharepoint"]
    picture = next(kept.glob(f"pictures/*/*/{wanted[unlucky.name]}"))
    whole = picture.read_bytes()
    picture.write_bytes(whole[:-100])

    report = desk.json("apply", "plan.json", code=1)
    results = {one["name"]: one for one in report["outcomes"]}
    assert results[other.name]["result"] == "done"
    assert results[unlucky.name]["result"] == "failed"
    assert "damaged" in results[unlucky.name]["detail"]
    assert desk.pictures(case)["sharepoint"] == before
    assert desk.json("status", other.upn)[0]["systems"]["sharepoint"]["verdict"] == "same"
    assert any("damaged" in one["message"] for one in desk.json("doctor", code=1))

    picture.write_bytes(whole)
    desk.samepic("sync")
    assert desk.verdicts()[case] == "same"


def test_original_that_is_gone_cannot_be_undone_and_says_so(desk: Desk, kept: Path):
    desk.samepic("apply", "plan.json")
    after = desk.pictures("stale")["sharepoint"]
    journal = desk.json("history", desk.tenant.case("stale").upn)["journal"]
    for digest in set(journal[0]["replaced"].values()):
        next(kept.glob(f"pictures/*/*/{digest}")).unlink()
    (outcome,) = desk.json("undo", desk.tenant.case("stale").upn, code=1)
    assert outcome["result"] == "failed"
    assert "missing" in outcome["detail"]
    assert desk.pictures("stale")["sharepoint"] == after
    assert digest_of(b"") not in journal[0]["replaced"].values()
