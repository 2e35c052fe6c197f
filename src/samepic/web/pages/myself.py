"""The person who asks, as the systems know them."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from samepic.engine.reading import Roll, one_roll
from samepic.web.ask import Ask


async def my_roll(ask: Ask) -> Roll:
    """The roll with just this person. Whoever lost their last account since signing in is told there is nothing."""
    roll = await one_roll(ask.site.org, ask.person)
    if ask.person not in roll.persons:
        raise HTTPException(404)
    return roll
