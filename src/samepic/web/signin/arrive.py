"""The door where a browser comes back from a provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from samepic.model import PersonId
from samepic.web.ask import Ask
from samepic.web.openid.attempt import Attempt, cookie_name, digest
from samepic.web.openid.provider import Provider, Tokens
from samepic.web.openid.trouble import Reason, SignInTrouble, of_error
from samepic.web.signin.browser import browser_of
from samepic.web.signin.connect import connected
from samepic.web.signin.consent import consented
from samepic.web.signin.errand import Errand, Journey, provider_named, way_back
from samepic.web.signin.recognise import address_of, bind, is_administrator, name_of, recognise
from samepic.web.signin.told import told
from samepic.web.visitor import Newcomer
from samepic.web.welcome import inside


async def signed_in(ask: Ask) -> Response:
    """The provider's answer, for whichever errand. It is read once: whoever looks at it only (HEAD) uses nothing up."""
    if ask.request.method != "GET":
        raise HTTPException(404)
    provider = provider_named(ask, ask.request.path_params["provider"])
    state = ask.request.query_params.get("state", "")
    journey: Journey | None = None
    try:
        attempt, kept = await _taken(ask, provider, state)
        journey = Journey(Errand(kept["errand"]), kept["to"], kept["private"], kept["session"])
        tokens = await _redeemed(ask, provider, attempt, kept["nonce"])
        response = await _done(ask, provider, journey, tokens)
    except SignInTrouble as trouble:
        response = await told(ask, provider, trouble, journey)
    secure = ask.site.visitors.secure
    name = cookie_name(state, secure=secure)
    if name in ask.request.cookies:
        response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
    return response


async def _taken(ask: Ask, provider: Provider, state: str) -> tuple[Attempt, Mapping[str, Any]]:
    """The attempt of this browser, used up by being taken. Raises SignInTrouble."""
    secret = ask.request.cookies.get(cookie_name(state, secure=ask.site.visitors.secure), "")
    attempt = Attempt(secret)
    if not secret or not attempt.answers(state):
        raise SignInTrouble(Reason.EXPIRED, "The answer belongs to no attempt of this browser.")
    kept = await ask.site.org.ledger.take_sign_in(digest(state), ask.site.clock())
    if kept is None:
        raise SignInTrouble(Reason.EXPIRED, "The attempt took too long, or was used before.")
    if kept["provider"] != provider.settings.name:
        raise SignInTrouble(Reason.UNTRUSTED, "The answer is to a question that another provider was asked.")
    return attempt, kept


async def _redeemed(ask: Ask, provider: Provider, attempt: Attempt, nonce: str) -> Tokens:
    query = ask.request.query_params
    await provider.require_sender(query.get("iss"))
    if "error" in query:
        raise of_error(query["error"])
    if not query.get("code"):
        raise SignInTrouble(Reason.SETUP, "The provider sent neither a code nor an error.")
    return await provider.redeem(query["code"], attempt, way_back(ask, provider), nonce)


async def _done(ask: Ask, provider: Provider, journey: Journey, tokens: Tokens) -> Response:
    if journey.errand is Errand.SIGN_IN:
        return await _entered(ask, provider, journey, tokens)
    if ask.visitor is None or ask.visitor.person is None or ask.visitor.session != journey.session:
        raise SignInTrouble(Reason.EXPIRED, "The session that asked has ended.")
    if journey.errand is Errand.CONNECT:
        return await connected(ask, provider, tokens)
    return await consented(ask, provider, tokens)


async def _entered(ask: Ask, provider: Provider, journey: Journey, tokens: Tokens) -> Response:
    """A new session for whoever it is; the one that this browser had before ends."""
    org, settings = ask.site.org, provider.settings
    claims = await _told_more(provider, tokens)
    known = await recognise(org, settings, claims)
    newcomer = _newcomer(ask, provider, journey, tokens, claims, known.person if known else None)
    facts = {"provider": settings.name, "name": newcomer.name, "private": journey.private}
    actor = newcomer.person or f"{newcomer.issuer} {newcomer.subject}"
    if known is None and not newcomer.administrator:
        await org.ledger.note_audit(actor, "sign-in refused", None, facts, ask.site.clock())
        return ask.page("stranger.html", 403, claimed=newcomer.address or newcomer.name, provider=settings)
    if known is not None:
        await bind(org, known, claims)
    response = RedirectResponse(_first_page(ask, journey, newcomer), status_code=303)
    if ask.visitor is not None:
        await org.ledger.end_session(ask.visitor.session)
    await ask.site.visitors.enter(response, newcomer)
    await org.ledger.note_audit(actor, "signed in", newcomer.person, facts, ask.site.clock())
    return response


def _first_page(ask: Ask, journey: Journey, newcomer: Newcomer) -> str:
    """Where they wanted to go; an administrator who is nobody in any system has no page of their own."""
    wanted = inside(journey.to)
    return wanted if newcomer.person or wanted != "/" else ask.door("admin")


def _newcomer(
    ask: Ask, provider: Provider, journey: Journey, tokens: Tokens, claims: Mapping[str, Any], person: PersonId | None
) -> Newcomer:
    return Newcomer(
        person=person,
        name=name_of(claims),
        address=address_of(claims),
        administrator=is_administrator(provider.settings, claims),
        provider=provider.settings.name,
        issuer=claims["iss"],
        subject=claims["sub"],
        private=journey.private,
        language=ask.words.language if journey.private else None,
        hint=_hint(tokens) if journey.private else {},
        browser=browser_of(ask.request.headers.get("user-agent", "")),
    )


async def _told_more(provider: Provider, tokens: Tokens) -> Mapping[str, Any]:
    """The claims, with the e-mail address where it would decide who somebody is and the ID token leaves it out."""
    settings = provider.settings
    if settings.kind == "other" and settings.domains and "email" not in tokens.claims:
        about = await provider.about(tokens)
        return {**about, **tokens.claims}
    return tokens.claims


def _hint(tokens: Tokens) -> dict[str, str]:
    """Whom the provider is to sign out: by its own hint, or else by the ID token."""
    hint = tokens.claims.get("login_hint")
    return {"logout_hint": hint} if isinstance(hint, str) else {"id_token_hint": tokens.id_token}
