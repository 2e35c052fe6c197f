"""What a provider, or somebody who pretends to be one, may send back; and what is believed of it."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from samepic.model import Slot
from samepic.web.openid.claims import half_digest
from samepic.web.serve import behind_proxy
from samepic.web.turnstile import Turnstile
from tests.web.rogue import CURVE, ISSUER, KEYS, NOON, OID, TENANT, Stage, staged

MINUTE = timedelta(minutes=1)


def signed_in(browser: httpx2.AsyncClient) -> bool:
    return "samepic" in browser.cookies or "__Host-samepic" in browser.cookies


async def test_a_good_answer_signs_somebody_in(stage: Stage, browser: httpx2.AsyncClient):
    asked = await stage.set_out(browser, to="/account")
    assert asked["response_type"] == "code"
    assert (asked["code_challenge_method"], asked["response_mode"]) == ("S256", "query")
    answer = await stage.come_back(browser, code="the-code", state=asked["state"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert signed_in(browser)
    assert "You are signed in as ada@contoso.example" in (await browser.get("/account")).text
    assert stage.rogue.asked[0]["client_secret"] == "a-secret"
    assert await stage.audited() == ["signed in"]


def spelled(*parts):
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def unsigned(header, claims):
    return spelled(json.dumps({"alg": "none"}).encode(), json.dumps(claims).encode(), b"")


def signed_with_the_public_key(header, claims):
    """The oldest trick there is: the public key as the secret of an HMAC."""
    parts = [json.dumps({"alg": "HS256", "kid": "now"}).encode(), json.dumps(claims).encode()]
    secret = KEYS["now"].as_pem(private=False)
    return spelled(*parts, hmac.digest(secret, spelled(*parts).encode(), "sha256"))


def signed_by_somebody_else(header, claims):
    return jwt.encode(header, claims, RSAKey.generate_key(2048, {"kid": "now"}))


@pytest.mark.parametrize("sign", [unsigned, signed_with_the_public_key, signed_by_somebody_else])
async def test_a_signature_that_does_not_hold_signs_nobody_in(stage, browser, sign):
    stage.rogue.sign = sign
    answer = await stage.sign_in(browser)
    assert answer.status_code == 400
    assert "could not be trusted" in answer.text
    assert not signed_in(browser)
    assert await stage.audited() == ["sign-in failed"]


async def test_an_algorithm_that_is_not_on_the_list_is_not_believed(stage, browser):
    stage.rogue.header = {"alg": "RS512"}
    assert (await stage.sign_in(browser)).status_code == 400


@pytest.mark.parametrize(("key", "algorithm"), [(KEYS["now"], "PS256"), (CURVE, "ES256")])
async def test_the_other_algorithms_of_the_list_are(stage, browser, key, algorithm):
    stage.rogue.key, stage.rogue.header = key, {"alg": algorithm}
    assert (await stage.sign_in(browser)).status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "somebody-else"},
        {"aud": ["the-portal", "somebody-else"]},
        {"aud": ["the-portal", "somebody-else"], "azp": "somebody-else"},
        {"azp": "somebody-else"},
        {"nonce": "of-another-attempt"},
        {"nonce": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
        {"exp": None},
        {"iat": "yesterday"},
        {"at_hash": half_digest("another access token")},
    ],
    ids=str,
)
async def test_a_claim_that_does_not_fit_signs_nobody_in(stage, browser, claims):
    stage.rogue.claims = claims
    assert (await stage.sign_in(browser)).status_code == 400
    assert not signed_in(browser)


@pytest.mark.parametrize(
    "claims", [{"aud": ["the-portal", "another"], "azp": "the-portal"}, {"at_hash": half_digest("access")}], ids=str
)
async def test_what_fits_in_another_shape_is_believed(stage, browser, claims):
    stage.rogue.claims = claims
    assert (await stage.sign_in(browser)).status_code == 303


@pytest.mark.parametrize(
    ("moved", "minutes", "fits"),
    [("exp", -4, True), ("exp", -6, False), ("nbf", 4, True), ("nbf", 6, False), ("iat", 4, True), ("iat", 6, False)],
)
async def test_clocks_may_be_five_minutes_apart(stage, browser, moved, minutes, fits):
    stage.rogue.claims = {moved: int((stage.times[0] + minutes * MINUTE).timestamp())}
    answer = await stage.sign_in(browser)
    assert signed_in(browser) is fits
    assert fits or "Two clocks disagree" in answer.text


async def test_a_new_key_is_looked_for_when_one_is_not_known(stage, browser):
    await stage.sign_in(browser)
    stage.rogue.key, stage.rogue.publishes = KEYS["next"], (KEYS["now"], KEYS["next"])
    assert (await stage.sign_in(stage.browser())).status_code == 303


# --- attempts --------------------------------------------------------------------------------------------------------


async def test_an_answer_is_good_once(stage, browser):
    asked = await stage.set_out(browser)
    first = await stage.come_back(browser, code="the-code", state=asked["state"])
    again = await stage.come_back(browser, code="the-code", state=asked["state"])
    assert (first.status_code, again.status_code) == (303, 400)
    assert "That attempt is over" in again.text
    assert len(stage.rogue.asked) == 1


async def test_an_answer_is_good_in_the_browser_that_asked(stage, browser):
    """Nobody is signed in as somebody else by a link that was made elsewhere (sign-in forgery)."""
    asked = await stage.set_out(browser)
    victim = stage.browser()
    answer = await stage.come_back(victim, code="the-code", state=asked["state"])
    assert answer.status_code == 400
    assert not signed_in(victim)
    assert stage.rogue.asked == []


async def test_an_answer_is_good_for_ten_minutes(stage, browser):
    asked = await stage.set_out(browser)
    stage.later(10 * MINUTE)
    assert "That attempt is over" in (await stage.come_back(browser, code="x", state=asked["state"])).text


@pytest.mark.parametrize("query", [{}, {"state": ""}, {"state": "made-up", "code": "x"}, {"code": "x"}], ids=str)
async def test_an_answer_to_nothing_is_no_answer(stage, browser, query):
    assert (await stage.come_back(browser, **query)).status_code == 400


async def test_two_tabs_do_not_spoil_each_others_attempts(stage, browser):
    first = await stage.set_out(browser)
    await stage.set_out(browser)
    stage.rogue.nonce = first["nonce"]
    assert (await stage.come_back(browser, code="x", state=first["state"])).status_code == 303


async def test_the_answer_of_one_provider_is_not_taken_for_anothers(stage, browser):
    asked = await stage.set_out(browser, "/sign-in/second")
    answer = await stage.come_back(browser, "rogue", code="x", state=asked["state"])
    assert answer.status_code == 400
    assert stage.rogue.asked == []


@pytest.mark.parametrize(("issuer", "status"), [("https://evil.example", 400), (ISSUER, 303)])
async def test_an_answer_that_names_its_sender_is_held_to_it(stage, browser, issuer, status):
    asked = await stage.set_out(browser)
    answer = await stage.come_back(browser, code="x", state=asked["state"], iss=issuer)
    assert answer.status_code == status


async def test_an_answer_without_a_sender_is_refused_where_they_always_name_one(stage, browser):
    stage.rogue.configuration = {"authorization_response_iss_parameter_supported": True}
    assert (await stage.sign_in(browser)).status_code == 400


async def test_what_is_kept_of_an_attempt_opens_nothing(stage, browser):
    asked = await stage.set_out(browser)
    (secret,) = browser.cookies.values()
    kept = (stage.site.settings.store_folder / "samepic.db-wal").read_bytes()
    assert asked["state"].encode() not in kept
    assert asked["nonce"].encode() not in kept
    assert secret.encode() not in kept
    assert b'"errand"' in kept


async def test_an_attempt_leaves_no_cookie_behind(stage, browser):
    await stage.sign_in(browser)
    assert list(browser.cookies) == ["samepic"]


async def test_only_looking_at_an_answer_uses_nothing_up(stage, browser):
    asked = await stage.set_out(browser)
    looked = await browser.head("/signed-in/rogue", params={"code": "x", "state": asked["state"]})
    assert looked.status_code == 404
    assert (await stage.come_back(browser, code="x", state=asked["state"])).status_code == 303


async def test_a_flood_from_one_address_is_stopped_and_others_come_in(stage, browser, monkeypatch):
    monkeypatch.setattr(stage.site.turnstile, "_most", 2)
    answers = [(await browser.post("/sign-in/rogue")).status_code for _ in range(3)]
    assert answers == [303, 303, 429]
    stage.later(MINUTE)
    assert (await browser.post("/sign-in/rogue")).status_code == 303


async def test_behind_a_proxy_of_this_machine_people_are_told_apart(stage, monkeypatch):
    monkeypatch.setattr(stage.site.turnstile, "_most", 1)
    app = behind_proxy(stage.app)

    async def begin(whence: str, forwarded: str) -> int:
        headers = {"sec-fetch-site": "same-origin", "x-forwarded-for": forwarded}
        transport = httpx2.ASGITransport(app, client=(whence, 4711))
        async with httpx2.AsyncClient(transport=transport, base_url=stage.address, headers=headers) as client:
            return (await client.post("/sign-in/rogue")).status_code

    assert [await begin("127.0.0.1", one) for one in ("192.0.2.1", "192.0.2.2", "192.0.2.1")] == [303, 303, 429]
    assert [await begin("192.0.2.3", one) for one in ("192.0.2.4", "192.0.2.5")] == [303, 429]


def test_addresses_are_counted_apart():
    turnstile = Turnstile(1, MINUTE)
    assert [turnstile.lets(who, NOON) for who in ("a", "a", "b")] == [True, False, True]


# --- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        ("access_denied", 200, "You turned back"),
        ("consent_required", 200, "Somebody has to agree first"),
        ("temporarily_unavailable", 502, "does not answer"),
        ("unauthorized_client", 502, "not set up right"),
        ("<script>alert(1)</script>", 502, "not set up right"),
    ],
)
async def test_an_error_is_told_in_our_own_words(stage, browser, error, status, said):
    asked = await stage.set_out(browser, to="/account", private="1")
    answer = await stage.come_back(browser, error=error, error_description="<b>AADSTS1</b>", state=asked["state"])
    assert answer.status_code == status
    assert said in answer.text
    assert "AADSTS1" not in answer.text
    assert "<script>" not in answer.text
    assert 'value="/account"' in answer.text
    assert 'name="private" value="1"' in answer.text


async def test_a_provider_that_is_down_is_named(stage, browser):
    stage.rogue.down = True
    answer = await browser.post("/sign-in/rogue")
    assert answer.status_code == 502
    assert "rogue does not answer" in answer.text


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": 7},
        {"issuer": "https://rogue.example/{tenantid}/v2.0"},
    ],
    ids=str,
)
async def test_a_configuration_that_does_not_fit_is_not_used(stage, browser, configuration):
    stage.rogue.configuration = configuration
    answer = await browser.post("/sign-in/rogue")
    assert answer.status_code == 502
    assert "not set up right" in answer.text


async def test_a_code_that_the_provider_no_longer_takes_is_an_attempt_that_is_over(stage, browser):
    stage.rogue.answer, stage.rogue.status = {"error": "invalid_grant"}, 400
    assert "That attempt is over" in (await stage.sign_in(browser)).text


async def test_a_secret_that_the_provider_refuses_is_ours_to_mend(stage, browser, caplog):
    stage.rogue.answer, stage.rogue.status = {"error": "invalid_client", "error_description": "a-secret?"}, 401
    assert (await stage.sign_in(browser)).status_code == 502
    assert "invalid_client" in caplog.text
    assert "a-secret" not in caplog.text


async def test_where_there_is_no_secret_pkce_is_enough(tmp_path):
    async with staged(tmp_path, secret="") as stage, stage.browser() as browser:
        assert (await stage.sign_in(browser)).status_code == 303
        (asked,) = stage.rogue.asked
        assert asked.keys() == {"grant_type", "code", "redirect_uri", "code_verifier", "client_id"}


async def test_a_provider_that_wants_the_secret_in_a_header_gets_it_there(stage, browser):
    stage.rogue.configuration = {"token_endpoint_auth_methods_supported": ["client_secret_basic"]}
    assert (await stage.sign_in(browser)).status_code == 303
    assert "client_secret" not in stage.rogue.asked[0]
    assert stage.rogue.authorizations == ["Basic " + base64.b64encode(b"the-portal:a-secret").decode()]


# --- who it is -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": "ada@elsewhere.example"},
        {"email": "ada@conto\u017fo.example"},
        {"email": ["ada@contoso.example"]},
        {"email": "nobody@contoso.example"},
        {"email": "ada@contoso.example@evil.example"},
    ],
    ids=str,
)
async def test_an_address_that_proves_nothing_is_a_strangers(stage, browser, claims):
    stage.rogue.claims = claims
    answer = await stage.sign_in(browser)
    assert answer.status_code == 403
    assert "We do not know you" in answer.text
    assert not signed_in(browser)
    assert 'name="other"' in answer.text
    assert (await stage.set_out(browser, other="1"))["prompt"] == "login"
    assert await stage.audited() == ["sign-in refused"]


async def test_a_name_full_of_markup_is_only_a_name(stage, browser):
    stage.rogue.claims = {"email": "<img src=x onerror=alert(1)>@contoso.example"}
    assert "<img src=x" not in (await stage.sign_in(browser)).text


async def test_an_address_decides_once_and_the_subject_ever_after(stage, browser):
    """Ada leaves, Bruno is given her address: what was Ada's does not become his, nor the other way round."""
    await stage.sign_in(browser)
    stage.rogue.claims = {"email": "bruno@contoso.example"}
    await stage.sign_in(browser)
    assert (await stage.site.org.ledger.identity(ISSUER, "ada")).person == stage.person
    stage.rogue.claims = {"email": "somebody@else.example", "email_verified": False}
    assert (await stage.sign_in(browser)).status_code == 303


