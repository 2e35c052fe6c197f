"""What is given up, and that nothing is which something speaks of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samepic.model import Baseline, By, Digest, PersonId, Slot, Way, digest_of
from samepic.store.blobs import Blobs
from samepic.store.ledger import DONE, Ask, Pin
from samepic.store.portraits import PLACEHOLDER

ADA = PersonId("ada")
A = Slot("exchange", "a")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
KEPT = 180 * DAY


def picture(name: str) -> Digest:
    return digest_of(name.encode())


@pytest.fixture
def blobs(folder) -> Blobs:
    return Blobs(folder / "pictures")


@pytest.fixture
def written(ledger, run):
    """One write of a picture over another one, so many days ago."""

    async def write(slot: Slot, days: int, replaced: str | None, *, settled: bool = True) -> int:
        at = NOW - days * DAY
        token = await ledger.lease(run, [slot], at, DAY)
        originals = {} if replaced is None else {"48x48": picture(replaced)}
        number = await ledger.open_intent(run, token, ADA, "put", slot, picture("new"), None, originals, None, at)
        if settled:
            await ledger.settle(number, token, DONE, "", Baseline(picture("new"), "v", By.US, at), at)
        await ledger.free(token)
        return number

    return write


async def kept(ledger) -> set[Digest]:
    before = NOW - KEPT
    await ledger.retire(before, NOW)
    return await ledger.referenced(before)


async def test_originals_of_old_writes_are_given_up_and_said_to_be(ledger, written):
    old, young = await written(A, 181, "old"), await written(A, 179, "young")
    assert picture("young") in await kept(ledger)
    assert picture("old") not in await kept(ledger)
    retired = {one.id: one.retired_at for one in await ledger.journal()}
    assert retired == {old: NOW, young: None}


async def test_an_open_write_keeps_what_was_there_and_what_was_to_come_however_old(ledger, written):
    await written(A, 400, "before the crash", settled=False)
    assert {picture("before the crash"), picture("new")} <= await kept(ledger)


async def test_a_write_into_an_empty_slot_can_be_undone_for_ever(ledger, written):
    number = await written(A, 400, None)
    await kept(ledger)
    assert [(one.id, one.retired_at) for one in await ledger.last_done()] == [(number, None)]


async def test_the_newest_portrait_of_a_slot_stays_and_old_ones_are_asked_for_again(ledger):
    for days, name in ((500, "first"), (400, "second"), (300, "third")):
        await ledger.note_digest(A, name, picture(name), NOW - days * DAY)
    await ledger.note_digest(A, "nobody", PLACEHOLDER, NOW - 200 * DAY)
    found = await kept(ledger)
    assert {picture("third"), PLACEHOLDER} <= found
    assert not found & {picture("first"), picture("second")}
    assert set(await ledger.known_digests("exchange")) == {("a", "third"), ("a", "nobody")}
    assert await ledger.last_digests("exchange") == {"a": picture("third")}


async def test_pictures_that_people_removed_are_kept_as_long_as_originals(ledger):
    for days, name in ((181, "old"), (179, "young")):
        number = await ledger.add_to_gallery(ADA, picture(name), picture(f"{name} whole"), {}, "upload", "ada", NOW)
        await ledger.remove_from_gallery(number, NOW - days * DAY)
    await ledger.add_to_gallery(ADA, picture("there"), picture("there whole"), {}, "upload", "ada", NOW - 900 * DAY)
    found = await kept(ledger)
    assert {picture(name) for name in ("young", "young whole", "there", "there whole")} <= found
    assert not found & {picture("old"), picture("old whole")}


SPEAKERS = st.lists(
    st.tuples(
        st.sampled_from(["baseline", "portrait", "ask", "pin", "arrival", "gallery", "journal", "open"]),
        st.sampled_from("abc"),
        st.sampled_from("uvwxyz"),
        st.integers(0, 400),
    ),
    max_size=12,
)


@given(said=SPEAKERS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_nothing_is_swept_that_anything_speaks_of(ledger, blobs, written, said):
    """Whatever was noted: after a sweep, every picture that is still spoken of is there."""
    for what, ref, name, days in said:
        await note(ledger, written, what, Slot("exchange", ref), name, days)
    for name in "uvwxyz":
        await blobs.put(name.encode())
    found = await kept(ledger)
    await blobs.sweep(found, datetime.now(UTC) + DAY)  # as if every file were old enough
    for slot in (Slot("exchange", ref) for ref in "abc"):
        baseline = await ledger.baseline(slot)
        needed = [] if baseline is None else [baseline.want]
        needed += [digest for digest, _ in await ledger.portraits_of(slot)]
        needed += [one for intent in await ledger.journal(slot=slot) for one in still(intent)]
        for digest in needed:
            assert digest == picture("new") or await blobs.has(digest), (slot, digest)
    for added in await ledger.gallery_of(ADA):
        assert await blobs.has(added.digest)


def still(intent) -> list[Digest]:
    return [] if intent.retired_at else list(intent.replaced.values())


async def note(ledger, written, what: str, slot: Slot, name: str, days: int) -> None:
    at, digest = NOW - days * DAY, picture(name)
    match what:
        case "baseline":
            await ledger.set_baseline(slot, Baseline(digest, name, By.ADOPTED, at))
        case "portrait":
            await ledger.note_digest(slot, name, digest, at)
        case "ask":
            await ledger.note_ask(Ask(slot, digest, at))
        case "pin":
            await ledger.pin(Pin(slot, digest, "", at))
        case "arrival":
            await ledger.begin_arrival(slot, ADA, digest, Way.WRITE, at)
        case "gallery":
            await ledger.add_to_gallery(ADA, digest, digest, {}, "upload", "ada", at)
        case _:
            await written(slot, days, name, settled=what == "journal")
