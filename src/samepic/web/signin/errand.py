"""What somebody went to a provider for, and the ways of sending them there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from samepic.web.ask import Ask
from samepic.web.openid.attempt import LASTS, Attempt, cookie_name, digest
from samepic.web.openid.provider import Provider


class Errand(StrEnum):
    SIGN_IN = "sign in"
    CONNECT = "connect"  # a second identity for somebody who is signed in
    CONSENT = "consent"  # to keep a refresh token of theirs


@dataclass(frozen=True, slots=True)
class Journey:
    """`session` is the one that must still be there on return; empty where somebody signs in."""

    errand: Errand
    to: str = "/"
    private: bool = False
    session: str = ""


def provider_named(ask: Ask, name: str) -> Provider:
    """Raises HTTPException(404)."""
    provider = ask.site.providers.get(name)
    if provider is None:
        raise HTTPException(404)
    return provider


def way_back(ask: Ask, provider: Provider) -> str:
    """The address that the portal is registered with there."""
    return f"{ask.site.settings.portal.address}{ask.door('signed-in', provider=provider.settings.name)}"


async def set_out(ask: Ask, provider: Provider, journey: Journey, **more: str) -> Response:
    """Sends the browser to the provider. Raises SignInTrouble."""
    attempt, now = Attempt.new(), ask.site.clock()
    address = await provider.way_in(attempt, way_back(ask, provider), **more)
    kept = {
        "provider": provider.settings.name,
        "nonce": digest(attempt.nonce),
        "errand": journey.errand.value,
        "to": journey.to,
        "private": journey.private,
        "session": journey.session,
    }
    await ask.site.org.ledger.begin_sign_in(digest(attempt.state), kept, now + LASTS, now)
    response = RedirectResponse(address, status_code=303)
    secure, lasts = ask.site.visitors.secure, int(LASTS.total_seconds())
    response.set_cookie(
        cookie_name(attempt.state, secure=secure),
        attempt.secret,
        max_age=lasts,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return response
