"""The worker: takes what is due, does it, and says when again.

Everything it has to do is in the store, nothing only in memory. Two workers on one store share the work; a crash at any
moment leaves what was begun to be taken again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from samepic.engine.organisation import Organisation
from samepic.errors import Busy, SamepicError, StoreError
from samepic.mail import MailServer
from samepic.model import PersonId, Trigger
from samepic.settings import Settings
from samepic.store.ledger import EVERYBODY, SINCE, TRIGGER, Due, Task
from samepic.work import everybody, letters, persons
from samepic.work.bulletin import Bulletin
from samepic.work.feeds import follow
from samepic.work.orders import orders
from samepic.work.timing import BUSY, next_morning, retry_after
from samepic.work.workshop import Again, Workshop

_log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
"""How long work outlives the last sign of whoever took it. A process known to be dead frees it at once."""

POLL = 5.0
"""Seconds at most between two looks at what is due: another process may have planned it."""

TRIES = 12
"""So often something about one person is tried, over half a day, before it is given up until somebody asks again."""

TASKS: Mapping[Task, Callable[[Workshop, Due], Awaitable[Again | None]]] = {
    Task.VISIT: persons.visit,
    Task.LOOK: persons.look,
    Task.CHANGE: persons.change,
    Task.NOTICES: letters.notices,
    Task.REMINDERS: letters.reminders,
    Task.ROLL: everybody.roll,
    Task.SURVEY: everybody.survey,
    Task.EVERYBODY: everybody.run,
    Task.DAY: everybody.day,
    Task.ORDERS: orders,
}


class Work:
    """`run` until it is cancelled. The other methods may be called beside it, or without it: what they plan stays."""

    def __init__(
        self,
        org: Organisation,
        settings: Settings,
        *,
        mail: MailServer | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.bulletin = Bulletin()
        self._shop = Workshop(org, settings, mail, self.bulletin)
        self._org = org
        self._ledger = org.ledger
        self._sleep = sleep
        self._woken = asyncio.Event()
        self._at_work: set[asyncio.Task[None]] = set()

    # --- what pages and programs ask for

    async def visit(self, person: PersonId, via: str) -> int:
        """The person came by; their pictures are brought up to date at once. Returns the visit's number."""
        now = self._org.clock()
        visit = await self._ledger.record_visit(person, now, via)
        await self._plan(Task.VISIT, person, {SINCE: now.isoformat()})
        return visit

    async def look(self, person: PersonId) -> None:
        """A fresh look at one person."""
        await self._plan(Task.LOOK, person)

    async def changed(self, person: PersonId) -> None:
        """Some system, or program, says that something changed for this person."""
        await self._plan(Task.CHANGE, person)

    async def everybody(self, trigger: Trigger = Trigger.MANUAL) -> None:
        """A run over everybody, as far as routes and brakes allow."""
        await self._plan(Task.EVERYBODY, EVERYBODY, {TRIGGER: trigger.value})

    async def orders(self) -> None:
        """An administrator ordered something."""
        await self._plan(Task.ORDERS, EVERYBODY)

    def wake(self) -> None:
        """Something may be due: it is looked at now."""
        self._woken.set()

    async def _plan(self, task: Task, person: PersonId, facts: Mapping[str, str] | None = None) -> None:
        await self._ledger.plan_due(task, person, self._org.clock(), facts)
        self.wake()

    # --- doing it

    async def run(self) -> None:
        """Does what is due when it is due, until cancelled; what is being done then is due again at once."""
        try:
            await self._run()
        except Exception:
            _log.exception("From now on nothing is done by itself")
            raise

    async def _run(self) -> None:
        await self.plan_ahead()
        async with asyncio.TaskGroup() as group:
            for connector in self._org.systems.values():
                if connector.traits.feeds:
                    group.create_task(follow(self._org, connector, self.wake, self._sleep))
            while True:
                self._woken.clear()
                now = self._org.clock()
                await self._take(group, now)
                await self._pause(now)

    async def plan_ahead(self) -> None:
        """What comes again and again is planned where it is not yet."""
        now, work = self._org.clock(), self._shop.settings.work
        await self._ledger.plan_due(Task.ROLL, EVERYBODY, now)
        await self._ledger.plan_due(Task.DAY, EVERYBODY, next_morning(now, work.tzinfo))
        if work.look_minutes:
            ever_looked = bool(await self._ledger.looked_at())
            await self._ledger.plan_due(
                Task.SURVEY, EVERYBODY, now + timedelta(minutes=work.look_minutes) if ever_looked else now
            )
        if work.every_minutes:
            await self._ledger.plan_due(Task.EVERYBODY, EVERYBODY, now + timedelta(minutes=work.every_minutes))
        if work.remind_days:
            morning = next_morning(now, work.tzinfo, letters.REMINDING_HOUR)
            await self._ledger.plan_due(Task.REMINDERS, EVERYBODY, morning)

    async def once(self) -> int:
        """Does everything that is due now, and waits until it is done; how many things that was."""
        count = 0
        while taken := await self._ledger.take_due(self._org.clock(), LEASE, self._shop.settings.work.at_once):
            await asyncio.gather(*(self._do(one) for one in taken))
            count += len(taken)
        return count

    async def _take(self, group: asyncio.TaskGroup, now: datetime) -> None:
        free = self._shop.settings.work.at_once - len(self._at_work)
        if free <= 0:
            return
        try:
            taken = await self._ledger.take_due(now, LEASE, free)
        except StoreError as trouble:
            _log.error("What is due cannot be read: %s", trouble)
            return
        for one in taken:
            task = group.create_task(self._do(one))
            self._at_work.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._at_work.discard(task)
        self.wake()

    async def _pause(self, now: datetime) -> None:
        """Until something more is due, somebody wakes us, or another process may have planned something.

        What is due and was not taken waits for a place, or for something else of the same person: its end wakes us.
        """
        soonest = await self._next_due(now)
        seconds = POLL if soonest is None else min(POLL, (soonest - now).total_seconds())
        waits = [asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(self._woken.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    async def _next_due(self, now: datetime) -> datetime | None:
        try:
            return await self._ledger.next_due(now)
        except StoreError:
            return None

    async def _do(self, due: Due) -> None:
        """One thing, whatever comes of it: trouble with one never stops the others."""
        keeper = asyncio.create_task(self._keep(due))
        try:
            await self._settle(due, await self._attempt(due))
        except asyncio.CancelledError:
            await self._ledger.later_due(due, self._org.clock())
            raise
        except StoreError as trouble:  # its lease runs out, and it is taken again
            _log.error("%s could not be noted: %s", due.task, trouble)
        finally:
            keeper.cancel()
            self.bulletin.tell([due.person])

    async def _attempt(self, due: Due) -> Again | None:
        """Does it. None where it is done, or given up."""
        now = self._org.clock
        try:
            return await TASKS[due.task](self._shop, due)
        except Busy:
            return Again(now() + BUSY)
        except SamepicError as trouble:
            _log.warning("%s of %s: %s", due.task, due.person or "everybody", trouble)
        except Exception:  # noqa: BLE001 -- whatever it was, the others go on
            _log.exception("%s of %s went wrong", due.task, due.person or "everybody")
        if due.person and due.attempts >= TRIES:
            _log.error("%s of %s is given up after %d attempts", due.task, due.person, due.attempts)
            return None
        return Again(now() + retry_after(due.attempts))

    async def _settle(self, due: Due, again: Again | None) -> None:
        if again is None:
            await self._ledger.done_due(due)
        else:
            await self._ledger.later_due(due, again.at, again.facts)

    async def _keep(self, due: Due) -> None:
        """Renews the lease for as long as the work takes."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 4)
            await self._ledger.renew_due(due, self._org.clock() + LEASE)
