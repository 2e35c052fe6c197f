"""How the control face is spoken to: objects in, objects out, a sentence where something makes no sense."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from samepic.practice.people import Person
from samepic.practice.world import World

Endpoint = Callable[[Request], Awaitable[Response]]

_LONGEST = timedelta(days=36_500)


class Unable(Exception):
    """What was asked makes no sense; the message says why."""

    def __init__(self, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.message, self.status = message, status


def object_in(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Unable("A JSON object is expected.")
    return given


def field_of(given: dict[str, Any], name: str, *kinds: type) -> Any:
    if name not in given or type(given[name]) not in kinds:
        raise Unable(f"`{name}` is missing or of another kind: {' or '.join(kind.__name__ for kind in kinds)}.")
    return given[name]


def texts_in(given: dict[str, Any], name: str) -> list[str]:
    texts: list[Any] = field_of(given, name, list)
    if not all(isinstance(text, str) and text for text in texts):
        raise Unable(f"`{name}` is a list of texts.")
    return texts


def person_in(world: World, request: Request) -> Person:
    """Whom the path names."""
    person = world.people.find(request.path_params["who"])
    if person is None:
        raise Unable("There is nobody of that name.", HTTPStatus.NOT_FOUND)
    return person


def duration_of(given: dict[str, Any], name: str) -> timedelta:
    seconds = field_of(given, name, int, float)
    if not 0 <= seconds <= _LONGEST.total_seconds():
        raise Unable(f"`{name}` is a number of seconds from 0 to a hundred years.")
    return timedelta(seconds=seconds)


def number_of(request: Request, name: str, default: int) -> int:
    try:
        return int(request.query_params.get(name, default))
    except ValueError:
        raise Unable(f"`{name}` is a whole number.") from None
