"""Pictures in one JSON file: `{"ada": {"mail": ..., "name": ..., "picture": base64 or null}}`."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from samepic.connectors.base import Connector, Options, Surroundings
from samepic.connectors.demands import require
from samepic.errors import Failed, Gone
from samepic.model import Account, Demand, Photo, Sighting, Traits, key


class AlbumOptions(Options):
    """Where the album is."""

    path: Path


class AlbumConnector(Connector):
    """The file is read at every call and is small; looks are by digest, as the contract does by itself."""

    options_type = AlbumOptions

    def __init__(self, name: str, options: AlbumOptions, around: Surroundings) -> None:
        super().__init__(name, options, around)
        self.traits = Traits({"photo": Demand(side=(48, 200))}, writes=True, removes=True, verbatim=True)
        self._path = options.path

    async def roster(self) -> AsyncIterator[Account]:
        for ref, page in self._album().items():
            yield Account(ref, frozenset({key("mail", page["mail"])}), name=page["name"], address=page["mail"])

    async def fetch(self, ref: str) -> Photo | None:
        picture = self._page(self._album(), ref)["picture"]
        return None if picture is None else Photo(b64decode(picture))

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        require(photos, self.traits.demands)
        self._set(ref, b64encode(photos["photo"].data).decode())
        return await self.peek(ref)

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        self._set(ref, None)

    def _album(self) -> dict[str, dict[str, Any]]:
        try:
            album: dict[str, dict[str, Any]] = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError) as why:
            raise Failed(f"The album {self._path} cannot be read: {why}.", system=self.name) from None
        return album

    def _page(self, album: Mapping[str, dict[str, Any]], ref: str) -> dict[str, Any]:
        if ref not in album:
            raise Gone("There is no such page in the album.", system=self.name)
        return album[ref]

    def _set(self, ref: str, picture: str | None) -> None:
        album = self._album()
        self._page(album, ref)["picture"] = picture
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(album), "utf-8")
        fresh.replace(self._path)
