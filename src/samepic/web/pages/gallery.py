"""A person's pictures: the ones they added, what was shown when, and taking the last change back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from samepic.engine.reading import Roll
from samepic.engine.setting import CannotSet, Effect, remove_picture, require_permission, set_picture
from samepic.engine.setting import source_of_authority as authority
from samepic.engine.undo import undo_at_once, undoable
from samepic.errors import Busy
from samepic.model import Digest, Slot
from samepic.store.ledger import Added, Approval, Decided, Intent
from samepic.web.access import Access, Door
from samepic.web.ask import Ask
from samepic.web.pages.faces import nothing_to_see, photo_response, side_asked
from samepic.web.pages.myself import follows_a_removal, my_roll, my_routes
from samepic.web.pages.refusals import remedy
from samepic.web.pages.titles import Title, retold, titles

LATELY = 20
"""Changes that the history shows."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person's picture is set, or why it cannot be; `removable` where it can be taken away, too."""

    slot: Slot | None
    title: Title | None
    obstacle: str = ""
    removable: bool = False


async def photo(ask: Ask) -> Response:
    return await photo_page(ask)


async def photo_page(ask: Ask, code: int = 200, trouble: str = "") -> Response:
    """All of a person's pictures, and how to add one; `trouble` is why the last thing did not work."""
    roll, ledger = await my_roll(ask), ask.site.org.ledger
    place = await _place(ask, roll)
    approvals = await ledger.approvals_of(ask.person)
    history = [one for one in await ledger.journal(person=ask.person, limit=LATELY) if one.outcome == "done"]
    return ask.page(
        "photo.html",
        code,
        trouble=trouble,
        largest=_largest(ask),
        place=place,
        gallery=await ledger.gallery_of(ask.person),
        current=await _current(ask, place),
        waiting=next((one.picture for one in approvals if one.decision is None), None),
        refused=_refused(approvals),
        history=history,
        titles=titles(ask.site.settings),
        last=await _last_change(ask, place),
        **_when_removed(ask, roll),
    )


def _largest(ask: Ask) -> int:
    """Bytes that a picture may have: what is taken in, and what is opened then."""
    return min(int(ask.site.settings.portal.upload_megabytes * 1_000_000), ask.site.org.intake.limits.data)


async def mine(ask: Ask) -> Added:
    """The picture of the address, if it is the reader's own; else there is none."""
    found = await ask.site.org.ledger.gallery_picture(int(ask.request.path_params["number"]))
    if found is None or found.person != ask.person or found.removed_at is not None:
        raise HTTPException(404)
    return found


async def _place(ask: Ask, roll: Roll) -> Place:
    org = ask.site.org
    try:
        slot = authority(org, roll, ask.person)
        await require_permission(org, roll, ask.person, slot, own=True)
    except CannotSet as cannot:
        return Place(None, None, obstacle(ask, cannot))
    return Place(slot, titles(ask.site.settings)[slot.system], removable=org.systems[slot.system].traits.removes)


def obstacle(ask: Ask, cannot: CannotSet) -> str:
    """Why a picture cannot be set, and what helps."""
    return f"{ask.words.sentence(retold(cannot.reason, titles(ask.site.settings)))} {remedy(ask.words, cannot.reason)}"


async def _current(ask: Ask, place: Place) -> Digest | None:
    """The picture that we last put where it counts; None where somebody has changed it there since."""
    if place.slot is None or (baseline := await ask.site.org.ledger.baseline(place.slot)) is None:
        return None
    slot = place.slot
    seen = (await ask.site.org.ledger.remembered(slot.system, [slot.ref])).get(slot.ref)
    changed = seen is not None and seen.last_at > baseline.at and seen.sighting.version != baseline.version
    return None if changed else baseline.want


def _refused(approvals: Sequence[Approval]) -> Approval | None:
    """The newest decision, where it was a no; it is told until the person comes with another picture."""
    newest = approvals[0] if approvals else None
    return newest if newest is not None and newest.decision is Decided.REFUSED else None


async def _last_change(ask: Ask, place: Place) -> Intent | None:
    """What the person can take back: the last write to where their picture counts."""
    if place.slot is None:
        return None
    done = await undoable(ask.site.org, people=[ask.person])
    return next((one for one in done if one.slot == place.slot), None)


