"""The authority: OpenID Connect as Entra speaks it (learn.microsoft.com/entra/identity-platform/v2-protocols-oidc).

Signing in is a plain form; a session cookie makes the next sign-in silent. The pages are in `authorize.py`, tokens in
`grants.py` and `identity.py`, consent in `entitlements.py`. Decided here because the documentation leaves it open:
signing out returns with the client's `state`, and ends nobody's session but that of who is meant by `logout_hint`.
"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from samepic.practice.applications import Applications
from samepic.practice.authorize import Authorize
from samepic.practice.devicepages import DevicePages
from samepic.practice.entitlements import OPTIONAL
from samepic.practice.grants import ALIASES, Grants, Refusal, tenant_named
from samepic.practice.origins import Origins
from samepic.practice.pages import page, see
from samepic.practice.sessions import Session
from samepic.practice.tokens import Tokens
from samepic.practice.wire import form_of, response_of
from samepic.practice.world import World

_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "nonce", "oid", "tid", "name", "preferred_username", "email", "roles")


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
            grants.devices, tokens, applications, self._session, lambda code: self._pages.form({"device": code})
        )
        self._pages = Authorize(world, tokens, applications, grants, self._session, self._devices.agreement)
        self.app = Starlette(
            routes=[
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self._configuration),
                Route("/{tenant}/discovery/v2.0/keys", self._keys),
                Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
                Route("/{tenant}/oauth2/v2.0/logout", self._logout),
                *self._pages.routes(),
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
                "claims_supported": [*_CLAIMS, *sorted(OPTIONAL)],
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

    async def _logout(self, request: Request) -> Response:
        self._tenant(request)
        after = request.query_params.get("post_logout_redirect_uri", "")
        known = self._applications.allows_return(after) or after.rstrip("/") in self._origins.faces().values()
        response = see(_with_state(after, request)) if known else page("signed_out.html")
        held = self._session.held(request)
        meant = self._world.people.find(self._grants.identity.hint_of(request.query_params.get("logout_hint", "")))
        if held is None or meant in {None, held.person}:
            self._session.end(response)
        return response

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        """Where it is not safe to go back to the client, the person is told instead."""
        assert isinstance(refusal, Refusal)
        body = refusal.body(self._world.machine())
        if request.url.path.endswith(("/authorize", "/login", "/consent")):
            return page("refused.html", refusal.status, number=refusal.number, message=refusal.message)
        return JSONResponse(body, refusal.status)

    def _tenant(self, request: Request) -> str:
        return tenant_named(self._world, str(request.path_params["tenant"]))


def _with_state(address: str, request: Request) -> str:
    state = request.query_params.get("state")
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'state': state})}" if state else address
