"""What `check` finds out about a domain, besides what it does about any directory."""

from __future__ import annotations

from samepic.connectors.active_directory.directory import DomainDirectory, address
from samepic.connectors.active_directory.dirsync import Feed
from samepic.connectors.active_directory.options import LIMIT, ActiveDirectoryOptions
from samepic.connectors.ldap.checking import Checkup
from samepic.connectors.ldap.session import LdapSession
from samepic.model import Level

_EFFECTIVE = "allowedAttributesEffective"
"""Which attributes of an object whoever asks may write (MS-ADTS, 3.1.1.4.5.20)."""


class DomainCheckup(Checkup):
    """See the module."""

    def __init__(
        self, session: LdapSession, directory: DomainDirectory, options: ActiveDirectoryOptions, feed: Feed
    ) -> None:
        super().__init__(session, directory, options)
        self._feed = feed

    async def _attribute(self) -> list[tuple[Level, str, str]]:
        name = self._options.attribute
        if name == "thumbnailPhoto":
            return [(Level.GOOD, f"{name} takes one value of at most {LIMIT:,} bytes.", "")]
        return [(Level.GOOD, f"{name} takes any number of values.", "")]

    async def _writing(self) -> list[tuple[Level, str, str]]:
        name, barred = self._options.attribute, 0
        for ref in self._refs[:_ASKED]:
            entry = await self._session.read(address(ref), (_EFFECTIVE,))
            barred += entry is not None and name not in entry.texts(_EFFECTIVE)
        asked = min(_ASKED, len(self._refs))
        if barred:
            remedy = f"Delegate writing {name} on the people's OU. Where this system is only a source, all is well."
            return [(Level.WARNING, f"{name} may not be written for {barred} of {asked} people asked.", remedy)]
        said = f"{name} may be written, which {asked} people were asked for, up to {self._options.max_bytes:,} bytes."
        return [(Level.GOOD, said, "")]

    async def _changes(self) -> list[tuple[Level, str, str]]:
        if await self._feed.sees_everything():
            return [(Level.GOOD, "Changes are told by the domain (DirSync), deletions included.", "")]
        said = "Changes of what this account may see are told by the domain (DirSync), deletions found by the next run."
        return [(Level.GOOD, said, "")]


_ASKED = 20
"""Rights differ: accounts of administrators are protected, and keep what was delegated from reaching them."""
