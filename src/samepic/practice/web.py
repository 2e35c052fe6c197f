"""A site itself and the people it knows: `web`, `currentuser`, `siteusers`, `ensureuser`, on each SharePoint host.

A site knows whoever was ensured there. Decided here because the documentation leaves it open: the three hosts share one
list of users, numbered from 10 on, since nothing about pictures depends on whose it is.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from samepic.practice import profiles
from samepic.practice.odata import Call, Entity, Page, SharePointError, Value, json_object
from samepic.practice.people import Person, stable_uuid
from samepic.practice.tokens import Caller
from samepic.practice.wire import Ask
from samepic.practice.world import World

_MANAGE = ("Sites.Manage.All", "Sites.FullControl.All")
_FIRST_ID = 10
_PERSON = 1  # SP.PrincipalType


class Web:
    """What comes after `_api/web` at any host; `title` and `address` are the site's."""

    def __init__(self, world: World, title: str, address: str) -> None:
        self._world = world
        self._title = title
        self._address = address

    def routed(self, ask: Ask, caller: Caller, chain: tuple[Call, ...]) -> Value | None:
        """None for what is not about the site or its users."""
        match (ask.method, *(call.name for call in chain)):
            case ("GET",):
                return self._site()
            case ("GET", "currentuser"):
                return self._user(self._own(caller))
            case ("GET", "siteusers"):
                return self._users(caller)
            case ("POST", "ensureuser"):
                return self._ensured(ask, caller, chain[0])
        return None

    def _site(self) -> Entity:
        properties = {
            "Id": stable_uuid(self._world.seed, self._title),
            "Language": 1033,
            "ServerRelativeUrl": "/",
            "Title": self._title,
            "Url": self._address,
        }
        return Entity("SP.Web", "Web", properties)

    def _users(self, caller: Caller) -> Page:
        if caller.app_only and not caller.may(*_MANAGE, "Sites.Read.All", "Sites.ReadWrite.All"):
            raise _denied()
        known = self._world.state.rows("SELECT person FROM site_users ORDER BY id")
        people = (self._world.people.at(index) for (index,) in known)
        return Page([self._user(person) for person in people if person])

    def _ensured(self, ask: Ask, caller: Caller, call: Call) -> Entity:
        if not caller.may(*_MANAGE):
            raise _denied()
        name = call.argument("logonName") or json_object(ask.body).get("logonName")
        person = self._world.people.find(profiles.upn_of(str(name)))
        if person is None:
            message = f"The specified user {name} could not be found."
            raise SharePointError(
                HTTPStatus.INTERNAL_SERVER_ERROR, "-2146232832, Microsoft.SharePoint.SPException", message
            )
        return self._user(person)

    def _own(self, caller: Caller) -> Person:
        person = self._world.people.find(caller.person) if caller.person else None
        if person is None:
            raise _denied()
        return person

    def _user(self, person: Person) -> Entity:
        """Known to the site from now on."""
        self._world.state.change("INSERT OR IGNORE INTO site_users (person) VALUES (?)", person.index)
        found = self._world.state.row("SELECT id FROM site_users WHERE person = ?", person.index)
        number = _FIRST_ID + (found[0] if found else 0)
        properties: dict[str, Any] = {
            "Id": number,
            "IsHiddenInUI": False,
            "LoginName": profiles.account_name(person),
            "Title": person.name,
            "PrincipalType": _PERSON,
            "Email": person.mail or "",
            "IsSiteAdmin": False,
            "UserPrincipalName": person.upn,
        }
        return Entity("SP.User", f"Web/GetUserById({number})", properties)


def _denied() -> SharePointError:
    message = "Access denied. You do not have permission to perform this action or access this resource."
    return SharePointError(HTTPStatus.FORBIDDEN, "-2147024891, System.UnauthorizedAccessException", message)
