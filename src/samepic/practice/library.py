"""SharePoint's REST interface to the *User Photos* library of the My Site host: files, their folder, the list's items.

Decided here because the documentation leaves it open: a file's Length is told only where one file is asked for or
`$select` names it, because it takes drawing the picture.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from samepic.practice.odata import Call, Entity, Page, SharePointError, Value, json_object, literal
from samepic.practice.tokens import Caller
from samepic.practice.userphotos import LIBRARY, THRESHOLD, File, split_path
from samepic.practice.wire import Answer, Ask
from samepic.practice.world import World

_READ = ("Sites.Read.All", "Sites.ReadWrite.All", "Sites.Manage.All", "Sites.FullControl.All", "AllSites.Read")
_WRITE = ("Sites.ReadWrite.All", "Sites.Manage.All", "Sites.FullControl.All")
_PAGE = 100
_BEYOND = re.compile(r"Id\s+gt\s+(\d+)", re.IGNORECASE)
_SKIP = re.compile(r"p_ID=(\d+)", re.IGNORECASE)
_ITEM_DEFAULTS = "FileSystemObjectType,Id,Title,Created,Modified,OData__UIVersionString,GUID"
_FILES = ("getfilebyserverrelativeurl", "getfilebyserverrelativepath")
_FOLDERS = ("getfolderbyserverrelativeurl", "getfolderbyserverrelativepath")


class UserPhotos:
    """What comes after `_api/web/` at the My Site host."""

    def __init__(self, world: World, base: str) -> None:
        self._world = world
        self._library = world.library
        self._base = base

    def routed(self, ask: Ask, caller: Caller, chain: tuple[Call, ...]) -> Value | Answer:
        method = ask.headers.get("x-http-method", ask.method).upper()
        if not caller.may(*(_READ if method == "GET" else _WRITE)):
            message = "Access denied. You do not have permission to perform this action or access this resource."
            raise SharePointError(HTTPStatus.FORBIDDEN, "-2147024891, System.UnauthorizedAccessException", message)
        names = [call.name for call in chain]
        found = self._got(ask, chain, names) if method == "GET" else self._sent(method, ask, chain, names)
        if found is None:
            message = f"Cannot find resource for the request {'/'.join(names)}."
            code = "-1, Microsoft.SharePoint.Client.ResourceNotFoundException"
            raise SharePointError(HTTPStatus.NOT_FOUND, code, message)
        return found

    def _got(self, ask: Ask, chain: tuple[Call, ...], names: list[str]) -> Value | Answer | None:
        match names:
            case ["getlist" | "lists", *_]:
                return self._items(ask, _of_list(chain))
            case [folder, "files"] if folder in _FOLDERS:
                return self._listed(ask, chain[0])
            case [folder, "folders"] if folder in _FOLDERS:
                return self._folders(ask, chain[0])
            case [folder] if folder in _FOLDERS:
                return self._one_folder(ask, chain[0])
            case [file, *rest] if file in _FILES:
                return self._of_file(ask, self._file(chain[0]), rest)
        return None

    def _of_file(self, ask: Ask, file: File, rest: list[str]) -> Value | Answer | None:
        match rest:
            case []:
                return self._entity(file, ask, alone=True)
            case ["$value"]:
                return self.download(file)
            case ["listitemallfields"]:
                return self._item(file, ask.query.get("$select", _ITEM_DEFAULTS))
        return None

    def _sent(self, method: str, ask: Ask, chain: tuple[Call, ...], names: list[str]) -> Value | Answer | None:
        match (method, *names):
            case ("POST", folder, "files", "add" | "addusingpath") if folder in _FOLDERS:
                return self._added(ask, chain[0], chain[2])
            case ("POST", "folders"):
                return self._made(ask, str(json_object(ask.body).get("ServerRelativeUrl", "")))
            case ("POST", "folders", "add" | "addusingpath"):
                return self._made(ask, chain[1].argument("decodedUrl") or chain[1].argument("url") or "")
            case ("DELETE", file) if file in _FILES:
                return self._deleted(ask, self._file(chain[0]))
        return None

    def download(self, file: File) -> Answer:
        modified = datetime.fromtimestamp(file.modified, UTC)
        headers = {
            "Content-Type": "image/jpeg",
            "ETag": etag(file),
            "Last-Modified": f"{modified:%a, %d %b %Y %H:%M:%S} GMT",
            "Cache-Control": "private, max-age=0",
        }
        return Answer(content=self._world.read(file.source), headers=headers)

    def at_path(self, path: str) -> File | None:
        """The file of a server-relative path, with or without the leading slash, in any case."""
        found = self._library.at(path)
        return found if found and not found.folder else None

    def _file(self, call: Call) -> File:
        file = self.at_path(_path(call))
        if file is None:
            raise _not_found()
        return file

    def _folder(self, call: Call) -> File:
        """A folder of pictures."""
        found = self._library.at(_path(call))
        if found is None or not found.folder:
            raise _not_found()
        return found

    def _listed(self, ask: Ask, call: Call) -> Page:
        """A listing of a folder looks at all of the library, so it fails where that has grown too large."""
        folder = self._folder(call)
        _check_threshold(self._library.size)
        files = [file for file in self._library.page(0, THRESHOLD)[0] if file.directory == folder.name]
        skip, top = _number(ask, "$skip", 0), _number(ask, "$top", THRESHOLD)
        return Page([self._entity(file, ask, alone=False) for file in files[skip : skip + top]])

    def _one_folder(self, ask: Ask, call: Call) -> Entity:
        top = _path(call).strip("/").casefold() == LIBRARY.casefold()
        return _folder(f"/{LIBRARY}" if top else self._folder(call).path, ask)

    def _folders(self, ask: Ask, call: Call) -> Page:
        """The library has folders of pictures, and the one for forms that every library has."""
        if _path(call).strip("/").casefold() != LIBRARY.casefold():
            self._folder(call)
            return Page([])
        paths = [folder.path for folder in self._library.folders()]
        return Page([_folder(path, ask) for path in (*paths, f"/{LIBRARY}/Forms")])

    def _made(self, ask: Ask, path: str) -> Entity:
        """A new folder, or the one that is there already."""
        wanted = split_path(path)
        if wanted is None or wanted[0]:
            raise _not_found()
        _check_name(wanted[1])
        return _folder(self._library.make_folder(wanted[1], self._world.now()).path, ask)

    def _added(self, ask: Ask, folder: Call, call: Call) -> Entity:
        directory = self._folder(folder).name
        name = call.argument("decodedUrl") or call.argument("url") or ""
        _check_name(name)
        existing = self._library.at(f"{LIBRARY}/{directory}/{name}")
        if existing and (call.argument("overwrite", 1) or "false").casefold() != "true":
            code = "-2130575257, Microsoft.SharePoint.SPException"
            raise SharePointError(HTTPStatus.BAD_REQUEST, code, f"A file with the name {name} already exists.")
        if existing or "if-match" in ask.headers:
            _check_match(ask, existing)
        written = self._library.write(directory, name, self._world.keep_upload(ask.body), self._world.now())
        return self._entity(written, ask, alone=True)

    def _deleted(self, ask: Ask, file: File) -> Answer:
        _check_match(ask, file)
        self._library.delete(file)
        return Answer(HTTPStatus.OK)

    def _entity(self, file: File, ask: Ask, *, alone: bool) -> Entity:
        selected = ask.query.get("$select")
        properties: dict[str, Any] = {
            "Exists": True,
            "ETag": etag(file),
            "MajorVersion": file.version,
            "MinorVersion": 0,
            "Name": file.name,
            "ServerRelativeUrl": file.path,
            "TimeCreated": instant(file.created),
            "TimeLastModified": instant(file.modified),
            "UIVersion": 512 * file.version,
            "UIVersionLabel": f"{file.version}.0",
            "UniqueId": file.guid,
        }
        if alone or "length" in (selected or "").casefold().split(","):
            properties["Length"] = str(len(self._world.read(file.source)))
        uri = f"Web/GetFileByServerRelativePath(decodedurl='{file.path}')"
        return Entity("SP.File", uri, _select(properties, selected), etag(file))

    def _items(self, ask: Ask, call: Call) -> Page:
        """By id, in pages: the way to read a library of any size."""
        after = _after(ask)
        if ask.query.get("$orderby", "Id").split()[0].casefold() != "id":
            _check_threshold(self._library.size)
        items, more = self._library.page(after, min(_number(ask, "$top", _PAGE), THRESHOLD))
        selected = ask.query.get("$select", _ITEM_DEFAULTS)
        return Page([self._item(item, selected) for item in items], self._more(ask, items, call) if more else None)

    def _item(self, file: File, selected: str) -> Entity:
        properties = {
            "FileSystemObjectType": 1 if file.folder else 0,
            "Id": file.id,
            "ID": file.id,
            "Title": None,
            "FileLeafRef": file.name,
            "FileRef": file.path,
            "FileDirRef": file.path.rpartition("/")[0],
            "Created": instant(file.created),
            "Modified": instant(file.modified),
            "OData__UIVersionString": f"{file.version}.0",
            "GUID": file.guid,
            "UniqueId": file.guid,
        }
        uri = f"Web/Lists(guid'{self._library.list_guid}')/Items({file.id})"
        both = f"{selected},ID" if "id" in selected.casefold().split(",") else selected
        item_etag = f'"{file.guid},{file.version}"'
        return Entity("SP.Data.User_x0020_PhotosItem", uri, _select(properties, both), item_etag)

    def _more(self, ask: Ask, items: list[File], call: Call) -> str:
        kept = {name: value for name, value in ask.query.items() if name in {"$select", "$top", "$orderby"}}
        query = {"$skiptoken": f"Paged=TRUE&p_ID={items[-1].id}"} | kept
        path = f"web/GetList('{call.positional[0]}')" if call.name == "getlist" else f"web/lists/{_spelt(call)}"
        return f"{self._base}{path}/items?{urlencode(query)}"


def _path(call: Call) -> str:
    return call.argument("decodedUrl") or call.argument("serverRelativeUrl") or ""


def _folder(path: str, ask: Ask) -> Entity:
    properties = {"Exists": True, "Name": path.rpartition("/")[2], "ServerRelativeUrl": path}
    uri = f"Web/GetFolderByServerRelativePath(decodedurl='{path}')"
    return Entity("SP.Folder", uri, _select(properties, ask.query.get("$select")))


def etag(file: File) -> str:
    """A file's own; its list item says the same without braces and in lower case."""
    return f'"{{{file.guid.upper()}}},{file.version}"'


