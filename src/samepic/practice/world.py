"""The practice tenant's world and its rules, as plain methods; the faces only translate them to the wire.

Who has which picture where, what Graph would show, and the documented pull: SharePoint fetches from the *mailbox* when
a person asks for their own large picture, and nothing else ever moves a picture.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from samepic.errors import UserError
from samepic.model import digest_of
from samepic.practice import profiles, sources
from samepic.practice.directory import Directory
from samepic.practice.people import Person
from samepic.practice.pictures import THUMBNAILS, inspect, squares
from samepic.practice.seeding import seed_world
from samepic.practice.state import State
from samepic.practice.userphotos import Library


class Store(StrEnum):
    MAILBOX = "mailbox"
    ENTRA = "entra"


@dataclass(frozen=True, slots=True)
class Picture:
    """What one store holds for one person. `width` and `height` are those of the bytes it was given."""

    store: Store
    source: str
    media_type: str
    width: int
    height: int

    @property
    def etag(self) -> str:
        """Eight hex digits that change with the picture and only then, like a mailbox's own picture cache id."""
        return f"{zlib.crc32(f'{self.store}/{self.source}'.encode()):08X}"

    def renditions(self) -> dict[tuple[int, int], str]:
        """Sizes on offer, smallest first, with the source of each. Entra has but the one it was given."""
        if self.store is Store.ENTRA:
            return {(self.width, self.height): self.source}
        return {(side, side): sources.square(side, self.source) for side in squares(self.width, self.height)}


