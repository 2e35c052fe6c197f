"""The people: found by any of their names, read in pages, changed from outside.

Nobody is stored. A person follows from seed and index; only what was changed since the world began is a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace

from samepic.practice.people import Case, Person, Synced, case_at, index_of, newcomer_at, person_at
from samepic.practice.state import State

_BLOCK = 1000
_CANNOT_SIGN_IN = frozenset({Case.BLOCKED, Case.SHARED, Case.ROOM})

Row = tuple[bool, bool, bool, bool]  # enabled, mailbox, exchange, removed


class Directory:
    def __init__(self, state: State) -> None:
        self._state = state
        self.seed = int(state.setting("seed"))
        self.founders = int(state.setting("people"))

    @property
    def _joined(self) -> int:
        return int(self._state.setting("joined", 0))

    def at(self, index: int) -> Person | None:
        """None for somebody who was removed."""
        found = self._touched(index, index + 1).get(index)
        return _now(self._born(index), found, self._synced.get(str(index)))

    def find(self, name: str) -> Person | None:
        """By object id, or by UPN, in any case."""
        index = index_of(self.seed, name)
        if index is None or index >= self.founders + self._joined:
            return None
        person = self.at(index)
        return person if person and name.casefold() in {person.id, person.upn.casefold()} else None

    def page(
        self, after: int, top: int, *, enabled: bool | None = None, guest: bool | None = None
    ) -> tuple[list[Person], bool]:
        """At most `top` people beyond the index `after`, in order, and whether there are more."""
        found: list[Person] = []
        for person in self._from(after + 1, guest=guest):
            if enabled in (None, person.enabled):
                found.append(person)
            if len(found) > top:
                break
        return found[:top], len(found) > top

    def rooms(self) -> Iterator[Person]:
        """The rooms among the founders; nobody who joins is one."""
        indices = (index for index in range(self.founders) if case_at(self.seed, index) is Case.ROOM)
        return (person for index in indices if (person := self.at(index)) is not None)

    def count(self, *, enabled: bool | None = None, guest: bool | None = None) -> int:
        def fits(can_sign_in: bool, outside: bool) -> bool:  # noqa: FBT001 -- two columns, not modes
            return enabled in (None, can_sign_in) and guest in (None, outside)

        touched = self._touched(0, self.founders + self._joined)
        if enabled is None and guest is None:
            return self.founders + self._joined - sum(row[3] for row in touched.values())
        total = sum(
            many for case, many in self.census().items() if fits(case not in _CANNOT_SIGN_IN, case is Case.GUEST)
        )
        total += self._joined if fits(True, False) else 0
        for index, row in touched.items():
            born = self._born(index)
            now = _now(born, row, None)
            total += bool(now and fits(now.enabled, now.guest)) - fits(born.enabled, born.guest)
        return total

    def census(self) -> dict[Case, int]:
        """How many of each case the world began with. Counted once: a second for a million people."""
        counted = self._state.setting("census")
        if counted is None:
            counted = Counter(case_at(self.seed, index) for index in range(self.founders))
            self._state.set("census", counted)
        return {Case(case): many for case, many in counted.items()}

    def set_enabled(self, person: Person, enabled: bool) -> None:  # noqa: FBT001 -- the value itself, not a mode
        self._keep(replace(person, enabled=enabled))

    def set_exchange(self, person: Person, licensed: bool) -> None:  # noqa: FBT001 -- the value itself, not a mode
        """A licence brings a mailbox, its loss takes it away. What the mailbox held is kept for when it comes back."""
        self._keep(replace(person, exchange=licensed, mailbox=licensed))

    def set_synced(self, person: Person, synced: Synced | None) -> None:
        """From which account of an Active Directory they come; None for somebody of the cloud alone."""
        self._state.set("synced", {**self._synced, str(person.index): asdict(synced) if synced else None})
        self._note(person)

    @property
    def _synced(self) -> dict[str, dict[str, str | None] | None]:
        """By index. A setting, as few are synced: the world begins without an Active Directory."""
        return dict(self._state.setting("synced", {}))

    def join(self) -> Person:
        """Somebody new."""
        index = self.founders + self._joined
        self._state.set("joined", self._joined + 1)
        person = self._born(index)
        self._note(person)
        return person

    def remove(self, person: Person) -> None:
        """For good; the index is not given to anybody else."""
        self._keep(person, removed=True)

    @property
    def changes(self) -> int:
        """A number that rises with every change."""
        found = self._state.row("SELECT max(number) FROM changes")
        return int(found[0] or 0) if found else 0

    def changed_since(self, number: int, until: int, top: int) -> list[tuple[int, int]]:
        """At most `top` of (number of the last change, index) with a number in `(number, until]`, in order."""
        return [
            (int(last), int(index))
            for last, index in self._state.rows(
                "SELECT max(number) AS last, person FROM changes WHERE number <= ? GROUP BY person HAVING last > ?"
                " ORDER BY last LIMIT ?",
                *(until, number, top),
            )
        ]

    def named_at(self, index: int) -> Person:
        """As they began, removed or not: an identifier outlives its owner."""
        return self._born(index)

    def _from(self, start: int, *, guest: bool | None) -> Iterator[Person]:
        end, synced = self.founders + self._joined, self._synced
        for block in range(start, end, _BLOCK):
            touched = self._touched(block, block + _BLOCK)
            for index in range(block, min(block + _BLOCK, end)):
                if guest is None or guest == (index < self.founders and case_at(self.seed, index) is Case.GUEST):
                    person = _now(self._born(index), touched.get(index), synced.get(str(index)))
                    if person is not None:
                        yield person

    def _born(self, index: int) -> Person:
        return (person_at if index < self.founders else newcomer_at)(self.seed, index)

    def _touched(self, start: int, stop: int) -> dict[int, Row]:
        found = self._state.rows(
            'SELECT "index", enabled, mailbox, exchange, removed FROM people WHERE "index" >= ? AND "index" < ?',
            *(start, stop),
        )
        return {index: (bool(a), bool(b), bool(c), bool(d)) for index, a, b, c, d in found}

    def _keep(self, person: Person, *, removed: bool = False) -> None:
        row = (person.index, person.enabled, person.mailbox, person.exchange, removed)
        self._state.change("INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?)", *row)
        self._note(person)

    def _note(self, person: Person) -> None:
        self._state.change("INSERT INTO changes (person) VALUES (?)", person.index)


def _now(born: Person, row: Row | None, synced: dict[str, str | None] | None) -> Person | None:
    if synced:
        born = replace(born, synced=Synced(**synced))
    if row is None:
        return born
    enabled, mailbox, exchange, removed = row
    return None if removed else replace(born, enabled=enabled, mailbox=mailbox, exchange=exchange)
