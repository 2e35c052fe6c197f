"""The pages on which a person signs in, picks an account and consents; at their end the client gets a code.

What comes next is decided in prompting.py.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from samepic.practice.applications import Application, Applications
from samepic.practice.grants import Grants, Refusal, consent_missing, tenant_named
from samepic.practice.pages import page, see
from samepic.practice.people import Person, password_of
from samepic.practice.prompting import Next, after_sign_in, next_step, prompts_of, unanswerable, usable
from samepic.practice.sessions import Session, SignedIn
from samepic.practice.tokens import BadToken, Tokens
from samepic.practice.wire import form_of
from samepic.practice.world import World

_CODE_LIFE = timedelta(minutes=10)
_FLOW_LIFE = timedelta(hours=1)
_LOGIN_REQUIRED = "AADSTS50058: A silent sign-in request was sent but no user is signed in."
_DECLINED = "AADSTS65004: User declined to consent to access the app."


class Authorize:
    """`agreement` shows what comes after signing in for another device, given its code."""

    def __init__(
        self,
        world: World,
        tokens: Tokens,
        applications: Applications,
        grants: Grants,
        session: Session,
        agreement: Callable[[str, Person], Response],
    ) -> None:
        self._world = world
        self._tokens = tokens
        self._applications = applications
        self._grants = grants
        self._session = session
        self._agreement = agreement

    def routes(self) -> list[Route]:
        return [
            Route("/{tenant}/oauth2/v2.0/authorize", self._authorize),
            Route("/{tenant}/login", self._login, methods=["POST"]),
            Route("/{tenant}/consent", self._consent, methods=["POST"]),
        ]

    def form(self, wanted: Mapping[str, str], **values: Any) -> HTMLResponse:
        """The sign-in form, or with `known` the account chooser."""
        flow = self._tokens.seal("flow", {"wanted": dict(wanted)}, _FLOW_LIFE)
        asking = "your other device" if "device" in wanted else self._known(wanted).name
        return page("login.html", action=f"/{self._world.tenant}/login", flow=flow, application=asking, **values)

    async def _authorize(self, request: Request) -> Response:
        tenant_named(self._world, request.path_params["tenant"])
        wanted = dict(request.query_params)
        trouble = unanswerable(wanted, self._known(wanted))
        if trouble:
            return _back(wanted, trouble)
        held = self._session.held(request)
        step = next_step(
            self._prompts(wanted),
            known=held is not None,
            will_do=self._usable(wanted, held),
            consented=held is not None and self._consented(wanted, held.person),
        )
        return self._answered(step, wanted, held)

    def _answered(self, step: Next, wanted: Mapping[str, str], held: SignedIn | None) -> Response:
        if step is Next.LOGIN_REQUIRED:
            return _back(wanted, {"error": "login_required", "error_description": _LOGIN_REQUIRED})
        if held is None or step is Next.SIGN_IN:
            return self.form(wanted, username=self._hinted(wanted))
        if step is Next.CHOOSE:
            return self.form(wanted, known=held.person)
        if step is Next.RETURN:
            return _back(wanted, self._code(wanted, held))
        application = self._known(wanted)
        if step is Next.CONSENT and application.asks:
            return self._asked(wanted, held.person, application)
        missing = consent_missing(application)
        return _back(wanted, {"error": missing.suberror, "error_description": f"AADSTS{missing.number}: {missing}"})

    async def _login(self, request: Request) -> Response:
        form = await form_of(request)
        wanted: dict[str, str] = self._flow("flow", form)["wanted"]
        held = self._session.held(request)
        if form.get("continue") and held and self._recent(wanted, held):
            return self._signed_in(wanted, held)
        if not form.get("username"):
            return self.form(wanted)
        person, trouble = self._checked(form["username"], form.get("password", ""))
        if person is None:
            return self.form(wanted, username=form["username"], trouble=trouble)
        return self._signed_in(wanted, self._session.new(person, held))

    def _signed_in(self, wanted: Mapping[str, str], signed_in: SignedIn) -> Response:
        if "device" in wanted:
            response = self._agreement(wanted["device"], signed_in.person)
        else:
            consented = self._consented(wanted, signed_in.person)
            response = self._answered(after_sign_in(self._prompts(wanted), consented=consented), wanted, signed_in)
        self._session.begin(response, signed_in)
        return response

    def _asked(self, wanted: Mapping[str, str], person: Person, application: Application) -> HTMLResponse:
        wish = self._grants.wish(wanted["scope"])
        flow = self._tokens.seal("consent", {"wanted": dict(wanted), "person": person.id}, _FLOW_LIFE)
        action = f"/{self._world.tenant}/consent"
        return page("consent.html", action=action, flow=flow, application=application, person=person, wish=wish)

    async def _consent(self, request: Request) -> Response:
        form = await form_of(request)
        flow = self._flow("consent", form)
        wanted, held = flow["wanted"], self._session.held(request)
        if held is None or held.person.id != flow["person"]:
            return self.form(wanted)
        if not form.get("accept"):
            return _back(wanted, {"error": "access_denied", "error_description": _DECLINED})
        wish = self._grants.wish(wanted["scope"])
        self._grants.entitlements.consent(held.person, self._known(wanted), wish.face, wish.rights)
        return _back(wanted, self._code(wanted, held))

    def _flow(self, purpose: str, form: Mapping[str, str]) -> dict[str, Any]:
        try:
            return self._tokens.unseal(purpose, form.get("flow", ""))
        except BadToken:
            raise Refusal("invalid_request", 165000, "This sign-in page is too old. Start again.") from None

    def _known(self, wanted: Mapping[str, str]) -> Application:
        """The application that asks, at an address it is registered with. Raises Refusal."""
        application = self._applications.find(wanted.get("client_id", ""))
        if application is None:
            raise Refusal("unauthorized_client", 700016, "Application was not found in the directory.")
        if not application.allows(wanted.get("redirect_uri", "")):
            message = "The redirect URI specified in the request does not match those configured for the application."
            raise Refusal("invalid_request", 50011, message)
        return application

    def _prompts(self, wanted: Mapping[str, str]) -> frozenset[str]:
        """An application that an administrator consented to asks nobody."""
        return prompts_of(wanted) - (frozenset() if self._known(wanted).asks else {"consent"})

    def _hinted(self, wanted: Mapping[str, str]) -> str:
        """The user name that the client knows already."""
        hint = self._grants.identity.hint_of(wanted.get("login_hint", ""))
        person = self._world.people.find(hint)
        return person.upn if person else hint

    def _usable(self, wanted: Mapping[str, str], held: SignedIn | None) -> bool:
        return usable(wanted, held, self._hinted(wanted), self._world.machine().timestamp())

    def _recent(self, wanted: Mapping[str, str], held: SignedIn) -> bool:
        return usable(wanted, held, "", self._world.machine().timestamp())

    def _consented(self, wanted: Mapping[str, str], person: Person) -> bool:
        wish = self._grants.wish(wanted["scope"])
        return self._grants.entitlements.consented(person, self._known(wanted), wish.face, wish.rights)

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

    def _code(self, wanted: Mapping[str, str], signed_in: SignedIn) -> dict[str, str]:
        code = {
            "id": str(uuid.uuid4()),
            "person": signed_in.person.id,
            "at": signed_in.at,
            "sid": signed_in.sid,
            "client": wanted["client_id"],
            "redirect": wanted["redirect_uri"],
            "challenge": wanted.get("code_challenge"),
            "nonce": wanted.get("nonce"),
            "scope": wanted.get("scope", "openid"),
        }
        return {"code": self._tokens.seal("code", code, _CODE_LIFE)}


def _back(wanted: Mapping[str, str], result: Mapping[str, str]) -> Response:
    """Back to the client with the result and its own state."""
    carried = dict(result) | ({"state": wanted["state"]} if "state" in wanted else {})
    mark = "#" if wanted.get("response_mode") == "fragment" else "&" if "?" in wanted["redirect_uri"] else "?"
    response = see(f"{wanted['redirect_uri']}{mark}{urlencode(carried)}")
    response.status_code = HTTPStatus.SEE_OTHER
    return response
