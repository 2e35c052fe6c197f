"""Acme in memory: what the tests of its connector speak to, below the HTTP client.

It is written from Acme's own documentation, never from the connector: else both would agree on the same mistake. Where
a real Acme can be started by the tests, start that one instead and keep this file for what it cannot be made to do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

TOKEN = "letmein-0c1d2e3f"
PAGE = 10


@dataclass
class Person:
    """One entry; `changes` counts the pictures that were ever there, so that no entity tag comes twice."""

    id: str
    login: str
    name: str = ""
    guest: bool = False
    photo: bytes | None = None
    media_type: str = "image/jpeg"
    changes: int = 0

    @property
    def etag(self) -> str | None:
        return None if self.photo is None else f"v{self.changes}"

    def place(self, photo: bytes | None, media_type: str = "image/jpeg") -> None:
        self.photo, self.media_type, self.changes = photo, media_type, self.changes + 1

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "login": self.login,
            "mail": self.login,
            "name": self.name,
            "guest": self.guest,
            "photo": self.etag,
        }


class AcmeWorld(httpx2.AsyncBaseTransport):
    """Acme, with somebody at the plug: `before` may answer in its place, `after` may change or lose its answer.

    `sent` lists what reached Acme, as (method, path); `waits` what retries would have waited, in seconds.
    """

    def __init__(self) -> None:
        self.people = {f"p{number:03}": Person(f"p{number:03}", f"p{number:03}@acme.example") for number in range(25)}
        self.rights = ["people:read", "photos:read", "photos:write"]
        self.largest = 1_000_000
        self.token = TOKEN
        self.before: Callable[[httpx2.Request], httpx2.Response | None] = lambda request: None
        self.after: Callable[[httpx2.Request, httpx2.Response], httpx2.Response] = lambda request, response: response
        self.sent: list[tuple[str, str]] = []
        self.waits: list[float] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if (answer := self.before(request)) is not None:
            return answer
        self.sent.append((request.method, request.url.path))
        return self.after(request, self._answer(request, await request.aread()))

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def _answer(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _refusal(401, "The token is unknown.")
        match request.url.path.strip("/").split("/"):
            case ["me"]:
                return httpx2.Response(200, json={"rights": self.rights})
            case ["people"]:
                return self._page(int(request.url.params.get("after", 0)))
            case ["people", ref]:
                return self._of(ref, lambda person: httpx2.Response(200, json=person.shown()))
            case ["people", ref, "photo"]:
                return self._of(ref, lambda person: self._photo(person, request, body))
        return _refusal(404, "There is no such page.")

    def _of(self, ref: str, work: Callable[[Person], httpx2.Response]) -> httpx2.Response:
        person = self.people.get(ref)
        return work(person) if person else _refusal(404, "There is nobody of that id.")

    def _page(self, start: int) -> httpx2.Response:
        people = sorted(self.people.values(), key=lambda person: person.id)
        found: dict[str, Any] = {"people": [person.shown() for person in people[start : start + PAGE]]}
        if start + PAGE < len(people):
            found["next"] = f"/people?after={start + PAGE}"
        return httpx2.Response(200, json=found)

    def _photo(self, person: Person, request: httpx2.Request, body: bytes) -> httpx2.Response:
        if request.method == "GET":
            return _picture(person)
        if "photos:write" not in self.rights:
            return _refusal(403, "The token lacks the right photos:write.")
        if request.headers.get("If-Match", f'"{person.etag}"') != f'"{person.etag}"':
            return _refusal(412, "Another picture is there.")
        if len(body) > self.largest:
            return _refusal(413, f"At most {self.largest} bytes.")
        removing = request.method == "DELETE"
        if not (removing and person.photo is None):
            person.place(None if removing else body, request.headers.get("Content-Type", "image/jpeg"))
        return httpx2.Response(204)


def _picture(person: Person) -> httpx2.Response:
    if person.photo is None:
        return httpx2.Response(204)
    headers = {"Content-Type": person.media_type, "ETag": f'"{person.etag}"'}
    return httpx2.Response(200, content=person.photo, headers=headers)


def _refusal(status: int, message: str) -> httpx2.Response:
    return httpx2.Response(status, content=json.dumps({"error": {"message": message}}))
