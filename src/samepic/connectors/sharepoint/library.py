"""The library `User Photos` on the My Site host."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from samepic.connectors.answers import Answer
from samepic.connectors.sharepoint.batch import Question
from samepic.connectors.sharepoint.profile import Thumbnails
from samepic.connectors.sharepoint.site import MINIMAL, Site, literal
from samepic.errors import Failed

LIBRARY = "/User Photos"
ENGLISH_FOLDER = f"{LIBRARY}/Profile Pictures"
"""The folder's name where nothing says otherwise; it follows the language of the My Site host."""

PAGE = 5000
"""Items in one page, the most SharePoint gives; a folder with more cannot be listed as a folder at all."""

_NOT_FOUND = 404
_ITEM = "Id,Modified,OData__UIVersionString"
_LARGE = re.compile(r"(?P<stem>/.+)_LThumb\.jpg", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Item:
    """A large thumbnail as the library lists it. `etag` rises with each overwrite: it is the picture's version.

    `stamp` is when it was last written, and as which version of the file: what witnesses against an etag that lies.
    """

    id: int
    stem: str
    etag: str
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A thumbnail as it is shown alone. `stamp` is as in `Item`, and changes with the length too."""

    length: int
    stamp: str
    etag: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """All large thumbnails by stem in lower case, and the highest item id of anything in the library."""

    large: dict[str, Item] = field(default_factory=dict)
    highest: int = 0

    def find(self, stem: str) -> Item | None:
        return self.large.get(stem.casefold())

    def note(self, item: Item) -> None:
        """What one of them is by now."""
        self.large[item.stem.casefold()] = item

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
        query = f"$select={_ITEM},FileRef&$orderby=Id&$top={PAGE}"
        path: str | None = f"/web/GetList({literal(LIBRARY)})/items?{query}"
        while path:
            page = (await self._site.get(path, shape=MINIMAL)).json()
            try:
                for entry in page["value"]:
                    highest = max(highest, int(entry["Id"]))
                    if named := _LARGE.fullmatch(entry["FileRef"]):
                        large[named["stem"].casefold()] = _item(entry, named["stem"])
                path = page.get("odata.nextLink")
            except (KeyError, TypeError, ValueError, AttributeError):
                raise Failed("SharePoint's list of pictures has an unknown shape.") from None
        return Listing(large, highest)

    async def read(self, path: str) -> Answer | None:
        answer = await self._site.get(f"{_file(path)}/$value", shape="*/*", accept=(_NOT_FOUND,))
        return None if answer.status == _NOT_FOUND else answer

    async def write(self, path: str, data: bytes, match: str = "") -> None:
        """Raises Moved where `match` is given and is not the file's etag. Nothing documents that `add` heeds it: it
        narrows the moment between look and write to nothing where it does.
        """
        folder, _, name = path.rpartition("/")
        where = f"/web/GetFolderByServerRelativeUrl({literal(folder)})/Files/add(url={literal(name)},overwrite=true)"
        guard = {"If-Match": match} if match else {}
        await self._site.post(where, data, headers={"Content-Type": "application/octet-stream", **guard})

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


def item_question(thumbnails: Thumbnails) -> Question:
    """The large file's item, the same as in a listing."""
    return Question(f"{_file(thumbnails.path('L'))}/ListItemAllFields?$select={_ITEM}", MINIMAL, (_NOT_FOUND,))


def item_from(answer: Answer, thumbnails: Thumbnails) -> Item | None:
    """None where there is no such file."""
    said = None if answer.status == _NOT_FOUND else answer.json()
    try:
        return None if said is None or said.get("odata.null") else _item(said, thumbnails.stem)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Failed("SharePoint's answer about a picture shows no version.") from None


def _item(said: Any, stem: str) -> Item:
    stamp = f"{said.get('Modified', '')} {said.get('OData__UIVersionString', '')}"
    return Item(int(said["Id"]), stem, str(said["odata.etag"]), stamp)


def file_question(path: str) -> Question:
    return Question(f"{_file(path)}?$select=ETag,Length,TimeLastModified,UIVersion", accept=(_NOT_FOUND,))


def file_from(answer: Answer) -> File | None:
    """None where there is no such file."""
    said = None if answer.status == _NOT_FOUND else answer.json()
    try:
        if said is None or said.get("odata.null"):
            return None
        length = int(said["Length"])
        stamp = f"{said.get('TimeLastModified', '')} {said.get('UIVersion', '')} {length}"
        return File(length, stamp, str(said.get("ETag") or ""))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Failed("SharePoint's answer about a file shows no length.") from None


def content_question(path: str) -> Question:
    return Question(f"{_file(path)}/$value", "*/*", (_NOT_FOUND,))


def _file(path: str) -> str:
    return f"/web/GetFileByServerRelativeUrl({literal(path)})"
