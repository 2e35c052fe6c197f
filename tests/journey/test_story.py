"""The documented story, from outside: pages and protocols over HTTP, samepic by its commands."""

from __future__ import annotations

import subprocess
import sys

from tests.journey.conftest import Desk

BEFORE = {
    "in-sync": "same",
    "never-visited": "never visited",
    "stale": "different",
    "entra-only": "none",
    "no-mailbox": "none",
    "guest": "no account",
    "blocked": "same",
    "shared": "no account",
    "room": "no account",
    "non-latin": "same",
    "turned": "same",
    "none": "none",
}
THREE_DAYS = 3 * 24 * 3600


def test_everybody_has_a_verdict_and_a_reason(desk: Desk):
    assert desk.verdicts() == BEFORE
    for row in desk.json("status"):
        assert set(row["systems"]) == {"exchange", "entra", "sharepoint"}
        assert all(cell["why"] for cell in row["systems"].values())
    lines = desk.samepic("status", "--why").splitlines()
    assert len(lines) == 3 * len(BEFORE)
    assert all(len(line.split("\t")) == 4 for line in lines)
    entra = desk.verdicts("entra")
    assert entra["in-sync"] == "unknown store"
    assert entra["entra-only"] == "different"


def test_nothing_moves_by_itself_nor_for_somebody_else(desk: Desk):
    before = desk.pictures("stale")["sharepoint"]
    desk.control("POST", "/clock/advance", json={"seconds": THREE_DAYS})
    desk.samepic("sync")
    address = f"{desk.tenant.sharepoint}/_layouts/15/userphoto.aspx?size=L&accountname={desk.tenant.case('stale').upn}"
    assert desk.visit("in-sync", address, tile="SharePoint") == 200
    assert desk.pictures("stale")["sharepoint"] == before
    assert desk.verdicts()["stale"] == "different"


def test_own_visit_pulls_from_the_mailbox_and_never_from_entra(desk: Desk):
    assert not desk.pictures("never-visited")["sharepoint"]
    assert desk.pictures("entra-only")["entra"]
    for case in ("stale", "never-visited", "entra-only"):
        desk.visit(case)
    assert not desk.pictures("entra-only")["sharepoint"]
    report = desk.json("sync")
    assert {one["result"] for one in report["outcomes"]} == {"adopted"}
    after = desk.verdicts()
    assert (after["stale"], after["never-visited"], after["entra-only"]) == ("same", "same", "none")


def test_older_is_said_once_the_source_was_seen_to_change(desk: Desk):
    desk.samepic("sync")
    desk.new_mailbox_picture("in-sync", "years later")
    assert desk.verdicts()["in-sync"] == "older"
    desk.visit("in-sync")
    assert desk.verdicts()["in-sync"] == "same"


def test_nudge_says_where_to_go_and_is_remembered(desk: Desk):
    who = desk.tenant.case("never-visited")
    text = desk.samepic("nudge", who.upn)
    assert desk.tenant.start in text
    assert desk.tenant.sharepoint_my in text
    assert who.name in text
    assert desk.verdicts()["never-visited"] == "waiting"
    desk.visit("never-visited")
    desk.samepic("sync")
    assert desk.verdicts()["never-visited"] == "same"


def test_write_serves_those_who_never_come(desk: Desk):
    desk.samepic("sync")
    for case in ("in-sync", "blocked"):
        desk.new_mailbox_picture(case, "years later")
    desk.configure(way="write", when=("visit", "manual"), conflict="restore")
    desk.control("POST", "/requests/reset")

    held = desk.json("sync", code=3)
    assert [one["confirm"] for one in held["held"]] == [None]
    assert desk.writes() == 0

    plan = desk.json("plan", "--save", "plan.json")
    put = {one["name"]: one["verdict"] for one in plan["steps"] if one["step"] == "put"}
    names = {case: desk.tenant.case(case).name for case in ("in-sync", "blocked", "stale", "never-visited")}
    assert put == {
        names["in-sync"]: "older",
        names["blocked"]: "older",
        names["stale"]: "different",
        names["never-visited"]: "never visited",
    }
    assert desk.writes() == 0

    applied = desk.json("apply", "plan.json")
    assert {one["name"]: one["result"] for one in applied["outcomes"]} == dict.fromkeys(put, "done")
    assert {desk.verdicts()[case] for case in names} == {"same"}


def test_second_run_sends_no_write(desk: Desk):
    desk.configure(way="write", when=("visit", "manual"), conflict="restore")
    desk.samepic("plan", "--save", "plan.json")
    desk.samepic("apply", "plan.json")
    desk.control("POST", "/requests/reset")
    report = desk.json("sync")
    assert report["outcomes"] == []
    faces = desk.control("GET", "/requests")["faces"]
    assert desk.writes() == 0
    assert "sharepoint_admin" not in faces
    assert "sharepoint" not in faces
    assert set(faces["sharepoint_my"]["methods"]) == {"GET"}


def test_undo_holds_until_the_source_has_another_picture(desk: Desk):
    desk.configure(way="write", when=("visit", "manual"), conflict="restore")
    before = {case: desk.pictures(case)["sharepoint"] for case in ("stale", "never-visited")}
    desk.samepic("plan", "--save", "plan.json")
    desk.samepic("apply", "plan.json")
    after = {case: desk.pictures(case)["sharepoint"] for case in before}
    assert all(before[case] != after[case] for case in before)
    for case in before:
        desk.samepic("undo", desk.tenant.case(case).upn)
    assert {case: desk.pictures(case)["sharepoint"] for case in before} == before
    assert desk.json("sync")["outcomes"] == []
    assert {case: desk.pictures(case)["sharepoint"] for case in before} == before
    assert {desk.verdicts()[case] for case in before} == {"held"}
    desk.new_mailbox_picture("stale", "another year")
    assert [one["result"] for one in desk.json("sync")["outcomes"]] == ["done"]


def test_contact_sheet_has_everybody_and_their_pictures(desk: Desk):
    desk.samepic("status", "--sheet", "sheet.html")
    page = (desk.folder / "sheet.html").read_text()
    assert all(one.name in page for one in desk.tenant.people)
    assert page.count("data:image/") >= 8


def test_demonstration_ends_by_itself(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "samepic", "demo", "--folder", "demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\x1b" not in done.stdout
    assert "still missing" in done.stdout
    assert "It sent 0 writes to SharePoint." in done.stdout
    assert "held" in done.stdout
    page = (tmp_path / "demo" / "contact-sheet.html").read_text()
    assert "data:image/" in page
