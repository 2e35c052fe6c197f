"""What a person says about their picture in each system: not here, or yes, until a day of their choice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from starlette.exceptions import HTTPException
from starlette.responses import Response

from samepic.engine.rules import Question, Ruling
from samepic.model import Consent
from samepic.store.ledger import Choice, Chosen
from samepic.web.access import Access, Door
from samepic.web.ask import Ask
from samepic.web.pages.myself import my_roll
from samepic.web.pages.titles import Title, titles


@dataclass(frozen=True, slots=True)
class Matter:
    """One system that pictures are brought to, and what holds there.

    asked     nothing is brought without the person's yes.
    choice    what they chose, if it still counts; `ended` where an earlier yes or no has run out.
    """

    system: str
    title: Title
    asked: bool
    rule: str
    choice: Choice | None = None
    ended: Choice | None = None

    @property
    def brought(self) -> bool:
        """Does the picture come here, as it stands?"""
        if self.choice is None:
            return not self.asked
        return self.choice.kind is Chosen.CONSENT


async def choices(ask: Ask) -> Response:
    return await choices_page(ask)


async def choices_page(ask: Ask, code: int = 200, trouble: str = "") -> Response:
    today = ask.site.clock().astimezone(ask.site.zone).date()
    return ask.page("choices.html", code, matters=await _matters(ask), trouble=trouble, today=today)


async def _matters(ask: Ask) -> list[Matter]:
    """The systems with an account of this person that a route leads to."""
    roll, known, at = await my_roll(ask), titles(ask.site.settings), ask.site.clock()
    made = await ask.site.org.ledger.choices_of(ask.person)
    texts = roll.texts(ask.person)
    targets = [route.target for route in ask.site.org.routes if route.target in roll.persons[ask.person]]
    rulings = {system: ask.site.org.rules.ruling(texts, system, at) for system in targets}
    return [_matter(system, known[system], rulings[system], made.get(system), at) for system in targets]


def _matter(system: str, title: Title, ruling: Ruling, made: Choice | None, at: datetime) -> Matter:
    asked, rule = ruling.consent is Consent.REQUIRED, ruling.deciding.get(Question.CONSENT, "")
    if made is None or made.counts(at):
        return Matter(system, title, asked, rule, choice=made)
    return Matter(system, title, asked, rule, ended=made)


async def choose(ask: Ask) -> Response:
    """The buttons of one system; what follows from it is looked into at once."""
    system = ask.request.path_params["system"]
    if system not in {one.system for one in await _matters(ask)}:
        raise HTTPException(404)
    wish, ledger = ask.text("choice"), ask.site.org.ledger
    if wish not in set(Chosen):
        await ledger.clear_choice(ask.person, system)
    else:
        until = _end_of(ask)
        if until is not None and until <= ask.site.clock():
            return await choices_page(ask, 400, ask.words.say("That day has passed. Choose a later one, or none."))
        await ledger.set_choice(Choice(ask.person, system, Chosen(wish), until, ask.site.clock(), ask.person))
    await ask.site.work.visit(ask.person, "choices")
    return ask.see("choices", "chosen")


def _end_of(ask: Ask) -> datetime | None:
    """The end of the day that was named, where the organisation is; None for no end, or for what is no day."""
    try:
        day = date.fromisoformat(ask.text("until"))
    except ValueError:
        return None
    return datetime.combine(day, time.max, ask.site.zone).astimezone(UTC)


DOORS = (
    Door("choices", "/choices", Access.PERSON, choices),
    Door("choose-for", "/choices/{system}", Access.PERSON, choose, methods=("POST",)),
)
