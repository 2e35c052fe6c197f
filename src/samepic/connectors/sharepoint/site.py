"""One SharePoint host: its REST interface, and the digest it wants with every write."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from samepic.connectors.answers import Answer
from samepic.connectors.http import Session
from samepic.errors import Denied, Failed, Gone, Refused

MINIMAL = "application/json;odata=minimalmetadata"
"""With `odata.etag` for each item, which the plainer form leaves out."""

PLAIN = "application/json;odata=nometadata"

_RENEW_BEFORE = timedelta(minutes=1)


def literal(text: str) -> str:
    """A string as it stands in a REST address: in quotes, quotes doubled, everything else percent-encoded."""
    return f"'{quote(text.replace(chr(39), chr(39) * 2), safe='/')}'"


class Site:
    """Reads and writes below `/_api` of one host.

    Never raises Gone: a 404 here is about an address, and nobody's account is gone because an address is wrong.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.batches = True
        """Does this host take batches? Until it has refused one."""
        self._digest: tuple[str, datetime] | None = None
        self._under_way = asyncio.Lock()

    @property
    def address(self) -> str:
        return self.session.base

    async def get(self, path: str, *, shape: str = PLAIN, accept: Collection[int] = ()) -> Answer:
        """`path` begins behind `/_api`, or is the full address of a next page."""
        where = path if path.startswith("http") else f"/_api{path}"
        return await self._send("GET", where, {"Accept": shape}, accept)

    async def post(
        self,
        path: str,
        content: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        reads: bool | None = None,
    ) -> Answer:
        """A write, unless `reads` says otherwise.

        A digest that has run out is told from a missing right by asking once more with a fresh one.
        """
        try:
            return await self._post(path, content, headers or {}, accept, reads=reads)
        except Denied:
            if self._digest is None:
                raise
            self._digest = None
            return await self._post(path, content, headers or {}, accept, reads=reads)

    async def _post(
        self, path: str, content: bytes, headers: Mapping[str, str], accept: Collection[int], *, reads: bool | None
    ) -> Answer:
        signed = {"Accept": PLAIN, "X-RequestDigest": await self.digest(), **headers}
        return await self._send("POST", f"/_api{path}", signed, accept, content, reads=reads)

    async def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        accept: Collection[int],
        content: bytes | None = None,
        *,
        reads: bool | None = None,
    ) -> Answer:
        try:
            return await self.session.send(method, path, headers=headers, content=content, accept=accept, reads=reads)
        except Gone as trouble:
            raise Refused(f"{self.address}: {trouble}", system=self.session.system) from None

    async def digest(self) -> str:
        """The form digest of this host; kept until shortly before it runs out."""
        async with self._under_way:
            now = self.session.around.clock()
            if self._digest is None or now >= self._digest[1]:
                answer = await self.session.send(
                    "POST", "/_api/contextinfo", headers={"Accept": PLAIN}, content=b"", reads=True
                )
                said = answer.json()
                try:
                    lasts = timedelta(seconds=int(said["FormDigestTimeoutSeconds"]))
                    self._digest = (str(said["FormDigestValue"]), now + max(lasts - _RENEW_BEFORE, lasts / 2))
                except (KeyError, TypeError, ValueError):
                    raise Failed("SharePoint's answer holds no digest.", system=self.session.system) from None
            return self._digest[0]

    def __repr__(self) -> str:
        return f"Site({self.address!r})"
