"""What came back over HTTP, and which of our errors an answer that is no success stands for.

Whose words an error quotes: Graph's, SharePoint's and Entra's, whose bodies differ in shape.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from samepic.errors import ConnectorError, Denied, Failed, Gone, Moved, Refused, Throttled, Unclear

_LONGEST_QUOTE = 300

_THROTTLED = (429, 503)
_MEANING: dict[int, type[ConnectorError]] = {
    401: Denied,
    403: Denied,
    404: Gone,
    410: Gone,
    409: Moved,
    412: Moved,
    408: Failed,
    423: Failed,
    424: Failed,
    425: Failed,
    501: Failed,
    507: Failed,
}
"""Statuses that say for sure what did not happen. The rest goes by its class."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers with lower-case names, and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Raises Failed where the body is not JSON: a proxy's page, or half an answer."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise Failed(f"The answer (HTTP {self.status}) is not JSON.") from None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 -- the class of success


def error_from(answer: Answer, now: datetime, *, reads: bool = True) -> ConnectorError:
    """Our error for an answer that is not a success, with the system's own words.

    A write that ends in a 5xx other than 501, 503 and 507 may have happened: the server, or a gateway before it, broke
    while it had the request.
    """
    said, status = quote(answer), answer.status
    if status in _THROTTLED:
        return Throttled(said, wait=asked_wait(answer.headers, now))
    if status in _MEANING:
        return _MEANING[status](said)
    if status >= httpx2.codes.INTERNAL_SERVER_ERROR:
        return Failed(said) if reads else Unclear(said)
    if status < httpx2.codes.BAD_REQUEST:
        said = f"{said} It points elsewhere, which is not followed."
    return Refused(said)


def asked_wait(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the system wants to be left alone; None where it does not say.

    SharePoint gives Retry-After and RateLimit-Reset and wants the longer of the two to be heeded.
    """
    waits = [_wait(headers[name], now) for name in ("retry-after", "ratelimit-reset") if name in headers]
    return max((wait for wait in waits if wait is not None), default=None)


def _wait(value: str, now: datetime) -> timedelta | None:
    """Seconds or an HTTP date as a wait; None where it makes no sense."""
    with suppress(ValueError, OverflowError):
        return max(timedelta(0), timedelta(seconds=float(value)))
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(timedelta(0), when - now)


def error_code(answer: Answer) -> str:
    """The code in a Graph, Entra or SharePoint error body, such as `ImageNotFound`; empty where there is none."""
    return _error(answer)[0]


def quote(answer: Answer) -> str:
    """`HTTP 403 ErrorAccessDenied: Access is denied.`, cut to a length that fits a log line."""
    code, message = _error(answer)
    said = ": ".join(part for part in (code, message) if part)
    text = " ".join(f"HTTP {answer.status} {said}".split())
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "..."


def _error(answer: Answer) -> tuple[str, str]:
    """Code and message from the three shapes: Graph's and verbose SharePoint's, light SharePoint's, Entra's."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    error = body.get("odata.error", body.get("error", {}))
    if not isinstance(error, dict):
        return str(error), str(body.get("error_description", ""))
    message = error.get("message", "")
    if isinstance(message, dict):
        message = message.get("value", "")
    return str(error.get("code", "")), str(message)