async def test_the_address_may_be_told_at_userinfo(stage, browser):
    stage.rogue.claims = {"email": None, "email_verified": None}
    stage.rogue.userinfo = {"sub": "ada", "email": "ada@contoso.example", "email_verified": True}
    assert (await stage.sign_in(browser)).status_code == 303


async def test_userinfo_about_somebody_else_is_not_believed(stage, browser):
    stage.rogue.claims = {"email": None, "email_verified": None}
    stage.rogue.userinfo = {"sub": "bruno", "email": "bruno@contoso.example", "email_verified": True}
    assert (await stage.sign_in(browser)).status_code == 400


ENTRA = {"kind": "microsoft", "issuer": f"{ISSUER}/{TENANT}/v2.0"}
FROM_ENTRA = {"oid": OID, "tid": TENANT, "email": None, "email_verified": None, "preferred_username": "ada@x.example"}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 303),
        ({"tid": "another-tenant"}, 403),
        ({"tid": None}, 403),
        ({"oid": "unknown"}, 403),
        ({"oid": None, "email": "ada@contoso.example", "email_verified": True}, 403),
    ],
    ids=str,
)
async def test_with_entra_the_object_id_decides_and_nothing_else(tmp_path, changed, status):
    async with staged(tmp_path, provider=ENTRA) as stage, stage.browser() as browser:
        stage.rogue.claims = FROM_ENTRA | changed
        assert (await stage.sign_in(browser)).status_code == status


