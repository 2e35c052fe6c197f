"""The page on which a picture is turned and cut, for its owner and for an administrator alike."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace

from starlette.responses import RedirectResponse, Response

from samepic.engine.reading import one_roll
from samepic.errors import Unfit
from samepic.imaging.cropping import SMALLEST, Cut, checks, preview, whole
from samepic.imaging.picture import Picture
from samepic.imaging.turning import size_after
from samepic.model import Photo
from samepic.store.ledger import Added
from samepic.web.ask import Ask
from samepic.web.pages.faces import photo_response
from samepic.web.pages.refusals import refusal, remark
from samepic.web.pages.titles import titles
from samepic.web.uploads import cut_again

STAGE = 480
"""Pixels along the side of the square that one works on."""

LIKENESS = 192
"""Of the previews: twice what they are drawn at."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One preview: what it is called, and whether it is shown round."""

    name: str
    round_: bool


@dataclass(frozen=True, slots=True)
class Bench:
    """One picture being cut. `by` is who works on it; the rest are the template and the addresses of the page."""

    ask: Ask
    added: Added
    by: str
    template: str
    here: str
    preview: str
    whole: str
    back: str

    async def page(self, chosen: Cut | None = None, code: int = 200, trouble: str = "") -> Response:
        """The cut is in the address while it is being tried out."""
        ask, now = self.ask, chosen or self._asked()
        picture = await self._opened()
        size = size_after(picture.size, now.turn)
        return ask.page(
            self.template,
            code,
            bench=self,
            cut=now,
            size=size,
            smallest=min(1.0, SMALLEST / min(size)),
            shown=await self._previews(),
            stage=self._preview_of(now, STAGE),
            likeness=self._preview_of(now, LIKENESS),
            remarks=[remark(ask.words, one) for one in await asyncio.to_thread(checks, picture, now)],
            trouble=trouble,
        )

    async def see_preview(self) -> Response:
        """What a place will show, for those without a script; and the square that one works on."""
        picture, chosen = await self._opened(), self._asked()
        side = STAGE if self.ask.text("pixels") == str(STAGE) else LIKENESS
        return photo_response(self.ask, Photo(await asyncio.to_thread(preview, picture, chosen, side)))

    async def see_whole(self) -> Response:
        """All of the picture, drawn anew, for the script to cut from."""
        return photo_response(self.ask, await asyncio.to_thread(whole, await self._opened()))

    async def press(self, use: Callable[[Added], Awaitable[Response]]) -> Response:
        """One of the buttons below the picture: try the sliders out, turn it, or `use` it."""
        chosen, wish = self._asked(), self.ask.text("do")
        if wish in {"left", "right"}:
            return self._try(replace(chosen, turn=(chosen.turn + (90 if wish == "right" else 270)) % 360))
        if wish != "use":
            return self._try(chosen)
        try:
            kept = await self._keep(chosen)
        except Unfit as unfit:
            return await self.page(chosen, 400, refusal(self.ask.words, unfit))
        return await use(kept)

    async def _previews(self) -> list[Shown]:
        """Where people will meet the picture, among the systems that its owner has accounts in."""
        known, person = titles(self.ask.site.settings), self.added.person
        roll = await one_roll(self.ask.site.org, person)
        here = [known[system] for system in roll.persons.get(person, ()) if system in known]
        return [Shown(place, one.round_) for one in here for place in one.places or (one.name,)]

    def _asked(self) -> Cut:
        """The cut that the form or the address asks for, else the one it is kept with."""
        stored = {**asdict(Cut()), **self.added.cut}
        asked = {name: self.ask.text(name) or value for name, value in stored.items()}
        try:
            return Cut.parse(asked)
        except Unfit:
            return Cut.parse(stored)

    async def _opened(self) -> Picture:
        org = self.ask.site.org
        return await org.intake.read(await org.blobs.get(self.added.original), owner=self.by, closely=True)

    def _preview_of(self, chosen: Cut, side: int) -> str:
        return f"{self.preview}?{_query(chosen)}&pixels={side}"

    def _try(self, chosen: Cut) -> Response:
        return RedirectResponse(f"{self.here}?{_query(chosen)}", status_code=303)

    async def _keep(self, chosen: Cut) -> Added:
        """The picture as it is cut now."""
        if asdict(chosen) == dict(self.added.cut):
            return self.added
        return await cut_again(self.ask.site, self.added, await self._opened(), chosen, by=self.by)


def _query(chosen: Cut) -> str:
    return "&".join(f"{name}={value}" for name, value in asdict(chosen).items())
