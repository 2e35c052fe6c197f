"""Rooms and shared mailboxes beside people, as Exchange tells them apart; against the practice tenant."""

import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract, drawn, enrolled, surveyed
from samepic.connectors.graph import GraphConnector, GraphOptions
from samepic.errors import Denied
from samepic.model import Demand, Kind, Level, Sighting

EVERYBODY = ("people", "guests", "rooms", "shared")
PICTURE = {"photo": drawn("crimson", Demand())}


@pytest.fixture
def granted(control):
    """The application may read what kind of mailbox somebody has."""
    before = control.get("/application/roles").json()
    control.put("/application/roles", json={"graph": [*before["graph"], "MailboxSettings.Read"]}).raise_for_status()
    yield
    control.put("/application/roles", json=before).raise_for_status()


@pytest.fixture
def options(application):
    return lambda **more: GraphOptions(**application, settles_minutes=0, **{"include": EVERYBODY} | more)


@pytest.fixture
async def exchange(granted, options, wire):
    async with GraphConnector("exchange", options(), Surroundings(transport=wire, sleep=wire.sleep)) as connector:
        yield connector


class TestRooms(ConnectorContract):
    claims = frozenset({"guarded", "removes", "secrets", "versioned", "writes"})

    @pytest.fixture
    async def connector(self, granted, options, someone):
        async with GraphConnector("exchange", options(include=("rooms",)), Surroundings()) as connector:
            await connector.remove(someone)
            yield connector
            await connector.put(someone, PICTURE)

    @pytest.fixture
    def someone(self, world):
        return world.person("room").id

    @pytest.fixture
    def secrets(self, private):
        return private


async def test_each_is_of_its_kind_and_has_a_mailbox(world, exchange):
    kinds = {account.ref: account.kind for account in await enrolled(exchange)}
    assert kinds[world.person("room").id] is Kind.ROOM
    assert kinds[world.person("shared").id] is Kind.SHARED
    assert kinds[world.person("blocked").id] is Kind.PERSON
    assert world.person("no-mailbox").id not in kinds


@pytest.mark.parametrize(
    ("include", "kinds"),
    [
        (("rooms",), {Kind.ROOM}),
        (("shared", "rooms"), {Kind.ROOM, Kind.SHARED}),
        (("people",), {Kind.PERSON}),
        (EVERYBODY, {Kind.PERSON, Kind.GUEST, Kind.ROOM, Kind.SHARED}),
    ],
)
async def test_only_those_who_are_included_are_listed(granted, options, include, kinds):
    async with GraphConnector("entra", options(include=include, store="entra"), Surroundings()) as connector:
        assert {account.kind for account in await enrolled(connector)} == kinds


async def test_one_room_is_looked_at_without_a_roster(world, exchange):
    [(_, seen)] = await surveyed(exchange, [world.person("room").id])
    assert isinstance(seen, Sighting)
    assert seen.present


async def test_whoever_signs_in_is_not_asked_about(world, exchange, wire):
    await enrolled(exchange)
    asked = b"".join(wire.bodies).decode()
    assert world.person("room").id in asked
    assert world.person("in-sync").id not in asked


async def test_without_the_right_it_is_said_and_nobody_is_listed_as_something_else(options):
    async with GraphConnector("exchange", options(), Surroundings()) as connector:
        with pytest.raises(Denied):
            await enrolled(connector)
        findings = {finding.subject: finding for finding in await connector.check()}
    assert findings["reading accounts"].level is Level.PROBLEM
    assert "MailboxSettings.Read" in findings["reading accounts"].remedy


async def test_without_rooms_nothing_more_is_asked(application, wire):
    async with GraphConnector("exchange", GraphOptions(**application), Surroundings(transport=wire)) as connector:
        await enrolled(connector)
    assert not any(path.endswith("/$batch") for _, path in wire.sent)
