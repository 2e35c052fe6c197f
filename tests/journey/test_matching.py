"""Who is who, told and decided at the command line; three folders that name people differently."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from samepic.cli import run
from tests.engine.conftest import portrait

SETTINGS = """\
[systems.hr]
kind = "folder"
path = "hr"

[systems.wall]
kind = "folder"
path = "wall"
name = "{upn}"
"""


class Shell:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.settings = str(folder / "samepic.toml")
        self.capsys = capsys

    def __call__(self, *arguments: str, code: int = 0) -> str:
        self.capsys.readouterr()
        assert run([*arguments, "--settings", self.settings]) == code
        out, self.said = self.capsys.readouterr()
        return out

    def seats(self) -> dict[str, list[str]]:
        """Whose each account is, by the refs that stand together."""
        return {one["name"]: [seat["ref"] for seat in one["accounts"]] for one in self.report()["people"]}

    def report(self) -> dict:
        return json.loads(self("matching", "--json"))


@pytest.fixture
def samepic(tmp_path, capsys) -> Shell:
    for folder, names in {
        "hr": ("ada@x.example", "=bob@x.example"),
        "wall": ("ada@x.example", "bob.b@x.example"),
    }.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / f"{name}.jpg").write_bytes(portrait(name).data)
    (tmp_path / "samepic.toml").write_text(SETTINGS)
    return Shell(tmp_path, capsys)


def test_the_table_says_how_each_was_matched_and_who_is_missing(samepic):
    lines = samepic("matching").splitlines()
    assert "ada@x.example\tperson\tupn\tfirst" in lines or "ada@x.example\tperson\tmail\tfirst" in lines
    assert "=bob@x.example\tperson\tfirst\t-" in lines
    assert "hr and wall: 1 in both, 1 only in hr, 1 only in wall" in lines
    missing = samepic("matching", "--missing").splitlines()
    assert [line for line in missing if line.startswith("ada@")] == []
    assert len([line for line in missing if "\tperson\t" in line]) == 2


def test_a_decision_stays_and_can_be_taken_back(samepic):
    assert samepic.seats()["=bob@x.example"] == ["=bob@x.example"]
    assert samepic("link", "=bob@x.example", "wall", "bob.b@x.example") == "wall/bob.b@x.example is =bob@x.example's.\n"
    assert samepic.seats()["=bob@x.example"] == ["=bob@x.example", "bob.b@x.example"]
    assert "by hand" in samepic("matching")
    samepic("unlink", "wall", "bob.b@x.example")
    assert samepic.seats()["bob.b@x.example"] == ["bob.b@x.example"]
    assert samepic.report()["pairs"][0]["both"] == 1


def test_mistakes_are_sentences(samepic):
    samepic("link", "ada@x.example", "wall", "nobody", code=2)
    assert "no account 'nobody' in wall" in samepic.said
    samepic("link", "ada@x.example", "wall", "bob.b@x.example", code=2)
    assert "samepic unlink wall ada@x.example" in samepic.said
    samepic("matching", "--csv", "--held", code=2)
    assert "--csv needs a file" in samepic.said


def test_the_sheet_has_a_line_for_every_account_and_every_gap_and_runs_nothing(samepic):
    rows = list(csv.DictReader(io.StringIO(samepic("matching", "--csv", "-"))))
    assert sorted((row["name"], row["system"], row["state"]) for row in rows) == [
        ("'=bob@x.example", "hr", "there"),
        ("'=bob@x.example", "wall", "missing"),
        ("ada@x.example", "hr", "there"),
        ("ada@x.example", "wall", "there"),
        ("bob.b@x.example", "hr", "missing"),
        ("bob.b@x.example", "wall", "there"),
    ]
