"""Pictures in Acme, over its HTTP interface.

What Acme is, as far as this connector goes: people with an id that never changes, one picture each, an entity tag for
every picture, and a token that an administrator made by hand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pydantic import ConfigDict

from samepic.connectors.base import Connector, Options, SecretReference, Surroundings, look
from samepic.connectors.demands import require
from samepic.connectors.http import Session
from samepic.errors import ConnectorError, Denied, Failed, SettingsError
from samepic.model import Account, Demand, Finding, Kind, Level, Photo, Sighting, Traits, Unseen, key
from samepic.secret import Secret

FEW = 20
"""Of so many people each is looked at by a request; of more, the list of all of them costs less."""

NO_PICTURE = 204

_KEYS = {"mail": "mail", "login": "upn", "employee": "employee"}
"""What Acme calls each kind of matching key. `samepic.model.KEY_STRENGTH` has all kinds, strongest first."""


class AcmeOptions(Options):
    """Where Acme is, and what it lets us in by."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    address: str
    """Such as `https://acme.example`."""

    token: SecretReference
    """A reference to the token that Acme made for samepic."""


class AcmeConnector(Connector):
    """Guarded by entity tags. Tries again by itself, as everything does that speaks through a `Session`."""

    options_type = AcmeOptions
    patient = True

    def __init__(self, name: str, options: AcmeOptions, around: Surroundings) -> None:
        super().__init__(name, options, around)
        demands = {"photo": Demand(("image/jpeg", "image/png"), (48, 512), 1_000_000)}
        self.traits = Traits(demands, writes=True, removes=True, guarded=True, verbatim=True)
        self._session = Session(options.address, around, system=name, tokens=_Token(options.token, name))

    async def close(self) -> None:
        await self._session.close()

    async def roster(self) -> AsyncIterator[Account]:
        async for entry in self._entries():
            yield _account(entry)

    async def fetch(self, ref: str) -> Photo | None:
        answer = await self._session.send("GET", _path(ref, "/photo"))
        if answer.status == NO_PICTURE:
            return None
        return Photo(answer.body, answer.headers.get("content-type", "image/jpeg"))

    async def peek(self, ref: str) -> Sighting:
        return _sighting(await self._session.json(_path(ref)))

    async def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        listed = {} if len(refs) <= FEW else await self._listed()
        for ref in refs:
            yield ref, listed.get(ref) or await look(self, ref)

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        require(photos, self.traits.demands)
        photo = photos["photo"]
        await self._write("PUT", ref, expect, photo.data, {"Content-Type": photo.media_type})
        return await self._shown(ref)

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        await self._write("DELETE", ref, expect)

    async def check(self) -> list[Finding]:
        try:
            count = sum([1 async for _ in self._entries()])
            rights = (await self._session.json("/me"))["rights"]
        except ConnectorError as trouble:
            return [Finding(Level.PROBLEM, "reading", str(trouble), trouble.remedy)]
        reading = Finding(Level.GOOD, "reading", f"{count} people can be read.")
        if "photos:write" in rights:
            return [reading, Finding(Level.GOOD, "writing", "Pictures can be written.")]
        remedy = "If this system is a target, make a token with the right photos:write."
        return [reading, Finding(Level.WARNING, "writing", "The token lacks the right photos:write.", remedy)]

    async def _entries(self) -> AsyncIterator[Mapping[str, Any]]:
        """Everybody, page by page."""
        page: str | None = "/people"
        while page:
            answer = await self._session.json(page)
            try:
                people, page = answer["people"], answer.get("next")
            except (KeyError, TypeError, AttributeError):
                raise Failed("The list of people has another shape than is known.", system=self.name) from None
            for entry in people:
                yield entry

    async def _listed(self) -> dict[str, Sighting]:
        """What the list shows of everybody; nothing where it cannot be read, and then each is asked for alone."""
        try:
            return {entry["id"]: _sighting(entry) async for entry in self._entries()}
        except ConnectorError:
            return {}

    async def _write(
        self, method: str, ref: str, expect: str | None, content: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> None:
        """A repeat after a lost answer may meet its own first try's tag: `Session` calls that Unclear, not Moved."""
        guard = {} if expect is None else {"If-Match": f'"{expect}"'}
        await self._session.send(method, _path(ref, "/photo"), headers={**guard, **headers}, content=content)

    async def _shown(self, ref: str) -> Sighting:
        """What is there after a write. A look that fails does not make the write undone."""
        try:
            return await self.peek(ref)
        except ConnectorError:
            return Sighting(True)


class _Token:
    """The token from the settings, for every request. There is none to take its place once it was refused."""

    def __init__(self, secret: Secret, system: str) -> None:
        self._secret = secret
        self._system = system

    async def __call__(self, resource: str, *, refused: str | None = None) -> str:
        if refused is not None:
            raise Denied(
                "Acme does not accept the token.", system=self._system, remedy="Make a new one, and put it there."
            )
        try:
            return self._secret.read().decode().strip()
        except SettingsError as wrong:
            raise Denied(wrong.message, system=self._system, remedy=wrong.remedy) from None


def _path(ref: str, more: str = "") -> str:
    return f"/people/{quote(ref, safe='')}{more}"


def _account(entry: Mapping[str, Any]) -> Account:
    keys = frozenset(key(kind, entry[field]) for field, kind in _KEYS.items() if entry.get(field))
    kind = Kind.GUEST if entry.get("guest") else Kind.PERSON
    return Account(entry["id"], keys, kind, entry.get("name", ""), entry.get("mail"), entry.get("active", True))


def _sighting(entry: Mapping[str, Any]) -> Sighting:
    return Sighting(entry["photo"] is not None, entry["photo"])
