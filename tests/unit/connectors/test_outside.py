"""Addresses that others wrote: only what may be reached is connected to, by real sockets and real certificates."""

import asyncio
import ipaddress
import socket
import ssl
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.servers.certificates import authority

from samepic.connectors.base import Surroundings
from samepic.connectors.outside import Limits, Mark, Outside, is_public, judged
from samepic.errors import Denied, Failed, Refused, Throttled

LOCAL = (ipaddress.ip_network("127.0.0.1/32"),)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    folder = tmp_path_factory.mktemp("authority")
    made = authority(folder)
    return made, made.issue(folder, "pictures.example", "127.0.0.1")


@asynccontextmanager
async def served(ours, answer):
    """A TLS server: its port, and the head of every request. `answer` makes the answer to a request's path, or writes
    by itself.
    """
    heads, unfinished = [], []

    async def talk(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        heads.append(head)
        said = answer(head.split()[1])
        for part in said if isinstance(said, list) else [said]:
            writer.write(part)
            await writer.drain()
        if isinstance(said, list):
            unfinished.append(writer)
        else:
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*ours[1])
    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1], heads
    finally:
        server.close()
        for writer in unfinished:
            writer.close()


def ok(body, *headers, status="200 OK"):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def to(place):
    return ok(b"", f"Location: {place}", status="302 Found")


def resolver(*answers):
    """Resolves each name to the next of the answers, the last one for ever; `asked` lists the names."""
    left = list(answers)

    async def resolve(host, port):
        resolve.asked.append(host)
        return [left.pop(0) if len(left) > 1 else left[0]]

    resolve.asked = []
    return resolve


def outside(ours, resolve=None, **limits):
    around = Surroundings(ca=ours[0].file)
    limits = Limits(**{"allowed": LOCAL, "seconds": 5, **limits})
    return Outside(around, limits) if resolve is None else Outside(around, limits, resolve)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "2002:808:808::",
        "64:ff9b::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "::127.0.0.1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
    ],
)
def test_an_address_that_is_not_on_the_open_internet_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "text",
    [
        "http://8.8.8.8/x",
        "ftp://pictures.example/x",
        "file:///etc/passwd",
        "//pictures.example/x",
        "https:///x",
        "gopher://x",
        "https://user:pass@pictures.example/x",
        "https://2130706433/x",
        "https://0177.0.0.1/x",
        "https://0x7f.1/x",
        "https://127.1/x",
        "https://0x7f000001/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://127.0.0.1./x",
        "https://[64:ff9b::a00:1]/x",
        "https://134744072/x",
    ],
)
def test_what_is_refused_as_it_is_written(text):
    with pytest.raises(Refused):
        judged(text, Limits())


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text):
    try:
        judged(text, Limits())
    except Refused as refused:
        assert refused.remedy  # noqa: PT017 -- most texts raise, and all of them with a remedy


async def test_a_picture_is_fetched_by_the_address_that_was_judged_with_the_name_kept(ours):
    resolve = resolver("127.0.0.1", "10.0.0.1")
    async with served(ours, lambda path: ok(b"a picture", 'ETag: "1"')) as (port, heads), outside(ours, resolve) as out:
        found = await out.fetch(f"https://pictures.example:{port}/ada.jpg")
    assert (found.data, found.mark) == (b"a picture", Mark('"1"'))
    assert f"\r\nHost: pictures.example:{port}\r\n" in heads[0]
    assert resolve.asked == ["pictures.example"]  # once: a second answer would have been another address


async def test_what_is_known_already_is_not_sent_again(ours):
    def answer(path):
        return ok(b"", status="304 Not Modified")

    async with served(ours, answer) as (port, heads), outside(ours) as out:
        found = await out.fetch(f"https://127.0.0.1:{port}/", Mark('"1"', "yesterday"))
    assert found.data is None
    assert 'If-None-Match: "1"' in heads[0]
    assert "If-Modified-Since" not in heads[0]


async def test_a_name_that_leads_inside_is_refused_before_a_connection(ours):
    async with served(ours, lambda path: ok(b"")) as (port, heads), outside(ours, allowed=()) as out:
        for host in ("localhost", "127.0.0.1", "[::ffff:127.0.0.1]"):
            with pytest.raises(Refused, match="not on the open internet") as refused:
                await out.fetch(f"https://{host}:{port}/")
            assert "allow_addresses" in refused.value.remedy
    assert heads == []


