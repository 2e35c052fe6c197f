"""Pictures by address, and what is remembered of them so that an unchanged one is not sent again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass

from samepic.connectors.base import Memo
from samepic.connectors.files.pictures import Link, version_of
from samepic.connectors.outside import Mark, Outside
from samepic.errors import Failed
from samepic.model import digest_of

_PREFIX = "link:"
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _Known:
    mark: Mark
    version: str


class Links:
    """A version is a digest of the picture, so it changes when the picture does and only then; what a server says of
    its files only spares sending one. Addresses may hold keys, so digests of them are remembered in their place.
    """

    def __init__(self, outside: Outside, memo: Memo) -> None:
        self._outside = outside
        self._memo = memo
        self._known: dict[str, _Known] | None = None
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def close(self) -> None:
        await self._outside.close()

    async def version(self, link: Link) -> str:
        place, known = _place(link), (await self._load()).get(_place(link))
        async with self._turn:
            found = await self._outside.fetch(link.address, known.mark if known else None)
        if found.data is None:
            assert known is not None  # only what was marked can be unchanged
            return known.version
        await self._keep(place, _Known(found.mark, version_of(found.data)))
        return version_of(found.data)

    async def read(self, link: Link) -> bytes:
        async with self._turn:
            found = await self._outside.fetch(link.address)
        if found.data is None:
            raise Failed("The server says that nothing changed, which was not asked.")
        return found.data

    async def _keep(self, place: str, known: _Known) -> None:
        if known.mark.headers and self._known is not None and self._known.get(place) != known:
            self._known[place] = known
            await self._memo.save({place: json.dumps(asdict(known))})

    async def _load(self) -> dict[str, _Known]:
        if self._known is None:
            found = await self._memo.load()
            self._known = {place: _read(text) for place, text in found.items() if place.startswith(_PREFIX)}
        return self._known


def _place(link: Link) -> str:
    return _PREFIX + digest_of(link.address.encode("utf-8", "surrogatepass"))[:32]


def _read(text: str) -> _Known:
    found = json.loads(text)
    return _Known(Mark(**found["mark"]), found["version"])
