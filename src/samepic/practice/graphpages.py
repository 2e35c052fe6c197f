"""Pages of Graph's directory: how much fits, where one begins, and the link to the rest. Pure.

A token is the place after which its page begins, whatever a list means by that.
"""

from __future__ import annotations

import base64
from http import HTTPStatus
from urllib.parse import urlencode

from samepic.practice.graphwire import GraphError
from samepic.practice.wire import Ask

_DEFAULT_TOP, _LARGEST_TOP = 100, 999


def size_of(ask: Ask) -> int:
    """As `$top` says. Raises GraphError."""
    text = ask.query.get("$top", str(_DEFAULT_TOP))
    if not text.isdecimal() or not 1 <= int(text) <= _LARGEST_TOP:
        message = f"Invalid page size specified: '{text}'. Must be between 1 and {_LARGEST_TOP} inclusive."
        raise GraphError(HTTPStatus.BAD_REQUEST, "Request_UnsupportedQuery", message)
    return int(text)


def place_of(ask: Ask) -> str:
    """Where the page begins; empty for the first one. Raises GraphError."""
    try:
        return base64.urlsafe_b64decode(ask.query.get("$skiptoken", "")).decode()
    except ValueError:
        raise expired() from None


def expired() -> GraphError:
    """For a token that is none of this list's."""
    return GraphError(HTTPStatus.BAD_REQUEST, "Directory_ExpiredPageToken", "The page token is invalid.")


def link_to(address: str, ask: Ask, place: str) -> str:
    """The `@odata.nextLink` of a page that ends at the place."""
    token = base64.urlsafe_b64encode(place.encode()).decode()
    return f"{address}?{urlencode({**ask.query, '$skiptoken': token}, safe='$')}"
