"""Attempts to sign in that have not come back yet. Each is good once, and for a short time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from samepic.store.page import Page
from samepic.store.portal_schema import sign_ins

MOST = 10_000
"""Attempts that are kept at a time; whoever floods the portal pushes out attempts, not the disk's other tenants."""


class SignIns(Page):
    async def begin_sign_in(self, state: str, content: Mapping[str, Any], until: datetime, now: datetime) -> None:
        """`state` is a digest. What is over is swept on the way, and the oldest beyond `MOST`."""
        row = {"state": state, "content": dict(content), "until": until}

        def work(connection: Connection) -> None:
            connection.execute(delete(sign_ins).where(sign_ins.c.until <= now))
            connection.execute(insert(sign_ins), row)
            if (over := (connection.scalar(select(func.count()).select_from(sign_ins)) or 0) - MOST) > 0:
                oldest = select(sign_ins.c.state).order_by(sign_ins.c.until).limit(over)
                connection.execute(delete(sign_ins).where(sign_ins.c.state.in_(oldest)))

        await self._database.write(work)

    async def take_sign_in(self, state: str, now: datetime) -> Mapping[str, Any] | None:
        """The attempt, which is thereby used up; None where there is none, or no longer."""
        taken = delete(sign_ins).where(sign_ins.c.state == state).returning(sign_ins.c.content, sign_ins.c.until)
        row = await self._database.write(lambda connection: connection.execute(taken).first())
        return None if row is None or row.until <= now else dict(row.content)
