"""The session against a scripted network: what is repeated, what is not, and what every answer becomes."""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from samepic.connectors.answers import Answer, asked_wait, quote
from samepic.connectors.base import Surroundings
from samepic.connectors.http import USER_AGENT, Patience, Session, require_address
from samepic.errors import ConnectorError, Denied, Failed, Gone, Moved, Refused, SettingsError, Throttled, Unclear

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "https://graph.example/v1.0"


class Network(httpx2.AsyncBaseTransport):
    """Answers each request with the next of its script: a response, or an error to raise."""

    def __init__(self, *script):
        self.script = list(script)
        self.requests = []
        self.waits = []
        self.shown = []

    async def handle_async_request(self, request):
        self.requests.append(request)
        self.shown.append(request.headers.get("Authorization"))
        step = self.script.pop(0) if self.script else httpx2.Response(200, json={})
        if isinstance(step, Exception):
            raise step
        return step

    async def sleep(self, seconds):
        self.waits.append(seconds)

    def session(self, base=BASE, **more):
        return Session(base, Surroundings(transport=self, clock=lambda: NOW, sleep=self.sleep), system="graph", **more)


def answer(status, body=b"", **headers):
    return httpx2.Response(status, content=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


async def only_error(network, method="GET", **more):
    with pytest.raises(ConnectorError) as caught:
        await network.session(**more).send(method, "/me")
    return caught.value


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (301, Refused),
        (400, Refused),
        (401, Denied),
        (403, Denied),
        (404, Gone),
        (409, Moved),
        (412, Moved),
        (413, Refused),
        (415, Refused),
        (423, Failed),
        (429, Throttled),
        (500, Failed),
        (502, Failed),
        (503, Throttled),
        (504, Failed),
        (507, Failed),
    ],
)
async def test_an_answer_becomes_our_error(status, expected):
    trouble = await only_error(Network(*[answer(status)] * 8))
    assert type(trouble) is expected
    assert trouble.system == "graph"
    assert str(status) in str(trouble)


@pytest.mark.parametrize(("status", "tries"), [(400, 1), (403, 1), (404, 1), (412, 1), (429, 8), (500, 8), (503, 8)])
async def test_only_what_may_mend_is_tried_again_and_not_for_ever(status, tries):
    network = Network(*[answer(status)] * 9)
    await only_error(network)
    assert len(network.requests) == tries
    assert len(network.waits) == tries - 1


async def test_what_mends_is_a_success():
    network = Network(answer(503), httpx2.ConnectError("refused"), answer(200, b"{}"))
    assert await network.session().json("/me") == {}
    assert [request.url for request in network.requests] == [f"{BASE}/me"] * 3


