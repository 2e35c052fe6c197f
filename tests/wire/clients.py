"""How the tests sign in: written from the protocol's documents, not from the tenant's or the connectors' code."""

import base64
import hashlib
import secrets
import time
import uuid
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from joserfc import jwt
from joserfc.jwk import RSAKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REDIRECT = "http://127.0.0.1:4711/back"


def endpoint(tenant, name="token"):
    return f"{tenant.authority}/{tenant.tenant}/oauth2/v2.0/{name}"


def ask_token(tenant, **form):
    return httpx2.post(endpoint(tenant), data={"client_id": tenant.application.client_id} | form)


def secret_token(tenant, resource):
    answer = ask_token(
        tenant,
        grant_type="client_credentials",
        client_secret=tenant.application.client_secret,
        scope=f"{resource}/.default",
    )
    return answer.json()["access_token"]


def assertion(tenant, algorithm="PS256", header=None, key=None, **changed):
    pem = Path(tenant.application.certificate).read_bytes()
    certificate = x509.load_pem_x509_certificate(pem)
    named = ("x5t#S256", hashes.SHA256()) if algorithm == "PS256" else ("x5t", hashes.SHA1())
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(named[1])).rstrip(b"=").decode()
    now, me = int(time.time()), tenant.application.client_id
    claims = {
        "aud": endpoint(tenant),
        "iss": me,
        "sub": me,
        "jti": str(uuid.uuid4()),
        "nbf": now,
        "iat": now,
        "exp": now + 600,
    }
    head = {"alg": algorithm} | ({named[0]: thumbprint} if header is None else header)
    return jwt.encode(head, claims | changed, key or RSAKey.import_key(pem.decode()), algorithms=[algorithm])


def ask_with(tenant, signed, resource):
    return ask_token(
        tenant,
        grant_type="client_credentials",
        client_assertion_type=ASSERTION_TYPE,
        client_assertion=signed,
        scope=f"{resource}/.default",
    )


def certificate_token(tenant, resource):
    return ask_with(tenant, assertion(tenant), resource).json()["access_token"]


def challenge():
    """A PKCE verifier and its challenge."""
    verifier = secrets.token_urlsafe(32)
    return verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def authorize_query(tenant, scope="openid profile offline_access", **changed):
    return {
        "client_id": tenant.application.client_id,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": scope,
        "state": "the-state",
        "nonce": "the-nonce",
    } | changed


class Browser(httpx2.Client):
    """Stops at redirects, so that a test sees them."""

    def sign_in(self, tenant, person, **query):
        page = self.get(endpoint(tenant, "authorize"), params=authorize_query(tenant, **query))
        return self.log_in(tenant, page, username=person.upn, password=person.password)

    def log_in(self, tenant, page, **filled):
        flow = page.text.partition('name="flow" value="')[2].partition('"')[0]
        return self.post(f"{tenant.authority}/{tenant.tenant}/login", data={"flow": flow} | filled)


def carried(response):
    """What a redirect carries in its query."""
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["location"]).query).items()}


def person_tokens(tenant, person, scope):
    with Browser() as browser:
        code = carried(browser.sign_in(tenant, person, scope=f"openid offline_access {scope}"))["code"]
    return ask_token(
        tenant,
        grant_type="authorization_code",
        code=code,
        redirect_uri=REDIRECT,
        client_secret=tenant.application.client_secret,
    ).json()


def bearer(token, **headers):
    return {"Authorization": f"Bearer {token}"} | headers
