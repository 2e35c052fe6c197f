"""Adding a picture: taken as it comes, turned and cut by hand, seen as each system will show it, then used."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, replace

from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from samepic.engine.reading import Roll
from samepic.errors import Unfit
from samepic.imaging.cropping import SMALLEST, Cut, checks, preview, whole
from samepic.imaging.picture import Picture
from samepic.imaging.turning import size_after
from samepic.model import Photo
from samepic.store.ledger import Added
from samepic.web.access import Access, Door
from samepic.web.ask import Ask
from samepic.web.limits import TooMany
from samepic.web.pages.faces import photo_response
from samepic.web.pages.gallery import mine, photo_page, use
from samepic.web.pages.myself import my_roll
from samepic.web.pages.refusals import refusal, remark
from samepic.web.pages.titles import titles
from samepic.web.uploads import cut_again, keep_upload

STAGE = 480
"""Pixels along the side of the square that one works on."""

LIKENESS = 192
"""Of the previews: twice what they are drawn at."""


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


@dataclass(frozen=True, slots=True)
class Shown:
    """One preview: what it is called, and whether it is shown round."""

    name: str
    round_: bool


async def cut(ask: Ask) -> Response:
    """The page to cut a picture on; the cut is in the address while it is being tried out."""
    added = await mine(ask)
    return await cut_page(ask, added, _asked(ask, added))


async def cut_page(ask: Ask, added: Added, chosen: Cut, code: int = 200, trouble: str = "") -> Response:
    picture = await _opened(ask, added)
    found = await asyncio.to_thread(checks, picture, chosen)
    size = size_after(picture.size, chosen.turn)
    return ask.page(
        "cut.html",
        code,
        added=added,
        cut=chosen,
        size=size,
        smallest=min(1.0, SMALLEST / min(size)),
        shown=previews(ask, await my_roll(ask)),
        stage=_preview_address(ask, added, chosen, STAGE),
        likeness=_preview_address(ask, added, chosen, LIKENESS),
        remarks=[remark(ask.words, one) for one in found],
        trouble=trouble,
    )


def previews(ask: Ask, roll: Roll) -> list[Shown]:
    """Where people will meet the picture, among the systems that its owner has accounts in."""
    known = titles(ask.site.settings)
    here = [known[system] for system in roll.persons[ask.person] if system in known]
    return [Shown(place, one.round_) for one in here for place in one.places or (one.name,)]


def _preview_address(ask: Ask, added: Added, chosen: Cut, side: int) -> str:
    return f"{ask.door('preview', number=added.id)}?{_query(chosen)}&pixels={side}"


def _query(chosen: Cut) -> str:
    return "&".join(f"{name}={value}" for name, value in asdict(chosen).items())


def _asked(ask: Ask, added: Added) -> Cut:
    """The cut that the form or the address asks for, else the one it is kept with."""
    stored = {**asdict(Cut()), **added.cut}
    asked = {name: ask.text(name) or value for name, value in stored.items()}
    try:
        return Cut.parse(asked)
    except Unfit:
        return Cut.parse(stored)


async def _opened(ask: Ask, added: Added) -> Picture:
    data = await ask.site.org.blobs.get(added.original)
    return await ask.site.org.intake.read(data, owner=ask.person, closely=True)


async def see_preview(ask: Ask) -> Response:
    """What a place will show, for those without a script; and the square that one works on."""
    added = await mine(ask)
    picture, chosen = await _opened(ask, added), _asked(ask, added)
    side = STAGE if ask.text("pixels") == str(STAGE) else LIKENESS
    return photo_response(ask, Photo(await asyncio.to_thread(preview, picture, chosen, side)))


async def see_whole(ask: Ask) -> Response:
    """All of the picture, drawn anew, for the script to cut from."""
    picture = await _opened(ask, await mine(ask))
    return photo_response(ask, await asyncio.to_thread(whole, picture))


async def recut(ask: Ask) -> Response:
    """One of the buttons below the picture: try the sliders out, turn it, or use it."""
    added = await mine(ask)
    chosen, wish = _asked(ask, added), ask.text("do")
    if wish in {"left", "right"}:
        turned = replace(chosen, turn=(chosen.turn + (90 if wish == "right" else 270)) % 360)
        return _try(ask, added, turned)
    if wish != "use":
        return _try(ask, added, chosen)
    try:
        kept = await _keep(ask, added, chosen)
    except Unfit as unfit:
        return await cut_page(ask, added, chosen, 400, refusal(ask.words, unfit))
    return await use(ask, kept)


def _try(ask: Ask, added: Added, chosen: Cut) -> Response:
    return RedirectResponse(f"{ask.door('cut', number=added.id)}?{_query(chosen)}", status_code=303)


async def _keep(ask: Ask, added: Added, chosen: Cut) -> Added:
    """The picture as it is cut now."""
    if asdict(chosen) == dict(added.cut):
        return added
    return await cut_again(ask.site, added, await _opened(ask, added), chosen, by=ask.person)


DOORS = (
    Door("add-photo", "/photo", Access.PERSON, add, methods=("POST",), uploads=True),
    Door("cut", "/photo/{number:int}", Access.PERSON, cut),
    Door("recut", "/photo/{number:int}", Access.PERSON, recut, methods=("POST",)),
    Door("preview", "/photo/{number:int}/preview", Access.PERSON, see_preview),
    Door("whole", "/photo/{number:int}/whole", Access.PERSON, see_whole),
)
