"""The token endpoint: who asks, by which grant, for which resource (RFC 6749 and 7636, RFC 7523 for assertions).

Errors have Entra's shape, with the AADSTS numbers of Microsoft's published list where there is one for the case.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from samepic.practice import devices
from samepic.practice.applications import Application, Applications
from samepic.practice.entitlements import Entitlements
from samepic.practice.identity import Identity, subject
from samepic.practice.origins import DOMAIN, Origins, api_of, resource_of
from samepic.practice.people import Person, stable_uuid
from samepic.practice.sessions import SignedIn
from samepic.practice.tokens import BadToken, Tokens
from samepic.practice.wire import Answer
from samepic.practice.world import World

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_REFRESH_LIFE = timedelta(days=90)
_ABOUT_THE_PERSON = frozenset({"openid", "profile", "email", "offline_access"})
_DEFAULT = {"graph": ("User.Read", "User.ReadWrite"), "sharepoint": ("AllSites.Read", "User.Read")}
"""What `.default` stands for when a person signs in, by API."""


_NO_CONSENT = 65001


class Refusal(Exception):
    """Why the authority does not do what it was asked; `number` is the AADSTS code."""

    def __init__(self, error: str, number: int, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.error, self.number, self.message, self.status = error, number, message, status
        self.suberror = "consent_required" if number == _NO_CONSENT else ""

    def body(self, now: datetime) -> dict[str, Any]:
        trace, at = str(uuid.uuid4()), f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.message} Trace ID: {trace} Timestamp: {at}",
            "error_codes": [self.number],
            "timestamp": at,
            "trace_id": trace,
            "correlation_id": str(uuid.uuid4()),
        } | ({"suberror": self.suberror} if self.suberror else {})


@dataclass(frozen=True, slots=True)
class Wish:
    """What an access token is asked for: the face it is for, the `aud` by the name that was used, the scopes."""

    face: str
    audience: str
    scopes: tuple[str, ...]

    @property
    def rights(self) -> tuple[str, ...]:
        """The scopes of a person's token, with what `.default` stands for."""
        return _DEFAULT[api_of(self.face)] if self.scopes == (".default",) else self.scopes


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a person let an application have when they signed in, as its code said it."""

    signed_in: SignedIn
    scope: str
    nonce: str | None = None

    def refreshable(self) -> dict[str, Any]:
        person = self.signed_in
        return {"person": person.person.id, "at": person.at, "sid": person.sid, "scope": self.scope}


class Grants:
    def __init__(self, world: World, tokens: Tokens, applications: Applications, origins: Origins) -> None:
        self._world = world
        self._tokens = tokens
        self._applications = applications
        self._origins = origins
        self.entitlements = Entitlements(world, applications)
        self.identity = Identity(world, tokens, self.entitlements, origins.graph)
        self.devices = devices.Devices(world, tokens, f"{origins.authority}/common/oauth2/deviceauth")
        self.authorize_endpoint = f"{origins.authority}/{world.tenant}/oauth2/v2.0/authorize"

    def answer(self, form: Mapping[str, str]) -> Answer:
        """One POST to the token endpoint."""
        try:
            return Answer(content=self.redeem(form), headers={"Cache-Control": "no-store"})
        except Refusal as refusal:
            return Answer(refusal.status, refusal.body(self._world.machine()), {"Cache-Control": "no-store"})

    def redeem(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Tokens for a grant. Raises Refusal."""
        application, proof = self._client(form)
        match form.get("grant_type"):
            case "client_credentials":
                return self._for_application(application, proof, form)
            case "authorization_code":
                return self._for_code(application, proof, form)
            case devices.GRANT:
                return self._for_device(application, proof, form)
            case "refresh_token":
                return self._for_refresh(application, proof, form)
        raise Refusal("unsupported_grant_type", 70003, "The app requested an unsupported grant type.")

    def person(self, object_id: str) -> Person:
        """Somebody who may sign in. Raises Refusal."""
        person = self._world.people.find(object_id)
        if person is None:
            raise Refusal("invalid_grant", 50034, "The user account does not exist in this directory.")
        if not person.enabled:
            raise Refusal("invalid_grant", 50057, "The user account is disabled.")
        return person

    def _client(self, form: Mapping[str, str]) -> tuple[Application, str]:
        """Which application asks, and how it proved itself (see tokens.Caller)."""
        application = self._applications.find(form.get("client_id", ""))
        if application is None:
            raise Refusal("unauthorized_client", 700016, "Application was not found in the directory.")
        if application is self._applications.practice and not self._applications.standing()["enabled"]:
            message = f"Application '{application.client_id}'({application.name}) is disabled."
            raise Refusal("unauthorized_client", 7000112, message)
        if form.get("client_assertion_type") == ASSERTION_TYPE:
            self._check_assertion(application, form.get("client_assertion", ""))
            return application, "2"
        without = application.loopback and form.get("grant_type") == devices.GRANT and "client_secret" not in form
        if application.secret is None or without:
            return application, "0"
        if "client_secret" not in form:
            message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise Refusal("invalid_client", 7000218, message, HTTPStatus.UNAUTHORIZED)
        if not hmac.compare_digest(form["client_secret"].encode(), application.secret.encode()):
            raise Refusal("invalid_client", 7000215, "Invalid client secret provided.", HTTPStatus.UNAUTHORIZED)
        return application, "1"

    def _check_assertion(self, application: Application, assertion: str) -> None:
        """Signed by the registered certificate, for this endpoint, now, by this application, never used before."""

        def refuse(number: int, message: str) -> Refusal:
            return Refusal("invalid_client", number, message, HTTPStatus.UNAUTHORIZED)

        key = RSAKey.import_key(self._applications.certificate.public_key())  # type: ignore[arg-type] # it is RSA
        try:
            token = jwt.decode(assertion, key, algorithms=["RS256", "PS256"])
        except (JoseError, ValueError):
            raise refuse(700027, "The certificate with identifier used to sign the assertion is not valid.") from None
        claims, now = token.claims, self._world.machine().timestamp()
        if not self._named(token.header) or application.client_id != self._applications.practice.client_id:
            raise refuse(700027, "The certificate used to sign the client assertion is not registered.")
        if claims.get("iss") != application.client_id or claims.get("sub") != application.client_id:
            raise refuse(700021, "Client assertion application identifier does not match 'client_id' parameter.")
        if claims.get("aud") not in self._endpoints():
            raise refuse(700023, "Client assertion audience claim does not match Realm issuer.")
        if not claims.get("nbf", 0) <= now + 300 or not now < claims.get("exp", 0) <= now + 24 * 3600:
            raise refuse(700024, "Client assertion is not within its valid time range.")
        until = datetime.fromtimestamp(claims["exp"], UTC)
        if "jti" not in claims or not self._world.spend(f"assertion/{claims['jti']}", until):
            raise refuse(50013, "The client assertion has no 'jti', or one that was used before.")

    def _named(self, header: Mapping[str, Any]) -> bool:
        prints = self._applications.thumbprints()
        named = prints.keys() & header.keys()
        return bool(named) and all(header[name] == prints[name] for name in named)

    def _endpoints(self) -> set[str]:
        tenants = (self._world.tenant, *ALIASES)
        paths = ("oauth2/v2.0/token", "v2.0", "oauth2/token")
        return {f"{self._origins.authority}/{tenant}/{path}" for tenant in tenants for path in paths}

    def _for_application(self, application: Application, proof: str, form: Mapping[str, str]) -> dict[str, Any]:
        if application.secret is None:
            raise Refusal("unauthorized_client", 700030, "This application may not act on its own.")
        wish = self.wish(form.get("scope", ""))
        if wish.scopes != (".default",):
            message = f"The provided value for the input parameter 'scope' is not valid: {form.get('scope', '')}."
            raise Refusal("invalid_scope", 1002012, message)
        principal = stable_uuid(self._world.seed, application.client_id, "principal")
        token = self._tokens.sign(
            self._claims(application, proof, wish)
            | {"oid": principal, "sub": principal, "idtyp": "app", "roles": self._applications.roles(wish.face)}
        )
        return self._bearer(token)

    def _for_code(self, application: Application, proof: str, form: Mapping[str, str]) -> dict[str, Any]:
        try:
            code = self._tokens.unseal("code", form.get("code", ""))
        except BadToken:
            raise Refusal("invalid_grant", 70008, "The provided authorization code has expired.") from None
        if code["client"] != application.client_id or code["redirect"] != form.get("redirect_uri"):
            raise Refusal("invalid_grant", 50148, "The code was issued to another client or redirect address.")
        if code["challenge"] is not None and code["challenge"] != _challenge(form.get("code_verifier", "")):
            raise Refusal("invalid_grant", 501481, "The Code_Verifier does not match the code_challenge.")
        if not self._world.spend(f"code/{code['id']}", datetime.fromtimestamp(code["exp"], UTC)):
            raise Refusal("invalid_grant", 54005, "OAuth2 Authorization code was already redeemed.")
        agreed = Agreed(self._signed_in(code), code["scope"], code["nonce"])
        return self._for_person(application, proof, agreed, form.get("scope") or code["scope"])

    def _for_device(self, application: Application, proof: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Refuses, as Entra does, until the person has agreed on the page."""
        device = self.devices.asked(form.get("device_code", ""))
        if device is None or device.client != application.client_id:
            raise Refusal("expired_token", 70020, "The device code is not valid, was used, or has expired.")
        if device.declined:
            self.devices.forget(device)
            raise Refusal("authorization_declined", 65004, "User declined to consent to access the app.")
        if device.person is None:
            message = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
            raise Refusal("authorization_pending", 70016, message)
        now = int(self._world.machine().timestamp())
        agreed = Agreed(SignedIn(self.person(device.person), now, str(uuid.uuid4())), device.scope)
        answer = self._for_person(application, proof, agreed, device.scope)
        self.devices.forget(device)
        return answer

    def _for_refresh(self, application: Application, proof: str, form: Mapping[str, str]) -> dict[str, Any]:
        try:
            held = self._tokens.unseal("renewal", form.get("refresh_token", ""))
        except BadToken:
            raise Refusal("invalid_grant", 9002313, "The refresh token is malformed or expired.") from None
        if held["client"] != application.client_id:
            raise Refusal("invalid_grant", 700005, "The refresh token was issued to another client.")
        agreed = Agreed(self._signed_in(held), held["scope"])
        if held["era"] != self._world.session_era(agreed.signed_in.person):
            message = "The provided grant has expired due to it being revoked, a fresh auth token is needed."
            raise Refusal("invalid_grant", 50173, message)
        return self._for_person(application, proof, agreed, form.get("scope") or held["scope"])

    def _signed_in(self, held: Mapping[str, Any]) -> SignedIn:
        return SignedIn(self.person(held["person"]), held["at"], held["sid"])

    def _for_person(self, application: Application, proof: str, agreed: Agreed, scope: str) -> dict[str, Any]:
        wish, person, scopes = self.wish(scope), agreed.signed_in.person, agreed.scope.split()
        if not self.entitlements.consented(person, application, wish.face, wish.rights):
            raise consent_missing(application)
        granted = " ".join(wish.rights)
        claims = self._claims(application, proof, wish) | self._about(person, application) | {"scp": granted}
        answer = self._bearer(self._tokens.sign(claims)) | {"scope": granted}
        if "openid" in scopes:
            nonce = {"nonce": agreed.nonce} if agreed.nonce else {}
            about = self.identity.claims(application, agreed.signed_in, agreed.scope)
            answer["id_token"] = self._tokens.sign(about | nonce)
        if "offline_access" in scopes:
            answer["refresh_token"] = self._refresh_token(application, agreed)
        return answer

    def _refresh_token(self, application: Application, agreed: Agreed) -> str:
        """Another one each time; the one before stays good until it expires, as in the cloud."""
        era = self._world.session_era(agreed.signed_in.person)
        held = agreed.refreshable() | {"client": application.client_id, "era": era, "id": str(uuid.uuid4())}
        return self._tokens.seal("renewal", held, _REFRESH_LIFE)

    def _about(self, person: Person, application: Application) -> dict[str, Any]:
        return {
            "oid": person.id,
            "sub": subject(self._world.seed, person, application.client_id),
            "name": person.name,
            "preferred_username": person.upn,
            "upn": person.upn,
        }

    def wish(self, scope: str) -> Wish:
        """The resource of the first scope that names one, and the scopes at it. Raises Refusal."""
        named = [part.rpartition("/") for part in scope.split() if part not in _ABOUT_THE_PERSON]
        first = next((resource.rstrip("/") for resource, _, _ in named if resource), "")
        audience = first or "https://graph.microsoft.com"
        face = resource_of(self._origins, audience)
        if face is None:
            raise Refusal("invalid_resource", 500011, f"The resource principal named {audience} was not found.")
        return Wish(face, audience, tuple(right for resource, _, right in named if resource.rstrip("/") == first))

    def _bearer(self, token: str) -> dict[str, Any]:
        life = int(self._world.token_life.total_seconds())
        return {"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token}

    def _claims(self, application: Application, proof: str, wish: Wish) -> dict[str, Any]:
        app = application.client_id
        return {"aud": wish.audience, "appid": app, "azp": app, "appidacr": proof, "app_displayname": application.name}


ALIASES = ("common", "organizations")
"""Tenant names in addresses that leave open which tenant; here there is but one."""


def tenant_named(world: World, name: str) -> str:
    """The tenant that an address means: its id, or the alias itself. Raises Refusal."""
    tenant = name.casefold()
    if tenant not in {world.tenant, DOMAIN, *ALIASES}:
        raise Refusal("invalid_request", 90002, f"Tenant '{tenant}' not found.")
    return world.tenant if tenant == DOMAIN else tenant


def consent_missing(application: Application) -> Refusal:
    message = (
        "The user or administrator has not consented to use the application with ID"
        f" '{application.client_id}' named '{application.name}'. Send an interactive authorization request"
        " for this user and resource."
    )
    return Refusal("invalid_grant", _NO_CONSENT, message)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