class World:
    """One tenant. `machine` is the real clock; the world's own runs with it, ahead or behind by what was set."""

    def __init__(self, state: State, machine: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.state = state
        self.people = Directory(state)
        self.library = Library(state)
        self.read = sources.reader(self._upload)
        self.machine = machine
        self._ahead = timedelta(seconds=state.setting("clock", 0.0))

    @property
    def seed(self) -> int:
        return int(self.state.setting("seed"))

    @property
    def tenant(self) -> str:
        return str(self.state.setting("tenant"))

    def now(self) -> datetime:
        return self.machine() + self._ahead

    def set_clock(self, to: datetime) -> None:
        self._ahead = to - self.machine()
        self.state.set("clock", self._ahead.total_seconds())

    @property
    def interval(self) -> timedelta:
        """SharePoint pulls for one person at most once in this time."""
        return timedelta(seconds=self.state.setting("interval", 0.0))

    def set_interval(self, to: timedelta) -> None:
        self.state.set("interval", to.total_seconds())

    @property
    def photo_source(self) -> str:
        """The organisation's policy: pictures may be written in the `cloud`, or `onPremises` only."""
        return str(self.state.setting("photo_source", "cloud"))

    def set_photo_source(self, to: str) -> None:
        self.state.set("photo_source", to)

    def picture(self, person: Person, store: Store) -> Picture | None:
        """A mailbox that is gone shows nothing, although its picture is kept for when it comes back."""
        if store is Store.MAILBOX and not person.mailbox:
            return None
        found = self.state.row(
            "SELECT store, source, media_type, width, height FROM pictures WHERE person = ? AND store = ?",
            *(person.index, store),
        )
        return Picture(Store(found[0]), *found[1:]) if found else None

    def visible(self, person: Person) -> Picture | None:
        """What Graph shows, without saying which it is: the mailbox's picture, else Entra's."""
        return self.picture(person, Store.MAILBOX) or self.picture(person, Store.ENTRA)

    def home(self, person: Person) -> Store:
        """Where a picture written through Graph ends up."""
        return Store.MAILBOX if person.mailbox else Store.ENTRA

    def put(self, person: Person, store: Store, data: bytes) -> None:
        """Raises NotAPicture."""
        shape = inspect(data)
        self.state.change(
            "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?)",
            *(person.index, store, self.keep_upload(data), shape.media_type, shape.width, shape.height),
        )

    def remove(self, person: Person, store: Store) -> bool:
        """Whether there was one."""
        return bool(self.state.change("DELETE FROM pictures WHERE person = ? AND store = ?", person.index, store))

    def keep_upload(self, data: bytes) -> str:
        """The source of bytes that are kept from now on."""
        digest = digest_of(data)
        self.state.change("INSERT OR IGNORE INTO uploads VALUES (?, ?)", digest, data)
        return sources.upload(digest)

    def profile(self, person: Person) -> dict[str, str] | None:
        found = self.state.row("SELECT properties FROM profiles WHERE person = ?", person.index)
        return None if found is None else dict(json.loads(found[0]))

    def set_profile(self, person: Person, changes: dict[str, str]) -> None:
        properties = (self.profile(person) or {}) | changes
        self.state.change("UPDATE profiles SET properties = ? WHERE person = ?", json.dumps(properties), person.index)

    def pull(self, person: Person) -> bool:
        """The documented synchronisation, for a person who asked for their own large picture; whether anything moved.

        Nothing moves without a mailbox picture, while Picture Exchange Sync State is 0, within the interval, or where
        SharePoint shows already what the mailbox holds. A removed mailbox picture does not remove SharePoint's.
        """
        properties, picture = self.profile(person), self.picture(person, Store.MAILBOX)
        if properties is None or picture is None or properties.get(profiles.EXCHANGE_SYNC) == "0":
            return False
        if not self._may_pull(person) or self._shows(person, properties, picture):
            return False
        now = self.now()
        with self.state.together():
            for name, source in _thumbnails(person, picture).items():
                self.library.write(name, source, now)
            self.set_profile(person, profiles.pulled_properties(person, now))
            self.state.change("UPDATE profiles SET pulled = ? WHERE person = ?", now.timestamp(), person.index)
        return True

    def _may_pull(self, person: Person) -> bool:
        found = self.state.row("SELECT pulled FROM profiles WHERE person = ?", person.index)
        last = found[0] if found else None
        return last is None or self.now().timestamp() - last >= self.interval.total_seconds()

    def _shows(self, person: Person, properties: dict[str, str], picture: Picture) -> bool:
        """Without this every visit would make new versions of the same thumbnails."""
        wanted = profiles.pulled_properties(person, self.now()) | {profiles.TIMESTAMP: properties[profiles.TIMESTAMP]}
        files = {name: self.library.find(name) for name in _thumbnails(person, picture)}
        held = {name: file.source for name, file in files.items() if file}
        return held == _thumbnails(person, picture) and wanted.items() <= properties.items()

    def spend(self, token: str, until: datetime) -> bool:
        """Marks something as used that may be used once; whether it was fresh. By the machine's clock."""
        self.state.change("DELETE FROM spent WHERE until < ?", self.machine().timestamp())
        return bool(self.state.change("INSERT OR IGNORE INTO spent VALUES (?, ?)", token, until.timestamp()))

    def _upload(self, digest: str) -> bytes:
        found = self.state.row("SELECT data FROM uploads WHERE digest = ?", digest)
        assert found is not None
        return bytes(found[0])


def open_world(state: State, people: int, seed: int) -> World:
    """The world in this state, made now if the state is empty. Raises UserError where it was made differently."""
    made: tuple[Any, Any] = (state.setting("people"), state.setting("seed"))
    if made == (None, None):
        seed_world(state, seed, people, datetime.now(UTC))
    elif made != (people, seed):
        raise UserError(
            f"The practice tenant in {state.folder} has {made[0]} people and seed {made[1]}, not {people} and {seed}.",
            "Start it with those numbers, or name another folder with --state.",
        )
    return World(state)


def _thumbnails(person: Person, picture: Picture) -> dict[str, str]:
    """File name -> source of the three thumbnails SharePoint makes of a mailbox picture."""
    largest = list(picture.renditions().values())[-1]
    names = profiles.thumbnail_names(person)
    return {names[letter]: sources.width(pixels, largest) for letter, pixels in THUMBNAILS.items()}
