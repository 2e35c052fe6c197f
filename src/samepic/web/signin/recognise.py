"""Who somebody is: a person of the organisation, an administrator, both or neither."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samepic.engine.organisation import Organisation
from samepic.model import Kind, PersonId, key
from samepic.settings.portal import Provider
from samepic.store.ledger import Identity

_log = logging.getLogger(__name__)

CONNECTED = "connected"
"""`linked_by` of an identity that its owner connected."""

_PEOPLE = (Kind.PERSON, Kind.GUEST)


@dataclass(frozen=True, slots=True)
class Recognised:
    """`linked_by` is what decided: "object id", "e-mail", or what an earlier binding says."""

    person: PersonId
    linked_by: str


async def recognise(org: Organisation, provider: Provider, claims: Mapping[str, Any]) -> Recognised | None:
    """Whose identity this is; None for a stranger, and wherever it could be two people.

    An object id of Entra's goes with the account for ever, so it decides first. Anybody else is known by the binding
    to issuer and subject; an e-mail address decides once, the first time: addresses are given to other people later.
    """
    if provider.kind == "microsoft" and (person := await with_object_id(org, claims)) is not None:
        return Recognised(person, "object id")
    if (bound := await org.ledger.identity(claims["iss"], claims["sub"])) is not None:
        return Recognised(bound.person, bound.linked_by) if await _is_there(org, bound.person) else None
    if provider.kind == "other" and (address := proven_address(provider, claims)):
        person = await _the_only(org, key("mail", address), key("upn", address))
        return None if person is None else Recognised(person, "e-mail")
    return None


async def with_object_id(org: Organisation, claims: Mapping[str, Any]) -> PersonId | None:
    """The person whose account is meant, provided that the token's tenant is the one that issued it."""
    oid, tenant = claims.get("oid"), claims.get("tid")
    if not isinstance(oid, str) or not isinstance(tenant, str) or f"/{tenant}/" not in f"{claims['iss']}/":
        return None
    return await _the_only(org, key("id", oid), certain=True)


def proven_address(provider: Provider, claims: Mapping[str, Any]) -> str:
    """The address that the provider has seen to be theirs, if it is of a domain that the settings allow.

    Of letters beyond ASCII some fold into others (the Kelvin sign is a k), so an address with any proves nothing.
    """
    address = claims.get("email")
    if not isinstance(address, str) or not address.isascii() or claims.get("email_verified") is not True:
        return ""
    domain = address.rpartition("@")[2].casefold()
    return address if domain in {one.casefold() for one in provider.domains} else ""


def is_administrator(provider: Provider, claims: Mapping[str, Any]) -> bool:
    """Whether a claim that the settings name says so. Groups that Entra left out count as none: the log says so."""
    left_out = claims.get("_claim_names") or ()
    for one in provider.administrators:
        name, _, value = one.partition(":")
        said = claims.get(name)
        if said == value or (isinstance(said, list) and value in said):
            return True
        if name in left_out:
            _log.warning(
                "%s: too many groups to be listed in the ID token, so nobody is an administrator by %r. "
                "Assign an application role instead, or limit the claim to assigned groups.",
                provider.name,
                one,
            )
    return False


async def bind(org: Organisation, known: Recognised, claims: Mapping[str, Any]) -> None:
    """Notes whose identity it is, and what the provider calls them now."""
    now, issuer, subject = org.clock(), claims["iss"], claims["sub"]
    before = await org.ledger.identity(issuer, subject)
    same = before is not None and before.person == known.person
    linked_by, at = (before.linked_by, before.at) if before and same else (known.linked_by, now)
    name, address = name_of(claims), address_of(claims)
    await org.ledger.bind_identity(Identity(issuer, subject, known.person, name, address, linked_by, at, now))


def name_of(claims: Mapping[str, Any]) -> str:
    """What to call somebody; providers send what they like, so it is cut to what fits a line."""
    said = next((claims[one] for one in ("name", "preferred_username", "email") if claims.get(one)), claims["sub"])
    return str(said)[:200]


def address_of(claims: Mapping[str, Any]) -> str | None:
    """How they are shown where names are not enough; it decides nothing."""
    said = next((claims[one] for one in ("email", "preferred_username") if claims.get(one)), None)
    return None if said is None else str(said)[:200]


async def _the_only(org: Organisation, *keys: str, certain: bool = False) -> PersonId | None:
    """The one person whose accounts have such a key; None where there are two.

    Unless the key is `certain`, None as well where a system's account contradicts another's: whose it is, nobody knows.
    """
    found = [link for link in await org.people.with_keys(*keys) if link.account.kind in _PEOPLE]
    people = {link.person for link in found}
    if len(people) != 1 or (not certain and await org.ledger.contradictions([link.slot for link in found])):
        return None
    return people.pop()


async def _is_there(org: Organisation, person: PersonId) -> bool:
    return any(link.gone_at is None for link in await org.people.of(person))
