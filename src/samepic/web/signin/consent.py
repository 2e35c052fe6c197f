"""A person's separate consent that samepic keeps a refresh token of theirs, and its taking back."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from samepic.errors import SettingsError
from samepic.model import PersonId
from samepic.store.ledger import Grant
from samepic.web.ask import Ask
from samepic.web.delegated import InTheirName, Own
from samepic.web.openid.provider import Provider, Tokens
from samepic.web.openid.trouble import Reason, SignInTrouble
from samepic.web.signin.errand import Errand, Journey, set_out
from samepic.web.signin.recognise import CONNECTED, Recognised, bind, name_of, with_object_id
from samepic.web.signin.sealing import seal_of
from samepic.web.signin.told import told
from samepic.web.site import Site


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be consented to: with whom, for which picture. Not `proven`: an administrator's trial."""

    provider: Provider
    own: Own
    proven: bool


async def offer(site: Site, person: PersonId, *, administrator: bool) -> Offer | None:
    """None where nothing could be kept, or nobody has seen that it would be of any use."""
    microsoft = (one for one in site.providers.values() if one.settings.kind == "microsoft")
    provider = next(microsoft, None)
    if provider is None or not site.settings.portal.key:
        return None
    for own in await InTheirName(site.settings, site.org, site.providers).own_pictures(person):
        proven = await own.proven()
        if proven or administrator:
            return Offer(provider, own, proven)
    return None


async def consent(ask: Ask) -> Response:
    """Sends the person to Microsoft, who asks them whether samepic may."""
    offered = await offer(ask.site, ask.person, administrator=ask.who.administrator)
    if offered is None:
        raise HTTPException(404)
    seal_of(ask.site.settings)  # a key that is no key is found before anybody is asked anything
    journey = Journey(Errand.CONSENT, ask.door("account"), session=ask.who.session)
    scopes = f"openid profile offline_access {offered.own.scope}"
    try:
        return await set_out(ask, offered.provider, journey, scopes=scopes, login_hint=ask.who.address or "")
    except SignInTrouble as trouble:
        return await told(ask, offered.provider, trouble, journey)


async def consented(ask: Ask, provider: Provider, tokens: Tokens) -> Response:
    org, claims = ask.site.org, tokens.claims
    if await with_object_id(org, claims) != ask.person:
        return ask.see("account", said="not-yours")
    if not tokens.refresh_token:
        raise SignInTrouble(Reason.CONSENT, "The provider gave no refresh token.")
    offered = await offer(ask.site, ask.person, administrator=ask.who.administrator)
    try:
        sealed = seal_of(ask.site.settings).close(tokens.refresh_token, ask.person, claims["iss"])
    except SettingsError as wrong:
        raise SignInTrouble(Reason.SETUP, str(wrong)) from None
    now = ask.site.clock()
    await bind(org, Recognised(ask.person, CONNECTED), claims)
    await org.ledger.keep_grant(Grant(ask.person, claims["iss"], sealed, offered.own.scope if offered else "", now))
    facts = {"provider": provider.settings.name, "name": name_of(claims)}
    await org.ledger.note_audit(ask.who.label, "consented", ask.person, facts, now)
    return ask.see("account", said="consented")


async def revoke(ask: Ask) -> Response:
    ledger = ask.site.org.ledger
    if await ledger.drop_grants(ask.person):
        await ledger.note_audit(ask.who.label, "consent taken back", ask.person, {}, ask.site.clock())
    return ask.see("account", said="consent-taken-back")
