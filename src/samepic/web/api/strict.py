"""Strict: a parameter that a route does not have is a mistake of whoever asks, and not passed over in silence."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.responses import Response

from samepic.web.api.problems import Problem

Answer = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRoute(APIRoute):
    """Raises Problem(422) for a query with names that are not described: `?verdct=older` would list everybody."""

    def get_route_handler(self) -> Answer:
        answer, known = super().get_route_handler(), frozenset(_queries(self.dependant))

        async def strict(request: Request) -> Response:
            if unknown := sorted(set(request.query_params) - known):
                there = f"There are {', '.join(sorted(known))}." if known else "There are none here."
                raise Problem(422, f"There is no parameter {', '.join(unknown)}.", there)
            return await answer(request)

        return strict


def _queries(dependant: Dependant) -> Iterator[str]:
    yield from (one.alias for one in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _queries(inner)
