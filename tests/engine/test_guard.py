"""What stops a run until somebody confirms its count."""

from __future__ import annotations

import pytest

from samepic.engine.guard import Brakes, Kind, Supply, alarms, released
from samepic.model import Keep, Put, Remove, Slot, digest_of

BRAKES = Brakes(overwrites=0.25, removals=0.02, emptied=0.1, same_picture=5, at_least=10)


def puts(count, *, overwrites=True):
    return [Put(Slot("sp", str(n)), digest_of(str(n).encode()), overwrites=overwrites) for n in range(count)]


def removals(count):
    return [Remove(Slot("sp", str(n)), "v") for n in range(count)]


def kinds(steps, people=100, supplies=None):
    return [one.kind for one in alarms(steps, {"sp": people}, supplies or {}, BRAKES)]


def test_overwrites_beyond_the_share_are_held():
    assert kinds(puts(25)) == []
    assert kinds(puts(26)) == [Kind.OVERWRITES]


def test_first_pictures_alarm_nobody():
    assert kinds(puts(100, overwrites=False)) == []


def test_removals_beyond_the_share_are_held():
    assert kinds(removals(20), people=1000) == []
    assert kinds(removals(21), people=1000) == [Kind.REMOVALS]


def test_a_few_steps_are_never_alarming():
    assert kinds(puts(9), people=9) == []
    assert kinds(removals(9), people=9) == []


def test_suddenly_emptied_source_is_held():
    assert kinds([], supplies={"hr": Supply(had=100, lost=10)}) == []
    assert kinds([], supplies={"hr": Supply(had=100, lost=11)}) == [Kind.EMPTIED]


def test_one_picture_for_many_people_is_held():
    same = [Put(Slot("sp", str(n)), digest_of(b"logo")) for n in range(5)]
    assert kinds(same) == [Kind.SAME_PICTURE]
    assert kinds(same[:4]) == []


def test_nothing_to_do_alarms_nobody():
    assert kinds([Keep(Slot("sp", str(n))) for n in range(100)]) == []


@pytest.mark.parametrize(("confirmed", "left"), [(frozenset(), 1), (frozenset({26}), 0), (frozenset({27}), 1)])
def test_only_the_very_count_confirms(confirmed, left):
    assert len(released(alarms(puts(26), {"sp": 100}, {}, BRAKES), confirmed)) == left
