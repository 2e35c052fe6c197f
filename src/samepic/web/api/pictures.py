"""The pictures themselves: what is shown, and changing it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from samepic.engine.setting import Effect, remove_picture, set_picture
from samepic.engine.status import status
from samepic.engine.undo import undo_at_once, undoable
from samepic.model import PersonId, Slot
from samepic.store.tokens import Scope, Token
from samepic.web.api.once import OnceRoute
from samepic.web.api.people import Who, require_person
from samepic.web.api.problems import Problem, described
from samepic.web.api.scopes import Needs, site_of
from samepic.web.api.shapes.runs import Done, Effects
from samepic.web.faces import SIDES
from samepic.web.uploads import keep_upload

router = APIRouter(route_class=OnceRoute, tags=["pictures"])

_JPEG: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}
_UPLOAD = {
    "requestBody": {
        "description": "A picture of any kind that samepic reads: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC.",
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
System = Annotated[str, Path(description="A system's name in the settings.", pattern=r"^[^/\x00-\x1f]{1,200}$")]


@router.get(
    "/people/{person}/pictures/{system}",
    response_class=Response,
    responses={**_JPEG, **described(401, 403, 404, 422)},
)
async def picture(
    request: Request,
    person: Who,
    system: System,
    _: Annotated[Token, Depends(Needs(Scope.PICTURES_READ))],
    side: Annotated[int, Query(description="Pixels along the side, at most.", ge=1, le=SIDES[-1])] = SIDES[1],
) -> Response:
    """What the system shows for this person, drawn anew as a square JPEG without metadata."""
    site = site_of(request)
    roll = await require_person(site, person)
    slot = roll.persons[PersonId(person)].get(system)
    photo = None if slot is None else await site.faces.shown(site.org, slot, _side(side), owner="api")
    if photo is None:
        raise Problem(404, "There is no picture.")
    return Response(photo.data, media_type=photo.media_type, headers={"ETag": f'"{photo.digest}"'})


@router.put(
    "/people/{person}/picture", responses=described(401, 403, 404, 409, 413, 422, 502, 503), openapi_extra=_UPLOAD
)
async def put_picture(
    request: Request, person: Who, token: Annotated[Token, Depends(Needs(Scope.PICTURES_WRITE))]
) -> Effects:
    """Sets the person's picture where it counts; from there it goes wherever the routes lead."""
    site = site_of(request)
    roll = await require_person(site, person)
    kept = await keep_upload(site, PersonId(person), await request.body(), None, by=token.label)
    effect = await set_picture(site.org, roll, PersonId(person), kept.digest, by=token.label)
    await site.org.ledger.note_audit(token.label, "picture set", PersonId(person), {}, site.clock())
    return effects(effect)


@router.delete("/people/{person}/picture", responses=described(401, 403, 404, 409, 422, 502, 503))
async def delete_picture(
    request: Request, person: Who, token: Annotated[Token, Depends(Needs(Scope.PICTURES_WRITE))]
) -> Effects:
    """Takes the picture away where it counts; what that means elsewhere is for each route's rule."""
    site = site_of(request)
    roll = await require_person(site, person)
    effect = await remove_picture(site.org, roll, PersonId(person), by=token.label)
    await site.org.ledger.note_audit(token.label, "picture removed", PersonId(person), {}, site.clock())
    return effects(effect)


@router.post("/people/{person}/undo", responses=described(401, 403, 404, 409, 422, 502, 503))
async def undo_pictures(
    request: Request,
    person: Who,
    token: Annotated[Token, Depends(Needs(Scope.PICTURES_WRITE))],
    system: Annotated[str | None, Query(max_length=200, description="Only there.")] = None,
) -> Effects:
    """Puts back what samepic's last write replaced, byte for byte, and keeps it so."""
    site = site_of(request)
    org, who = site.org, PersonId(person)
    roll = await require_person(site, person)
    intents = [one for one in await undoable(org, people=[who]) if system in {None, one.slot.system}]
    if not intents:
        raise Problem(409, "There is nothing to undo.")
    run, outcomes = await undo_at_once(org, roll, intents, force=False)
    await org.ledger.note_audit(token.label, "undo", who, {"run": run}, site.clock())
    await status(org, roll, [who])  # what is shown now is what pages and programs are told from here on
    return Effects(outcomes=[Done.of(one) for one in outcomes])


@router.delete("/people/{person}/pins/{system}", status_code=204, responses=described(401, 403, 404, 422))
async def release_pin(
    request: Request, person: Who, system: System, token: Annotated[Token, Depends(Needs(Scope.PICTURES_WRITE))]
) -> None:
    """Lets a picture that was undone be written again."""
    site = site_of(request)
    roll = await require_person(site, person)
    slot: Slot | None = roll.persons[PersonId(person)].get(system)
    if slot is None or not await site.org.ledger.release(slot):
        raise Problem(404, "Nothing is held there by an undo.")
    await site.org.ledger.note_audit(token.label, "released", PersonId(person), {"system": system}, site.clock())


def _side(asked: int) -> int:
    """The smallest of the sizes that pages have, of those that are large enough."""
    return next(one for one in SIDES if one >= asked)


def effects(effect: Effect) -> Effects:
    """What a change led to. Raises Problem(502) where the system would not have it."""
    first = [effect.outcome] if effect.outcome else []
    then = list(effect.moved.outcomes) if effect.moved else []
    if effect.outcome is not None and not effect.good:
        raise Problem(502, effect.outcome.detail or "The system refused the picture.", effect.outcome.remedy)
    return Effects(outcomes=[Done.of(one) for one in (*first, *then)], approval=effect.approval)
