"""Certificates, assertions, and tokens that are asked for no more often than needed."""

import asyncio
import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import ValidationError

from samepic.connectors.base import Surroundings
from samepic.connectors.microsoft import MicrosoftOptions, app_tokens
from samepic.connectors.signin import assertion, read_certificate
from samepic.errors import Denied, Failed, Throttled
from samepic.secret import Secret

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GRAPH = "https://graph.microsoft.com"


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(65537, 2048)


def certificate_of(key, begins=NOW - DAY, ends=NOW + DAY):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "samepic")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, ends)
    return builder.sign(key, hashes.SHA256())


def pem(key, certificate, protection=None):
    encryption = protection or serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    return private, certificate.public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize("order", [1, -1], ids=["key first", "certificate first"])
def test_key_and_certificate_may_come_in_either_order(key, order):
    certificate = certificate_of(key)
    found = read_certificate(b"".join(pem(key, certificate)[::order]))
    digest = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()
    assert found.thumbprint == urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert found.ends == NOW + DAY
    assert "PRIVATE" not in repr(found)


def test_the_certificate_of_the_key_is_chosen_from_a_chain(key):
    other = certificate_of(rsa.generate_private_key(65537, 2048))
    private, own = pem(key, certificate_of(key, ends=NOW + 9 * DAY))
    chain = private + other.public_bytes(serialization.Encoding.PEM) + own
    assert read_certificate(chain).ends == NOW + 9 * DAY


def test_what_is_no_certificate_is_denied_with_the_reason(key):
    private, public = pem(key, certificate_of(key))
    locked, _ = pem(key, certificate_of(key), serialization.BestAvailableEncryption(b"pw"))
    stranger, _ = pem(rsa.generate_private_key(65537, 2048), certificate_of(key))
    elliptic = ec.generate_private_key(ec.SECP256R1())
    curve, curved = pem(elliptic, certificate_of(elliptic))
    cases = {
        b"": "does not hold",
        b"-----BEGIN nonsense": "does not hold",
        private: "does not hold|does not belong",
        public: "does not hold",
        locked + public: "password",
        stranger + public: "does not belong",
        curve + curved: "not an RSA key",
    }
    for text, reason in cases.items():
        with pytest.raises(Denied, match=reason):
            read_certificate(text)


def test_an_assertion_says_what_entra_asks_for(key):
    certificate = read_certificate(b"".join(pem(key, certificate_of(key))))
    signed = assertion(certificate, "app", "https://login/token", NOW)
    header = json.loads(urlsafe_b64decode(signed.split(".")[0] + "=="))
    assert header == {"alg": "PS256", "typ": "JWT", "x5t#S256": certificate.thumbprint}
    claims = jwt.decode(signed, RSAKey.import_key(key.public_key()), algorithms=["PS256"]).claims
    assert (claims["aud"], claims["iss"], claims["sub"]) == ("https://login/token", "app", "app")
    assert claims["nbf"] == claims["iat"] == NOW.timestamp()
    assert claims["exp"] - claims["nbf"] == 600
    assert claims["jti"] not in assertion(certificate, "app", "https://login/token", NOW)


class Entra:
    """A token service on a scripted clock: each grant is numbered."""

    def __init__(self, *script):
        self.script = list(script)
        self.asked = []
        self.now = NOW

    async def __call__(self, request):
        self.asked.append({name: values[0] for name, values in parse_qs(request.content.decode()).items()})
        await asyncio.sleep(0)
        if self.script:
            return self.script.pop(0)
        return httpx2.Response(200, json={"access_token": f"token-{len(self.asked)}", "expires_in": 3600})

    def tokens(self, **options):
        async def no_wait(seconds):
            pass

        around = Surroundings(transport=httpx2.MockTransport(self), clock=lambda: self.now, sleep=no_wait)
        proof = options or {"client_secret": Secret("env", "SAMEPIC_TEST_SECRET")}
        return app_tokens(MicrosoftOptions(tenant="contoso.example", client_id="app", **proof), around, "exchange")


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("SAMEPIC_TEST_SECRET", "s3cret")


