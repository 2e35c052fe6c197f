"""How far a run has come, told to whoever listens here, and written down for pages of other processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from samepic.engine.organisation import Organisation

EVERY = timedelta(seconds=1)
"""How often progress is written down at most."""


@asynccontextmanager
async def recorded(org: Organisation, run: int) -> AsyncIterator[Organisation]:
    """The organisation, whose progress is that of the run while the block goes on."""
    recorder = _Recorder(org, run)
    try:
        yield replace(org, progress=recorder)
    finally:
        await recorder.finish()


class _Recorder:
    def __init__(self, org: Organisation, run: int) -> None:
        self._org, self._run = org, run
        self._next: datetime | None = None
        self._writing: asyncio.Task[None] | None = None

    def __call__(self, what: str, done: int, total: int) -> None:
        self._org.progress(what, done, total)
        now = self._org.clock()
        if (self._next is None or now >= self._next) and (self._writing is None or self._writing.done()):
            self._next = now + EVERY
            self._writing = asyncio.ensure_future(self._org.ledger.note_progress(self._run, what, done, total))

    async def finish(self) -> None:
        """What was begun is written; trouble with the store shows itself there, as in everything else."""
        if self._writing is not None:
            await self._writing
