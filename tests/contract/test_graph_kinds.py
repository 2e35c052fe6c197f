"""Rooms and shared mailboxes beside people, as Exchange tells them apart; against the practice tenant."""

import httpx2
import pytest
from pydantic import ValidationError

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract, drawn, enrolled, surveyed
from samepic.connectors.graph import GraphConnector, GraphOptions
from samepic.errors import Denied, Refused
from samepic.model import Demand, Kind, Level, Sighting

ROLES = ("MailboxSettings.Read", "Group.Read.All", "TeamSettings.ReadWrite.All")
EVERYBODY = ("people", "guests", "rooms", "shared")
PICTURE = {"photo": drawn("crimson", Demand())}


@pytest.fixture
def granted(control):
    """The application may read what kind of mailbox somebody has, list groups, and change teams."""
    before = control.get("/application/roles").json()
    control.put("/application/roles", json={"graph": [*before["graph"], *ROLES]}).raise_for_status()
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
    async def connector(self, granted, options, someone, pilots):
        self.pilots = pilots
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

    def group(self):
        return "Pilots", self.pilots


@pytest.fixture
async def refs(granted, options):
    """Name -> ref of every group, where teams are looked at as groups."""
    async with GraphConnector("groups", options(include=("groups",)), Surroundings()) as connector:
        yield {account.name: account.ref for account in await enrolled(connector)}


class TestGroups(ConnectorContract):
    claims = frozenset({"guarded", "removes", "secrets", "versioned", "writes"})

    @pytest.fixture
    async def connector(self, granted, options, someone):
        async with GraphConnector("groups", options(include=("groups",)), Surroundings()) as connector:
            yield connector
            await connector.remove(someone)

    @pytest.fixture
    def someone(self, refs):
        return refs["All Company"]

    @pytest.fixture
    def secrets(self, private):
        return private

    def stranger(self, number):
        return f"group:{super().stranger(number)}"


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


async def test_groups_with_a_mailbox_are_listed_by_what_they_are_known_by(refs, options):
    async with GraphConnector("groups", options(include=("groups",)), Surroundings()) as connector:
        found = {account.name: account for account in await enrolled(connector)}
    assert found.keys() == {"Harbour Project", "All Company"}, "what only opens doors has no picture"
    harbour = found["Harbour Project"]
    assert harbour.kind is Kind.GROUP
    assert harbour.keys == {
        harbour.ref.replace("group:", "id:"),
        "mail:harbour@contoso.example",
        "alias:harbour@contoso.example",
        "alias:harbour",
    }
    assert harbour.address is None, "a message would reach everybody in it"


@pytest.mark.parametrize(
    ("include", "sorts"),
    [(("groups",), ["group", "group"]), (("teams",), ["team"]), (("groups", "teams"), ["group", "team"])],
)
async def test_a_team_is_listed_once(granted, options, wire, include, sorts):
    async with GraphConnector("groups", options(include=include), Surroundings(transport=wire)) as connector:
        assert sorted(account.ref.partition(":")[0] for account in await enrolled(connector)) == sorts
    assert "/v1.0/users" not in {path for _, path in wire.sent}


async def test_groups_are_listed_beside_people(granted, options):
    async with GraphConnector("exchange", options(include=("people", "groups")), Surroundings()) as connector:
        assert {account.kind for account in await enrolled(connector)} == {Kind.PERSON, Kind.GROUP}


async def test_a_team_is_read_and_written_and_never_emptied(refs, options, wire):
    team = refs["Harbour Project"].replace("group:", "team:")
    async with GraphConnector("teams", options(include=("teams",)), Surroundings(transport=wire)) as connector:
        before = await connector.fetch(team)
        with pytest.raises(Refused, match="cannot remove a team's picture"):
            await connector.remove(team)
        seen = await connector.put(team, PICTURE, expect=(await connector.peek(team)).version)
        assert dict(await surveyed(connector, [team])) == {team: seen}
        await connector.put(team, {"photo": before})
    assert "DELETE" not in {method for method, _ in wire.sent}


async def test_people_groups_and_teams_are_looked_at_together_without_a_roster(world, refs, exchange, wire):
    some = [world.person("in-sync").id, *refs.values(), refs["Harbour Project"].replace("group:", "team:")]
    seen = dict(await surveyed(exchange, some))
    assert [seen[ref].present for ref in some] == [True, *(name == "Harbour Project" for name in refs), True]
    assert not any(path.endswith(("/groups", "/users")) for _, path in wire.sent)


async def test_without_the_right_to_list_groups_it_is_said(options):
    async with GraphConnector("groups", options(include=("groups", "teams")), Surroundings()) as connector:
        with pytest.raises(Denied):
            await enrolled(connector)
        findings = await connector.check()
    problems = {finding.message: finding.remedy for finding in findings if finding.level is not Level.GOOD}
    assert "Group.Read.All" in problems["Groups may not be listed."]
    assert "TeamSettings.ReadWrite.All" in problems["The application may not change teams' pictures."]


async def test_a_system_of_groups_is_checked_without_people(granted, options):
    async with GraphConnector("groups", options(include=("groups", "teams")), Surroundings()) as connector:
        findings = {finding.subject: finding for finding in await connector.check()}
    assert findings["reading groups"].message == "2 groups, 1 of them looked at as teams."
    assert "reading accounts" not in findings
    assert Level.PROBLEM not in {finding.level for finding in findings.values()}


def test_groups_have_no_picture_in_entra(options):
    with pytest.raises(ValidationError, match="picture is in its mailbox"):
        options(store="entra", include=("teams",))


@pytest.fixture
def licensed(fresh_tenant):
    """The options for a tenant whose room has a licence and may sign in, and the room's ref: (options, ref)."""
    tenant, room = fresh_tenant, fresh_tenant.person("room").id
    application = {
        "tenant": tenant.tenant,
        "client_id": tenant.application.client_id,
        "certificate": f"file:{tenant.application.certificate}",
        "authority": tenant.authority,
        "graph": tenant.graph,
    }
    with httpx2.Client(base_url=tenant.control, trust_env=False) as client:
        roles = [*client.get("/application/roles").json()["graph"], "MailboxSettings.Read"]
        client.put(f"/people/{room}/licence", json={"exchange": True}).raise_for_status()
        client.put(f"/people/{room}/sign-in", json={"blocked": False}).raise_for_status()

        def options(*more):
            client.put("/application/roles", json={"graph": [*roles, *more]}).raise_for_status()
            return GraphOptions(**application, include=EVERYBODY)

        yield options, room


async def test_a_room_with_a_licence_is_known_by_the_list_of_rooms(licensed):
    options, room = licensed
    kinds = []
    for roles in ((), ("Place.Read.All",)):
        async with GraphConnector("exchange", options(*roles), Surroundings()) as connector:
            kinds.append({account.ref: account.kind for account in await enrolled(connector)}[room])
            missing = [finding.remedy for finding in await connector.check() if finding.level is Level.WARNING]
            assert any("Place.Read.All" in one for one in missing) is (roles == ())
    assert kinds == [Kind.PERSON, Kind.ROOM]
