"""Adding a picture: taken as it comes, turned and cut by hand, seen as each system will show it, then used."""

from __future__ import annotations

from functools import partial

from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from samepic.errors import Unfit
from samepic.web.access import Access, Door
from samepic.web.ask import Ask
from samepic.web.cutting import Bench
from samepic.web.limits import TooMany
from samepic.web.pages.gallery import mine, photo_page, use
from samepic.web.pages.refusals import refusal
from samepic.web.uploads import keep_upload


async def add(ask: Ask) -> Response:
    """An upload. It goes into the gallery, and nowhere else before its owner says so."""
    upload = ask.form.get("picture")
    data = await upload.read() if isinstance(upload, UploadFile) else b""
    if not data:
        return await photo_page(ask, 400, ask.words.say("No picture was chosen."))
    try:
        with ask.site.uploads.turn(ask.person, ask.site.clock()):
            added = await keep_upload(ask.site, ask.person, data, None, by=ask.person)
    except Unfit as unfit:
        return await photo_page(ask, 400, refusal(ask.words, unfit))
    except TooMany as many:
        return await photo_page(ask, 429, _wait(ask, many))
    return RedirectResponse(ask.door("cut", number=added.id), status_code=303)


def _wait(ask: Ask, many: TooMany) -> str:
    if many.at_once:
        return ask.words.say("Another picture of yours is being opened. Wait a moment, then try again.")
    return ask.words.say("These were many pictures within an hour. Try again later.")


async def cut(ask: Ask) -> Response:
    return await (await _bench(ask)).page()


async def recut(ask: Ask) -> Response:
    return await (await _bench(ask)).press(partial(use, ask))


async def see_preview(ask: Ask) -> Response:
    return await (await _bench(ask)).see_preview()


async def see_whole(ask: Ask) -> Response:
    return await (await _bench(ask)).see_whole()


async def _bench(ask: Ask) -> Bench:
    added = await mine(ask)
    return Bench(
        ask,
        added,
        by=ask.person,
        template="cut.html",
        here=ask.door("cut", number=added.id),
        preview=ask.door("preview", number=added.id),
        whole=ask.door("whole", number=added.id),
        back=ask.door("photo"),
    )


DOORS = (
    Door("add-photo", "/photo", Access.PERSON, add, methods=("POST",), uploads=True),
    Door("cut", "/photo/{number:int}", Access.PERSON, cut),
    Door("recut", "/photo/{number:int}", Access.PERSON, recut, methods=("POST",)),
    Door("preview", "/photo/{number:int}/preview", Access.PERSON, see_preview),
    Door("whole", "/photo/{number:int}/whole", Access.PERSON, see_whole),
)
