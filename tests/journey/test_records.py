"""What is remembered: history, runs, the table as CSV, and taking everything to another installation."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
import zipfile
from pathlib import Path

import pytest

from samepic.cli import run
from tests.journey.conftest import Desk


@pytest.fixture
def written(desk: Desk) -> Desk:
    """A desk that has written for some and undone one."""
    desk.configure(way="write", when=("visit", "manual"), conflict="restore")
    desk.samepic("plan", "--save", "plan.json")
    desk.samepic("apply", "plan.json")
    desk.samepic("undo", desk.tenant.case("stale").upn)
    return desk


@pytest.fixture
def elsewhere(written: Desk) -> Path:
    """A second installation: the same settings, another folder, nothing in it yet."""
    folder = written.folder / "elsewhere"
    folder.mkdir()
    shutil.copy(written.folder / "samepic.toml", folder)
    return folder / "samepic.toml"


def test_history_and_runs_work_while_the_tenant_is_away(written: Desk):
    written.control("POST", "/requests/reset")
    history = written.json("history", written.tenant.case("stale").upn)
    assert [one["step"] for one in history["journal"]] == ["undo", "put"]
    assert {one["what"] for one in history["runs"]} == {"undo", "apply"}
    assert {one["system"] for one in history["accounts"]} == {"exchange", "entra", "sharepoint"}
    assert history["seen"]["sharepoint"]["sighting"]["present"] is True
    runs = written.json("runs")
    assert [one["what"] for one in runs] == ["undo", "apply"]
    assert runs[1]["outcome"]["done"] == 2
    assert written.samepic("runs", "--last", "1").count("\n") == 1
    assert "put" in written.samepic("history", written.tenant.case("stale").name)
    assert written.control("GET", "/requests")["faces"].get("graph", {}).get("total", 0) == 0
    written.samepic("history", "nobody at all", code=2)
    assert "Nobody is remembered" in written.said


def test_csv_has_a_line_for_everybody_everywhere_and_no_formulas(desk: Desk):
    desk.samepic("status", "--csv", "status.csv")
    with (desk.folder / "status.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * 12
    assert {one["verdict"] for one in rows if one["system"] == "sharepoint"} == set(desk.verdicts().values())
    assert any(one["name"] == "佐藤 春香" for one in rows)
    piped = desk.samepic("status", "--csv", "-", "--only", "Ada Okafor")
    assert [one["system"] for one in csv.DictReader(io.StringIO(piped))] == ["exchange", "entra", "sharepoint"]
    desk.samepic("status", "--csv", "missing/status.csv", code=2)


def test_formula_in_a_name_is_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "faces").mkdir()
    (tmp_path / "people.txt").write_text("=cmd|' -c calc'!a1\n")
    settings = '[systems.hr]\nkind = "folder"\npath = "faces"\npeople = "people.txt"\n'
    (tmp_path / "samepic.toml").write_text(settings)
    assert run(["status", "--csv", "-"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert all(not value.startswith("=") for value in row.values())
    assert row["name"].startswith("'=cmd")


def test_another_installation_goes_on_where_this_one_is(written: Desk, elsewhere: Path):
    written.samepic("export", "all.zip")
    assert (written.folder / "all.zip").stat().st_mode & 0o077 == 0
    contents = written.json("import", "all.zip", "--settings", str(elsewhere))
    assert contents["people"] == 12
    assert contents["journal"] == 3
    assert contents["pictures"] > 0
    there = ["--settings", str(elsewhere)]
    assert written.json("history", "Chiara Conti", *there) == written.json("history", "Chiara Conti")
    assert written.json("sync", *there)["outcomes"] == []
    assert written.json("status", "Chiara Conti", *there)[0]["systems"]["sharepoint"]["verdict"] == "held"
    before = written.pictures("never-visited")["sharepoint"]
    written.samepic("undo", written.tenant.case("never-visited").upn, *there)
    assert written.pictures("never-visited")["sharepoint"] != before
    written.samepic("doctor", *there)


def test_export_holds_no_secret_and_no_token(written: Desk):
    with sqlite3.connect(written.folder / "samepic-data" / "samepic.db") as connection:
        connection.execute("INSERT INTO memos VALUES ('exchange', 'delta', 'token-hunter2')")
    connection.close()
    written.samepic("export", "all.zip")
    key = Path(written.tenant.application["certificate"]).read_text().splitlines()[1].encode()
    with zipfile.ZipFile(written.folder / "all.zip") as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"hunter2" not in content
    assert key not in content
    assert written.tenant.application["client_secret"].encode() not in content


def test_import_refuses_what_would_be_mixed_newer_or_damaged(written: Desk, elsewhere: Path):
    written.samepic("export", "all.zip")
    written.samepic("export", "all.zip", code=2)
    assert "left as it is" in written.said
    written.samepic("import", "all.zip", code=2)
    assert "in use already" in written.said
    there = ["--settings", str(elsewhere)]
    for change, words in (({"revision": "9999"}, "newer samepic"), ({"revision": "0000"}, "older samepic")):
        rewrite(written.folder / "all.zip", written.folder / "odd.zip", "manifest.json", change)
        written.samepic("import", "odd.zip", *there, code=2)
        assert words in written.said
    rewrite(written.folder / "all.zip", written.folder / "odd.zip", "pictures/", {})
    written.samepic("import", "odd.zip", *there, code=2)
    assert "damaged" in written.said
    (written.folder / "cut.zip").write_bytes((written.folder / "all.zip").read_bytes()[:-2000])
    written.samepic("import", "cut.zip", *there, code=2)
    assert "not an export" in written.said
    assert written.json("runs", *there) == []
    written.samepic("import", "all.zip", *there)


def rewrite(source: Path, target: Path, name: str, change: dict[str, str]) -> None:
    """A copy with another manifest, or with its first picture spoiled."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        spoil = next(one for one in old.namelist() if one.startswith(name))
        for one in old.namelist():
            content = old.read(one)
            if one == spoil:
                content = json.dumps(json.loads(content) | change).encode() if change else content + b"!"
            new.writestr(one, content)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_that_knows_the_commands(shell, capsys):
    assert run(["completion", shell]) == 0
    script = capsys.readouterr().out
    for word in ("status", "doctor", "nudge", "verdict"):
        assert word in script
    if shell == "bash":
        subprocess.run(["/bin/bash", "-n"], input=script, text=True, check=True)
