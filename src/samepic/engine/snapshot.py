"""The pictures themselves, for a contact sheet: what every system shows at one moment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from samepic import sheet
from samepic.engine.organisation import Organisation
from samepic.engine.reasons import sentence
from samepic.engine.status import Cell, Row
from samepic.errors import ConnectorError
from samepic.model import Photo


async def snapshot(org: Organisation, rows: Sequence[Row], label: str, at: datetime) -> sheet.Snapshot:
    """Fetches every picture that the rows say is there."""
    at_once = asyncio.Semaphore(org.at_once)

    async def cell(one: Cell) -> sheet.Cell:
        async with at_once:
            return sheet.Cell(one.verdict, sentence(one.reason), await _photo(org, one))

    async def line(row: Row) -> sheet.Line:
        cells = await asyncio.gather(*(cell(one) for one in row.cells.values()))
        return sheet.Line(row.name, row.address, row.kind, dict(zip(row.cells, cells, strict=True)))

    lines = await asyncio.gather(*(line(row) for row in rows))
    return sheet.Snapshot(label, at, tuple(org.systems), tuple(lines))


async def _photo(org: Organisation, cell: Cell) -> Photo | None:
    if cell.slot is None or not cell.present:
        return None
    try:
        return await org.systems[cell.slot.system].fetch(cell.slot.ref)
    except ConnectorError:
        return None
