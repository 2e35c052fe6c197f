"""Layers drop nothing, a rehearsal touches nothing, and troubles come by the script."""

import asyncio
import inspect
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from samepic.connectors.base import Connector, Surroundings
from samepic.connectors.conformance import ConnectorContract, drawn, enrolled, surveyed
from samepic.connectors.faulty import Fault, Faulty, seeded
from samepic.connectors.http import Session
from samepic.connectors.layers import (
    Layer,
    Paced,
    ReadOnly,
    ReadOnlyTransport,
    Retrying,
    Watched,
    only_reads,
    stacked,
)
from samepic.connectors.memory import MemoryConnector, MemoryOptions
from samepic.connectors.traffic import Bucket
from samepic.errors import Failed, Refused, Throttled, Unclear
from samepic.model import Account, Demand, Sighting, Unseen, Why

PICTURE, OTHER = ({"648x648": drawn(colour, Demand())} for colour in ("crimson", "navy"))


def memory(around=None):
    connector = MemoryConnector("memory", MemoryOptions(), around or Surroundings())
    connector.add(Account("ada", frozenset()))
    connector.gather("Pilots", ["ada"])
    return connector


class OfAda:
    """Who is in that memory, for the contract."""

    @pytest.fixture
    def someone(self):
        return "ada"

    def group(self):
        return "Pilots", ["ada"]


class TestReadOnly(OfAda, ConnectorContract):
    claims = frozenset({"guarded", "verbatim", "versioned"})

    @pytest.fixture
    async def connector(self):
        async with ReadOnly(memory()) as connector:
            yield connector


class TestStacked(OfAda, ConnectorContract):
    """Paced, retrying and watched together, as every run has them."""

    claims = frozenset({"guarded", "removes", "verbatim", "versioned", "writes"})

    @pytest.fixture
    async def connector(self):
        async with stacked(memory(), reads_only=False) as connector:
            assert isinstance(connector, Watched)
            assert isinstance(connector.inner, Paced)
            assert isinstance(connector.inner.inner, Retrying)
            yield connector


class TestStackedForReading(TestReadOnly):
    @pytest.fixture
    async def connector(self):
        async with stacked(memory(), reads_only=True) as connector:
            yield connector


class TestFaultyWithoutFaults(OfAda, ConnectorContract):
    claims = frozenset({"guarded", "removes", "verbatim", "versioned", "writes"})

    @pytest.fixture
    async def connector(self):
        async with Faulty(memory(), ()) as connector:
            yield connector


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


