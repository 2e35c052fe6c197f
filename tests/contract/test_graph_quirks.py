"""What Graph does that no contract foresees, against the practice tenant."""

import json
from collections import Counter

import httpx2
import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import drawn, enrolled, surveyed
from samepic.connectors.graph import GraphConnector, GraphOptions
from samepic.connectors.layers import ReadOnlyTransport
from samepic.errors import Denied, Gone, Hidden, Refused, Unclear
from samepic.model import Demand, Kind, Level, Sighting, Unseen, Why
from tests.contract.conftest import once

PICTURE, OTHER = ({"photo": drawn(colour, Demand())} for colour in ("crimson", "navy"))


@pytest.fixture
async def exchange(application, wire):
    options = GraphOptions(**application, settles_minutes=0)
    async with GraphConnector("exchange", options, Surroundings(transport=wire, sleep=wire.sleep)) as connector:
        yield connector


@pytest.fixture
async def entra(application, wire):
    options = GraphOptions(**application, store="entra", settles_minutes=0)
    async with GraphConnector("entra", options, Surroundings(transport=wire, sleep=wire.sleep)) as connector:
        yield connector


@pytest.fixture
async def someone(world, exchange):
    ref = world.person("none").id
    yield ref
    exchange.around.transport.before = lambda request: None
    exchange.around.transport.after = lambda request, response: response
    await exchange.remove(ref)


async def seen(connector, ref):
    [(_, answer)] = await surveyed(connector, [ref])
    return answer.why if isinstance(answer, Unseen) else answer.present


@pytest.mark.parametrize(
    ("case", "in_exchange", "in_entra"),
    [
        ("in-sync", True, Why.HIDDEN),
        ("turned", True, Why.HIDDEN),
        ("entra-only", False, True),
        ("none", False, False),
        ("no-mailbox", Why.GONE, True),
        ("guest", Why.HIDDEN, True),  # its picture in Entra happens to have a mailbox's size
    ],
)
async def test_a_picture_is_seen_in_its_own_store_only(world, exchange, entra, case, in_exchange, in_entra):
    ref = world.person(case).id
    assert await seen(exchange, ref) == in_exchange
    assert await seen(entra, ref) == in_entra


async def test_a_shared_mailbox_without_a_plan_is_hidden_from_exchange(world, exchange):
    with pytest.raises(Hidden):
        await exchange.peek(world.person("shared").id)


async def test_the_roster_of_exchange_is_who_has_a_plan(world, exchange, entra):
    everybody = {person.id: person.case for person in world.people}
    assert {everybody[account.ref] for account in await enrolled(entra)} == set(everybody.values())
    left_out = set(everybody) - {account.ref for account in await enrolled(exchange)}
    assert {everybody[ref] for ref in left_out} == {"no-mailbox", "guest", "shared", "room"}


async def test_kinds_are_known_as_far_as_graph_says(world, entra):
    accounts = {account.ref: account for account in await enrolled(entra)}
    assert accounts[world.person("guest").id].kind is Kind.GUEST
    assert not accounts[world.person("blocked").id].active
    assert accounts[world.person("in-sync").id].active


async def test_both_forms_of_no_picture_are_met(fresh_tenant, wire):
    options = GraphOptions(
        tenant=fresh_tenant.tenant,
        client_id=fresh_tenant.application.client_id,
        certificate=f"file:{fresh_tenant.application.certificate}",
        authority=fresh_tenant.authority,
        graph=fresh_tenant.graph,
    )
    forms = Counter()

    def note(request, response):
        if request.url.path.endswith("/$batch"):
            asked = {one["id"]: one["url"] for one in json.loads(request.content)["requests"]}
            parts = response.json()["responses"]
            forms.update(part["status"] for part in parts if asked[part["id"]].endswith("/photo"))
        return response

    wire.after = note
    async with GraphConnector("exchange", options, Surroundings(transport=wire)) as connector:
        for account in await enrolled(connector):
            for store in ("mailbox", "entra"):
                httpx2.delete(f"{fresh_tenant.control}/people/{account.ref}/{store}/picture", trust_env=False)
            assert await connector.fetch(account.ref) is None
            assert await seen(connector, account.ref) is False
    assert set(forms) == {200, 404}


