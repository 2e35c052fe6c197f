"""Graph's JSON batching (learn.microsoft.com/graph/json-batching): up to 20 requests in one, each with its own status.

Answers come back in no promised order; here in the opposite one, so that a client that does not go by id notices.
"""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from samepic.practice.graphwire import GraphError, stamped
from samepic.practice.wire import Answer, Ask, Face

_MOST = 20
_BATCH_PATHS = ("/v1.0/$batch", "/beta/$batch")


def batching(alone: Face, inside: Face) -> Face:
    """The face `alone`, with `$batch` added: every item goes to `inside`, with the batch's own credentials."""

    def answer(ask: Ask) -> Answer:
        if "/" + ask.path.strip("/").casefold() not in _BATCH_PATHS or ask.method != "POST":
            return alone(ask)
        request = ask.headers.get("client-request-id", str(uuid.uuid4()))
        try:
            items = _items(ask.body)
        except (ValueError, TypeError, KeyError) as why:
            error = GraphError(HTTPStatus.BAD_REQUEST, "BadRequest", f"Invalid batch payload format: {why}")
            return stamped(Answer(error.status, {"error": {"code": error.code, "message": error.message}}), request)
        return stamped(Answer(content={"responses": _answered(items, ask, inside)}), request)

    return answer


def _items(body: bytes) -> list[Mapping[str, Any]]:
    items: list[Mapping[str, Any]] = json.loads(body)["requests"]
    if len(items) > _MOST:
        raise ValueError(f"Number of batch request steps exceeds the maximum value of {_MOST}.")
    ids = [str(item["id"]) for item in items]
    if len(set(ids)) != len(ids):
        raise ValueError("Request ids must be unique.")
    for item in items:
        str(item["method"]), str(item["url"])
    return items


def _answered(items: list[Mapping[str, Any]], batch: Ask, inside: Face) -> list[dict[str, Any]]:
    done: dict[str, dict[str, Any]] = {}
    for item in items:
        needs = item.get("dependsOn") or item.get("depends_on") or []
        failed = any(done.get(need, {"status": 424})["status"] >= HTTPStatus.BAD_REQUEST for need in needs)
        answer = _failed_dependency() if failed else inside(_ask(item, batch))
        done[str(item["id"])] = _shown(str(item["id"]), answer)
    return list(reversed(done.values()))


def _ask(item: Mapping[str, Any], batch: Ask) -> Ask:
    parts = urlsplit(str(item["url"]))
    path = "/" + unquote(parts.path).lstrip("/")
    if not path.casefold().startswith(("/v1.0/", "/beta/")):
        path = "/v1.0" + path
    own = {name.casefold(): str(value) for name, value in (item.get("headers") or {}).items()}
    return Ask(
        method=str(item["method"]).upper(),
        path=path,
        query={name.casefold(): value for name, value in parse_qsl(parts.query)},
        headers={"authorization": batch.headers.get("authorization", "")} | own,
        body=_body(item.get("body")),
    )


def _body(body: Any) -> bytes:
    """A picture is text in either base64 alphabet, padded or not; anything else is JSON as it stands."""
    if body is None:
        return b""
    if not isinstance(body, str):
        return json.dumps(body).encode()
    plain = body.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return body.encode()


def _shown(item_id: str, answer: Answer) -> dict[str, Any]:
    content = base64.b64encode(answer.content).decode() if isinstance(answer.content, bytes) else answer.content
    kind = {} if isinstance(answer.content, bytes | None) else {"Content-Type": "application/json"}
    shown = {"id": item_id, "status": int(answer.status), "headers": kind | dict(answer.headers)}
    return shown if content is None else shown | {"body": content}


def _failed_dependency() -> Answer:
    message = "The request was not made because one it depends on failed."
    return Answer(HTTPStatus.FAILED_DEPENDENCY, {"error": {"code": "FailedDependency", "message": message}})