PARTS = b"--b\r\nContent-Type: application/http\r\n\r\n%s https://a.example/_api/x HTTP/1.1\r\n\r\n--b--\r\n"
GETS = json.dumps({"requests": [{"id": "1", "method": "GET", "url": "/users/a/photo"}]}).encode()
A_PUT = json.dumps({"requests": [{"id": "1", "method": "GET"}, {"id": "2", "method": "PUT"}]}).encode()


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/v1.0/users", b"", True),
        ("HEAD", "/", b"", True),
        ("POST", "/_api/$batch", PARTS % b"GET", True),
        ("POST", "/_api/$batch", PARTS % b"POST", False),
        ("POST", "/_api/$batch", PARTS % b"GET" + PARTS % b"DELETE", False),
        ("POST", "/_api/$batch", b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n" + PARTS % b"GET", False),
        ("POST", "/_api/$batch", b"nonsense", False),
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


class Waiting:
    """A sleep that takes no time, and a clock that it moves."""

    def __init__(self):
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.waits = []

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def around(self, **more):
        return Surroundings(clock=lambda: self.now, sleep=self.sleep, **more)


class TestPaced:
    async def test_no_more_calls_together_than_allowed(self):
        together, most = 0, 0

        class Slow(MemoryConnector):
            async def peek(self, ref):
                nonlocal together, most
                together += 1
                most = max(most, together)
                await asyncio.sleep(0)
                together -= 1
                return Sighting(False)

        connector = Paced(Slow("slow", MemoryOptions(), Surroundings()), at_once=3)
        await asyncio.gather(*(connector.peek(str(number)) for number in range(20)))
        assert most == 3

    async def test_one_refusal_quiets_everybody(self):
        waiting = Waiting()
        connector = Paced(Faulty(memory(waiting.around()), [Fault.NONE, Fault.THROTTLED]))
        await connector.peek("ada")
        with pytest.raises(Throttled):
            await connector.peek("ada")
        assert waiting.waits == []
        await connector.peek("ada")
        assert waiting.waits == [1.0]
        await connector.peek("ada")
        assert waiting.waits == [1.0]
        assert connector.around.traffic.refused == 1

    async def test_a_wait_beyond_patience_is_not_begun(self):
        waiting = Waiting()
        around = waiting.around(patience=5)
        connector = Paced(memory(around))
        around.traffic.hush(waiting.now + timedelta(seconds=6))
        with pytest.raises(Throttled, match="another 6 seconds") as caught:
            await connector.peek("ada")
        assert caught.value.wait == timedelta(seconds=6)
        assert waiting.waits == []


class TestRetrying:
    @pytest.mark.parametrize("fault", [Fault.BEFORE, Fault.THROTTLED])
    async def test_what_failed_is_tried_again(self, fault):
        waiting = Waiting()
        connector = Retrying(Faulty(memory(waiting.around()), [fault, fault]))
        assert [account.ref async for account in connector.roster()] == ["ada"]
        assert waiting.waits == ([1.0, 4.0] if fault is Fault.BEFORE else [1.0, 1.0])

    async def test_it_ends(self):
        waiting = Waiting()
        connector = Retrying(Faulty(memory(waiting.around()), [Fault.BEFORE] * 3))
        with pytest.raises(Failed):
            await connector.peek("ada")
        await connector.peek("ada")

    async def test_an_unclear_write_is_the_engines_to_judge(self):
        waiting = Waiting()
        inner = memory(waiting.around())
        connector = Retrying(Faulty(inner, [Fault.LOST]))
        with pytest.raises(Unclear):
            await connector.put("ada", PICTURE)
        assert waiting.waits == []
        assert await inner.fetch("ada") == PICTURE["648x648"]

    async def test_a_wait_beyond_patience_is_not_begun(self):
        waiting = Waiting()
        connector = Retrying(Faulty(memory(waiting.around(patience=0.5)), [Fault.THROTTLED]))
        with pytest.raises(Throttled):
            await connector.peek("ada")
        assert waiting.waits == []

    def test_a_connector_that_is_patient_itself_is_not_made_to_try_again(self):
        class Patient(MemoryConnector):
            patient = True

        coat = stacked(Patient("patient", MemoryOptions(), Surroundings()), reads_only=False)
        assert isinstance(coat.inner.inner, Patient)


class TestWatched:
    async def test_down_once_and_back_once(self, caplog):
        connector = Watched(Faulty(memory(), [Fault.BEFORE] * 5))
        for _ in range(5):
            with pytest.raises(Failed):
                await connector.peek("ada")
        assert connector.down
        for _ in range(2):
            await connector.peek("ada")
        assert caplog.messages == ["memory is not available: The connection was refused.", "memory is available again."]
        assert connector.calls == {"peek": 7}
        assert connector.troubles == {"failed": 5}

    async def test_one_mishap_is_no_news(self, caplog):
        connector = Watched(Faulty(memory(), [Fault.BEFORE, Fault.NONE] * 4))
        for _ in range(4):
            with pytest.raises(Failed):
                await connector.peek("ada")
            await connector.peek("ada")
        assert caplog.messages == []

    async def test_a_roster_that_fails_is_news_at_once(self, caplog):
        connector = Watched(Faulty(memory(), [Fault.BEFORE]))
        with pytest.raises(Failed):
            [account async for account in connector.roster()]
        assert caplog.messages == ["memory is not available: The connection was refused."]


def answering(*answers):
    """A session with a transport that gives these answers in turn, and the requests it was sent."""
    waiting, sent, left = Waiting(), [], list(answers)

    def handle(request):
        sent.append(request)
        return left.pop(0)

    session = Session("http://127.0.0.1:1", waiting.around(transport=httpx2.MockTransport(handle)))
    return session, waiting, sent


async def test_a_refusal_on_the_wire_quiets_the_whole_connector():
    session, waiting, sent = answering(
        httpx2.Response(429, headers={"Retry-After": "7"}), *(httpx2.Response(200, json={}) for _ in range(5))
    )
    first = asyncio.create_task(session.json("/a"))
    for _ in range(50):  # until it has been refused
        await asyncio.sleep(0)
    assert session.around.traffic.refused == 1
    other = Session("http://127.0.0.1:1", session.around)
    await asyncio.gather(first, *(other.json("/b") for _ in range(4)))
    assert len(sent) == 6
    assert all(wait >= 7 for wait in waiting.waits[:1])
    assert session.around.traffic.refused == 1
    assert session.around.traffic.requests == 6
    await session.close()
    await other.close()


async def test_nothing_is_sent_that_a_rehearsal_must_not_send():
    session, _, sent = answering(httpx2.Response(200, json={}))
    rehearsing = Session("http://127.0.0.1:1", replace(session.around, reads_only=True))
    with pytest.raises(Refused, match="rehearsal"):
        await rehearsing.send("PUT", "/v1.0/users/a/photo/$value", content=b"x")
    assert sent == []
    assert await rehearsing.json("/v1.0/users") == {}
    await rehearsing.close()
    await session.close()


async def test_a_bucket_keeps_every_window_below_its_budget():
    waiting = Waiting()
    bucket = Bucket(rate=10, burst=100, clock=lambda: waiting.now, sleep=waiting.sleep)
    gone = []
    for _ in range(400):
        await bucket.turn()
        gone.append((waiting.now - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds())
    assert gone[99] == 0
    assert gone[-1] == pytest.approx(30, abs=0.2)
    for start in range(0, 30, 5):
        assert sum(start <= at < start + 5 for at in gone) <= 100 + 10 * 5
