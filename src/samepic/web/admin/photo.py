"""Setting somebody's picture for them: chosen, cut on the same page as their own, and then used."""

from __future__ import annotations

from functools import partial

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from samepic.engine.reading import Roll, one_roll
from samepic.engine.setting import set_picture
from samepic.errors import Busy, Unfit, UserError
from samepic.model import PersonId
from samepic.store.ledger import Added
from samepic.web.access import Access, Door
from samepic.web.admin.log import note
from samepic.web.ask import Ask
from samepic.web.cutting import Bench
from samepic.web.pages.refusals import refusal
from samepic.web.uploads import keep_upload


async def photo(ask: Ask) -> Response:
    return await _page(ask, await _roll(ask))


async def _page(ask: Ask, roll: Roll, code: int = 200, trouble: str = "") -> Response:
    person = _id(ask)
    gallery = await ask.site.org.ledger.gallery_of(person)
    return ask.page("admin/photo.html", code, person=person, name=roll.name(person), gallery=gallery, trouble=trouble)


async def add(ask: Ask) -> Response:
    """An upload into the person's gallery; it is nowhere else before it is used."""
    roll = await _roll(ask)
    upload = ask.form.get("picture")
    data = await upload.read() if isinstance(upload, UploadFile) else b""
    if not data:
        return await _page(ask, roll, 400, ask.words.say("No picture was chosen."))
    try:
        added = await keep_upload(ask.site, _id(ask), data, None, by=ask.who.label)
    except Unfit as unfit:
        return await _page(ask, roll, 400, refusal(ask.words, unfit))
    await note(ask, "picture added", _id(ask), picture=added.id)
    return RedirectResponse(_door(ask, "admin-cut", added), status_code=303)


async def cut(ask: Ask) -> Response:
    return await (await _bench(ask)).page()


async def recut(ask: Ask) -> Response:
    return await (await _bench(ask)).press(partial(_use, ask))


async def see_preview(ask: Ask) -> Response:
    return await (await _bench(ask)).see_preview()


async def see_whole(ask: Ask) -> Response:
    return await (await _bench(ask)).see_whole()


async def use(ask: Ask) -> Response:
    """A picture of the gallery, as it was cut."""
    return await _use(ask, await _added(ask))


async def _use(ask: Ask, added: Added) -> Response:
    person, roll = added.person, await _roll(ask)
    await note(ask, "picture set", person, picture=added.id)
    try:
        effect = await set_picture(ask.site.org, roll, person, added.digest, by=ask.who.label)
    except (Busy, UserError) as cannot:
        return await _page(ask, roll, 409, str(cannot))
    if not effect.good:
        return ask.page("admin/outcome.html", 409, person=person, outcome=effect.outcome, deed=None)
    ask.site.work.wake()
    return ask.see("admin-person", said="picture-set-for", person=person)


async def _bench(ask: Ask) -> Bench:
    added = await _added(ask)
    return Bench(
        ask,
        added,
        by=ask.who.label,
        template="admin/cut.html",
        here=_door(ask, "admin-cut", added),
        preview=_door(ask, "admin-preview", added),
        whole=_door(ask, "admin-whole", added),
        back=ask.door("admin-photo", person=added.person),
    )


def _door(ask: Ask, name: str, added: Added) -> str:
    return ask.door(name, person=added.person, number=added.id)


async def _added(ask: Ask) -> Added:
    """The picture of the address, if it is of that person."""
    found = await ask.site.org.ledger.gallery_picture(ask.request.path_params["number"])
    if found is None or found.person != _id(ask) or found.removed_at is not None:
        raise HTTPException(404)
    return found


async def _roll(ask: Ask) -> Roll:
    roll = await one_roll(ask.site.org, _id(ask))
    if _id(ask) not in roll.persons:
        raise HTTPException(404)
    return roll


def _id(ask: Ask) -> PersonId:
    return PersonId(ask.request.path_params["person"])


_HERE = "/admin/people/{person}/photo"
_ONE = _HERE + "/{number:int}"

DOORS = (
    Door("admin-photo", _HERE, Access.ADMINISTRATOR, photo),
    Door("admin-add-photo", _HERE, Access.ADMINISTRATOR, add, methods=("POST",), uploads=True),
    Door("admin-cut", _ONE, Access.ADMINISTRATOR, cut),
    Door("admin-recut", _ONE, Access.ADMINISTRATOR, recut, methods=("POST",)),
    Door("admin-use", _ONE + "/use", Access.ADMINISTRATOR, use, methods=("POST",)),
    Door("admin-preview", _ONE + "/preview", Access.ADMINISTRATOR, see_preview),
    Door("admin-whole", _ONE + "/whole", Access.ADMINISTRATOR, see_whole),
)
