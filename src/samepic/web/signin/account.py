"""How somebody is signed in: where else, with which identities, and what they consented to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.responses import Response

from samepic.settings.portal import Provider
from samepic.store.ledger import Identity, Session
from samepic.web.ask import Ask
from samepic.web.openid.attempt import digest
from samepic.web.signin.consent import offer

_SHOWN = 16
_KINDS = {"microsoft": "Microsoft"}


@dataclass(frozen=True, slots=True)
class Place:
    """One session as its owner sees it. `key` names it in a form, and opens nothing."""

    key: str
    here: bool
    browser: str
    private: bool
    provider: str
    began_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Connected:
    """One identity as its owner sees it; `here` is the one that this session began with."""

    key: str
    here: bool
    name: str
    title: str
    last_at: datetime


async def account(ask: Ask) -> Response:
    ledger, person, providers = ask.site.org.ledger, ask.person, ask.site.settings.portal.sign_in
    identities = await ledger.identities_of(person)
    grants = await ledger.grants_of(person)
    return ask.page(
        "account.html",
        places=[_place(ask, one) for one in await ledger.sessions_of(person, ask.site.clock())],
        identities=[_connected(ask, one, providers) for one in identities],
        connectable=[one for one in providers if one.kind == "microsoft" and not _has(identities, one)],
        grant=grants[0] if grants else None,
        offered=await offer(ask.site, person, administrator=ask.who.administrator),
    )


async def end_session(ask: Ask) -> Response:
    """Signs one other browser out."""
    ledger = ask.site.org.ledger
    for one in await ledger.sessions_of(ask.person, ask.site.clock()):
        if one.digest != ask.who.session and one.digest[:_SHOWN] == ask.text("session"):
            await ledger.end_session(one.digest)
            await ledger.note_audit(ask.who.label, "signed out elsewhere", ask.person, {}, ask.site.clock())
            return ask.see("account", said="signed-out-there")
    raise HTTPException(404)


async def end_sessions(ask: Ask) -> Response:
    """Signs the person out everywhere, here as well."""
    ledger, response = ask.site.org.ledger, ask.see("signed-out")
    await ledger.end_sessions(ask.person)
    await ask.site.visitors.leave(response, ask.who)
    await ledger.note_audit(ask.who.label, "signed out everywhere", ask.person, {}, ask.site.clock())
    return response


async def disconnect(ask: Ask) -> Response:
    """Forgets an identity, and ends what began with it; the one of this very session stays."""
    ledger = ask.site.org.ledger
    for one in await ledger.identities_of(ask.person):
        if _key(one) == ask.text("identity") and not _is_here(ask, one):
            await ledger.unbind_identity(one.issuer, one.subject)
            await ledger.drop_grants(ask.person, one.issuer)
            for session in await ledger.sessions_of(ask.person, ask.site.clock()):
                if (session.issuer, session.subject) == (one.issuer, one.subject):
                    await ledger.end_session(session.digest)
            facts = {"issuer": one.issuer, "name": one.name}
            await ledger.note_audit(ask.who.label, "disconnected", ask.person, facts, ask.site.clock())
            return ask.see("account", said="disconnected")
    raise HTTPException(404)


def _place(ask: Ask, one: Session) -> Place:
    content = one.content
    here = one.digest == ask.who.session
    return Place(
        one.digest[:_SHOWN],
        here,
        content["browser"],
        content["private"],
        content["provider"],
        one.began_at,
        one.seen_at,
    )


def _connected(ask: Ask, one: Identity, providers: Sequence[Provider]) -> Connected:
    titles = (each.title or _KINDS.get(each.kind, each.name) for each in providers if each.issuer == one.issuer)
    return Connected(_key(one), _is_here(ask, one), one.address or one.name, next(titles, one.issuer), one.last_at)


def _key(one: Identity) -> str:
    return digest(f"{one.issuer} {one.subject}")[:_SHOWN]


def _is_here(ask: Ask, one: Identity) -> bool:
    return (one.issuer, one.subject) == (ask.who.issuer, ask.who.subject)


def _has(identities: Sequence[Identity], provider: Provider) -> bool:
    return any(one.issuer == provider.issuer for one in identities)
