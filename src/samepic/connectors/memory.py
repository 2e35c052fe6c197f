"""Pictures in this process: for tests, and as the example to copy when writing a connector.

Nothing outlives the object. `add` and `place` are what other people do to the system behind samepic's back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Annotated

from annotated_types import Ge, MinLen
from pydantic import ConfigDict

from samepic.connectors.base import Connector, Options, Surroundings
from samepic.connectors.demands import require
from samepic.errors import Gone, Moved
from samepic.model import Account, Demand, Photo, Sighting, Traits


class MemoryOptions(Options):
    """How pictures are taken."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    sides: Annotated[tuple[Annotated[int, Ge(1)], ...], MinLen(1)] = (648,)
    """One demand for each side in pixels, named by it (`648x648`); the largest carries the version."""

    max_bytes: int = 4_000_000
    """The largest rendition that is taken."""


class MemoryConnector(Connector):
    """Guarded, versioned, verbatim, removable. A version is the digest of the largest rendition."""

    options_type = MemoryOptions

    def __init__(self, name: str, options: MemoryOptions, around: Surroundings) -> None:
        super().__init__(name, options, around)
        smallest, sides = min(48, *options.sides), sorted(set(options.sides))
        demands = {
            f"{side}x{side}": Demand(("image/jpeg", "image/png"), (smallest, side), options.max_bytes) for side in sides
        }
        self.traits = Traits(demands, writes=True, removes=True, guarded=True, verbatim=True, groups=True)
        self._best = next(reversed(demands))
        self._accounts: dict[str, Account] = {}
        self._pictures: dict[str, Mapping[str, Photo]] = {}
        self._groups: dict[str, frozenset[str]] = {}

    def add(self, account: Account, photo: Photo | None = None) -> None:
        """Somebody joins, or changes their entry, with or without a picture."""
        self._accounts[account.ref] = account
        if photo is not None:
            self.place(account.ref, photo)

    def place(self, ref: str, photo: Photo | None) -> None:
        """Somebody else gives the account this picture at every size, or takes it away."""
        self._require_account(ref)
        if photo is None:
            self._pictures.pop(ref, None)
        else:
            self._pictures[ref] = dict.fromkeys(self.traits.demands, photo)

    def discard(self, ref: str) -> None:
        """Somebody leaves; their picture goes with them."""
        self._accounts.pop(ref, None)
        self._pictures.pop(ref, None)

    def gather(self, group: str, refs: Iterable[str]) -> None:
        """These, and nobody else, belong to the group from now on."""
        self._groups[group.casefold()] = frozenset(refs)

    def disband(self, group: str) -> None:
        """There is no such group any more."""
        self._groups.pop(group.casefold(), None)

    async def roster(self) -> AsyncIterator[Account]:
        for account in list(self._accounts.values()):
            yield account

    async def fetch(self, ref: str) -> Photo | None:
        return (await self.fetch_all(ref)).get(self._best)

    async def fetch_all(self, ref: str) -> Mapping[str, Photo]:
        self._require_account(ref)
        return dict(self._pictures.get(ref, {}))

    async def peek(self, ref: str) -> Sighting:
        self._require_account(ref)
        held = self._pictures.get(ref)
        return Sighting(True, held[self._best].digest) if held else Sighting(False)

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        require(photos, self.traits.demands)
        await self._require_version(ref, expect)
        self._pictures[ref] = dict(photos)
        return await self.peek(ref)

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        await self._require_version(ref, expect)
        self._pictures.pop(ref, None)

    async def members(self, group: str) -> frozenset[str]:
        if (refs := self._groups.get(group.casefold())) is None:
            raise Gone(f"There is no group {group}.", system=self.name)
        return refs

    def _require_account(self, ref: str) -> None:
        if ref not in self._accounts:
            raise Gone("There is no such account.", system=self.name)

    async def _require_version(self, ref: str, expect: str | None) -> None:
        seen = await self.peek(ref)
        if expect is not None and seen.version != expect:
            raise Moved("Another picture is there by now.", system=self.name)
