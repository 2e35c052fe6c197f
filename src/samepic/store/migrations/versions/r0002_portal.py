"""The tables behind the portal."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
    ALTER TABLE runs ADD COLUMN progress TEXT;
    ALTER TABLE journal ADD COLUMN retired_at INTEGER;
    CREATE INDEX ix_journal_system_ref ON journal (system, ref);
    CREATE TABLE verdicts (
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        person TEXT NOT NULL,
        verdict TEXT NOT NULL,
        code TEXT NOT NULL,
        facts TEXT NOT NULL,
        present INTEGER NOT NULL,
        since INTEGER NOT NULL,
        at INTEGER NOT NULL,
        CONSTRAINT pk_verdicts PRIMARY KEY (system, ref)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ix_verdicts_person ON verdicts (person);
    CREATE INDEX ix_verdicts_system_verdict_person ON verdicts (system, verdict, person);
    CREATE TABLE contradictions (
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        code TEXT NOT NULL,
        facts TEXT NOT NULL,
        CONSTRAINT pk_contradictions PRIMARY KEY (system, ref)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE days (
        day TEXT NOT NULL,
        system TEXT NOT NULL,
        verdict TEXT NOT NULL,
        people INTEGER NOT NULL,
        CONSTRAINT pk_days PRIMARY KEY (day, system, verdict)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE arrivals (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        person TEXT NOT NULL,
        want TEXT NOT NULL,
        way TEXT NOT NULL,
        began_at INTEGER NOT NULL,
        arrived_at INTEGER
    ) STRICT;
    CREATE INDEX ix_arrivals_arrived_at ON arrivals (arrived_at);
    CREATE UNIQUE INDEX uq_arrivals_under_way ON arrivals (system, ref) WHERE arrived_at IS NULL;
    CREATE TABLE choices (
        person TEXT NOT NULL,
        system TEXT NOT NULL,
        kind TEXT NOT NULL,
        until INTEGER,
        at INTEGER NOT NULL,
        "by" TEXT NOT NULL,
        CONSTRAINT pk_choices PRIMARY KEY (person, system)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE gallery (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        person TEXT NOT NULL,
        digest TEXT NOT NULL,
        original TEXT NOT NULL,
        cut TEXT NOT NULL,
        origin TEXT NOT NULL,
        at INTEGER NOT NULL,
        "by" TEXT NOT NULL,
        removed_at INTEGER
    ) STRICT;
    CREATE INDEX ix_gallery_person ON gallery (person);
    CREATE TABLE due (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        what TEXT NOT NULL,
        person TEXT NOT NULL,
        at INTEGER NOT NULL,
        facts TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        leased_until INTEGER,
        holder TEXT
    ) STRICT;
    CREATE INDEX ix_due_at ON due (at);
    CREATE UNIQUE INDEX uq_due_what_person ON due (what, person);
    CREATE TABLE notices (
        person TEXT NOT NULL,
        system TEXT NOT NULL,
        address TEXT NOT NULL,
        language TEXT NOT NULL,
        at INTEGER NOT NULL,
        CONSTRAINT pk_notices PRIMARY KEY (person, system)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE identities (
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        person TEXT NOT NULL,
        name TEXT NOT NULL,
        address TEXT,
        linked_by TEXT NOT NULL,
        at INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        CONSTRAINT pk_identities PRIMARY KEY (issuer, subject)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ix_identities_person ON identities (person);
    CREATE TABLE sign_ins (
        state TEXT NOT NULL,
        content TEXT NOT NULL,
        until INTEGER NOT NULL,
        CONSTRAINT pk_sign_ins PRIMARY KEY (state)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE sessions (
        digest TEXT NOT NULL,
        person TEXT NOT NULL,
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        content TEXT NOT NULL,
        began_at INTEGER NOT NULL,
        seen_at INTEGER NOT NULL,
        until INTEGER NOT NULL,
        CONSTRAINT pk_sessions PRIMARY KEY (digest)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ix_sessions_person ON sessions (person);
    CREATE INDEX ix_sessions_until ON sessions (until);
    CREATE TABLE grants (
        person TEXT NOT NULL,
        issuer TEXT NOT NULL,
        sealed TEXT NOT NULL,
        scopes TEXT NOT NULL,
        at INTEGER NOT NULL,
        CONSTRAINT pk_grants PRIMARY KEY (person, issuer)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        what TEXT NOT NULL,
        person TEXT,
        facts TEXT NOT NULL
    ) STRICT;
    CREATE INDEX ix_audit_person ON audit (person);
    CREATE TABLE approvals (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        person TEXT NOT NULL,
        picture INTEGER NOT NULL,
        asked_at INTEGER NOT NULL,
        decided_at INTEGER,
        decided_by TEXT,
        decision TEXT,
        note TEXT NOT NULL
    ) STRICT;
    CREATE INDEX ix_approvals_person ON approvals (person);
    CREATE INDEX ix_approvals_waiting ON approvals (id) WHERE decided_at IS NULL;
    CREATE TABLE outcomes (
        run INTEGER NOT NULL,
        system TEXT NOT NULL,
        ref TEXT NOT NULL,
        person TEXT NOT NULL,
        result TEXT NOT NULL,
        detail TEXT NOT NULL,
        remedy TEXT NOT NULL,
        CONSTRAINT pk_outcomes PRIMARY KEY (run, system, ref)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE orders (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        what TEXT NOT NULL,
        ask TEXT NOT NULL,
        state TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        made_by TEXT NOT NULL,
        summary TEXT NOT NULL,
        content TEXT NOT NULL,
        decided_at INTEGER,
        decided_by TEXT,
        run INTEGER
    ) STRICT;
    CREATE INDEX ix_orders_state ON orders (state);
    CREATE TABLE tokens (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        digest TEXT NOT NULL,
        name TEXT NOT NULL,
        scopes TEXT NOT NULL,
        made_by TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        until INTEGER NOT NULL,
        used_at INTEGER,
        revoked_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX uq_tokens_digest ON tokens (digest);
    CREATE TABLE answers (
        token INTEGER NOT NULL,
        "key" TEXT NOT NULL,
        request TEXT NOT NULL,
        status INTEGER,
        body TEXT,
        at INTEGER NOT NULL,
        CONSTRAINT pk_answers PRIMARY KEY (token, "key")
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE deliveries (
        id TEXT NOT NULL,
        at INTEGER NOT NULL,
        CONSTRAINT pk_deliveries PRIMARY KEY (id)
    ) STRICT, WITHOUT ROWID
"""


def upgrade() -> None:
    for statement in TABLES.split(";"):
        op.execute(statement)
