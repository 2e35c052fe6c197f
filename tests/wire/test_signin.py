import time

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from samepic.demo.visitor import Visitor
from tests.wire.clients import (
    REDIRECT,
    Browser,
    ask_token,
    ask_with,
    assertion,
    authorize_query,
    bearer,
    carried,
    challenge,
    endpoint,
    person_tokens,
    secret_token,
)


@pytest.fixture
def browser():
    with Browser() as browser:
        yield browser


@pytest.fixture
def ada(tenant):
    return tenant.person("in-sync")


def claims_of(tenant, token):
    keys = httpx2.get(f"{tenant.authority}/{tenant.tenant}/discovery/v2.0/keys").json()
    return jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"]).claims


def errors_of(answer):
    body = answer.json()
    assert f"AADSTS{body['error_codes'][0]}: " in body["error_description"]
    return body["error"], body["error_codes"][0]


@pytest.mark.parametrize("name", ["id", "domain", "organizations", "common"])
def test_discovery_leads_to_this_tenant(tenant, name):
    named = {"id": tenant.tenant, "domain": tenant.domain}.get(name, name)
    found = httpx2.get(f"{tenant.authority}/{named}/v2.0/.well-known/openid-configuration").json()
    issuer = "{tenantid}" if name in {"organizations", "common"} else tenant.tenant
    assert found["issuer"] == f"{tenant.authority}/{issuer}/v2.0"
    assert httpx2.get(found["jwks_uri"]).json()["keys"][0]["kty"] == "RSA"


def test_another_tenant_is_not_found(tenant):
    answer = httpx2.get(f"{tenant.authority}/fabrikam.example/v2.0/.well-known/openid-configuration")
    assert (answer.status_code, errors_of(answer)) == (400, ("invalid_request", 90002))


@pytest.mark.parametrize("resource", ["address", "https://graph.microsoft.com", "https://GRAPH.microsoft.com/"])
def test_a_secret_gives_an_application_its_roles(tenant, resource):
    resource = tenant.graph if resource == "address" else resource
    claims = claims_of(tenant, secret_token(tenant, resource))
    assert {"User.Read.All", "ProfilePhoto.ReadWrite.All"} <= set(claims["roles"])
    assert (claims["aud"], claims["tid"], claims["idtyp"]) == (resource.rstrip("/"), tenant.tenant, "app")
    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, ("invalid_client", 7000215)),
        ({"client_id": "nobody"}, 400, ("unauthorized_client", 700016)),
        ({"grant_type": "password"}, 400, ("unsupported_grant_type", 70003)),
        ({"scope": "https://elsewhere.example/.default"}, 400, ("invalid_resource", 500011)),
        ({"scope": "User.Read"}, 400, ("invalid_scope", 1002012)),
    ],
)
def test_a_wrong_request_is_refused_in_entras_words(tenant, changed, status, error):
    right = {
        "grant_type": "client_credentials",
        "client_secret": tenant.application.client_secret,
        "scope": f"{tenant.graph}/.default",
    }
    answer = ask_token(tenant, **(right | changed))
    assert (answer.status_code, errors_of(answer)) == (status, error)
    assert tenant.application.client_secret not in answer.text


def test_a_client_without_proof_is_refused(tenant):
    answer = ask_token(tenant, grant_type="client_credentials", scope=f"{tenant.graph}/.default")
    assert (answer.status_code, errors_of(answer)) == (401, ("invalid_client", 7000218))


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
def test_a_certificate_signs_an_application_in(tenant, algorithm):
    answer = ask_with(tenant, assertion(tenant, algorithm), tenant.sharepoint)
    assert claims_of(tenant, answer.json()["access_token"])["appidacr"] == "2"


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"aud": "https://elsewhere.example/token"}, 700023),
        ({"exp": 1_700_000_000}, 700024),
        ({"nbf": 4_000_000_000}, 700024),
        ({"iss": "somebody"}, 700021),
        ({"sub": "somebody"}, 700021),
        ({"header": {}}, 700027),
        ({"header": {"x5t": "AAAA"}}, 700027),
        ({"key": RSAKey.generate_key(2048)}, 700027),
    ],
)
def test_an_assertion_that_does_not_fit_is_refused(tenant, changed, number):
    answer = ask_with(tenant, assertion(tenant, **changed), tenant.graph)
    assert (answer.status_code, errors_of(answer)) == (401, ("invalid_client", number))


