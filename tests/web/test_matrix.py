"""Every door, tried as everybody. A door that is not in the table fails: whoever adds one says who may enter.

The outcomes: IN, WELCOME (asked to sign in), STRANGER (signed in, and nobody here), NOTHING (there is no such page, in
the very words of a page that does not exist), REFUSED (403), UNKNOWN (401, of the API).
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

import httpx2
import pytest

from samepic.model import Digest, PersonId, Slot
from samepic.store.ledger import Identity
from samepic.store.orders import What
from samepic.store.tokens import Scope
from samepic.web.access import Door
from samepic.web.api.app import api
from samepic.web.app import DOORS
from samepic.web.openid.attempt import digest
from samepic.web.uploads import keep_upload
from tests.web.conftest import Browser, House
from tests.web.test_api import portrait, program

IN, WELCOME, STRANGER, NOTHING, REFUSED, UNKNOWN = "in", "welcome", "stranger", "nothing", "refused", "unknown"

# --- who may enter ---------------------------------------------------------------------------------------------------

EVERYBODY = {"nobody": IN, "person": IN, "other": IN, "administrator": IN, "outsider": IN}
"""`outsider` is an administrator who is nobody in any system; `other` a person whom the ids of the table do not belong
to."""

PERSONS = {"nobody": WELCOME, "person": IN, "other": IN, "administrator": IN, "outsider": STRANGER}
OWNERS = {"nobody": WELCOME, "person": IN, "other": NOTHING, "administrator": NOTHING, "outsider": STRANGER}
ADMINISTRATORS = {"nobody": NOTHING, "person": NOTHING, "other": NOTHING, "administrator": IN, "outsider": IN}

TABLE = {
    "welcome": EVERYBODY,
    "stranger": {**EVERYBODY, "nobody": WELCOME, "person": WELCOME, "other": WELCOME, "administrator": WELCOME},
    "language": EVERYBODY,
    "sign-in": EVERYBODY,
    "signed-in": EVERYBODY,
    "sign-out": EVERYBODY,
    "sign-out-there": EVERYBODY,
    "signed-out": EVERYBODY,
    "account": PERSONS,
    "end-session": OWNERS,
    "end-sessions": PERSONS,
    "connect": PERSONS,
    "disconnect": OWNERS,
    "consent": {**PERSONS, "person": NOTHING, "other": NOTHING, "administrator": NOTHING},  # nothing is kept here
    "revoke-consent": PERSONS,
    "home": PERSONS,
    "now": PERSONS,
    "note": PERSONS,
    "live": PERSONS,
    "face": PERSONS,
    "tile": PERSONS,
    "update": PERSONS,
    "photo": PERSONS,
    "choose": OWNERS,
    "forget": OWNERS,
    "added-face": OWNERS,
    "history-face": OWNERS,
    "take-back": PERSONS,
    "remove-picture": PERSONS,
    "add-photo": PERSONS,
    "cut": OWNERS,
    "recut": OWNERS,
    "preview": OWNERS,
    "whole": OWNERS,
    "travels": PERSONS,
    "choices": PERSONS,
    "choose-for": PERSONS,
}
"""By the door's name. The administrators' doors are all those whose path begins with /admin, and no others."""


def expected(door: Door) -> dict[str, str] | None:
    return ADMINISTRATORS if door.path.startswith("/admin") else TABLE.get(door.name)


def test_every_door_is_in_the_table_and_no_other():
    assert {door.name for door in DOORS if expected(door) is None} == set()
    assert set(TABLE) - {door.name for door in DOORS} == set()


def test_doors_are_told_apart_by_name_and_by_address():
    assert len({door.name for door in DOORS}) == len(DOORS)
    assert len({(door.path, method) for door in DOORS for method in door.methods}) == len(DOORS)


def test_what_changes_something_is_posted():
    assert {method for door in DOORS for method in door.methods} == {"GET", "POST"}
    assert [door.name for door in DOORS if "GET" in door.methods and "POST" in door.methods] == []


def test_only_pictures_are_large_and_no_door_takes_forms_from_elsewhere():
    assert {door.name for door in DOORS if door.uploads} == {"add-photo", "admin-add-photo"}
    assert [door.name for door in DOORS if door.foreign] == []


# --- going through it ------------------------------------------------------------------------------------------------

MISSING = {"number": "4711", "intent": "4711", "person": "nobody", "session": "none", "identity": "none"}


@dataclass
class Castle:
    """The house with something behind each door that takes an id; all of it is the first person's."""

    house: House
    owner: PersonId
    digest: Digest
    numbers: dict[str, str]
    fields: dict[str, dict[str, str]]

    def path(self, door: Door, *, missing: bool = False) -> str:
        there = {
            "provider": "microsoft",
            "system": "exchange" if door.name == "face" else "sharepoint",
            "tile": "onedrive",
            "digest": self.digest,
            "person": self.owner,
            "number": self.numbers.get(door.name, self.numbers["picture"]),
            "intent": self.numbers["intent"],
        }
        known = there | MISSING if missing else there
        return re.sub(r"{(\w+)(:int)?}", lambda found: known[found.group(1)], door.path)

    async def visitors(self) -> dict[str, Browser]:
        """A browser for each column of the table, with a session that nobody has spoilt."""
        house = self.house
        return {
            "nobody": await house.browser(),
            "person": await house.browser("stale"),
            "other": await house.browser("never-visited"),
            "administrator": await house.browser("in-sync", administrator=True),
            "outsider": await house.browser(administrator=True),
        }

    async def knock(self, browser: Browser, door: Door, *, missing: bool = False) -> httpx2.Response:
        path = self.path(door, missing=missing)
        if door.methods == ("GET",):
            return await browser.open(path)
        fields = self.fields.get(door.name, {})
        return await browser.post(
            path, follow=False, **{name: MISSING[name] if missing else fields[name] for name in fields}
        )

    async def nothing(self, browser: Browser, door: Door) -> httpx2.Response:
        """The answer where there is nothing: at this door, where ids are somebody's own, else at no door at all."""
        if expected(door) is OWNERS:
            return await self.knock(browser, door, missing=True)
        return await (browser.open if door.methods == ("GET",) else browser.post)("/nowhere")


