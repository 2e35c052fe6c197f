"""Kept pictures by their digest, drawn anew at the size of a page."""

from __future__ import annotations

import re

from starlette.responses import Response

from samepic.model import Digest
from samepic.web.access import Access, Door
from samepic.web.ask import Ask
from samepic.web.pages.faces import nothing_to_see, photo_response, side_asked

_DIGEST = re.compile(r"[0-9a-f]{64}")


async def picture(ask: Ask) -> Response:
    digest = ask.request.path_params["digest"]
    if not _DIGEST.fullmatch(digest):
        return nothing_to_see()
    kept = await ask.site.faces.kept(ask.site.org, Digest(digest), side_asked(ask), ask.who.label)
    return photo_response(ask, kept)


DOORS = (Door("admin-picture", "/admin/pictures/{digest}", Access.ADMINISTRATOR, picture),)
