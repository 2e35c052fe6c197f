"""Every person in every system, with a verdict and a reason.

Where a route leads to a system, the verdict is the decision's own. Elsewhere the picture is compared with the one that
is wanted for the person, so that a system that nobody writes to still shows whether it agrees.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from samepic.engine.choosing import Present, Wanted
from samepic.engine.organisation import Organisation
from samepic.engine.plan import Decision
from samepic.engine.planning import Occasion, make_plan
from samepic.engine.reading import Roll, view
from samepic.engine.reasons import Code, Reason, because
from samepic.engine.verdicts import note
from samepic.engine.wanting import Choices
from samepic.model import Digest, Kind, Likeness, PersonId, Sighting, Slot, Trigger, Unseen, Verdict, Why
from samepic.store.blobs import Spoiled
from samepic.store.ledger import Judged


@dataclass(frozen=True, slots=True)
class Cell:
    """One person in one system. `decision` is there where a route leads to the system, `since` where there is a slot:
    when this verdict was first given without another one in between.
    """

    slot: Slot | None
    verdict: Verdict
    reason: Reason
    present: bool = False
    decision: Decision | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    person: PersonId
    name: str
    address: str | None
    kind: Kind
    cells: Mapping[str, Cell]


async def status(org: Organisation, roll: Roll, people: Sequence[PersonId]) -> list[Row]:
    """A row for each of these people, by name. Writes nothing to any system; what is said is remembered."""
    choices = Choices(org, roll, await view(org, roll, people, org.systems))
    plan = await make_plan(choices, people, Occasion(Trigger.SCHEDULE))
    judge = _Judge(choices, {line.decision.slot: line.decision for line in plan.lines})
    at_once = asyncio.Semaphore(org.at_once)

    async def row(person: PersonId) -> Row:
        async with at_once:
            cells = await judge.cells(person)
        return Row(person, roll.name(person), roll.address(person), roll.kind(person), cells)

    rows = await _remembered(org, await asyncio.gather(*(row(person) for person in people)), choices.seen.at)
    return sorted(rows, key=lambda one: (one.name.casefold(), one.person))


async def _remembered(org: Organisation, rows: Sequence[Row], at: datetime) -> list[Row]:
    """The rows, noted, with since when each verdict has stood."""
    said = [_judged(row.person, cell.slot, cell) for row in rows for cell in row.cells.values() if cell.slot]
    since = await note(org, said, at)

    def dated(cell: Cell) -> Cell:
        return cell if cell.slot is None else replace(cell, since=since[cell.slot])

    return [replace(row, cells={system: dated(cell) for system, cell in row.cells.items()}) for row in rows]


def _judged(person: PersonId, slot: Slot, cell: Cell) -> Judged:
    return Judged(person, slot, cell.verdict, cell.reason.code, cell.reason.facts, cell.present)


@dataclass(frozen=True, slots=True)
class _Judge:
    choices: Choices
    decisions: Mapping[Slot, Decision]

    async def cells(self, person: PersonId) -> dict[str, Cell]:
        wanted = await self._wanted(person)
        slots = self.choices.roll.persons[person]
        return {system: await self._cell(system, slots.get(system), wanted) for system in self.choices.org.systems}

    async def _wanted(self, person: PersonId) -> Wanted | None:
        """What the first route that wants something wants for this person."""
        for route in self.choices.org.routes:
            choice = await self.choices.of(person, route)
            if isinstance(choice, Wanted):
                return choice
        return None

    async def _cell(self, system: str, slot: Slot | None, wanted: Wanted | None) -> Cell:
        if slot is None:
            return Cell(None, Verdict.NO_ACCOUNT, because(Code.NO_ACCOUNT))
        shown = self.choices.seen.seen[slot]
        present = isinstance(shown, Sighting) and shown.present
        if (decision := self.decisions.get(slot)) is not None:
            return Cell(slot, decision.verdict, decision.reason, present, decision)
        if (held := self.choices.roll.held.get(slot)) is not None:
            return Cell(slot, Verdict.HELD, held, present)
        if isinstance(shown, Unseen):
            return _unseen(slot, shown)
        if not shown.present:
            return Cell(slot, Verdict.NONE, because(Code.HAS_NONE))
        return await self._compared(slot, shown, wanted)

    async def _compared(self, slot: Slot, shown: Sighting, wanted: Wanted | None) -> Cell:
        if wanted is not None and wanted.slot == slot:
            return Cell(slot, Verdict.SAME, because(Code.IS_SOURCE), present=True)
        found = await self.choices.portraits.of_source(slot, shown)
        if not isinstance(found, Present):
            nobody = found.reason.code is Code.SOURCE_PLACEHOLDER
            return Cell(slot, Verdict.NONE if nobody else Verdict.CANNOT_READ, found.reason, present=True)
        if wanted is None:
            return Cell(slot, Verdict.DIFFERENT, because(Code.NOT_ROUTED), present=True)
        return await self._against(slot, found.digest, wanted)

    async def _against(self, slot: Slot, shown: Digest, wanted: Wanted) -> Cell:
        source = wanted.slot.system
        try:
            alike = await self.choices.portraits.alike(shown, wanted.digest)
        except Spoiled as spoiled:
            return Cell(slot, Verdict.CANNOT_READ, because(Code.TARGET_UNREADABLE, detail=spoiled), present=True)
        if alike is Likeness.SAME:
            return Cell(slot, Verdict.SAME, because(Code.ALIKE, source=source), present=True)
        return Cell(slot, Verdict.DIFFERENT, because(Code.DIFFERS, source=source), present=True)


def _unseen(slot: Slot, shown: Unseen) -> Cell:
    match shown.why:
        case Why.GONE:
            return Cell(slot, Verdict.NO_ACCOUNT, because(Code.NO_ACCOUNT))
        case Why.HIDDEN:
            return Cell(slot, Verdict.UNKNOWN_STORE, because(Code.UNKNOWN_STORE))
        case _:
            return Cell(
                slot, Verdict.CANNOT_READ, because(Code.TARGET_UNREADABLE, detail=shown.detail or str(shown.why))
            )
