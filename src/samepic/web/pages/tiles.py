"""Tiles: where people go anyway, and what brings their picture along. Pressing one is the visit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from samepic.engine.reading import Roll
from samepic.errors import ConnectorError
from samepic.settings.portal import Portal
from samepic.web.access import Access, Door
from samepic.web.ask import Ask
from samepic.web.pages.myself import my_roll
from samepic.web.policy import content_policy

OUTLOOK = "https://outlook.office.com/mail/"
"""Where Outlook is in Microsoft's own cloud; a tenant elsewhere is led to its start page."""


@dataclass(frozen=True, slots=True)
class Tile:
    """`slug` is its name in addresses; `system` fetches the picture when the person comes by, if any does."""

    name: str
    address: str
    system: str = ""

    @property
    def slug(self) -> str:
        return re.sub(r"\W+", "-", self.name.casefold()).strip("-")


async def tiles(ask: Ask, roll: Roll) -> list[Tile]:
    """Those of the systems this person has an account in; the settings replace them by name, and add others."""
    found: dict[str, Tile] = {}
    for system, slot in roll.persons[ask.person].items():
        if system in ask.site.settings.systems:
            for one in await _usual(ask, system, slot.ref):
                found.setdefault(one.slug, one)
    for tile in ask.site.settings.portal.tiles:
        one = Tile(tile.name, tile.address, tile.system)
        found[one.slug] = one
    return sorted(found.values(), key=lambda one: _ORDER.get(one.slug, len(_ORDER)))


_ORDER = {"onedrive": 0, "sharepoint": 1, "outlook": 2}


async def _usual(ask: Ask, system: str, ref: str) -> list[Tile]:
    table = ask.site.settings.systems[system]
    match table["kind"]:
        case "sharepoint":
            options = ask.site.settings.system_table(system)
            return [
                Tile("OneDrive", await _link(ask, system, ref) or options["site"], system),
                Tile("SharePoint", options["site"], system),
            ]
        case "graph" if table.get("store", "exchange") == "exchange":
            return [Tile("Outlook", _outlook(ask.site.settings.portal, ask.site.settings.system_table(system)))]
        case _:
            return []


async def _link(ask: Ask, system: str, ref: str) -> str | None:
    """Where a system says that people have to go for it to fetch their picture."""
    connector = ask.site.org.systems[system]
    if not connector.traits.pulls:
        return None
    try:
        return (await connector.ask(ref)).link
    except ConnectorError:
        return None


def _outlook(portal: Portal, options: Mapping[str, Any]) -> str:
    return portal.start if "graph" in options else OUTLOOK


def tile_for(found: Sequence[Tile], system: str) -> Tile | None:
    """Where pressing makes this system fetch."""
    return next((one for one in found if one.system == system), None)


def leading_to(ask: Ask, page: Response, found: Sequence[Tile]) -> Response:
    """The page, with leave for its forms to end where these tiles lead."""
    addresses = [tile.address for tile in found]
    page.headers["Content-Security-Policy"] = content_policy(ask.site.settings.portal, *addresses)
    return page


async def press(ask: Ask) -> Response:
    """The visit: written down, acted upon, and the browser goes on to where the system sees it come by."""
    known = {one.slug: one for one in await tiles(ask, await my_roll(ask))}
    tile = known.get(ask.request.path_params["tile"])
    if tile is None:
        raise HTTPException(404)
    await ask.site.work.visit(ask.person, f"tile {tile.slug}")
    return RedirectResponse(tile.address, status_code=303)


async def update(ask: Ask) -> Response:
    """Everything up to date, as far as nobody has to go anywhere for it."""
    await ask.site.work.visit(ask.person, "portal")
    return ask.see("home", "updating")


DOORS = (
    Door("tile", "/tiles/{tile}", Access.PERSON, press, methods=("POST",)),
    Door("update", "/update", Access.PERSON, update, methods=("POST",)),
)
