"""What `check` finds out about a directory: sign-in, rights, schema, what will be refused, what a look costs.

Whether a picture may be written is asked by deleting a value that no entry has. A server that lets this account write
says that there is no such value, or that values cannot be compared; one that does not says that it may not. Nothing is
written either way.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from math import ceil

from samepic.connectors.ldap import people, syncrepl
from samepic.connectors.ldap.answers import NoSuchValue
from samepic.connectors.ldap.directory import Directory
from samepic.connectors.ldap.entry import Query
from samepic.connectors.ldap.guard import ASSERTION
from samepic.connectors.ldap.line import WHOAMI
from samepic.connectors.ldap.options import LdapOptions
from samepic.connectors.ldap.session import PAGE, LdapSession
from samepic.errors import ConnectorError
from samepic.model import Finding, Level

_NAMES = re.compile(r"NAME\s+(?:'([^']+)'|\(([^)]*)\))")


class Checkup:
    """One look at everything. Without signing in, or without people, there is nothing more to learn."""

    def __init__(self, session: LdapSession, directory: Directory, options: LdapOptions) -> None:
        self._session, self._directory, self._options = session, directory, options
        self._refs: list[str] = []

    async def findings(self) -> list[Finding]:
        found = await self._looked("signing in", self._signing_in)
        found += await self._looked("people", self._people) if _fine(found) else []
        if not _fine(found):
            return found
        for subject, look in (
            ("attribute", self._attribute),
            ("reading pictures", self._reading),
            ("writing", self._writing),
            ("changes", self._changes),
        ):
            found += await self._looked(subject, look)
        return found

    async def _looked(self, subject: str, look: Callable[[], Awaitable[list[tuple[Level, str, str]]]]) -> list[Finding]:
        try:
            return [Finding(level, subject, message, remedy) for level, message, remedy in await look()]
        except ConnectorError as trouble:
            return [Finding(Level.PROBLEM, subject, str(trouble), trouble.remedy)]

    async def _signing_in(self) -> list[tuple[Level, str, str]]:
        who = await self._session.whoami() if await self._session.supports(WHOAMI) else self._options.user
        found = [(Level.GOOD, f"The directory knows us as {who}.", "")]
        if not who:
            remedy = "Set `user` and `password`, unless everybody may read what is needed."
            found = [(Level.WARNING, "Nobody is signed in: what is seen is what everybody may see.", remedy)]
        if not all(server.ldaps or server.starttls for server in self._session.servers):
            found.append((Level.WARNING, "The connection is not encrypted; it stays on this machine.", ""))
        return found

    async def _people(self) -> list[tuple[Level, str, str]]:
        sources, without_key = self._options.keys, 0
        async for ref, entry in self._directory.people(people.attributes(sources)):
            self._refs.append(ref)
            without_key += not people.keys(entry, sources)
        if not self._refs:
            said = f"Nobody in {' or '.join(self._options.base)} fits {self._options.filter}."
            return [(Level.PROBLEM, said, "Check `base` and `filter`, and what this account may see.")]
        count, pages = len(self._refs), ceil(len(self._refs) / PAGE)
        found = [(Level.GOOD, f"{count:,} people. Requests for a roster: {pages}; for a look at all: {pages + 1}.", "")]
        if without_key:
            said = f"{without_key:,} of them have nothing to be matched by."
            found.append((Level.WARNING, said, "Name in `keys` attributes that they have."))
        if elsewhere := self._directory.elsewhere:
            said = f"Parts of the directory are kept elsewhere and not looked at: {', '.join(sorted(elsewhere))}."
            found.append((Level.WARNING, said, "Make them systems of their own, if there are people in them."))
        return found

    async def _attribute(self) -> list[tuple[Level, str, str]]:
        name = self._options.attribute
        definition = await self._definition(name)
        if definition is None:
            said = f"The server's schema has no attribute {name}."
            return [(Level.PROBLEM, said, "Load the schema that has it, such as inetorgperson, or name another.")]
        values = "one value" if "SINGLE-VALUE" in definition else "any number of values"
        return [(Level.GOOD, f"{name} takes {values}.", "")]

    async def _definition(self, name: str) -> str | None:
        subschema = (await self._session.root()).text("subschemaSubentry") or "cn=Subschema"
        answer = await self._session.ask(Query(subschema, "(objectClass=subschema)", ("attributeTypes",), "base"))
        definitions = (text for entry in answer.entries for text in entry.texts("attributeTypes"))
        return next((text for text in definitions if name.casefold() in _names(text)), None)

    async def _reading(self) -> list[tuple[Level, str, str]]:
        listing = await self._directory.listing()
        pictures, hidden = sum(one.present for one in listing.values()), len(self._refs) - len(listing)
        found = [(Level.GOOD, f"{pictures:,} people have a picture, {len(listing) - pictures:,} have none.", "")]
        if hidden > 0:
            remedy = f"Let the account that samepic signs in as read {self._options.attribute}."
            return [(Level.PROBLEM, f"The pictures of {hidden:,} people may not be read.", remedy)]
        return found

    async def _writing(self) -> list[tuple[Level, str, str]]:
        name, size = self._options.attribute, self._options.max_bytes
        held = await self._directory.held(self._refs[0])
        try:
            await self._session.modify(held.dn, {name: [("MODIFY_DELETE", [secrets.token_bytes(32)])]})
        except NoSuchValue:
            found = [(Level.GOOD, f"{name} may be written, which {held.dn} was asked for, up to {size:,} bytes.", "")]
        except ConnectorError as trouble:
            return [(Level.WARNING, str(trouble), f"{trouble.remedy} Where this system is only a source, all is well.")]
        if not await self._session.supports(ASSERTION):
            said = "Between comparing a picture and writing it lies a moment in which somebody else's is overwritten."
            found.append((Level.WARNING, said, "A server with the assertion control (RFC 4528) closes it."))
        return found

    async def _changes(self) -> list[tuple[Level, str, str]]:
        if self._options.ref.casefold() == "entryuuid" and await self._session.supports(syncrepl.REQUEST):
            return [(Level.GOOD, "Changes are told by the server (RFC 4533).", "")]
        return [(Level.GOOD, "Changes are found by the entries' own time of change; deletions by the next run.", "")]


def _fine(findings: list[Finding]) -> bool:
    return all(one.level is not Level.PROBLEM for one in findings)


def _names(definition: str) -> list[str]:
    found = _NAMES.search(definition)
    return re.findall(r"[\w.-]+", (found[1] or found[2]).casefold()) if found else []