MANY = {"kind": "microsoft", "issuer": f"{ISSUER}/organizations/v2.0", "tenant": TENANT}


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 303),
        ({"tid": "another", "iss": f"{ISSUER}/another/v2.0"}, 400),
        ({"tid": "another"}, 400),
        ({"iss": f"{ISSUER}/another/v2.0"}, 400),
    ],
    ids=str,
)
async def test_at_an_address_for_many_tenants_ours_alone_counts(tmp_path, changed, status):
    """Or the administrators of any tenant would be ours: they may give themselves every role there."""
    async with staged(tmp_path, provider=MANY) as stage, stage.browser() as browser:
        stage.rogue.configuration = {"issuer": f"{ISSUER}/{{tenantid}}/v2.0"}
        stage.rogue.claims = FROM_ENTRA | {"iss": f"{ISSUER}/{TENANT}/v2.0"} | changed
        assert (await stage.sign_in(browser)).status_code == status


ROLES = {"administrators": ["roles:Samepic.Administrator", "groups:9999"]}


@pytest.mark.parametrize(
    ("claims", "administrator"),
    [
        ({}, False),
        ({"roles": ["Samepic.Administrator"]}, True),
        ({"roles": "Samepic.Administrator"}, True),
        ({"roles": ["Samepic.Administrators"]}, False),
        ({"groups": ["1111", "9999"]}, True),
        ({"groups": {"9999": True}}, False),
    ],
    ids=str,
)
async def test_a_claim_makes_an_administrator_as_long_as_it_is_there(tmp_path, claims, administrator):
    async with staged(tmp_path, provider=ROLES) as stage, stage.browser() as browser:
        stage.rogue.claims = claims
        await stage.sign_in(browser)
        (session,) = await stage.site.org.ledger.sessions_of(stage.person, stage.times[0])
        assert session.content["administrator"] is administrator
        stage.rogue.claims = {}
        await stage.sign_in(browser)
        (session,) = await stage.site.org.ledger.sessions_of(stage.person, stage.times[0])
        assert session.content["administrator"] is False


