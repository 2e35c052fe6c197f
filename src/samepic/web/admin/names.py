"""Whoever did something, or had it done to them, under a name."""

from __future__ import annotations

from collections.abc import Iterable

from samepic.model import PersonId
from samepic.web.ask import Ask


async def names(ask: Ask, people: Iterable[str | None]) -> dict[str, str]:
    """By person or label: a person's name, and anybody else as they are called in the log."""
    labels = {one for one in people if one}
    known = await ask.site.org.people.names([PersonId(one) for one in labels])
    return {one: known.get(PersonId(one)) or one for one in labels}
