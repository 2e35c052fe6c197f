"""Web pages of the practice tenant."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from jinja2 import Environment, PackageLoader
from starlette.responses import HTMLResponse, RedirectResponse

_TEMPLATES = Environment(loader=PackageLoader("samepic.practice"), autoescape=True)
_POLICY = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'none'"


def page(template: str, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(_TEMPLATES.get_template(template).render(values), status, headers)


def see(address: str) -> RedirectResponse:
    return RedirectResponse(address, HTTPStatus.FOUND, {"Cache-Control": "no-store"})
