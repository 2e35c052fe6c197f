"""The pictures on a person's pages: their own, in every system."""

from __future__ import annotations

from starlette.responses import Response

from samepic.model import Photo, Slot
from samepic.web.access import Access, Door
from samepic.web.ask import Ask
from samepic.web.faces import SIDES

_FOR_A_WHILE = "private, max-age=600"
"""Addresses of pictures carry the version they are of, so that a new picture has a new address."""

_SILHOUETTE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" fill="#ddd8cf"/>'
    b'<g fill="#9a948a"><circle cx="48" cy="38" r="17"/><path d="M14 96c1-24 15-35 34-35s33 11 34 35z"/></g></svg>'
)


async def face(ask: Ask) -> Response:
    """What a system shows for whoever asks."""
    system = ask.request.path_params["system"]
    for link in await ask.site.org.people.of(ask.person):
        if link.system == system and link.gone_at is None:
            slot = Slot(system, link.account.ref)
            return photo_response(ask, await ask.site.faces.shown(ask.site.org, slot, side_asked(ask), ask.person))
    return nothing_to_see()


def side_asked(ask: Ask) -> int:
    """One of the sides there are: whoever asks for others gets the usual one."""
    wanted = ask.request.query_params.get("side", "")
    return int(wanted) if wanted in {str(side) for side in SIDES} else 240


def photo_response(ask: Ask, photo: Photo | None) -> Response:
    """The picture, or that the browser has it already; a silhouette where there is none."""
    if photo is None:
        return nothing_to_see()
    tag = f'"{photo.digest[:32]}"'
    headers = {"ETag": tag, "Cache-Control": _FOR_A_WHILE}
    if tag in ask.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(photo.data, media_type=photo.media_type, headers=headers)


def nothing_to_see() -> Response:
    return Response(_SILHOUETTE, 404, media_type="image/svg+xml")


DOORS = (Door("face", "/faces/{system}", Access.PERSON, face),)
