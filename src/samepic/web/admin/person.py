"""One person's page: the whole story, and what an administrator can do about it."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from samepic.engine.reading import one_roll
from samepic.engine.setting import remove_picture
from samepic.engine.undo import undo_at_once, undoable
from samepic.model import PersonId, Slot
from samepic.store.ledger import Task
from samepic.web.access import Access, Door
from samepic.web.admin.log import note
from samepic.web.admin.story import Story, story
from samepic.web.ask import Ask
from samepic.web.pages.faces import nothing_to_see, photo_response, side_asked


async def person(ask: Ask) -> Response:
    org, found = ask.site.org, await _story(ask)
    waiting = await org.ledger.due_of(found.person)
    return ask.page(
        "admin/person.html",
        story=found,
        looking=any(one.task in {Task.LOOK, Task.VISIT, Task.CHANGE} and one.holder for one in waiting),
        now=ask.site.clock(),
    )


async def look_again(ask: Ask) -> Response:
    found = await _story(ask)
    await note(ask, "look asked for", found.person)
    await ask.site.work.look(found.person)
    return ask.see("admin-person", said="looking", person=found.person)


async def undo_deed(ask: Ask) -> Response:
    """Takes one write back. `force` is pressed after having been told that somebody changed the picture since."""
    found, org = await _story(ask), ask.site.org
    intents = [one for one in await undoable(org, people=[found.person]) if str(one.id) == ask.text("deed")]
    if not intents:
        return ask.see("admin-person", said="not-undoable", person=found.person)
    roll, force = await one_roll(org, found.person), ask.text("force") == "yes"
    await note(ask, "undo", found.person, deed=intents[0].id, system=intents[0].slot.system, force=force)
    _, (outcome,) = await undo_at_once(org, roll, intents, force=force)
    await ask.site.work.look(found.person)
    if outcome.good:
        return ask.see("admin-person", said="undone", person=found.person)
    return ask.page("admin/outcome.html", 409, person=found.person, outcome=outcome, deed=intents[0])


async def release(ask: Ask) -> Response:
    """Lets a picture that was undone be written again."""
    found = await _story(ask)
    for place in found.places:
        if place.system == ask.text("system") and place.pin is not None:
            await note(ask, "released", found.person, system=place.system)
            await ask.site.org.ledger.release(place.slot)
            await ask.site.work.look(found.person)
    return ask.see("admin-person", said="released", person=found.person)


async def remove(ask: Ask) -> Response:
    """Takes the picture away where it counts."""
    found, org = await _story(ask), ask.site.org
    await note(ask, "picture removed", found.person)
    effect = await remove_picture(org, await one_roll(org, found.person), found.person, by=ask.who.label)
    if effect.good:
        return ask.see("admin-person", said="picture-removed-for", person=found.person)
    return ask.page("admin/outcome.html", 409, person=found.person, outcome=effect.outcome, deed=None)


async def face(ask: Ask) -> Response:
    """What a system shows for somebody."""
    system = ask.request.path_params["system"]
    for link in await ask.site.org.people.of(_id(ask)):
        if link.system == system and link.gone_at is None:
            slot = Slot(system, link.account.ref)
            owner = ask.who.label
            return photo_response(ask, await ask.site.faces.shown(ask.site.org, slot, side_asked(ask), owner))
    return nothing_to_see()


async def _story(ask: Ask) -> Story:
    """Whoever never was here has no page."""
    if (found := await story(ask.site.org, _id(ask))) is None:
        raise HTTPException(404)
    return found


def _id(ask: Ask) -> PersonId:
    return PersonId(ask.request.path_params["person"])


_HERE = "/admin/people/{person}"

DOORS = (
    Door("admin-person", _HERE, Access.ADMINISTRATOR, person),
    Door("admin-face", _HERE + "/faces/{system}", Access.ADMINISTRATOR, face),
    Door("admin-look", _HERE + "/look", Access.ADMINISTRATOR, look_again, methods=("POST",)),
    Door("admin-undo", _HERE + "/undo", Access.ADMINISTRATOR, undo_deed, methods=("POST",)),
    Door("admin-release", _HERE + "/release", Access.ADMINISTRATOR, release, methods=("POST",)),
    Door("admin-remove", _HERE + "/remove", Access.ADMINISTRATOR, remove, methods=("POST",)),
)
