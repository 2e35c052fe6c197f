"""Whose an account is, decided by hand: it wins, it stays, and it is on record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from samepic.engine.linking import link, unlink
from samepic.engine.whereabouts import pairs, seating
from samepic.errors import UserError
from samepic.model import Account, Kind, key
from samepic.store.ledger import Ledger
from tests.engine.conftest import Office, portrait, slot

pytestmark = pytest.mark.asyncio(loop_scope="module")


def entry(ref: str, *keys: str, kind: Kind = Kind.PERSON) -> Account:
    return Account(ref, frozenset(key(*one.split(":")) for one in keys), kind, ref.title())


@pytest.fixture
def mixed_up(office: Office) -> Office:
    """HR knows Bob by Ada's address. The wall knows both."""
    office.wall.add(entry("ada", "id:1", "mail:a@x"))
    office.wall.add(entry("bob", "id:2", "mail:b@x"))
    office.hr.add(entry("7", "mail:a@x"), portrait("bob"))
    return office


async def test_a_wrong_match_is_put_right_and_stays_so(mixed_up: Office):
    roll = await mixed_up.roll()
    ada, bob = [await mixed_up.person(ref) for ref in ("ada", "bob")]
    assert roll.persons[ada]["hr"] == slot("7", "hr")
    await link(mixed_up.org, roll, bob, slot("7", "hr"), "grace")
    mixed_up.hr.add(entry("7", "mail:another@x", "employee:9"))
    for _ in range(2):
        roll = await mixed_up.roll()
        assert roll.persons[bob] == {"hr": slot("7", "hr"), "wall": slot("bob")}
        assert roll.persons[ada] == {"wall": slot("ada")}
        assert not roll.held
    [noted] = await Ledger(mixed_up.database).audit(what="linked")
    assert (noted.actor, noted.person) == ("grace", bob)
    assert noted.facts == {"system": "hr", "ref": "7", "before": ada}


async def test_the_wrong_face_on_the_wall_is_replaced_after_a_decision(mixed_up: Office):
    await mixed_up.start()
    assert await mixed_up.shows("ada") is not None
    bob, roll = await mixed_up.person("bob"), await mixed_up.roll()
    await link(mixed_up.org, roll, bob, slot("7", "hr"), "grace")
    await mixed_up.sync()
    assert await mixed_up.shows("bob") is not None


async def test_an_account_that_was_ambiguous_is_somebodys_once_it_is_said(mixed_up: Office):
    mixed_up.hr.discard("7")
    await mixed_up.roll()
    mixed_up.hr.add(entry("8", "mail:a@x", "alias:b@x"), portrait("bob"))
    roll = await mixed_up.roll()
    assert slot("8", "hr") in roll.held
    assert slot("ada") in roll.held
    bob = await mixed_up.person("bob")
    await link(mixed_up.org, roll, bob, slot("8", "hr"), "grace")
    roll = await mixed_up.roll()
    assert not roll.held
    assert roll.persons[bob]["hr"] == slot("8", "hr")


async def test_an_account_set_apart_stands_alone_until_it_is_linked_again(mixed_up: Office):
    alone = await unlink(mixed_up.org, await mixed_up.roll(), slot("7", "hr"), "grace")
    roll = await mixed_up.roll()
    assert roll.persons[alone] == {"hr": slot("7", "hr")}
    assert not roll.held
    with pytest.raises(UserError, match="stands alone already"):
        await unlink(mixed_up.org, roll, slot("7", "hr"), "grace")
    ada = await mixed_up.person("ada")
    await link(mixed_up.org, roll, ada, slot("7", "hr"), "grace")
    assert (await mixed_up.roll()).persons[ada]["hr"] == slot("7", "hr")
    assert [one.what for one in await Ledger(mixed_up.database).audit()] == ["linked", "unlinked"]


async def test_of_two_accounts_in_one_system_one_is_set_apart(office: Office):
    for ref in ("ada", "ada-admin"):
        office.wall.add(entry(ref, "mail:a@x"))
    office.hr.add(entry("7", "mail:a@x", "employee:7"))
    roll = await office.roll()
    assert roll.held.keys() == {slot("ada"), slot("ada-admin")}
    await unlink(office.org, roll, slot("ada-admin"), "grace")
    assert not (await office.roll()).held


async def test_what_cannot_be_is_refused_in_words(mixed_up: Office):
    mixed_up.wall.add(entry("room", "mail:r@x", kind=Kind.ROOM))
    mixed_up.hr.add(entry("9", "mail:n@x"))
    roll = await mixed_up.roll()
    ada = await mixed_up.person("ada")
    for where, said in {
        slot("room"): "is a room, 7 is a person",
        slot("nobody"): "no account 'nobody' in wall",
        slot("9", "hr"): "has an account in hr already: 7",
    }.items():
        with pytest.raises(UserError, match=said):
            await link(mixed_up.org, roll, ada, where, "grace")
    assert await Ledger(mixed_up.database).audit() == []


async def test_the_report_says_who_is_where_and_who_is_missing(mixed_up: Office):
    mixed_up.another("phone").add(entry("p", "mail:a@x", "alias:b@x"))
    roll = await mixed_up.roll()
    rows = {row.name: row for row in await seating(mixed_up.org, roll)}
    assert rows["7"].missing(("hr", "wall", "phone")) == ["phone"]
    assert rows["7"].seats["hr"][0].linked_by == "mail"
    assert rows["Bob"].missing(("hr", "wall", "phone")) == ["hr", "phone"]
    assert rows["P"].person is None
    assert rows["P"].missing(("hr", "wall")) == []
    [doubtful] = rows["P"].held
    assert doubtful.held.facts["detail"] == "the mail says one person, a weaker key another."
    beside = {(pair.one, pair.other): pair for pair in pairs(list(rows.values()), ("hr", "wall", "phone"))}
    assert [len(beside["hr", "wall"].both), len(beside["hr", "wall"].only_other)] == [1, 1]
    assert beside["hr", "phone"].only_other == []


async def test_a_system_that_is_away_is_not_decided_about(mixed_up: Office):
    roll = await mixed_up.roll()
    away = replace(roll, troubles={"hr": Exception()})
    with pytest.raises(UserError, match="hr cannot be read now"):
        await unlink(mixed_up.org, away, slot("7", "hr"), "grace")
