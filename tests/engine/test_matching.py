"""Who belongs together, who must not, and what a rename or a recycled address does."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samepic.engine.matching import match
from samepic.model import KEY_STRENGTH, Account, Kind, PersonId, Slot, key


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


@pytest.mark.parametrize("theirs", ["upn", "mail", "alias"])
@pytest.mark.parametrize("folder", ["upn", "mail", "alias"])
def test_an_address_is_found_whatever_it_is_called(theirs, folder):
    found = matched({"exchange": [account("1", "id:1", f"{theirs}:a@x")], "folder": [account("f", f"{folder}:a@x")]})
    assert len(set(found.persons.values())) == 1
    weaker = max(theirs, folder, key=KEY_STRENGTH.index)
    assert found.by[Slot("folder", "f")] == weaker


def test_a_folder_named_by_an_old_address_finds_whoever_has_it_as_an_alias():
    rosters = {
        "folder": [account("old@x", "mail:old@x")],
        "exchange": [account("1", "id:1", "upn:new@x", "mail:new@x", "alias:old@x"), account("2", "id:2", "mail:b@x")],
    }
    found = matched(rosters)
    assert found.persons[Slot("folder", "old@x")] == found.persons[Slot("exchange", "1")]
    assert not found.held


def test_whoever_was_known_by_an_old_address_is_found_by_an_account_that_has_it_as_an_alias():
    folder, exchange = Slot("folder", "old@x"), Slot("exchange", "1")
    rosters = {
        "folder": [account("old@x", "mail:old@x")],
        "exchange": [account("1", "id:1", "mail:new@x", "alias:old@x")],
    }
    found = matched(rosters, {folder: PersonId("ada")})
    assert found.persons == {folder: "ada", exchange: "ada"}
    assert not found.held


def test_an_old_address_given_to_somebody_else_holds_both():
    rosters = {
        "exchange": [account("1", "id:1", "mail:new@x", "alias:old@x"), account("2", "id:2", "mail:old@x")],
        "wall": [account("1", "id:1")],
    }
    assert set(matched(rosters).held) == {Slot("exchange", "1"), Slot("exchange", "2"), Slot("wall", "1")}


def test_ids_of_different_directories_never_contradict_each_other():
    rosters = {
        "ad": [account("g1", "anchor:g1", "upn:a@x"), account("g2", "anchor:g2", "upn:b@corp")],
        "entra": [account("1", "id:1", "upn:a@x"), account("2", "id:2", "anchor:g2", "upn:b@x")],
    }
    found = matched(rosters)
    assert found.persons[Slot("ad", "g1")] == found.persons[Slot("entra", "1")]
    assert found.persons[Slot("ad", "g2")] == found.persons[Slot("entra", "2")]
    assert not found.held


def test_the_anchor_of_one_and_the_sign_in_name_of_another_hold_all_three():
    rosters = {
        "ad": [account("g1", "anchor:g1", "upn:a@x")],
        "entra": [account("1", "id:1", "anchor:g1", "upn:b@x"), account("2", "id:2", "upn:a@x")],
    }
    assert set(matched(rosters).held) == {Slot("ad", "g1"), Slot("entra", "1"), Slot("entra", "2")}


def test_a_sign_in_name_does_not_join_accounts_of_different_anchors():
    rosters = {"ad": [account("g1", "anchor:g1", "upn:a@x")], "entra": [account("1", "anchor:g2", "upn:a@x")]}
    assert Slot("entra", "1") in matched(rosters).held or Slot("ad", "g1") in matched(rosters).held


def test_an_employee_number_is_no_address():
    found = matched({"hr": [account("1", "employee:a@x")], "folder": [account("f", "mail:a@x")]})
    assert len(set(found.persons.values())) == 2


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


KEYS = st.builds(key, st.sampled_from(["id", "anchor", "upn", "mail", "alias"]), st.sampled_from("abc"))
ACCOUNTS = st.builds(
    Account, st.uuids().map(str), st.frozensets(KEYS, max_size=3), st.sampled_from([Kind.PERSON, Kind.ROOM])
)
ROSTERS = st.dictionaries(st.sampled_from("xyz"), st.lists(ACCOUNTS, max_size=5, unique_by=lambda a: a.ref))


@given(ROSTERS)
def test_every_account_is_somebodys_or_held_and_known_links_never_change(rosters):
    first = matched(rosters)
    slots = {Slot(system, one.ref) for system, roster in rosters.items() for one in roster}
    assert slots == set(first.persons) | set(first.held)
    again = match(rosters, first.persons, ids())
    assert {slot: again.persons[slot] for slot in first.persons} == dict(first.persons)


@given(ROSTERS, st.randoms(use_true_random=False))
def test_the_order_of_reading_does_not_matter(rosters, chance):
    systems = list(rosters)
    chance.shuffle(systems)
    shuffled = {system: chance.sample(rosters[system], len(rosters[system])) for system in systems}
    assert matched(shuffled) == matched(rosters)


@given(ROSTERS)
def test_matching_again_says_the_same(rosters):
    first = matched(rosters)
    again = match(rosters, first.persons, ids())
    assert match(rosters, again.persons, ids()) == replace(again, by={})


@given(ROSTERS, st.data())
def test_a_rename_keeps_every_link(rosters, data):
    first = matched(rosters)
    renamed = {
        system: [replace(one, keys=data.draw(st.frozensets(KEYS, max_size=3))) for one in roster]
        for system, roster in rosters.items()
    }
    after = match(renamed, first.persons, ids())
    assert {slot: after.persons[slot] for slot in first.persons} == dict(first.persons)


@given(ROSTERS)
def test_nobody_free_of_doubt_shares_the_strongest_key_with_somebody_else(rosters):
    """With one `id`, whoever is not held is one person."""
    found = matched(rosters)
    owners: dict[tuple[Kind, str], set[PersonId]] = {}
    for system, roster in rosters.items():
        for one in roster:
            slot = Slot(system, one.ref)
            if slot in found.persons and slot not in found.held:
                for name in (name for name in one.keys if name.startswith("id:")):
                    owners.setdefault((one.kind, name), set()).add(found.persons[slot])
    assert all(len(people) == 1 for people in owners.values())


# Decided by hand


def decided(rosters, known, *by_hand):
    return match(rosters, known, ids(), frozenset(by_hand))


def test_what_was_decided_by_hand_wins_over_every_key():
    ada, bob, wrong = Slot("exchange", "1"), Slot("exchange", "2"), Slot("hr", "7")
    rosters = {
        "exchange": [account("1", "id:1", "mail:a@x"), account("2", "id:2", "mail:b@x")],
        "hr": [account("7", "mail:a@x")],
    }
    found = decided(rosters, {ada: PersonId("ada"), bob: PersonId("bob"), wrong: PersonId("bob")}, wrong)
    assert found.persons[wrong] == "bob"
    assert not found.held


def test_a_wrong_key_of_an_account_decided_by_hand_misleads_nobody():
    ada, bob, wrong = Slot("exchange", "1"), Slot("exchange", "2"), Slot("hr", "7")
    rosters = {
        "exchange": [account("1", "id:1", "mail:a@x"), account("2", "id:2", "mail:b@x")],
        "hr": [account("7", "mail:a@x", "employee:7")],
        "wall": [account("w", "mail:a@x"), account("v", "employee:7")],
    }
    found = decided(rosters, {ada: PersonId("ada"), bob: PersonId("bob"), wrong: PersonId("bob")}, wrong)
    assert found.persons[Slot("wall", "w")] == "ada"
    assert found.persons[Slot("wall", "v")] == "bob"
    assert not found.held


def test_whoever_was_set_apart_is_not_matched_again():
    ada, apart = Slot("exchange", "1"), Slot("hr", "7")
    rosters = {"exchange": [account("1", "id:1", "mail:a@x")], "hr": [account("7", "mail:a@x")]}
    found = decided(rosters, {ada: PersonId("ada"), apart: PersonId("apart")}, apart)
    assert found.persons[apart] == "apart"
    assert not found.held


@given(ROSTERS, st.data())
def test_whatever_keys_say_a_decision_stands(rosters, data):
    first = matched(rosters)
    slots = sorted(first.persons)
    chosen = data.draw(st.sets(st.sampled_from(slots)) if slots else st.just(set()))
    owners = sorted(set(first.persons.values())) or ["nobody"]
    known = {slot: first.persons[slot] for slot in slots}
    known |= {slot: data.draw(st.sampled_from(owners)) for slot in sorted(chosen)}
    found = decided(rosters, known, *chosen)
    assert {slot: found.persons[slot] for slot in known} == known


@given(ROSTERS, st.data())
def test_a_decision_takes_nobody_from_those_whom_others_keys_name(rosters, data):
    """A stranger who is somebody's without the accounts decided by hand is theirs with them, too."""
    known = dict(matched(rosters).persons)
    chosen = data.draw(st.sets(st.sampled_from(sorted(known)))) if known else set()
    stranger = Account("stranger", data.draw(st.frozensets(KEYS, min_size=1, max_size=1)))

    def arriving(there):
        kept = {system: [one for one in all_ if Slot(system, one.ref) in there] for system, all_ in rosters.items()}
        return {**kept, "new": [stranger]}, {slot: known[slot] for slot in there}

    place = Slot("new", "stranger")
    without = decided(*arriving(known.keys() - chosen))
    if place not in without.held and without.by[place] != "new":
        assert decided(*arriving(known), *chosen).persons[place] == without.persons[place]