def instant(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _spelt(call: Call) -> str:
    return f"{call.name}('{call.positional[0]}')"


def _of_list(chain: tuple[Call, ...]) -> Call:
    """The call that names the library, followed by nothing but `items`."""
    named = chain[1:] if chain[0].name == "lists" and not chain[0].positional else chain
    if [call.name for call in named[1:]] != ["items"] or not named[0].positional:
        raise _not_found()
    wanted = named[0].positional[0].strip("/").casefold()
    if named[0].name not in {"getlist", "getbytitle"} or wanted != LIBRARY.casefold():
        message = f"List '{named[0].positional[0]}' does not exist at site."
        raise SharePointError(HTTPStatus.NOT_FOUND, "-1, System.ArgumentException", message)
    return named[0]


def _after(ask: Ask) -> int:
    """The id beyond which the page begins, from the skip token or from `Id gt N`, the only filter there is."""
    token = _SKIP.search(ask.query.get("$skiptoken", ""))
    if token:
        return int(token[1])
    wanted = ask.query.get("$filter")
    beyond = _BEYOND.fullmatch(literal(wanted).strip("() ")) if wanted else None
    if wanted and beyond is None:
        code = "-2147024860, Microsoft.SharePoint.SPQueryThrottledException"
        raise SharePointError(HTTPStatus.INTERNAL_SERVER_ERROR, code, _THROTTLED)
    return int(beyond[1]) if beyond else 0


def _number(ask: Ask, name: str, default: int) -> int:
    text = ask.query.get(name, str(default))
    if not text.isdecimal() or (name == "$top" and int(text) == 0):
        code = "-1, Microsoft.SharePoint.Client.InvalidClientQueryException"
        raise SharePointError(HTTPStatus.BAD_REQUEST, code, f"Invalid value for {name}: {text}.")
    return int(text)


_THROTTLED = "The attempted operation is prohibited because it exceeds the list view threshold."


def _check_threshold(size: int) -> None:
    if size > THRESHOLD:
        code = "-2147024860, Microsoft.SharePoint.SPQueryThrottledException"
        raise SharePointError(HTTPStatus.INTERNAL_SERVER_ERROR, code, _THROTTLED)


def _check_match(ask: Ask, file: File | None) -> None:
    wanted = ask.headers.get("if-match", "*")
    held = etag(file) if file else ""
    if wanted != "*" and _bare(wanted) != _bare(held):
        code = "-1, Microsoft.SharePoint.Client.ClientServiceException"
        message = f"The request ETag value '{wanted}' does not match the object's ETag value '{held}'."
        raise SharePointError(HTTPStatus.PRECONDITION_FAILED, code, message)


def _check_name(name: str) -> None:
    """A library takes any bytes, but not any name."""
    if not name or set(name) & set('"*:<>?/\\|'):
        code = "-2130575245, Microsoft.SharePoint.SPException"
        raise SharePointError(HTTPStatus.BAD_REQUEST, code, "The file or folder name contains invalid characters.")


def _bare(tag: str) -> str:
    return re.sub(r'^W/|["{}]', "", tag).casefold()


def _select(properties: Mapping[str, Any], selected: str | None) -> dict[str, Any]:
    if not selected or selected.strip() == "*":
        return dict(properties)
    wanted = {name.strip() for name in selected.split(",")}
    return {name: value for name, value in properties.items() if name in wanted}


def _not_found() -> SharePointError:
    return SharePointError(HTTPStatus.NOT_FOUND, "-2147024894, System.IO.FileNotFoundException", "File Not Found.")
