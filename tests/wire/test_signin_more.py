"""Sign-in on another device, and what is worth nothing any more: tokens, sessions, consent."""

import httpx2
import pytest

from samepic.demo.visitor import Visitor
from tests.wire.clients import (
    Browser,
    ask_token,
    authorize_query,
    bearer,
    carried,
    certificate_token,
    endpoint,
    person_tokens,
    secret_token,
)
from tests.wire.test_signin import claims_of, errors_of

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = "openid offline_access User.Read"


@pytest.fixture
def control(fresh_tenant):
    with httpx2.Client(base_url=fresh_tenant.control) as client:
        yield client


def begun(tenant, **changed):
    form = {"client_id": tenant.application.client_id, "scope": SCOPE} | changed
    return httpx2.post(endpoint(tenant, "devicecode"), data=form)


def polled(tenant, device):
    return ask_token(tenant, grant_type=GRANT, device_code=device["device_code"])


async def agree(tenant, device, person, answer="Continue"):
    async with Visitor() as visitor:
        page = await visitor.open(device["verification_uri"])
        page = await visitor.submit(page, code=device["user_code"].lower())
        page = await visitor.submit(page, username=person.upn, password=person.password)
        assert person.name in page.text
        return await visitor.press(page, answer)


async def test_a_device_is_let_in_from_another(tenant):
    ada, device = tenant.person("in-sync"), begun(tenant).json()
    assert device["user_code"] in device["message"]
    assert (device["expires_in"], device["interval"]) == (900, 5)
    assert errors_of(polled(tenant, device)) == ("authorization_pending", 70016)
    assert "You have signed in to Practice" in (await agree(tenant, device, ada)).text
    tokens = polled(tenant, device).json()
    assert claims_of(tenant, tokens["access_token"])["oid"] == ada.id
    assert {"id_token", "refresh_token"} <= tokens.keys()
    assert errors_of(polled(tenant, device)) == ("expired_token", 70020)


async def test_a_device_may_be_declined(tenant):
    device = begun(tenant).json()
    assert "did not sign in" in (await agree(tenant, device, tenant.person("in-sync"), "Cancel")).text
    assert errors_of(polled(tenant, device)) == ("authorization_declined", 65004)


async def test_a_wrong_code_is_said(tenant):
    async with Visitor() as visitor:
        page = await visitor.open(begun(tenant).json()["verification_uri"])
        assert "did not work" in (await visitor.submit(page, code="AAAAAAAAA")).text


def test_whoever_was_not_asked_agrees_to_nothing(tenant):
    """The agreement is sealed for the person who saw it."""
    address = f"{tenant.authority}/common/oauth2/deviceauth/agreed"
    assert "Enter code" in httpx2.post(address, data={"device": "forged", "agree": "yes"}).text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_id": "nobody"}, ("unauthorized_client", 700016)),
        ({"scope": ""}, ("invalid_request", 900144)),
    ],
)
def test_a_device_cannot_begin_without_an_application_and_a_scope(tenant, changed, error):
    assert errors_of(begun(tenant, **changed)) == error


def me(tenant, token):
    return httpx2.get(f"{tenant.graph}/v1.0/users?$top=1", headers=bearer(token)).status_code


def test_tokens_run_out_when_control_says_so(fresh_tenant, control):
    old = secret_token(fresh_tenant, fresh_tenant.graph)
    site = certificate_token(fresh_tenant, fresh_tenant.sharepoint)
    assert me(fresh_tenant, old) == 200
    control.post("/tokens/expire")
    refused = httpx2.get(f"{fresh_tenant.graph}/v1.0/users", headers=bearer(old))
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert "expired" in refused.headers["www-authenticate"]
    assert httpx2.post(f"{fresh_tenant.sharepoint}/_api/contextinfo", headers=bearer(site)).status_code == 401
    assert me(fresh_tenant, secret_token(fresh_tenant, fresh_tenant.graph)) == 200


def test_tokens_may_be_short_lived(fresh_tenant, control):
    control.put("/tokens", json={"life": 60})
    claims = claims_of(fresh_tenant, secret_token(fresh_tenant, fresh_tenant.graph))
    assert claims["exp"] - claims["iat"] == 60


def refreshed(tenant, token):
    return ask_token(
        tenant, grant_type="refresh_token", refresh_token=token, client_secret=tenant.application.client_secret
    )


def test_a_persons_sessions_are_revoked(fresh_tenant, control):
    ada = fresh_tenant.person("in-sync")
    with Browser() as browser:
        assert "code" in carried(browser.sign_in(fresh_tenant, ada))
        query = {"prompt": "none"}
        silent = browser.get(endpoint(fresh_tenant, "authorize"), params=authorize_query(fresh_tenant) | query)
        assert "code" in carried(silent)
        refresh = person_tokens(fresh_tenant, ada, "User.Read")["refresh_token"]
        assert refreshed(fresh_tenant, refresh).status_code == 200
        control.post(f"/people/{ada.id}/sessions/revoke")
        assert errors_of(refreshed(fresh_tenant, refresh)) == ("invalid_grant", 50173)
        silent = browser.get(endpoint(fresh_tenant, "authorize"), params=authorize_query(fresh_tenant) | query)
        assert carried(silent)["error"] == "login_required"
    again = person_tokens(fresh_tenant, ada, "User.Read")["refresh_token"]
    assert refreshed(fresh_tenant, again).status_code == 200


def test_without_consent_people_cannot_be_spoken_for_and_the_application_has_no_rights(fresh_tenant, control):
    ada = fresh_tenant.person("in-sync")
    refresh = person_tokens(fresh_tenant, ada, "User.Read")["refresh_token"]
    control.put("/application/consent", json={"consent": False})
    refused = refreshed(fresh_tenant, refresh)
    assert (errors_of(refused), refused.json()["suberror"]) == (("invalid_grant", 65001), "consent_required")
    with Browser() as browser:
        back = carried(browser.sign_in(fresh_tenant, ada))
    assert (back["error"], back["state"]) == ("consent_required", "the-state")
    token = secret_token(fresh_tenant, fresh_tenant.graph)
    assert claims_of(fresh_tenant, token)["roles"] == []
    assert me(fresh_tenant, token) == 403
    control.put("/application/consent", json={"consent": True})
    assert refreshed(fresh_tenant, refresh).status_code == 200


def test_a_disabled_application_gets_nothing(fresh_tenant, control):
    control.put("/application/consent", json={"enabled": False})
    refused = ask_token(
        fresh_tenant,
        grant_type="client_credentials",
        client_secret=fresh_tenant.application.client_secret,
        scope=f"{fresh_tenant.graph}/.default",
    )
    assert errors_of(refused) == ("unauthorized_client", 7000112)


@pytest.mark.parametrize("redirect", ["http://localhost:1/x", "http://localhost", "http://127.0.0.1:65000/back"])
def test_a_program_on_this_machine_may_be_returned_to_at_any_port(tenant, redirect):
    with Browser() as browser:
        back = browser.sign_in(tenant, tenant.person("in-sync"), redirect_uri=redirect)
    assert back.headers["location"].startswith(redirect)
