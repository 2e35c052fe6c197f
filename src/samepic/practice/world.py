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
from samepic.practice.seeding import PULLED, Beginning, seed_world
from samepic.practice.state import State
from samepic.practice.userphotos import FOLDER, NAME_RULE, File, Library, is_name


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
        self._beginning = Beginning.of(state)
        self.library = Library(state, self._beginning, self._seeded)
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
    def delay(self) -> timedelta:
        """How long after a pull its thumbnails appear; up to 72 hours are reported of the cloud."""
        return timedelta(seconds=self.state.setting("delay", 0.0))

    def set_delay(self, to: timedelta) -> None:
        self.state.set("delay", to.total_seconds())

    @property
    def folder(self) -> str:
        """What SharePoint calls the folder it puts pictures into from now on."""
        return str(self.state.setting("folder", self._beginning.folder))

    def set_folder(self, to: str) -> None:
        self.state.set("folder", to)

    @property
    def shared_display(self) -> bool:
        """Whether people without a mailbox are shown the shared picture, as since 2024 (announced as MC653734)."""
        return bool(self.state.setting("shared_display", True))

    def set_shared_display(self, to: bool) -> None:  # noqa: FBT001 -- the value itself, not a mode
        self.state.set("shared_display", to)

    @property
    def token_life(self) -> timedelta:
        """How long a new access token is good."""
        return timedelta(seconds=self.state.setting("token_life", 3600.0))

    def set_token_life(self, to: timedelta) -> None:
        self.state.set("token_life", to.total_seconds())

    @property
    def token_era(self) -> int:
        """Access tokens of an earlier one count as expired."""
        return int(self.state.setting("token_era", 0))

    def expire_tokens(self) -> None:
        self.state.set("token_era", self.token_era + 1)

    def session_era(self, person: Person) -> int:
        """A person's cookies and refresh tokens of an earlier one were revoked."""
        return int(self.state.setting(f"session_era/{person.index}", 0))

    def revoke_sessions(self, person: Person) -> None:
        self.state.set(f"session_era/{person.index}", self.session_era(person) + 1)

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
        return self.stored(str(person.index), store, self._beginning.picture(person, store))

    def stored(self, owner: str, store: Store, first: tuple[str, str, int, int] | None = None) -> Picture | None:
        """What somebody's or a group's store holds; `first` is what it held when the world began."""
        found = self.state.row(
            "SELECT source, media_type, width, height FROM pictures WHERE owner = ? AND store = ?", owner, store
        )
        held = found or first
        return Picture(store, *held) if held and held[0] is not None else None

    def visible(self, person: Person) -> Picture | None:
        """What Graph shows, without saying which it is: the mailbox's picture, else Entra's."""
        return self.picture(person, Store.MAILBOX) or self.picture(person, Store.ENTRA)

    def home(self, person: Person) -> Store:
        """Where a picture written through Graph ends up."""
        return Store.MAILBOX if person.mailbox else Store.ENTRA

    def put(self, person: Person, store: Store, data: bytes) -> None:
        """Raises NotAPicture."""
        self.store(str(person.index), store, data)

    def store(self, owner: str, store: Store, data: bytes) -> None:
        """Raises NotAPicture."""
        shape = inspect(data)
        self.state.change(
            "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?)",
            *(owner, store, self.keep_upload(data), shape.media_type, shape.width, shape.height),
        )

    def remove(self, person: Person, store: Store) -> bool:
        """Whether there was one."""
        there = self.stored(str(person.index), store, self._beginning.picture(person, store)) is not None
        if there:
            self.clear(str(person.index), store)
        return there

    def clear(self, owner: str, store: Store) -> None:
        self.state.change("INSERT OR REPLACE INTO pictures (owner, store) VALUES (?, ?)", owner, store)

    def keep_upload(self, data: bytes) -> str:
        """The source of bytes that are kept from now on."""
        digest = digest_of(data)
        self.state.change("INSERT OR IGNORE INTO uploads VALUES (?, ?)", digest, data)
        return sources.upload(digest)

    def profile(self, person: Person) -> dict[str, str] | None:
        if not person.has_profile:
            return None
        found = self.state.row("SELECT properties FROM profiles WHERE person = ?", person.index)
        return dict(json.loads(found[0])) if found else self._beginning.profile(person)

    def set_profile(self, person: Person, changes: dict[str, str]) -> None:
        """Of a person who has one."""
        properties = (self.profile(person) or {}) | changes
        row = (person.index, json.dumps(properties), self._pulled(person))
        self.state.change("INSERT OR REPLACE INTO profiles VALUES (?, ?, ?)", *row)

    def thumbnail(self, person: Person, letter: str) -> File | None:
        """The file of that size beside the one the profile names, whatever its name."""
        path = profiles.thumbnail_path((self.profile(person) or {}).get(profiles.PICTURE, ""), letter)
        file = self.library.at(path) if path else None
        return file if file and not file.folder else None

    def pull(self, person: Person) -> bool:
        """The documented synchronisation, for a person who asked for their own large picture; whether it began.

        Nothing moves without a mailbox picture, while Picture Exchange Sync State is 0, within the interval, or where
        SharePoint shows already what the mailbox holds. A removed mailbox picture does not remove SharePoint's. What
        was fetched appears after the delay; the interval begins at once.
        """
        properties, picture = self.profile(person), self.picture(person, Store.MAILBOX)
        if properties is None or picture is None or properties.get(profiles.EXCHANGE_SYNC) == "0":
            return False
        if not self._may_pull(person) or self._shows(person, properties, picture):
            return False
        now = self.now()
        with self.state.together():
            self.set_profile(person, {})
            self.state.change("UPDATE profiles SET pulled = ? WHERE person = ?", now.timestamp(), person.index)
            row = (person.index, (now + self.delay).timestamp(), _largest(picture))
            self.state.change("INSERT OR REPLACE INTO pending VALUES (?, ?, ?)", *row)
            self.settle()
        return True

    def settle(self) -> None:
        """Lets what was fetched appear where its time has come. The faces call it before they show anything."""
        now = self.now().timestamp()
        for index, due, source in self.state.rows("SELECT person, due, source FROM pending WHERE due <= ?", now):
            person = self.people.at(index)
            self.state.change("DELETE FROM pending WHERE person = ?", index)
            if person is not None:
                self.show_in_sharepoint(person, source, datetime.fromtimestamp(due, UTC))

    def show_in_sharepoint(self, person: Person, source: str, at: datetime, *, exchange_sync: str = "1") -> None:
        """Writes the three thumbnails of a picture, and the profile that points to them."""
        with self.state.together():
            for letter, pixels in THUMBNAILS.items():
                name = profiles.thumbnail_name(person.id, letter)
                self.library.write(self.folder, name, sources.width(pixels, source), at)
            changes = profiles.pulled_properties(self.folder, person.id, at)
            self.set_profile(person, changes | {profiles.EXCHANGE_SYNC: exchange_sync})

    def _may_pull(self, person: Person) -> bool:
        last = self._pulled(person)
        return last is None or self.now().timestamp() - last >= self.interval.total_seconds()

    def _pulled(self, person: Person) -> float | None:
        found = self.state.row("SELECT pulled FROM profiles WHERE person = ?", person.index)
        return found[0] if found else self._beginning.pulled_for(person)

    def _shows(self, person: Person, properties: dict[str, str], picture: Picture) -> bool:
        """Without this every visit would make new versions of the same thumbnails."""
        if properties[profiles.PLACEHOLDER] != "0" or properties[profiles.EXCHANGE_SYNC] != "1":
            return False
        files = {letter: self.thumbnail(person, letter) for letter in THUMBNAILS}
        wanted = {letter: sources.width(pixels, _largest(picture)) for letter, pixels in THUMBNAILS.items()}
        return {letter: file.source for letter, file in files.items() if file} == wanted

    def _seeded(self) -> int:
        """Items the library began with: a folder, and three for everybody whose picture was fetched."""
        census = self.people.census()
        return 1 + len(THUMBNAILS) * sum(census.get(case, 0) for case in PULLED)

    def spend(self, token: str, until: datetime) -> bool:
        """Marks something as used that may be used once; whether it was fresh. By the machine's clock."""
        self.state.change("DELETE FROM spent WHERE until < ?", self.machine().timestamp())
        return bool(self.state.change("INSERT OR IGNORE INTO spent VALUES (?, ?)", token, until.timestamp()))

    def _upload(self, digest: str) -> bytes:
        found = self.state.row("SELECT data FROM uploads WHERE digest = ?", digest)
        assert found is not None
        return bytes(found[0])


