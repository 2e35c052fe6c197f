"""The *User Photos* library of the My Site host, as data: a folder of thumbnails, each with a version that rises.

Item 1 is the folder itself, as in SharePoint, where a folder is an item of its list too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter

from samepic.practice.people import stable_uuid
from samepic.practice.state import State

LIBRARY = "User Photos"
FOLDER = "Profile Pictures"
FOLDER_PATH = f"/{LIBRARY}/{FOLDER}"
THRESHOLD = 5000
"""More items than this and SharePoint refuses a query that has to look at all of them (the list view threshold)."""


@dataclass(frozen=True, slots=True)
class File:
    """One item. `modified` and `created` are seconds since 1970; the folder's `source` is empty."""

    id: int
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
        return FOLDER_PATH if self.folder else f"{FOLDER_PATH}/{self.name}"


_COLUMNS = ", ".join(field.name for field in fields(File))
_row = attrgetter(*(field.name for field in fields(File)))
_SELECT = f"SELECT {_COLUMNS} FROM files"  # noqa: S608 -- column names of our own dataclass


class Library:
    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def size(self) -> int:
        found = self._state.row("SELECT count(*) FROM files")
        assert found is not None
        return int(found[0])

    @property
    def list_guid(self) -> str:
        return stable_uuid(self._state.setting("seed"), LIBRARY)

    def find(self, name: str) -> File | None:
        """The file of that name in the folder, in any case."""
        found = self._state.row(f"{_SELECT} WHERE name = ? AND source != ''", name)
        return File(*found) if found else None

    def page(self, after: int, top: int) -> tuple[list[File], bool]:
        """At most `top` items beyond the id `after`, the folder among them, and whether there are more."""
        rows = self._state.rows(f"{_SELECT} WHERE id > ? ORDER BY id LIMIT ?", after, top + 1)
        return [File(*row) for row in rows[:top]], len(rows) > top

    def write(self, name: str, source: str, at: datetime) -> File:
        """Adds the file, or makes it the next version of the one of that name."""
        self._state.change(
            "INSERT INTO files (name, guid, version, created, modified, source) VALUES (?1, ?2, 1, ?3, ?3, ?4)"
            " ON CONFLICT (name) DO UPDATE SET version = version + 1, modified = ?3, source = ?4",
            *(name, stable_uuid(self._state.setting("seed"), name, at.timestamp()), at.timestamp(), source),
        )
        written = self.find(name)
        assert written is not None
        return written

    def delete(self, file: File) -> None:
        self._state.change("DELETE FROM files WHERE id = ?", file.id)

    def add(self, files: Iterable[File]) -> None:
        self._state.fill("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", map(_row, files))
