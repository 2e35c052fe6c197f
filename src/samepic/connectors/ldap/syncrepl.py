"""The content synchronization operation (RFC 4533), as values. Pure.

Only refreshing is used: what has changed since a cookie, then goodbye. A server that remembers deletions names the
deleted; one that does not names everybody who is still there, which the next roll finds out by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import namedtype, tag, univ

from samepic.connectors.ldap.entry import Answer, Control
from samepic.errors import Failed

REQUEST = "1.3.6.1.4.1.4203.1.9.1.1"
_STATE, _DONE, _INFO = (f"1.3.6.1.4.1.4203.1.9.1.{number}" for number in (2, 3, 4))
_REFRESH_ONLY = 1
_PRESENT = 0
_ID_SET = tag.Tag(tag.tagClassContext, tag.tagFormatConstructed, 3)


def _fields(*types: Any) -> namedtype.NamedTypes:
    return namedtype.NamedTypes(*types)


class _RequestValue(univ.Sequence):  # type: ignore[misc] # pyasn1 has no types
    componentType = _fields(  # noqa: N815 -- pyasn1's name
        namedtype.NamedType("mode", univ.Enumerated()), namedtype.OptionalNamedType("cookie", univ.OctetString())
    )


class _StateValue(univ.Sequence):  # type: ignore[misc] # pyasn1 has no types
    componentType = _fields(  # noqa: N815 -- pyasn1's name
        namedtype.NamedType("state", univ.Enumerated()),
        namedtype.NamedType("entryUUID", univ.OctetString()),
        namedtype.OptionalNamedType("cookie", univ.OctetString()),
    )


class _DoneValue(univ.Sequence):  # type: ignore[misc] # pyasn1 has no types
    componentType = _fields(  # noqa: N815 -- pyasn1's name
        namedtype.OptionalNamedType("cookie", univ.OctetString()),
        namedtype.DefaultedNamedType("refreshDeletes", univ.Boolean(value=False)),
    )


class _IdSet(univ.Sequence):  # type: ignore[misc] # pyasn1 has no types
    tagSet = univ.Sequence.tagSet.tagImplicitly(_ID_SET)  # noqa: N815 -- pyasn1's name
    componentType = _fields(  # noqa: N815 -- pyasn1's name
        namedtype.OptionalNamedType("cookie", univ.OctetString()),
        namedtype.DefaultedNamedType("refreshDeletes", univ.Boolean(value=False)),
        namedtype.NamedType("syncUUIDs", univ.SetOf(componentType=univ.OctetString())),
    )


def request(cookie: bytes | None) -> Control:
    """The control for what has changed since the cookie; without one, for everything."""
    value = _RequestValue()
    value["mode"] = _REFRESH_ONLY
    if cookie:
        value["cookie"] = cookie
    return REQUEST, True, encoder.encode(value)


def cookie(answer: Answer) -> bytes | None:
    """Where the next refresh goes on; None where the server gave none."""
    value = answer.controls.get(_DONE)
    if not value:
        return None
    done = _decoded(value, _DoneValue())
    return bytes(done["cookie"]) if done["cookie"].hasValue() else None


def changed(answer: Answer) -> Iterator[str]:
    """The `entryUUID` of every entry that is new, changed or deleted."""
    for entry in answer.entries:
        state = _decoded(entry.controls.get(_STATE, b""), _StateValue())
        if int(state["state"]) != _PRESENT:
            yield str(UUID(bytes=bytes(state["entryUUID"])))
    for oid, value in answer.notices:
        if oid == _INFO and value[:1] == b"\xa3":  # syncIdSet; the others only bring cookies
            found = _decoded(value, _IdSet())
            yield from (str(UUID(bytes=bytes(one))) for one in found["syncUUIDs"] if found["refreshDeletes"])


def _decoded(value: bytes, spec: Any) -> Any:
    try:
        return decoder.decode(value, asn1Spec=spec)[0]
    except PyAsn1Error as why:
        raise Failed(f"The directory's answer about changes cannot be read: {why}.") from None
