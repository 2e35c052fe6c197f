"""Once: a request that carries an `Idempotency-Key` is done once, however often it is sent."""

from __future__ import annotations

from hashlib import sha256

from fastapi import Request
from fastapi.security.utils import get_authorization_scheme_param
from starlette.responses import Response

from samepic.store.tokens import Token, digest
from samepic.web.api.problems import Problem
from samepic.web.api.scopes import site_of
from samepic.web.api.strict import Answer, StrictRoute

HEADER = "idempotency-key"
LONGEST = 255

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class OnceRoute(StrictRoute):
    """Answers the second of two alike requests with what the first was answered; refuses the key for another one.

    Only what was done is remembered: a request that was refused may be sent again under the same key.
    """

    def get_route_handler(self) -> Answer:
        answer = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            token = await _token(request) if key is not None and request.method not in _SAFE else None
            if key is None or token is None:  # whoever has no token is told so by the route itself
                return await answer(request)
            return await _once(request, token, key, answer)

        return once


async def _token(request: Request) -> Token | None:
    scheme, text = get_authorization_scheme_param(request.headers.get("authorization", ""))
    site = site_of(request)
    return await site.org.ledger.token(digest(text), site.clock()) if scheme.casefold() == "bearer" else None


async def _once(request: Request, token: Token, key: str, answer: Answer) -> Response:
    if not 0 < len(key) <= LONGEST:
        raise Problem(422, "The idempotency key cannot be used.", f"It has 1 to {LONGEST} characters.")
    ledger, clock = site_of(request).org.ledger, site_of(request).clock
    asked = sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body())
    before = await ledger.begin_answer(token.id, key, asked.hexdigest(), clock())
    if before is not None:
        if before.request != asked.hexdigest():
            raise Problem(422, "This idempotency key was used for another request.", "Use a new key.")
        if before.status is None:
            raise Problem(409, "The first of these requests is still being answered.", "Ask again in a moment.", 1)
        return Response(before.body, before.status, media_type="application/json" if before.body else None)
    try:
        response = await answer(request)
    except BaseException:
        await ledger.drop_answer(token.id, key)
        raise
    await ledger.end_answer(token.id, key, response.status_code, bytes(response.body).decode())
    return response
