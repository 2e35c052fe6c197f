"""The people as rows: found by any of their names, read in pages, changed from outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from operator import attrgetter

from samepic.model import Kind
from samepic.practice.people import Case, Person
from samepic.practice.state import State

_COLUMNS = ", ".join(f'"{field.name}"' for field in fields(Person))
_row = attrgetter(*(field.name for field in fields(Person)))
_SELECT = f"SELECT {_COLUMNS} FROM people"  # noqa: S608 -- column names of our own dataclass
_WHERE = "\"index\" > ? AND (? IS NULL OR enabled = ?) AND (? IS NULL OR (kind = 'guest') = ?)"


class Directory:
    def __init__(self, state: State) -> None:
        self._state = state

    def at(self, index: int) -> Person:
        found = self._state.row(f'{_SELECT} WHERE "index" = ?', index)
        assert found is not None
        return _person(found)

    def find(self, name: str) -> Person | None:
        """By object id, or by UPN in any case."""
        for column in ("id", "upn"):
            found = self._state.row(f"{_SELECT} WHERE {column} = ?", name.casefold() if column == "id" else name)
            if found:
                return _person(found)
        return None

    def page(
        self, after: int, top: int, *, enabled: bool | None = None, guest: bool | None = None
    ) -> tuple[list[Person], bool]:
        """At most `top` people beyond the index `after`, in order, and whether there are more."""
        rows = self._state.rows(
            f'{_SELECT} WHERE {_WHERE} ORDER BY "index" LIMIT ?', after, enabled, enabled, guest, guest, top + 1
        )
        return [_person(row) for row in rows[:top]], len(rows) > top

    def count(self, *, enabled: bool | None = None, guest: bool | None = None) -> int:
        found = self._state.row(f"SELECT count(*) FROM people WHERE {_WHERE}", -1, enabled, enabled, guest, guest)  # noqa: S608 -- our own text
        assert found is not None
        return int(found[0])

    def add(self, people: Iterable[Person]) -> None:
        marks = ", ".join("?" * len(fields(Person)))
        self._state.fill(f"INSERT INTO people ({_COLUMNS}) VALUES ({marks})", map(_row, people))  # noqa: S608 -- our own text

    def set_enabled(self, person: Person, enabled: bool) -> None:  # noqa: FBT001 -- the value itself, not a mode
        self._state.change('UPDATE people SET enabled = ? WHERE "index" = ?', enabled, person.index)

    def set_exchange(self, person: Person, licensed: bool) -> None:  # noqa: FBT001 -- the value itself, not a mode
        """A licence brings a mailbox, its loss takes it away. What the mailbox held is kept for when it comes back."""
        self._state.change(
            'UPDATE people SET exchange = ?, mailbox = ? WHERE "index" = ?', licensed, licensed, person.index
        )


def _person(row: tuple[object, ...]) -> Person:
    values = dict(zip((field.name for field in fields(Person)), row, strict=True))
    values["kind"], values["case"] = Kind(str(values["kind"])), Case(str(values["case"]))
    for name in ("enabled", "mailbox", "exchange"):
        values[name] = bool(values[name])
    return Person(**values)  # type: ignore[arg-type] # the columns are the fields
