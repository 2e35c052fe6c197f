"""How a person's picture travels: the routes as they are, with how long each leg takes and what starts it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from samepic.model import Route, Trigger, Way
from samepic.store.arrivals import Usual
from samepic.web.access import Access, Door
from samepic.web.ask import Ask
from samepic.web.pages.myself import follows_a_removal, my_roll, my_routes
from samepic.web.pages.now import face_address
from samepic.web.pages.standing import Standing, standings
from samepic.web.pages.tiles import Tile, leading_to, tile_for, tiles
from samepic.web.pages.titles import Title, in_microsoft, titles

ROW = 140
"""Units of the drawing that one stop takes from top to bottom."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One route, as it is for this person.

    sources  by name, in order of authority; only those with an account of theirs, unless there are none.
    starts   what sets it off.
    tile     what the person can do about it, where they have to go somewhere.
    """

    route: Route
    sources: Sequence[Title]
    target: Title
    standing: Standing
    usual: Usual | None
    tile: Tile | None

    @property
    def starts(self) -> tuple[Trigger, ...]:
        return tuple(one for one in Trigger if one in self.route.when)

    @property
    def leaves(self) -> bool:
        """A picture that is taken away at the source is taken away here, too."""
        return follows_a_removal(self.route)

    @property
    def travels(self) -> bool:
        """Something moves here, sooner or later."""
        return self.route.way is not Way.WATCH and bool(self.route.when) and not self.standing.absent


@dataclass(frozen=True, slots=True)
class Stop:
    """A box of the drawing, on the left (0) or on the right (1), its middle `y` from the top; `face` is an address."""

    title: Title
    x: int
    y: int
    face: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An arrow of the drawing, from one box to another."""

    leg: Leg
    start: Stop
    end: Stop


@dataclass(frozen=True, slots=True)
class Drawing:
    stops: Sequence[Stop]
    lines: Sequence[Line]
    height: int


async def travels(ask: Ask) -> Response:
    found = {one.system: one for one in await standings(ask.site.org, ask.person, titles(ask.site.settings))}
    legs = await _legs(ask, found)
    faces = {one.title: face_address(ask, one, 96) for one in found.values()}
    microsoft = in_microsoft(ask.site.settings)
    page = ask.page("travels.html", legs=legs, drawing=drawing(legs, faces), microsoft=microsoft)
    return leading_to(ask, page, [leg.tile for leg in legs if leg.tile is not None])


async def _legs(ask: Ask, found: Mapping[str, Standing]) -> list[Leg]:
    org, known = ask.site.org, titles(ask.site.settings)
    roll = await my_roll(ask)
    offered = await tiles(ask, roll)
    accounts = roll.persons[ask.person]
    legs = []
    for route in my_routes(ask, roll):
        sources = [one for one in route.sources if one in accounts] or list(route.sources)
        leg = Leg(
            route=route,
            sources=[known[one] for one in sources],
            target=known[route.target],
            standing=found[route.target],
            usual=await org.ledger.usual(route.target, route.way),
            tile=tile_for(offered, route.target) if route.way is Way.PULL else None,
        )
        legs.append(leg)
    return legs


def drawing(legs: Sequence[Leg], faces: Mapping[Title, str]) -> Drawing:
    """Sources on the left, targets on the right, each once; a system that is both has its place on either side."""
    left = list(dict.fromkeys(source for leg in legs for source in leg.sources))
    right = list(dict.fromkeys(leg.target for leg in legs))
    rows = max(len(left), len(right), 1)
    sources, targets = (
        {title: Stop(title, x, _middle(place, len(side), rows), faces[title]) for place, title in enumerate(side)}
        for x, side in enumerate((left, right))
    )
    lines = [Line(leg, sources[source], targets[leg.target]) for leg in legs for source in leg.sources]
    return Drawing([*sources.values(), *targets.values()], lines, rows * ROW)


def _middle(place: int, count: int, rows: int) -> int:
    """Evenly spread over the height of all rows."""
    return round((place + 0.5) * rows * ROW / count)


DOORS = (Door("travels", "/travels", Access.PERSON, travels),)