async def test_a_secret_is_shown_to_the_authority_alone():
    entra = Entra()
    assert await entra.tokens()(GRAPH) == "token-1"
    assert entra.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": "app",
            "scope": f"{GRAPH}/.default",
            "client_secret": "s3cret",
        }
    ]


async def test_fifty_callers_need_one_token():
    entra = Entra()
    tokens = entra.tokens()
    assert set(await asyncio.gather(*(tokens(GRAPH) for _ in range(50)))) == {"token-1"}
    assert len(entra.asked) == 1


async def test_each_resource_has_its_own_token():
    tokens = Entra().tokens()
    assert await tokens(GRAPH) != await tokens("https://contoso.sharepoint.com")


async def test_a_token_is_renewed_before_it_runs_out():
    entra = Entra()
    tokens = entra.tokens()
    await tokens(GRAPH)
    entra.now = NOW + timedelta(minutes=54)
    assert await tokens(GRAPH) == "token-1"
    entra.now = NOW + timedelta(minutes=55)
    assert await tokens(GRAPH) == "token-2"


async def test_a_refused_token_is_replaced_once_for_all_who_held_it():
    entra = Entra()
    tokens = entra.tokens()
    old = await tokens(GRAPH)
    assert set(await asyncio.gather(*(tokens(GRAPH, refused=old) for _ in range(9)))) == {"token-2"}
    assert len(entra.asked) == 2


async def test_a_cancelled_caller_leaves_nothing_locked():
    tokens = Entra().tokens()
    first = asyncio.create_task(tokens(GRAPH))
    await asyncio.sleep(0)
    first.cancel()
    assert (await tokens(GRAPH)).startswith("token-")


@pytest.mark.parametrize("status", [400, 401])
async def test_a_sign_in_that_is_turned_down_is_denied_with_a_remedy(status):
    said = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."}
    tokens = Entra(httpx2.Response(status, json=said)).tokens()
    with pytest.raises(Denied, match="AADSTS7000215") as caught:
        await tokens(GRAPH)
    assert caught.value.system == "exchange"
    assert "client_id" in caught.value.remedy
    assert "s3cret" not in str(caught.value)


async def test_a_busy_authority_is_no_denial():
    with pytest.raises(Throttled):
        await Entra(*[httpx2.Response(429)] * 9).tokens()(GRAPH)
    with pytest.raises(Failed):
        await Entra(*[httpx2.Response(500)] * 9).tokens()(GRAPH)
    with pytest.raises(Failed, match="no token"):
        await Entra(httpx2.Response(200, json={"hello": 1})).tokens()(GRAPH)


@pytest.mark.parametrize(
    ("begins", "ends", "reason"),
    [(NOW - 9 * DAY, NOW - DAY, "expired on 2026-02-28"), (NOW + DAY, NOW + 9 * DAY, "valid from 2026-03-02")],
)
async def test_a_certificate_outside_its_time_is_not_sent(key, tmp_path, begins, ends, reason):
    (tmp_path / "app.pem").write_bytes(b"".join(pem(key, certificate_of(key, begins, ends))))
    entra = Entra()
    with pytest.raises(Denied, match=reason) as caught:
        await entra.tokens(certificate=Secret("file", "app.pem", tmp_path))(GRAPH)
    assert caught.value.remedy
    assert entra.asked == []


async def test_a_secret_that_is_not_there_is_denied_by_name(monkeypatch):
    monkeypatch.delenv("SAMEPIC_TEST_SECRET")
    with pytest.raises(Denied, match="SAMEPIC_TEST_SECRET"):
        await Entra().tokens()(GRAPH)


def test_an_application_without_proof_is_refused_offline():
    with pytest.raises(ValidationError, match="neither is set"):
        MicrosoftOptions(tenant="t", client_id="c")


@pytest.mark.parametrize("address", ["http://login.example", "login.microsoftonline.com"])
def test_an_authority_without_encryption_is_refused_offline(address):
    with pytest.raises(ValidationError):
        MicrosoftOptions(tenant="t", client_id="c", client_secret="env:X", authority=address)
