"""Leases: who may write to which slots now, and the fencing token that tells a late writer it is late.

A lease covers all its slots or none. It ends when it is freed, when it has run out, or when its process is provably
dead; then another run may take over, and the old token is worth nothing from that moment on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from samepic.errors import Busy
from samepic.model import Slot
from samepic.store.page import Page
from samepic.store.process import is_dead, this_process
from samepic.store.schema import at_slot, execute_all, in_parts, leased_slots, leases, new_row, place, slot_values

_HOLDER = select(leases.c.token, leases.c.run).join(leased_slots).where(at_slot(leased_slots))


class Leases(Page):
    async def lease(self, run: int, slots: Sequence[Slot], now: datetime, ttl: timedelta) -> int:
        """One token for all the slots, higher than any before. Raises Busy naming the run that holds one of them."""

        def work(connection: Connection) -> int:
            asked = set(slots)
            make_way(connection, asked, run, now)
            row = {"run": run, "until": now + ttl, "holder": this_process()}
            token = new_row(connection, leases, row)
            execute_all(connection, insert(leased_slots), [slot_values(slot) | {"token": token} for slot in asked])
            return token

        return await self._database.write(work)

    async def renew(self, token: int, now: datetime, ttl: timedelta) -> None:
        """The lease lasts until `now + ttl`. Raises Busy where another run has taken over, or it was freed."""
        longer = update(leases).where(leases.c.token == token, leases.c.taken_by.is_(None)).values(until=now + ttl)

        def work(connection: Connection) -> None:
            if connection.execute(longer).rowcount == 0:
                raise _lost(connection, token)

        await self._database.write(work)

    async def free(self, token: int) -> None:
        """Gives all the slots back; fine where the lease is lost already."""
        gone = delete(leases).where(leases.c.token == token)  # its slots go with it
        await self._database.write(lambda connection: connection.execute(gone))


def require_lease(connection: Connection, slot: Slot, token: int) -> None:
    """Raises Busy unless `token` holds the slot. One that has run out still does, until another run takes over."""
    holder = connection.execute(_HOLDER, place(slot)).first()
    if holder is None:
        raise _lost(connection, token)
    if holder.token != token:
        raise Busy(holder.run)


def make_way(connection: Connection, asked: set[Slot], run: int, now: datetime) -> None:
    """Ends leases on these slots that have run out, or whose process is dead. Raises Busy where one lasts."""
    tokens: set[int] = set()
    for some in in_parts(leased_slots, asked):
        tokens.update(connection.scalars(select(leased_slots.c.token).where(some).distinct()))
    for lease in connection.execute(select(leases).where(leases.c.token.in_(tokens))).all():
        if lease.until > now and not is_dead(lease.holder):
            raise Busy(lease.run)
        connection.execute(update(leases).where(leases.c.token == lease.token).values(taken_by=run))
        connection.execute(delete(leased_slots).where(leased_slots.c.token == lease.token))


def _lost(connection: Connection, token: int) -> Busy:
    taken_by = connection.scalar(select(leases.c.taken_by).where(leases.c.token == token))
    if taken_by is None:
        return Busy(0, "The lease for this has been given back; nothing more may be written under it.")
    return Busy(taken_by)
