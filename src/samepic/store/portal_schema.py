"""The tables behind the portal: who signs in, what people chose, what administrators did, what is due.

The rest of the tables, and how all of them are spoken to, is in `schema`.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Text, text

from samepic.store.schema import Flag, Instant, Json, metadata, must, number, slot_table, table

# --- what was last said about every slot ------------------------------------------------------------------------------

verdicts = slot_table(
    "verdicts",
    must("person", Text),
    must("verdict", Text),
    must("code", Text),
    must("facts", Json),
    must("present", Flag),
    must("since", Instant),  # when this verdict was first given, without another one in between
    must("at", Instant),
)
Index("ix_verdicts_person", verdicts.c.person)
Index("ix_verdicts_system_verdict_person", verdicts.c.system, verdicts.c.verdict, verdicts.c.person)

# Slots that must not be touched since nobody can tell whose they are; as the last roll found them.
contradictions = slot_table("contradictions", must("code", Text), must("facts", Json))

# Groups that rules name: whether a system has one of that name, and who is in it.
told_groups = table(
    "told_groups",
    Column("system", Text, primary_key=True),
    Column("name", Text, primary_key=True),  # folded
    must("there", Flag),
    must("at", Instant),
    sqlite_with_rowid=False,
)

group_members = slot_table("group_members", Column("name", Text, primary_key=True))
Index("ix_group_members_system_name", group_members.c.system, group_members.c.name)

days = table(
    "days",
    Column("day", Text, primary_key=True),  # 2026-11-23
    Column("system", Text, primary_key=True),
    Column("verdict", Text, primary_key=True),
    must("people", Integer),
    sqlite_with_rowid=False,
)

arrivals = table(
    "arrivals",
    number(),
    must("system", Text),
    must("ref", Text),
    must("person", Text),
    must("want", Text),
    must("way", Text),
    must("began_at", Instant),
    Column("arrived_at", Instant),
    sqlite_autoincrement=True,
)
Index("uq_arrivals_under_way", arrivals.c.system, arrivals.c.ref, unique=True, sqlite_where=text("arrived_at IS NULL"))
Index("ix_arrivals_arrived_at", arrivals.c.arrived_at)

# --- what did not work, besides what the journal knows ----------------------------------------------------------------

outcomes = table(
    "outcomes",
    Column("run", Integer, primary_key=True),
    Column("system", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    must("person", Text),
    must("result", Text),
    must("detail", Text),
    must("remedy", Text),
    sqlite_with_rowid=False,
)

# --- what people chose, and what is due for them ---------------------------------------------------------------------

choices = table(
    "choices",
    Column("person", Text, primary_key=True),
    Column("system", Text, primary_key=True),
    must("kind", Text),
    Column("until", Instant),
    must("at", Instant),
    must("by", Text),
    sqlite_with_rowid=False,
)

gallery = table(
    "gallery",
    number(),
    must("person", Text),
    must("digest", Text),
    must("original", Text),
    must("cut", Json),
    must("origin", Text),
    must("at", Instant),
    must("by", Text),
    Column("removed_at", Instant),
    sqlite_autoincrement=True,
)
Index("ix_gallery_person", gallery.c.person)

due = table(
    "due",
    number(),
    must("what", Text),
    must("person", Text),  # empty where it is about everybody
    must("at", Instant),
    must("facts", Json),
    must("attempts", Integer),
    Column("leased_until", Instant),
    Column("holder", Text),
    sqlite_autoincrement=True,
)
Index("uq_due_what_person", due.c.what, due.c.person, unique=True)
Index("ix_due_at", due.c.at)

notices = table(
    "notices",
    Column("person", Text, primary_key=True),
    Column("system", Text, primary_key=True),
    must("address", Text),
    must("language", Text),
    must("at", Instant),
    sqlite_with_rowid=False,
)

# --- signing in ------------------------------------------------------------------------------------------------------

identities = table(
    "identities",
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    must("person", Text),
    must("name", Text),
    Column("address", Text),
    must("linked_by", Text),
    must("at", Instant),
    must("last_at", Instant),
    sqlite_with_rowid=False,
)
Index("ix_identities_person", identities.c.person)

# Of what opens a door only the digest is kept: whoever reads the database can open none.
sign_ins = table(
    "sign_ins",
    Column("state", Text, primary_key=True),
    must("content", Json),
    must("until", Instant),
    sqlite_with_rowid=False,
)

sessions = table(
    "sessions",
    Column("digest", Text, primary_key=True),
    must("person", Text),
    must("issuer", Text),
    must("subject", Text),
    must("content", Json),
    must("began_at", Instant),
    must("seen_at", Instant),
    must("until", Instant),
    sqlite_with_rowid=False,
)
Index("ix_sessions_person", sessions.c.person)
Index("ix_sessions_until", sessions.c.until)

grants = table(
    "grants",
    Column("person", Text, primary_key=True),
    Column("issuer", Text, primary_key=True),
    must("sealed", Text),
    must("scopes", Text),
    must("at", Instant),
    sqlite_with_rowid=False,
)

# --- what administrators and programs did ----------------------------------------------------------------------------

audit = table(
    "audit",
    number(),
    must("at", Instant),
    must("actor", Text),
    must("what", Text),
    Column("person", Text),
    must("facts", Json),
    sqlite_autoincrement=True,
)
Index("ix_audit_person", audit.c.person)

approvals = table(
    "approvals",
    number(),
    must("person", Text),
    must("picture", Integer),
    must("asked_at", Instant),
    Column("decided_at", Instant),
    Column("decided_by", Text),
    Column("decision", Text),
    must("note", Text),
    sqlite_autoincrement=True,
)
Index("ix_approvals_person", approvals.c.person)
Index("ix_approvals_waiting", approvals.c.id, sqlite_where=text("decided_at IS NULL"))

orders = table(
    "orders",
    number(),
    must("what", Text),
    must("ask", Json),
    must("state", Text),
    must("made_at", Instant),
    must("made_by", Text),
    must("summary", Json),
    must("content", Json),
    Column("decided_at", Instant),
    Column("decided_by", Text),
    Column("run", Integer),
    sqlite_autoincrement=True,
)
Index("ix_orders_state", orders.c.state)

tokens = table(
    "tokens",
    number(),
    must("digest", Text),
    must("name", Text),
    must("scopes", Text),
    must("made_by", Text),
    must("made_at", Instant),
    must("until", Instant),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    sqlite_autoincrement=True,
)
Index("uq_tokens_digest", tokens.c.digest, unique=True)

answers = table(
    "answers",
    Column("token", Integer, primary_key=True),
    Column("key", Text, primary_key=True),
    must("request", Text),
    Column("status", Integer),  # none while the first request is still being answered
    Column("body", Text),
    must("at", Instant),
    sqlite_with_rowid=False,
)

deliveries = table(
    "deliveries",
    Column("id", Text, primary_key=True),
    must("at", Instant),
    sqlite_with_rowid=False,
)

EVERYTHING = metadata
"""All tables, those of `schema` among them."""
