"""Who belongs to which group, and the groups that came to be because somebody belongs to them."""

from __future__ import annotations

from collections.abc import Iterable

from samepic.practice.groups import Group, groups_of, grown
from samepic.practice.people import Person
from samepic.practice.state import State


class Memberships:
    def __init__(self, state: State, seed: int) -> None:
        self._state = state
        self._seed = seed

    def groups(self) -> list[Group]:
        """All there are."""
        return [*groups_of(self._seed), *(grown(self._seed, name) for name in self._state.setting("groups", []))]

    def find(self, group_id: str) -> Group | None:
        return next((group for group in self.groups() if group.id == group_id.casefold()), None)

    def of(self, person: Person) -> list[Group]:
        by_name = {group.name.casefold(): group for group in self.groups()}
        return [by_name[name.casefold()] for name in self._state.setting(f"groups/{person.index}", [])]

    def join(self, person: Person, names: Iterable[str]) -> None:
        """The groups somebody belongs to from now on, all of them; those that are unknown come to be."""
        wanted = {name.casefold(): name for name in names}
        known = {group.name.casefold() for group in self.groups()}
        new = [name for fold, name in wanted.items() if fold not in known]
        self._state.set("groups", [*self._state.setting("groups", []), *new])
        self._state.set(f"groups/{person.index}", list(wanted.values()))
