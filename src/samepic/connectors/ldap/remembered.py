"""Which picture an entry had at its last change, so that an unchanged entry costs no picture.

A directory says of an entry when it was changed last, not what was changed. So the digest is learned with the bytes and
holds for as long as the entry's stamp stays: after a change of anything the bytes are read once more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from samepic.connectors.base import Memo
from samepic.connectors.ldap.entry import Entry

STAMPS = ("entryCSN", "modifyTimestamp")
"""When an entry was changed: slapd's change sequence number, to the microsecond; or a time in whole seconds."""

_PREFIX = "seen:"
_SECOND = timedelta(minutes=5)
"""A time in whole seconds counts only once it is this old: a second change in one second would not show."""


def stamp(entry: Entry) -> str:
    """The finest one that the server gave; empty where it gave none."""
    return next((text for name in STAMPS if (text := entry.text(name))), "")


def stamp_name(at: str) -> str:
    """Which attribute a stamp is from."""
    return STAMPS[0] if "#" in at else STAMPS[1]


class Memory:
    """Stamp and version by ref. Losing it costs a read of every picture."""

    def __init__(self, memo: Memo, clock: Callable[[], datetime]) -> None:
        self._memo = memo
        self._clock = clock
        self._known: dict[str, str] | None = None
        self._new: dict[str, str] = {}

    async def version(self, ref: str, at: str) -> str | None:
        """The picture's version while the entry's stamp is `at`; None where that is not known."""
        line = self._new.get(ref) or (await self._read()).get(ref, "")
        known, _, found = line.partition(" ")
        return found if at and known == at else None

    def note(self, ref: str, at: str, version: str) -> None:
        """The picture of an entry whose stamp is `at`, until `save` to be remembered."""
        if self._lasts(at):
            self._new[ref] = f"{at} {version}"

    async def save(self) -> None:
        """Remembers what was noted; writes nothing where nothing was."""
        if self._new:
            new, self._new = self._new, {}
            (await self._read()).update(new)
            await self._memo.save({_PREFIX + ref: line for ref, line in new.items()})

    def _lasts(self, at: str) -> bool:
        try:
            second = datetime.strptime(at, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return bool(at)
        return self._clock() - second > _SECOND

    async def _read(self) -> dict[str, str]:
        if self._known is None:
            found = await self._memo.load()
            if self._known is None:  # nobody else was quicker
                self._known = {name[len(_PREFIX) :]: text for name, text in found.items() if name.startswith(_PREFIX)}
        return self._known
