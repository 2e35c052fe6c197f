"""Conversations with a directory: a few connections, each used by one thread at a time, never on the event loop.

    session = LdapSession("ldap", [Server.parse("ldap://ds.example.com")], SignIn("cn=samepic,...", secret), ...)
    async for entry in session.search(Query("ou=people,dc=example,dc=com", "(objectClass=inetOrgPerson)", ("uid",))):
        ...

Servers are tried in their order, each time a connection is needed. A refused sign-in is remembered for a while:
trying a wrong password again and again is what locks accounts. Every error carries the system's name.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from samepic.connectors.ldap.answers import SignInRefused
from samepic.connectors.ldap.entry import Answer, Control, Entry, Query
from samepic.connectors.ldap.line import PAGED, Line, Server, SignIn
from samepic.connectors.traffic import Clock, Traffic
from samepic.errors import ConnectorError, Denied, Failed, Gone, Refused, SettingsError

PAGE = 500
LINES = 4
FORGIVEN = timedelta(minutes=15)
"""After this time an account that was refused is tried again: somebody may have repaired it."""

Change = tuple[Literal["MODIFY_ADD", "MODIFY_DELETE", "MODIFY_REPLACE"], Sequence[bytes]]

_Result = TypeVar("_Result")


class LdapSession:
    """See the module. With `reads_only` nothing that could change the directory is sent."""

    def __init__(
        self,
        system: str,
        servers: Sequence[Server],
        sign_in: SignIn,
        *,
        trust: Callable[[], ssl.SSLContext],
        traffic: Traffic,
        clock: Clock,
        reads_only: bool = False,
    ) -> None:
        self.system = system
        self.servers = tuple(servers)
        self._sign_in = sign_in
        self._trust = trust
        self._traffic = traffic
        self._clock = clock
        self._reads_only = reads_only
        self._idle: list[Line] = []
        self._free = asyncio.Semaphore(LINES)
        self._opening = asyncio.Lock()
        self._refused: tuple[SignInRefused, datetime] | None = None
        self._root: Entry | None = None

    async def close(self) -> None:
        """Says goodbye on every connection."""
        while self._idle:
            await _in_thread(self._idle.pop().close)

    async def search(self, query: Query, page: int = PAGE) -> AsyncGenerator[Entry, None]:
        """Every entry that fits, a page at a time (RFC 2696). Raises on the first trouble."""
        async with aclosing(self.pages(query, page)) as answers:
            async for answer in answers:
                for entry in answer.entries:
                    yield entry

    async def pages(self, query: Query, page: int = PAGE) -> AsyncGenerator[Answer, None]:
        """The same, with what else came: referrals, controls."""
        async with self._line() as line:
            cookie = b""
            while True:
                answer = await self._asked(line, lambda cookie=cookie: line.ask(query, (page, cookie)))  # type: ignore[misc]
                yield answer
                cookie = answer.controls.get(PAGED, {}).get("cookie", b"")
                if not cookie:
                    return

    async def ask(self, query: Query) -> Answer:
        """One search without pages, with its controls."""
        async with self._line() as line:
            return await self._asked(line, lambda: line.ask(query))

    async def read(self, dn: str, attributes: Sequence[str], filter: str = "(objectClass=*)") -> Entry | None:  # noqa: A002 -- the protocol's word
        """The entry of that name; None where there is none, or it does not fit the filter."""
        try:
            answer = await self.ask(Query(dn, filter, tuple(attributes), "base"))
        except Gone:
            return None
        return next(iter(answer.entries), None)

    async def root(self) -> Entry:
        """What the server says of itself, asked once."""
        if self._root is None:
            self._root = await self.read("", ("*", "+")) or Entry("", {})
        return self._root

    async def supports(self, oid: str) -> bool:
        """Does the server advertise this control or extension?"""
        root = await self.root()
        return any(oid in root.texts(name) for name in ("supportedControl", "supportedExtension"))

    async def modify(
        self, dn: str, changes: Mapping[str, Sequence[Change]], controls: Sequence[Control] = (), *, about: str = ""
    ) -> Answer:
        """All changes of one entry, or none; `about` is what errors call it.

        Raises Gone, Denied, Refused, Moved (an assertion failed), Failed, and Unclear where the answer was lost.
        """
        if self._reads_only:
            raise Refused(f"This is a rehearsal: {about or dn} was not changed.", system=self.system)
        async with self._line() as line:
            return await self._asked(line, lambda: line.modify(dn, changes, controls, about or dn))

    async def whoami(self) -> str:
        """Whom the server takes us for; empty for nobody."""
        async with self._line() as line:
            return await self._asked(line, line.whoami)

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[Line]:
        """A connection for as long as the block runs. One that something happened to is not used again."""
        async with self._free:
            line = await self._opened()
            try:
                yield line
            except ConnectorError:
                self._put_back(line)
                raise
            except BaseException:
                line.drop()
                raise
            self._put_back(line)

    def _put_back(self, line: Line) -> None:
        if line.stale:
            line.drop()
        else:
            self._idle.append(line)

    async def _opened(self) -> Line:
        while self._idle:
            line = self._idle.pop()
            if not line.stale:
                return line
            line.drop()
        async with self._opening:  # one at a time, or a wrong password would be tried by several at once
            return await self._first_that_answers()

    async def _first_that_answers(self) -> Line:
        if self._refused is not None and self._clock() < self._refused[1] + FORGIVEN:
            raise self._refused[0]
        troubles: list[ConnectorError] = []
        for server in self.servers:
            try:
                return await self._asked(None, lambda server=server: Line.open(server, self._sign_in, self._trust()))  # type: ignore[misc]
            except SignInRefused as trouble:
                self._refused = trouble, self._clock()
                raise
            except (Denied, Failed) as trouble:
                troubles.append(trouble)
        raise _all_in_one(troubles)

    async def _asked(self, line: Line | None, work: Callable[[], _Result]) -> _Result:
        try:
            return await _in_thread(work)
        except ConnectorError as trouble:
            trouble.system = trouble.system or self.system
            raise
        except SettingsError as trouble:
            raise Denied(trouble.message, system=self.system, remedy=trouble.remedy) from None
        finally:
            self._traffic.count(0, 0)


def _all_in_one(troubles: Sequence[ConnectorError]) -> ConnectorError:
    """No server would: the first one's trouble, and what the others said."""
    first, *others = troubles
    also = "".join(f" {other}" for other in others)
    return type(first)(f"{first}{also}", system=first.system, remedy=first.remedy)


async def _in_thread(work: Callable[[], _Result]) -> _Result:
    """Cancelled, it leaves the thread to end by itself. The connection in use is hung up by whoever holds it, one that
    was only being opened as soon as it is open.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_abandoned)
        raise


def _abandoned(task: asyncio.Task[object]) -> None:
    if not task.cancelled() and task.exception() is None and isinstance(line := task.result(), Line):
        line.drop()
