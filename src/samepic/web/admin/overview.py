"""The first page: how everybody is doing, and what waits for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from samepic.store.ledger import Run
from samepic.web.access import Access, Door
from samepic.web.admin.figures import Curve, Day, Figures, Group, curve, days, figures
from samepic.web.ask import Ask

TREND = 90
"""Days that the trend goes back."""

_ENOUGH_FOR_A_TREND = 2


@dataclass(frozen=True, slots=True)
class Summary:
    """One system on the page. `looked` is when anybody was last looked at there."""

    figures: Figures
    target: bool
    looked: datetime | None
    days: list[Day]
    curve: Curve | None

    @property
    def unreadable(self) -> int:
        return self.figures.groups[Group.UNREADABLE]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What only a person can decide."""

    approvals: int
    plans: int
    held: int

    @property
    def anything(self) -> bool:
        return bool(self.approvals or self.plans or self.held)


async def overview(ask: Ask) -> Response:
    summaries = await _summaries(ask)
    newest = await ask.site.org.ledger.runs(limit=5)
    return ask.page(
        "admin/overview.html",
        targets=[one for one in summaries if one.target],
        others=[one for one in summaries if not one.target],
        waiting=await _waiting(ask, summaries),
        running=[run for run in newest if _goes_on(run)],
        newest=newest,
        looked=max((one.looked for one in summaries if one.looked), default=None),
        now=ask.site.clock(),
        groups=tuple(Group),
    )


async def _summaries(ask: Ask) -> list[Summary]:
    ledger, systems = ask.site.org.ledger, ask.site.org.systems
    counts, looked, trend = await ledger.verdict_counts(), await ledger.looked_at(), await ledger.trend(TREND)
    found = []
    for system in systems:
        past = days(system, trend)
        drawn = curve([one.figures.share for one in past]) if len(past) >= _ENOUGH_FOR_A_TREND else None
        target = ask.site.org.route_to(system) is not None
        found.append(Summary(figures(system, counts), target, looked.get(system), past, drawn))
    return found


async def _waiting(ask: Ask, summaries: list[Summary]) -> Waiting:
    ledger = ask.site.org.ledger
    return Waiting(
        approvals=len(await ledger.waiting_approvals()),
        plans=await ledger.orders_waiting(),
        held=sum(one.figures.groups[Group.HELD] for one in summaries if one.target),
    )


def _goes_on(run: Run) -> bool:
    return run.ended is None


DOORS = (Door("admin", "/admin", Access.ADMINISTRATOR, overview),)
