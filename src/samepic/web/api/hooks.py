"""The webhook: another system says that somebody's picture changed. Signed as Standard Webhooks describes it.

The signature is HMAC-SHA256 over `id.timestamp.body`; a delivery is taken once, and not when it is older than five
minutes (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import ValidationError

from samepic.web.api.problems import Problem, described
from samepic.web.api.scopes import site_of
from samepic.web.api.shapes.people import Changed, Taken
from samepic.web.api.strict import StrictRoute
from samepic.web.site import Site

router = APIRouter(route_class=StrictRoute, tags=["webhook"])

SECRET_PREFIX = "whsec_"  # noqa: S105 -- what the standard puts before a secret
FRESH = timedelta(minutes=5)

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Changed"}}},
    }
}


@router.post("/hooks/changed", status_code=202, responses=described(401, 404, 409, 422), openapi_extra=_BODY)
async def changed(
    request: Request,
    webhook_id: Annotated[str, Header(min_length=1, max_length=255)],
    webhook_timestamp: Annotated[int, Header(ge=0, le=2**40)],
    webhook_signature: Annotated[str, Header(max_length=2000)],
) -> Taken:
    """Somebody changed: their routes are looked at, and those move that start on a change."""
    site, body = site_of(request), await request.body()
    signed = f"{webhook_id}.{webhook_timestamp}.".encode() + body
    _require_signature(_secret(site), signed, webhook_signature)
    if abs(site.clock() - datetime.fromtimestamp(webhook_timestamp, UTC)) > FRESH:
        raise Problem(401, "This delivery is too old.", "Are both clocks right?")
    about = _read(body)
    if not await site.org.ledger.take_delivery(webhook_id, site.clock()):
        raise Problem(409, "This delivery was taken before.")
    people = await site.org.people.find(about.person)
    if len(people) > 1:
        raise Problem(422, "Several people go by that.", "Use an address or an id.")
    for person in people:
        await site.work.changed(person)
    return Taken(people=len(people))


def _secret(site: Site) -> bytes:
    """The key that deliveries are signed with. Raises Problem(404) where the settings have none."""
    settings = site.settings
    if not settings.portal.hook_secret:
        raise Problem(404, "No webhook is set up here.", "Set portal.hook_secret.")
    return base64.b64decode(settings.secret(settings.portal.hook_secret).removeprefix(SECRET_PREFIX))


def _require_signature(secret: bytes, signed: bytes, signatures: str) -> None:
    """Raises Problem(401) where none of the signatures fits; there are several while a secret is being changed."""
    right = hmac.digest(secret, signed, "sha256")
    for one in signatures.split():
        version, _, text = one.partition(",")
        try:
            given = base64.b64decode(text, validate=True)
        except binascii.Error:
            continue
        if version == "v1" and hmac.compare_digest(given, right):
            return
    raise Problem(401, "The signature does not fit.")


def _read(body: bytes) -> Changed:
    try:
        return Changed.model_validate_json(body)
    except ValidationError:
        raise Problem(422, "The delivery is not as described.", 'It is JSON such as {"person": "ada@x"}.') from None
