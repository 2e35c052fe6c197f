"""Whose a mailbox is: a person's, several people's, or a room's. Only Exchange knows; a user's entry does not say.

See learn.microsoft.com/graph/api/user-get-mailboxsettings (`userPurpose`, application right MailboxSettings.Read).
Rooms and shared mailboxes are accounts that may not sign in, as a rule without a licence, so only such are asked about.
A room with a licence is known by the list of rooms (learn.microsoft.com/graph/api/place-list, Place.Read.All).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from samepic.connectors.answers import Answer
from samepic.connectors.batch import get_all
from samepic.connectors.http import Session
from samepic.connectors.microsoft import User
from samepic.connectors.paging import entries
from samepic.errors import ConnectorError, Denied, Failed
from samepic.model import Kind

_KINDS: Mapping[str, Kind] = {"room": Kind.ROOM, "equipment": Kind.ROOM, "shared": Kind.SHARED}

_ROOMS = "/places/microsoft.graph.room?$top=1000"
_NO_MAILBOX = 404


async def room_addresses(session: Session) -> frozenset[str]:
    """The mail addresses of all rooms, case-folded; none where the right to list them is missing."""
    try:
        found = [address async for address in entries(session, _ROOMS, _address_of, "rooms")]
    except Denied:
        return frozenset()
    return frozenset(found) - {""}


def _address_of(room: Mapping[str, Any]) -> str:
    return str(room.get("emailAddress") or "").casefold()


async def with_purposes(
    session: Session, users: Sequence[User], rooms: Collection[str] = ()
) -> list[User | ConnectorError]:
    """The users in their order, with the kinds of those that are no person's, who have a mailbox then; or why it
    cannot be told. Whoever has an address of `rooms` is one; twenty others to ask about cost one request.
    """
    users = [_as(user, Kind.ROOM) if _is_at(user, rooms) else user for user in users]
    asked = [user for user in users if _may_be_shared(user)]
    paths = [f"/users/{quote(user.account.ref, safe='')}/mailboxSettings/userPurpose" for user in asked]
    answers = await get_all(session, paths, accept=(_NO_MAILBOX,))
    told = {user.account.ref: _told(user, answer, session) for user, answer in zip(asked, answers, strict=True)}
    return [told.get(user.account.ref, user) for user in users]


def _is_at(user: User, rooms: Collection[str]) -> bool:
    return user.account.kind is Kind.PERSON and (user.account.address or "").casefold() in rooms


def _as(user: User, kind: Kind) -> User:
    return replace(user, account=replace(user.account, kind=kind), exchange=True)


def _may_be_shared(user: User) -> bool:
    return user.account.kind is Kind.PERSON and not (user.exchange and user.account.active)


def _told(user: User, answer: Answer | ConnectorError, session: Session) -> User | ConnectorError:
    if isinstance(answer, Denied):
        said = "Which mailboxes are rooms' or shared may not be read."
        remedy = "Grant the application MailboxSettings.Read, or leave rooms and shared out of `include`."
        return Denied(said, system=session.system, remedy=remedy)
    if isinstance(answer, ConnectorError) or answer.status == _NO_MAILBOX:
        return answer if isinstance(answer, ConnectorError) else user
    try:
        kind = _KINDS.get(str(answer.json()["value"]).casefold())
    except (KeyError, TypeError, AttributeError):
        return Failed("Graph's answer about a mailbox has an unknown shape.", system=session.system)
    return user if kind is None else _as(user, kind)