def test_an_assertion_works_once(tenant):
    once = assertion(tenant)
    assert ask_with(tenant, once, tenant.graph).status_code == 200
    assert errors_of(ask_with(tenant, once, tenant.graph)) == ("invalid_client", 50013)


def test_a_person_signs_in_with_a_code(tenant, browser, ada):
    verifier, hashed = challenge()
    back = browser.sign_in(tenant, ada, code_challenge=hashed, code_challenge_method="S256")
    assert back.headers["location"].startswith(f"{REDIRECT}?")
    assert carried(back)["state"] == "the-state"
    form = {
        "grant_type": "authorization_code",
        "code": carried(back)["code"],
        "redirect_uri": REDIRECT,
        "client_secret": tenant.application.client_secret,
    }
    assert errors_of(ask_token(tenant, **form, code_verifier="wrong")) == ("invalid_grant", 501481)
    tokens = ask_token(tenant, **form, code_verifier=verifier).json()
    claims = claims_of(tenant, tokens["id_token"])
    assert (claims["oid"], claims["tid"], claims["nonce"]) == (ada.id, tenant.tenant, "the-nonce")
    assert (claims["preferred_username"], claims["name"]) == (ada.upn, ada.name)
    assert claims["aud"] == tenant.application.client_id
    assert claims["sub"] != ada.id
    assert errors_of(ask_token(tenant, **form, code_verifier=verifier)) == ("invalid_grant", 54005)


def test_a_code_is_bound_to_its_redirect(tenant, browser, ada):
    code = carried(browser.sign_in(tenant, ada))["code"]
    answer = ask_token(
        tenant,
        grant_type="authorization_code",
        code=code,
        redirect_uri="http://localhost/other",
        client_secret=tenant.application.client_secret,
    )
    assert errors_of(answer) == ("invalid_grant", 50148)


def test_a_forged_code_is_refused(tenant):
    answer = ask_token(
        tenant,
        grant_type="authorization_code",
        code="forged",
        redirect_uri=REDIRECT,
        client_secret=tenant.application.client_secret,
    )
    assert errors_of(answer) == ("invalid_grant", 70008)


def test_a_refresh_token_serves_another_resource(tenant, ada):
    tokens = person_tokens(tenant, ada, "User.Read")
    assert claims_of(tenant, tokens["access_token"])["scp"] == "User.Read"
    renewed = ask_token(
        tenant,
        grant_type="refresh_token",
        refresh_token=tokens["refresh_token"],
        scope=f"{tenant.sharepoint_my}/AllSites.Read",
        client_secret=tenant.application.client_secret,
    ).json()
    claims = claims_of(tenant, renewed["access_token"])
    assert (claims["aud"], claims["scp"], claims["oid"]) == (tenant.sharepoint_my, "AllSites.Read", ada.id)


@pytest.mark.parametrize("redirect", ["http://localhost:9/x", "http://localhost", "http://127.0.0.1:80/a/b?c=d"])
def test_the_practice_application_returns_to_this_machine_on_any_port(tenant, browser, ada, redirect):
    back = browser.sign_in(tenant, ada, redirect_uri=redirect)
    assert back.headers["location"].startswith(redirect)
    assert "code" in carried(back)


