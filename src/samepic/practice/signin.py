"""The authority: OpenID Connect as Entra speaks it (learn.microsoft.com/entra/identity-platform/v2-protocols-oidc).

Signing in is a plain form; a session cookie makes the next sign-in silent. Everybody's consent is taken as given
until `control` takes it away; then a client is told consent_required, since nobody here can give it again.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from samepic.practice.applications import Application, Applications
from samepic.practice.devicepages import DevicePages
from samepic.practice.grants import ALIASES, Grants, Refusal
from samepic.practice.origins import DOMAIN, Origins
from samepic.practice.pages import Session, page, see
from samepic.practice.people import Person, password_of
from samepic.practice.tokens import BadToken, Tokens
from samepic.practice.wire import form_of, response_of
from samepic.practice.world import World

_CODE_LIFE = timedelta(minutes=10)
_FLOW_LIFE = timedelta(hours=1)


class SignIn:
    """The authority's endpoints; `app` serves them."""

    def __init__(
        self, world: World, tokens: Tokens, applications: Applications, grants: Grants, origins: Origins
    ) -> None:
        self._world = world
        self._tokens = tokens
        self._applications = applications
        self._grants = grants
        self._origins = origins
        self._session = Session(world, tokens, "authority", "practice-authority")
        self._devices = DevicePages(
            grants.devices, tokens, applications, self._session, lambda code: self._form({"device": code})
        )
        self.app = Starlette(
            routes=[
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self._configuration),
                Route("/{tenant}/discovery/v2.0/keys", self._keys),
                Route("/{tenant}/oauth2/v2.0/authorize", self._authorize),
                Route("/{tenant}/login", self._login, methods=["POST"]),
                Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
                Route("/{tenant}/oauth2/v2.0/logout", self._logout),
                *self._devices.routes(),
            ],
            exception_handlers={Refusal: self._refused},
        )

    async def _configuration(self, request: Request) -> JSONResponse:
        tenant = self._tenant(request)
        base = f"{self._origins.authority}/{tenant}"
        return JSONResponse(
            {
                "issuer": f"{self._origins.authority}/{'{tenantid}' if tenant in ALIASES else self._world.tenant}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
                "userinfo_endpoint": f"{self._origins.graph}/oidc/userinfo",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "response_modes_supported": ["query", "fragment"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "oid", "tid", "name"],
                "code_challenge_methods_supported": ["S256"],
                "tenant_region_scope": None,
            }
        )

    async def _keys(self, request: Request) -> JSONResponse:
        self._tenant(request)
        return JSONResponse(self._tokens.published_keys())

    async def _token(self, request: Request) -> Response:
        self._tenant(request)
        return response_of(self._grants.answer(await form_of(request)))

    async def _authorize(self, request: Request) -> Response:
        self._tenant(request)
        wanted = dict(request.query_params)
        trouble = _unanswerable(wanted, self._known(wanted))
        if trouble:
            return _back(wanted, trouble)
        prompt, person = wanted.get("prompt", ""), self._session.person(request)
        if prompt == "none":
            return self._silently(wanted, person)
        if person and prompt == "select_account":
            return self._form(wanted, known=person)
        if person and prompt != "login":
            return _back(wanted, self._code(wanted, person))
        return self._form(wanted, username=wanted.get("login_hint", ""))

    async def _login(self, request: Request) -> Response:
        form = await form_of(request)
        try:
            wanted: dict[str, str] = self._tokens.unseal("flow", form.get("flow", ""))["wanted"]
        except BadToken:
            raise Refusal("invalid_request", 165000, "This sign-in page is too old. Start again.") from None
        person = self._session.person(request) if form.get("continue") else None
        if person is None:
            if not form.get("username"):
                return self._form(wanted)
            person, trouble = self._checked(form["username"], form.get("password", ""))
            if person is None:
                return self._form(wanted, username=form["username"], trouble=trouble)
        response: Response
        if "device" in wanted:
            response = self._devices.agreement(wanted["device"], person)
        else:
            response = _back(wanted, self._code(wanted, person))
        self._session.begin(response, person)
        return response

    async def _logout(self, request: Request) -> Response:
        self._tenant(request)
        after = request.query_params.get("post_logout_redirect_uri", "")
        known = self._applications.allows_return(after) or after.rstrip("/") in self._origins.faces().values()
        response = see(after) if known else page("signed_out.html")
        self._session.end(response)
        return response

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        """Where it is not safe to go back to the client, the person is told instead."""
        assert isinstance(refusal, Refusal)
        body = refusal.body(self._world.machine())
        if "authorize" in request.url.path or "login" in request.url.path:
            return page("refused.html", refusal.status, number=refusal.number, message=refusal.message)
        return JSONResponse(body, refusal.status)

    def _tenant(self, request: Request) -> str:
        tenant = str(request.path_params["tenant"]).casefold()
        if tenant not in {self._world.tenant, DOMAIN, *ALIASES}:
            raise Refusal("invalid_request", 90002, f"Tenant '{tenant}' not found.")
        return self._world.tenant if tenant == DOMAIN else tenant

    def _known(self, wanted: Mapping[str, str]) -> Application:
        """The application that asks, at an address it is registered with. Raises Refusal."""
        application = self._applications.find(wanted.get("client_id", ""))
        if application is None:
            raise Refusal("unauthorized_client", 700016, "Application was not found in the directory.")
        if not application.allows(wanted.get("redirect_uri", "")):
            message = "The redirect URI specified in the request does not match those configured for the application."
            raise Refusal("invalid_request", 50011, message)
        return application

    def _silently(self, wanted: Mapping[str, str], person: Person | None) -> Response:
        if person is None:
            description = "AADSTS50058: A silent sign-in request was sent but no user is signed in."
            return _back(wanted, {"error": "login_required", "error_description": description})
        return _back(wanted, self._code(wanted, person))

    def _form(self, wanted: Mapping[str, str], **values: Any) -> HTMLResponse:
        flow = self._tokens.seal("flow", {"wanted": dict(wanted)}, _FLOW_LIFE)
        asking = "your other device" if "device" in wanted else self._known(wanted).name
        return page("login.html", action=f"/{self._world.tenant}/login", flow=flow, application=asking, **values)

    def _checked(self, username: str, password: str) -> tuple[Person | None, str]:
        """The person, or None and what to tell them."""
        person = self._world.people.find(username.strip())
        if person is None:
            return None, "This username may be incorrect. Make sure that you typed it correctly."
        if not hmac.compare_digest(password.encode(), password_of(self._world.seed, person.index).encode()):
            return None, "Your account or password is incorrect."
        if not person.enabled:
            return None, "Your account has been blocked. Contact your administrator. (AADSTS50057)"
        return person, ""

    def _code(self, wanted: Mapping[str, str], person: Person) -> dict[str, str]:
        """What goes back to the client: a code, or why there is none."""
        try:
            self._grants.check_consent(self._known(wanted))
        except Refusal as refusal:
            return {"error": "consent_required", "error_description": f"AADSTS{refusal.number}: {refusal.message}"}
        code = {
            "id": str(uuid.uuid4()),
            "person": person.id,
            "client": wanted["client_id"],
            "redirect": wanted["redirect_uri"],
            "challenge": wanted.get("code_challenge"),
            "nonce": wanted.get("nonce"),
            "scope": wanted.get("scope", "openid"),
        }
        return {"code": self._tokens.seal("code", code, _CODE_LIFE)}


