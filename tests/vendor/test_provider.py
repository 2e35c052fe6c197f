"""The other identity provider does what the tests of the portal rely on."""

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from samepic.demo.visitor import Visitor
from tests.wire.clients import challenge

BACK = "http://127.0.0.1:9/back"  # nobody listens there: a browser ends up at the address all the same


@pytest.fixture
def found(other_provider):
    return httpx2.get(f"{other_provider.issuer}/.well-known/openid-configuration").json()


async def code_for(other_provider, found, sub, hashed):
    query = {
        "client_id": other_provider.client_id,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": "openid profile email",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": hashed,
        "code_challenge_method": "S256",
    }
    async with Visitor() as visitor:
        page = await visitor.open(f"{found['authorization_endpoint']}?{httpx2.QueryParams(query)}")
        page = await visitor.submit(page, login=sub, password="anything")
        with pytest.raises(httpx2.ConnectError) as ended:
            await visitor.press(page, "Continue")
    carried = parse_qs(urlsplit(str(ended.value.request.url)).query)
    assert carried["state"] == ["the-state"]
    return carried["code"][0]


@pytest.mark.parametrize("sub", ["ada", "mallory"])
async def test_a_person_signs_in_and_the_id_token_says_who(other_provider, found, sub):
    verifier, hashed = challenge()
    code = await code_for(other_provider, found, sub, hashed)
    form = {
        "client_id": other_provider.client_id,
        "client_secret": other_provider.client_secret,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": verifier,
    }
    token = httpx2.post(found["token_endpoint"], data=form).json()["id_token"]
    keys = KeySet.import_key_set(httpx2.get(found["jwks_uri"]).json())
    claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
    account = other_provider.accounts[sub]
    assert {name: claims.get(name) for name in account} == account
    assert (claims["iss"], claims["nonce"]) == (other_provider.issuer, "the-nonce")
