"""The feed of a domain: DirSync (MS-ADTS, 3.1.1.3.4.1.3), which tells changes since a cookie.

It looks at a whole domain, so it names accounts out of scope, too; and only at the picture's attribute, so renaming
somebody is no change. A removed picture is an attribute that is mentioned and empty; a deleted account says so itself:
for both, the account is looked at again.

Deletions are told to whoever may look into the container `Deleted Objects`; the next run finds them for others.

A cookie that the controller cannot go on from (it is too old, or another domain's) makes everybody count as changed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import AsyncIterator
from contextlib import aclosing

from pyasn1.codec.ber import encoder
from pyasn1.type import namedtype, univ

from samepic.connectors.active_directory.directory import DomainDirectory
from samepic.connectors.ldap.entry import Answer, Control, Entry, Query
from samepic.connectors.ldap.session import LdapSession
from samepic.errors import Denied, Refused
from samepic.model import Change

DIRSYNC = "1.2.840.113556.1.4.841"
_ANYTHING, _WHAT_WE_MAY_SEE = 0, 1
"""Flags: everything, for those with the right "Replicating Directory Changes"; or LDAP_DIRSYNC_OBJECT_SECURITY."""

_MOST = 10_000_000
"""Bytes of one answer at most."""

_PEOPLE = "(&(objectClass=user)(!(objectClass=computer)))"
"""A deleted object keeps its classes, and loses its category."""

_NOBODY = "(!(objectClass=*))"
"""What fits nothing still brings a cookie: from now on."""


class _RequestValue(univ.Sequence):  # type: ignore[misc] # pyasn1 has no types
    componentType = namedtype.NamedTypes(  # noqa: N815 -- pyasn1's name
        namedtype.NamedType("flags", univ.Integer()),
        namedtype.NamedType("maxBytes", univ.Integer()),
        namedtype.NamedType("cookie", univ.OctetString()),
    )


def request(flags: int, cookie: bytes) -> Control:
    """The control for what has changed since the cookie; without one, for everything."""
    value = _RequestValue()
    value["flags"], value["maxBytes"], value["cookie"] = flags, _MOST, cookie
    return DIRSYNC, True, encoder.encode(value)


class Feed:
    """What changed in the domain. Whether we may see everything is found out once."""

    def __init__(self, session: LdapSession, directory: DomainDirectory, attribute: str) -> None:
        self._session = session
        self._directory = directory
        self._attributes = (attribute, "isDeleted")
        self._flags = _ANYTHING

    async def changes(self, since: str | None) -> AsyncIterator[Change]:
        """Everything since the token; None starts now."""
        if since is None:
            yield Change(await self._now())
            return
        refs, token = await self._since(since)
        for ref in refs[:-1]:
            yield Change(since, ref)
        if refs or token != since:
            yield Change(token, refs[-1] if refs else None)

    async def sees_everything(self) -> bool:
        """Has this account the right to all changes, whatever else it may see?"""
        await self._now()
        return self._flags == _ANYTHING

    async def _now(self) -> str:
        _, cookie = await self._page(_NOBODY, b"")
        return b64encode(cookie).decode()

    async def _since(self, token: str) -> tuple[list[str], str]:
        """(refs, token after)."""
        try:
            return await self._changed(b64decode(token, validate=True))
        except (Refused, NotBase64):
            after = await self._now()  # before the look, so that nothing falls between the two
            async with aclosing(self._directory.people(())) as people:
                return [ref async for ref, _ in people], after

    async def _changed(self, cookie: bytes) -> tuple[list[str], str]:
        refs: dict[str, None] = {}
        while True:
            entries, after = await self._page(_PEOPLE, cookie)
            refs.update(dict.fromkeys(entry.text("objectGUID") for entry in entries))
            if not entries or after == cookie:
                return list(refs), b64encode(after).decode()
            cookie = after

    async def _page(self, filter: str, cookie: bytes) -> tuple[list[Entry], bytes]:  # noqa: A002 -- the protocol's word
        try:
            answer = await self._ask(filter, cookie)
        except Denied:
            if self._flags == _WHAT_WE_MAY_SEE:
                raise
            self._flags = _WHAT_WE_MAY_SEE
            answer = await self._ask(filter, cookie)
        after = answer.controls.get(DIRSYNC) or {}
        return [self._directory.legible(entry) for entry in answer.entries], after.get("cookie") or cookie

    async def _ask(self, filter: str, cookie: bytes) -> Answer:  # noqa: A002 -- the protocol's word
        domain = (await self._session.root()).text("defaultNamingContext")
        return await self._session.ask(
            Query(domain, filter, self._attributes, controls=(request(self._flags, cookie),))
        )
