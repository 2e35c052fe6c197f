"""Requests and answers as values, so that a face is a function from one to the other and a batch can call it too."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `path` is percent-decoded; names in `query` and `headers` are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def bearer(self) -> str | None:
        """The access token that came along, if one did."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.casefold() == "bearer" and token.strip() else None


@dataclass(frozen=True, slots=True)
class Answer:
    """One response. `content` is bytes, something for JSON, or None for an empty body."""

    status: int = HTTPStatus.OK
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        if self.content is None:
            return b""
        return self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()


async def ask_of(request: Request) -> Ask:
    return Ask(
        method="GET" if request.method == "HEAD" else request.method,
        path=unquote(request.scope.get("raw_path", b"").decode("latin-1") or request.url.path),
        query={name.casefold(): value for name, value in request.query_params.items()},
        headers=dict(request.headers),
        body=await request.body(),
    )


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form as browsers and OAuth clients send it, url-encoded."""
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))


def response_of(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.content is not None and not isinstance(answer.content, bytes):
        headers.setdefault("Content-Type", "application/json; charset=utf-8")
    return Response(answer.body, answer.status, headers)


Face = Callable[[Ask], Answer]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def serving(face: Face) -> Callable[[Request], Awaitable[Response]]:
    """The face as an endpoint."""

    async def endpoint(request: Request) -> Response:
        return response_of(face(await ask_of(request)))

    return endpoint
