"""The pages on which a person lets another device sign in as them: type the code, sign in, agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from samepic.practice.applications import Applications
from samepic.practice.devices import Device, Devices
from samepic.practice.grants import Refusal
from samepic.practice.pages import page
from samepic.practice.people import Person
from samepic.practice.sessions import Session
from samepic.practice.tokens import BadToken, Tokens
from samepic.practice.wire import form_of

_PURPOSE = "device/agree"
_BASE = "/common/oauth2/deviceauth"
_AGREEING = timedelta(minutes=15)


class DevicePages:
    """`sign_in` shows the sign-in form for a code; whoever signed in there is given to `agreement`."""

    def __init__(
        self,
        devices: Devices,
        tokens: Tokens,
        applications: Applications,
        session: Session,
        sign_in: Callable[[str], Response],
    ) -> None:
        self._devices = devices
        self._tokens = tokens
        self._applications = applications
        self._session = session
        self._sign_in = sign_in

    def routes(self) -> list[Route]:
        return [
            Route("/{tenant}/oauth2/v2.0/devicecode", self._begun, methods=["POST"]),
            Route(_BASE, self._asked),
            Route(_BASE, self._typed, methods=["POST"]),
            Route(f"{_BASE}/agreed", self._agreed, methods=["POST"]),
        ]

    def agreement(self, code: str, person: Person) -> HTMLResponse:
        """Asks the person whether it was they who began."""
        device = self._devices.typed(code)
        if device is None:
            return _form(code, "That code did not work. Check the code and try again.")
        sealed = self._tokens.seal(_PURPOSE, {"code": code, "person": person.id}, _AGREEING)
        name = self._name(device)
        return page("device.html", action=f"{_BASE}/agreed", device=sealed, application=name, person=person)

    async def _begun(self, request: Request) -> Response:
        form = await form_of(request)
        application = self._applications.find(form.get("client_id", ""))
        if application is None:
            raise Refusal("unauthorized_client", 700016, "Application was not found in the directory.")
        if not application.loopback:
            raise Refusal("invalid_client", 7000218, "This application may not sign people in on other devices.")
        if not form.get("scope"):
            raise Refusal("invalid_request", 900144, "The request body must contain the parameter: 'scope'.")
        return JSONResponse(self._devices.begin(application.client_id, form["scope"]))

    async def _asked(self, request: Request) -> Response:
        return _form(request.query_params.get("otc", ""))

    async def _typed(self, request: Request) -> Response:
        code = (await form_of(request)).get("code", "").strip().upper()
        if self._devices.typed(code) is None:
            return _form(code, "That code did not work. Check the code and try again.")
        person = self._session.person(request)
        return self.agreement(code, person) if person else self._sign_in(code)

    async def _agreed(self, request: Request) -> Response:
        form, person = await form_of(request), self._session.person(request)
        try:
            held = self._tokens.unseal(_PURPOSE, form.get("device", ""))
        except BadToken:
            return _form("", "That took too long. Enter the code again.")
        device = self._devices.typed(held["code"])
        if device is None or person is None or person.id != held["person"]:
            return _form("", "That code did not work. Check the code and try again.")
        agreed = bool(form.get("agree"))
        self._devices.decide(device, person if agreed else None)
        done = f"You have signed in to {self._name(device)} on your device" if agreed else "You did not sign in"
        return page("device.html", done=done)

    def _name(self, device: Device) -> str:
        found = self._applications.find(device.client)
        return found.name if found else device.client


def _form(code: str, trouble: str = "") -> HTMLResponse:
    return page("device.html", action=_BASE, code=code, trouble=trouble)
