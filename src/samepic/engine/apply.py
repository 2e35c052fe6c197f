"""Acting on decisions: the only module that writes to systems.

For every write: what is there is kept byte-exact, then the intent is journalled, then the system is written to, then
journal and baseline settle in one transaction. A crash at any gap leaves either nothing, or an open intent that the
next run finishes. An unclear answer leaves the intent open too; only an answer that nothing was written closes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from samepic.connectors.base import Connector
from samepic.engine.organisation import Organisation
from samepic.engine.planning import Line
from samepic.engine.portraits import Portraits
from samepic.engine.together import each
from samepic.engine.verdicts import note_done
from samepic.errors import Busy, ConnectorError, Denied, Gone, Moved, Refused, Unfit
from samepic.imaging.sniff import media_type_of
from samepic.model import (
    Adopt,
    Asked,
    Baseline,
    By,
    Digest,
    Keep,
    PersonId,
    Photo,
    Pull,
    Put,
    Remove,
    Sighting,
    Slot,
    Way,
    digest_of,
)
from samepic.store.blobs import Spoiled
from samepic.store.ledger import DONE, REFUSED, SUPERSEDED, Ask, Intent, Pin

LEASE = timedelta(minutes=2)
"""How long a lease outlives its last renewal. A holder known to be dead frees it at once."""

LOT = 500
"""How many slots are found right at once."""


class Result(StrEnum):
    DONE = "done"
    ADOPTED = "adopted"
    ASKED = "asked"
    REFUSED = "refused"  # the system will not; nothing was written
    MOVED = "moved"  # the world changed meanwhile; nothing was written
    BUSY = "busy"  # another run is at it; nothing was written
    FAILED = "failed"  # may or may not have happened; the next run does it again


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one step. `link` is where the person has to go, for a pull that only they can start."""

    person: PersonId
    name: str
    slot: Slot
    result: Result
    detail: str = ""
    remedy: str = ""
    link: str | None = None

    @property
    def good(self) -> bool:
        return self.result in {Result.DONE, Result.ADOPTED, Result.ASKED}


async def carry_out(
    org: Organisation, run: int, lines: Sequence[Line], planned_at: datetime | None = None
) -> list[Outcome]:
    """Does what the lines say; what came of each, in their order.

    `planned_at` is when the look at the world began that they rest on (None: just now). What is right as it is comes
    first, many at a time. Every write has a lease of its own, so that nobody waits for everybody. Trouble with one
    person never stops the others. Raises Busy where other runs hold every slot that there is something to do for.
    """
    steps = [line for line in lines if line.acts or isinstance(line.decision.step, Adopt)]
    await _close_overtaken(org, run, lines)
    hand, done = _Hand(org, run, planned_at or org.clock(), Portraits(org)), 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        org.progress("carrying out", done, len(steps))

    async def act(line: Line) -> Outcome:
        outcome = await _leased_act(hand, line)
        tell(1)
        return outcome

    adopted = iter(await _adopt_all(hand, [line for line in steps if not line.acts], tell))
    acted = iter(await each([line for line in steps if line.acts], act, org.at_once))
    if hand.busy and len(hand.busy) == len(steps):
        raise hand.busy[0]
    return [next(acted if line.acts else adopted) for line in steps]


async def _close_overtaken(org: Organisation, run: int, lines: Sequence[Line]) -> None:
    """Closes interrupted writes that nobody needs any more: the slot is kept, or adopted, as it is."""
    still = {line.decision.slot for line in lines if isinstance(line.decision.step, Keep | Adopt)}
    for slot in still & (await org.ledger.open_intents()).keys():
        with suppress(Busy):  # it is not interrupted, it is being done
            async with leased(org, run, [slot]) as token:
                await _close_intent(org, slot, token)


async def _close_intent(org: Organisation, slot: Slot, token: int) -> None:
    intent = (await org.ledger.open_intents(slot.system)).get(slot)
    if intent is not None and intent.step in {"put", "remove"}:
        detail = "what is there was found right without it"
        await org.ledger.settle(intent.id, token, SUPERSEDED, detail, intent.before, org.clock())


