"""The tenant as a program: what it says, what it remembers, how it ends."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import httpx2
import pytest

from samepic.errors import UserError
from samepic.practice.serve import open_practice

FACES = ["authority", "graph", "sharepoint", "sharepoint_my", "sharepoint_admin", "start", "control"]


def command(*arguments):
    return [sys.executable, "-m", "samepic.practice", *map(str, arguments)]


@contextmanager
def running(*arguments):
    with subprocess.Popen(
        command("--json", *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.terminate()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_one_line_says_everything_and_a_signal_ends_it_cleanly(tmp_path, stop):
    with running("--state", tmp_path) as (process, said):
        assert list(said)[:7] == FACES
        for face in FACES:
            assert httpx2.get(said[face], follow_redirects=False).status_code < 500
        assert {"tenant", "domain", "application", "people"} <= said.keys()
        assert said["people"][0].keys() == {"id", "upn", "name", "password", "kind", "case"}
        process.send_signal(stop)
        assert process.wait(10) == 0
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


def test_a_restart_keeps_everything_but_the_ports(make_tenant, tmp_path):
    first = make_tenant(tmp_path)
    ada = first.person("in-sync")
    drawn = httpx2.put(f"{first.control}/people/{ada.id}/mailbox/picture", json={"portrait": "new"}).json()
    httpx2.put(f"{first.control}/pull", json={"interval": 60})
    httpx2.put(f"{first.control}/clock", json={"now": "2031-01-01T00:00:00Z"})
    httpx2.put(f"{first.control}/application/roles", json={"graph": ["User.Read.All"]})
    first.stop()
    again = make_tenant(tmp_path)
    assert (again.tenant, again.application, again.people) == (first.tenant, first.application, first.people)
    assert httpx2.get(f"{again.control}/people/{ada.id}").json() == drawn
    assert httpx2.get(f"{again.control}/pull").json() == {"interval": 60, "delay": 0}
    assert httpx2.get(f"{again.control}/clock").json()["now"].startswith("2031-01-01")
    assert httpx2.get(f"{again.control}/application/roles").json()["graph"] == ["User.Read.All"]
    assert again.graph != first.graph


def test_the_same_seed_gives_the_same_people(tmp_path):
    def people(folder, seed):
        practice = open_practice(tmp_path / folder, people=30, seed=seed)
        described = practice.describe()
        practice.close()
        return described["tenant"], described["people"]

    assert people("a", 1) == people("b", 1)
    assert people("a", 1) != people("c", 2)


def test_ports_are_taken_in_a_row(tmp_path):
    first = seven_free_ports()
    practice = open_practice(tmp_path, port=first)
    described = practice.describe()
    practice.close()
    assert [described[face] for face in FACES] == [f"http://127.0.0.1:{first + offset}" for offset in range(7)]


def seven_free_ports() -> int:
    """The first of as many free ports in a row; below those that the system gives to connections going out."""
    for first in range(20_000, 30_000, len(FACES)):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for offset in range(len(FACES)):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", first + offset))
            return first
    raise AssertionError("no seven free ports in a row")


def test_a_taken_port_is_said(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"Port {port} is not free") as why:
            open_practice(tmp_path, port=port)
    assert "0 for free ones" in why.value.remedy


@pytest.mark.parametrize("port", [65_535, 70_000])
def test_a_port_beyond_the_last_is_said(tmp_path, port):
    with pytest.raises(UserError, match="is not free"):
        open_practice(tmp_path, port=port)


def test_another_world_in_the_folder_is_said(tmp_path):
    open_practice(tmp_path).close()
    for other in ({"seed": 2}, {"people": 13}):
        with pytest.raises(UserError, match="12 people and seed 1"):
            open_practice(tmp_path, **other)
    open_practice(tmp_path).close()


def test_a_folder_that_cannot_be_used_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot keep its state"):
        open_practice(tmp_path / "file")
    (tmp_path / "practice.sqlite").write_bytes(b"no database, but long enough to be taken for one" * 100)
    with pytest.raises(UserError, match="cannot keep its state"):
        open_practice(tmp_path)


def test_a_mistake_is_a_sentence_and_no_traceback(tmp_path):
    (tmp_path / "file").write_text("in the way")
    ended = subprocess.run(command("--state", tmp_path / "file"), capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Traceback" not in ended.stderr
    assert "--state" in ended.stderr


def test_secrets_are_readable_by_their_owner_only(tmp_path):
    open_practice(tmp_path).close()
    modes = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir()}
    assert modes.keys() >= {"practice.sqlite", "application.pem"}
    assert set(modes.values()) == {0}


def test_a_world_begins_with_a_folder_in_its_own_language(tmp_path):
    practice = open_practice(tmp_path, folder="Profielafbeeldingen")
    practice.close()
    again = open_practice(tmp_path)
    assert again.world.folder == "Profielafbeeldingen"
    again.close()
    with pytest.raises(UserError, match="began with 'Profielafbeeldingen'"):
        open_practice(tmp_path, folder="Profile Pictures")
    with pytest.raises(UserError, match="SharePoint has no folder"):
        open_practice(tmp_path / "other", folder="a/b")
    with running("--state", tmp_path / "third", "--folder-name", "Profilbilder") as (_, said):
        assert httpx2.get(f"{said['control']}/library").json() == {"folder": "Profilbilder"}
