"""Who belongs to the groups that rules name."""

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
    CREATE TABLE told_groups (
        system TEXT NOT NULL,
        name TEXT NOT NULL,
        there INTEGER NOT NULL,
        at INTEGER NOT NULL,
        CONSTRAINT pk_told_groups PRIMARY KEY (system, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE group_members (
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        name TEXT NOT NULL,
        CONSTRAINT pk_group_members PRIMARY KEY (system, ref, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ix_group_members_system_name ON group_members (system, name)
"""


def upgrade() -> None:
    for statement in TABLES.split(";"):
        op.execute(statement)
