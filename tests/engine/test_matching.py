"""Who belongs together, who must not, and what a rename or a recycled address does."""

from __future__ import annotations

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from samepic.engine.matching import match
from samepic.model import Account, Kind, PersonId, Slot, key


def ids():
    numbers = count(1)
    return lambda: PersonId(f"p{next(numbers)}")


def account(ref, *keys, kind=Kind.PERSON):
    return Account(ref, frozenset(key(*one.split(":", 1)) for one in keys), kind)


def matched(rosters, known=None):
    return match(rosters, known or {}, ids())


def test_accounts_with_one_id_are_one_person():
    found = matched({"exchange": [account("1", "id:1")], "sharepoint": [account("1", "id:1", "upn:a@x")]})
    assert len(set(found.persons.values())) == 1
    assert not found.held


def test_weaker_keys_match_where_no_stronger_one_is_shared():
    found = matched({"exchange": [account("1", "id:1", "mail:a@x")], "folder": [account("a@x", "mail:A@X")]})
    assert len(set(found.persons.values())) == 1
    assert found.by[Slot("folder", "a@x")] == "mail"


def test_strangers_are_people_of_their_own():
    found = matched({"exchange": [account("1", "id:1"), account("2", "id:2")]})
    assert len(set(found.persons.values())) == 2


def test_links_survive_renames():
    slot = Slot("exchange", "1")
    found = matched({"exchange": [account("1", "id:1", "upn:new@x")]}, {slot: PersonId("ada")})
    assert found.persons[slot] == "ada"
    assert slot not in found.by


def test_recycled_address_holds_everybody_involved():
    known = {Slot("exchange", "1"): PersonId("ada"), Slot("folder", "a@x"): PersonId("ada")}
    rosters = {
        "exchange": [account("1", "id:1", "mail:ada@x"), account("2", "id:2", "mail:a@x")],
        "folder": [account("a@x", "mail:a@x")],
    }
    found = matched(rosters, known)
    assert set(found.held) == {Slot("exchange", "1"), Slot("exchange", "2"), Slot("folder", "a@x")}
    assert Slot("exchange", "2") not in found.persons


def test_two_people_for_one_account_hold_all():
    known = {Slot("exchange", "1"): PersonId("ada"), Slot("exchange", "2"): PersonId("bob")}
    rosters = {
        "exchange": [account("1", "id:1", "upn:a@x"), account("2", "id:2", "mail:b@x")],
        "folder": [account("f", "upn:a@x", "mail:b@x")],
    }
    assert set(matched(rosters, known).held) == {Slot("exchange", "1"), Slot("exchange", "2"), Slot("folder", "f")}


def test_two_accounts_of_one_system_for_one_person_are_held():
    rosters = {
        "exchange": [account("1", "id:1", "mail:a@x")],
        "folder": [account("a", "mail:a@x"), account("b", "mail:a@x")],
    }
    assert set(matched(rosters).held) == {Slot("folder", "a"), Slot("folder", "b")}


def test_kinds_never_meet():
    found = matched({"exchange": [account("r", "mail:a@x", kind=Kind.ROOM)], "folder": [account("a", "mail:a@x")]})
    assert len(set(found.persons.values())) == 2


ACCOUNTS = st.builds(
    Account,
    st.uuids().map(str),
    st.frozensets(st.builds(key, st.sampled_from(["id", "upn", "mail"]), st.sampled_from("abc")), max_size=3),
    st.sampled_from([Kind.PERSON, Kind.ROOM]),
)


@given(st.dictionaries(st.sampled_from(["x", "y", "z"]), st.lists(ACCOUNTS, max_size=5, unique_by=lambda a: a.ref)))
def test_every_account_is_somebodys_or_held_and_known_links_never_change(rosters):
    first = matched(rosters)
    slots = {Slot(system, one.ref) for system, roster in rosters.items() for one in roster}
    assert slots == set(first.persons) | set(first.held)
    again = match(rosters, first.persons, ids())
    assert {slot: again.persons[slot] for slot in first.persons} == dict(first.persons)
