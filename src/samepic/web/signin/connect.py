"""A Microsoft identity for somebody who signed in with another one."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from samepic.web.ask import Ask
from samepic.web.openid.provider import Provider, Tokens
from samepic.web.openid.trouble import SignInTrouble
from samepic.web.signin.errand import Errand, Journey, provider_named, set_out
from samepic.web.signin.recognise import CONNECTED, Recognised, bind, name_of, with_object_id
from samepic.web.signin.told import told


async def connect(ask: Ask) -> Response:
    provider = provider_named(ask, ask.request.path_params["provider"])
    if provider.settings.kind != "microsoft":
        raise HTTPException(404)
    journey = Journey(Errand.CONNECT, ask.door("account"), session=ask.who.session)
    try:
        return await set_out(ask, provider, journey, prompt="select_account")
    except SignInTrouble as trouble:
        return await told(ask, provider, trouble, journey)


async def connected(ask: Ask, provider: Provider, tokens: Tokens) -> Response:
    """Only an account of the very same person is connected; whose another one is, nobody is told."""
    org, facts = ask.site.org, {"provider": provider.settings.name, "name": name_of(tokens.claims)}
    theirs = await with_object_id(org, tokens.claims) == ask.person
    what = "connected" if theirs else "connecting refused"
    await org.ledger.note_audit(ask.who.label, what, ask.person, facts, ask.site.clock())
    if not theirs:
        return ask.see("account", said="not-yours")
    await bind(org, Recognised(ask.person, CONNECTED), tokens.claims)
    return ask.see("account", said="connected")
