"""Signing in on another device: the device authorization grant (RFC 8628) as Entra speaks it.

A client gets a code for itself and a short one for the person, who types it into a page elsewhere and signs in there;
meanwhile the client asks again and again. See learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code.
Decided here: asking faster than the interval is not punished, as it is not in Entra.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from samepic.practice.people import Person
from samepic.practice.tokens import BadToken, Tokens
from samepic.practice.world import World

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_LIFE = timedelta(minutes=15)
_INTERVAL = 5
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which are read as digits
_LENGTH = 9


@dataclass(frozen=True, slots=True)
class Device:
    """One sign-in under way. `person` is the object id of who agreed; `until` is in seconds since 1970."""

    code: str
    client: str
    scope: str
    until: float
    person: str | None = None
    declined: bool = False


class Devices:
    def __init__(self, world: World, tokens: Tokens, page: str) -> None:
        self._world = world
        self._tokens = tokens
        self._page = page

    def begin(self, client: str, scope: str) -> dict[str, Any]:
        """The answer to a client that begins."""
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        now = self._world.machine()
        until = (now + _LIFE).timestamp()
        self._world.state.change(
            "DELETE FROM settings WHERE name LIKE 'device/%' AND json_extract(value, '$.until') < ?", now.timestamp()
        )
        self._keep(Device(code, client, scope, until))
        return {
            "user_code": code,
            "device_code": self._tokens.seal("device", {"code": code}, _LIFE),
            "verification_uri": self._page,
            "expires_in": int(_LIFE.total_seconds()),
            "interval": _INTERVAL,
            "message": f"To sign in, use a web browser to open the page {self._page} and enter the code {code}"
            " to authenticate.",
        }

    def typed(self, code: str) -> Device | None:
        """The sign-in of the code a person typed, in any case; None if there is none that waits."""
        found = self._world.state.setting(f"device/{code.strip().upper()}")
        device = Device(**found) if found else None
        waits = device and device.person is None and not device.declined
        return device if device and waits and device.until > self._world.machine().timestamp() else None

    def decide(self, device: Device, person: Person | None) -> None:
        """The person agreed; None: they declined."""
        self._keep(replace(device, person=person.id if person else None, declined=person is None))

    def asked(self, device_code: str) -> Device | None:
        """How far the sign-in is, for the client; None where the code is wrong, too old or used up."""
        try:
            code = self._tokens.unseal("device", device_code)["code"]
        except BadToken:
            return None
        found = self._world.state.setting(f"device/{code}")
        return Device(**found) if found else None

    def forget(self, device: Device) -> None:
        self._world.state.change("DELETE FROM settings WHERE name = ?", f"device/{device.code}")

    def _keep(self, device: Device) -> None:
        self._world.state.set(f"device/{device.code}", asdict(device))
