"""Who belongs to which group, and the groups that came to be because somebody belongs to them.

Groups that only open doors may be inside one another, even in a circle; those of Microsoft 365 hold people only and are
in no other group, as documented (learn.microsoft.com/graph/api/group-post-members).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from samepic.practice.groups import Group, groups_of, grown
from samepic.practice.people import Person
from samepic.practice.state import State

Place = str
"""Where one stands among the members of a group: `group/ID`, then `person/INDEX`, as texts; empty before all."""
_GROUP, _PERSON = "group/", "person/"


def is_place(text: str) -> bool:
    return not text or text.startswith((_GROUP, _PERSON))


class Memberships:
    """People's groups are kept by person under `groups/INDEX`, the groups inside one under `subgroups/ID`."""

    def __init__(self, state: State, seed: int) -> None:
        self._state = state
        self._seed = seed

    def groups(self) -> list[Group]:
        """All there are."""
        grew = (grown(self._seed, name) for name in self._state.setting("groups", []))
        hiding = self._state.setting("hiding", [])
        return [replace(one, hides=one.id in hiding) for one in (*groups_of(self._seed), *grew)]

    def find(self, group_id: str) -> Group | None:
        return next((group for group in self.groups() if group.id == group_id.casefold()), None)

    def named(self, names: Iterable[str]) -> list[Group]:
        """The groups of these names; those that are unknown come to be."""
        wanted = {name.casefold(): name for name in names}
        known = {group.name.casefold(): group for group in self.groups()}
        new = [name for fold, name in wanted.items() if fold not in known]
        self._state.set("groups", [*self._state.setting("groups", []), *new])
        return [known.get(fold) or grown(self._seed, name) for fold, name in wanted.items()]

    def of(self, person: Person) -> list[Group]:
        """Those that somebody belongs to themselves."""
        by_name = {group.name.casefold(): group for group in self.groups()}
        return [by_name[name.casefold()] for name in self._state.setting(f"groups/{person.index}", [])]

    def around(self, person: Person) -> list[Group]:
        """Those that somebody belongs to, and those that these are inside of."""
        direct = self.of(person)
        return [*direct, *self._of_ids(_beyond([group.id for group in direct], _turned(self._inside())))]

    def join(self, person: Person, groups: Iterable[Group]) -> None:
        """The groups somebody belongs to from now on, all of them."""
        self._state.set(f"groups/{person.index}", [group.name for group in groups])

    def inside(self, group: Group, *, nested: bool = False) -> list[Group]:
        """The groups that are members of it; with `nested` also those that are members of these, and so on."""
        steps = self._inside()
        return self._of_ids(_beyond([group.id], steps) if nested else steps.get(group.id, []))

    def put_inside(self, group: Group, groups: Iterable[Group]) -> None:
        """The groups that are members of it from now on, all of them."""
        self._state.set(f"subgroups/{group.id}", [one.id for one in groups])

    def hide(self, group: Group, *, hides: bool) -> None:
        """Whether who is in it is hidden from now on."""
        hiding = set(self._state.setting("hiding", []))
        self._state.set("hiding", sorted(hiding | {group.id} if hides else hiding - {group.id}))

    def members(self, group: Group, after: Place, *, nested: bool) -> Iterator[tuple[Place, Group | int]]:
        """Groups, and people by their index, beyond a place and with their places; with `nested` of groups inside too.

        Only people who belong to any group are gone through, not the world, and only as far as they are asked for.
        """
        groups = self.inside(group, nested=nested)
        placed = sorted((_GROUP + one.id, one) for one in groups)
        yield from ((place, one) for place, one in placed if place > after)
        names = {one.name.casefold() for one in (group, *(groups if nested else ()))}
        last = after.removeprefix(_PERSON) if after.startswith(_PERSON) else ""
        for index, joined in self._state.settings_under("groups/", last):
            if any(name.casefold() in names for name in joined):
                yield f"{_PERSON}{index}", int(index)

    def _inside(self) -> Mapping[str, list[str]]:
        return dict(self._state.settings_under("subgroups/"))

    def _of_ids(self, ids: Iterable[str]) -> list[Group]:
        known = {group.id: group for group in self.groups()}
        return [known[one] for one in ids]


def _turned(steps: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
    turned: dict[str, list[str]] = {}
    for start, ends in steps.items():
        for end in ends:
            turned.setdefault(end, []).append(start)
    return turned


def _beyond(starts: Iterable[str], steps: Mapping[str, list[str]]) -> list[str]:
    """Everything that is reached from the starts in any number of steps, each once, without the starts."""
    edge = begun = set(starts)
    found: list[str] = []
    while edge:
        edge = {end for one in edge for end in steps.get(one, ())} - begun - set(found)
        found += sorted(edge)
    return found
