"""Prompting a system in a person's own name, by their consent and with their own token.

SharePoint fetches somebody's picture when they ask for their own large one. That it does so for a token as it does for
a browser is not documented and was never seen on a live tenant (`docs/design.md`): so it is off until `samepic doctor
--pull` has seen it work, which is noted in the system's memo as `PROVEN`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

from samepic.connectors.base import Connector
from samepic.connectors.http import Patience, Session
from samepic.engine.organisation import Organisation
from samepic.errors import ConnectorError, SettingsError
from samepic.model import Account, PersonId, Way
from samepic.settings import Settings
from samepic.store.ledger import Grant
from samepic.web.openid.provider import Provider, open_providers
from samepic.web.openid.trouble import Reason, SignInTrouble
from samepic.web.signin.sealing import seal_of

_log = logging.getLogger(__name__)

PROVEN = "delegated pull"
"""The memo of a system that was seen to fetch for a token; its value is when."""

_PICTURE = "_layouts/15/userphoto.aspx"
_ONCE = Patience(tries=1)


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


class InTheirName:
    """Asks for people's own pictures, with what they consented to keep."""

    def __init__(self, settings: Settings, org: Organisation, providers: Mapping[str, Provider]) -> None:
        self._settings = settings
        self._org = org
        self._providers = providers

    async def own_pictures(self, person: PersonId) -> list[Own]:
        """The systems that a route pulls to and that this person has an account in."""
        links = {link.system: link for link in await self._org.people.of(person) if link.gone_at is None}
        found = []
        for route in self._org.routes:
            connector, link = self._org.systems[route.target], links.get(route.target)
            if route.way is not Way.PULL or link is None or not connector.traits.pulls:
                continue
            asked = await connector.ask(link.account.ref)
            if asked.link:
                query = urlencode({"size": "L", "accountname": _user_name(link.account)})
                found.append(Own(connector, link.account, f"{asked.link.rstrip('/')}/{_PICTURE}?{query}"))
        return found

    async def prompt_pull(self, person: PersonId, system: str) -> bool:
        """Whether the system was prompted in the person's name.

        False without their consent, where it was never seen to work, and where it did not work now: then the person's
        own browser does it, as ever, and why is in the log.
        """
        for grant in await self._org.ledger.grants_of(person):
            for own in await self.own_pictures(person):
                if own.system == system and await own.proven():
                    return await self.prompt(grant, own) == ""
        return False

    async def prompt(self, grant: Grant, own: Own) -> str:
        """Asks for the picture once. Empty where it was given, else why not; a consent that has lapsed is forgotten."""
        try:
            token = await self._access_token(grant, own.scope)
            await _ask_for(own, token)
        except SignInTrouble as trouble:
            if trouble.reason in {Reason.EXPIRED, Reason.CONSENT}:
                await self._lapsed(grant)
            why = trouble.detail
        except (ConnectorError, SettingsError) as trouble:
            why = str(trouble)
        else:
            return ""
        _log.warning("%s could not be prompted in somebody's name: %s", own.system, why)
        return why

    async def _access_token(self, grant: Grant, scope: str) -> str:
        """Raises SettingsError where the seal does not open, SignInTrouble where the provider gives none."""
        seal, about = seal_of(self._settings), (grant.person, grant.issuer)
        refresh_token = seal.open(grant.sealed, *about)
        provider = await self._provider_of(grant)
        tokens = await provider.refresh(refresh_token, f"{scope} offline_access")
        if tokens.refresh_token:
            await self._org.ledger.renew_grant(grant, seal.close(tokens.refresh_token, *about))
        return tokens.access_token

    async def _provider_of(self, grant: Grant) -> Provider:
        for provider in self._providers.values():
            if provider.settings.kind == "microsoft" and await provider.issues_as(grant.issuer):
                return provider
        raise SignInTrouble(Reason.SETUP, "The provider of this consent is no longer among the settings.")

    async def _lapsed(self, grant: Grant) -> None:
        ledger = self._org.ledger
        if await ledger.drop_grants(grant.person, grant.issuer):
            await ledger.note_audit(grant.issuer, "consent lapsed", grant.person, {}, self._org.clock())


def prompting(settings: Settings, org: Organisation) -> Organisation:
    """The organisation, with what people consented to put to use. Raises SettingsError."""
    return replace(org, prompt=InTheirName(settings, org, open_providers(settings, org.clock)).prompt_pull)


async def _ask_for(own: Own, access_token: str) -> None:
    """Raises ConnectorError."""
    parts = urlsplit(own.address)
    session = Session(f"{parts.scheme}://{parts.netloc}", own.connector.around, system=own.system, patience=_ONCE)
    try:
        await session.send("GET", own.address, headers={"Authorization": f"Bearer {access_token}"})
    finally:
        await session.close()


def _user_name(account: Account) -> str:
    """What the account signs in as, or the address where no key says so."""
    names = (one.removeprefix("upn:") for one in sorted(account.keys) if one.startswith("upn:"))
    return next(names, account.address or "")