@pytest.fixture
async def castle(house: House) -> Castle:
    site, ledger, now = house.site, house.site.org.ledger, house.site.clock()
    owner = await house.person("stale")
    added = await keep_upload(site, owner, portrait(), None, by=owner)
    run = await ledger.begin_run("apply", "manual", "settings", now)
    slot = Slot("sharepoint", house.tenant.person("stale").id)
    lease = await ledger.lease(run, [slot], now, timedelta(minutes=1))
    intent = await ledger.open_intent(run, lease, owner, "put", slot, added.digest, None, {}, None, now)
    numbers = {
        "picture": added.id,
        "intent": intent,
        "admin-run": run,
        "admin-run-undo": run,
        "admin-plan": (plan := await ledger.give_order(What.PLAN, {}, "test", now)),
        "admin-plan-decide": plan,
        "admin-approval": await ledger.ask_approval(owner, added.id, now),
        "admin-token-revoke": await ledger.add_token("0" * 64, "test", [Scope.RUNS_READ], "test", now, now),
    }
    site.streams.taken = site.streams.most  # a stream would never end here; where there are too many it says so at once
    await ledger.bind_identity(Identity("https://issuer", "subject", owner, "Somebody", None, "connected", now, now))
    elsewhere = (await house.browser("stale")).visitor
    fields = {
        "end-session": {"session": elsewhere.session[:16]},
        "disconnect": {"identity": digest("https://issuer subject")[:16]},
    }
    return Castle(house, owner, added.digest, {name: str(number) for name, number in numbers.items()}, fields)


