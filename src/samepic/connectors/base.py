"""The contract between samepic and one kind of system.

A connector is one module (a package where it would pass 350 lines) that knows one wire protocol and nothing of the
engine, the store or the settings. Words: an *account* is one entry of the system, its *ref* never changes; a *sighting*
says cheaply whether a picture is there and which version it is; a *demand* is a rendition the system takes.

Only `roster` and `fetch` have to be written; `traits` says what else works, and `conformance.py` proves it. Cancelling
a method leaves nothing half-open; a cancelled write may or may not have happened, as with `errors.Unclear`.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, ClassVar, Protocol, Self

import httpx2
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationInfo

from samepic.connectors.shared import Shared
from samepic.connectors.traffic import Traffic
from samepic.errors import ConnectorError, Denied, Gone, Hidden, Refused, SettingsError, Throttled
from samepic.model import Account, Asked, Change, Finding, Level, Photo, Sighting, Traits, Unseen, Why, digest_of
from samepic.secret import Secret


class Memo(Protocol):
    """What a connector remembers between runs: learned names, feed tokens. Small text values by text key.

    Losing it may cost requests, never correctness.
    """

    async def load(self) -> dict[str, str]: ...

    async def save(self, values: Mapping[str, str | None]) -> None:
        """Sets each key; None forgets it. All of them, or none."""
        ...


class ForgetfulMemo:
    """A memo that lasts as long as the object: for tests, and where there is no store."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    async def load(self) -> dict[str, str]:
        return dict(self._values)

    async def save(self, values: Mapping[str, str | None]) -> None:
        for name, value in values.items():
            if value is None:
                self._values.pop(name, None)
            else:
                self._values[name] = value


def _reference(value: Any, info: ValidationInfo) -> Any:
    """A reference from text. The mistake is a ValueError, so that it is told with the setting's place."""
    folder = (info.context or {}).get("folder", Path())
    try:
        return Secret.parse(value, folder) if isinstance(value, str) else value
    except SettingsError as wrong:
        raise ValueError(str(wrong)) from None


SecretReference = Annotated[Secret, BeforeValidator(_reference)]
"""A setting that names where a secret is. Validate with `context={"folder": <the settings file's folder>}`."""


class Options(BaseModel):
    """The settings of one system, as its connector declares them. Unknown settings are refused by name."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a connector is given besides its options, so that nothing reaches out by itself.

    `transport` replaces the network below the HTTP client (None: the real one); `sleep` is how a retry waits, and
    `patience` how many seconds of waiting one request may cost. `ca` is a PEM file of authorities to trust besides the
    machine's own, `proxy` the address of a proxy (None: as the environment says), `proxy_login` its (user, password).
    `traffic` is what the connector's requests have in common, `shared` what the systems of an organisation have; with
    `reads_only` nothing that could change the system is sent.
    """

    memo: Memo = field(default_factory=ForgetfulMemo)
    transport: httpx2.AsyncBaseTransport | None = None
    clock: Callable[[], datetime] = _now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    patience: float = 120.0
    ca: Path | None = None
    proxy: str | None = None
    proxy_login: tuple[str, str] | None = field(default=None, repr=False)
    traffic: Traffic = field(default_factory=Traffic)
    shared: Shared = field(default_factory=Shared)
    reads_only: bool = False


class Connector(ABC):
    """One configured system. Use as an async context manager; `name` is the system's name in the settings.

    The constructor does no I/O: whether the settings make sense is known offline, whether they work only by `check`.
    """

    options_type: ClassVar[type[Options]] = Options

    patient: ClassVar[bool] = False
    """Does it try again by itself? Otherwise `layers.Retrying` does it; both would multiply."""

    traits: Traits

    def __init__(self, name: str, options: Options, around: Surroundings) -> None:
        self.name = name
        self.around = around

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Gives back connections and files. Called once; nothing else is called after it."""

    @abstractmethod
    def roster(self) -> AsyncIterator[Account]:
        """Every account, each once, in no particular order. Raises on the first trouble: half a roster is none."""

    @abstractmethod
    async def fetch(self, ref: str) -> Photo | None:
        """The picture at its best size; None where there is none. Raises Gone, Denied, Hidden, Throttled, Failed."""

    async def fetch_all(self, ref: str) -> Mapping[str, Photo]:
        """Every stored rendition by demand name, byte-exact, so that it can be put back; empty where none is stored."""
        photo = await self.fetch(ref)
        return {} if photo is None else dict.fromkeys(self.traits.demands, photo)

    async def peek(self, ref: str) -> Sighting:
        """As cheap a look as the system allows. Raises as `fetch` does. The default fetches and digests."""
        photo = await self.fetch(ref)
        return Sighting(False) if photo is None else Sighting(True, digest_of(photo.data))

    async def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        """A look at many: every ref exactly once, trouble as `Unseen`. Override to batch, or to list in bulk."""
        for ref in refs:
            yield ref, await look(self, ref)

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        """Writes one photo per demand, in any order; returns what the system shows after all of them.

        With `expect`, where `traits.guarded`, raises Moved if another version is there. Raises Refused where the system
        will never take it, Unclear where the answer was lost. May be called again with the same photos after anything.
        """
        raise NotImplementedError(f"{self.name} does not take pictures")

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        """Takes the picture away; fine where there is none. Raises as `put` does."""
        raise NotImplementedError(f"{self.name} does not remove pictures")

    async def ask(self, ref: str) -> Asked:
        """Prompts the system to fetch the picture by itself, or says which link the person must follow."""
        raise NotImplementedError(f"{self.name} does not fetch pictures by itself")

    def changes(self, since: str | None) -> AsyncIterator[Change]:
        """Events after the token `since`; None means "start now" and yields one event with a token and no ref."""
        raise NotImplementedError(f"{self.name} has no feed of changes")

    async def members(self, group: str) -> frozenset[str]:
        """Refs of the accounts in the group of this name or id, those of groups inside it too. Case does not matter.

        Raises Gone where there is no such group, Refused where several have the name.
        """
        raise NotImplementedError(f"{self.name} does not tell who belongs to a group")

    async def check(self) -> list[Finding]:
        """Can we sign in, may we read, may we write, what will refuse us. Never raises; writes nothing."""
        try:
            async for account in self.roster():
                await look(self, account.ref)
                break
        except ConnectorError as trouble:
            return [Finding(Level.PROBLEM, "reading", str(trouble), trouble.remedy)]
        return [Finding(Level.GOOD, "reading", "Accounts and pictures can be read.")]


async def look(connector: Connector, ref: str) -> Sighting | Unseen:
    """`peek`, with trouble as a value."""
    try:
        return await connector.peek(ref)
    except ConnectorError as trouble:
        return unseen(trouble)


def unseen(trouble: ConnectorError) -> Unseen:
    """The trouble of one look as a value that a survey can carry."""
    match trouble:
        case Gone():
            why = Why.GONE
        case Hidden():
            why = Why.HIDDEN
        case Denied() | Refused():
            why = Why.DENIED
        case Throttled():
            why = Why.THROTTLED
        case _:
            why = Why.FAILED
    return Unseen(why, str(trouble))
