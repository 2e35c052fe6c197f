"""Plans, the runs they lead to, and what can be taken back: from an administrator's pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from samepic.engine.guard import Alarm, Kind
from samepic.engine.plan import Decision
from samepic.engine.planning import Line, Plan
from samepic.engine.reasons import Code, because
from samepic.model import Digest, Keep, PersonId, Put, Remove, Slot, Trigger, Verdict
from samepic.store.orders import State
from samepic.web.admin.plans import after, reading
from tests.web.conftest import Browser, House, open_house

PICTURE = Digest("a" * 64)


@pytest.fixture
async def writing(tmp_path: Path, fresh_tenant: SimpleNamespace) -> AsyncIterator[House]:
    """A house whose route writes, over the pictures of others, too."""
    async with open_house(tmp_path, fresh_tenant, way="write", when=("manual", "visit"), conflict="restore") as house:
        yield house


async def ordered(browser: Browser, house: House, **fields: Any) -> str:
    """The page of a plan that was asked for, and has been made."""
    asked = await browser.post("/admin/plans", follow=False, trigger="manual", **fields)
    assert asked.status_code == 303
    await house.site.work.once()
    return asked.headers["location"]


async def carried_out(browser: Browser, house: House, path: str) -> httpx2.Response:
    await browser.post(f"{path}/decide", decision="approve")
    await house.site.work.once()
    return await browser.open(path)


def line(name: str, step: Any, verdict: Verdict) -> Line:
    return Line(PersonId(name), name, "hr->wall", Decision(step.slot, step, verdict, because(Code.FIRST_PICTURE)))


def test_a_plan_is_read_in_parts_with_what_acts_first():
    slot = Slot("wall", "ada")
    lines = (
        line("Ada", Keep(slot), Verdict.SAME),
        line("Zoe", Put(slot, PICTURE), Verdict.NONE),
        line("Bo", Remove(slot), Verdict.SAME),
    )
    plan = Plan(None, "", Trigger.MANUAL, lines)  # type: ignore[arg-type]  # when is not what this is about
    assert [one.name for one in reading(plan, "", "", 0).lines] == ["Bo", "Zoe", "Ada"]
    assert [one.name for one in reading(plan, "put", "", 0).lines] == ["Zoe"]
    assert [one.name for one in reading(plan, "", "same", 0).lines] == ["Bo", "Ada"]
    assert reading(plan, "nonsense", "", 0).step == ""
    assert (after(lines[1]), after(lines[2])) == (PICTURE, None)
    many = replace(plan, lines=lines * 40)
    assert (reading(many, "", "", 0).further, reading(many, "", "", 100).further) == (50, None)


async def test_a_plan_is_made_read_and_carried_out(writing: House):
    browser = await writing.browser(administrator=True)
    path = await ordered(browser, writing)
    page = await browser.open(path)
    stale = await writing.person("stale")
    assert "Waits to be read" in page.text
    assert "This is the first run of exchange-&gt;sharepoint." in page.text
    assert f"/admin/people/{stale}/faces/sharepoint" in page.text  # what is there now
    assert "/admin/pictures/" in page.text  # and what would be
    assert "never visited" in (await browser.open(f"{path}?step=put&verdict=never+visited")).text
    assert "1 plan to read" in (await browser.open("/admin")).text
    done = await carried_out(browser, writing, path)
    assert "Carried out, approved by" in done.text
    assert "done:" in done.text
    run = re.search(r'href="(/admin/runs/\d+)"', done.text)
    assert run is not None
    assert writing.tenant.person("stale").name in (await browser.open(run[1])).text


async def test_a_plan_is_for_whom_it_was_asked(writing: House):
    browser = await writing.browser(administrator=True)
    path = await ordered(browser, writing, text=writing.tenant.person("never-visited").upn)
    page = await browser.open(path)
    assert "Carry out 1 step" in page.text
    assert writing.tenant.person("stale").name not in page.text


async def test_of_two_who_decide_the_second_sees_what_the_first_did(writing: House):
    first, second = [await writing.browser(case, administrator=True) for case in ("in-sync", "stale")]
    path = await ordered(first, writing)
    await first.post(f"{path}/decide", decision="refuse")
    answer = await second.post(f"{path}/decide", decision="approve")
    assert answer.status_code == 409
    assert "Somebody has decided about this plan before you." in answer.text
    assert f"Refused by {writing.tenant.person('in-sync').name}" in answer.text
    assert await writing.site.work.once() == 0 or await writing.site.org.ledger.journal() == []


async def test_an_alarm_is_confirmed_by_its_number_only(writing: House):
    browser = await writing.browser(administrator=True)
    path, ledger = await ordered(browser, writing), writing.site.org.ledger
    number = int(path.rpartition("/")[2])
    order, content = await ledger.order(number), dict(await ledger.order_content(number))
    assert order is not None
    alarm = Alarm(Kind.OVERWRITES, "sharepoint", 17, "This would replace 17 of 20 pictures in sharepoint.")
    content["alarms"] = [{"kind": alarm.kind, "where": alarm.where, "count": 17, "message": alarm.message}]
    await ledger.close_order(number, State.READY, order.summary, content)
    assert "17 pictures in sharepoint would be replaced." in (await browser.open(path)).text
    for typed in ({}, {"count": "16"}, {"count": ["17", "17"]}):
        refused = await browser.post(f"{path}/decide", decision="approve", **typed)
        assert refused.status_code == 409
        assert "The numbers are not those of the warnings." in refused.text
    assert (await browser.post(f"{path}/decide", decision="approve", count="17")).status_code == 200
    decided = await ledger.order(number)
    assert decided is not None
    assert decided.ask["confirmed"] == [17]


async def test_what_the_world_has_overtaken_is_left_out_by_name(writing: House):
    browser = await writing.browser(administrator=True)
    path = await ordered(browser, writing)
    quick = writing.tenant.person("never-visited")
    writing.control("PUT", f"/people/{quick.id}/mailbox/picture", json={"portrait": "on another day"})
    done = await carried_out(browser, writing, path)
    assert "1 step was overtaken" in done.text
    assert quick.name in done.text


async def test_a_plan_of_other_settings_is_not_carried_out(writing: House):
    browser = await writing.browser(administrator=True)
    path, ledger = await ordered(browser, writing), writing.site.org.ledger
    number = int(path.rpartition("/")[2])
    order, content = await ledger.order(number), await ledger.order_content(number)
    assert order is not None
    await ledger.close_order(number, State.READY, order.summary, {**content, "settings": "others"})
    done = await carried_out(browser, writing, path)
    assert "The settings have changed since this plan was made." in done.text
    assert await ledger.journal() == []


async def test_a_whole_run_is_taken_back_once_its_number_is_typed(writing: House):
    browser = await writing.browser(administrator=True)
    done = await carried_out(browser, writing, await ordered(browser, writing))
    run = re.search(r'href="(/admin/runs/\d+)"', done.text)
    assert run is not None
    journal = await writing.site.org.ledger.journal()
    wrong = await browser.post(f"{run[1]}/undo", count=str(len(journal) + 1))
    assert wrong.status_code == 409
    assert "That is not the number." in wrong.text
    await browser.post(f"{run[1]}/undo", count=str(len(journal)))
    await writing.site.work.once()
    assert {one.step for one in await writing.site.org.ledger.journal() if one.undone_by is None} == {"undo"}
    again = await browser.post(f"{run[1]}/undo", count=str(len(journal)))
    assert "There is nothing left to take back" in again.text
    assert "Taken back, ordered by Administrator" in again.text
    assert "Undo" in (await browser.open("/admin/runs")).text


async def test_one_write_is_taken_back_and_released_again(writing: House):
    browser = await writing.browser(administrator=True)
    await carried_out(browser, writing, await ordered(browser, writing))
    stale = await writing.person("stale")
    (deed,) = await writing.site.org.ledger.journal(person=stale)
    page = await browser.post(f"/admin/people/{stale}/undo", deed=str(deed.id))
    assert "Put back, byte for byte." in page.text
    assert "Kept out by an undo" in page.text
    released = await browser.post(f"/admin/people/{stale}/release", system="sharepoint")
    assert "Kept out by an undo" not in released.text
    second = await browser.post(f"/admin/people/{stale}/undo", deed=str(deed.id))
    assert "This cannot be put back any more" in second.text
    noted = [one.what for one in await writing.site.org.ledger.audit(person=stale)]
    assert noted == ["released", "undo"]
