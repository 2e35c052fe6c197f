"""Persons, and the accounts linked to them.

A link is one account of one system, kept by (system, ref), so it survives every rename. Links are never deleted by
themselves: an account that disappears is marked gone, and its history stays findable.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from sys import intern
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert

from samepic.model import KEY_STRENGTH, Account, Kind, PersonId, Slot, key
from samepic.store.database import Database
from samepic.store.schema import execute_all, in_parts, link_keys, links, persons, slot_values, upsert

SHORTEST_PREFIX = 6
"""Fewer letters of a person's id than this are not taken for one."""

_AT_ONCE = 5_000
_NAMED_AT_ONCE = 500
_SEPARATOR = "\x1f"  # the unit separator: no key contains it


@dataclass(frozen=True, slots=True)
class Link:
    """One account and the person it belongs to. `linked_by` is what decided so, such as a kind of key."""

    person: PersonId
    system: str
    account: Account
    linked_by: str
    last_seen: datetime
    gone_at: datetime | None = None

    @property
    def slot(self) -> Slot:
        return Slot(self.system, self.account.ref)


class People:
    def __init__(self, database: Database) -> None:
        self._database = database

    @staticmethod
    def new_id() -> PersonId:
        return PersonId(str(uuid.uuid4()))

    async def links(self) -> list[Link]:
        """Every link, those of gone accounts included, by system and ref."""
        return await self._database.read(_links)

    async def of(self, person: PersonId) -> list[Link]:
        """Every link of one person, those of gone accounts included, by system and ref."""
        return await self._database.read(lambda connection: _links(connection, links.c.person == person))

    async def with_keys(self, *keys: str) -> list[Link]:
        """The accounts, gone ones left out, that have one of these keys, each spelled as `model.key` spells it."""
        found = _has_key(list(keys)), links.c.gone_at.is_(None)
        return await self._database.read(lambda connection: _links(connection, *found))

    async def owner(self, slot: Slot) -> PersonId | None:
        """Whose account that is; None where it is not known."""
        wanted = select(links.c.person).where(links.c.system == slot.system, links.c.ref == slot.ref)
        found = await self._database.read(lambda connection: connection.scalar(wanted))
        return None if found is None else PersonId(found)

    async def names(self, people: Collection[PersonId]) -> dict[PersonId, str]:
        """What these people are called; without those nobody knows a name of."""

        def work(connection: Connection) -> dict[PersonId, str]:
            found: dict[PersonId, str] = {}
            for start in range(0, len(wanted), _NAMED_AT_ONCE):
                some = links.c.person.in_(wanted[start : start + _NAMED_AT_ONCE])
                for row in connection.execute(_NAMES.where(some)):
                    found.setdefault(PersonId(row.person), row.name)
            return found

        wanted = list(people)
        return await self._database.read(work)

    async def save(self, changed: Sequence[Link]) -> None:
        """Sets each link as given, by its (system, ref); the last one counts where two share it. Creates persons.

        A whole roster goes in several transactions, so that it keeps nobody waiting for long; a link is never half
        saved, and saving again completes what a crash cut off.
        """
        newest = list({link.slot: link for link in changed}.values())
        for start in range(0, len(newest), _AT_ONCE):
            some = newest[start : start + _AT_ONCE]
            await self._database.write(partial(_save, changed=some))

    async def mark_gone(self, slots: Iterable[Slot], at: datetime) -> None:
        """Notes that these accounts were no longer there `at`; those known to be gone before keep their instant."""
        rows = [{"at_system": slot.system, "at_ref": slot.ref} for slot in slots]
        gone = (
            update(links)
            .where(
                links.c.system == bindparam("at_system"),
                links.c.ref == bindparam("at_ref"),
                links.c.gone_at.is_(None),
            )
            .values(gone_at=at)
        )
        await self._database.write(lambda connection: execute_all(connection, gone, rows))

    async def find(self, text: str) -> list[PersonId]:
        """Who answers to `text`, by the strongest reading that finds anybody; several where it is not clear.

        In order: the person's id or an unambiguous beginning of it, an account's ref, any key's value, the mail
        address, the whole name, the beginning of a name, a part of one. Upper and lower case do not matter, except in
        refs. Within a reading, accounts that are there win over those that are gone.
        """
        text = text.strip()
        return await self._database.read(lambda connection: _find(connection, text)) if text else []


# --- reading ---------------------------------------------------------------------------------------------------------

_KEYS = (
    select(func.group_concat(link_keys.c.key, _SEPARATOR))
    .where(link_keys.c.system == links.c.system, link_keys.c.ref == links.c.ref)
    .scalar_subquery()
    .label("keys")
)


