"""Graph's change notifications, as far as they can be asked for (learn.microsoft.com/graph/api/resources/subscription).

A subscription to people or groups is kept, listed, renewed and dropped, and ends by the world's clock. There is none
for pictures, as documented. Decided here: the address is not asked whether it wants them, and nothing is ever sent,
because the tenant reaches nobody.
"""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from samepic.practice.graphwire import GraphError
from samepic.practice.tokens import Caller
from samepic.practice.world import World

LONGEST = timedelta(minutes=41_760)
_RESOURCE = re.compile(r"/?(users|groups)(/[^/]+|\('[^']+'\))?", re.IGNORECASE)
_CHANGES = frozenset({"created", "updated", "deleted"})


def subscribe(world: World, caller: Caller, wanted: dict[str, Any]) -> dict[str, Any]:
    """A new subscription. Raises GraphError."""
    missing = [name for name in ("changeType", "notificationUrl", "resource") if not isinstance(wanted.get(name), str)]
    if missing:
        raise _invalid(f"The property '{missing[0]}' is required.")
    if not _RESOURCE.fullmatch(wanted["resource"]):
        raise _invalid(f"Resource '{wanted['resource']}' is not supported.")
    if not set(wanted["changeType"].replace(" ", "").split(",")) <= _CHANGES:
        raise _invalid(f"Change type '{wanted['changeType']}' is not supported.")
    if not wanted["notificationUrl"].startswith("https://"):
        raise _invalid("The notification address has to begin with https.")
    kept = {
        "id": str(uuid.uuid4()),
        "resource": wanted["resource"],
        "applicationId": caller.app,
        "changeType": wanted["changeType"],
        "clientState": wanted.get("clientState"),
        "notificationUrl": wanted["notificationUrl"],
        "creatorId": caller.person or caller.app,
    }
    return _kept(world, kept, wanted.get("expirationDateTime"))


def renew(world: World, subscription: dict[str, Any], until: object) -> dict[str, Any]:
    """Raises GraphError."""
    return _kept(world, subscription, until)


def subscriptions(world: World) -> list[dict[str, Any]]:
    """Those that have not run out; what the client wanted to recognise them by is not told again."""
    world.state.change("DELETE FROM subscriptions WHERE until <= ?", world.now().timestamp())
    found = world.state.rows("SELECT content FROM subscriptions ORDER BY id")
    return [json.loads(content) | {"clientState": None} for (content,) in found]


def subscription(world: World, name: str) -> dict[str, Any]:
    """Raises GraphError."""
    found = next((one for one in subscriptions(world) if one["id"] == name.casefold()), None)
    if found is None:
        raise GraphError(HTTPStatus.NOT_FOUND, "ResourceNotFound", "The object was not found.")
    return found


def unsubscribe(world: World, name: str) -> None:
    """Raises GraphError."""
    world.state.change("DELETE FROM subscriptions WHERE id = ?", subscription(world, name)["id"])


def _kept(world: World, content: dict[str, Any], until: object) -> dict[str, Any]:
    try:
        end = datetime.fromisoformat(str(until))
    except ValueError:
        raise _invalid("The property 'expirationDateTime' is required.") from None
    end = end if end.tzinfo else end.replace(tzinfo=UTC)
    if end <= world.now():
        raise _invalid("Subscription expiration has to be in the future.")
    if end > world.now() + LONGEST:
        minutes = int(LONGEST.total_seconds() / 60)
        raise _invalid(f"Subscription expiration can only be {minutes} minutes in the future.")
    shown = content | {"expirationDateTime": f"{end.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}
    world.state.change(
        "INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?)", shown["id"], json.dumps(shown), end.timestamp()
    )
    return shown


def _invalid(message: str) -> GraphError:
    return GraphError(HTTPStatus.BAD_REQUEST, "InvalidRequest", message)
