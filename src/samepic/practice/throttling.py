"""The published limits (limits.py), kept on the world's clock.

What is refused counts as well. A window begins with the first request in it. Decided here because the documentation
leaves it open: a listing of SharePoint costs two units and everything else one; what a limit's window has left is
always told when four fifths are used, and `Retry-After` is the rest of the window; a picture written for somebody
without a mailbox is a write to the directory, which is where it is kept.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samepic.practice.faulty import refusal
from samepic.practice.limits import (
    APPLICATION_WRITES,
    COSTS,
    GRAPH,
    IDENTITY,
    LIMITS,
    OUTLOOK,
    PEOPLE_MANAGER,
    SHAREPOINT,
    SHAREPOINT_DAY,
    TENANT_WRITES,
    UPLOADS,
    WRITES,
    Limit,
    Spent,
)
from samepic.practice.origins import SITES
from samepic.practice.wire import Answer, Ask, Face, response_of
from samepic.practice.world import World

_WARNING = 0.8
_AT_ONCE = 4
_SMALL_PAGE = 20
_PHOTO = re.compile(
    r"/(?P<mailbox>me|(?:users|groups|teams)(?:/(?P<who>[^/]+)|\('(?P<quoted>[^']+)'\)))/(?:photos?|mailboxSettings)(?:/|$)",
    re.IGNORECASE,
)
_SAFE = frozenset({"GET", "HEAD"})
_LISTING = re.compile(r"/(items|files|folders)$", re.IGNORECASE)


class Throttling:
    """The windows of all limits. `scale` makes every limit smaller or larger, `scales` single ones, by name."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._people = world.people.count()
        self._windows: dict[tuple[Limit, str], tuple[datetime, int]] = {}
        self._under_way: Counter[str] = Counter()
        self.scale = 1.0
        self.scales: dict[str, float] = {}

    def reset(self) -> None:
        self._windows.clear()

    def summary(self) -> dict[str, Any]:
        """`used` is by whom it is used:

        `{"scale": 1.0, "scales": {}, "limits": {"outlook": {"seconds": 600, "amount": 10000, "used": {"app me": 3}}}}`
        """
        now = self._world.now()
        limits = {
            limit.name: {
                "seconds": limit.seconds,
                "amount": self._amount(limit),
                "used": {key: used for (held, key), (begun, used) in self._windows.items() if held is limit
                         and (now - begun).total_seconds() < limit.seconds},
            }
            for limit in LIMITS
        }  # fmt: skip
        return {"scale": self.scale, "scales": self.scales, "limits": limits}

    def charge(self, limit: Limit, key: str, cost: int = 1) -> Spent:
        now = self._world.now()
        begun, used = self._windows.get((limit, key), (now, 0))
        if not 0 <= (now - begun).total_seconds() < limit.seconds:
            begun, used = now, 0
        self._windows[limit, key] = begun, used + cost
        left = limit.seconds - (now - begun).total_seconds()
        return Spent(limit, used + cost, self._amount(limit), max(1, math.ceil(left)))

    def _amount(self, limit: Limit) -> int:
        return int(limit.amount(self._people) * self.scale * self.scales.get(limit.name, 1.0))

    def graph(self, inside: Face) -> Face:
        """Graph, alone or for one item of a batch."""

        def throttled(ask: Ask) -> Answer:
            app, photo = application(ask.bearer), _PHOTO.search(ask.path)
            everything = self.charge(GRAPH, app)
            spent = self._charge_photo(ask, app, photo) if photo else [self.charge(IDENTITY, app, cost_of(ask))]
            tightest = max(spent, key=lambda one: one.share)
            over = next((one for one in (everything, tightest) if one.over), None)
            headers = graph_headers(tightest, app, self._world.tenant, 0 if photo else cost_of(ask))
            answer = inside(ask) if over is None else refusal("graph", HTTPStatus.TOO_MANY_REQUESTS, over.reset)
            return replace(answer, headers={**headers, **answer.headers})

        return throttled

    def _charge_photo(self, ask: Ask, app: str, photo: re.Match[str]) -> list[Spent]:
        mailbox = f"{app} {photo['mailbox'].casefold()}"
        spent = [self.charge(OUTLOOK, mailbox)]
        if ask.method not in _SAFE:
            spent.append(self.charge(UPLOADS, mailbox, len(ask.body)))
            person = self._world.people.find(photo["who"] or photo["quoted"] or "")
            if person is not None and not person.mailbox:
                to_directory = ((WRITES, app), (APPLICATION_WRITES, app), (TENANT_WRITES, "tenant"))
                spent += [self.charge(limit, key) for limit, key in to_directory]
        return spent

    def around(self, face: str, app: ASGIApp) -> ASGIApp:
        """What counts for whole requests: SharePoint's limits, and how many ask for one mailbox's picture at once."""
        if face in SITES:
            return self._around_site(face, app)
        return self._around_graph(app) if face == "graph" else app

    def _around_site(self, face: str, app: ASGIApp) -> ASGIApp:
        async def throttled(scope: Scope, receive: Receive, send: Send) -> None:
            path = scope["path"].casefold()
            if not path.startswith("/_api/"):
                await app(scope, receive, send)
                return
            caller, cost = _application(scope), 2 if _LISTING.search(path) else 1
            spent = [self.charge(limit, caller, cost) for limit in (SHAREPOINT, SHAREPOINT_DAY)]
            if "sp.userprofiles.peoplemanager" in path:
                spent.append(self.charge(PEOPLE_MANAGER, "tenant"))
            tightest = max(spent, key=lambda one: one.share)
            told = site_headers(tightest)
            if tightest.over:
                answer = refusal(face, HTTPStatus.TOO_MANY_REQUESTS, tightest.reset)
                await response_of(replace(answer, headers={**answer.headers, **told}))(scope, receive, send)
                return
            await app(scope, receive, _telling(told, send))

        return throttled

    def _around_graph(self, app: ASGIApp) -> ASGIApp:
        async def throttled(scope: Scope, receive: Receive, send: Send) -> None:
            photo = _PHOTO.search(scope["path"])
            if photo is None:
                await app(scope, receive, send)
                return
            key = f"{_application(scope)} {photo['mailbox'].casefold()}"
            self._under_way[key] += 1
            try:
                if self._under_way[key] > _AT_ONCE:
                    app_ = response_of(refusal("graph", HTTPStatus.TOO_MANY_REQUESTS, 1))
                    await app_(scope, receive, send)
                else:
                    await app(scope, receive, send)
            finally:
                self._under_way -= Counter({key: 1})

        return throttled


