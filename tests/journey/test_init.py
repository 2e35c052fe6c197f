"""`samepic init`: settings that load, a registration that is exact, and no file lost."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from samepic.cli import run
from samepic.connectors.base import ForgetfulMemo
from samepic.services import build_connector, surroundings
from samepic.settings import load

GIVEN = ("--tenant", "contoso.example", "--site", "https://contoso.sharepoint.com")


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs it in an empty folder; gives the exit code and everything it said."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str]:
        code = run(["init", *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return call


@pytest.mark.parametrize("way", ["watch", "pull", "write"])
def test_settings_load_and_the_way_says_which_rights(init, tmp_path, way):
    code, said = init(*GIVEN, "--way", way)
    assert code == 0
    settings = load(tmp_path / "samepic.toml")
    assert [route.way for route in settings.routes] == [way]
    for name in settings.systems:
        build_connector(settings, name, surroundings(settings, ForgetfulMemo()))
    assert ("Sites.FullControl.All" in said) == (way == "write")
    assert ("Sites.Read.All" in said) == (way != "write")
    assert "e24d31aa-e1ab-4c80-85fe-23018690335d" in said
    assert "GroupMember.Read.All        only if rules name groups" in said
    assert "openssl req -x509" in said
    assert "https://login.microsoftonline.com/contoso.example/adminconsent?client_id=0000" in said
    assert "To remove it all" in said


@pytest.mark.parametrize(
    ("cloud", "site", "graph", "my_site"),
    [
        ("gcc-high", "https://c.sharepoint.us", "https://graph.microsoft.us", "https://c-my.sharepoint.us"),
        ("dod", "https://c.sharepoint-mil.us", "https://dod-graph.microsoft.us", "https://c-my.sharepoint-mil.us"),
        ("china", "https://c.sharepoint.cn", "https://microsoftgraph.chinacloudapi.cn", "https://c-my.sharepoint.cn"),
    ],
)
def test_national_clouds_have_hosts_of_their_own(init, tmp_path, cloud, site, graph, my_site):
    code, said = init("--tenant", "c.example", "--site", site, "--cloud", cloud)
    assert code == 0
    settings = load(tmp_path / "samepic.toml")
    assert settings.system_table("sharepoint")["my_site"] == my_site
    assert settings.system_table("entra")["graph"] == graph
    assert settings.system_table("sharepoint")["graph"] == graph
    assert "microsoftonline.com" not in said + (tmp_path / "samepic.toml").read_text()


def test_existing_file_is_left_as_it_is(init, tmp_path):
    (tmp_path / "samepic.toml").write_text("mine")
    code, said = init(*GIVEN)
    assert code == 2
    assert "there already" in said
    assert (tmp_path / "samepic.toml").read_text() == "mine"
    code, said = init(*GIVEN, "--show")
    assert code == 0
    assert "adminconsent" in said
    assert (tmp_path / "samepic.toml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tenant", "t"], "--site is missing"),
        (["--tenant", "t", "--site", "https://contoso.sharepoint.us"], "--cloud"),
        (["--tenant", "t", "--site", "http://contoso.sharepoint.com"], "not encrypted"),
        ([*GIVEN, "--proxy", "http://ada:hunter2@proxy"], "proxy_login"),
    ],
)
def test_wrong_answer_is_told_before_anything_is_written(init, tmp_path, monkeypatch, arguments, words):
    code, said = init(*arguments)
    assert code == 2
    assert words in said
    assert "hunter2" not in said
    assert list(tmp_path.iterdir()) == []


def test_quotes_in_answers_stay_text(init, tmp_path):
    init(
        "--tenant", 'a"b\\c', "--site", "https://contoso.sharepoint.com", "--proxy", "http://proxy:1", "--ca", "ca.pem"
    )
    settings = load(tmp_path / "samepic.toml")
    assert settings.systems["exchange"]["tenant"] == 'a"b\\c'
    assert settings.network.proxy == "http://proxy:1"
    assert settings.ca_file == tmp_path / "ca.pem"


def test_somebody_at_a_terminal_is_asked(tmp_path):
    mine, theirs = pty.openpty()
    os.write(mine, b"contoso.onmicrosoft.com\n\nsideways\npull\n\n")
    done = subprocess.run(
        [sys.executable, "-m", "samepic", "init"],
        cwd=tmp_path,
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(mine)
    os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Way: watch, pull or write") == 2
    settings = load(tmp_path / "samepic.toml")
    assert settings.systems["sharepoint"]["site"] == "https://contoso.sharepoint.com"
    assert settings.routes[0].way == "pull"
