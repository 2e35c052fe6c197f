"""Signing out: of the portal, and where it was a private visit of everything."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from samepic.web.ask import Ask
from samepic.web.openid.provider import Provider
from samepic.web.openid.trouble import SignInTrouble
from samepic.web.signin.errand import provider_named
from samepic.web.words import COOKIE


async def sign_out(ask: Ask) -> Response:
    """An ordinary visit ends here. A private one ends at the provider, too, and nothing of it stays in the browser."""
    visitor = ask.visitor
    if visitor is None:
        return ask.see("signed-out")
    provider = ask.site.providers.get(visitor.provider)
    if visitor.private and provider is not None:
        response = await _out_there(ask, provider, dict(visitor.hint))
        response.delete_cookie(COOKIE)
    else:
        response = _to_signed_out(ask, visitor.provider)
    await ask.site.visitors.leave(response, visitor)
    facts = {"private": visitor.private}
    await ask.site.org.ledger.note_audit(visitor.label, "signed out", visitor.person, facts, ask.site.clock())
    return response


async def sign_out_there(ask: Ask) -> Response:
    """For somebody who has left the portal, and wants to leave the provider as well."""
    return await _out_there(ask, provider_named(ask, ask.request.path_params["provider"]), {})


async def signed_out(ask: Ask) -> Response:
    """`still` names the provider where the browser may still be signed in."""
    still = ask.site.providers.get(ask.request.query_params.get("still", ""))
    return ask.page("signin/signed_out.html", still=still.settings if still else None)


async def _out_there(ask: Ask, provider: Provider, hint: dict[str, str]) -> Response:
    """By way of the provider where it can sign people out; else the page says that it could not."""
    try:
        address = await provider.way_out(f"{ask.site.settings.portal.address}{ask.door('signed-out')}", hint)
    except SignInTrouble:
        address = ""
    return RedirectResponse(address, status_code=303) if address else _to_signed_out(ask, provider.settings.name)


def _to_signed_out(ask: Ask, still: str) -> Response:
    return RedirectResponse(f"{ask.door('signed-out')}?still={still}", status_code=303)
