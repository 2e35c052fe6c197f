"""What Acme does that no contract foresees, and what an administrator is told about it."""

import httpx2
import pytest

from samepic.connectors.acme import FEW, AcmeConnector, AcmeOptions
from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import drawn, enrolled, surveyed
from samepic.errors import ConnectorError, Denied, Failed, Gone, Moved, Refused, Unclear
from samepic.model import Demand, Kind, Level, Photo, Sighting
from samepic.secret import Secret
from tests.servers.acme import TOKEN, AcmeWorld

FACE, OTHER = (drawn(colour, Demand(side=(48, 96))) for colour in ("crimson", "navy"))
SOMEONE = "p001"


@pytest.fixture
def world():
    return AcmeWorld()


@pytest.fixture
def options(monkeypatch):
    monkeypatch.setenv("ACME_TOKEN", TOKEN)
    return AcmeOptions(address="https://acme.example", token=Secret.parse("env:ACME_TOKEN"))


@pytest.fixture
async def acme(world, options):
    async with AcmeConnector("acme", options, Surroundings(transport=world, sleep=world.sleep)) as connector:
        yield connector


async def test_paging_loses_nobody(acme, world):
    world.people["p002"].guest = True
    accounts = {account.ref: account for account in await enrolled(acme)}
    assert accounts.keys() == world.people.keys()
    assert accounts["p002"].kind is Kind.GUEST
    assert accounts["p001"].keys == {"upn:p001@acme.example", "mail:p001@acme.example"}


async def test_many_are_looked_at_in_a_list(acme, world):
    refs = list(world.people)
    assert len(refs) > FEW
    world.people[SOMEONE].place(FACE.data)
    seen = dict(await surveyed(acme, refs))
    assert seen[SOMEONE] == Sighting(True, world.people[SOMEONE].etag)
    assert {path for _, path in world.sent} == {"/people"}


async def test_what_others_put_is_seen_and_not_overwritten(acme, world):
    stale = await acme.put(SOMEONE, {"photo": FACE})
    world.people[SOMEONE].place(OTHER.data)
    with pytest.raises(Moved):
        await acme.put(SOMEONE, {"photo": FACE}, expect=stale.version)
    assert (await acme.fetch(SOMEONE)).data == OTHER.data


async def test_too_many_requests_are_waited_out(acme, world):
    refusals = [httpx2.Response(429, headers={"Retry-After": "7"})]
    world.before = lambda request: refusals.pop() if refusals else None
    assert not (await acme.peek(SOMEONE)).present
    assert [7 <= wait < 8 for wait in world.waits] == [True]


async def test_a_lost_answer_is_repeated_and_then_unclear(acme, world):
    def lose(request, response):
        if request.method == "PUT":
            raise httpx2.ReadError("reset")
        return response

    world.after = lose
    with pytest.raises(Unclear):
        await acme.put(SOMEONE, {"photo": FACE}, expect=None)
    assert world.people[SOMEONE].photo == FACE.data
    assert [method for method, _ in world.sent].count("PUT") > 1


@pytest.mark.parametrize("body", [b"<html>maintenance</html>", b"[]", b'{"users": []}'])
async def test_nonsense_is_a_failure_never_an_empty_roster(acme, world, body):
    world.after = lambda request, response: httpx2.Response(200, content=body)
    with pytest.raises(Failed):
        await enrolled(acme)


async def test_a_service_that_breaks_in_the_middle_of_the_list_gives_no_half_roster(acme, world):
    world.before = lambda request: httpx2.Response(500) if "after" in request.url.params else None
    with pytest.raises(ConnectorError):
        await enrolled(acme)


async def test_a_refused_token_is_one_finding_with_a_remedy(acme, world):
    world.token = "another"
    [finding] = await acme.check()
    assert finding.level is Level.PROBLEM
    assert "does not accept the token" in finding.message
    assert "Make a new one" in finding.remedy


async def test_a_token_that_cannot_be_read_is_one_finding(acme, monkeypatch):
    monkeypatch.delenv("ACME_TOKEN")
    [finding] = await acme.check()
    assert "ACME_TOKEN is not set" in finding.message


async def test_a_missing_right_is_foretold_and_denied(acme, world):
    world.rights.remove("photos:write")
    findings = {finding.subject: finding for finding in await acme.check()}
    assert findings["writing"].level is Level.WARNING
    assert "photos:write" in findings["writing"].remedy
    with pytest.raises(Denied, match="photos:write"):
        await acme.put(SOMEONE, {"photo": FACE})


async def test_what_acme_finds_too_large_is_refused(acme, world):
    world.largest = 100
    with pytest.raises(Refused, match="100 bytes"):
        await acme.put(SOMEONE, {"photo": Photo(b"\xff\xd8\xff" + bytes(200))})


async def test_somebody_who_left_is_gone(acme, world):
    del world.people[SOMEONE]
    with pytest.raises(Gone):
        await acme.put(SOMEONE, {"photo": FACE})


async def test_a_rehearsal_sends_nothing_that_writes(world, options):
    async with AcmeConnector("acme", options, Surroundings(transport=world, reads_only=True)) as connector:
        assert len(await enrolled(connector)) == len(world.people)
        with pytest.raises(Refused, match="rehearsal"):
            await connector.put(SOMEONE, {"photo": FACE})
    assert {method for method, _ in world.sent} == {"GET"}
