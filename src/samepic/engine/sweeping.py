"""Sweeping: pictures that nothing needs any more are deleted, long after they were."""

from __future__ import annotations

from datetime import timedelta

from samepic.engine.organisation import Organisation
from samepic.model import Trigger

EVERY = timedelta(days=1)
"""How often scheduled runs sweep at most."""

SWEEP = "sweep"
"""What such a run is called in the list of runs."""


async def sweep(org: Organisation) -> int:
    """Deletes what is older than originals are kept and what nothing speaks of any more; returns how many pictures.

    Writes that old can no longer be undone. Whatever was put into the store, or found there again, since then stays:
    what a run that is under way has only just kept is not spoken of yet.
    """
    if org.originals is None:
        return 0
    run = await org.ledger.begin_run(SWEEP, Trigger.SCHEDULE, org.settings, org.clock())
    before = org.clock() - org.originals
    await org.ledger.retire(before, org.clock())
    swept = await org.blobs.sweep(await org.ledger.referenced(before), before)
    await org.ledger.end_run(run, {"swept": swept}, org.clock())
    return swept


async def sweep_in_time(org: Organisation) -> None:
    """Sweeps where the last time was a day ago, or never."""
    last = await org.ledger.last_begun(SWEEP)
    if org.originals is not None and (last is None or org.clock() - last >= EVERY):
        await sweep(org)
