"""What the parts of the ledger have in common: the database they are kept in."""

from __future__ import annotations

from samepic.store.database import Database


class Page:
    """One part of the ledger; each is usable alone."""

    def __init__(self, database: Database) -> None:
        self._database = database
