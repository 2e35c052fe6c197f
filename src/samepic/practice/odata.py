"""SharePoint's dialect of OData: calls in paths, and one value in the shapes a client may ask for. Pure.

A path is a chain of calls, `web/GetFolderByServerRelativeUrl('/a')/Files/add(url='b',overwrite=true)`; arguments are
named, positional, or aliases (`@v`) that the query string resolves. Answers are *verbose*, with *minimal* metadata
(what plain `application/json` means), with none, or Atom for whoever does not ask for JSON at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from samepic.practice.wire import Answer, Ask

_CALL = re.compile(r"([^/(]+)(?:\(((?:[^'()]|'(?:[^']|'')*')*)\))?(?:/|$)")
_ARGUMENT = re.compile(r"\s*(?:(\w+)\s*=\s*)?('(?:[^']|'')*'|guid'[^']*'|[^,']+)\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class Call:
    """One segment. `name` is in lower case; `named` holds arguments by lower-case name."""

    name: str
    positional: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)

    def argument(self, name: str, place: int = 0) -> str | None:
        """By name in any case, else by place."""
        found = self.named.get(name.casefold())
        return found if found is not None else next(iter(self.positional[place : place + 1]), None)


def calls(path: str, query: Mapping[str, str]) -> tuple[Call, ...]:
    """The chain in a percent-decoded path, aliases resolved. Raises SharePointError where it cannot be read."""
    found, at = [], 0
    path = path.strip("/")
    while at < len(path):
        match = _CALL.match(path, at)
        if match is None:
            code = "-1, Microsoft.SharePoint.Client.InvalidClientQueryException"
            raise SharePointError(HTTPStatus.BAD_REQUEST, code, f"The expression '{path}' is not valid.")
        found.append(_call(match[1], match[2] or "", query))
        at = match.end()
    if not found:
        raise SharePointError(HTTPStatus.NOT_FOUND, "-1, System.ArgumentException", "There is no resource here.")
    return tuple(found)


def _call(name: str, inside: str, query: Mapping[str, str]) -> Call:
    positional, named = [], {}
    for key, text in _ARGUMENT.findall(inside):
        value = literal(query.get(text.casefold(), "") if text.startswith("@") else text)
        if key:
            named[key.casefold()] = value
        else:
            positional.append(value)
    return Call(name.casefold(), tuple(positional), named)


def literal(text: str) -> str:
    """A quoted text without its quotes, anything else as it stands."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def json_object(body: bytes) -> dict[str, Any]:
    """What was sent; empty where it is no object."""
    try:
        given = json.loads(body)
    except ValueError:
        given = None
    return given if isinstance(given, dict) else {}


class Shape(Enum):
    VERBOSE = "verbose"
    MINIMAL = "minimalmetadata"
    NONE = "nometadata"
    ATOM = "atom"


def shape_wanted(ask: Ask) -> Shape:
    accept = ask.headers.get("accept", "").casefold().replace(" ", "")
    if "odata=verbose" in accept:
        return Shape.VERBOSE
    if "odata=nometadata" in accept or "odata.metadata=none" in accept:
        return Shape.NONE
    return Shape.MINIMAL if "json" in accept else Shape.ATOM


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing with properties; `uri` is relative to `_api/`.

    `function` is set for a value that is no entity of its own: verbose answers wrap it in the function's name.
    """

    type: str
    uri: str
    properties: Mapping[str, Any]
    etag: str | None = None
    function: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Several entities, and the address of more."""

    entities: Sequence[Entity]
    more: str | None = None


@dataclass(frozen=True, slots=True)
class Scalar:
    """What a function gives that is no entity: a text, or null. `name` is the function's."""

    name: str
    value: str | None


Value = Entity | Page | Scalar


