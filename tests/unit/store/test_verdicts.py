"""What was said about slots, lists of people, arrivals, contradictions, and how far a run has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samepic.model import Account, Digest, PersonId, Slot, Verdict, Way
from samepic.store.ledger import After, Contradiction, Judged, Progress, Usual
from samepic.store.people import Link

ADA, BOB = PersonId("ada"), PersonId("bob")
A, B, C = Slot("exchange", "a"), Slot("exchange", "b"), Slot("sharepoint", "a")
RED, BLUE = Digest("a" * 64), Digest("b" * 64)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def judged(slot: Slot, verdict: Verdict, person: PersonId = ADA, **facts: str) -> Judged:
    return Judged(person, slot, verdict, "a-code", facts, verdict is not Verdict.NONE)


class TestVerdicts:
    async def test_since_stays_while_the_verdict_does(self, ledger, now):
        assert await ledger.note_verdicts([judged(A, Verdict.SAME)], now) == {A: now}
        assert await ledger.note_verdicts([judged(A, Verdict.SAME, at="x")], now + HOUR) == {A: now}
        assert await ledger.note_verdicts([judged(A, Verdict.OLDER)], now + DAY) == {A: now + DAY}
        (one,) = await ledger.verdicts_of(ADA)
        assert (one.verdict, one.since, one.at) == (Verdict.OLDER, now + DAY, now + DAY)

    async def test_what_is_said_again_is_as_new_as_the_last_time(self, ledger, now):
        for hours in range(3):
            await ledger.note_verdicts([judged(A, Verdict.SAME, source="hr")], now + hours * HOUR)
        (one,) = await ledger.verdicts_of(ADA)
        assert (one.as_judged(), one.since, one.at) == (judged(A, Verdict.SAME, source="hr"), now, now + 2 * HOUR)

    async def test_a_slow_look_does_not_cover_a_newer_one(self, ledger, now):
        await ledger.note_verdicts([judged(A, Verdict.SAME)], now + HOUR)
        assert await ledger.note_verdicts([judged(A, Verdict.OLDER), judged(B, Verdict.OLDER, BOB)], now) == {
            A: now + HOUR,
            B: now,
        }
        assert [one.verdict for one in await ledger.verdicts_of(ADA)] == [Verdict.SAME]

    async def test_counts_days_and_who_is_forgotten(self, ledger, now):
        await ledger.note_verdicts([judged(A, Verdict.SAME), judged(B, Verdict.SAME, BOB)], now)
        await ledger.note_verdicts([judged(C, Verdict.NONE)], now)
        counts = {("exchange", Verdict.SAME): 2, ("sharepoint", Verdict.NONE): 1}
        assert await ledger.verdict_counts() == counts
        await ledger.close_day(date(2026, 3, 1))
        await ledger.forget_verdicts([B])
        fewer = counts | {("exchange", Verdict.SAME): 1}
        assert await ledger.verdict_counts() == fewer
        await ledger.close_day(date(2026, 3, 2))
        assert await ledger.trend() == {date(2026, 3, 1): counts, date(2026, 3, 2): fewer}
        assert await ledger.trend(newest=1) == {date(2026, 3, 2): fewer}
        await ledger.close_day(date(2026, 3, 1))
        assert (await ledger.trend())[date(2026, 3, 1)] == fewer


def link(person: str, system: str, name: str, ref: str, now, address: str | None = None) -> Link:
    return Link(PersonId(person), system, Account(ref, frozenset(), name=name, address=address), "id", now)


NAMES = st.sampled_from(["", "Ada", "ada", "Bob", "Éva", "Žofia", "zoe"])
WORLD = st.dictionaries(
    st.sampled_from([f"p{n}" for n in range(9)]),
    st.dictionaries(st.sampled_from(["entra", "exchange", "wall"]), st.tuples(NAMES, st.booleans()), min_size=1),
    max_size=9,
)


class TestListing:
    async def names(self, ledger, **filters) -> list[str]:
        return [one.name for one in (await ledger.verdict_page(**filters)).people]

    @pytest.fixture
    async def folk(self, ledger, people, now) -> None:
        await people.save([
            link("ada", "exchange", "Ada", "a", now, "ada@x"),
            link("ada", "sharepoint", "Lovelace", "a", now),
            link("bob", "exchange", "bob", "b", now, "Bob@X"),
            link("cyd", "sharepoint", "", "c", now),
            link("dan", "exchange", "Dan", "d", now),
        ])  # fmt: skip
        await people.mark_gone([Slot("exchange", "d")], now)
        await ledger.note_verdicts(
            [judged(A, Verdict.SAME), judged(C, Verdict.OLDER), judged(B, Verdict.OLDER, BOB)], now
        )

    @pytest.mark.usefixtures("folk")
    async def test_everybody_there_is_by_name_each_once(self, ledger):
        page = await ledger.verdict_page()
        assert [(one.person, one.name, one.address) for one in page.people] == [
            ("cyd", "", None),
            ("ada", "Ada", "ada@x"),
            ("bob", "bob", "Bob@X"),
        ]
        assert [[(one.slot.system, one.verdict) for one in listed.spoken] for listed in page.people] == [
            [],
            [("exchange", Verdict.SAME), ("sharepoint", Verdict.OLDER)],
            [("exchange", Verdict.OLDER)],
        ]
        assert page.after is None

    @pytest.mark.usefixtures("folk")
    @pytest.mark.parametrize("few", [0, 2_000])
    async def test_filters(self, ledger, few, monkeypatch):
        monkeypatch.setattr("samepic.store.listing.FEW", few)
        assert await self.names(ledger, verdicts=[Verdict.OLDER]) == ["Ada", "bob"]
        assert await self.names(ledger, system="exchange", verdicts=[Verdict.OLDER]) == ["bob"]
        assert await self.names(ledger, verdicts=[Verdict.HELD]) == []
        assert await self.names(ledger, system="sharepoint") == ["", "Ada"]
        assert await self.names(ledger, text="BOB@") == ["bob"]
        assert await self.names(ledger, text="a", verdicts=[Verdict.OLDER], system="sharepoint") == ["Ada"]
        assert await self.names(ledger, text="%") == []

    @given(world=WORLD, limit=st.integers(1, 4))
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    async def test_pages_together_are_everybody_in_order(self, ledger, people, now, world, limit):
        old = await people.links()
        await people.mark_gone([one.slot for one in old], now)
        await people.save([
            replace(link(person, system, name, person, now), gone_at=now if gone else None)
            for person, accounts in world.items()
            for system, (name, gone) in accounts.items()
        ])  # fmt: skip
        found, after = [], None
        for _ in range(len(world) + 1):
            page = await ledger.verdict_page(after=after, limit=limit)
            found += [(one.name.casefold(), one.person) for one in page.people]
            assert len(page.people) == limit or page.after is None
            if (after := page.after) is None:
                break
        assert found == sorted(expected(world))

    async def test_a_place_in_a_list_is_two_words(self, ledger, people, now):
        await people.save([link(f"p{number}", "exchange", "Same Name", str(number), now) for number in range(5)])
        page = await ledger.verdict_page(limit=2)
        assert page.after == After("same name", "p1")


def expected(world) -> list[tuple[str, str]]:
    """Everybody with an account, by their first name that is one."""
    found = []
    for person, accounts in world.items():
        names = [name for _, (name, gone) in sorted(accounts.items()) if not gone]
        if names:
            found.append((next((name for name in names if name), "").casefold(), person))
    return found


class TestArrivals:
    async def test_it_is_under_way_from_its_first_beginning_to_the_first_look(self, ledger, now):
        await ledger.begin_arrival(A, ADA, RED, Way.PULL, now)
        await ledger.begin_arrival(A, ADA, RED, Way.PULL, now + HOUR)
        assert await ledger.under_way([A, B]) == {A: now}
        await ledger.end_arrivals([A, B], now + 3 * HOUR)
        await ledger.end_arrivals([A], now + 9 * HOUR)
        assert await ledger.under_way([A]) == {}
        assert await ledger.usual("exchange", Way.PULL) == Usual(1, 3 * HOUR, 3 * HOUR)

    async def test_another_picture_gives_the_first_one_up(self, ledger, now):
        await ledger.begin_arrival(A, ADA, RED, Way.WRITE, now)
        await ledger.begin_arrival(A, ADA, BLUE, Way.WRITE, now + HOUR)
        await ledger.end_arrivals([A], now + 2 * HOUR)
        assert await ledger.usual("exchange", Way.WRITE) == Usual(1, HOUR, HOUR)

    async def test_the_usual_is_by_system_and_way_over_the_newest(self, ledger, now, monkeypatch):
        monkeypatch.setattr("samepic.store.arrivals.COUNTED", 10)
        for number in range(20):
            slot = Slot("exchange", str(number))
            minutes = timedelta(minutes=number if number >= 10 else 900)
            await ledger.begin_arrival(slot, ADA, RED, Way.PULL, now + number * DAY)
            await ledger.end_arrivals([slot], now + number * DAY + minutes)
        usual = await ledger.usual("exchange", Way.PULL)
        assert usual == Usual(10, timedelta(minutes=14), timedelta(minutes=18))
        assert await ledger.usual("exchange", Way.WRITE) is None
        assert await ledger.usual("sharepoint", Way.PULL) is None


class TestContradictions:
    async def test_the_last_ones_count(self, ledger):
        one, other = Contradiction("ambiguous", {"detail": "x"}), Contradiction("ambiguous", {"detail": "y"})
        await ledger.set_contradictions({A: one, B: other})
        assert await ledger.contradictions() == {A: one, B: other}
        assert await ledger.contradictions([B, C]) == {B: other}
        await ledger.set_contradictions({C: one})
        assert await ledger.contradictions() == {C: one}
        assert await ledger.contradictions([]) == {}


class TestProgress:
    async def test_it_is_told_until_the_run_ends(self, ledger, run, now):
        await ledger.note_progress(run, "looking at hr", 3, 12)
        assert (await ledger.run(run)).progress == Progress("looking at hr", 3, 12)
        await ledger.end_run(run, {"done": 1}, now)
        await ledger.note_progress(run, "looking at hr", 4, 12)
        assert (await ledger.run(run)).progress is None

    async def test_when_something_was_begun_last(self, ledger, now):
        assert await ledger.last_begun("sweep") is None
        await ledger.begin_run("sweep", "schedule", "", now)
        await ledger.begin_run("sync", "schedule", "", now + DAY)
        assert await ledger.last_begun("sweep") == now