def _when_removed(ask: Ask, roll: Roll) -> dict[str, list[str]]:
    """What a removal means elsewhere: which systems keep the picture, and which lose it, too."""
    known, accounts = titles(ask.site.settings), roll.persons[ask.person]
    routes = [route for route in my_routes(ask, roll) if route.target in accounts]
    return {
        "keep": [known[route.target].name for route in routes if not follows_a_removal(route)],
        "lose": [known[route.target].name for route in routes if follows_a_removal(route)],
    }


async def choose(ask: Ask) -> Response:
    """A picture of the gallery, as it was cut."""
    return await use(ask, await mine(ask))


async def use(ask: Ask, added: Added) -> Response:
    """The picture becomes the one that counts, or waits until somebody has looked at it."""
    roll = await my_roll(ask)
    try:
        effect = await set_picture(ask.site.org, roll, ask.person, added.digest, by=ask.person)
    except CannotSet as cannot:
        return await photo_page(ask, 409, obstacle(ask, cannot))
    except Busy:
        return await _busy(ask)
    return await _after(ask, effect, "waits-for-approval" if effect.approval is not None else "picture-set")


async def remove(ask: Ask) -> Response:
    """The picture goes away where it counts; the other systems follow their rules."""
    try:
        effect = await remove_picture(ask.site.org, await my_roll(ask), ask.person, by=ask.person)
    except CannotSet as cannot:
        return await photo_page(ask, 409, obstacle(ask, cannot))
    except Busy:
        return await _busy(ask)
    return await _after(ask, effect, "picture-removed")


async def _busy(ask: Ask) -> Response:
    return await photo_page(ask, 409, ask.words.say("Your picture is being worked on. Try again in a moment."))


async def _after(ask: Ask, effect: Effect, said: str) -> Response:
    if effect.outcome is not None and not effect.good:
        return await photo_page(ask, 409, f"{effect.outcome.detail} {effect.outcome.remedy}".strip())
    ask.site.work.wake()
    return ask.see("home", said)


async def forget(ask: Ask) -> Response:
    """Out of the gallery; what systems show does not change."""
    await ask.site.org.ledger.remove_from_gallery((await mine(ask)).id, ask.site.clock())
    return ask.see("photo", "picture-forgotten")


async def take_back(ask: Ask) -> Response:
    """The person's last change is undone: what was there before comes back, byte for byte."""
    org, roll = ask.site.org, await my_roll(ask)
    last = await _last_change(ask, await _place(ask, roll))
    if last is None:
        return ask.see("photo")
    try:
        _, outcomes = await undo_at_once(org, roll, [last], force=False)
    except Busy:
        return await _busy(ask)
    if not all(one.good for one in outcomes):
        return await photo_page(ask, 409, ask.words.say("Somebody changed the picture since; it is left alone."))
    await ask.site.work.visit(ask.person, "undo")
    return ask.see("home", "taken-back")


async def see_added(ask: Ask) -> Response:
    return await _kept(ask, (await mine(ask)).digest)


async def see_history(ask: Ask) -> Response:
    """What a change brought, if it was the reader's own picture."""
    number = int(ask.request.path_params["intent"])
    for one in await ask.site.org.ledger.journal(person=ask.person, limit=LATELY):
        if one.id == number and one.want is not None:
            return await _kept(ask, one.want)
    return nothing_to_see()


async def _kept(ask: Ask, digest: Digest) -> Response:
    return photo_response(ask, await ask.site.faces.kept(ask.site.org, digest, side_asked(ask), ask.person))


DOORS = (
    Door("photo", "/photo", Access.PERSON, photo),
    Door("choose", "/photo/{number:int}/use", Access.PERSON, choose, methods=("POST",)),
    Door("forget", "/photo/{number:int}/forget", Access.PERSON, forget, methods=("POST",)),
    Door("added-face", "/photo/{number:int}/face", Access.PERSON, see_added),
    Door("history-face", "/photo/history/{intent:int}", Access.PERSON, see_history),
    Door("take-back", "/photo/undo", Access.PERSON, take_back, methods=("POST",)),
    Door("remove-picture", "/photo/remove", Access.PERSON, remove, methods=("POST",)),
)
