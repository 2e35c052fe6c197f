"""Layers drop nothing, a rehearsal touches nothing, and troubles come by the script."""

import inspect
import itertools
import json

import httpx2
import pytest

from samepic.connectors.base import Connector, Surroundings
from samepic.connectors.conformance import ConnectorContract, drawn, enrolled, surveyed
from samepic.connectors.layers import Fault, Faulty, Layer, ReadOnly, ReadOnlyTransport, only_reads, seeded
from samepic.connectors.memory import MemoryConnector, MemoryOptions
from samepic.errors import Failed, Refused, Throttled, Unclear
from samepic.model import Account, Demand, Sighting, Unseen, Why

PICTURE, OTHER = ({"648x648": drawn(colour, Demand())} for colour in ("crimson", "navy"))


def memory():
    connector = MemoryConnector("memory", MemoryOptions(), Surroundings())
    connector.add(Account("ada", frozenset()))
    return connector


class TestReadOnly(ConnectorContract):
    claims = frozenset({"guarded", "verbatim", "versioned"})

    @pytest.fixture
    async def connector(self):
        async with ReadOnly(memory()) as connector:
            yield connector

    @pytest.fixture
    def someone(self):
        return "ada"


class TestFaultyWithoutFaults(ConnectorContract):
    claims = frozenset({"guarded", "removes", "verbatim", "versioned", "writes"})

    @pytest.fixture
    async def connector(self):
        async with Faulty(memory(), ()) as connector:
            yield connector

    @pytest.fixture
    def someone(self):
        return "ada"


def test_a_layer_passes_every_method_on():
    methods = {name for name, member in inspect.getmembers(Connector, inspect.isfunction) if not name.startswith("_")}
    assert methods >= {"roster", "fetch", "fetch_all", "survey", "put", "changes", "check", "close"}
    assert methods - set(vars(Layer)) == set()


async def test_a_read_only_connector_still_reads():
    inner = memory()
    await inner.put("ada", PICTURE)
    connector = ReadOnly(inner)
    assert await connector.fetch("ada") == PICTURE["648x648"]
    assert not connector.traits.writes
    for attempt in (connector.put("ada", OTHER), connector.remove("ada"), connector.ask("ada")):
        with pytest.raises(NotImplementedError, match="reading only"):
            await attempt
    assert await inner.fetch("ada") == PICTURE["648x648"]


GETS = json.dumps({"requests": [{"id": "1", "method": "GET", "url": "/users/a/photo"}]}).encode()
A_PUT = json.dumps({"requests": [{"id": "1", "method": "GET"}, {"id": "2", "method": "PUT"}]}).encode()


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/v1.0/users", b"", True),
        ("HEAD", "/", b"", True),
        ("PUT", "/v1.0/users/a/photo/$value", b"", False),
        ("DELETE", "/v1.0/users/a/photo/$value", b"", False),
        ("PATCH", "/v1.0/users/a", b"", False),
        ("POST", "/contoso/oauth2/v2.0/token", b"", True),
        ("POST", "/_api/contextinfo", b"", True),
        ("POST", "/v1.0/$batch", GETS, True),
        ("POST", "/v1.0/$batch", A_PUT, False),
        ("POST", "/v1.0/$batch", b"nonsense", False),
        ("POST", "/v1.0/$batch", b'{"requests":[{}]}', False),
        ("POST", "/_api/web/folders", b"", False),
        ("POST", "/_api/SP.UserProfiles.PeopleManager/SetSingleValueProfileProperty", b"", False),
    ],
)
def test_what_only_reads_is_known(method, path, body, expected):
    assert only_reads(method, path, body) is expected


async def test_a_rehearsal_sends_no_write():
    sent = []

    def answer(request):
        sent.append(request.method)
        return httpx2.Response(200)

    async with httpx2.AsyncClient(transport=ReadOnlyTransport(httpx2.MockTransport(answer))) as client:
        await client.get("https://graph.example/v1.0/users")
        await client.post("https://graph.example/v1.0/$batch", content=GETS)
        with pytest.raises(Refused, match="rehearsal"):
            await client.put("https://graph.example/v1.0/users/a/photo/$value", content=b"x")
    assert sent == ["GET", "POST"]


async def test_a_fault_before_a_write_reaches_nothing():
    inner = memory()
    connector = Faulty(inner, [Fault.BEFORE, Fault.THROTTLED])
    for expected in (Failed, Throttled):
        with pytest.raises(expected) as caught:
            await connector.put("ada", PICTURE)
        assert type(caught.value) is expected
    assert not (await inner.peek("ada")).present
    assert (await connector.put("ada", PICTURE)).present


async def test_a_lost_answer_hides_a_write_that_happened():
    inner = memory()
    connector = Faulty(inner, [Fault.LOST, Fault.LOST])
    with pytest.raises(Unclear):
        await connector.put("ada", PICTURE)
    assert (await inner.peek("ada")).present
    with pytest.raises(Unclear):
        await connector.remove("ada")
    assert not (await inner.peek("ada")).present


async def test_a_stale_look_shows_what_was_there_before():
    inner = memory()
    connector = Faulty(inner, [Fault.NONE, Fault.LOST, Fault.STALE, Fault.STALE, Fault.NONE])
    first = await connector.put("ada", PICTURE)
    with pytest.raises(Unclear):
        await connector.put("ada", OTHER)
    assert await connector.peek("ada") == first
    assert await surveyed(connector, ["ada"]) == [("ada", first)]
    assert await connector.peek("ada") == await inner.peek("ada") != first


async def test_a_lying_version_is_another_every_time_it_is_seen():
    connector = Faulty(memory(), [Fault.NONE, Fault.LYING])
    first = await connector.put("ada", PICTURE)
    lie = await connector.peek("ada")
    assert lie.present
    assert lie.version != first.version


async def test_a_survey_under_fire_still_answers_everybody():
    connector = Faulty(memory(), [Fault.NONE, Fault.BEFORE, Fault.THROTTLED])
    answers = dict(await surveyed(connector, ["ada"])) | dict(await surveyed(connector, ["ada"]))
    assert answers == {"ada": Unseen(Why.FAILED, "The connection was refused.")}
    with pytest.raises(Throttled):
        await enrolled(connector)
    assert isinstance((await surveyed(connector, ["ada"]))[0][1], Sighting)
    assert [call for call, _ in connector.met] == ["survey", "survey", "roster", "survey"]


def test_a_script_can_be_repeated():
    first, again, other = (list(itertools.islice(seeded(seed, 0.5), 200)) for seed in (1, 1, 2))
    assert first == again != other
    assert 40 < sum(fault is not Fault.NONE for fault in first) < 120
    assert set(itertools.islice(seeded(1, 0.0), 50)) == {Fault.NONE}
