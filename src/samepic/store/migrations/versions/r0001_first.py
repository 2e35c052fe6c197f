"""The first tables."""

from alembic import op

revision = "0001"
down_revision = None

TABLES = """
    CREATE TABLE asks (
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        want TEXT NOT NULL,
        at INTEGER NOT NULL,
        link TEXT,
        CONSTRAINT pk_asks PRIMARY KEY (system, ref)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE memos (
        system TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        CONSTRAINT pk_memos PRIMARY KEY (system, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE persons (
        id TEXT NOT NULL,
        CONSTRAINT pk_persons PRIMARY KEY (id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE pins (
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        refused TEXT,
        reason TEXT NOT NULL,
        at INTEGER NOT NULL,
        CONSTRAINT pk_pins PRIMARY KEY (system, ref)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE portraits (
        id INTEGER NOT NULL,
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        version TEXT NOT NULL,
        digest TEXT NOT NULL,
        at INTEGER NOT NULL,
        CONSTRAINT pk_portraits PRIMARY KEY (id)
    ) STRICT;
    CREATE UNIQUE INDEX uq_portraits_system_ref_version_digest ON portraits (system, ref, version, digest);
    CREATE TABLE routes (
        fingerprint TEXT NOT NULL,
        confirmed_at INTEGER NOT NULL,
        CONSTRAINT pk_routes PRIMARY KEY (fingerprint)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE runs (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        what TEXT NOT NULL,
        "trigger" TEXT NOT NULL,
        settings TEXT NOT NULL,
        started INTEGER NOT NULL,
        ended INTEGER,
        outcome TEXT NOT NULL
    ) STRICT;
    CREATE TABLE sightings (
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        present INTEGER NOT NULL,
        version TEXT,
        untouched INTEGER NOT NULL,
        first_at INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        absences INTEGER NOT NULL,
        CONSTRAINT pk_sightings PRIMARY KEY (system, ref)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE versions (
        id INTEGER NOT NULL,
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        version TEXT NOT NULL,
        CONSTRAINT pk_versions PRIMARY KEY (id)
    ) STRICT;
    CREATE UNIQUE INDEX uq_versions_system_ref_version ON versions (system, ref, version);
    CREATE TABLE baselines (
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        want TEXT NOT NULL,
        version TEXT,
        "by" TEXT NOT NULL,
        at INTEGER NOT NULL,
        run INTEGER,
        CONSTRAINT pk_baselines PRIMARY KEY (system, ref),
        CONSTRAINT fk_baselines_run FOREIGN KEY(run) REFERENCES runs (id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE journal (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        run INTEGER NOT NULL,
        person TEXT NOT NULL,
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        step TEXT NOT NULL,
        want TEXT,
        expect TEXT,
        replaced TEXT NOT NULL,
        before_want TEXT,
        before_version TEXT,
        before_by TEXT,
        before_at INTEGER,
        opened_at INTEGER NOT NULL,
        settled_at INTEGER,
        outcome TEXT,
        detail TEXT NOT NULL,
        undone_by INTEGER,
        CONSTRAINT fk_journal_run FOREIGN KEY(run) REFERENCES runs (id),
        CONSTRAINT fk_journal_undone_by FOREIGN KEY(undone_by) REFERENCES journal (id)
    ) STRICT;
    CREATE INDEX ix_journal_person ON journal (person);
    CREATE INDEX ix_journal_run ON journal (run);
    CREATE UNIQUE INDEX uq_journal_open ON journal (system, ref) WHERE settled_at IS NULL;
    CREATE TABLE leases (
        token INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        run INTEGER NOT NULL,
        until INTEGER NOT NULL,
        holder TEXT NOT NULL,
        taken_by INTEGER,
        CONSTRAINT fk_leases_run FOREIGN KEY(run) REFERENCES runs (id),
        CONSTRAINT fk_leases_taken_by FOREIGN KEY(taken_by) REFERENCES runs (id)
    ) STRICT;
    CREATE TABLE links (
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        person TEXT NOT NULL,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        folded TEXT NOT NULL,
        address TEXT,
        active INTEGER NOT NULL,
        linked_by TEXT NOT NULL,
        last_seen INTEGER NOT NULL,
        gone_at INTEGER,
        CONSTRAINT pk_links PRIMARY KEY (system, ref),
        CONSTRAINT fk_links_person FOREIGN KEY(person) REFERENCES persons (id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ix_links_folded ON links (folded);
    CREATE INDEX ix_links_person ON links (person);
    CREATE TABLE visits (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        person TEXT NOT NULL,
        at INTEGER NOT NULL,
        via TEXT NOT NULL,
        served_by INTEGER,
        CONSTRAINT fk_visits_served_by FOREIGN KEY(served_by) REFERENCES runs (id)
    ) STRICT;
    CREATE INDEX ix_visits_pending ON visits (id) WHERE served_by IS NULL;
    CREATE TABLE leased_slots (
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        token INTEGER NOT NULL,
        CONSTRAINT pk_leased_slots PRIMARY KEY (system, ref),
        CONSTRAINT fk_leased_slots_token FOREIGN KEY(token) REFERENCES leases (token) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ix_leased_slots_token ON leased_slots (token);
    CREATE TABLE link_keys (
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        "key" TEXT NOT NULL,
        CONSTRAINT pk_link_keys PRIMARY KEY (system, ref, "key"),
        CONSTRAINT fk_link_keys_system_ref FOREIGN KEY(system, ref) REFERENCES links (system, ref) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ix_link_keys_key ON link_keys ("key")
"""


def upgrade() -> None:
    for statement in TABLES.split(";"):
        op.execute(statement)
