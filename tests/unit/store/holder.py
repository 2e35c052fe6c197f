"""Takes what is due and holds it until it is killed: python holder.py FOLDER INSTANT"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

from samepic.store.database import Database
from samepic.store.ledger import Ledger


async def hold(folder: Path, now: datetime) -> None:
    async with await Database.open(folder) as database:
        taken = await Ledger(database).take_due(now, timedelta(hours=1), 10)
        sys.stdout.write(f"{len(taken)}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(hold(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))
