"""What `check` finds out about a domain, besides what it does about any directory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from samepic.connectors.active_directory.directory import DomainDirectory, address
from samepic.connectors.active_directory.dirsync import Feed
from samepic.connectors.active_directory.options import LIMIT, ActiveDirectoryOptions
from samepic.connectors.ldap.checking import Checkup
from samepic.connectors.ldap.session import LdapSession
from samepic.model import Level

_TOLERATED = timedelta(minutes=5)

_ASKED = 20
"""Rights differ: accounts of administrators are protected, and keep what was delegated from reaching them."""

_EFFECTIVE = "allowedAttributesEffective"
"""Which attributes of an object whoever asks may write (MS-ADTS, 3.1.1.4.5.20)."""


class DomainCheckup(Checkup):
    """See the module."""

    def __init__(
        self,
        session: LdapSession,
        directory: DomainDirectory,
        options: ActiveDirectoryOptions,
        feed: Feed,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(session, directory, options)
        self._feed = feed
        self._clock = clock

    async def _signing_in(self) -> list[tuple[Level, str, str]]:
        """Reading the time needs no rights, and signing in."""
        root = await self._session.read("", ("currentTime", "defaultNamingContext"))
        who = self._options.user or "the holder of the Kerberos ticket"
        domain = root.text("defaultNamingContext") if root else ""
        found = [(Level.GOOD, f"{domain} takes us for {who}.", "")]
        apart = abs(_time(root.text("currentTime")) - self._clock()) if root else timedelta(0)
        if apart > _TOLERATED:
            said = f"The domain controller's clock and this machine's are {int(apart.total_seconds()):,} seconds apart."
            found.append((Level.WARNING, said, "Set the clocks: Kerberos takes five minutes at most."))
        return found

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
            return [(Level.GOOD, "Changes are told by the domain (DirSync).", "")]
        said = "Changes of what this account may see are told by the domain (DirSync)."
        return [(Level.GOOD, said, "")]


def _time(text: str) -> datetime:
    """GeneralizedTime as controllers write it: 20261123041327.0Z."""
    return datetime.strptime(text.partition(".")[0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
