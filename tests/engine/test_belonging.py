"""Rules about groups: whom they fit, what holds while nobody can tell, and that one silence loses nobody."""

from __future__ import annotations

from datetime import date

import pytest

from samepic.connectors.layers import Layer
from samepic.engine.reading import known_roll, one_roll
from samepic.engine.rules import Question
from samepic.errors import Failed, NoSuchPerson
from samepic.model import Account, Authority, Consent, Emptied, PersonId, Rule, key
from samepic.services import select
from samepic.store.ledger import GroupOf

from .conftest import Office

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASKED = Rule(people=("group:Pilots",), consent=Consent.REQUIRED)


class Silent(Layer):
    """Answers everything but who is in a group."""

    async def members(self, group: str) -> frozenset[str]:
        raise Failed("does not say.", system=self.name)


async def ruling(office: Office, ref: str, system: str = "wall"):
    roll, person = await known_roll(office.org), await office.person(ref)
    ruled = office.org.rules.ruling(roll.texts(person), system, office.now)
    alone = await one_roll(office.org, person)
    assert office.org.rules.ruling(alone.texts(person), system, office.now) == ruled
    return ruled


async def test_a_rule_fits_those_in_its_group_and_nobody_else(office: Office):
    office.rules = (ASKED,)
    office.hire("ada", "grace")
    office.hr.gather("Pilots", ["ada"])
    await office.start()
    assert (await ruling(office, "ada")).consent is Consent.REQUIRED
    assert (await ruling(office, "grace")).consent is Consent.ASSUMED
    assert await office.shows("ada") is None
    assert await office.shows("grace") is not None


async def test_the_group_is_asked_for_again_at_every_roll(office: Office):
    office.rules = (ASKED,)
    office.hire("ada", "grace")
    office.hr.gather("Pilots", ["ada"])
    await office.roll()
    office.hr.gather("pilots", ["grace"])
    await office.roll()
    assert (await ruling(office, "ada")).consent is Consent.ASSUMED
    assert (await ruling(office, "grace")).consent is Consent.REQUIRED


async def test_any_system_may_have_the_group(office: Office):
    office.rules = (ASKED,)
    office.hire("ada", "grace")
    office.hr.gather("Pilots", ["ada"])
    office.wall.gather("Pilots", ["grace"])
    await office.roll()
    assert [(await ruling(office, ref)).consent for ref in ("ada", "grace")] == [Consent.REQUIRED] * 2


async def test_while_a_system_does_not_say_those_it_named_last_stay(office: Office):
    office.rules = (ASKED,)
    office.hire("ada", "grace")
    office.hr.gather("Pilots", ["ada"])
    await office.roll()
    office.hr.gather("Pilots", ["grace"])
    office.coats["hr"] = Silent
    await office.roll()
    assert (await ruling(office, "ada")).consent is Consent.REQUIRED
    assert (await ruling(office, "grace")).consent is Consent.ASSUMED


LENIENT = Rule(
    people=("group:Pilots",),
    consent=Consent.ASSUMED,
    picture=Authority.MINE,
    approval=False,
    public=True,
    emptied=Emptied.REMOVE,
)
STRICT = Rule(
    people=("Group: PILOTS",),
    consent=Consent.REQUIRED,
    picture=Authority.LOCKED,
    approval=True,
    public=False,
    emptied=Emptied.KEEP,
)


async def silenced(office: Office) -> None:
    """The one system that has the group was never heard."""
    office.hr.gather("Pilots", ["ada"])
    office.coats["hr"] = Silent


async def nowhere(office: Office) -> None:
    """No system has it."""


@pytest.mark.parametrize("trouble", [silenced, nowhere])
async def test_while_nobody_can_tell_the_stricter_answers_hold_for_everybody(office: Office, trouble):
    office.hire("ada")
    await trouble(office)
    office.rules = (STRICT, LENIENT)
    await office.roll()
    ruled = await ruling(office, "ada")
    assert [getattr(ruled, one.value) for one in Question] == [
        Consent.REQUIRED,
        Authority.LOCKED,
        True,
        False,
        Emptied.KEEP,
    ]
    assert "nobody can tell who is in the group" in ruled.rule_for(Question.CONSENT)
    office.rules = (LENIENT,)
    await office.roll()
    assert (await ruling(office, "ada")).deciding == {}


async def test_a_rule_that_was_just_written_waits_for_the_next_roll(office: Office):
    office.hire("ada")
    office.hr.gather("Pilots", [])
    await office.roll()
    office.rules = (ASKED,)
    assert (await ruling(office, "ada")).consent is Consent.REQUIRED
    await office.roll()
    assert (await ruling(office, "ada")).consent is Consent.ASSUMED


async def test_a_group_that_was_dissolved_is_unknown(office: Office):
    office.rules = (ASKED,)
    office.hire("ada", "grace")
    office.hr.gather("Pilots", ["ada"])
    await office.roll()
    office.hr.disband("Pilots")
    await office.roll()
    assert (await ruling(office, "grace")).consent is Consent.REQUIRED


async def test_groups_that_rules_no_longer_name_are_forgotten(office: Office):
    office.rules = (ASKED,)
    office.hire("ada")
    office.hr.gather("Pilots", ["ada"])
    await office.roll()
    office.rules = (Rule(people=("group:Crew",), consent=Consent.REQUIRED),)
    await office.roll()
    assert set(await office.org.ledger.told_groups()) == {GroupOf("hr", "crew"), GroupOf("wall", "crew")}
    assert await office.org.ledger.group_members() == {}


async def test_nobody_joins_a_group_or_takes_a_key_by_their_name(office: Office):
    office.rules = (
        Rule(people=("group:Pilots",), public=True),
        Rule(people=("employee:1207",), public=True),
        Rule(people=("kind:guest",), public=True),
    )
    office.hire("ada")
    office.hr.gather("Pilots", [])
    for name in ("Group:Pilots", "employee:1207", "kind:guest", " group :Pilots"):
        office.hr.add(Account("ada", frozenset({key("id", "ada")}), name=name, address=name))
        await office.roll()
        assert not (await ruling(office, "ada")).public


async def test_patterns_are_for_people_not_for_their_groups(office: Office):
    office.rules = (
        Rule(people=("*pilots*",), public=True),
        Rule(people=("group:Pilots",), until=date(2027, 1, 1), approval=True),
    )
    office.hire("ada")
    office.hr.gather("Pilots", ["ada"])
    await office.roll()
    ruled = await ruling(office, "ada")
    assert ruled.approval
    assert not ruled.public


async def test_a_command_may_name_a_group_that_no_rule_names(office: Office):
    office.hire("ada", "grace", "joan")
    office.wall.gather("Crew", ["grace", "joan", "somebody else"])
    roll = await office.roll()

    async def names(*only: str, besides: tuple[str, ...] = ()) -> list[str]:
        people: list[PersonId] = await select(office.org, roll, only, besides)
        return sorted(roll.name(one) for one in people)

    assert await names("group:crew") == ["Grace", "Joan"]
    assert await names(besides=("group:crew",)) == ["Ada"]
    with pytest.raises(NoSuchPerson, match="No system has a group Ghosts"):
        await names("group:Ghosts")
