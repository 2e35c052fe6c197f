"""Who is in a group, as rules ask for it: by any name it has, page by page, and once for two systems."""

import asyncio
from contextlib import AsyncExitStack

import httpx2
import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import enrolled
from samepic.connectors.graph import GraphConnector, GraphOptions
from samepic.connectors.shared import Shared
from samepic.errors import Denied, Failed, Gone, Refused


@pytest.fixture
async def exchange(application, wire, pilots):
    async with GraphConnector("exchange", GraphOptions(**application), Surroundings(transport=wire)) as connector:
        yield connector


@pytest.fixture
def join(world, control):
    """Puts the person of a case into groups, until the test is over; gives the groups' ids."""
    joined = []

    def join(case, *names):
        joined.append(world.person(case).id)
        told = control.put(f"/people/{joined[-1]}/groups", json={"groups": names}).raise_for_status().json()
        return [group["id"] for group in told["groups"]]

    yield join
    for ref in joined:
        control.put(f"/people/{ref}/groups", json={"groups": []}).raise_for_status()


async def test_members_are_accounts_of_the_roster(exchange, pilots):
    assert set(pilots) <= {account.ref for account in await enrolled(exchange)}
    assert await exchange.members("Pilots") == set(pilots)


async def test_a_group_is_found_by_any_of_its_names(world, exchange, join):
    [group] = join("stale", "Harbour Project")
    for name in ("harbour project", "Harbour", "harbour@contoso.example", group, group.upper()):
        assert await exchange.members(name) == {world.person("stale").id}


async def test_a_name_may_hold_anything(world, exchange, join):
    join("stale", "O'Brien & Søn #1 + ''50%''")
    assert await exchange.members("O'Brien & Søn #1 + ''50%''") == {world.person("stale").id}
    with pytest.raises(Gone):
        await exchange.members("x' or displayName eq 'Pilots")


async def test_several_of_one_name_are_told_by_their_ids(exchange, join):
    ids = join("stale", "Harbour", "Harbour Project")
    with pytest.raises(Refused) as refused:
        await exchange.members("harbour")
    assert all(group in str(refused.value) for group in ids)
    assert "by its id" in refused.value.remedy


async def test_nobody_is_in_an_empty_group(exchange, join):
    [group] = join("stale", "Leavers")
    join("stale")
    assert await exchange.members("Leavers") == await exchange.members(group) == frozenset()


@pytest.mark.parametrize("group", ["Nobody", "11111111-1111-4111-8111-111111111111"])
async def test_a_group_that_is_not_there_is_gone_by_its_name(exchange, group):
    with pytest.raises(Gone, match=f"There is no group {group}."):
        await exchange.members(group)


async def test_members_are_read_over_many_pages(exchange, pilots, wire):
    def shorten(request):
        if "$top" in str(request.url) and "skiptoken" not in str(request.url):
            request.url = request.url.copy_merge_params({"$top": "1"})

    wire.before = shorten
    assert await exchange.members("Pilots") == set(pilots)
    assert len([path for _, path in wire.sent if path.endswith("/transitiveMembers")]) == len(pilots) + 1


async def test_members_that_are_no_people_are_left_out(exchange, pilots, wire):
    def with_a_device(request, response):
        body = response.json()
        if request.url.path.endswith("/transitiveMembers"):
            body["value"].append({"@odata.type": "#microsoft.graph.device", "id": "a device"})
        return httpx2.Response(200, json=body)

    wire.after = with_a_device
    assert await exchange.members("Pilots") == set(pilots)


async def test_without_the_right_it_is_said_which(exchange, control):
    control.put("/application/roles", json={"graph": ["User.Read.All"]}).raise_for_status()
    with pytest.raises(Denied) as denied:
        await exchange.members("Pilots")
    assert str(denied.value) == "Who belongs to Pilots may not be read."
    assert "GroupMember.Read.All" in denied.value.remedy


async def test_nobody_in_a_group_that_hides_its_members_is_not_believed(exchange, world, join, control):
    join("stale", "Harbour Project")
    hidden = "/groups/Harbour Project/membership"
    control.put(hidden, json={"hidden": True}).raise_for_status()
    try:
        with pytest.raises(Denied) as denied:
            await exchange.members("Harbour Project")
        assert "Member.Read.Hidden" in denied.value.remedy
        roles = control.get("/application/roles").json()["graph"]
        control.put("/application/roles", json={"graph": [*roles, "Member.Read.Hidden"]}).raise_for_status()
        control.post("/tokens/expire").raise_for_status()
        assert await exchange.members("Harbour Project") == {world.person("stale").id}
    finally:
        control.put(hidden, json={"hidden": False}).raise_for_status()


async def test_an_answer_without_ids_is_a_failure(exchange, wire):
    def nameless(request, response):
        known = request.url.path.endswith("/transitiveMembers")
        return httpx2.Response(200, json={"value": [{"@odata.type": "#microsoft.graph.user"}]}) if known else response

    wire.after = nameless
    with pytest.raises(Failed, match="list of members has an unknown shape"):
        await exchange.members("Pilots")


async def test_two_systems_of_one_application_ask_once(application, pilots, wire):
    around = Surroundings(transport=wire, shared=Shared())
    async with AsyncExitStack() as stack:
        systems = [
            await stack.enter_async_context(GraphConnector(store, GraphOptions(**application, store=store), around))
            for store in ("exchange", "entra")
        ]
        told = await asyncio.gather(*(one.members(spelled) for one in systems for spelled in ("Pilots", "pilots")))
    assert told == [set(pilots)] * 4
    assert len([path for _, path in wire.sent if path.endswith("/transitiveMembers")]) == 1