async def test_one_inner_address_among_several_makes_a_name_suspect(ours):
    async def both(host, port):
        return ["8.8.8.8", "10.0.0.1"]

    async with outside(ours, both) as out:
        with pytest.raises(Refused, match="open internet"):
            await out.fetch("https://pictures.example/")


@pytest.mark.parametrize(
    "place", ["https://10.0.0.1/", "https://inner.example/", "http://pictures.example/", "file:///etc/passwd"]
)
async def test_a_redirect_is_judged_like_the_first_address(ours, place):
    async def resolve(host, port):
        return ["10.0.0.1" if host == "inner.example" else "127.0.0.1"]

    async with served(ours, lambda path: to(place)) as (port, heads), outside(ours, resolve) as out:
        with pytest.raises(Refused):
            await out.fetch(f"https://pictures.example:{port}/")
    assert len(heads) == 1


async def test_the_same_name_is_resolved_and_judged_anew_after_a_redirect(ours):
    resolve = resolver("127.0.0.1", "169.254.169.254")
    async with served(ours, lambda path: to("/again")) as (port, heads), outside(ours, resolve) as out:
        with pytest.raises(Refused, match="open internet"):
            await out.fetch(f"https://pictures.example:{port}/")
    assert len(heads) == 1


async def test_three_redirects_are_followed_and_no_fourth(ours):
    def answer(path):
        return ok(b"there") if path == "/0" else to(f"/{int(path[1:]) - 1}")

    async with served(ours, answer) as (port, _), outside(ours) as out:
        assert (await out.fetch(f"https://127.0.0.1:{port}/3")).data == b"there"
        with pytest.raises(Refused, match="more than 3 times"):
            await out.fetch(f"https://127.0.0.1:{port}/4")


async def test_a_certificate_for_another_name_is_not_believed(ours):
    async with served(ours, lambda path: ok(b"")) as (port, heads), outside(ours, resolver("127.0.0.1")) as out:
        with pytest.raises(Failed, match=r"other\.example did not answer: .*certificate"):
            await out.fetch(f"https://other.example:{port}/")
    assert heads == []


async def test_what_is_too_large_is_not_read_to_its_end(ours):
    async with served(ours, lambda path: ok(b"x" * 101)) as (port, _), outside(ours, max_bytes=100) as out:
        with pytest.raises(Refused, match="100 bytes"):
            await out.fetch(f"https://127.0.0.1:{port}/")


async def test_an_answer_that_never_ends_is_given_up(ours):
    async with (
        served(ours, lambda path: [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]) as (port, _),
        outside(ours, seconds=0.2) as out,
    ):
        with pytest.raises(Failed, match=r"took longer than 0\.2 seconds|did not answer"):
            await out.fetch(f"https://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("status", "error"), [("404 X", Refused), ("403 X", Denied), ("429 X", Throttled), ("500 X", Failed)]
)
async def test_what_an_answer_without_a_picture_means(ours, status, error):
    async with (
        served(ours, lambda path: ok(b"the secret of the inside", status=status)) as (port, _),
        outside(ours) as out,
    ):
        with pytest.raises(error, match=f"127.0.0.1 answered with HTTP {status[:3]}") as told:
            await out.fetch(f"https://127.0.0.1:{port}/?key=hidden")
    assert "secret" not in str(told.value)
    assert "hidden" not in str(told.value)


async def test_addresses_are_not_logged(ours, caplog):
    with caplog.at_level("DEBUG"):
        async with served(ours, lambda path: ok(b"x")) as (port, _), outside(ours) as out:
            await out.fetch(f"https://127.0.0.1:{port}/?sig=confidential")
    assert "confidential" not in caplog.text


async def test_a_host_that_is_not_there_is_named(ours):
    async def nowhere(host, port):
        raise socket.gaierror

    async with outside(ours, nowhere) as out:
        with pytest.raises(Failed, match=r"pictures\.example cannot be found"):
            await out.fetch("https://pictures.example/")
