"""Routes whose first plan somebody has confirmed; until then a route only plans."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from samepic.store.page import Page
from samepic.store.schema import routes


class Routes(Page):
    async def route_seen(self, fingerprint: str) -> datetime | None:
        """When the first plan of this route was confirmed; None where it never was."""
        wanted = select(routes.c.confirmed_at).where(routes.c.fingerprint == fingerprint)
        return await self._database.read(lambda connection: connection.scalar(wanted))

    async def confirm_route(self, fingerprint: str, at: datetime) -> None:
        """Confirms it; a route that was confirmed before keeps that instant."""
        confirmed = insert(routes).values(fingerprint=fingerprint, confirmed_at=at).on_conflict_do_nothing()
        await self._database.write(lambda connection: connection.execute(confirmed))
