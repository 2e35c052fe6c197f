"""How Graph says things went wrong, and the headers every answer of it carries."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from samepic.practice.wire import Answer

EXPOSED = (
    *("ETag", "Location", "Preference-Applied", "Content-Range", "request-id", "client-request-id", "Retry-After"),
    *("ReadWriteConsistencyToken", "SdkVersion", "WWW-Authenticate", "x-ms-client-gcc-tenant"),
)
"""Headers that a script of another origin may read."""


class GraphError(Exception):
    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})

    def answer(self, client_request: str, now: datetime) -> Answer:
        inner = {
            "date": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
            "request-id": str(uuid.uuid4()),
            "client-request-id": client_request,
        }
        content = {"error": {"code": self.code, "message": self.message, "innerError": inner}}
        headers = {"Cache-Control": "no-store"} | self.headers
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = f'Bearer realm="", error="invalid_token", error_description="{self.message}"'
        return Answer(self.status, content, headers)


def no_object(name: str) -> GraphError:
    message = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
    return GraphError(HTTPStatus.NOT_FOUND, "Request_ResourceNotFound", message)


def no_resource(path: str) -> GraphError:
    return GraphError(HTTPStatus.BAD_REQUEST, "BadRequest", f"Resource not found for the segment '{path}'.")


def no_mailbox() -> GraphError:
    message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
    return GraphError(HTTPStatus.NOT_FOUND, "MailboxNotEnabledForRESTAPI", message)


def json_of(body: bytes) -> dict[str, Any]:
    """Raises GraphError."""
    try:
        given = json.loads(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise GraphError(HTTPStatus.BAD_REQUEST, "BadRequest", "Unable to read JSON request payload.")
    return given


def not_found() -> GraphError:
    """The message is the one that clients have recorded."""
    message = "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException' was thrown."
    return GraphError(HTTPStatus.NOT_FOUND, "ImageNotFound", message)


def denied(
    code: str = "Authorization_RequestDenied", message: str = "Insufficient privileges to complete the operation."
) -> GraphError:
    return GraphError(HTTPStatus.FORBIDDEN, code, message)


def access_denied() -> GraphError:
    """As mailboxes say it."""
    return denied("ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def stamped(answer: Answer, client_request: str) -> Answer:
    ours = {"request-id": str(uuid.uuid4()), "client-request-id": client_request}
    return replace(answer, headers={**answer.headers, **ours})
