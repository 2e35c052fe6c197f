"""From a personnel department's table to Exchange: previewed, planned, applied, reported, and the failed done again."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.engine.conftest import portrait
from tests.journey.conftest import Desk

ROUTE = """
[systems.hr]
kind = "hr-file"
path = "people.csv"
pictures = "faces"
quiet = 0

[[routes]]
from = ["hr"]
to = "exchange"
way = "write"
when = ["manual"]
conflict = "restore"
"""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def by_case(desk: Desk, report: str) -> dict[str, dict[str, str]]:
    found = {one["name"]: one for one in rows(desk.folder / report)}
    return {one.case: found[one.name] for one in desk.tenant.people if one.name in found}


def furnish(desk: Desk) -> None:
    """Two people whose picture is there, one whose picture is not, one without an address, and somebody unknown."""
    settings = desk.tenant.settings().partition("[[routes]]")[0]
    (desk.folder / "samepic.toml").write_text(settings + ROUTE, encoding="utf-8")
    (desk.folder / "faces").mkdir()
    for case in ("none", "in-sync"):
        (desk.folder / "faces" / f"{case}.jpg").write_bytes(portrait(case).data)
    lines = ["E-Mail;Name;Photo"]
    lines += [f"{desk.tenant.case(case).upn};{case};{case}.jpg" for case in ("none", "in-sync", "never-visited")]
    lines += [";Nobody;none.jpg", "stranger@elsewhere.example;Stranger;"]
    (desk.folder / "people.csv").write_text("\n".join(lines), encoding="utf-8")


def test_from_the_table_to_exchange_and_the_failed_again(desk: Desk):
    furnish(desk)

    seen = desk.json("preview", "hr", "--csv", "preview.csv", code=1)
    by_name = {one["name"]: one for one in seen["accounts"] if one["ref"]}
    assert {name: one["match"] for name, one in by_name.items()} == {
        "none": "matched",
        "in-sync": "matched",
        "never-visited": "matched",
        "Stranger": "matches nobody",
    }
    assert {one["picture"] for one in by_name.values()} == {"picture", "unreadable", "no picture"}
    assert "Row 4, column Photo: never-visited.jpg is not in the folder" in by_name["never-visited"]["detail"]
    assert [one["subject"] for one in seen["findings"]] == ["row 4, column Photo", "row 5"]
    assert {one["match"] for one in rows(desk.folder / "preview.csv")} == {
        *("matched", "matches nobody", "not there", "cannot be used")
    }

    desk.samepic("plan", "--save", "plan.json")
    desk.samepic("apply", "plan.json", "--report", "applied.csv")
    told = by_case(desk, "applied.csv")
    results = {case: told[case]["result"] for case in ("none", "in-sync", "never-visited")}
    assert results == {"none": "done", "in-sync": "done", "never-visited": "held"}
    assert "Row 4, column Photo" in told["never-visited"]["reason"]

    (desk.folder / "faces" / "never-visited.jpg").write_bytes(portrait("never-visited").data)
    again = desk.json("sync", "--again", "applied.csv", "--report", "second.csv", "--confirm", "1")
    assert [one["result"] for one in again["outcomes"]] == ["done"]
    assert by_case(desk, "second.csv")["never-visited"]["result"] == "done"
    assert desk.json("sync")["outcomes"] == []


def test_what_is_no_report_is_refused_in_words(desk: Desk):
    (desk.folder / "other.csv").write_text("a,b\n1,2\n")
    desk.samepic("sync", "--again", "other.csv", code=2)
    assert "no columns person and result" in desk.said
    desk.samepic("sync", "--again", "missing.csv", code=2)
    assert "missing.csv cannot be read" in desk.said
    desk.samepic("preview", "nowhere", code=2)
    assert "There are: exchange, entra, sharepoint" in desk.said
