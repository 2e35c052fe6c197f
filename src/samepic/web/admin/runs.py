"""Runs: those that go on, with how far they have come, and what came of the others."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from samepic.engine.undo import undoable
from samepic.store.ledger import Run
from samepic.store.orders import State, What
from samepic.web.access import Access, Door
from samepic.web.admin.log import note
from samepic.web.admin.names import names
from samepic.web.admin.orders import give
from samepic.web.admin.story import Deed, largest
from samepic.web.ask import Ask

ON_A_PAGE = 50
ENTRIES = 200
"""Entries of one run's journal on its page, the newest ones."""


async def runs(ask: Ask) -> Response:
    found = await ask.site.org.ledger.runs(ON_A_PAGE + 1, ask.number("before"))
    return ask.page(
        "admin/runs.html",
        runs=found[:ON_A_PAGE],
        moving=any(run.ended is None for run in found),
        further=found[ON_A_PAGE - 1].id if len(found) > ON_A_PAGE else None,
        now=ask.site.clock(),
    )


async def run(ask: Ask) -> Response:
    return await _page(ask, await _run(ask))


async def _page(ask: Ask, found: Run, trouble: str = "", code: int = 200) -> Response:
    ledger = ask.site.org.ledger
    journal, troubles = await ledger.journal(run=found.id, limit=ENTRIES), await ledger.troubles(found.id)
    back = {one.id for one in await undoable(ask.site.org, run=found.id)} if found.ended else set()
    undo = next((one for one in await ledger.orders(What.UNDO) if one.ask["run"] == found.id), None)
    concerned = {one.person for one in journal} | {one.person for one in troubles}
    return ask.page(
        "admin/run.html",
        code,
        run=found,
        moving=found.ended is None or (undo is not None and undo.state is State.ASKED),
        undo=undo,
        deeds=[Deed(one, largest(one.replaced), one.want, one.id in back) for one in journal],
        troubles=troubles,
        all_troubles=await ledger.count_troubles(found.id),
        undoable=len(back),
        names=await names(ask, [*concerned, undo.made_by if undo else None]),
        trouble=trouble,
        now=ask.site.clock(),
    )


async def undo_run(ask: Ask) -> Response:
    """Takes a whole run back, once its count has been typed: of two who do, the second finds nothing left."""
    found = await _run(ask)
    count = len(await undoable(ask.site.org, run=found.id))
    if not count or ask.text("count") != str(count):
        return await _page(ask, found, trouble="count" if count else "nothing", code=409)
    await note(ask, "undo ordered", run=found.id, count=count)
    await give(ask, What.UNDO, {"run": found.id, "count": count})
    return ask.see("admin-run", said="undo-ordered", number=found.id)


async def _run(ask: Ask) -> Run:
    if (found := await ask.site.org.ledger.run(ask.request.path_params["number"])) is None:
        raise HTTPException(404)
    return found


DOORS = (
    Door("admin-runs", "/admin/runs", Access.ADMINISTRATOR, runs),
    Door("admin-run", "/admin/runs/{number:int}", Access.ADMINISTRATOR, run),
    Door("admin-run-undo", "/admin/runs/{number:int}/undo", Access.ADMINISTRATOR, undo_run, methods=("POST",)),
)
