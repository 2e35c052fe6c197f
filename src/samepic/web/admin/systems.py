"""Systems: what each can do, and, when asked, whether everything is as it has to be there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.responses import Response

from samepic.connectors.base import Connector
from samepic.model import Finding, Level
from samepic.web.access import Access, Door
from samepic.web.admin.figures import figures
from samepic.web.admin.log import note
from samepic.web.ask import Ask

PATIENCE = 30.0
"""Seconds that a look at one system may take while somebody waits for the page."""


async def systems(ask: Ask) -> Response:
    org = ask.site.org
    counts, looked = await org.ledger.verdict_counts(), await org.ledger.looked_at()
    return ask.page(
        "admin/systems.html",
        systems=org.systems,
        kinds={name: table["kind"] for name, table in ask.site.settings.systems.items()},
        routes={name: org.route_to(name) for name in org.systems},
        figures={name: figures(name, counts) for name in org.systems},
        looked=looked,
        now=ask.site.clock(),
    )


async def system(ask: Ask) -> Response:
    """One system. With `check=now` it is asked, as `samepic doctor` does: nothing is changed by it."""
    name = ask.request.path_params["system"]
    connector = ask.site.org.systems.get(name)
    if connector is None:
        raise HTTPException(404)
    findings = None
    if ask.text("check") == "now":
        await note(ask, "system checked", system=name)
        findings = await _findings(connector)
    return ask.page(
        "admin/system.html",
        name=name,
        kind=ask.site.settings.systems[name]["kind"],
        traits=connector.traits,
        route=ask.site.org.route_to(name),
        takes=[route for route in ask.site.org.routes if name in route.sources],
        findings=findings,
    )


async def _findings(connector: Connector) -> Sequence[Finding]:
    """Worst first."""
    try:
        async with asyncio.timeout(PATIENCE):
            found = await connector.check()
    except TimeoutError:
        return [Finding(Level.PROBLEM, "time", f"No answer within {PATIENCE:.0f} seconds.", "Try again later.")]
    order = [Level.PROBLEM, Level.WARNING, Level.GOOD]
    return sorted(found, key=lambda one: order.index(one.level))


DOORS = (
    Door("admin-systems", "/admin/systems", Access.ADMINISTRATOR, systems),
    Door("admin-system", "/admin/systems/{system}", Access.ADMINISTRATOR, system),
)
