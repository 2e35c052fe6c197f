"""The *User Photos* library of the My Site host, as data: folders of thumbnails, each with a version that rises.

Item 1 is the first folder itself, as in SharePoint, where a folder is an item of its list too. What a folder for
pictures is called follows the language of the host when the first picture is put there, so there may be several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Protocol

from samepic.practice.people import stable_uuid
from samepic.practice.state import State

LIBRARY = "User Photos"
FOLDER = "Profile Pictures"
"""In English; `Profielafbeeldingen` in Dutch, as PnP's uploader has it."""

THRESHOLD = 5000
"""More items than this and SharePoint refuses a query that has to look at all of them (the list view threshold)."""

_BLOCK = 3000
_NEVER_IN_A_NAME = frozenset('"*:<>?/\\|')
NAME_RULE = 'a name, without any of " * : < > ? / \\ | in it'


@dataclass(frozen=True, slots=True)
class File:
    """One item. `modified` and `created` are seconds since 1970; a folder has no `source` and lies in no directory."""

    id: int
    directory: str
    name: str
    guid: str
    version: int
    created: float
    modified: float
    source: str

    @property
    def folder(self) -> bool:
        return not self.source

    @property
    def path(self) -> str:
        """Server-relative."""
        return f"/{LIBRARY}/{self.directory}/{self.name}" if self.directory else f"/{LIBRARY}/{self.name}"


def is_name(text: str) -> bool:
    """Whether SharePoint lets a folder be called that."""
    return bool(text.strip()) and _NEVER_IN_A_NAME.isdisjoint(text)


class Seeded(Protocol):
    """What the library began with; nothing of it is stored until it is changed (see seeding.Beginning)."""

    @property
    def seed(self) -> int: ...
    @property
    def end(self) -> int: ...
    def item(self, number: int) -> File | None: ...
    def items(self, start: int, stop: int) -> Iterator[File]: ...
    def named(self, folder: str, name: str) -> File | None: ...


_COLUMNS = ", ".join(field.name for field in fields(File))
_SELECT = f"SELECT {_COLUMNS} FROM files"  # noqa: S608 -- column names of our own dataclass
_INSERT = f"INSERT INTO files ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 -- as above


def split_path(path: str) -> tuple[str, str] | None:
    """Folder and name of a server-relative path in the library, with or without the leading slash."""
    parts = path.strip("/").split("/")
    if not parts or parts[0].casefold() != LIBRARY.casefold() or len(parts) not in {2, 3}:
        return None
    return (parts[1], parts[2]) if len(parts) == 3 else ("", parts[1])  # noqa: PLR2004 -- library, folder, file


class Library:
    """`beginning` holds as many items as `seeded` says; rows replace or add to them, `gone` lists deleted ones."""

    def __init__(self, state: State, beginning: Seeded, seeded: Callable[[], int]) -> None:
        self._state = state
        self._beginning = beginning
        self._seeded = seeded

    @property
    def size(self) -> int:
        """Items, folders among them."""
        found = self._state.row(
            "SELECT (SELECT count(*) FROM files WHERE id >= ?) - (SELECT count(*) FROM gone)", self._beginning.end
        )
        assert found is not None
        return self._seeded() + int(found[0])

    @property
    def list_guid(self) -> str:
        return stable_uuid(self._beginning.seed, LIBRARY)

    def at(self, path: str) -> File | None:
        """The file or the folder at a server-relative path, in any case."""
        wanted = split_path(path)
        if wanted is None:
            return None
        found = self._state.row(f"{_SELECT} WHERE directory = ? AND name = ?", *wanted)
        if found:
            return File(*found)
        first = self._beginning.item(1) if not wanted[0] else self._beginning.named(*wanted)
        if first is None or first.name.casefold() != wanted[1].casefold() or self._is_gone(first):
            return None
        return first

    def folders(self) -> list[File]:
        first = self._beginning.item(1)
        kept = [first] if first and not self._is_gone(first) else []
        return kept + [File(*row) for row in self._state.rows(f"{_SELECT} WHERE source = '' ORDER BY id")]

    def page(self, after: int, top: int) -> tuple[list[File], bool]:
        """At most `top` items beyond the id `after`, folders among them, and whether there are more."""
        found: list[File] = []
        start = after + 1
        while start < self._beginning.end and len(found) <= top:
            found += self._block(start, min(start + _BLOCK, self._beginning.end))
            start += _BLOCK
        if len(found) <= top:
            later = max(after, self._beginning.end - 1)
            wanted = top + 1 - len(found)
            found += [
                File(*row) for row in self._state.rows(f"{_SELECT} WHERE id > ? ORDER BY id LIMIT ?", later, wanted)
            ]
        return found[:top], len(found) > top

    def write(self, directory: str, name: str, source: str, at: datetime) -> File:
        """Adds the file, or makes it the next version of the one of that name; makes the folder where it is missing."""
        self.make_folder(directory, at)
        seconds = at.timestamp()
        held = self.at(f"{LIBRARY}/{directory}/{name}")
        if held is None:
            guid = stable_uuid(self._beginning.seed, directory, name, seconds)
            self._state.change(_INSERT, None, directory, name, guid, 1, seconds, seconds, source)
        else:
            self._state.change("DELETE FROM files WHERE id = ?", held.id)
            row = (held.id, held.directory, held.name, held.guid, held.version + 1, held.created, seconds, source)
            self._state.change(_INSERT, *row)
        written = self.at(f"{LIBRARY}/{directory}/{name}")
        assert written is not None
        return written

    def make_folder(self, name: str, at: datetime) -> File:
        """The folder of that name, made where it is missing."""
        held = self.at(f"{LIBRARY}/{name}")
        if held is None:
            guid = stable_uuid(self._beginning.seed, name, at.timestamp())
            self._state.change(_INSERT, None, "", name, guid, 1, at.timestamp(), at.timestamp(), "")
            held = self.at(f"{LIBRARY}/{name}")
            assert held is not None
        return held

    def delete(self, file: File) -> None:
        self._state.change("DELETE FROM files WHERE id = ?", file.id)
        if file.id < self._beginning.end:
            self._state.change("INSERT OR IGNORE INTO gone VALUES (?)", file.id)

    def _is_gone(self, file: File) -> bool:
        return self._state.row("SELECT 1 FROM gone WHERE id = ?", file.id) is not None

    def _block(self, start: int, stop: int) -> list[File]:
        """Seeded items as they are now."""
        between = "id >= ? AND id < ?"
        gone = {row[0] for row in self._state.rows(f"SELECT id FROM gone WHERE {between}", start, stop)}  # noqa: S608 -- our own text
        held = {row[0]: File(*row) for row in self._state.rows(f"{_SELECT} WHERE {between}", start, stop)}
        return [held.get(file.id, file) for file in self._beginning.items(start, stop) if file.id not in gone]
