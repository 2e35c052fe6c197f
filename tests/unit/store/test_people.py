"""Persons and links: saved, gone, found."""

from datetime import timedelta

import pytest

from samepic.model import Account, Kind, PersonId, Slot
from samepic.store.people import Link, People

ADA = PersonId("ada00000-0000-4000-8000-000000000001")
BOB = PersonId("b0b00000-0000-4000-8000-000000000002")
CYD = PersonId("b0b00000-0000-4000-8000-000000000003")


def account(ref="r1", name="Ada Lovelace", address="Ada@Contoso.example", keys=("upn:ada@contoso.example",), **more):
    return Account(ref, frozenset(keys), name=name, address=address, **more)


@pytest.fixture
def link(now):
    def make(person=ADA, system="exchange", gone_at=None, last_seen=now, **about) -> Link:
        return Link(person, system, account(**about), "upn", last_seen, gone_at)

    return make


def test_ids_are_random_and_distinct():
    assert len({People.new_id() for _ in range(100)}) == 100


async def test_links_come_back_as_saved(people, link, now):
    saved = [
        link(),
        link(ref="r2", system="entra", kind=Kind.GUEST, active=False, address=None, name="", keys=(), gone_at=now),
        link(person=BOB, ref="r3", keys=("upn:bob@x", "mail:bob@x", "id:3")),
    ]
    await people.save(saved)
    assert await people.links() == sorted(saved, key=lambda link: link.slot)
    assert await people.of(ADA) == [saved[1], saved[0]]
    assert await people.of(PersonId("nobody")) == []


async def test_saving_again_replaces_by_slot(people, link, now):
    await people.save([link(keys=("upn:old", "mail:same"))])
    renamed = link(
        person=BOB, name="Ada King", keys=("upn:new", "mail:same"), last_seen=now + timedelta(days=1), address=None
    )
    await people.save([renamed])
    assert await people.links() == [renamed]
    assert await people.of(ADA) == []
    assert await people.find("old") == []


async def test_the_last_of_two_links_for_one_slot_counts(people, link):
    await people.save([link(name="First"), link(name="Second", keys=("id:7",))])
    assert await people.links() == [link(name="Second", keys=("id:7",))]


async def test_saving_nothing_is_fine(people):
    await people.save([])
    assert await people.links() == []


async def test_thousands_of_links_at_once(people, link):
    many = [link(ref=f"r{number:05}", keys=(f"id:{number}", f"mail:{number}")) for number in range(6000)]
    await people.save(many)
    await people.save(many)
    assert await people.links() == many


async def test_gone_accounts_keep_the_first_instant_and_come_back(people, link, now):
    await people.save([link(), link(ref="r2")])
    await people.mark_gone([Slot("exchange", "r1"), Slot("exchange", "unknown")], now)
    await people.mark_gone([Slot("exchange", "r1")], now + timedelta(days=1))
    assert [found.gone_at for found in await people.links()] == [now, None]
    await people.save([link()])
    assert [found.gone_at for found in await people.links()] == [None, None]


@pytest.mark.parametrize(
    "text",
    [
        ADA,
        ADA.upper(),
        ADA[:6],
        "Ref-1",
        "ada@contoso.example",
        "ADA@contoso.EXAMPLE",
        "upn:ada@contoso.example",
        "UPN:Ada@contoso.example",
        "e-17",
        "countess@contoso.example",
        "Ada Lovelace",
        "ada lovelace",
        " Ada Lovelace ",
        "ada l",
        "lovel",
    ],
)
async def test_find_by(people, link, text):
    keys = ("upn:ada@contoso.example", "employee:e-17")
    await people.save(
        [
            link(ref="Ref-1", keys=keys, address="Countess@Contoso.example"),
            link(person=BOB, ref="r2", name="Bob", keys=("upn:bob@contoso.example",), address="bob@contoso.example"),
        ]
    )
    assert await people.find(text) == [ADA]


@pytest.mark.parametrize("text", ["", "  ", "nobody", ADA[:5], "%", "_", "ref-1", "r_1"])
async def test_find_nobody_by(people, link, text):
    await people.save([link(ref="Ref-1"), link(person=BOB, ref="r-1", name="Bob")])
    assert await people.find(text) == []


async def test_find_folds_names_of_every_script(people, link):
    await people.save([link(name="Jürgen GROẞ")])
    assert await people.find("jürgen gross") == [ADA]


async def test_an_ambiguous_beginning_of_an_id_is_none(people, link):
    await people.save([link(person=BOB, ref="r1", name="Bob"), link(person=CYD, ref="r2", name="Cyd")])
    assert await people.find(BOB[:8]) == []
    assert await people.find(BOB) == [BOB]


async def test_a_short_id_is_found_when_whole(people, link):
    await people.save([link(person=PersonId("p1"), name="Bob"), link(person=PersonId("P12"), ref="r2", name="Cyd")])
    assert await people.find("p1") == ["p1"]
    assert await people.find("P12") == ["P12"]


async def test_find_gives_the_strongest_reading_only(people, link):
    await people.save(
        [
            link(person=ADA, ref="ann", name="Zoe", keys=()),
            link(person=BOB, ref="r2", name="Ann", keys=("upn:x",)),
            link(person=CYD, ref="r3", name="Annette", keys=("alias:ann",)),
        ]
    )
    assert await people.find("ann") == [ADA]
    assert await people.find("Ann") == [CYD]
    assert await people.find("anne") == [CYD]
    assert await people.find("nn") == [BOB, CYD]


async def test_find_gives_everybody_of_the_same_name_once(people, link):
    await people.save(
        [
            link(person=ADA, ref="r1", name="Sam Smith"),
            link(person=ADA, ref="r1", system="entra", name="Sam Smith"),
            link(person=BOB, ref="r2", name="Sam Smith"),
            link(person=CYD, ref="r3", name="Sam Smithers"),
        ]
    )
    assert await people.find("sam smith") == [ADA, BOB]


async def test_accounts_that_are_there_win_over_gone_ones(people, link, now):
    await people.save(
        [
            link(person=ADA, ref="r1", name="Left", keys=("mail:sales@x",), gone_at=now),
            link(person=BOB, ref="r2", name="New", keys=("mail:sales@x",)),
        ]
    )
    assert await people.find("sales@x") == [BOB]
    assert await people.find("Left") == [ADA]
