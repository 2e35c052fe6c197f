"""The library `User Photos` on the My Site host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from samepic.connectors.http import Answer
from samepic.connectors.sharepoint.profile import Thumbnails
from samepic.connectors.sharepoint.site import MINIMAL, Site, literal
from samepic.errors import Failed

LIBRARY = "/User Photos"
ENGLISH_FOLDER = f"{LIBRARY}/Profile Pictures"
"""The folder's name where nothing says otherwise; it follows the language of the My Site host."""

PAGE = 5000
"""Items in one page, the most SharePoint gives; a folder with more cannot be listed as a folder at all."""

_NOT_FOUND = 404
_VERSION = re.compile(r',(\d+)"?$')
_LARGE = re.compile(r"(?P<stem>/.+)_LThumb\.jpg", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Item:
    """A large thumbnail as the library lists it. `etag` rises with each overwrite: it is the picture's version."""

    id: int
    stem: str
    etag: str


@dataclass(frozen=True, slots=True)
class Listing:
    """All large thumbnails by stem in lower case, and the highest item id of anything in the library."""

    large: dict[str, Item] = field(default_factory=dict)
    highest: int = 0

    def find(self, stem: str) -> Item | None:
        return self.large.get(stem.casefold())

    def strangers(self, known: Iterable[str]) -> list[Item]:
        """Those that belong to none of the known stems."""
        owned = {stem.casefold() for stem in known}
        return [item for stem, item in self.large.items() if stem not in owned]


class Library:
    def __init__(self, site: Site) -> None:
        self._site = site

    async def list(self) -> Listing:
        """The whole library by item id, in pages: a few requests however many people there are."""
        large: dict[str, Item] = {}
        highest = 0
        query = f"$select=Id,FileRef&$orderby=Id&$top={PAGE}"
        path: str | None = f"/web/GetList({literal(LIBRARY)})/items?{query}"
        while path:
            page = (await self._site.get(path, shape=MINIMAL)).json()
            try:
                for entry in page["value"]:
                    highest = max(highest, int(entry["Id"]))
                    if named := _LARGE.fullmatch(entry["FileRef"]):
                        stem = named["stem"]
                        large[stem.casefold()] = Item(int(entry["Id"]), stem, entry["odata.etag"])
                path = page.get("odata.nextLink")
            except (KeyError, TypeError, ValueError, AttributeError):
                raise Failed("SharePoint's list of pictures has an unknown shape.") from None
        return Listing(large, highest)

    async def version(self, thumbnails: Thumbnails) -> str | None:
        """The large file's item version, the same text as in a listing; None where there is no such file."""
        path = f"{_file(thumbnails.path('L'))}/ListItemAllFields?$select=Id"
        answer = await self._site.get(path, shape=MINIMAL, accept=(_NOT_FOUND,))
        if answer.status == _NOT_FOUND:
            return None
        said = answer.json()
        try:
            return None if said.get("odata.null") else str(said["odata.etag"])
        except (AttributeError, KeyError):
            raise Failed("SharePoint's answer about a picture shows no version.") from None

    async def read(self, path: str) -> Answer | None:
        answer = await self._site.get(f"{_file(path)}/$value", shape="*/*", accept=(_NOT_FOUND,))
        return None if answer.status == _NOT_FOUND else answer

    async def write(self, path: str, data: bytes) -> int | None:
        """The file's version after it, as SharePoint says; None where it says none."""
        folder, _, name = path.rpartition("/")
        where = f"/web/GetFolderByServerRelativeUrl({literal(folder)})/Files/add(url={literal(name)},overwrite=true)"
        return _number(await self._site.post(where, data, headers={"Content-Type": "application/octet-stream"}))

    async def number(self, path: str) -> int | None:
        """The file's version as it is shown now; it rises with each overwrite. None where there is no file."""
        answer = await self._site.get(f"{_file(path)}?$select=ETag", accept=(_NOT_FOUND,))
        return None if answer.status == _NOT_FOUND else _number(answer)

    async def delete(self, path: str) -> None:
        """Into the recycle bin; fine where there is no such file."""
        headers = {"X-HTTP-Method": "DELETE", "If-Match": "*"}
        await self._site.post(_file(path), headers=headers, accept=(_NOT_FOUND,))

    async def folder(self) -> str:
        """Where pictures are kept, whatever the language; made under its English name where there is none yet."""
        path = f"/web/GetFolderByServerRelativeUrl({literal(LIBRARY)})/Folders?$select=Name,ServerRelativeUrl"
        answer = await self._site.get(path, accept=(_NOT_FOUND,))
        if answer.status == _NOT_FOUND:
            return ENGLISH_FOLDER
        try:
            found = [entry["ServerRelativeUrl"] for entry in answer.json()["value"] if entry["Name"] != "Forms"]
        except (KeyError, TypeError):
            raise Failed("SharePoint's list of folders has an unknown shape.") from None
        if not found:
            await self._make(ENGLISH_FOLDER)
        return ENGLISH_FOLDER if ENGLISH_FOLDER in found or not found else str(min(found))

    async def _make(self, folder: str) -> None:
        body = json.dumps({"ServerRelativeUrl": folder}).encode()
        await self._site.post("/web/folders", body, headers={"Content-Type": "application/json;odata=nometadata"})


def _number(answer: Answer) -> int | None:
    """The 3 in `"{8C5A...},3"`."""
    said = answer.json()
    etag = _VERSION.search(str(said.get("ETag", ""))) if isinstance(said, dict) else None
    return int(etag[1]) if etag else None


def _file(path: str) -> str:
    return f"/web/GetFileByServerRelativeUrl({literal(path)})"
