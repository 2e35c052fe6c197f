"""What a long-lived process does by itself: in time, for each person alone, whatever goes wrong."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from samepic.connectors.base import ForgetfulMemo
from samepic.connectors.layers import Layer
from samepic.engine.nudging import reminders
from samepic.engine.setting import set_picture
from samepic.errors import Denied, Failed, StoreError
from samepic.model import Account, Asked, Change, Language, Trigger, Verdict, Way, key
from samepic.store.ledger import EVERYBODY, Choice, Chosen, Notice, Task
from samepic.work import Work
from samepic.work.feeds import follow, read_on
from samepic.work.worker import TRIES
from tests.engine.conftest import ROUTE, Office, portrait, slot
from tests.journey.post import PostOffice
from tests.work.conftest import server, work

pytestmark = pytest.mark.asyncio(loop_scope="module")

PULL = replace(ROUTE, way=Way.PULL, when=frozenset({Trigger.VISIT}))
NEW = portrait("new")


class Pulling(Layer):
    """A system that fetches for itself once asked; here somebody places the picture when it has."""

    def __init__(self, inner):
        super().__init__(inner)
        self.traits = replace(inner.traits, pulls=True, writes=False, interval=timedelta(hours=24))
        self.asked = []

    async def ask(self, ref):
        self.asked.append(ref)
        return Asked(done=False, link=f"https://wall.example/{ref}")


async def settled(office: Office):
    office.hire("ada", "bob")
    await office.start()
    return await office.person("ada@contoso.example"), await office.person("bob@contoso.example")


async def tasks(office: Office, person) -> list[Task]:
    return [one.task for one in await office.org.ledger.due_of(person)]


# Visits


async def test_a_visit_is_served_at_once_and_then_done(office: Office):
    ada, _ = await settled(office)
    office.hr.place("ada", NEW)
    worker = work(office)
    number = await worker.visit(ada, "tile OneDrive")
    assert await office.org.ledger.pending_visits() != []
    assert await worker.once() == 1
    assert (await office.org.ledger.journal())[0].slot == slot("ada")
    assert await office.org.ledger.pending_visits() == []
    assert number == 1
    assert await tasks(office, ada) == []


async def test_only_who_came_by_is_looked_at(office: Office):
    ada, bob = await settled(office)
    office.hr.place("ada", NEW)
    office.hr.place("bob", portrait("another"))
    worker = work(office)
    await worker.visit(ada, "tile")
    await worker.once()
    assert [one.person for one in await office.org.ledger.journal(limit=1)] == [ada]
    assert await tasks(office, bob) == []


async def test_a_pull_is_looked_at_again_until_the_picture_is_there(office: Office):
    office.routes, wall = (PULL,), Pulling(office.wall)
    office.coats["wall"] = lambda _: wall
    office.hire("ada")
    await office.roll()
    ada, worker = await office.person("ada@contoso.example"), work(office)
    await worker.visit(ada, "tile")
    began, looked = office.now, []
    for _ in range(5):
        assert await worker.once() == 1
        (again,) = await office.org.ledger.due_of(ada)
        looked.append((again.at - began).total_seconds())
        office.now = again.at
    assert looked == [5, 15, 60, 300, 3900]
    assert wall.asked == ["ada"]
    office.wall.place("ada", portrait("ada"))
    assert await worker.once() == 1
    assert await tasks(office, ada) == []
    assert (await office.org.ledger.baseline(slot("ada"))).by == "system"
    assert (await office.org.ledger.usual("wall", Way.PULL)).count == 1


async def test_after_the_deadline_nobody_looks_any_more(office: Office):
    office.routes = (replace(PULL, deadline=timedelta(minutes=3)),)
    wall = Pulling(office.wall)
    office.coats["wall"] = lambda _: wall
    office.hire("ada")
    await office.roll()
    ada, worker = await office.person("ada@contoso.example"), work(office)
    await worker.visit(ada, "tile")
    for _ in range(10):
        await worker.once()
        office.wait(minutes=1)
    assert await tasks(office, ada) == []


async def test_another_visit_begins_anew(office: Office):
    office.routes, wall = (PULL,), Pulling(office.wall)
    office.coats["wall"] = lambda _: wall
    office.hire("ada")
    await office.roll()
    ada, worker = await office.person("ada@contoso.example"), work(office)
    await worker.visit(ada, "tile")
    await worker.once()
    office.wait(minutes=10)
    await worker.once()
    await worker.visit(ada, "tile")
    await worker.once()
    (again,) = await office.org.ledger.due_of(ada)
    assert again.at - office.now == timedelta(seconds=5)


class Lagging(Layer):
    """A system that shows what was there before for as long as somebody says so."""

    def __init__(self, inner):
        super().__init__(inner)
        self.traits = replace(inner.traits, settles=timedelta(hours=4))
        self.before = {}

    async def put(self, ref, photos, *, expect=None):
        before = await self.inner.fetch(ref), await self.inner.peek(ref)
        shown = await self.inner.put(ref, photos, expect=expect)
        self.before[ref] = before
        return shown

    async def fetch(self, ref):
        return self.before[ref][0] if ref in self.before else await self.inner.fetch(ref)

    async def peek(self, ref):
        return self.before[ref][1] if ref in self.before else await self.inner.peek(ref)

    async def survey(self, refs):
        for ref in refs:
            yield ref, await self.peek(ref)


async def test_a_picture_set_in_a_source_that_shows_it_late_moves_when_it_does(office: Office):
    ada, _ = await settled(office)
    hr = Lagging(office.hr)
    office.coats["hr"] = lambda _: hr
    before = (await office.shows("ada")).digest
    org, roll = office.org, await office.roll()
    effect = await set_picture(org, roll, ada, await org.blobs.put(NEW.data), by=ada)
    assert (effect.good, list(effect.moved.outcomes)) == (True, [])
    worker = work(office)
    for _ in range(5):
        (again,) = await office.org.ledger.due_of(ada)
        office.now = again.at
        await worker.once()
    assert (await office.shows("ada")).digest == before
    hr.before.clear()
    office.now = (await office.org.ledger.due_of(ada))[0].at
    await worker.once()
    assert (await office.shows("ada")).digest != before
    assert await tasks(office, ada) == []


async def test_a_visit_of_somebody_who_left_is_over(office: Office):
    ada, _ = await settled(office)
    worker = work(office)
    await worker.visit(ada, "tile")
    office.hr.discard("ada")
    office.wall.discard("ada")
    await office.roll()
    await worker.once()
    assert await tasks(office, ada) == []


async def test_where_another_run_is_at_it_the_visit_comes_right_after(office: Office):
    ada, _ = await settled(office)
    office.hr.place("ada", NEW)
    ledger = office.org.ledger
    run = await ledger.begin_run("sync", "manual", "", office.now)
    token = await ledger.lease(run, [slot("ada")], office.now, timedelta(minutes=2))
    worker = work(office)
    await worker.visit(ada, "tile")
    await worker.once()
    assert len(await ledger.pending_visits()) == 1
    await ledger.free(token)
    office.wait(seconds=5)
    await worker.once()
    assert await ledger.pending_visits() == []
    assert (await office.shows("ada")).digest != (await office.shows("bob")).digest


# A press of the button on an open page


async def test_whoever_has_the_page_open_hears_of_it_and_nobody_else(office: Office):
    ada, bob = await settled(office)
    worker, heard = work(office), []

    async def listen(person):
        async with worker.bulletin.subscribe(person) as changes:
            started.release()
            async for _ in changes:
                heard.append(person)  # noqa: PERF401 -- each one as it comes

    started = asyncio.Semaphore(0)
    listening = [asyncio.create_task(listen(one)) for one in (ada, bob)]
    for _ in listening:
        await started.acquire()
    await worker.look(ada)
    await worker.once()
    await asyncio.sleep(0)
    assert heard == [ada]
    for one in listening:
        one.cancel()
    await asyncio.wait(listening)


async def test_many_changes_while_nobody_looks_are_one(office: Office):
    ada, _ = await settled(office)
    bulletin = work(office).bulletin
    subscription = bulletin.subscribe(ada)
    for _ in range(3):
        bulletin.tell([ada])
    await anext(subscription)
    waiting = asyncio.ensure_future(anext(subscription))
    await asyncio.sleep(0)
    assert not waiting.done()
    subscription.close()
    with pytest.raises(StopAsyncIteration):
        await waiting


# Changes and feeds


async def test_a_change_moves_what_starts_on_a_change_and_is_looked_after(office: Office):
    office.routes = (replace(ROUTE, when=frozenset({Trigger.CHANGE})),)
    ada, _ = await settled(office)
    await office.sync(Trigger.CHANGE)
    office.hr.place("ada", NEW)
    worker = work(office)
    await worker.changed(ada)
    await worker.once()
    assert (await office.org.ledger.journal())[0].slot == slot("ada")


class Telling(Layer):
    """A system with a feed; `events` are what it has said so far."""

    def __init__(self, inner):
        super().__init__(inner)
        self.traits = replace(inner.traits, feeds=True)
        self.around = replace(inner.around, memo=ForgetfulMemo())
        self.events = []
        self.asked = []
        self.broken = False

    async def changes(self, since):
        self.asked.append(since)
        if since is None:
            yield Change("0")
        for number, ref in enumerate(self.events[int(since or 0) :], int(since or 0) + 1):
            yield Change(str(number), ref)
            if self.broken:
                raise Failed("The feed broke off.")


async def test_a_feed_is_read_on_from_where_it_stood(office: Office):
    ada, bob = await settled(office)
    hr = Telling(office.hr)
    org = office.org
    assert await read_on(org, hr) == 0
    hr.events += ["ada", "nobody we know"]
    assert await read_on(org, hr) == 1
    assert await tasks(office, ada) == [Task.CHANGE]
    hr.events += ["bob", "ada"]
    hr.broken = True
    with pytest.raises(Failed):
        await read_on(org, hr)
    hr.broken = False
    await read_on(org, hr)
    assert hr.asked == [None, "0", "2", "3"]
    assert await tasks(office, bob) == [Task.CHANGE]


async def test_a_feed_that_breaks_is_followed_on(office: Office, caplog):
    await settled(office)
    hr, paused, woken = Telling(office.hr), [], []
    await read_on(office.org, hr)
    hr.events, hr.broken = ["ada", "bob"], True

    async def sleep(seconds):
        paused.append(seconds)
        hr.broken = False
        if len(paused) == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await follow(office.org, hr, lambda: woken.append(1), sleep)
    assert "The feed broke off." in caplog.text
    assert (len(paused), woken) == (2, [1])


# Everybody


async def test_the_roll_is_called_again_and_again(office: Office):
    await settled(office)
    worker = work(office, roll_minutes=30)
    await worker.plan_ahead()
    office.hire("cyd")
    await worker.once()
    assert await office.person("cyd@contoso.example")
    assert await office.org.ledger.next_due(office.now) == office.now + timedelta(minutes=30)


async def test_everybody_is_looked_at_at_the_first_start_and_then_as_often_as_the_settings_say(office: Office):
    office.hire("ada")
    worker = work(office, look_minutes=60)
    await worker.plan_ahead()
    await worker.once()
    assert await office.org.ledger.verdict_counts() != {}
    assert (await office.org.ledger.journal(limit=1)) == []  # a look, and nothing else
    looked = await office.org.ledger.looked_at()
    office.wait(hours=2)
    await worker.plan_ahead()
    await worker.once()
    assert await office.org.ledger.looked_at() != looked


async def test_where_the_settings_want_no_looks_nobody_is_looked_at(office: Office):
    office.hire("ada")
    worker = work(office, look_minutes=0)
    await worker.plan_ahead()
    await worker.once()
    assert await office.org.ledger.verdict_counts() == {}


async def test_everybody_is_synced_on_schedule_only_where_the_settings_say_so(office: Office):
    office.routes = (replace(ROUTE, when=frozenset({Trigger.SCHEDULE})),)
    await settled(office)
    await office.sync(Trigger.SCHEDULE)
    office.hr.place("ada", NEW)
    never, hourly = work(office), work(office, every_minutes=60)
    await never.plan_ahead()
    await never.once()
    assert Task.EVERYBODY not in await tasks(office, EVERYBODY)
    await hourly.plan_ahead()
    before = len(await office.org.ledger.journal())
    office.wait(hours=1)
    await hourly.once()
    assert [one.slot for one in (await office.org.ledger.journal())[:-before]] == [slot("ada")]
    assert Task.EVERYBODY in await tasks(office, EVERYBODY)


async def test_everybody_is_synced_when_somebody_asks_and_once(office: Office):
    await settled(office)
    office.hr.place("bob", NEW)
    worker = work(office)
    await worker.everybody()
    await worker.once()
    assert [one.trigger for one in await office.org.ledger.runs(limit=1)] == ["manual"]
    assert (await office.org.ledger.journal(limit=1))[0].slot == slot("bob")
    assert await tasks(office, EVERYBODY) == []


async def test_a_roster_that_cannot_be_read_is_logged_and_stops_nobody(office: Office, caplog):
    await settled(office)

    class Away(Layer):
        async def roster(self):
            raise Failed("It is away.")
            yield

    office.coats["hr"] = Away
    worker = work(office)
    await worker.plan_ahead()
    await worker.once()
    assert "The accounts of hr could not be read: It is away." in caplog.text


async def test_a_day_is_closed_at_its_midnight_however_late_it_is_served(office: Office):
    await settled(office)
    worker = work(office, zone="Asia/Tokyo")  # 2026-03-01 09:00 UTC is 18:00 there
    await worker.plan_ahead()
    await worker.once()
    assert await office.org.ledger.trend() == {}
    office.wait(hours=6 + 5)
    await worker.once()
    assert list(await office.org.ledger.trend()) == [date(2026, 3, 1)]
    (day,) = [one for one in await office.org.ledger.due_of(EVERYBODY) if one.task is Task.DAY]
    assert day.at == datetime(2026, 3, 2, 15, tzinfo=office.now.tzinfo)


# Letters


async def notice(office: Office, person, *, address="ada@contoso.example", language=Language.EN):
    await office.org.ledger.want_notice(Notice(person, "wall", address, language, office.now))


async def test_whoever_wanted_to_be_told_gets_one_letter_when_the_picture_is_there(office: Office, mailbox: PostOffice):
    ada, _ = await settled(office)
    office.hr.place("ada", NEW)
    await notice(office, ada, language=Language.RU)
    worker = work(office, server(mailbox))
    await worker.visit(ada, "tile")
    await worker.once()
    (letter,) = mailbox.messages["ada@contoso.example"]
    assert (letter["Subject"], letter["Content-Language"]) == ("Ваша фотография на месте", "ru")
    assert "Здравствуйте, Ada!" in letter.get_content()
    await worker.look(ada)
    await worker.once()
    assert len(mailbox.messages["ada@contoso.example"]) == 1


async def test_while_it_is_not_there_nobody_is_told(office: Office, mailbox: PostOffice):
    ada, _ = await settled(office)
    office.hr.place("ada", NEW)
    await notice(office, ada)
    worker = work(office, server(mailbox))
    await worker.look(ada)
    await worker.once()
    assert mailbox.messages == {}
    assert await office.org.ledger.notices(ada) != []


async def test_a_mail_server_that_is_away_costs_no_letter(office: Office, mailbox: PostOffice, caplog):
    ada, _ = await settled(office)
    await notice(office, ada)
    away = replace(server(mailbox), port=1)
    worker = work(office, away)
    await worker.look(ada)
    await worker.once()
    assert "The mail server" in caplog.text
    assert await tasks(office, ada) == [Task.NOTICES]
    office.wait(minutes=5)
    await work(office, server(mailbox)).once()
    assert len(mailbox.messages["ada@contoso.example"]) == 1


async def test_reminders_ask_for_a_visit_or_for_a_picture_and_nobody_too_often(office: Office, mailbox: PostOffice):
    office.routes, wall = (PULL,), Pulling(office.wall)
    office.coats["wall"] = lambda _: wall
    office.hire("ada", "bob")
    office.hire("cyd", "dan", picture=False)
    office.wall.place("bob", portrait("bob"))
    await office.roll()
    dan = await office.person("dan@contoso.example")
    await office.org.ledger.set_choice(Choice(dan, "wall", Chosen.OPT_OUT, None, office.now, dan))
    worker = work(office, server(mailbox), remind_days=14)
    await worker.plan_ahead()
    for _ in range(4):
        await worker.once()
        office.wait(days=1)
    subjects = {to: [one["Subject"] for one in some] for to, some in mailbox.messages.items()}
    assert subjects == {
        "ada@contoso.example": ["Your profile picture"],
        "cyd@contoso.example": ["A profile picture for you"],
    }
    office.wait(days=14)
    await worker.once()
    assert {to: len(some) for to, some in mailbox.messages.items()} == dict.fromkeys(subjects, 2)


async def test_whoever_is_asked_for_a_visit_is_not_invited_besides(office: Office):
    office.hire("ada")
    for name in ("desk", "badge"):
        office.another(name).add(Account("ada", frozenset({key("id", "ada")}), name="Ada"))
    office.routes, wall = (PULL, replace(ROUTE, sources=("desk",), target="badge")), Pulling(office.wall)
    office.coats["wall"] = lambda _: wall
    roll = await office.roll()
    found = await reminders(office.org, roll, list(roll.persons), "https://start.example", "", "https://portal.example")
    assert [(one.system, one.invites) for one in found] == [("wall", False)]


# Trouble


async def test_ones_trouble_is_logged_without_secrets_retried_and_stops_nobody(office: Office, caplog):
    ada, bob = await settled(office)
    office.hr.place("bob", NEW)
    worker = work(office)
    broken = []

    async def breaks(person):
        if person == ada and not broken:
            broken.append(person)
            raise RuntimeError("something unforeseen")
        return await real(person)

    people = worker._org.people
    real, people.of = people.of, breaks
    for person in (ada, bob):
        await worker.visit(person, "tile")
    with caplog.at_level(logging.WARNING):
        await worker.once()
    assert f"visit of {ada} went wrong" in caplog.text
    assert (await office.org.ledger.journal(limit=1))[0].person == bob
    (again,) = await office.org.ledger.due_of(ada)
    assert again.at == office.now + timedelta(seconds=30)
    office.wait(seconds=30)
    await worker.once()
    assert await tasks(office, ada) == []


async def test_what_always_fails_is_given_up_in_the_end(office: Office):
    ada, _ = await settled(office)
    worker = work(office)

    async def breaks(_):
        raise StoreError("The disk is full.")

    worker._org.people.of = breaks
    await worker.look(ada)
    for _ in range(TRIES):
        assert await tasks(office, ada) == [Task.LOOK]
        await worker.once()
        office.wait(hours=1)
    assert await tasks(office, ada) == []


async def test_a_refusal_leaves_the_visit_to_be_tried_again(office: Office):
    ada, _ = await settled(office)
    office.hr.place("ada", NEW)

    class Strict(Layer):
        async def put(self, ref, photos, *, expect=None):
            raise Denied("No.", system="wall")

    office.coats["wall"] = Strict
    worker = work(office)
    await worker.visit(ada, "tile")
    await worker.once()
    assert await tasks(office, ada) == [Task.VISIT]
    office.coats.clear()
    office.wait(seconds=5)
    await work(office).once()
    assert await tasks(office, ada) == []
    assert await office.org.ledger.pending_visits() == []


async def test_two_workers_never_serve_one_visit_twice(office: Office):
    ada, bob = await settled(office)
    for ref in ("ada", "bob"):
        office.hr.place(ref, portrait(f"new {ref}"))
    one, other = work(office), work(office)
    await one.visit(ada, "tile")
    await other.visit(bob, "tile")
    done = await asyncio.gather(one.once(), other.once())
    assert sum(done) == 2
    assert len([one for one in await office.org.ledger.journal() if one.run > 1]) == 2


# Running


async def test_running_it_serves_what_comes_and_cancelled_it_leaves_everything_to_be_taken(office: Office):
    ada, _ = await settled(office)
    office.hr.place("ada", NEW)
    held, entered = asyncio.Event(), asyncio.Event()

    class Slow(Layer):
        async def put(self, ref, photos, *, expect=None):
            entered.set()
            await held.wait()

    office.coats["wall"] = Slow

    async def sleep(_):
        await asyncio.Event().wait()

    worker = Work(office.org, work(office)._shop.settings, sleep=sleep)
    running = asyncio.create_task(worker.run())
    await worker.visit(ada, "tile")
    await asyncio.wait_for(entered.wait(), 10)
    assert [one.holder != "" for one in await office.org.ledger.due_of(ada)] == [True]
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    office.coats.clear()
    await work(office).once()
    assert await office.org.ledger.pending_visits() == []
    said = {one.slot: one.verdict for one in await office.org.ledger.verdicts_of(ada)}
    assert said[slot("ada")] is Verdict.SAME
