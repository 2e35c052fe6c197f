"""Pictures in an Active Directory domain. Source and target.

It is an LDAP directory with habits of its own: objects answer to their GUID, a refused sign-in says why, replication
tells when the picture itself was changed, DirSync is the feed, and there is no assertion control.

A write needs none: the exact old value is deleted and the new one added in one request. Where the old one is not there
any more, or one is where none was, the controller refuses all of it. Two controllers may still take two writes at once;
then the later one wins on both, which the next look sees.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

from samepic.connectors.active_directory.checking import DomainCheckup
from samepic.connectors.active_directory.directory import DomainDirectory, address
from samepic.connectors.active_directory.dirsync import Feed
from samepic.connectors.active_directory.groups import DomainGroups
from samepic.connectors.active_directory.options import LIMIT, SMALL_BYTES, SMALL_SIDE, ActiveDirectoryOptions
from samepic.connectors.active_directory.signin import explain
from samepic.connectors.base import Surroundings
from samepic.connectors.ldap import pictures
from samepic.connectors.ldap.connector import TRIES, LdapConnector
from samepic.connectors.ldap.directory import Held
from samepic.connectors.ldap.line import SignIn
from samepic.connectors.ldap.options import LdapOptions
from samepic.connectors.ldap.session import Change as Step
from samepic.errors import Moved, Refused
from samepic.model import Change, Demand, Finding

SINGLE = "thumbnailPhoto"


class ActiveDirectoryConnector(LdapConnector):
    """See the module."""

    options_type = ActiveDirectoryOptions
    directory_type = DomainDirectory
    groups_type = DomainGroups

    _options: ActiveDirectoryOptions
    _directory: DomainDirectory

    def __init__(self, name: str, options: ActiveDirectoryOptions, around: Surroundings) -> None:
        super().__init__(name, options, around)
        self._feed = Feed(self._session, self._directory, options.attribute)

    def _sign_in(self, options: LdapOptions) -> SignIn:
        assert isinstance(options, ActiveDirectoryOptions)
        kerberos = options.sign_in == "kerberos"
        return SignIn(options.user, self._password, kerberos, partial(explain, options.user), options.keytab)

    def _demand(self, options: LdapOptions) -> Demand:
        demand = super()._demand(options)
        if isinstance(options, ActiveDirectoryOptions) and options.exchange_limit:
            return Demand(demand.media_types, (48, SMALL_SIDE), SMALL_BYTES)
        return demand

    def changes(self, since: str | None) -> AsyncIterator[Change]:
        return self._feed.changes(since)

    async def check(self) -> list[Finding]:
        checkup = DomainCheckup(self._session, self._directory, self._options, self._feed, self.around.clock)
        return await checkup.findings()

    async def _replace(self, ref: str, values: Sequence[bytes], expect: str | None) -> None:
        for _ in range(TRIES):
            held = await self._directory.held(ref)
            if expect is not None and pictures.sighting(held.values).version != expect:
                break
            self._require_room(held.dn, values)
            if await self._swapped(ref, held, values):
                return
        raise Moved("Another picture is there by now, or it changes all the time.", system=self.name)

    async def _swapped(self, ref: str, held: Held, values: Sequence[bytes]) -> bool:
        """Puts the values in the place of those that are held; false where others are there by now."""
        steps = swap(held.values, values)
        if not steps:
            return True
        try:
            await self._session.modify(address(ref), {self._options.attribute: steps}, about=held.dn)
        except Refused:
            if list((await self._directory.held(ref)).values) == list(held.values):
                raise
            return False
        alone = bool(held.values) or self._options.attribute == SINGLE
        return alone or await self._alone(ref, held.dn, values)

    async def _alone(self, ref: str, dn: str, values: Sequence[bytes]) -> bool:
        """An attribute of many values takes ours besides somebody else's: then ours is taken away again."""
        if set((await self._directory.held(ref)).values) <= set(values):
            return True
        await self._session.modify(address(ref), {self._options.attribute: swap(values, ())}, about=dn)
        raise Moved("Somebody else put a picture at the same moment.", system=self.name)

    def _require_room(self, dn: str, values: Sequence[bytes]) -> None:
        """Controllers say "invalid value" to what is too large, and to a second picture that there is one."""
        if self._options.attribute != SINGLE:
            return
        if len(values) > 1:
            raise Refused(f"{dn}: {SINGLE} takes one picture, and here are {len(values)}.", system=self.name)
        for value in values:
            if len(value) > LIMIT:
                raise Refused(
                    f"{dn}: {SINGLE} takes at most {LIMIT:,} bytes, and the picture has {len(value):,}.",
                    system=self.name,
                    remedy="Put a smaller one.",
                )


def swap(old: Sequence[bytes], new: Sequence[bytes]) -> list[Step]:
    """What turns these values into those, and works only where these are there."""
    less, more = [one for one in old if one not in new], [one for one in new if one not in old]
    steps: list[Step] = [("MODIFY_DELETE", less)] if less else []
    return [*steps, ("MODIFY_ADD", more)] if more else steps
