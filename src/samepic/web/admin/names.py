"""Whoever did something, or had it done to them, under a name."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from samepic.model import PersonId
from samepic.web.ask import Ask


async def names(ask: Ask, people: Iterable[str | None]) -> dict[str, str]:
    """By person or label: a person's name, and anybody else as the log may call them."""
    labels = {one for one in people if one}
    known = await ask.site.org.people.names([PersonId(one) for one in labels])
    return {one: known.get(PersonId(one)) or (ask.who.name if one == ask.who.label else short(one)) for one in labels}


def short(label: str) -> str:
    """An administrator who is nobody in any system is called by their provider's address and their own id there."""
    issuer, _, subject = label.partition(" ")
    host = urlsplit(issuer).hostname
    return f"{subject} ({host})" if host and subject else label