class SharePointError(Exception):
    """`code` is the number and the .NET type, as SharePoint gives them."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def answer(self, shape: Shape) -> Answer:
        if shape is Shape.ATOM:
            inner = f"<m:code>{escape(self.code)}</m:code><m:message>{escape(self.message)}</m:message>"
            return _xml(f"<m:error {_NAMESPACES}>{inner}</m:error>", self.status)
        body = {"code": self.code, "message": {"lang": "en-US", "value": self.message}}
        return _json({"error" if shape is Shape.VERBOSE else "odata.error": body}, shape, self.status)


def shown(value: Value, shape: Shape, base: str) -> Answer:
    """The value on the wire. `base` is the address of `_api/`."""
    if shape is Shape.ATOM:
        return _xml(_atom(value))
    if isinstance(value, Scalar):
        return _json(_scalar(value, shape, base), shape)
    if isinstance(value, Entity):
        entity = _entity(value, shape, base)
        head = {"odata.metadata": f"{base}$metadata#{value.type}"} if shape is Shape.MINIMAL else {}
        return _json({"d": entity} if shape is Shape.VERBOSE else head | entity, shape, etag=value.etag)
    entities = [_entity(entity, shape, base) for entity in value.entities]
    if shape is Shape.VERBOSE:
        return _json({"d": {"results": entities} | ({"__next": value.more} if value.more else {})}, shape)
    more = {"odata.nextLink": value.more} if value.more else {}
    return _json({"value": entities} | more, shape)


def _entity(entity: Entity, shape: Shape, base: str) -> dict[str, Any]:
    uri = f"{base}{entity.uri}"
    if shape is Shape.VERBOSE and entity.function:
        return {entity.function: {"__metadata": {"type": entity.type}, **entity.properties}}
    if shape is Shape.VERBOSE:
        etag = {"etag": entity.etag} if entity.etag else {}
        lists = {name: _verbose(value) for name, value in entity.properties.items()}
        return {"__metadata": {"id": uri, "uri": uri, **etag, "type": entity.type}} | lists
    if shape is Shape.NONE:
        return dict(entity.properties)
    etag = {"odata.etag": entity.etag} if entity.etag else {}
    return {"odata.type": entity.type, "odata.id": uri, **etag, "odata.editLink": entity.uri, **entity.properties}


def _verbose(value: Any) -> Any:
    return {"results": value} if isinstance(value, list) else value


def _scalar(value: Scalar, shape: Shape, base: str) -> dict[str, Any]:
    if shape is Shape.VERBOSE:
        return {"d": {value.name: value.value}}
    if value.value is None:
        return {"odata.null": True}
    head = {"odata.metadata": f"{base}$metadata#Edm.String"} if shape is Shape.MINIMAL else {}
    return head | {"value": value.value}


def _json(content: Any, shape: Shape, status: int = 200, etag: str | None = None) -> Answer:
    kind = f"application/json;odata={shape.value};streaming=true;charset=utf-8"
    headers = {"Content-Type": kind, "Cache-Control": "private, max-age=0"}
    return Answer(status, content, headers | ({"ETag": etag} if etag else {}))


_NAMESPACES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"'
    ' xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"'
)


def _atom(value: Value) -> str:
    """What a client gets that forgot to ask for JSON: enough to see what happened."""
    if isinstance(value, Page):
        return f"<feed {_NAMESPACES}>{''.join(map(_entry, value.entities))}</feed>"
    if isinstance(value, Entity):
        return _entry(value)
    return f"<d:{value.name} {_NAMESPACES}>{escape(value.value or '')}</d:{value.name}>"


def _entry(entity: Entity) -> str:
    flat = {name: value for name, value in entity.properties.items() if not isinstance(value, list | dict)}
    properties = "".join(f"<d:{name}>{escape(str(value))}</d:{name}>" for name, value in flat.items())
    body = f'<content type="application/xml"><m:properties>{properties}</m:properties></content>'
    return f"<entry {_NAMESPACES}>{body}</entry>"


def _xml(text: str, status: int = 200) -> Answer:
    declared = f'<?xml version="1.0" encoding="utf-8"?>{text}'
    return Answer(status, declared.encode(), {"Content-Type": "application/xml;charset=utf-8"})
