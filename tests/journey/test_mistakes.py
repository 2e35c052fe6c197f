"""Bad input and bad luck: a sentence, the right exit code, nothing half-written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from samepic.cli import run
from tests.journey.conftest import Desk


@pytest.fixture
def mistaken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs a command in an empty folder; gives its exit code and what it said on standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str]:
        code = run(arguments)
        said = capsys.readouterr()
        assert "Traceback" not in said.err + said.out
        return code, said.err

    return call


GRAPH = '[systems.exchange]\nkind = "graph"\ntenant = "t"\nclient_id = "c"\ncertificate = "file:x.pem"\n'


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (None, ["no settings file", "samepic.toml", "samepic practice --settings"]),
        ("[store", ["samepic.toml", "not TOML"]),
        ("[store]\nfoldr = 'x'", ["store.foldr", "no such setting"]),
        ("[systems.a]\nstore = 'x'", ["systems.a", "kind"]),
        ("[systems.a]\nkind = 'outlook'", ["outlook", "graph"]),
        (GRAPH + "colour = 'red'", ["systems.exchange", "colour"]),
        (GRAPH.replace("file:x.pem", "hunter2"), ["systems.exchange", "reference"]),
        (GRAPH + "[[routes]]\nfrom = 'hr'\nto = 'exchange'", ["route 1", "'hr'"]),
        (GRAPH + "[[routes]]\nfrom = 'exchange'\nto = 'exchange'", ["route 1", "own source"]),
        (GRAPH + "[[routes]]\nto = 'exchange'", ["routes.0.from", "missing"]),
        ("[mail]\nhost = 'mail.example'\nencryption = 'none'", ["mail", "this very machine"]),
        ("[mail]\npassword = 'hunter2'", ["mail.password", "reference"]),
        ("[network]\nproxy = 'http://ada:hunter2@proxy'", ["network.proxy", "proxy_login"]),
        (GRAPH + "[network]\nca = 'missing.pem'", ["network.ca", "missing.pem"]),
        ("[network]\nproxy_login = 'env:NOT_SET_ANYWHERE'\n" + GRAPH, ["NOT_SET_ANYWHERE", "not set"]),
    ],
)
def test_wrong_settings_are_named(mistaken, tmp_path, settings, words):
    if settings is not None:
        (tmp_path / "samepic.toml").write_text(settings)
    code, said = mistaken("status")
    assert code == 2
    for word in words:
        assert word in said
    assert "hunter2" not in said


def test_missing_certificate_is_named(mistaken, tmp_path):
    (tmp_path / "samepic.toml").write_text(GRAPH)
    code, said = mistaken("status")
    assert code == 1
    assert "x.pem" in said


@pytest.mark.parametrize(
    "arguments", [["stauts"], ["status", "--verdict", "bad"], ["explain"], ["plan", "--way", "up"]]
)
def test_wrong_command_ends_with_two(mistaken, arguments):
    assert run(arguments) == 2


def test_nobody_and_everybody(desk: Desk):
    desk.samepic("explain", "nobody@contoso.example", code=2)
    assert "Nobody is called 'nobody@contoso.example'" in desk.said
    desk.samepic("explain", "ra", code=2)
    assert "fits" in desk.said
    assert "Use an address or an id." in desk.said
    desk.samepic("undo", desk.tenant.case("stale").upn, code=2)
    assert "nothing to undo" in desk.said
    desk.samepic("undo", code=2)
    desk.samepic("apply", "missing.json", code=2)
    assert "missing.json" in desk.said


@pytest.mark.parametrize("how", ["name", "address", "id", "ref", "prefix"])
def test_any_name_address_or_id_finds_a_person(desk: Desk, how: str):
    who = desk.tenant.case("stale")
    person = next(one for one in desk.json("people") if one["name"] == who.name)
    text = {
        "name": who.name.upper(),
        "address": who.upn.upper(),
        "id": person["person"],
        "ref": who.id,
        "prefix": who.name[:6],
    }[how]
    assert desk.json("explain", text)["name"] == who.name


def test_only_and_except(desk: Desk):
    stale, other = desk.tenant.case("stale"), desk.tenant.case("in-sync")
    assert {one["name"] for one in desk.json("people", "--only", stale.upn, "--only", other.name)} == {
        stale.name,
        other.name,
    }
    assert stale.name not in {one["name"] for one in desk.json("status", "--except", stale.upn)}
    assert {one["kind"] for one in desk.json("people", "--only", "*@contoso.example")} >= {"person"}


def test_dry_run_goes_the_whole_way_and_writes_nothing(desk: Desk):
    desk.configure(way="write", when=("manual",), conflict="restore")
    desk.samepic("plan", "--save", "plan.json")
    before = desk.pictures("stale")
    desk.control("POST", "/requests/reset")
    desk.samepic("apply", "plan.json", "--dry-run")
    desk.samepic("sync", "--dry-run", code=3)
    assert desk.writes() == 0
    assert desk.pictures("stale") == before
    desk.samepic("apply", "plan.json")
    desk.control("POST", "/requests/reset")
    desk.samepic("undo", desk.tenant.case("stale").upn, "--dry-run")
    assert desk.writes() == 0


def test_changed_settings_refuse_the_plan(desk: Desk):
    desk.configure(way="write", when=("manual",), conflict="restore")
    desk.samepic("plan", "--save", "plan.json")
    desk.configure(way="write", when=("manual",), conflict="hold")
    desk.samepic("apply", "plan.json", code=2)
    assert "settings have changed" in desk.said


def test_way_for_one_command_only(desk: Desk):
    plan = desk.json("plan", "--way", "write")
    assert "put" in {one["step"] for one in plan["steps"]}
    plan = desk.json("plan")
    assert "put" not in {one["step"] for one in plan["steps"]}


def test_tenant_that_is_away_is_said_once_per_system(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SAMEPIC_NETWORK__PATIENCE", "0")
    desk.samepic("sync")
    settings = (desk.folder / "samepic.toml").read_text()
    away = settings.replace(desk.tenant.authority, "http://127.0.0.1:9")
    (desk.folder / "samepic.toml").write_text(away)
    rows = desk.json("status", code=1)
    assert len(rows) == 12
    assert desk.said.count("exchange:") == 1
    assert {row["systems"]["sharepoint"]["verdict"] for row in rows} <= {"cannot read", "no account"}


def test_newer_database_is_refused(desk: Desk):
    desk.samepic("people")
    database = desk.folder / "samepic-data" / "samepic.db"
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    desk.samepic("people", code=2)
    assert "newer" in desk.said


def test_nothing_secret_is_printed(desk: Desk):
    secret = desk.tenant.application["client_secret"]
    key = Path(desk.tenant.application["certificate"]).read_text().splitlines()[1]
    for command in (["people"], ["status"], ["plan", "--save", "plan.json"], ["explain", "Ada Okafor"]):
        said = desk.samepic(*command, "--json") + desk.said
        assert secret not in said
        assert key not in said
    assert "Bearer" not in (desk.folder / "plan.json").read_text()