_NAMES = (
    select(links.c.person, links.c.name)
    .where(links.c.name != "")
    .order_by(links.c.gone_at.is_not(None), links.c.system, links.c.ref)
)


def _links(connection: Connection, *conditions: ColumnElement[bool]) -> list[Link]:
    wanted = select(links, _KEYS).where(*conditions).order_by(links.c.system, links.c.ref)
    return [_link(row) for row in connection.execute(wanted)]


def _link(row: Row[Any]) -> Link:
    """Equal texts are one object: the accounts of a person share most of theirs, and all of a system its name."""
    account = Account(
        ref=intern(row.ref),
        keys=frozenset(map(intern, row.keys.split(_SEPARATOR)) if row.keys else ()),
        kind=Kind(row.kind),
        name=intern(row.name),
        address=None if row.address is None else intern(row.address),
        active=row.active,
    )
    return Link(
        PersonId(intern(row.person)), intern(row.system), account, intern(row.linked_by), row.last_seen, row.gone_at
    )


# --- finding ---------------------------------------------------------------------------------------------------------


def _find(connection: Connection, text: str) -> list[PersonId]:
    for condition in _readings(connection, text):
        found = _people_where(connection, condition)
        if found:
            return found
    return []


def _readings(connection: Connection, text: str) -> Iterator[ColumnElement[bool]]:
    folded = text.casefold()
    yield links.c.person.in_([text, folded, *_ids(connection, folded)])
    yield links.c.ref == text
    yield _has_key([key(kind, text) for kind in KEY_STRENGTH] + [folded])
    yield or_(links.c.address == text, func.lower(links.c.address) == folded)
    yield links.c.folded == folded
    yield links.c.folded.startswith(folded, autoescape=True)
    yield links.c.folded.contains(folded, autoescape=True)


def _ids(connection: Connection, beginning: str) -> list[str]:
    """The one person whose id begins so, where that is long enough and fits one only."""
    if len(beginning) < SHORTEST_PREFIX:
        return []
    fits = select(persons.c.id).where(persons.c.id.startswith(beginning, autoescape=True)).limit(2)
    ids = list(connection.scalars(fits))
    return ids if len(ids) == 1 else []


def _has_key(keys: list[str]) -> ColumnElement[bool]:
    slots = select(link_keys.c.system, link_keys.c.ref).where(link_keys.c.key.in_(keys))
    return tuple_(links.c.system, links.c.ref).in_(slots)


def _people_where(connection: Connection, condition: ColumnElement[bool]) -> list[PersonId]:
    wanted = select(links.c.person, links.c.gone_at).where(condition).order_by(links.c.folded, links.c.person)
    rows = connection.execute(wanted).all()
    there = [row.person for row in rows if row.gone_at is None]
    return list(dict.fromkeys(there or [row.person for row in rows]))


# --- writing ---------------------------------------------------------------------------------------------------------


def _save(connection: Connection, changed: Sequence[Link]) -> None:
    everybody = {link.person for link in changed}
    execute_all(connection, insert(persons).on_conflict_do_nothing(), [{"id": person} for person in everybody])
    execute_all(connection, upsert(links), [_row(link) for link in changed])
    _save_keys(connection, changed)


def _row(link: Link) -> dict[str, Any]:
    account = link.account
    return {
        "system": link.system,
        "ref": account.ref,
        "person": link.person,
        "kind": account.kind.value,
        "name": account.name,
        "folded": account.name.strip().casefold(),
        "address": account.address,
        "active": account.active,
        "linked_by": link.linked_by,
        "last_seen": link.last_seen,
        "gone_at": link.gone_at,
    }


def _save_keys(connection: Connection, changed: Sequence[Link]) -> None:
    """Touches the keys that changed only: after a roster nearly none have, and there are many."""
    known = _known_keys(connection, [link.slot for link in changed])
    lost, found = [], []
    for link in changed:
        before = known[link.slot]
        lost += [slot_values(link.slot) | {"key": name} for name in before - link.account.keys]
        found += [slot_values(link.slot) | {"key": name} for name in link.account.keys - before]
    forget = delete(link_keys).where(*(column == bindparam(column.name) for column in link_keys.primary_key))
    execute_all(connection, forget, lost)
    execute_all(connection, insert(link_keys), found)


def _known_keys(connection: Connection, slots: Iterable[Slot]) -> dict[Slot, set[str]]:
    known: dict[Slot, set[str]] = defaultdict(set)
    for some in in_parts(link_keys, slots):
        for row in connection.execute(select(link_keys).where(some)):
            known[Slot(row.system, row.ref)].add(row.key)
    return known
