"""Graph's `/users/delta`: everybody once, then only who joined, changed or left.

See learn.microsoft.com/graph/delta-query-overview. Pictures never appear in it, as documented. A token says all there
is to know, lasts seven days of the world's clock and is answered by 410 with the address to begin at again after that.
Decided here because the documentation leaves it open: somebody who left is `deleted` (not `changed`, which means they
may come back).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from samepic.practice import userlist
from samepic.practice.graphwire import GraphError
from samepic.practice.wire import Ask
from samepic.practice.world import World

TOKEN_LIFE = timedelta(days=7)
_PAGE, _LARGEST_PAGE = 100, 999
_WISH = re.compile(r"odata\.maxpagesize=(\d+)", re.IGNORECASE)

Token = dict[str, Any]
"""`since`: the change it knows of; `round`: it is amid a round that ends with the change `until`; `after`: the last
index of a first round; `select`; `at`: when it was given, in seconds since 1970."""


def delta(world: World, ask: Ask, base: str) -> dict[str, Any]:
    """One page, with `@odata.nextLink` or, at the end, `@odata.deltaLink`. Raises GraphError."""
    text = ask.query.get("$skiptoken") or ask.query.get("$deltatoken") or None
    if text is None or text == "latest":
        known = world.people.changes
        token: Token = {"since": known, "until": known, "select": ask.query.get("$select")}
        if text is None:
            token["after"] = -1
    else:
        token = _opened(world, text, base)
    if "after" not in token and "round" not in token:
        token |= {"round": True, "until": world.people.changes}
    top = _page_size(ask)
    entries, rest = (_first_round if "after" in token else _changes)(world, token, top)
    page = {"@odata.context": f"{base}/v1.0/$metadata#users", "value": entries}
    link, name = ("@odata.nextLink", "$skiptoken") if rest else ("@odata.deltaLink", "$deltatoken")
    closed = rest or {"since": token["until"], "select": token["select"]}
    return page | {link: f"{base}/v1.0/users/delta?{urlencode({name: _closed(world, closed)}, safe='$')}"}


def _first_round(world: World, token: Token, top: int) -> tuple[list[dict[str, Any]], Token | None]:
    people, more = world.people.page(token["after"], top)
    entries = [_entry(userlist.entry(person, token["select"]), person.id) for person in people]
    return entries, token | {"after": people[-1].index} if more else None


def _changes(world: World, token: Token, top: int) -> tuple[list[dict[str, Any]], Token | None]:
    """Each change since, once for each person, as they are now."""
    found = world.people.changed_since(token["since"], token["until"], top + 1)
    entries = []
    for _, index in found[:top]:
        person = world.people.at(index)
        if person is None:
            entries.append({"id": world.people.named_at(index).id, "@removed": {"reason": "deleted"}})
        else:
            entries.append(_entry(userlist.entry(person, token["select"]), person.id))
    return entries, token | {"since": found[top - 1][0]} if len(found) > top else None


def _entry(shown: dict[str, Any], object_id: str) -> dict[str, Any]:
    return shown | {"id": object_id}


def _page_size(ask: Ask) -> int:
    wish = _WISH.search(ask.headers.get("prefer", ""))
    return max(1, min(int(wish[1]), _LARGEST_PAGE)) if wish else _PAGE


def _closed(world: World, token: Token) -> str:
    text = json.dumps(token | {"at": world.now().timestamp()})
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _opened(world: World, text: str, base: str) -> Token:
    try:
        token: Token = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        at, since = float(token["at"]), int(token["since"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise GraphError(HTTPStatus.BAD_REQUEST, "BadRequest", "Badly formed token.") from None
    if world.now().timestamp() - at > TOKEN_LIFE.total_seconds() or since > world.people.changes:
        message = "The delta token is too old. Begin again at the address in Location."
        headers = {"Location": f"{base}/v1.0/users/delta?$deltatoken="}
        raise GraphError(HTTPStatus.GONE, "syncStateNotFound", message, headers)
    return token
