"""Getting out: a private authority, a proxy, and what is wrong with either."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from samepic.connectors.base import Surroundings
from samepic.connectors.http import Session
from samepic.errors import Failed, SettingsError
from samepic.services import surroundings
from samepic.settings import check


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """Key and certificate of a server on this machine that no authority of the machine knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "identity.pem"
    file.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return file


@asynccontextmanager
async def listening(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that gives one answer to whatever comes: its port, and what came."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], heard


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


async def test_private_authority_is_trusted_when_named_only(identity: Path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity)
    async with listening(OK, context) as (port, _):
        named = Session(f"https://127.0.0.1:{port}", Surroundings(ca=identity))
        assert await named.json("/") == {}
        await named.close()
        unnamed = Session(f"https://127.0.0.1:{port}", Surroundings(patience=0))
        with pytest.raises(Failed, match=r"(?i)certificate"):
            await unnamed.json("/")
        await unnamed.close()


async def test_proxy_takes_what_leaves_the_machine_and_nothing_else():
    async with listening(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") as (port, heard):
        around = Surroundings(proxy=f"http://127.0.0.1:{port}", proxy_login=("ada", "pass:word"), patience=0)
        session = Session("https://graph.example", around)
        with pytest.raises(Failed):
            await session.json("/users")
        await session.close()
        assert heard[0].startswith(b"CONNECT graph.example:443")
        assert base64.b64encode(b"ada:pass:word") in heard[0]
        heard.clear()
        async with listening(OK) as (near, reached):
            session = Session(f"http://127.0.0.1:{near}", around)
            await session.json("/")
            await session.close()
            assert reached
            assert not heard


def test_login_comes_from_a_reference_and_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROXY_LOGIN", "ada:pass:word")
    network = {"proxy": "http://proxy.example:3128", "proxy_login": "env:PROXY_LOGIN", "ca": "ca.pem"}
    around = surroundings(check({"network": network}, tmp_path / "samepic.toml"), Surroundings().memo)
    assert around.proxy_login == ("ada", "pass:word")
    assert around.ca == tmp_path / "ca.pem"
    assert "pass:word" not in repr(around)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ({"proxy": "proxy.example:3128"}, "http://host:port"),
        ({"proxy": "http://ada:hunter2@proxy.example"}, "proxy_login"),
        ({"proxy_login": "hunter2"}, "reference"),
    ],
)
def test_wrong_network_is_named_without_its_secrets(tmp_path: Path, network, words):
    with pytest.raises(SettingsError, match=words) as wrong:
        check({"network": network}, tmp_path / "samepic.toml")
    assert "hunter2" not in str(wrong.value)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authority_that_cannot_be_read_is_named(tmp_path: Path, content):
    if content:
        (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(SettingsError, match=r"network\.ca.*ca\.pem"):
        Session("https://graph.example", Surroundings(ca=tmp_path / "ca.pem"))