def outcome(answer: httpx2.Response, nothing: httpx2.Response) -> str:
    there = answer.headers.get("location", "")
    if answer.status_code == 303 and there.startswith("/welcome"):
        return WELCOME
    if answer.status_code == 303 and there == "/stranger":
        return STRANGER
    if answer.status_code == 404:
        return NOTHING if plain(answer) == plain(nothing) else f"404 in other words: {plain(answer)}"
    if answer.status_code < 500 or answer.headers.get("retry-after"):
        return {403: REFUSED, 401: UNKNOWN}.get(answer.status_code, IN)
    return f"{answer.status_code}"


def plain(answer: httpx2.Response) -> str:
    """An answer without what differs from one address, or one session, to another."""
    text = re.sub(r'name="(csrf|to)" value="[^"]*"', "", answer.text)
    return f"{answer.status_code} {text} {sorted(name for name, _ in answer.headers.multi_items())}"


async def test_everybody_at_every_door(castle: Castle):
    """All of it in one house: what is behind the doors costs more than the trying."""
    wrong = {}
    for door in sorted(DOORS, key=lambda door: door.name == "forget"):
        visitors = await castle.visitors()
        columns = sorted(visitors, key=lambda column: expected(door)[column] == IN)  # whoever may, may change things
        nothing = {column: await castle.nothing(visitors[column], door) for column in columns}
        visitors = await castle.visitors()
        for column in columns:
            found = outcome(await castle.knock(visitors[column], door), nothing[column])
            if found != expected(door)[column]:
                wrong[door.name, column] = found
    assert wrong == {}


# --- forms -----------------------------------------------------------------------------------------------------------

POSTS = [door for door in DOORS if door.methods == ("POST",)]

FORGERIES: dict[str, dict[str, str]] = {
    "from another site": {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    "from another host of this domain": {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:9999"},
    "from an older browser elsewhere": {"origin": "https://evil.example"},
    "from nowhere": {},
    "from a page without an origin": {"origin": "null"},
}


def kept(house: House) -> list[str]:
    """Everything in the store that a form could change."""
    with closing(sqlite3.connect(house.site.settings.store_folder / "samepic.db")) as store:
        return [line for line in store.iterdump() if not line.startswith('INSERT INTO "sessions"')]


async def test_a_forged_form_changes_nothing(castle: Castle):
    visitors = await castle.visitors()
    before, wrong = kept(castle.house), {}
    for door in POSTS:
        column = "outsider" if expected(door) is ADMINISTRATORS else "person"
        client, csrf = visitors[column].client, visitors[column].visitor.csrf
        foreign = visitors["other" if column == "person" else "administrator"].visitor.csrf
        own = {name: value for name, value in client.headers.items() if name not in {"origin", "sec-fetch-site"}}
        for forgery, headers in FORGERIES.items():
            request = httpx2.Request(
                "POST", client.base_url.join(castle.path(door)), headers=own | headers, data={"csrf": csrf}
            )
            request.headers["cookie"] = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)
            wrong[door.name, forgery] = (await client.send(request)).status_code
        for token in ({}, {"csrf": ""}, {"csrf": foreign}):
            wrong[door.name, str(token)] = (await client.post(castle.path(door), data=token)).status_code
    assert {place: status for place, status in wrong.items() if status != 403} == {}
    assert kept(castle.house) == before


async def test_another_method_is_no_way_in(castle: Castle):
    visitors = await castle.visitors()
    before, wrong = kept(castle.house), {}
    for door in DOORS:
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "POST" if "GET" in door.methods else "GET"):
            path = castle.path(door)
            if any(path == castle.path(one) and method in one.methods for one in DOORS):
                continue
            answer = await visitors["person"].client.request(method, path)
            if answer.status_code != 404:
                wrong[door.name, method] = answer.status_code
    assert wrong == {}
    overridden = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "DELETE"}
    for door in DOORS:
        if "GET" in door.methods and expected(door) is not EVERYBODY and door.name != "home":
            await visitors["person"].client.get(castle.path(door), headers=overridden, params={"_method": "POST"})
    assert [line for line in kept(castle.house) if "INSERT INTO audit" in line] == [
        line for line in before if "INSERT INTO audit" in line
    ]


