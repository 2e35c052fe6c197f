"""Prompting a system in a person's own name, by their consent and with their own token.

SharePoint fetches somebody's picture when they ask for their own large one. That it does so for a token as it does for
a browser is not documented and was never seen on a live tenant (`docs/design.md`): so it is off until `samepic doctor`
has seen it work, which is noted in the system's memo as `PROVEN`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from samepic.connectors.base import Connector
from samepic.connectors.http import Patience, Session
from samepic.errors import ConnectorError, SettingsError
from samepic.model import Account, PersonId, Way
from samepic.store.ledger import Grant
from samepic.web.openid.provider import Provider
from samepic.web.openid.trouble import Reason, SignInTrouble
from samepic.web.signin.sealing import seal_of
from samepic.web.site import Site

_log = logging.getLogger(__name__)

PROVEN = "delegated pull"
"""The memo of a system that was seen to fetch for a token; its value is when."""

_PICTURE = "_layouts/15/userphoto.aspx"


@dataclass(frozen=True, slots=True)
class Own:
    """Where somebody's own picture is asked for in one system."""

    connector: Connector
    account: Account
    address: str

    @property
    def system(self) -> str:
        return self.connector.name

    @property
    def scope(self) -> str:
        """What a token for it is asked for with."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}/.default"

    async def proven(self) -> bool:
        return PROVEN in await self.connector.around.memo.load()


async def own_pictures(site: Site, person: PersonId) -> list[Own]:
    """The systems that a route pulls to and that this person has an account in."""
    links = {link.system: link for link in await site.org.people.of(person) if link.gone_at is None}
    found = []
    for route in site.org.routes:
        connector, link = site.org.systems[route.target], links.get(route.target)
        if route.way is not Way.PULL or link is None or not connector.traits.pulls:
            continue
        asked = await connector.ask(link.account.ref)
        if not asked.done and asked.link:
            query = urlencode({"size": "L", "accountname": _user_name(link.account)})
            found.append(Own(connector, link.account, f"{asked.link.rstrip('/')}/{_PICTURE}?{query}"))
    return found


async def prompt_pull(site: Site, person: PersonId) -> frozenset[str]:
    """The systems that were prompted in the person's name; none without their consent, or where it was never proven.

    A system that could not be prompted is left to the person's own browser, as ever; why is in the log.
    """
    prompted = set()
    for grant in await site.org.ledger.grants_of(person):
        for own in await own_pictures(site, person):
            if await own.proven() and await prompt(site, grant, own) == "":
                prompted.add(own.system)
    return frozenset(prompted)


async def prompt(site: Site, grant: Grant, own: Own) -> str:
    """Asks for the picture once. Empty where it was given, else why it was not; a consent that lapsed is forgotten."""
    provider = await _provider_of(site, grant)
    if provider is None:
        return "The provider of this consent is not among the settings."
    try:
        await _ask_for(own, await _access_token(site, grant, provider, own.scope))
    except SignInTrouble as trouble:
        if trouble.reason in {Reason.EXPIRED, Reason.CONSENT}:
            await _lapsed(site, grant)
        why = trouble.detail
    except (ConnectorError, SettingsError) as trouble:
        why = str(trouble)
    else:
        return ""
    _log.warning("%s could not be prompted in somebody's name: %s", own.system, why)
    return why


async def _provider_of(site: Site, grant: Grant) -> Provider | None:
    for provider in site.providers.values():
        if provider.settings.kind == "microsoft" and await provider.issues_as(grant.issuer):
            return provider
    return None


async def _access_token(site: Site, grant: Grant, provider: Provider, scope: str) -> str:
    """Raises SettingsError where the seal does not open, SignInTrouble where the provider gives none."""
    seal, about = seal_of(site.settings), (grant.person, grant.issuer)
    tokens = await provider.refresh(seal.open(grant.sealed, *about), f"{scope} offline_access")
    if tokens.refresh_token:
        await site.org.ledger.renew_grant(grant, seal.close(tokens.refresh_token, *about))
    return tokens.access_token


async def _ask_for(own: Own, access_token: str) -> None:
    """Raises ConnectorError."""
    parts = urlsplit(own.address)
    session = Session(f"{parts.scheme}://{parts.netloc}", own.connector.around, system=own.system, patience=_ONCE)
    try:
        await session.send("GET", own.address, headers={"Authorization": f"Bearer {access_token}"})
    finally:
        await session.close()


_ONCE = Patience(tries=1)


async def _lapsed(site: Site, grant: Grant) -> None:
    ledger = site.org.ledger
    if await ledger.drop_grants(grant.person, grant.issuer):
        await ledger.note_audit(grant.issuer, "consent lapsed", grant.person, {}, site.clock())


def _user_name(account: Account) -> str:
    """What the account signs in as, or the address where no key says so."""
    names = (one.removeprefix("upn:") for one in sorted(account.keys) if one.startswith("upn:"))
    return next(names, account.address or "")