def _unanswerable(wanted: Mapping[str, str], application: Application) -> dict[str, str] | None:
    """What is wrong with the request although its sender is known."""
    if wanted.get("response_type") != "code":
        return {"error": "unsupported_response_type", "error_description": "AADSTS700054: Only 'code' is enabled."}
    if wanted.get("response_mode", "query") not in {"query", "fragment"}:
        return {"error": "invalid_request", "error_description": "AADSTS90009: Unsupported response mode."}
    if application.secret is None and "code_challenge" not in wanted:
        return {"error": "invalid_request", "error_description": "AADSTS9002325: PKCE is required for this client."}
    if "code_challenge" in wanted and wanted.get("code_challenge_method") != "S256":
        return {"error": "invalid_request", "error_description": "AADSTS50149: The code challenge must be S256."}
    if "scope" not in wanted:
        return {"error": "invalid_request", "error_description": "AADSTS900144: The parameter 'scope' is missing."}
    return None


def _back(wanted: Mapping[str, str], result: Mapping[str, str]) -> Response:
    """Back to the client with the result and its own state."""
    carried = dict(result) | ({"state": wanted["state"]} if "state" in wanted else {})
    mark = "#" if wanted.get("response_mode") == "fragment" else "&" if "?" in wanted["redirect_uri"] else "?"
    response = see(f"{wanted['redirect_uri']}{mark}{urlencode(carried)}")
    response.status_code = HTTPStatus.SEE_OTHER
    return response