# --- the API ---------------------------------------------------------------------------------------------------------

API = {
    "GET /people": Scope.PEOPLE_READ,
    "GET /people/{person}": Scope.PEOPLE_READ,
    "POST /people/{person}/look": Scope.PEOPLE_READ,
    "POST /people/{person}/visits": Scope.VISITS_WRITE,
    "GET /numbers": Scope.PEOPLE_READ,
    "GET /people/{person}/pictures/{system}": Scope.PICTURES_READ,
    "PUT /people/{person}/picture": Scope.PICTURES_WRITE,
    "DELETE /people/{person}/picture": Scope.PICTURES_WRITE,
    "POST /people/{person}/undo": Scope.PICTURES_WRITE,
    "DELETE /people/{person}/pins/{system}": Scope.PICTURES_WRITE,
    "GET /runs": Scope.RUNS_READ,
    "GET /runs/{run}": Scope.RUNS_READ,
    "GET /runs/{run}/journal": Scope.RUNS_READ,
    "GET /people/{person}/journal": Scope.RUNS_READ,
    "POST /runs": Scope.RUNS_WRITE,
    "POST /runs/{run}/undo": Scope.RUNS_WRITE,
    "POST /plans": Scope.RUNS_WRITE,
    "GET /plans/{number}": Scope.RUNS_READ,
    "POST /plans/{number}/approve": Scope.RUNS_WRITE,
    "POST /plans/{number}/refuse": Scope.RUNS_WRITE,
    "POST /letters": Scope.RUNS_WRITE,
    "GET /orders/{number}": Scope.RUNS_READ,
    "GET /people/{person}/choices": Scope.PEOPLE_READ,
    "PUT /people/{person}/choices/{system}": Scope.CHOICES_WRITE,
    "DELETE /people/{person}/choices/{system}": Scope.CHOICES_WRITE,
    "GET /approvals": Scope.PEOPLE_READ,
    "POST /approvals/{number}/approve": Scope.APPROVALS_WRITE,
    "POST /approvals/{number}/refuse": Scope.APPROVALS_WRITE,
    "GET /systems": Scope.PEOPLE_READ,
    "POST /systems/{system}/check": Scope.PEOPLE_READ,
    "GET /audit": Scope.AUDIT_READ,
    "POST /hooks/changed": None,  # whoever signs what they send
}
"""Route -> the one scope that opens it."""


def api_routes(house: House) -> set[str]:
    """Those that are there, from the description of the API itself."""
    described = api(house.site).openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}


async def test_every_route_of_the_api_opens_to_its_scope_and_to_no_other(castle: Castle):
    house = castle.house
    assert api_routes(house) == set(API)
    signed_in = (await house.browser("in-sync", administrator=True)).client
    programs = {scope: await program(house, scope) for scope in Scope}
    expired = await program(house, *Scope, days=-1)
    wrong = {}
    for route, scope in API.items():
        method, _, path = route.partition(" ")
        address = "/api" + path.format(person=castle.owner, system="exchange", run=1, number=1)
        wanted = {"signed in": 401, "expired": 401} | dict.fromkeys(Scope, 403)
        clients = {"signed in": signed_in, "expired": expired, **programs}
        for name, client in clients.items():
            status = (await client.request(method, address)).status_code
            if scope is None:
                fits = status in {401, 404, 422}
            else:
                fits = status not in {401, 403} and status < 500 if name == scope else status == wanted[name]
            if not fits:
                wrong[route, name] = status
    assert wrong == {}


async def test_the_api_says_the_same_of_whom_it_does_not_know(castle: Castle):
    client = await program(castle.house, *Scope)
    for path in ("/api/people/{}", "/api/people/{}/pictures/exchange", "/api/people/{}/journal"):
        answers = [await client.get(path.format(one)) for one in ("4711", "00000000-0000-4000-8000-000000000000")]
        assert {one.status_code for one in answers} == {404}
        assert len({one.text for one in answers}) == 1
