"""Signing in to a web portal of this machine: its own application, what its ID tokens say, whom it asks for what."""

import io
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from samepic.demo.visitor import Visitor
from tests.wire.clients import Browser, bearer, carried, challenge, endpoint
from tests.wire.test_signin import claims_of, errors_of

BACK = "http://127.0.0.1:4712/signed-in"
SIGN_IN = "openid profile email offline_access"


@pytest.fixture
def control(fresh_tenant):
    with httpx2.Client(base_url=fresh_tenant.control) as client:
        yield client


def asked(tenant, scope=SIGN_IN, **changed):
    """What the portal sends a browser to the authority with; PKCE's verifier is the nonce, to have one text less."""
    wanted = {
        "client_id": tenant.portal.client_id,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": scope,
        "state": "the-state",
        "nonce": "the-nonce",
    }
    return f"{endpoint(tenant, 'authorize')}?{httpx2.QueryParams(wanted | changed)}"


def redeem(tenant, code, **changed):
    form = {
        "client_id": tenant.portal.client_id,
        "client_secret": Path(tenant.portal.client_secret_file).read_text(),
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
    }
    return httpx2.post(endpoint(tenant), data=form | changed)


def refresh(tenant, token, **changed):
    return redeem(tenant, "", grant_type="refresh_token", refresh_token=token, **changed)


@pytest.fixture
def browser():
    with Browser() as browser:
        yield browser


def sign_in(tenant, browser, person, scope=SIGN_IN, **changed):
    page = browser.get(asked(tenant, scope, **changed))
    return browser.log_in(tenant, page, username=person.upn, password=person.password)


def tokens_of(tenant, browser, person, **changed):
    return redeem(tenant, carried(sign_in(tenant, browser, person, **changed))["code"]).json()


def said(tenant, browser, person, **changed):
    """The claims of the ID token."""
    return claims_of(tenant, tokens_of(tenant, browser, person, **changed)["id_token"])


async def test_the_whole_way_from_the_portal_to_the_picture(fresh_tenant, control):
    """Sign in to the portal, and then one address of SharePoint in the same browser: no second form, the picture."""
    bruno = fresh_tenant.person("never-visited")
    verifier, hashed = challenge()
    with Browser() as browser:
        query = {"code_challenge": hashed, "code_challenge_method": "S256"}
        back = sign_in(fresh_tenant, browser, bruno, **query)
        assert back.headers["location"].startswith(BACK)
        tokens = redeem(fresh_tenant, carried(back)["code"], code_verifier=verifier).json()
        claims = claims_of(fresh_tenant, tokens["id_token"])
        assert (claims["oid"], claims["nonce"], claims["aud"]) == (bruno.id, "the-nonce", fresh_tenant.portal.client_id)
        about = control.get(f"/people/{bruno.id}")
        assert about.json()["pictures"]["sharepoint"] == {}
        photo = f"{fresh_tenant.sharepoint_my}/_layouts/15/userphoto.aspx"
        shown = browser.get(photo, params={"size": "L", "accountname": bruno.upn}, follow_redirects=True)
        assert Image.open(io.BytesIO(shown.content)).size == (200, 200)
    assert control.get(f"/people/{bruno.id}").json()["pictures"]["sharepoint"].keys() == {"S", "M", "L"}


def test_the_secret_is_a_file_of_the_state_folder_that_nobody_else_reads(tenant):
    secret = Path(tenant.portal.client_secret_file)
    assert secret.parent == tenant.state
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.read_text() not in repr(tenant.portal)


@pytest.mark.parametrize("redirect", ["https://localhost:8443/back", "http://127.0.0.1:1/x"])
def test_the_portal_is_returned_to_anywhere_on_this_machine(tenant, browser, redirect):
    back = sign_in(tenant, browser, tenant.person("in-sync"), redirect_uri=redirect)
    assert back.headers["location"].startswith(f"{redirect}?code=")


def test_an_id_token_says_what_the_scopes_ask_for(tenant, browser):
    ada = tenant.person("in-sync")
    every = said(tenant, browser, ada)
    assert every["iss"] == f"{tenant.authority}/{tenant.tenant}/v2.0"
    assert (every["tid"], every["oid"], every["name"]) == (tenant.tenant, ada.id, ada.name)
    assert (every["preferred_username"], every["email"]) == (ada.upn, ada.upn)
    assert every["roles"] == ["Samepic.Administrator"]
    assert {"sub", "sid", "auth_time", "login_hint"} <= every.keys()
    assert not {"groups", "email_verified", "xms_edov"} & every.keys()
    few = claims_of(tenant, redeem(tenant, carried(browser.get(asked(tenant, "openid")))["code"]).json()["id_token"])
    assert not {"oid", "name", "preferred_username", "email"} & few.keys()
    assert (few["sub"], few["sid"], few["auth_time"]) == (every["sub"], every["sid"], every["auth_time"])


def test_the_administrator_is_named_and_nobody_else_is_one(tenant, browser):
    assert tenant.portal.administrator == tenant.person("in-sync").upn
    assert "roles" not in said(tenant, browser, tenant.person("stale"))