async def test_groups_that_entra_left_out_make_nobody_an_administrator_and_the_log_says_why(tmp_path, caplog):
    async with staged(tmp_path, provider=ROLES) as stage, stage.browser() as browser:
        stage.rogue.claims = {"_claim_names": {"groups": "src1"}}
        await stage.sign_in(browser)
        (session,) = await stage.site.org.ledger.sessions_of(stage.person, stage.times[0])
        assert session.content["administrator"] is False
        assert "too many groups" in caplog.text


async def test_an_administrator_may_be_nobody_in_any_system(tmp_path):
    async with staged(tmp_path, provider=ROLES) as stage, stage.browser() as browser:
        stage.rogue.claims = {"email": "boss@contoso.example", "roles": ["Samepic.Administrator"]}
        assert (await stage.sign_in(browser)).headers["location"] == "/admin"
        assert signed_in(browser)
        page = await browser.get("/account", follow_redirects=True)
        assert "We do not know you" in page.text
        assert "To the administrators" in page.text


async def test_two_people_with_one_address_are_neither(stage, browser):
    links = await stage.site.org.people.with_keys("mail:bruno@contoso.example")
    (bruno,) = links
    shared = frozenset({*bruno.account.keys, "mail:ada@contoso.example"})
    await stage.site.org.people.save([replace(bruno, account=replace(bruno.account, keys=shared))])
    assert (await stage.sign_in(browser)).status_code == 403


