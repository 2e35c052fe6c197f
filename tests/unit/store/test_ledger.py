"""The parts of the ledger that stand alone, and memos."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError, StatementError

from samepic.model import Baseline, By, Digest, PersonId, Sighting, Slot
from samepic.store.ledger import Ask, Pin, Remembered
from samepic.store.memos import StoredMemo

A, B, C = Slot("exchange", "a"), Slot("exchange", "b"), Slot("entra", "a")
RED, BLUE, GREEN = (Digest(letter * 64) for letter in "abc")
DAY = timedelta(days=1)


class TestRuns:
    async def test_a_run_goes_on_until_it_ends(self, ledger, now):
        first = await ledger.begin_run("apply", "manual", "digest", now)
        second = await ledger.begin_run("plan", "schedule", "digest", now + DAY)
        await ledger.end_run(first, {"put": 3, "result": "held"}, now + 2 * DAY)
        newest, oldest = await ledger.runs()
        assert (newest.id, newest.what, newest.trigger, newest.ended, newest.outcome) == (
            second, "plan", "schedule", None, {},
        )  # fmt: skip
        assert (oldest.id, oldest.settings, oldest.started, oldest.ended) == (first, "digest", now, now + 2 * DAY)
        assert oldest.outcome == {"put": 3, "result": "held"}
        assert await ledger.runs(limit=1) == [newest]

    async def test_instants_come_back_in_utc_to_the_microsecond(self, ledger, now):
        await ledger.begin_run("apply", "manual", "", now.astimezone(timezone(timedelta(hours=5, minutes=45))))
        (run,) = await ledger.runs()
        assert run.started == now
        assert run.started.tzinfo is UTC

    async def test_an_instant_without_a_zone_is_refused(self, ledger, now):
        with pytest.raises(StatementError, match="needs a time zone"):
            await ledger.begin_run("apply", "manual", "", now.replace(tzinfo=None))


class TestBaselines:
    async def test_set_replaced_and_forgotten(self, ledger, run, now):
        adopted, ours = Baseline(RED, None, By.ADOPTED, now), Baseline(BLUE, "v2", By.US, now + DAY)
        await ledger.set_baseline(A, adopted)
        await ledger.set_baseline(C, ours, run)
        assert await ledger.baselines("exchange") == {"a": adopted}
        assert [await ledger.baseline(slot) for slot in (A, B, C)] == [adopted, None, ours]
        await ledger.set_baseline(A, ours, run=run)
        assert await ledger.baselines("exchange") == {"a": ours}
        await ledger.set_baseline(A, None)
        assert await ledger.baselines("exchange") == {}
        assert await ledger.baselines("entra") == {"a": ours}

    async def test_versions_of_every_baseline_stay_known(self, ledger, now):
        for version in ("v1", None, "v2"):
            await ledger.set_baseline(A, Baseline(RED, version, By.US, now))
        await ledger.set_baseline(B, Baseline(RED, "w1", By.US, now))
        await ledger.set_baseline(A, None)
        assert await ledger.versions("exchange") == {"a": {"v1", "v2"}, "b": {"w1"}}
        assert await ledger.versions("entra") == {}

    async def test_the_newest_20_versions_are_kept(self, ledger, now):
        for version in [*range(20), 0, *range(20, 25)]:
            await ledger.set_baseline(A, Baseline(RED, f"v{version}", By.US, now))
        await ledger.set_baseline(B, Baseline(RED, "w", By.US, now))
        kept = (await ledger.versions("exchange"))["a"]
        assert kept == {"v0", *(f"v{version}" for version in range(6, 25))}  # v0 had come again


SIGHTINGS = st.builds(Sighting, st.booleans(), st.sampled_from([None, "v1", "v2"]), st.booleans())
LOOKS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "c"]), SIGHTINGS), max_size=12)
START = datetime(2026, 3, 1, tzinfo=UTC)


def expected(looks: list[dict[str, Sighting]]) -> dict[str, Remembered]:
    known: dict[str, Remembered] = {}
    for hours, look in enumerate(looks):
        at = START + timedelta(hours=hours)
        for ref, seen in look.items():
            before = known.get(ref)
            same = before and (before.sighting.present, before.sighting.version) == (seen.present, seen.version)
            absences = 0 if seen.present else 1 + (before.absences if before else 0)
            known[ref] = Remembered(seen, before.first_at if same else at, at, absences)
    return known


class TestSightings:
    @given(looks=LOOKS)
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_first_last_and_absences(self, ledger, looks):
        system = str(uuid.uuid4())
        for hours, look in enumerate(looks):
            await ledger.remember(system, look, START + timedelta(hours=hours))
        assert await ledger.remembered(system) == expected(looks)

    async def test_an_absence_counts_once_for_each_look(self, ledger, now):
        gone, there = Sighting(False), Sighting(True, "v1")
        history = []
        for number, seen in enumerate([gone, gone, there, gone, gone, gone]):
            await ledger.remember("exchange", {"a": seen}, now + number * DAY)
            found = (await ledger.remembered("exchange"))["a"]
            history.append((found.absences, (found.first_at - now).days, (found.last_at - now).days))
        assert history == [(1, 0, 0), (2, 0, 1), (0, 2, 2), (1, 3, 3), (2, 3, 4), (3, 3, 5)]

    async def test_systems_do_not_mix(self, ledger, now):
        await ledger.remember("exchange", {"a": Sighting(True, "v1")}, now)
        await ledger.remember("entra", {}, now)
        assert await ledger.remembered("entra") == {}


class TestPortraits:
    async def test_the_last_digest_noted_for_a_version_is_known(self, ledger, now):
        await ledger.note_digest(A, "v1", RED, now)
        await ledger.note_digest(A, "v2", BLUE, now)
        await ledger.note_digest(A, "v1", GREEN, now)
        await ledger.note_digest(C, "v1", BLUE, now)
        assert await ledger.known_digests("exchange") == {("a", "v1"): GREEN, ("a", "v2"): BLUE}
        await ledger.note_digest(A, "v1", RED, now)
        assert (await ledger.known_digests("exchange"))["a", "v1"] == RED

    async def test_every_portrait_of_a_slot_newest_first_each_once(self, ledger, now):
        for days, (version, digest) in enumerate([("v1", RED), ("v2", BLUE), ("v3", RED), ("v1", GREEN)]):
            await ledger.note_digest(A, version, digest, now + days * DAY)
        await ledger.note_digest(B, "v1", BLUE, now)
        assert await ledger.portraits_of(A) == [(GREEN, now + 3 * DAY), (RED, now + 2 * DAY), (BLUE, now + DAY)]
        assert await ledger.portraits_of(C) == []
        assert await ledger.last_digests("exchange") == {"a": GREEN, "b": "b" * 64}
        assert await ledger.last_digests("entra") == {}


class TestPins:
    async def test_pinned_replaced_and_released(self, ledger, now):
        await ledger.pin(Pin(A, RED, "undone", now))
        await ledger.pin(Pin(C, None, "asked for", now))
        assert await ledger.pins("exchange") == {"a": Pin(A, RED, "undone", now)}
        await ledger.pin(Pin(A, BLUE, "undone again", now + DAY))
        assert await ledger.pins("exchange") == {"a": Pin(A, BLUE, "undone again", now + DAY)}
        assert await ledger.release(A) is True
        assert await ledger.release(A) is False
        assert await ledger.pins("exchange") == {}
        assert await ledger.pins("entra") == {"a": Pin(C, None, "asked for", now)}


class TestVisits:
    async def test_a_visit_is_served_once(self, ledger, run, now):
        first = await ledger.record_visit(PersonId("ada"), now, "tile")
        second = await ledger.record_visit(PersonId("bob"), now - DAY, "link")
        pending = await ledger.pending_visits()
        assert [(visit.id, visit.person, visit.at, visit.via, visit.served_by) for visit in pending] == [
            (first, "ada", now, "tile", None),
            (second, "bob", now - DAY, "link", None),
        ]
        assert await ledger.serve_visits([first], run) is True
        assert await ledger.serve_visits([first], run) is False
        assert await ledger.pending_visits() == [pending[1]]

    async def test_all_or_none_are_served(self, ledger, run, now):
        first, second = [await ledger.record_visit(PersonId("ada"), now, "tile") for _ in range(2)]
        await ledger.serve_visits([first], run)
        assert await ledger.serve_visits([first, second], run) is False
        assert [visit.id for visit in await ledger.pending_visits()] == [second]
        assert await ledger.serve_visits([second, second], run) is True
        assert await ledger.serve_visits([], run) is True
        assert await ledger.pending_visits() == []

    async def test_of_many_that_would_serve_it_one_does(self, ledger, run, now):
        visit = await ledger.record_visit(PersonId("ada"), now, "tile")
        assert sorted(await asyncio.gather(*(ledger.serve_visits([visit], run) for _ in range(5)))) == [False] * 4 + [
            True
        ]


class TestAsks:
    async def test_noted_replaced_and_ended(self, ledger, run, now):
        await ledger.note_ask(Ask(A, RED, now))
        await ledger.note_ask(Ask(A, BLUE, now + DAY, "https://portal.example/"))
        await ledger.note_ask(Ask(C, RED, now))
        assert await ledger.asks("exchange") == {"a": Ask(A, BLUE, now + DAY, "https://portal.example/")}
        right = {A: Baseline(BLUE, "v1", By.ADOPTED, now)}
        await ledger.adopt(run, right, now, now)
        await ledger.adopt(run, right, now, now)
        assert await ledger.asks("exchange") == {}
        assert await ledger.asks("entra") == {"a": Ask(C, RED, now)}


class TestRoutes:
    async def test_confirmed_once(self, ledger, now):
        assert await ledger.route_seen("exchange->sharepoint") is None
        await ledger.confirm_route("exchange->sharepoint", now)
        await ledger.confirm_route("exchange->sharepoint", now + DAY)
        assert await ledger.route_seen("exchange->sharepoint") == now
        assert await ledger.route_seen("entra->sharepoint") is None


class TestMemos:
    async def test_set_forgotten_and_kept_apart(self, database):
        memo, other = StoredMemo(database, "exchange"), StoredMemo(database, "entra")
        await memo.save({"token": "1", "folder": "User Photos"})
        await other.save({"token": "9"})
        await memo.save({"token": "2", "folder": None, "unknown": None})
        await memo.save({})
        assert await memo.load() == {"token": "2"}
        assert await StoredMemo(database, "entra").load() == {"token": "9"}

    async def test_all_of_them_or_none(self, database):
        memo = StoredMemo(database, "exchange")
        await memo.save({"a": "1", "b": "1"})
        with pytest.raises(DBAPIError):
            await memo.save({"a": "2", "b": object(), "c": None})
        assert await memo.load() == {"a": "1", "b": "1"}

    async def test_an_error_does_not_repeat_values(self, database):
        with pytest.raises(DBAPIError) as error:
            await StoredMemo(database, "exchange").save({"cookie": "very secret", "b": object()})
        assert "INSERT INTO memos" in str(error.value)
        assert "secret" not in str(error.value)