@asynccontextmanager
async def leased(org: Organisation, run: int, slots: Sequence[Slot]) -> AsyncIterator[int]:
    """Holds the lease on all the slots, renewed for as long as the block runs. Raises Busy if somebody else has one."""
    token = await org.ledger.lease(run, slots, org.clock(), LEASE)
    keeper = asyncio.create_task(_keep(org, token))
    try:
        yield token
    finally:
        keeper.cancel()
        await org.ledger.free(token)


async def _keep(org: Organisation, token: int) -> None:
    while True:
        await asyncio.sleep(LEASE.total_seconds() / 4)
        await org.ledger.renew(token, org.clock(), LEASE)


@dataclass(frozen=True, slots=True)
class _Hand:
    """What every act of a run needs: whose run, and from when its plan is. `busy` collects what other runs held."""

    org: Organisation
    run: int
    planned_at: datetime
    portraits: Portraits
    busy: list[Busy] = field(default_factory=list)

    def connector(self, slot: Slot) -> Connector:
        return self.org.systems[slot.system]

    def left(self, line: Line, other: Busy) -> Outcome:
        """To that other run."""
        self.busy.append(other)
        return _outcome_of(line, Result.BUSY, other.message, other.remedy)


async def _adopt_all(hand: _Hand, lines: Sequence[Line], tell: Callable[[int], None]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for start in range(0, len(lines), LOT):
        lot = lines[start : start + LOT]
        outcomes += await _adopt(hand, lot)
        tell(len(lot))
    return outcomes


async def _adopt(hand: _Hand, lines: Sequence[Line]) -> list[Outcome]:
    """Notes that slots are right as they are, unless another run is at them, or was since the plan was made."""
    org, now = hand.org, hand.org.clock()
    steps = [step for line in lines if isinstance(step := line.decision.step, Adopt)]
    right = {step.slot: Baseline(step.want, step.version, step.by, now) for step in steps}
    adopted = await org.ledger.adopt(hand.run, right, hand.planned_at, now)
    await note_done(org, [line for line in lines if line.decision.slot in adopted.slots])

    def outcome(line: Line) -> Outcome:
        if (other := adopted.busy.get(line.decision.slot)) is not None:
            return hand.left(line, other)
        return _outcome_of(line, Result.ADOPTED) if line.decision.slot in adopted.slots else _overtaken(line)

    return [outcome(line) for line in lines]


def _overtaken(line: Line) -> Outcome:
    return _outcome_of(line, Result.MOVED, "Another run was here meanwhile.", "The next run looks again.")


async def _leased_act(hand: _Hand, line: Line) -> Outcome:
    """One write or prompt, under a lease, unless another run was here since the plan was made."""
    org, slot = hand.org, line.decision.step.slot
    try:
        async with leased(org, hand.run, [slot]) as token:
            baseline = await org.ledger.baseline(slot)
            if baseline is not None and baseline.at > hand.planned_at:
                return _overtaken(line)
            outcome = await _act(hand, token, line)
            if outcome.good:
                await note_done(org, [line])
            return outcome
    except Busy as other:
        return hand.left(line, other)


async def _act(hand: _Hand, token: int, line: Line) -> Outcome:
    match line.decision.step:
        case Put() as put:
            return await _put(hand, token, line, put)
        case Remove(slot, expect):
            change = Change("remove", line.person, line.name, slot, None, expect, {})
            return await make_change(hand.org, hand.run, token, change)
        case Pull(slot, want):
            return await _pull(hand, line, slot, want)
        case step:
            raise AssertionError(f"nothing to act on: {step}")


async def _put(hand: _Hand, token: int, line: Line, put: Put) -> Outcome:
    try:
        photos = await hand.portraits.renditions(put.want, hand.connector(put.slot).traits.demands)
    except Unfit as unfit:
        return _outcome_of(line, Result.REFUSED, unfit.message)
    except Spoiled as spoiled:  # this person's picture only; nothing was begun
        return _outcome_of(line, Result.FAILED, spoiled.message, spoiled.remedy)
    change = Change("put", line.person, line.name, put.slot, put.want, put.expect, photos)
    began = hand.org.clock()
    outcome = await make_change(hand.org, hand.run, token, change)
    awaited = put.slot == line.decision.slot and hand.org.route_to(put.slot.system) is not None
    if awaited and outcome.result in {Result.DONE, Result.FAILED}:
        await hand.org.ledger.begin_arrival(put.slot, line.person, put.want, Way.WRITE, began)
    return outcome


async def _pull(hand: _Hand, line: Line, slot: Slot, want: Digest) -> Outcome:
    try:
        prompted = await hand.org.prompt(line.person, slot.system)
        asked = Asked(done=True) if prompted else await hand.connector(slot).ask(slot.ref)
    except ConnectorError as trouble:
        return _outcome_of(line, Result.FAILED, str(trouble), trouble.remedy)
    now = hand.org.clock()
    await hand.org.ledger.note_ask(Ask(slot, want, now, asked.link))
    await hand.org.ledger.begin_arrival(slot, line.person, want, Way.PULL, now)
    return _outcome_of(line, Result.ASKED, link=asked.link)


def _outcome_of(line: Line, result: Result, detail: str = "", remedy: str = "", link: str | None = None) -> Outcome:
    return Outcome(line.person, line.name, line.decision.step.slot, result, detail, remedy, link)


@dataclass(frozen=True, slots=True)
class Change:
    """One write to one slot: photos by demand name, or none to remove. `undoes` is the intent that it takes back,
    `pin` what is to be remembered with it.
    """

    step: str
    person: PersonId
    name: str
    slot: Slot
    want: Digest | None
    expect: str | None
    photos: Mapping[str, Photo]
    pin: Pin | None = None
    undoes: int | None = None

    @property
    def left(self) -> Digest:
        """What the baseline says was left in the slot; the digest of nothing for an emptied one."""
        return self.want if self.want is not None else digest_of(b"")


async def make_change(org: Organisation, run: int, token: int, change: Change) -> Outcome:
    """Keeps what is there, journals, writes, settles."""
    connector = org.systems[change.slot.system]
    before = await org.ledger.baseline(change.slot)
    try:
        replaced = await _keep_originals(org, connector, change.slot)
    except ConnectorError as trouble:  # nothing was begun, so nothing is open
        return _outcome(change, Result.REFUSED if isinstance(trouble, Denied | Gone) else Result.FAILED, trouble)
    intent = await org.ledger.open_intent(
        run, token, change.person, change.step, change.slot, change.want, change.expect, replaced, before, org.clock()
    )
    try:
        sighting = await _write(connector, change)
    except (Moved, Refused, Denied, Gone) as trouble:  # a clear no: nothing was written
        await org.ledger.settle(intent, token, REFUSED, str(trouble), before, org.clock())
        return _outcome(change, Result.MOVED if isinstance(trouble, Moved) else Result.REFUSED, trouble)
    except ConnectorError as trouble:  # the intent stays open; the next run writes again
        return _outcome(change, Result.FAILED, trouble)
    baseline = Baseline(change.left, sighting.version, By.US, org.clock())
    await org.ledger.settle(intent, token, DONE, "", baseline, org.clock(), pin=change.pin, undoes=change.undoes)
    return _outcome(change, Result.DONE)


async def _keep_originals(org: Organisation, connector: Connector, slot: Slot) -> dict[str, Digest]:
    """Every picture that is in the slot now, kept byte-exact and safe on the disk before anything replaces it."""
    originals = await connector.fetch_all(slot.ref)
    return {name: await org.blobs.put(photo.data) for name, photo in originals.items()}


async def _write(connector: Connector, change: Change) -> Sighting:
    expect = change.expect if connector.traits.guarded else None
    if change.photos:
        return await connector.put(change.slot.ref, change.photos, expect=expect)
    await connector.remove(change.slot.ref, expect=expect)
    return Sighting(present=False)


def _outcome(change: Change, result: Result, trouble: ConnectorError | None = None) -> Outcome:
    detail, remedy = (str(trouble), trouble.remedy) if trouble else ("", "")
    return Outcome(change.person, change.name, change.slot, result, detail, remedy)


async def originals(org: Organisation, intent: Intent) -> dict[str, Photo]:
    """The photos that were there before an intent, byte-exact, by demand name."""
    kept = {name: await org.blobs.get(digest) for name, digest in intent.replaced.items()}
    return {name: Photo(data, _media_type(data)) for name, data in kept.items()}


def _media_type(data: bytes) -> str:
    """What the bytes are; what was there may be no picture at all, and goes back as it was."""
    try:
        return media_type_of(data)
    except Unfit:
        return "application/octet-stream"