async def test_waits_grow_and_stay_bounded():
    network = Network(*[answer(500)] * 9)
    patience = Patience(tries=9, first=1, longest=4, total=100)
    await only_error(network, patience=patience)
    assert [patience.first * factor / 2 <= wait for wait, factor in zip(network.waits, (1, 2, 4, 4), strict=False)]
    assert max(network.waits) <= 4


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=9), usegmt=True)}, 9),
        ({"retry-after": format_datetime(NOW - timedelta(seconds=9), usegmt=True)}, 0),
        ({"retry-after": "5", "ratelimit-reset": "11"}, 11),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(value, seconds):
    assert asked_wait(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


async def test_retry_after_is_honoured():
    network = Network(answer(429, Retry_After="17"), answer(200, b"{}"))
    await network.session().json("/me")
    assert 17 <= network.waits[0] < 18


async def test_a_wait_that_does_not_fit_is_left_to_the_caller():
    network = Network(answer(429, Retry_After="3600"))
    trouble = await only_error(network)
    assert trouble.wait == timedelta(hours=1)
    assert network.waits == []


@pytest.mark.parametrize(
    "lost",
    [
        httpx2.ReadError("reset"),
        httpx2.ReadTimeout("slow"),
        httpx2.RemoteProtocolError("gone"),
        httpx2.WriteError("pipe"),
        answer(500),
        answer(502),
        answer(504),
    ],
    ids=repr,
)
async def test_a_write_whose_answer_is_lost_is_unclear(lost):
    assert type(await only_error(Network(*[lost] * 9), "PUT")) is Unclear


@pytest.mark.parametrize("lost", [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("slow")], ids=repr)
async def test_a_write_that_never_left_has_failed(lost):
    assert type(await only_error(Network(*[lost] * 9), "PUT")) is Failed


@pytest.mark.parametrize("later", [412, 429, 403, 404], ids=str)
async def test_unclear_stays_unclear_whatever_the_repeat_says(later):
    network = Network(httpx2.ReadError("reset"), *[answer(later)] * 9)
    assert type(await only_error(network, "PUT")) is Unclear


async def test_unclear_that_mends_is_a_success():
    network = Network(httpx2.ReadError("reset"), answer(204))
    assert (await network.session().send("PUT", "/me", content=b"x")).status == 204
    assert [request.content for request in network.requests] == [b"x", b"x"]


async def test_a_post_that_only_reads_has_merely_failed():
    network = Network(*[httpx2.ReadError("reset")] * 9)
    with pytest.raises(Failed) as caught:
        await network.session().send("POST", "/$batch", reads=True)
    assert type(caught.value) is Failed


async def test_an_accepted_status_is_an_answer():
    found = await Network(answer(404)).session().send("GET", "/me", accept={404})
    assert found.status == 404


class Tokens:
    def __init__(self):
        self.given, self.refused = 0, []

    async def __call__(self, resource, *, refused=None):
        self.refused.append((resource, refused))
        self.given += 1 if refused or not self.given else 0
        return f"token-{self.given}"


async def test_a_token_is_refreshed_once_after_a_401():
    tokens, network = Tokens(), Network(answer(401), answer(200, b"{}"))
    await network.session(tokens=tokens, resource="https://graph.example").json("/me")
    assert {resource for resource, _ in tokens.refused} == {"https://graph.example"}
    assert [refused for _, refused in tokens.refused if refused] == ["token-1"]
    assert network.shown == ["Bearer token-1", "Bearer token-2"]


async def test_a_second_401_is_denied():
    network = Network(*[answer(401)] * 9)
    assert type(await only_error(network, tokens=Tokens())) is Denied
    assert len(network.requests) == 2


async def test_a_token_never_leaves_its_origin():
    for elsewhere in ("https://evil.example/v1.0/me", "https://graph.example:444/me", "http://graph.example/v1.0/me"):
        network = Network()
        with pytest.raises(Refused, match="another host"):
            await network.session(tokens=Tokens()).send("GET", elsewhere)
        assert network.requests == []


async def test_a_full_address_of_the_same_origin_is_followed():
    network = Network()
    await network.session().send("GET", "https://graph.example:443/v1.0/users?$skiptoken=2")
    assert str(network.requests[0].url) == "https://graph.example/v1.0/users?$skiptoken=2"


async def test_no_redirect_is_followed():
    network = Network(answer(302, Location="https://evil.example/"))
    assert type(await only_error(network)) is Refused
    assert len(network.requests) == 1


async def test_an_answer_is_read_no_further_than_its_ceiling():
    async def far_too_long():
        for number in range(1000):
            assert number < 20, "it is still being read"
            yield b"x" * 1000

    network = Network(httpx2.Response(200, content=far_too_long()))
    with pytest.raises(Refused, match="more than"):
        await network.session().send("GET", "/me", ceiling=10_000)


async def test_an_answer_that_is_not_json_has_failed():
    with pytest.raises(Failed, match="not JSON"):
        await Network(answer(200, b"<html>")).session().json("/me")


async def test_a_transport_that_was_lent_is_not_closed():
    network = Network()
    closed = []
    network.aclose = lambda: closed.append(True)
    first, second = network.session(), network.session()
    await first.close()
    await second.send("GET", "/me")
    assert closed == []


async def test_we_say_who_we_are():
    network = Network()
    await network.session().send("GET", "/me")
    assert network.requests[0].headers["User-Agent"] == USER_AGENT
    assert USER_AGENT.startswith("NONISV|samepic|samepic/")


@pytest.mark.parametrize(
    "address", ["https://a.example", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]"]
)
def test_an_address_is_https_or_this_machine(address):
    assert require_address(address + "/") == address


@pytest.mark.parametrize(
    "address",
    ["http://a.example", "ftp://a.example", "a.example", "", "https://", "https://u:p@a.example", "http://10.0.0.1"],
)
def test_other_addresses_are_refused_offline(address):
    with pytest.raises(SettingsError):
        require_address(address)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"error":{"code":"ErrorAccessDenied","message":"Access is denied."}}',
         "HTTP 403 ErrorAccessDenied: Access is denied."),
        (b'{"odata.error":{"code":"-1, System.X","message":{"lang":"en-US","value":"List view threshold."}}}',
         "HTTP 403 -1, System.X: List view threshold."),
        (b'{"error":{"code":"-1","message":{"lang":"en-US","value":"No."}}}', "HTTP 403 -1: No."),
        (b'{"error":"invalid_client","error_description":"AADSTS7000215: Invalid secret.\\r\\nTrace ID: 1"}',
         "HTTP 403 invalid_client: AADSTS7000215: Invalid secret. Trace ID: 1"),
        (b"<html>proxy</html>", "HTTP 403"),
        (b"[1]", "HTTP 403"),
        (b"", "HTTP 403"),
    ],
)  # fmt: skip
def test_the_systems_own_words_are_quoted(body, expected):
    assert quote(Answer(403, {}, body)) == expected


def test_a_long_story_is_cut():
    assert len(quote(Answer(400, {}, b'{"error":{"code":"x","message":"' + b"y" * 9999 + b'"}}'))) == 300


async def test_tokens_are_in_no_log(caplog):
    network = Network(answer(401), answer(500), answer(200, b"{}"))
    session = network.session(tokens=Tokens())
    with caplog.at_level(logging.DEBUG):
        await session.json("/me")
    assert caplog.records
    assert "token-" not in caplog.text + repr(session) + repr(vars(session))
