"""Orders of administrators: carried out beside the portal, again after a crash, one's trouble nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from samepic.engine.apply import LEASE
from samepic.engine.guard import Brakes
from samepic.engine.ordering import carry_out_orders
from samepic.engine.organisation import Organisation
from samepic.errors import Busy
from samepic.store.ledger import Order
from samepic.store.orders import State, What
from tests.engine.conftest import Office, portrait

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def carry_out(office: Office, **changed: Any) -> None:
    org = Organisation(**{**vars(office.org), **changed})
    await carry_out_orders(org, office.roll, None)


async def ordered(office: Office, what: What = What.PLAN, **asked: Any) -> int:
    return await office.org.ledger.give_order(what, {"trigger": "manual"} | asked, "admin", office.now)


async def order(office: Office, number: int) -> Order:
    found = await office.org.ledger.order(number)
    assert found is not None
    return found


async def approve(office: Office, number: int, *confirmed: int) -> bool:
    asked = {**(await order(office, number)).ask, "confirmed": list(confirmed)}
    return await office.org.ledger.decide_order(number, State.APPROVED, "admin", office.now, asked)


async def test_a_plan_waits_to_be_read_and_is_then_carried_out(office: Office):
    office.hire("ada", "bo")
    number = await ordered(office)
    await carry_out(office)
    made = await order(office, number)
    assert (made.state, made.summary["acts"], made.summary["first_runs"]) == (State.READY, 2, ["hr->wall"])
    assert await office.shows("ada") is None
    assert await approve(office, number)
    await carry_out(office)
    done = await order(office, number)
    assert (done.state, done.summary["results"]) == (State.DONE, {"done": 2})
    assert await office.shows("ada") is not None
    run = await office.org.ledger.run(done.run or 0)
    assert run is not None
    assert run.what == "apply"


async def test_a_plan_that_changes_nothing_waits_for_nobody(office: Office):
    office.hire("ada", picture=False)
    number = await ordered(office)
    await carry_out(office)
    assert (await order(office, number)).state is State.DONE


async def test_a_plan_is_decided_once(office: Office):
    office.hire("ada")
    number = await ordered(office)
    await carry_out(office)
    refused = await office.org.ledger.decide_order(number, State.REFUSED, "one", office.now, {})
    assert (refused, await approve(office, number)) == (True, False)
    assert (await order(office, number)).decided_by == "one"


async def test_what_alarms_today_has_to_be_confirmed_by_the_numbers_of_today(office: Office):
    office.hire("ada", "bo", "cy")
    number = await ordered(office)
    await carry_out(office)
    for ref in ("ada", "bo", "cy"):  # meanwhile everybody got the very same picture
        office.hr.place(ref, portrait("logo"))
    second = await ordered(office)
    await carry_out(office, brakes=Brakes(same_picture=3))
    assert await approve(office, second)
    await carry_out(office, brakes=Brakes(same_picture=3))
    held = await order(office, second)
    assert held.state is State.READY
    assert [(one["kind"], one["count"]) for one in held.summary["alarms"]] == [("same-picture", 3)]
    assert await approve(office, second, 3)
    await carry_out(office, brakes=Brakes(same_picture=3))
    assert (await order(office, second)).summary["results"] == {"done": 3}
    assert (await order(office, number)).state is State.READY


async def test_what_the_world_has_overtaken_is_named(office: Office):
    office.hire("ada", "bo")
    number = await ordered(office)
    await carry_out(office)
    office.hr.place("bo", portrait("another"))
    await approve(office, number)
    await carry_out(office)
    summary = (await order(office, number)).summary
    assert (summary["results"], summary["overtaken"], summary["moved"][0]["name"]) == ({"done": 1}, 1, "Bo")
    (trouble,) = await office.org.ledger.troubles((await order(office, number)).run or 0)
    assert (trouble.slot.ref, trouble.result) == ("bo", "moved")


async def test_trouble_with_one_order_is_noted_and_stops_no_other(office: Office):
    office.hire("ada")
    first, second = await ordered(office, What.LETTERS, language="en"), await ordered(office)
    await carry_out(office)
    assert (await order(office, first)).state is State.FAILED
    assert "mail server" in (await order(office, first)).summary["trouble"]
    assert (await order(office, second)).state is State.READY


async def test_a_run_in_the_way_is_waited_for(office: Office):
    office.hire("ada")
    await office.start()
    (written,) = await office.org.ledger.journal()
    number = await ordered(office, What.UNDO, run=written.run)
    other = await office.org.ledger.begin_run("sync", "manual", "", office.now)
    token = await office.org.ledger.lease(other, [written.slot], office.now, LEASE)
    with pytest.raises(Busy):
        await carry_out(office)
    assert (await order(office, number)).state is State.ASKED
    await office.org.ledger.free(token)
    await carry_out(office)
    assert (await order(office, number)).summary["results"] == {"done": 1}
    assert await office.shows("ada") is None


async def test_an_order_done_halfway_is_done_again_and_comes_to_the_same(office: Office):
    office.hire("ada", "bo")
    await office.start()
    run = (await office.org.ledger.journal())[0].run
    number = await ordered(office, What.UNDO, run=run)
    await carry_out(office)
    journal = await office.org.ledger.journal()
    await office.org.ledger.close_order(number, State.ASKED, {})  # as if nobody had come to note that it was done
    await carry_out(office)
    assert await office.org.ledger.journal() == journal
    assert (await order(office, number)).summary["results"] == {}


async def test_an_order_is_for_whom_it_names(office: Office):
    office.hire("ada", "bo", "cy")
    await office.roll()
    ada = await office.org.people.find("ada")
    by_id, by_text = await ordered(office, people=ada), await ordered(office, text="bo@")
    await carry_out(office)
    for number, name in ((by_id, "Ada"), (by_text, "Bo")):
        steps = (await office.org.ledger.order_content(number))["steps"]
        assert [one["name"] for one in steps] == [name]
