"""Trouble as RFC 9457 tells it: `application/problem+json` with a title, a status, and what to do about it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from samepic.errors import ConnectorError, NoSuchPerson, SamepicError, Throttled, Unfit, UserError

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
UNAUTHORIZED = HTTPStatus.UNAUTHORIZED
NOTHING: Mapping[str, str] = MappingProxyType({})


class Told(BaseModel):
    """What went wrong."""

    type: str = "about:blank"
    title: str = Field(description="What is wrong, as a sentence.")
    status: int
    detail: str = Field("", description="More about it, and what can be done.")


class Problem(Exception):
    """Ends a request with this status. `detail` is what can be done about it, `wait` the seconds until it may help."""

    def __init__(
        self, status: int, title: str, detail: str = "", wait: int | None = None, headers: Mapping[str, str] = NOTHING
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail
        challenge = {"WWW-Authenticate": "Bearer"} if status == UNAUTHORIZED else {}
        self.headers = {**headers, **challenge, **({} if wait is None else {"Retry-After": str(wait)})}

    def response(self) -> Response:
        told = Told(title=self.title, status=self.status, detail=self.detail)
        return JSONResponse(told.model_dump(), self.status, self.headers, MEDIA_TYPE)


def problem_of(trouble: Exception) -> Problem:
    """Any trouble that we know how to speak about, with the status that fits it."""
    match trouble:
        case Problem():
            return trouble
        case RequestValidationError():
            return Problem(422, "The request is not as described.", _mistakes(trouble))
        case HTTPException():
            return Problem(trouble.status_code, str(trouble.detail), headers=trouble.headers or NOTHING)
        case ConnectorError():
            return _of_a_system(trouble)
        case SamepicError():
            return _of_ours(trouble)
    return Problem(500, "This did not work.", "Nothing is lost. Try again; if it happens again, read the log.")


def _of_a_system(trouble: ConnectorError) -> Problem:
    said = str(trouble) or "It did not answer."
    title = f"{trouble.system}: {said}" if trouble.system else said
    if isinstance(trouble, Throttled):
        wait = int(trouble.wait.total_seconds()) + 1 if trouble.wait else 60
        return Problem(503, title, trouble.remedy, wait)
    return Problem(502, title, trouble.remedy)


def _of_ours(trouble: SamepicError) -> Problem:
    match trouble:
        case NoSuchPerson():
            return Problem(404, trouble.message, trouble.remedy)
        case UserError():
            return Problem(409, trouble.message, trouble.remedy)
        case Unfit():
            return Problem(422, "The picture cannot be used.", trouble.message)
        case _:
            return Problem(409, str(trouble))


def _mistakes(wrong: RequestValidationError) -> str:
    """Every mistake as `where: what`, without the values."""
    return "; ".join(f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in wrong.errors())


def tell_problems(api: FastAPI) -> None:
    """Every error of this application ends as a problem."""

    async def tell(request: Request, trouble: Exception) -> Response:
        response = problem_of(trouble).response()
        if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("%s %s broke", request.method, request.url.path, exc_info=trouble)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:  # Starlette names those of the first route only
            response.headers["Allow"] = ", ".join(sorted(_methods(api, request.scope)))
        return response

    for kind in (Problem, HTTPException, RequestValidationError, SamepicError, 500):
        api.add_exception_handler(kind, tell)


def _methods(api: FastAPI, scope: Scope) -> set[str]:
    """What may be asked of this address, over all routes that lead to it."""
    found = (route for route in api.routes if isinstance(route, Route))
    return {method for route in found if route.matches(scope)[0] is not Match.NONE for method in route.methods or ()}


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: these statuses are problems."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Told"}}}
    return {status: {"description": _WORDS[status], "content": content} for status in statuses}


_WORDS = {
    400: "Not understood.",
    401: "No token, or one that does not work.",
    403: "The token may not do that.",
    404: "There is no such thing.",
    409: "It does not fit what there is now.",
    413: "Too large.",
    422: "Not as described.",
    429: "Too much at once.",
    502: "A system did not do what was asked.",
    503: "A system wants to be left alone for a while.",
}
