"""What the connectors to Microsoft 365 share: the application's settings, and the people as Graph lists them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self, TypeVar
from urllib.parse import quote

from pydantic import ConfigDict, field_validator, model_validator

from samepic.connectors.anchors import guid_in_base64
from samepic.connectors.answers import Answer
from samepic.connectors.base import Options, SecretReference, Surroundings
from samepic.connectors.batch import get_all
from samepic.connectors.http import Session, require_address
from samepic.connectors.memberships import members_of
from samepic.connectors.paging import PAGE, entries
from samepic.connectors.signin import AppTokens
from samepic.errors import ConnectorError, Failed, Gone, SettingsError
from samepic.model import Account, Kind, key

SELECT = (
    "id,displayName,userPrincipalName,mail,proxyAddresses,employeeId,userType,accountEnabled,assignedPlans"
    ",onPremisesImmutableId,onPremisesSecurityIdentifier"
)
EXCHANGE_FOUNDATION = "113feb6c-3fe4-4440-bddc-54d774bf0318"
"""The plan EXCHANGE_S_FOUNDATION: part of nearly every licence, of the service `exchange`, and without a mailbox."""

_IN_FORCE = ("enabled", "warning")
_Found = TypeVar("_Found")


class MicrosoftOptions(Options):
    """The application that acts for samepic, as registered in Entra. It proves itself by a certificate or a secret."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    tenant: str
    """The tenant's id, or one of its domains."""

    client_id: str
    """The application's id."""

    certificate: SecretReference | None = None
    """A reference to a PEM file with an RSA private key and its certificate. SharePoint requires it."""

    client_secret: SecretReference | None = None
    """A reference to a client secret, where there is no certificate."""

    authority: str = "https://login.microsoftonline.com"
    """Where tokens come from; national clouds have another."""

    graph: str = "https://graph.microsoft.com"
    """Where Microsoft Graph is; national clouds have another."""

    @field_validator("authority", "graph")
    @classmethod
    def _addresses(cls, address: str) -> str:
        return checked_address(address)

    @model_validator(mode="after")
    def _some_proof(self) -> Self:
        if self.certificate is None and self.client_secret is None:
            raise ValueError("An application proves itself by `certificate` or `client_secret`; neither is set.")
        return self


def checked_address(address: str) -> str:
    """`http.require_address` as a validator of settings."""
    try:
        return require_address(address)
    except SettingsError as trouble:
        raise ValueError(str(trouble)) from None


def to_service(options: MicrosoftOptions, around: Surroundings, address: str) -> Surroundings:
    """With the traffic of a service that every system of the same application shares: Microsoft's limits go by both."""
    return replace(around, traffic=around.shared.traffic(address, options.tenant, options.client_id))


def app_tokens(options: MicrosoftOptions, around: Surroundings, system: str) -> AppTokens:
    return AppTokens(
        to_service(options, around, options.authority),
        system=system,
        authority=options.authority,
        tenant=options.tenant,
        client_id=options.client_id,
        certificate=options.certificate,
        secret=options.client_secret,
    )


def graph_session(options: MicrosoftOptions, around: Surroundings, system: str, tokens: AppTokens) -> Session:
    around = to_service(options, around, options.graph)
    return Session(f"{options.graph}/v1.0", around, system=system, tokens=tokens, resource=options.graph)


@dataclass(frozen=True, slots=True)
class User:
    """An account and what it is licensed for. `upn` is the user principal name as the directory spells it."""

    account: Account
    upn: str
    exchange: bool
    sharepoint: bool


def user_from(entry: Mapping[str, Any]) -> User:
    """A user as Graph shows it with `SELECT`.

    Rooms and shared mailboxes look like people here: only Exchange knows what they are.
    """
    plans = entry.get("assignedPlans") or []
    mail = entry.get("mail")
    account = Account(
        ref=entry["id"],
        keys=frozenset(_keys(entry)),
        kind=Kind.GUEST if str(entry.get("userType") or "").casefold() == "guest" else Kind.PERSON,
        name=entry.get("displayName") or "",
        address=mail or None,
        active=entry.get("accountEnabled") is not False,
    )
    return User(account, entry["userPrincipalName"], _has_plan(plans, "exchange"), _has_plan(plans, "sharepoint"))


def _keys(entry: Mapping[str, Any]) -> Iterable[str]:
    anchor = guid_in_base64(entry.get("onPremisesImmutableId") or "")
    simple = {
        "id": (entry["id"],),
        "anchor": (anchor, entry.get("onPremisesSecurityIdentifier")),
        "employee": (entry.get("employeeId"),),
        "upn": (entry.get("userPrincipalName"),),
        "mail": (entry.get("mail"),),
    }
    for kind, values in simple.items():
        yield from (key(kind, value) for value in values if (value or "").strip())
    yield from (key("alias", address) for address in aliases(entry))


def aliases(entry: Mapping[str, Any]) -> Iterable[str]:
    """The mail addresses of a user or a group; `proxyAddresses` has those of other systems too."""
    for address in entry.get("proxyAddresses") or []:
        scheme, _, value = address.partition(":")
        if scheme.casefold() == "smtp" and value:
            yield value


def _has_plan(plans: Sequence[Mapping[str, Any]], service: str) -> bool:
    """Is a plan of the service in force? `Warning` is the grace time after a licence ran out: all still works."""
    return any(
        str(plan.get("service", "")).casefold() == service
        and str(plan.get("capabilityStatus", "")).casefold() in _IN_FORCE
        and plan.get("servicePlanId") != EXCHANGE_FOUNDATION
        for plan in plans
    )


class Directory:
    """The tenant's users, as one application sees them, through a session to Graph."""

    def __init__(self, session: Session, options: MicrosoftOptions) -> None:
        self._session = session
        self._application = options.graph, options.tenant, options.client_id

    async def users(self) -> list[User]:
        """Everybody once. Raises on the first trouble. Systems that ask at the same time share one reading."""
        return await self._together(("users",), self._read)

    async def members(self, group: str) -> frozenset[str]:
        """As `members_of`; shared in the same way."""
        return await self._together(("members", group.casefold()), partial(members_of, self._session, group))

    async def _together(self, what: tuple[str, ...], work: Callable[[], Awaitable[_Found]]) -> _Found:
        return await self._session.around.shared.together((*what, *self._application), work)

    async def _read(self) -> list[User]:
        """Somebody who moves between pages while we read may be listed twice; the second time is left out."""
        everybody: dict[str, User] = {}
        path = f"/users?$select={SELECT}&$top={PAGE}"
        async for user in entries(self._session, path, user_from, "users"):
            everybody.setdefault(user.account.ref, user)
        return list(everybody.values())

    async def find(self, refs: Sequence[str]) -> dict[str, User | ConnectorError]:
        """The users with these object ids; Gone for those that are not there."""
        answers = await get_all(self._session, [f"/users/{quote(ref, safe='')}?$select={SELECT}" for ref in refs])
        return {ref: self._user(answer) for ref, answer in zip(refs, answers, strict=True)}

    async def get(self, ref: str) -> User:
        """One user. Raises Gone where there is none."""
        found = (await self.find([ref]))[ref]
        if isinstance(found, ConnectorError):
            raise found
        return found

    def _user(self, answer: Answer | ConnectorError) -> User | ConnectorError:
        if isinstance(answer, Gone):
            return Gone("Entra knows no such account.", system=self._session.system)
        if isinstance(answer, ConnectorError):
            return answer
        try:
            return user_from(answer.json())
        except (KeyError, TypeError, AttributeError):
            return Failed("Graph's answer about a user has an unknown shape.", system=self._session.system)
