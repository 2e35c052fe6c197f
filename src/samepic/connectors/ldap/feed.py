"""What has changed: by synchronization (RFC 4533) where the server has it, else by the stamps of the entries.

A token holds for each base how far it was read, and how. A server that cannot go on from there (its cookie is too old)
gives everything, so everybody counts as changed: doubt reads twice, never not at all. By stamps, deletions do not show;
the next roll finds them.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace

from samepic.connectors.ldap import syncrepl
from samepic.connectors.ldap.answers import RefreshRequired
from samepic.connectors.ldap.directory import Directory
from samepic.connectors.ldap.entry import NOTHING, Answer, Query
from samepic.connectors.ldap.options import LdapOptions
from samepic.connectors.ldap.remembered import STAMPS, stamp, stamp_name
from samepic.connectors.ldap.session import LdapSession
from samepic.model import Change


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a feed was read: cookies by base; or the newest stamp, and who had it when we read."""

    cookies: dict[str, str]
    stamp: str = ""
    seen: tuple[str, ...] = ()

    def to_text(self) -> str:
        return json.dumps({"cookies": self.cookies, "stamp": self.stamp, "seen": self.seen}, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Mark:
        """A token of another version is like none: from there, everybody counts as changed."""
        try:
            found = json.loads(text)
            return cls(dict(found["cookies"]), str(found["stamp"]), tuple(found["seen"]))
        except (KeyError, TypeError, ValueError):
            return cls({})


async def changes(
    session: LdapSession, directory: Directory, options: LdapOptions, since: str | None
) -> AsyncIterator[Change]:
    """Everything since the token; None starts now."""
    mark = None if since is None else Mark.from_text(since)
    refs, after = await _synchronized(session, options, mark) or await _stamped(directory, mark)
    token = after.to_text()
    if since is None:
        yield Change(token)
        return
    for ref in refs[:-1]:
        yield Change(since, ref)
    if refs or token != since:
        yield Change(token, refs[-1] if refs else None)


async def _synchronized(session: LdapSession, options: LdapOptions, mark: Mark | None) -> tuple[list[str], Mark] | None:
    """(changed refs, mark after); None where the server does not synchronize, or not by the refs we go by."""
    if options.ref.casefold() != "entryuuid" or not await session.supports(syncrepl.REQUEST):
        return None
    refs, cookies = dict[str, None](), dict[str, str]()
    for base in options.base:
        before = mark.cookies.get(base) if mark else None
        answer = await _refreshed(session, options, base, before)
        refs.update(dict.fromkeys(syncrepl.changed(answer)))
        after = syncrepl.cookie(answer)
        cookies[base] = b64encode(after).decode() if after else before or ""
    return list(refs), Mark(cookies)


async def _refreshed(session: LdapSession, options: LdapOptions, base: str, cookie: str | None) -> Answer:
    """What has changed since the cookie; everything where the server cannot tell any more."""
    query = Query(base, options.filter, (NOTHING,), options.scope)
    try:
        return await session.ask(replace(query, controls=(syncrepl.request(b64decode(cookie or "")),)))
    except RefreshRequired:
        return await session.ask(replace(query, controls=(syncrepl.request(None),)))


async def _stamped(directory: Directory, mark: Mark | None) -> tuple[list[str], Mark]:
    since = mark.stamp if mark else ""
    stamps = await _stamps(directory, since)
    newest = max(stamps.values(), default=since)
    seen = tuple(sorted(ref for ref, at in stamps.items() if at == newest))
    known = mark.seen if mark else ()
    return [ref for ref, at in stamps.items() if at != since or ref not in known], Mark({}, newest, seen)


async def _stamps(directory: Directory, since: str) -> dict[str, str]:
    """Stamps by ref of everybody changed since a stamp, those who had it themselves included."""
    async with aclosing(directory.people(STAMPS, f"({stamp_name(since)}>={since})" if since else "")) as people:
        return {ref: stamp(entry) async for ref, entry in people}
