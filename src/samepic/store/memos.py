"""What connectors remember between runs, one small drawer for each system."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, select

from samepic.store.database import Database
from samepic.store.schema import execute_all, memos, upsert


class StoredMemo:
    """The `Memo` of one system, as the connectors' contract describes it."""

    def __init__(self, database: Database, system: str) -> None:
        self._database = database
        self._system = system

    async def load(self) -> dict[str, str]:
        mine = select(memos.c.name, memos.c.value).where(memos.c.system == self._system)
        return await self._database.read(lambda connection: {row.name: row.value for row in connection.execute(mine)})

    async def save(self, values: Mapping[str, str | None]) -> None:
        """Sets each key; None forgets it. All of them, or none."""
        kept = [
            {"system": self._system, "name": name, "value": value}
            for name, value in values.items()
            if value is not None
        ]
        forgotten = [{"forgotten": name} for name, value in values.items() if value is None]
        forget = delete(memos).where(memos.c.system == self._system, memos.c.name == bindparam("forgotten"))

        def work(connection: Connection) -> None:
            execute_all(connection, upsert(memos), kept)
            execute_all(connection, forget, forgotten)

        await self._database.write(work)
