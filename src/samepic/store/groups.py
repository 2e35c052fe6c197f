"""Who belongs to the groups that rules name, as each system told last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from samepic.model import Slot
from samepic.store.page import Page
from samepic.store.portal_schema import group_members, told_groups
from samepic.store.schema import execute_all, in_parts, slot_values, upsert


class GroupOf(NamedTuple):
    """A group by its folded name, in one system; systems may have different ones of the same name."""

    system: str
    name: str


class Groups(Page):
    async def note_groups(
        self, told: Mapping[GroupOf, frozenset[str] | None], named: Collection[GroupOf], at: datetime
    ) -> None:
        """The refs in each group as its system tells now, None where it has no such group.

        What was told before of a group that is `named`, but not told of now, stays; every other group is forgotten.
        """

        def work(connection: Connection) -> None:
            known = set(_told(connection))
            for group in known.difference(told, named):
                _forget(connection, group)
            for group, refs in told.items():
                row = {"system": group.system, "name": group.name, "there": refs is not None, "at": at}
                connection.execute(upsert(told_groups), [row])
                _set_members(connection, group, refs or frozenset())

        await self._database.write(work)

    async def told_groups(self) -> dict[GroupOf, bool]:
        """Every group that a system was ever asked for, and whether it has one."""
        return await self._database.read(_told)

    async def group_members(self, slots: Collection[Slot] | None = None) -> dict[Slot, frozenset[str]]:
        """The names of the groups that each of these slots is in, or each of all; those in none are left out."""
        parts = [None] if slots is None else list(in_parts(group_members, slots))

        def work(connection: Connection) -> dict[Slot, frozenset[str]]:
            found: dict[Slot, set[str]] = defaultdict(set)
            for some in parts:
                wanted = select(group_members) if some is None else select(group_members).where(some)
                for row in connection.execute(wanted):
                    found[Slot(row.system, row.ref)].add(row.name)
            return {slot: frozenset(names) for slot, names in found.items()}

        return await self._database.read(work)


def _told(connection: Connection) -> dict[GroupOf, bool]:
    return {GroupOf(row.system, row.name): row.there for row in connection.execute(select(told_groups))}


def _forget(connection: Connection, group: GroupOf) -> None:
    for table in (told_groups, group_members):
        connection.execute(delete(table).where(table.c.system == group.system, table.c.name == group.name))


def _set_members(connection: Connection, group: GroupOf, refs: frozenset[str]) -> None:
    """Touches those who came or went only: after a roll nearly nobody has."""
    own = group_members.c.system == group.system, group_members.c.name == group.name
    known = set(connection.scalars(select(group_members.c.ref).where(*own)))
    for some in in_parts(group_members, [Slot(group.system, ref) for ref in known - refs]):
        connection.execute(delete(group_members).where(*own, some))
    came = [slot_values(Slot(group.system, ref)) | {"name": group.name} for ref in refs - known]
    execute_all(connection, insert(group_members), came)
