"""The bulletin: whoever has a person's page open hears at once that something changed.

Within this process only. What changed is in the store; who hears nothing loses nothing but time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Self

from samepic.model import PersonId


class Bulletin:
    def __init__(self) -> None:
        self._listening: dict[PersonId, set[Subscription]] = defaultdict(set)

    def subscribe(self, person: PersonId) -> Subscription:
        """Hears from now on. Close it, or leave it as an async context manager."""
        subscription = Subscription(self, person)
        self._listening[person].add(subscription)
        return subscription

    def tell(self, people: Iterable[PersonId]) -> None:
        """Something changed for these people."""
        for person in people:
            for subscription in self._listening.get(person, ()):
                subscription.ring()

    def leave(self, subscription: Subscription) -> None:
        listening = self._listening.get(subscription.person, set())
        listening.discard(subscription)
        if not listening:
            self._listening.pop(subscription.person, None)


class Subscription:
    """An async iterator: one item for all that happened since the last one was taken. It ends once it is closed."""

    def __init__(self, bulletin: Bulletin, person: PersonId) -> None:
        self.person = person
        self._bulletin = bulletin
        self._bell = asyncio.Event()
        self._closed = False

    def ring(self) -> None:
        self._bell.set()

    def close(self) -> None:
        self._closed = True
        self._bulletin.leave(self)
        self._bell.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> None:
        await self._bell.wait()
        if self._closed:
            raise StopAsyncIteration
        self._bell.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
