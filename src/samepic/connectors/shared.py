"""What the systems of one organisation have in common without knowing one another.

Several systems may speak to one service with one application: then a wish to be left alone counts for all of them, and
what one of them is reading already need not be read by the others too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from samepic.connectors.traffic import Traffic

_Found = TypeVar("_Found")


class Shared:
    """One for all connectors of an organisation; a connector that stands alone has one of its own."""

    def __init__(self) -> None:
        self._traffic: dict[Hashable, Traffic] = {}
        self._under_way: dict[Hashable, asyncio.Future[Any]] = {}

    def traffic(self, *service: str) -> Traffic:
        """What has gone to one service, named by its address and whatever else its limits go by."""
        return self._traffic.setdefault(service, Traffic())

    async def together(self, what: Hashable, work: Callable[[], Awaitable[_Found]]) -> _Found:
        """What `work` brings, or what the same work brings somebody else who began it and has not ended yet.

        Nothing is kept: whoever comes later begins anew. Whoever is cancelled leaves the work to the others.
        """
        if what not in self._under_way:
            task = asyncio.ensure_future(work())
            self._under_way[what] = task
            task.add_done_callback(lambda done: self._ended(what, done))
        found: _Found = await asyncio.shield(self._under_way[what])
        return found

    def _ended(self, what: Hashable, done: asyncio.Future[Any]) -> None:
        del self._under_way[what]
        if not done.cancelled():
            done.exception()  # everybody who waited may have been cancelled; then nobody has to hear of it
