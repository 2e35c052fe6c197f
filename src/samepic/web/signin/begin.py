"""The door to a provider."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from samepic.web.ask import Ask
from samepic.web.openid.trouble import SignInTrouble
from samepic.web.signin.errand import Errand, Journey, provider_named, set_out
from samepic.web.signin.told import told
from samepic.web.welcome import inside


async def sign_in(ask: Ask) -> Response:
    """`private` is the documented private window. For it, and for whoever wants to be an `other`, the provider asks who
    it is although it may know somebody.
    """
    provider = provider_named(ask, ask.request.path_params["provider"])
    client = ask.request.client
    if not ask.site.turnstile.lets(client.host if client else "", ask.site.clock()):
        raise HTTPException(429)
    journey = Journey(Errand.SIGN_IN, inside(ask.text("to")), private=bool(ask.text("private")))
    try:
        asks = journey.private or bool(ask.text("other"))
        more = {"prompt": await provider.asking_prompt()} if asks else {}
        return await set_out(ask, provider, journey, **more)
    except SignInTrouble as trouble:
        return await told(ask, provider, trouble, journey)