def open_world(state: State, people: int, seed: int, folder: str | None = None) -> World:
    """The world in this state, made now if the state is empty. Raises UserError where it was made differently.

    `folder` is what a new world's library calls the folder of its first pictures.
    """
    made: tuple[Any, Any] = (state.setting("people"), state.setting("seed"))
    if made == (None, None):
        _make_world(state, people, seed, FOLDER if folder is None else folder)
    elif made != (people, seed):
        raise UserError(
            f"The practice tenant in {state.folder} has {made[0]} people and seed {made[1]}, not {people} and {seed}.",
            "Start it with those numbers, or name another folder with --state.",
        )
    elif folder not in (None, state.setting("first_folder")):
        raise UserError(
            f"The library of the practice tenant in {state.folder} began with {state.setting('first_folder')!r}.",
            "Leave out --folder-name, or name another folder with --state; control changes the name from now on.",
        )
    return World(state)


def _make_world(state: State, people: int, seed: int, folder: str) -> None:
    if not is_name(folder):
        raise UserError(f"SharePoint has no folder {folder!r}.", f"A folder has {NAME_RULE}.")
    seed_world(state, seed, people, datetime.now(UTC), folder)


def _largest(picture: Picture) -> str:
    """The source of the largest rendition."""
    return list(picture.renditions().values())[-1]
