"""The API as one application, below `/api`: JSON, described by OpenAPI 3.1."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from samepic import __version__
from samepic.store.tokens import MEANING
from samepic.web.access import SMALL
from samepic.web.api import administration, hooks, log, orders, people, pictures, runs
from samepic.web.api.problems import Told, tell_problems
from samepic.web.site import Site

ABOUT = f"""\
People, their pictures, and what every system shows.

A token made in the portal goes into `Authorization: Bearer`; it may do what its scopes say:

{chr(10).join(f"* `{scope}`: {meaning}" for scope, meaning in MEANING.items())}

A request that changes something may carry an `Idempotency-Key`: sent again with the same key it is not done again, and
is answered as the first time. Trouble is told as `application/problem+json`.
"""


def api(site: Site) -> FastAPI:
    """The application over an open site."""
    found = FastAPI(
        title="samepic",
        version=__version__,
        description=ABOUT,
        docs_url=None,  # its page wants scripts from elsewhere
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    found.state.site = site
    for part in (people, pictures, runs, orders, administration, log, hooks):
        found.include_router(part.router)
    tell_problems(found)
    _describe_problems(found)
    found.add_middleware(Limits, upload=int(site.settings.portal.upload_megabytes * 1_000_000))
    return found


class Limits:
    """How much a request may carry: a picture where one is put, else little."""

    def __init__(self, app: ASGIApp, upload: int) -> None:
        self._picture = RequestBodyLimitMiddleware(app, upload)
        self._other = RequestBodyLimitMiddleware(app, SMALL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        picture = scope["type"] == "http" and scope["method"] == "PUT"
        await (self._picture if picture else self._other)(scope, receive, send)


def _describe_problems(found: FastAPI) -> None:
    """The shape of a problem stands in the description although no route answers with it by itself."""
    made = found.openapi

    def openapi() -> dict[str, object]:
        if found.openapi_schema is None:
            schemas = made().setdefault("components", {}).setdefault("schemas", {})
            schemas["Told"] = Told.model_json_schema()
        assert found.openapi_schema is not None
        return found.openapi_schema

    found.openapi = openapi  # type: ignore[method-assign]  # how FastAPI's own documentation says to do it
