"""Which source counts, and when one is passed over."""

from __future__ import annotations

from samepic.engine.choosing import Absent, Missing, NoAccount, Present, Undecided, Unknown, Wanted, choose
from samepic.engine.reasons import Code, because
from samepic.model import Emptied, Slot, digest_of

HR, EXCHANGE = Slot("hr", "1"), Slot("exchange", "1")
FACE, OTHER = digest_of(b"face"), digest_of(b"other")


def test_first_source_with_a_picture_counts():
    chosen = choose([Present(HR, FACE), Present(EXCHANGE, OTHER)])
    assert chosen == Wanted(FACE, HR, "source 1 of 2 (hr, exchange)")


def test_source_that_never_had_one_is_passed_over():
    assert choose([Absent(HR), Present(EXCHANGE, OTHER)]).digest == OTHER
    assert choose([NoAccount("hr"), Present(EXCHANGE, OTHER)]).digest == OTHER


def test_unreadable_source_is_not_an_empty_one():
    reason = because(Code.SOURCE_UNREADABLE, source="hr", detail="down")
    assert isinstance(choose([Unknown(HR, reason), Present(EXCHANGE, OTHER)]), Undecided)


def test_absence_seen_once_decides_nothing():
    once = choose([Absent(HR, looks=1, had=FACE), Present(EXCHANGE, OTHER)], Emptied.REMOVE)
    assert isinstance(once, Undecided)
    assert once.reason.code is Code.ABSENT_ONCE


def test_lost_picture_is_kept_before_another_source_is_asked():
    kept = choose([Absent(HR, looks=2, had=FACE), Present(EXCHANGE, OTHER)])
    assert isinstance(kept, Missing)
    assert kept.lost
    assert not kept.remove


def test_lost_picture_gives_way_to_the_next_source_where_the_rule_removes():
    assert choose([Absent(HR, looks=2, had=FACE), Present(EXCHANGE, OTHER)], Emptied.REMOVE).digest == OTHER
    gone = choose([Absent(HR, looks=2, had=FACE), Absent(EXCHANGE)], Emptied.REMOVE)
    assert isinstance(gone, Missing)
    assert gone.remove


def test_nothing_anywhere_is_missing_and_not_lost():
    none = choose([Absent(HR, looks=9), NoAccount("exchange")])
    assert isinstance(none, Missing)
    assert not none.lost
    assert choose([NoAccount("hr")]).reason.code is Code.NO_SOURCE_ACCOUNT