def test_whoever_became_the_administrator_is_named_at_the_next_start(make_tenant, tmp_path):
    tenant = make_tenant(tmp_path)
    ada, chiara = tenant.person("in-sync"), tenant.person("stale")
    for who, roles in ((ada, []), (chiara, ["Samepic.Administrator"])):
        httpx2.put(f"{tenant.control}/applications/portal/people/{who.id}/roles", json={"roles": roles})
    tenant.stop()
    assert make_tenant(tmp_path).portal.administrator == chiara.upn


def test_userinfo_is_about_the_same_subject(tenant, browser):
    ada = tenant.person("in-sync")
    tokens = tokens_of(tenant, browser, ada)
    info = httpx2.get(f"{tenant.graph}/oidc/userinfo", headers=bearer(tokens["access_token"])).json()
    assert info["sub"] == claims_of(tenant, tokens["id_token"])["sub"]
    assert info["email"] == ada.upn


def test_control_assigns_roles(fresh_tenant, control, browser):
    stale = fresh_tenant.person("stale")
    one = f"/applications/portal/people/{stale.upn}"
    control.put(f"{one}/roles", json={"roles": ["Samepic.Reader"]})
    assert control.get(one).json() == {"roles": ["Samepic.Reader"], "consent": {}}
    assert said(fresh_tenant, browser, stale)["roles"] == ["Samepic.Reader"]


def test_optional_claims_come_where_they_were_asked_for(fresh_tenant, control):
    control.put("/applications/portal/claims", json={"optional": ["email_verified", "xms_edov"]})
    with Browser() as browser:
        ada = said(fresh_tenant, browser, fresh_tenant.person("in-sync"))
    with Browser() as browser:
        guest = said(fresh_tenant, browser, fresh_tenant.person("guest"))
    assert (ada["email_verified"], ada["xms_edov"]) == (True, True)
    assert (guest["email_verified"], guest["xms_edov"]) == (False, False)
    assert "auth_time" not in ada
    refused = control.put("/applications/portal/claims", json={"optional": ["shoe_size"]})
    assert refused.status_code == 400


def test_groups_are_named_until_there_are_too_many(fresh_tenant, control, browser):
    ada = fresh_tenant.person("in-sync")
    control.put("/applications/portal/claims", json={"optional": ["groups"]})
    held = control.put(f"/people/{ada.id}/groups", json={"groups": ["Designers", "Harbour Project"]}).json()["groups"]
    assert said(fresh_tenant, browser, ada)["groups"] == [group["id"] for group in held]
    control.put(f"/people/{ada.id}/groups", json={"groups": [f"Group {number}" for number in range(201)]})
    back = browser.get(asked(fresh_tenant))
    claims = claims_of(fresh_tenant, redeem(fresh_tenant, carried(back)["code"]).json()["id_token"])
    assert "groups" not in claims
    assert claims["_claim_names"] == {"groups": "src1"}
    assert claims["_claim_sources"]["src1"]["endpoint"].endswith(f"/users/{ada.id}/getMemberObjects")


def test_who_signed_in_too_long_ago_signs_in_again(tenant, browser):
    ada = tenant.person("in-sync")
    first = said(tenant, browser, ada)
    assert "code" in carried(browser.get(asked(tenant, max_age="3600")))
    assert 'type="password"' in browser.get(asked(tenant, max_age="0")).text
    assert carried(browser.get(asked(tenant, max_age="0", prompt="none")))["error"] == "login_required"
    again = said(tenant, browser, ada, prompt="login")
    assert again["sid"] == first["sid"]
    assert again["auth_time"] >= first["auth_time"]


def test_whoever_is_hinted_at_is_who_signs_in(tenant, browser):
    ada, chiara = tenant.person("in-sync"), tenant.person("stale")
    hint = said(tenant, browser, ada)["login_hint"]
    assert ada.upn not in hint
    assert "code" in carried(browser.get(asked(tenant, login_hint=hint, domain_hint=tenant.domain)))
    assert f'value="{chiara.upn}"' in browser.get(asked(tenant, login_hint=chiara.upn)).text
    silent = browser.get(asked(tenant, login_hint=chiara.upn, prompt="none"))
    assert carried(silent)["error"] == "login_required"


@pytest.mark.parametrize("changed", [{"prompt": "dance"}, {"max_age": "soon"}])
def test_what_makes_no_sense_is_told_to_the_portal(tenant, browser, changed):
    assert carried(browser.get(asked(tenant, **changed)))["error"] == "invalid_request"


def sign_out(tenant, browser, **query):
    return browser.get(endpoint(tenant, "logout"), params={"post_logout_redirect_uri": BACK} | query)


def test_signing_out_returns_to_the_portal(tenant, browser):
    hint = said(tenant, browser, tenant.person("in-sync"))["login_hint"]
    back = sign_out(tenant, browser, logout_hint=hint, state="out")
    assert back.headers["location"] == f"{BACK}?state=out"
    assert carried(browser.get(asked(tenant, prompt="none")))["error"] == "login_required"


