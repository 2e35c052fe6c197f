"""Graph's `/users`: what an entry shows, which part of the list is asked for, and the link to the rest. Pure."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from samepic.model import Kind
from samepic.practice.directory import Directory
from samepic.practice.graphpages import expired, link_to, place_of, size_of
from samepic.practice.graphwire import GraphError
from samepic.practice.people import Person, Synced, stable_uuid
from samepic.practice.wire import Ask

_DEFAULT = (
    *("businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation"),
    *("preferredLanguage", "surname", "userPrincipalName", "id"),
)
_TERM = re.compile(r"\s*(accountEnabled|userType)\s+eq\s+(true|false|'Member'|'Guest')\s*", re.IGNORECASE)
_PLANS = (
    ("exchange", stable_uuid("EXCHANGE_S_ENTERPRISE")),
    ("SharePoint", stable_uuid("SHAREPOINTENTERPRISE")),
)


def entry(person: Person, select: str | None) -> dict[str, Any]:
    """The selected properties of one person, or the ones Graph gives unasked."""
    every = _properties(person)
    names = [name.strip() for name in select.split(",")] if select else list(_DEFAULT)
    by_fold = {name.casefold(): name for name in every}
    return {by_fold[name.casefold()]: every[by_fold[name.casefold()]] for name in names if name.casefold() in by_fold}


def listing(people: Directory, ask: Ask, base: str) -> dict[str, Any]:
    """One page with `@odata.nextLink` where there is more. Raises GraphError for a query Graph would refuse."""
    terms = _terms(ask.query.get("$filter"))
    found, more = people.page(_after(ask), size_of(ask), **terms)
    page: dict[str, Any] = {"@odata.context": f"{base}/v1.0/$metadata#users"}
    eventual = ask.headers.get("consistencylevel", "").casefold() == "eventual"
    if ask.query.get("$count", "").casefold() == "true" and eventual:
        page["@odata.count"] = people.count(**terms)
    if more:
        page["@odata.nextLink"] = link_to(f"{base}/v1.0/users", ask, str(found[-1].index))
    return page | {"value": [entry(person, ask.query.get("$select")) for person in found]}


def _properties(person: Person) -> dict[str, Any]:
    synced = person.synced or Synced()
    return {
        "id": person.id,
        "userPrincipalName": person.upn,
        "displayName": person.name,
        "givenName": person.given if person.kind in {Kind.PERSON, Kind.GUEST} else None,
        "surname": person.surname if person.kind in {Kind.PERSON, Kind.GUEST} else None,
        "mail": person.mail,
        "proxyAddresses": [f"SMTP:{person.mail}"] if person.mail else [],
        "employeeId": person.employee,
        "userType": "Guest" if person.guest else "Member",
        "accountEnabled": person.enabled,
        "assignedPlans": _plans(person),
        "onPremisesSyncEnabled": person.synced is not None or None,
        "onPremisesImmutableId": synced.immutable_id,
        "onPremisesSamAccountName": synced.sam_account_name,
        "onPremisesSecurityIdentifier": synced.security_identifier,
        "businessPhones": [],
        **dict.fromkeys(("jobTitle", "mobilePhone", "officeLocation", "preferredLanguage")),
    }


def _plans(person: Person) -> list[dict[str, str]]:
    """Shared mailboxes, rooms and guests hold no licence unless control gives them one; a lost plan of a person stays
    listed as Deleted, as in the cloud.
    """
    if person.kind is not Kind.PERSON and not person.exchange:
        return []
    states = {"exchange": "Enabled" if person.exchange else "Deleted", "SharePoint": "Enabled"}
    return [
        {
            "assignedDateTime": "2020-01-01T00:00:00Z",
            "capabilityStatus": states[service],
            "service": service,
            "servicePlanId": plan,
        }
        for service, plan in _PLANS
    ]


def _terms(text: str | None) -> dict[str, bool]:
    terms = {}
    for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE) if text else ():
        match = _TERM.fullmatch(part.strip("() "))
        about_account = match is not None and match[1].casefold() == "accountenabled"
        if match is None or about_account != (match[2].casefold() in {"true", "false"}):
            message = "Unsupported or invalid query filter clause specified."
            raise GraphError(HTTPStatus.BAD_REQUEST, "Request_UnsupportedQuery", message)
        value = match[2].casefold()
        terms["enabled" if about_account else "guest"] = value == "true" if about_account else value == "'guest'"
    return terms


def _after(ask: Ask) -> int:
    place = place_of(ask) or "-1"
    try:
        return int(place)
    except ValueError:
        raise expired() from None
