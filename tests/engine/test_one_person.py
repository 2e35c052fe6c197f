"""What looking at one person costs among many, and the roll without a request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event

from samepic.connectors.base import Connector
from samepic.connectors.layers import Layer
from samepic.engine.reading import known_roll, one_roll
from samepic.engine.status import status
from samepic.engine.sync import sync
from samepic.engine.undo import undoable
from samepic.errors import Failed
from samepic.model import Account, PersonId, Trigger, Verdict, key
from samepic.store.people import People
from tests.engine.conftest import ROUTE, Office, portrait, slot

pytestmark = pytest.mark.asyncio(loop_scope="module")

NO_MATTER = re.compile(r"uq_journal_open|ix_visits_pending|uq_arrivals_under_way|CONSTANT ROW|subquery")
"""Indexes of what is under way, whatever there was before; and what is no table at all."""


class Only(Layer):
    """A system that may be asked about one account and nobody else."""

    def __init__(self, inner: Connector, ref: str) -> None:
        super().__init__(inner)
        self.ref = ref

    def roster(self):
        raise AssertionError("the roster was read")

    async def fetch(self, ref):
        assert ref == self.ref
        return await self.inner.fetch(ref)

    def survey(self, refs):
        assert list(refs) == [self.ref]
        return self.inner.survey(refs)


@contextmanager
def whole_tables(office: Office) -> Iterator[list[str]]:
    """Every way in which a statement goes through a table, or through all of one system in it."""
    found: list[str] = []

    def explain(connection, _cursor, statement, values, _context, _many):
        if statement.startswith("SELECT"):
            plan = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            ways = [detail for *_, detail in plan if not NO_MATTER.search(detail)]
            found.extend(one for one in ways if one.startswith("SCAN") or one.endswith(("(system=?)", "(outcome=?)")))

    engines = (office.database._reading, office.database._writing)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", explain)
    yield found
    for engine in engines:
        event.remove(engine, "before_cursor_execute", explain)


async def person_of(office: Office, ref: str) -> PersonId:
    (found,) = await office.org.people.find(ref)
    return found


@pytest.fixture
def busy_office(office: Office) -> Office:
    office.hire("ada", "bob", "cyd")
    office.routes = (replace(ROUTE, when=frozenset({Trigger.MANUAL, Trigger.CHANGE})),)
    return office


async def only_ada(office: Office) -> PersonId:
    """After a first run: ada, in systems that answer for her alone."""
    await office.start()
    for name in ("hr", "wall"):
        office.coats[name] = lambda inner: Only(inner, "ada")
    return await person_of(office, "ada")


async def test_looking_at_one_person_asks_and_reads_for_nobody_else(busy_office: Office):
    ada = await only_ada(busy_office)
    with whole_tables(busy_office) as found:
        roll = await one_roll(busy_office.org, ada)
        (row,) = await status(busy_office.org, roll, [ada])
    assert {name: cell.verdict for name, cell in row.cells.items()} == {"hr": Verdict.SAME, "wall": Verdict.SAME}
    assert found == []


async def test_a_run_for_one_person_asks_and_reads_for_nobody_else(busy_office: Office):
    ada = await only_ada(busy_office)
    busy_office.hr.place("ada", portrait("ada, years later"))
    with whole_tables(busy_office) as found:
        roll = await one_roll(busy_office.org, ada)
        report = await sync(busy_office.org, roll, [ada], Trigger.CHANGE)
    assert [one.good for one in report.outcomes] == [True]
    assert found == []


async def test_what_can_be_undone_for_one_person_is_read_for_nobody_else(busy_office: Office):
    ada = await only_ada(busy_office)
    with whole_tables(busy_office) as found:
        intents = await undoable(busy_office.org, people=[ada])
    assert [one.slot for one in intents] == [slot("ada")]
    assert found == []


async def test_many_people_are_read_by_the_system(busy_office: Office, monkeypatch: pytest.MonkeyPatch):
    await busy_office.start()
    monkeypatch.setattr("samepic.engine.reading.FEW", 2)
    with whole_tables(busy_office) as found:
        roll = await known_roll(busy_office.org)
        rows = await status(busy_office.org, roll, list(roll.persons))
    assert {cell.verdict for row in rows for cell in row.cells.values()} == {Verdict.SAME}
    assert found


async def test_the_known_roll_is_the_last_one_without_a_request(office: Office):
    office.hire("ada", "bob")
    office.wall.add(Account("left", frozenset({key("id", "left")})))
    await office.roll()
    office.wall.discard("left")
    called = await office.roll()
    for name in ("hr", "wall"):
        office.coats[name] = lambda inner: Only(inner, "nobody")
    known = await known_roll(office.org)
    assert (known.accounts, known.persons, known.held) == (called.accounts, called.persons, called.held)
    for person in called.persons:
        one = await one_roll(office.org, person)
        assert (one.persons[person], one.name(person)) == (called.persons[person], called.name(person))


async def test_a_contradiction_is_known_until_a_roll_finds_it_gone(office: Office):
    office.hire("ada", "bob")
    address = key("mail", "ada@contoso.example")
    office.hr.add(Account("ada", frozenset({key("id", "ada"), address})))
    office.hr.add(Account("new", frozenset({key("id", "new"), address})))
    called = await office.roll()
    assert set(called.held) == {slot("ada", "hr"), slot("ada", "wall"), slot("new", "hr")}
    assert (await known_roll(office.org)).held == called.held
    ada, bob = await person_of(office, "ada"), await person_of(office, "bob")
    assert set((await one_roll(office.org, ada)).held) == {slot("ada", "hr"), slot("ada", "wall")}
    assert not (await one_roll(office.org, bob)).held
    office.hr.discard("new")
    await office.roll()
    assert not (await known_roll(office.org)).held


async def test_half_a_contradiction_holds_while_a_roster_cannot_be_read(office: Office):
    class Down(Layer):
        def roster(self):
            raise Failed("down", system="hr")

    office.hire("ada")
    address = key("mail", "ada@contoso.example")
    office.wall.add(Account("ada", frozenset({key("id", "ada"), address})))
    office.hr.add(Account("new", frozenset({key("id", "new"), address})))
    held = (await office.roll()).held
    assert slot("ada") in held
    office.coats["hr"] = Down
    assert slot("ada") in (await office.roll()).held
    assert (await known_roll(office.org)).held.keys() == held.keys()


async def test_nobody_has_an_empty_roll(office: Office):
    assert not (await one_roll(office.org, People.new_id())).persons