def test_signing_out_somebody_else_leaves_the_session(tenant, browser):
    with Browser() as other:
        hint = said(tenant, other, tenant.person("stale"))["login_hint"]
    sign_in(tenant, browser, tenant.person("in-sync"))
    sign_out(tenant, browser, logout_hint=hint)
    assert "code" in carried(browser.get(asked(tenant, prompt="none")))


SITE = "offline_access openid {my}/.default"


async def test_each_person_is_asked_for_what_goes_beyond_signing_in(fresh_tenant, control):
    bruno = fresh_tenant.person("never-visited")
    site = SITE.format(my=fresh_tenant.sharepoint_my)
    one = f"/applications/portal/people/{bruno.id}"
    async with Visitor() as visitor:
        page = await visitor.open(asked(fresh_tenant, site))
        page = await visitor.submit(page, username=bruno.upn, password=bruno.password)
        assert "Permissions requested" in page.text
        assert "AllSites.Read" in page.text
    with Browser() as browser:
        sign_in(fresh_tenant, browser, bruno)
        assert carried(browser.get(asked(fresh_tenant, site, prompt="none")))["error"] == "consent_required"
        page = browser.get(asked(fresh_tenant, site))
        assert carried(answer_consent(fresh_tenant, browser, page, accept=""))["error"] == "access_denied"
        assert control.get(one).json()["consent"] == {}
        back = answer_consent(fresh_tenant, browser, page, accept="yes")
        assert control.get(one).json()["consent"] == {"sharepoint": ["AllSites.Read", "User.Read"]}
        tokens = redeem(fresh_tenant, carried(back)["code"]).json()
        assert tokens["scope"] == "AllSites.Read User.Read"
        assert "code" in carried(browser.get(asked(fresh_tenant, site)))
        assert "Permissions requested" in browser.get(asked(fresh_tenant, site, prompt="consent")).text
    assert refresh(fresh_tenant, tokens["refresh_token"]).status_code == 200
    control.delete(f"{one}/consent")
    refused = refresh(fresh_tenant, tokens["refresh_token"])
    assert (errors_of(refused), refused.json()["suberror"]) == (("invalid_grant", 65001), "consent_required")


def test_reading_about_oneself_is_consented_to_for_everybody(tenant, browser):
    ada = tenant.person("in-sync")
    tokens = tokens_of(tenant, browser, ada, scope=f"{SIGN_IN} https://graph.microsoft.com/User.Read")
    assert tokens["scope"] == "User.Read"
    me = httpx2.get(f"{tenant.graph}/v1.0/me", headers=bearer(tokens["access_token"])).json()
    assert me["id"] == ada.id
    assert httpx2.get(f"{tenant.graph}/v1.0/me/photo/$value", headers=bearer(tokens["access_token"])).content
    assert "Permissions requested" in browser.get(asked(tenant, "https://graph.microsoft.com/User.ReadWrite")).text


def answer_consent(tenant, browser, page, accept):
    flow = page.text.partition('name="flow" value="')[2].partition('"')[0]
    return browser.post(f"{tenant.authority}/{tenant.tenant}/consent", data={"flow": flow, "accept": accept})


def test_a_consent_page_is_good_for_the_person_who_saw_it(fresh_tenant, control):
    bruno, ada = fresh_tenant.person("never-visited"), fresh_tenant.person("in-sync")
    with Browser() as browser:
        page = sign_in(fresh_tenant, browser, bruno, SITE.format(my=fresh_tenant.sharepoint_my))
        sign_in(fresh_tenant, browser, ada, prompt="login")
        assert 'type="password"' in answer_consent(fresh_tenant, browser, page, accept="yes").text
    assert control.get(f"/applications/portal/people/{bruno.id}").json()["consent"] == {}
    assert control.get(f"/applications/portal/people/{ada.id}").json()["consent"] == {}


def test_a_token_of_the_persons_own_pulls_their_picture(fresh_tenant, control, browser):
    """Unverified in the cloud: that SharePoint pulls for a delegated token as it does for a browser."""
    bruno = fresh_tenant.person("never-visited")
    control.put(f"/applications/portal/people/{bruno.id}/consent", json={"sharepoint": ["AllSites.Read", "User.Read"]})
    refresh_token = tokens_of(fresh_tenant, browser, bruno)["refresh_token"]
    site = refresh(fresh_tenant, refresh_token, scope=f"{fresh_tenant.sharepoint_my}/.default").json()
    answer = httpx2.get(
        f"{fresh_tenant.sharepoint_my}/_layouts/15/userphoto.aspx",
        params={"size": "L", "accountname": bruno.upn},
        headers=bearer(site["access_token"]),
    )
    assert Image.open(io.BytesIO(answer.content)).size == (200, 200)
    assert control.get(f"/people/{bruno.id}").json()["pictures"]["sharepoint"].keys() == {"S", "M", "L"}


def test_refresh_tokens_are_never_the_same_twice(tenant, browser):
    first = tokens_of(tenant, browser, tenant.person("in-sync"))["refresh_token"]
    second, third = (refresh(tenant, first).json()["refresh_token"] for _ in range(2))
    assert len({first, second, third}) == 3
    claims = claims_of(tenant, refresh(tenant, third).json()["id_token"])
    assert "nonce" not in claims