async def test_whose_accounts_are_all_gone_is_a_stranger(stage, browser):
    await stage.sign_in(browser)
    await stage.site.org.people.mark_gone([Slot("directory", "a")], NOON)
    assert (await stage.sign_in(stage.browser())).status_code == 403


# --- errands of somebody who is signed in ----------------------------------------------------------------------------


async def test_an_errand_ends_with_the_session_that_sent_it(tmp_path):
    """Ada sets out to connect an account, leaves, and Bruno signs in: what she brings back is not made his."""
    async with staged(tmp_path, provider=ENTRA) as stage, stage.browser() as browser:
        stage.rogue.claims = FROM_ENTRA
        await stage.sign_in(browser)
        asked = await stage.set_out(browser, "/account/connect/rogue")
        await browser.post("/sign-out", data=await stage.csrf(browser))
        stage.rogue.claims = FROM_ENTRA | {"sub": "bruno", "oid": "another-oid"}
        await stage.sign_in(browser)
        stage.rogue.claims, stage.rogue.nonce = FROM_ENTRA | {"sub": "ada-too"}, asked["nonce"]
        back = await stage.come_back(browser, code="x", state=asked["state"])
        assert "That attempt is over" in back.text
        assert await stage.site.org.ledger.identity(f"{ISSUER}/{TENANT}/v2.0", "ada-too") is None


async def test_an_errand_is_none_of_a_provider_that_is_not_entra(stage, browser):
    await stage.sign_in(browser)
    assert (await browser.post("/account/connect/rogue", data=await stage.csrf(browser))).status_code == 404
