"""The person who asks, as the systems know them."""

from __future__ import annotations

from starlette.exceptions import HTTPException

from samepic.engine.reading import Roll, one_roll
from samepic.model import Emptied, Route, Way
from samepic.web.ask import Ask


async def my_roll(ask: Ask) -> Roll:
    """The roll with just this person. Whoever lost their last account since signing in is told there is nothing."""
    roll = await one_roll(ask.site.org, ask.person)
    if ask.person not in roll.persons:
        raise HTTPException(404)
    return roll


def my_routes(ask: Ask, roll: Roll) -> list[Route]:
    """The routes, as the rules have them for this person."""
    texts, at, rules = roll.texts(ask.person), ask.site.clock(), ask.site.org.rules
    return [rules.ruling(texts, route.target, at).governs(route) for route in ask.site.org.routes]


def follows_a_removal(route: Route) -> bool:
    """Does a picture that is taken away at its source go here, too? samepic takes away only what it wrote."""
    return route.way is Way.WRITE and route.emptied is Emptied.REMOVE