async def test_a_mailboxs_own_account_cannot_be_written_as_entra(world, entra):
    ref = world.person("in-sync").id
    with pytest.raises(Refused, match="mailbox"):
        await entra.put(ref, PICTURE)
    with pytest.raises(Refused, match="mailbox"):
        await entra.remove(ref)


async def test_an_account_without_a_mailbox_is_not_written_as_exchange(world, exchange, wire):
    with pytest.raises(Gone, match="no mailbox"):
        await exchange.put(world.person("no-mailbox").id, PICTURE)
    assert "PUT" not in dict(wire.sent)


async def test_removing_what_only_entra_shows_sends_nothing(world, exchange, wire):
    await exchange.remove(world.person("entra-only").id)
    assert "DELETE" not in {method for method, _ in wire.sent}


async def test_a_part_of_a_batch_that_is_throttled_is_asked_again(world, exchange, wire):
    refs = [account.ref for account in await enrolled(exchange)]

    def throttle(request, response):
        if not request.url.path.endswith("/$batch"):
            return None
        body = response.json()
        part = body["responses"][0]
        part |= {"status": 429, "headers": {"Retry-After": "7"}, "body": {"error": {"code": "TooManyRequests"}}}
        return httpx2.Response(200, json=body)

    wire.after = once(throttle)
    answers = dict(await surveyed(exchange, refs))
    assert all(isinstance(answer, Sighting) for answer in answers.values())
    assert [7 <= wait < 8 for wait in wire.waits] == [True]
    assert len([path for _, path in wire.sent if path.endswith("/$batch")]) == 2


async def test_a_part_that_stays_throttled_is_unseen_and_the_rest_is_seen(world, exchange, wire):
    refs = [account.ref for account in await enrolled(exchange)]

    def throttle(request, response):
        if not request.url.path.endswith("/$batch"):
            return response
        body = response.json()
        for part in body["responses"]:
            if part["id"] == "0":
                part |= {"status": 429, "headers": {"Retry-After": "1"}, "body": {"error": {"code": "Busy"}}}
        return httpx2.Response(200, json=body)

    wire.after = throttle
    answers = dict(await surveyed(exchange, refs))
    troubled = {ref: answer for ref, answer in answers.items() if isinstance(answer, Unseen)}
    assert {answer.why for answer in troubled.values()} == {Why.THROTTLED}
    assert list(troubled) == [refs[0]]


async def test_a_part_that_is_missing_is_unseen(world, exchange, wire):
    refs = [account.ref for account in await enrolled(exchange)]

    def drop(request, response):
        if not request.url.path.endswith("/$batch"):
            return response
        body = response.json()
        body["responses"] = [part for part in body["responses"] if part["id"] != "1"]
        return httpx2.Response(200, json=body)

    wire.after = drop
    answers = dict(await surveyed(exchange, refs))
    assert len(answers) == len(refs)
    assert isinstance(answers[refs[1]], Unseen)
    assert answers[refs[1]].why is Why.FAILED


