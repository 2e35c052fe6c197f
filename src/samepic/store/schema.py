"""The tables, and the few ways of speaking to them that every part of the store shares.

Instants are whole microseconds since 1970 in UTC: they sort, they compare, and no time zone can get lost in them.
The tables are STRICT, so SQLite refuses a value of the wrong type instead of keeping it. Changing a table here goes
with a new module in `migrations/versions` and a new `HEAD`; a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    TypeDecorator,
    and_,
    bindparam,
    text,
)
from sqlalchemy.dialects.sqlite import Insert, insert

from samepic.model import Slot

HEAD = "0003"
"""The revision of these tables: the newest module in `migrations/versions`. Later revisions sort after earlier ones."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
AT_ONCE = 500
"""How many values one statement takes."""


class Instant(TypeDecorator[datetime]):
    """An aware datetime; a naive one is refused, for nobody knows which instant it means."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a time zone: {value!r}")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


class Flag(TypeDecorator[bool]):
    """True or false; a STRICT table has no type of its own for it."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:  # noqa: FBT001 -- SQLAlchemy's signature
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


class Json(TypeDecorator[dict[str, Any]]):
    """A small mapping, as text with sorted names."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else json.loads(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *columns: Any, **options: Any) -> Table:
    return Table(name, metadata, *columns, sqlite_strict=True, **options)


def slot_table(name: str, *columns: Any) -> Table:
    """One row for each slot, kept in the order of its key."""
    return table(name, *_slot_key(), *columns, sqlite_with_rowid=False)


def _slot_key() -> tuple[Column[str], Column[str]]:
    return Column("system", Text, primary_key=True), Column("ref", Text, primary_key=True)


def number(name: str = "id") -> Column[int]:
    return Column(name, Integer, primary_key=True)


def must(name: str, kind: Any, *more: Any) -> Column[Any]:
    return Column(name, kind, *more, nullable=False)


# --- people ----------------------------------------------------------------------------------------------------------

persons = table("persons", Column("id", Text, primary_key=True), sqlite_with_rowid=False)

links = slot_table(
    "links",
    must("person", Text, ForeignKey("persons.id")),
    must("kind", Text),
    must("name", Text),
    must("folded", Text),  # the name as `find` compares it
    Column("address", Text),
    must("active", Flag),
    must("linked_by", Text),
    must("last_seen", Instant),
    Column("gone_at", Instant),
)
Index("ix_links_person", links.c.person)
Index("ix_links_folded", links.c.folded)

link_keys = table(
    "link_keys",
    *_slot_key(),
    Column("key", Text, primary_key=True),
    ForeignKeyConstraint(["system", "ref"], ["links.system", "links.ref"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)
Index("ix_link_keys_key", link_keys.c.key)

# --- runs and what they know -----------------------------------------------------------------------------------------

runs = table(
    "runs",
    number(),
    must("what", Text),
    must("trigger", Text),
    must("settings", Text),
    must("started", Instant),
    Column("ended", Instant),
    must("outcome", Json),
    Column("progress", Json),  # of a run that goes on
    sqlite_autoincrement=True,  # a run's number is never given twice
)

baselines = slot_table(
    "baselines",
    must("want", Text),
    Column("version", Text),
    must("by", Text),
    must("at", Instant),
    Column("run", Integer, ForeignKey("runs.id")),
)

versions = table(
    "versions",
    number(),  # also the order: showing an old version again makes it the newest
    must("system", Text),
    must("ref", Text),
    must("version", Text),
)
Index("uq_versions_system_ref_version", versions.c.system, versions.c.ref, versions.c.version, unique=True)

sightings = slot_table(
    "sightings",
    must("present", Flag),
    Column("version", Text),
    must("untouched", Flag),
    must("first_at", Instant),
    must("last_at", Instant),
    must("absences", Integer),
)

portraits = table(
    "portraits",
    number(),  # also the order: the newest note about a version is the one that counts
    must("system", Text),
    must("ref", Text),
    must("version", Text),
    must("digest", Text),
    must("at", Instant),
)
Index(
    "uq_portraits_system_ref_version_digest",
    portraits.c.system,
    portraits.c.ref,
    portraits.c.version,
    portraits.c.digest,
    unique=True,
)

# --- the journal -----------------------------------------------------------------------------------------------------

# No foreign key to persons: the journal outlives a person who is forgotten.
journal = table(
    "journal",
    number(),
    must("run", Integer, ForeignKey("runs.id")),
    must("person", Text),
    must("system", Text),
    must("ref", Text),
    must("step", Text),
    Column("want", Text),
    Column("expect", Text),
    must("replaced", Json),
    Column("before_want", Text),
    Column("before_version", Text),
    Column("before_by", Text),
    Column("before_at", Instant),
    must("opened_at", Instant),
    Column("settled_at", Instant),
    Column("outcome", Text),
    must("detail", Text),
    Column("undone_by", Integer, ForeignKey("journal.id")),
    Column("retired_at", Instant),  # when the pictures in `replaced` were given up
    sqlite_autoincrement=True,
)
Index("ix_journal_person", journal.c.person)
Index("ix_journal_run", journal.c.run)
Index("ix_journal_system_ref", journal.c.system, journal.c.ref)
Index(
    "uq_journal_open",
    journal.c.system,
    journal.c.ref,
    unique=True,
    sqlite_where=text("settled_at IS NULL"),
)

pins = slot_table("pins", Column("refused", Text), must("reason", Text), must("at", Instant))

# --- leases ----------------------------------------------------------------------------------------------------------

leases = table(
    "leases",
    number("token"),
    must("run", Integer, ForeignKey("runs.id")),
    must("until", Instant),
    must("holder", Json),
    Column("taken_by", Integer, ForeignKey("runs.id")),  # the run that took over after this one died or overslept
    sqlite_autoincrement=True,  # a fencing token only ever rises
)

leased_slots = slot_table("leased_slots", must("token", Integer, ForeignKey("leases.token", ondelete="CASCADE")))
Index("ix_leased_slots_token", leased_slots.c.token)

# --- what people do, what systems were asked, what routes were shown ------------------------------------------------

visits = table(
    "visits",
    number(),
    must("person", Text),
    must("at", Instant),
    must("via", Text),
    Column("served_by", Integer, ForeignKey("runs.id")),
    sqlite_autoincrement=True,
)
Index("ix_visits_pending", visits.c.id, sqlite_where=text("served_by IS NULL"))

asks = slot_table("asks", must("want", Text), must("at", Instant), Column("link", Text))

routes = table(
    "routes", Column("fingerprint", Text, primary_key=True), must("confirmed_at", Instant), sqlite_with_rowid=False
)

memos = table(
    "memos",
    Column("system", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    must("value", Text),
    sqlite_with_rowid=False,
)


# --- shared ways of speaking -----------------------------------------------------------------------------------------


# Building a statement costs several times its execution, so the ones for a single slot are built once, as constants.


def at_slot(table: Table) -> ColumnElement[bool]:
    """The condition for one slot, which `place(slot)` names at execution."""
    return and_(table.c.system == bindparam("at_system"), table.c.ref == bindparam("at_ref"))


def place(slot: Slot) -> dict[str, str]:
    return {"at_system": slot.system, "at_ref": slot.ref}


def slot_values(slot: Slot) -> dict[str, str]:
    return {"system": slot.system, "ref": slot.ref}


def in_parts(table: Table, slots: Iterable[Slot]) -> Iterator[ColumnElement[bool]]:
    """Conditions that together cover the slots, none with more values than one statement takes."""
    for system, some in groupby(sorted(slots), key=attrgetter("system")):
        refs = [slot.ref for slot in some]
        for start in range(0, len(refs), AT_ONCE):
            yield and_(table.c.system == system, table.c.ref.in_(refs[start : start + AT_ONCE]))


def rows_of(
    connection: Connection, wanted: Select[Any], table: Table, system: str, refs: Collection[str] | None
) -> Iterator[Row[Any]]:
    """What `wanted` finds in one system: for these refs only, or for all of them where `refs` is None."""
    parts = [table.c.system == system] if refs is None else in_parts(table, (Slot(system, ref) for ref in refs))
    for some in parts:
        yield from connection.execute(wanted.where(some))


def upsert(table: Table) -> Insert:
    """An insert that, where the primary key is there already, sets every column that is not part of it."""
    key = [column.name for column in table.primary_key]
    fresh = insert(table)
    rest = {name: column for name, column in fresh.excluded.items() if name not in key}
    return fresh.on_conflict_do_update(index_elements=key, set_=rest)


def execute_all(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    """`statement` once for each row; nothing where there are none (SQLAlchemy would run it once, without values)."""
    if rows:
        connection.execute(statement, rows)


def new_row(connection: Connection, table: Table, row: dict[str, Any]) -> int:
    """Inserts the row; returns the number it was given."""
    (number,) = connection.execute(insert(table), row).inserted_primary_key or (0,)
    return int(number)
