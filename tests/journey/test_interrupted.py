"""Ctrl-C at any moment: 130, a sentence, no half of anything, and the next run converges."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from samepic.cli import run
from samepic.demo.tenant import Tenant
from tests.journey.conftest import Desk

PEOPLE = 60


@pytest.fixture
def crowd(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Enough people that a run is still under way when it is interrupted; their route has been confirmed."""
    command = [sys.executable, "-m", "samepic", "practice", "--json", "--people", str(PEOPLE)]
    with subprocess.Popen(
        [*command, "--state", str(tmp_path / "tenant")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        desk = Desk(tmp_path, Tenant.described(json.loads(process.stdout.readline())), capsys)
        monkeypatch.chdir(tmp_path)
        desk.configure(way="write", when=("manual",), conflict="restore")
        desk.control("PUT", "/throttling", json={"scale": 100})  # all of it happens within a minute
        yield desk
        process.terminate()


LISTENING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from samepic.cli import main
main()
"""
"""Tests started in the background of a shell ignore Ctrl-C, and so would what they start."""


@contextmanager
def samepic(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", LISTENING, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:
        yield process
        process.kill()


def until(condition: Callable[[], bool]) -> None:
    """Waits for a condition of another process, at most half a minute."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.005)  # a poll, not a guess at how long something takes


def open_intents(folder: Path) -> int:
    with sqlite3.connect(folder / "samepic-data" / "samepic.db") as connection:
        (count,) = connection.execute("SELECT count(*) FROM journal WHERE settled_at IS NULL").fetchone()
    connection.close()
    return count


def journal(folder: Path) -> int:
    with sqlite3.connect(folder / "samepic-data" / "samepic.db") as connection:
        (count,) = connection.execute("SELECT count(*) FROM journal").fetchone()
    connection.close()
    return count


def test_interrupted_while_it_writes(crowd: Desk):
    crowd.samepic("plan", "--save", "plan.json", "--except", crowd.tenant.case("in-sync").upn)
    planned = sum(one["step"] == "put" for one in json.loads((crowd.folder / "plan.json").read_text())["steps"])
    assert planned > 10
    with samepic(crowd.folder, "apply", "plan.json", "--confirm", str(planned)) as process:
        until(lambda: journal(crowd.folder) > 0)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Interrupted" in said
    assert "Traceback" not in out + said
    assert journal(crowd.folder) < planned, "it was done before it was interrupted"

    report = crowd.json("sync", "--confirm", str(planned))
    again = {one["result"] for one in report["outcomes"]}
    assert again <= {"done", "adopted"}
    assert open_intents(crowd.folder) == 0
    crowd.control("POST", "/requests/reset")
    assert crowd.json("sync")["outcomes"] == []
    assert crowd.writes() == 0
    assert "different" not in crowd.verdicts().values()


def test_interrupted_while_it_looks(crowd: Desk):
    crowd.control("POST", "/requests/reset")
    with samepic(crowd.folder, "status") as process:
        until(lambda: bool(crowd.control("GET", "/requests")["faces"].get("graph")))
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in out + said
    assert run(["people"]) == 0