def cost_of(ask: Ask) -> int:
    """Resource units of a request to the directory: what it costs in general, less for what asks for little."""
    base = next((cost for path, cost in COSTS if path.search(ask.path.rstrip("/"))), 1)
    top = ask.query.get("$top", "100")
    small = top.isdecimal() and int(top) < _SMALL_PAGE
    return max(1, base - ("$select" in ask.query) - small + ("$expand" in ask.query))


def graph_headers(spent: Spent, app: str, tenant: str, units: int) -> dict[str, str]:
    """Graph tells what a request cost, from four fifths on how full the window is, and beyond it whose it is."""
    told = {"x-ms-resource-unit": str(units)} if units else {}
    if spent.share >= _WARNING:
        told["x-ms-throttle-limit-percentage"] = f"{min(spent.share, 1.8):.1f}"
    if spent.over:
        told["x-ms-throttle-scope"] = f"Tenant_Application/ReadWrite/{app}/{tenant}"
        told["x-ms-throttle-information"] = "ResourceUnitLimitExceeded"
    return told


def site_headers(spent: Spent) -> dict[str, str]:
    if spent.share < _WARNING:
        return {}
    left = max(0, spent.amount - spent.used)
    return {"RateLimit-Limit": str(spent.amount), "RateLimit-Remaining": str(left), "RateLimit-Reset": str(spent.reset)}


def application(token: str | None) -> str:
    """The application a token says it is of; whether that is true is checked elsewhere."""
    try:
        payload = (token or "").split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["appid"])
    except (IndexError, KeyError, TypeError, ValueError):
        return ""


def _application(scope: Scope) -> str:
    scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    return application(token) if scheme.casefold() == "bearer" else ""


def _telling(told: Mapping[str, str], send: Send) -> Send:
    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(told)
        await send(message)

    return telling