async def test_a_survey_costs_one_request_for_twenty(world, exchange, wire):
    refs = [account.ref for account in await enrolled(exchange)]
    wire.sent.clear()
    await surveyed(exchange, [*refs, *refs, *refs, *refs])
    assert len(wire.sent) == -(-4 * len(refs) // 20)


async def test_a_write_whose_answer_is_lost_is_repeated(exchange, wire, someone):
    def lose(request, response):
        return httpx2.ReadError("reset") if request.method == "PUT" else None

    lost = once(lose)

    def after(request, response):
        answer = lost(request, response)
        if isinstance(answer, Exception):
            raise answer
        return answer

    wire.after = after
    shown = await exchange.put(someone, PICTURE)
    assert shown == await exchange.peek(someone)
    assert [method for method, _ in wire.sent].count("PUT") == 2


async def test_a_write_whose_answers_are_all_lost_is_unclear_and_happened(exchange, wire, someone):
    def after(request, response):
        if request.method == "PUT":
            raise httpx2.ReadError("reset")
        return response

    wire.after = after
    with pytest.raises(Unclear):
        await exchange.put(someone, PICTURE)
    assert (await exchange.peek(someone)).present


async def test_a_write_whose_look_after_fails_is_still_a_write(exchange, wire, someone):
    await exchange.put(someone, PICTURE)
    written = []

    def after(request, response):
        written.append(request.method) if request.method == "PUT" else None
        return httpx2.Response(500) if written and request.method == "GET" else response

    wire.after = after
    assert await exchange.put(someone, OTHER) == Sighting(True)


async def test_a_token_that_ran_out_early_is_replaced(exchange, wire, someone):
    await exchange.peek(someone)

    def expire(request):
        return httpx2.Response(401) if request.url.path.endswith("/photo") else None

    wire.before = once(expire)
    assert not (await exchange.peek(someone)).present
    assert len([path for _, path in wire.sent if path.endswith("/token")]) == 2


async def test_the_roster_is_read_over_many_pages(world, entra, wire):
    def shorten(request):
        if "$top" in str(request.url) and "skiptoken" not in str(request.url):
            request.url = request.url.copy_merge_params({"$top": "5"})

    wire.before = shorten
    assert {account.ref for account in await enrolled(entra)} == {person.id for person in world.people}
    assert len([path for _, path in wire.sent if path.endswith("/users")]) == 3


async def test_a_page_that_leads_elsewhere_is_not_followed(entra, wire):
    def mislead(request, response):
        if not request.url.path.endswith("/users"):
            return response
        body = response.json() | {"@odata.nextLink": "https://evil.example/v1.0/users?$skiptoken=1"}
        return httpx2.Response(200, json=body)

    wire.after = mislead
    with pytest.raises(Refused, match="another host"):
        await enrolled(entra)


async def test_a_rehearsal_reads_everything_and_writes_nothing(application, world, wire):
    around = Surroundings(transport=ReadOnlyTransport(wire), sleep=wire.sleep)
    async with GraphConnector("exchange", GraphOptions(**application), around) as connector:
        refs = [account.ref for account in await enrolled(connector)]
        assert len(await surveyed(connector, refs)) == len(refs)
        with pytest.raises(Refused, match="rehearsal"):
            await connector.put(world.person("none").id, PICTURE)
    assert "PUT" not in {method for method, _ in wire.sent}


async def test_missing_rights_are_denied_and_reported(world, application, control):
    before = control.get("/application/roles").json()
    try:
        control.put("/application/roles", json={"graph": ["User.Read.All"]}).raise_for_status()
        async with GraphConnector("exchange", GraphOptions(**application), Surroundings()) as connector:
            with pytest.raises(Denied):
                await connector.put(world.person("in-sync").id, PICTURE)
            findings = {finding.subject: finding for finding in await connector.check()}
        assert findings["signing in"].level is Level.GOOD
        assert findings["rights"].level is Level.WARNING
        assert "ProfilePhoto.ReadWrite.All" in findings["rights"].remedy
    finally:
        control.put("/application/roles", json=before).raise_for_status()


async def test_a_synced_person_carries_the_anchor_of_the_domain(world, exchange, control):
    ref, anchor = world.person("in-sync").id, "6f2d1c30-9a5b-4c1e-8f37-0a1b2c3d4e5f"
    known = {"immutableId": "MBwtb1uaHkyPNwobLD1OXw==", "securityIdentifier": "S-1-5-21-1-2-3-1104"}
    control.put(f"/people/{ref}/synced", json=known).raise_for_status()
    try:
        keys = {account.ref: account.keys for account in await enrolled(exchange)}
    finally:
        control.put(f"/people/{ref}/synced", json={}).raise_for_status()
    assert {f"anchor:{anchor}", "anchor:s-1-5-21-1-2-3-1104", f"id:{ref}"} <= keys[ref]
    assert sum("anchor:" in one for held in keys.values() for one in held) == 2


async def test_a_healthy_system_has_no_problems(exchange):
    findings = await exchange.check()
    assert Level.PROBLEM not in {finding.level for finding in findings}


async def test_a_sign_in_that_fails_is_one_clear_finding(application):
    options = GraphOptions(**application | {"client_id": "00000000-0000-4000-8000-000000000000"})
    async with GraphConnector("exchange", options, Surroundings()) as connector:
        [finding] = await connector.check()
        assert finding.level is Level.PROBLEM
        assert "AADSTS" in finding.message
        assert finding.remedy
