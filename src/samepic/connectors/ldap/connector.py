"""Pictures in an LDAP directory. Source and target.

A version is the digest of what the attribute holds; `pictures.py` says why, `remembered.py` what keeps that cheap.

A write with an expectation reads the picture, compares, and replaces it on condition that the entry is still as it was
read (assertion control, RFC 4528). Where something else in the entry has changed in between, it is read and compared
again. A server without that control leaves a moment between comparing and writing; `check` says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import ClassVar

from samepic.connectors.base import Connector, Surroundings, unseen
from samepic.connectors.http import trust
from samepic.connectors.ldap import people, pictures
from samepic.connectors.ldap.checking import Checkup
from samepic.connectors.ldap.directory import FEW, Directory, Held, Listed
from samepic.connectors.ldap.entry import Control
from samepic.connectors.ldap.feed import changes
from samepic.connectors.ldap.groups import Groups
from samepic.connectors.ldap.guard import ASSERTION, assertion
from samepic.connectors.ldap.line import SignIn
from samepic.connectors.ldap.options import LdapOptions
from samepic.connectors.ldap.remembered import Memory, stamp_name
from samepic.connectors.ldap.session import LdapSession
from samepic.errors import ConnectorError, Gone, Moved, Refused
from samepic.model import Account, Change, Demand, Finding, Photo, Sighting, Traits, Unseen

TRIES = 3
"""How often a write is begun anew because the entry moved, or changed in another respect, under our hands."""

_LOT = 200
"""So many are looked at together, and what is learned of them is noted together."""


class LdapConnector(Connector):
    """See the module."""

    options_type = LdapOptions
    directory_type: ClassVar[type[Directory]] = Directory
    groups_type: ClassVar[type[Groups]] = Groups

    def __init__(self, name: str, options: LdapOptions, around: Surroundings) -> None:
        super().__init__(name, options, around)
        self._options = options
        self._session = LdapSession(
            name,
            options.servers(),
            self._sign_in(options),
            trust=lambda: trust(options.ca, f"systems.{name}.ca") if options.ca else trust(around.ca),
            traffic=around.traffic,
            clock=around.clock,
            reads_only=around.reads_only,
        )
        self._directory = self.directory_type(self._session, options)
        self._groups = self.groups_type(self._session, self._directory, options)
        self._memory = Memory(around.memo, around.clock)
        self.traits = Traits(
            {pictures.PICTURE: self._demand(options)},
            writes=True,
            removes=True,
            guarded=True,
            verbatim=True,
            feeds=True,
            groups=True,
        )

    def _sign_in(self, options: LdapOptions) -> SignIn:
        return SignIn(options.user, self._password)

    def _demand(self, options: LdapOptions) -> Demand:
        return Demand(("image/jpeg",), (min(48, options.side), options.side), options.max_bytes)

    def _password(self) -> str:
        secret = self._options.password
        return secret.read().decode().rstrip("\r\n") if secret else ""

    async def close(self) -> None:
        await self._session.close()

    async def roster(self) -> AsyncIterator[Account]:
        found = [one async for one in self._directory.people(people.attributes(self._options.keys))]
        inactive = await self._inactive()
        scope = await self._groups.scope(found)
        for ref, entry in found:
            if ref in scope:
                yield people.account(ref, entry, self._options.keys, active=ref not in inactive)

    async def fetch(self, ref: str) -> Photo | None:
        return pictures.picture(self._allowed(await self._directory.held(ref)).values)

    async def fetch_all(self, ref: str) -> Mapping[str, Photo]:
        return pictures.originals((await self._directory.held(ref)).values)

    async def peek(self, ref: str) -> Sighting:
        version = await self._memory.version(ref, await self._directory.stamp(ref))
        if version:
            return Sighting(True, version)
        seen = await self._read(ref)
        await self._memory.save()
        return seen

    async def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        try:
            listing = await self._directory.listing() if len(refs) > FEW else {}
            if await self._mostly_new(listing):
                await self._learn()
        except ConnectorError as trouble:
            for ref in refs:
                yield ref, unseen(trouble)
            return
        for start in range(0, len(refs), _LOT):
            lot = refs[start : start + _LOT]
            seen = await asyncio.gather(*(self._listed(ref, listing.get(ref)) for ref in lot))
            await self._memory.save()
            for answer in zip(lot, seen, strict=True):
                yield answer

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        values = pictures.values(photos, self.traits.demands)
        await self._replace(ref, values, expect)
        try:
            return await self.peek(ref)
        except ConnectorError:
            return pictures.sighting(values)  # the write was acknowledged; only the look after it failed

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        await self._replace(ref, [], expect)

    def changes(self, since: str | None) -> AsyncIterator[Change]:
        return changes(self._session, self._directory, self._options, since)

    async def members(self, group: str) -> frozenset[str]:
        return await self._groups.members(group)

    async def check(self) -> list[Finding]:
        return await Checkup(self._session, self._directory, self._options).findings()

    async def _inactive(self) -> frozenset[str]:
        if not self._options.inactive:
            return frozenset()
        return frozenset([ref async for ref, _ in self._directory.people((), self._options.inactive)])

    async def _mostly_new(self, listing: Mapping[str, Listed]) -> bool:
        """Are so many pictures unknown that reading all of them costs less than asking for each?"""
        pictured = [(ref, one.stamp) for ref, one in listing.items() if one.present]
        known = [await self._memory.version(ref, at) for ref, at in pictured]
        return known.count(None) > max(FEW, len(pictured) // 4)

    async def _learn(self) -> None:
        """Reads every picture, to know which one it is."""
        async with aclosing(self._directory.pictures()) as held:
            async for ref, one in held:
                self._note(ref, one)
        await self._memory.save()

    def _note(self, ref: str, held: Held) -> Sighting:
        seen = pictures.sighting(held.values)
        if seen.version and (len(held.values) == 1 or self._options.several == "replace"):
            self._memory.note(ref, held.stamp, seen.version)
        return seen

    async def _listed(self, ref: str, listed: Listed | None) -> Sighting | Unseen:
        """What a listing says of somebody; a look where it says nothing, or something new."""
        if listed is not None and not listed.present:
            return Sighting(False)
        version = await self._memory.version(ref, listed.stamp) if listed else None
        if version:
            return Sighting(True, version)
        try:
            return await self._read(ref)
        except ConnectorError as trouble:
            return unseen(trouble)

    async def _read(self, ref: str) -> Sighting:
        return self._note(ref, self._allowed(await self._directory.held(ref)))

    def _allowed(self, held: Held) -> Held:
        """Raises Refused for more than one picture, unless the settings say what to do about that."""
        if len(held.values) > 1 and self._options.several == "report":
            raise Refused(
                f"{held.dn} has {len(held.values)} values in {self._options.attribute}; which one counts?",
                system=self.name,
                remedy='Keep one of them, or set `several = "replace"`.',
            )
        return held

    async def _replace(self, ref: str, values: Sequence[bytes], expect: str | None) -> None:
        for _ in range(TRIES):
            held = await self._directory.held(ref)
            if expect is not None and pictures.sighting(held.values).version != expect:
                break
            if not values and not held.values:
                return
            try:
                await self._session.modify(
                    held.dn,
                    {self._options.attribute: [("MODIFY_REPLACE", values)]},
                    await self._conditions(ref, held, expect),
                )
            except (Moved, Gone):
                self._directory.forget(ref)
            else:
                return
        raise Moved("Another picture is there by now, or the entry changes all the time.", system=self.name)

    async def _conditions(self, ref: str, held: Held, expect: str | None) -> list[Control]:
        """The entry of that DN must still be this person's; with an expectation, nothing in it may have changed."""
        if not await self._session.supports(ASSERTION):
            return []
        unchanged = {stamp_name(held.stamp): held.stamp} if expect is not None and held.stamp else {}
        return [assertion({self._options.ref: ref} | unchanged)]
