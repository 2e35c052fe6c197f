"""The administrator's first page, and the list of people."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

from samepic.engine.reading import known_roll
from samepic.engine.spreadsheet import line
from samepic.engine.status import status
from samepic.model import Account, Verdict
from samepic.store.people import Link, People
from samepic.store.verdicts import Judged
from samepic.web.admin.figures import Group, curve, days, figures
from tests.web.conftest import House


async def look_at_everybody(house: House) -> None:
    roll = await known_roll(house.site.org)
    await status(house.site.org, roll, list(roll.persons))


async def join(house: House, name: str, verdict: Verdict = Verdict.SAME) -> None:
    """Somebody of this name, with an account in SharePoint."""
    org, now = house.site.org, house.site.clock()
    ref, person = f"ref {name}", People.new_id()
    link = Link(person, "sharepoint", Account(ref, frozenset(), name=name), "new", now)
    await org.people.save([link])
    await org.ledger.note_verdicts([Judged(person, link.slot, verdict, "has-none", {}, False)], now)


def test_every_verdict_that_has_a_picture_in_question_is_counted_under_one_number():
    counted = [one for group in Group for one in group.verdicts]
    assert sorted(counted) == sorted(set(Verdict) - {Verdict.NO_ACCOUNT})


def test_figures_are_of_one_system():
    found = figures("wall", {("wall", Verdict.SAME): 3, ("wall", Verdict.OLDER): 1, ("hr", Verdict.SAME): 7})
    assert (found.people, found.groups[Group.SAME], found.groups[Group.STALE]) == (4, 3, 1)
    assert found.share == 0.75


def test_days_without_anybody_are_left_out_of_the_trend():
    before, after = date(2026, 3, 1), date(2026, 3, 2)
    found = days("wall", {before: {("hr", Verdict.SAME): 1}, after: {("wall", Verdict.SAME): 2}})
    assert [one.noon for one in found] == [datetime(2026, 3, 2, 12, tzinfo=UTC)]


def test_the_curve_rises_from_left_to_right():
    drawn = curve([0.0, 1.0], 100, 50)
    assert drawn.line == "0.0,48.0 100.0,2.0"
    assert drawn.area.startswith("0.0,50.0 ")


def test_what_a_spreadsheet_would_run_is_text():
    for formula in ("=1+1", "+1", "-1", "@SUM(A1)", "\tx"):
        (row,) = csv.reader(io.StringIO(line(["plain", formula])))
        assert row == ["plain", f"'{formula}"]


async def test_the_overview_counts_and_links_into_the_list(house: House):
    await look_at_everybody(house)
    await house.site.org.ledger.close_day(date(2026, 1, 1))
    await house.site.org.ledger.close_day(date(2026, 1, 2))
    browser = await house.browser(administrator=True)
    page = await browser.open("/admin")
    assert page.status_code == 200
    assert "/admin/people?system=sharepoint&amp;verdict=never" in page.text
    assert "Same on <time" in page.text  # the trend, for those who do not see the drawing
    never = await browser.open("/admin/people?system=sharepoint&verdict=never")
    assert house.tenant.person("never-visited").name in never.text
    assert house.tenant.person("in-sync").name not in never.text


async def test_people_are_found_by_a_part_of_their_name_and_their_address(house: House):
    await look_at_everybody(house)
    browser = await house.browser(administrator=True)
    who = house.tenant.person("stale")
    for text in (who.name[:5].upper(), who.upn.partition("@")[0]):
        page = await browser.open("/admin/people", params={"text": text})
        assert who.name in page.text
        assert house.tenant.person("in-sync").name not in page.text
    assert "Nobody is like that." in (await browser.open("/admin/people?text=nobody-at-all")).text


async def test_the_list_goes_on_where_the_page_ended(house: House):
    for number in range(60):
        await join(house, f"Zora {number:02}")
    browser = await house.browser(administrator=True)
    first = await browser.open("/admin/people?text=zora")
    assert "Zora 49" in first.text
    assert "Zora 50" not in first.text
    following = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    second = await browser.open(following)
    assert "Zora 50" in second.text
    assert "Zora 49" not in second.text
    assert 'rel="next"' not in second.text


async def test_the_file_has_everybody_and_no_formulas(house: House):
    await look_at_everybody(house)
    await join(house, "=HYPERLINK(1)", Verdict.NONE)
    browser = await house.browser(administrator=True)
    answer = await browser.open("/admin/people.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert {row["system"] for row in rows} == {"exchange", "entra", "sharepoint"}
    (strange,) = [row for row in rows if "HYPERLINK" in row["name"]]
    assert (strange["name"], strange["verdict"]) == ("'=HYPERLINK(1)", "none")
    one = await browser.open("/admin/people.csv?system=sharepoint&verdict=never")
    assert house.tenant.person("stale").name not in one.text
    exported = await house.site.org.ledger.audit(what="people exported")
    assert [entry.facts for entry in exported] == [{"system": "sharepoint", "verdict": "never"}, {}]


async def test_for_everybody_else_there_is_nothing(house: House):
    people = [await house.browser(), await house.browser("stale")]
    somebody = await house.person("stale")
    for path in ("/admin", "/admin/people.csv", f"/admin/people/{somebody}", "/admin/plans", "/admin/runs/1"):
        answers = [await browser.open(path) for browser in people]
        assert {answer.status_code for answer in answers} == {404}
    administrator = await house.browser(administrator=True)
    assert (await administrator.open("/admin/people/nobody")).status_code == 404
    for number in ("9999", "9" * 30):
        assert (await administrator.open(f"/admin/runs/{number}")).status_code == 404
        assert (await administrator.open(f"/admin/people/{somebody}/photo/{number}")).status_code == 404
    for page in ("runs", "audit"):
        assert (await administrator.open(f"/admin/{page}?before={'9' * 30}")).status_code == 200