@pytest.mark.parametrize(
    ("changed", "number"),
    [
        ({"redirect_uri": "https://evil.example/back"}, 50011),
        ({"redirect_uri": "http://127.0.0.1.evil.example/"}, 50011),
        ({"redirect_uri": "http://127.0.0.1@evil.example/"}, 50011),
        ({"client_id": "nobody"}, 700016),
    ],
)
def test_an_unknown_client_is_never_returned_to(tenant, browser, changed, number):
    page = browser.get(endpoint(tenant, "authorize"), params=authorize_query(tenant, **changed))
    assert page.status_code == 400
    assert f"AADSTS{number}" in page.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_known_client_is_told_what_is_wrong(tenant, browser, changed, error):
    back = browser.get(endpoint(tenant, "authorize"), params=authorize_query(tenant, **changed))
    assert (carried(back)["error"], carried(back)["state"]) == (error, "the-state")


def test_a_second_sign_in_is_silent_unless_asked_otherwise(tenant, browser, ada):
    def again(**changed):
        return browser.get(endpoint(tenant, "authorize"), params=authorize_query(tenant, **changed))

    browser.sign_in(tenant, ada)
    assert "code" in carried(again())
    assert "code" in carried(again(prompt="none"))
    assert 'type="password"' in again(prompt="login").text
    chooser = again(prompt="select_account")
    assert f"Continue as {ada.name}" in chooser.text
    assert "code" in carried(browser.log_in(tenant, chooser, **{"continue": "yes"}))
    assert 'type="password"' in browser.log_in(tenant, chooser, **{"continue": ""}).text


def test_signing_out_ends_the_silence(tenant, browser, ada):
    browser.sign_in(tenant, ada)
    page = browser.get(endpoint(tenant, "logout"))
    assert "You signed out" in page.text
    back = browser.get(endpoint(tenant, "authorize"), params=authorize_query(tenant, prompt="none"))
    assert carried(back)["error"] == "login_required"


def test_signing_out_returns_only_to_known_addresses(tenant, browser):
    def out(after):
        return browser.get(endpoint(tenant, "logout"), params={"post_logout_redirect_uri": after})

    assert out(f"{tenant.start}/").headers["location"] == f"{tenant.start}/"
    assert out("https://evil.example/").status_code == 200


async def test_the_form_says_what_was_wrong(tenant, ada):
    async with Visitor() as visitor:
        page = await visitor.open(f"{endpoint(tenant, 'authorize')}?{httpx2.QueryParams(authorize_query(tenant))}")
        page = await visitor.submit(page, username=ada.upn, password="wrong")
        assert "Your account or password is incorrect." in page.text
        page = await visitor.submit(page, username="nobody@contoso.example", password="wrong")
        assert "This username may be incorrect." in page.text
        blocked = tenant.person("blocked")
        page = await visitor.submit(page, username=blocked.upn, password=blocked.password)
        assert "blocked" in page.text


def test_a_hint_fills_in_the_name(tenant, browser, ada):
    page = browser.get(endpoint(tenant, "authorize"), params=authorize_query(tenant, login_hint=ada.upn))
    assert f'value="{ada.upn}"' in page.text


def test_a_form_that_was_not_made_here_is_refused(tenant, browser, ada):
    page = browser.post(
        f"{tenant.authority}/{tenant.tenant}/login",
        data={"flow": "forged", "username": ada.upn, "password": ada.password},
    )
    assert page.status_code == 400


@pytest.mark.parametrize("token", ["", "garbage", "a.b.c"])
def test_a_token_nobody_signed_opens_nothing(tenant, token):
    answer = httpx2.get(f"{tenant.graph}/v1.0/users", headers=bearer(token) if token else {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_a_token_of_another_key_opens_nothing(tenant):
    now = int(time.time())
    claims = {"aud": tenant.graph, "exp": now + 600, "idtyp": "app", "roles": ["User.Read.All"], "appid": "x"}
    forged = jwt.encode({"alg": "RS256"}, claims | {"appidacr": "2"}, RSAKey.generate_key(2048))
    assert httpx2.get(f"{tenant.graph}/v1.0/users", headers=bearer(forged)).status_code == 401


def test_a_token_opens_only_what_it_was_made_for(tenant):
    token = secret_token(tenant, tenant.sharepoint)
    answer = httpx2.get(f"{tenant.graph}/v1.0/users", headers=bearer(token))
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "Invalid audience.")
