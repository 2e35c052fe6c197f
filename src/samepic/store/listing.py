"""Lists of people with what was last said about them, a page at a time, for organisations of any size.

A person stands in a list under the name of their first account by system and ref, one that has a name before one that
has none; that is the order of `People.links`, too. A page begins after the last person of the one before, so that the
hundredth page costs what the first one does, and nobody is shown twice because somebody else joined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, or_, select, tuple_

from samepic.model import PersonId, Verdict
from samepic.store.page import Page
from samepic.store.portal_schema import verdicts
from samepic.store.schema import links
from samepic.store.verdicts import Spoken, spoken

FEW = 2_000
"""Up to so many accounts with a verdict, or called like a text, are looked up by it; more are met by their names."""

_AT_ONCE = 1_000


class After(NamedTuple):
    """Where a page begins: after this person, in the order of names."""

    folded: str
    person: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One person in a list."""

    person: PersonId
    name: str
    address: str | None
    spoken: tuple[Spoken, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; `after` is where the next one begins, None on the last."""

    people: tuple[Listed, ...]
    after: After | None


class Listings(Page):
    async def verdict_page(
        self,
        system: str | None = None,
        verdicts: Collection[Verdict] = (),
        text: str | None = None,
        after: After | None = None,
        limit: int = 50,
    ) -> Listing:
        """People by name: those with an account in `system`, with one of `verdicts` (there, or anywhere), called like
        `text`.

        `text` is a part of a name or of an address, in upper or lower case.
        """
        conditions = [links.c.gone_at.is_(None), _is_first(), *_later(after)]

        def work(connection: Connection) -> Listing:
            chosen = *_named(connection, text), *_having(connection, system, verdicts)
            wanted = _WANTED.where(*conditions, *chosen).limit(limit + 1)
            return _page(connection, connection.execute(wanted).all(), limit)

        return await self._database.read(work)

    async def everybody_listed(
        self, system: str | None = None, verdicts: Collection[Verdict] = (), text: str | None = None
    ) -> AsyncIterator[Listed]:
        """All of a list, a page at a time, never all of them in memory."""
        after: After | None = None
        while True:
            listing = await self.verdict_page(system, verdicts, text, after, _AT_ONCE)
            for one in listing.people:
                yield one
            if (after := listing.after) is None:
                return


_WANTED = select(links.c.person, links.c.name, links.c.folded, links.c.address).order_by(links.c.folded, links.c.person)


_OTHERS = links.alias("others")
_OWN = and_(_OTHERS.c.person == links.c.person, _OTHERS.c.gone_at.is_(None))


def _later(after: After | None) -> list[ColumnElement[bool]]:
    """Beginning with a condition that the index of names can be entered by."""
    if after is None:
        return []
    return [links.c.folded >= after.folded, or_(links.c.folded > after.folded, links.c.person > after.person)]


def _named(connection: Connection, text: str | None) -> list[ColumnElement[bool]]:
    if not text:
        return []
    folded = text.strip().casefold()
    those = select(_OTHERS.c.person).where(_called(_OTHERS, folded))
    few = [links.c.person.in_(those)] if _are_few(connection, those) else []
    return [*few, _called(links, folded)]


def _called(accounts: FromClause, folded: str) -> ColumnElement[bool]:
    """In an address or a name."""
    name, address = accounts.c.folded, accounts.c.address
    return or_(name.contains(folded, autoescape=True), address.icontains(folded, autoescape=True))


def _having(connection: Connection, system: str | None, wanted: Collection[Verdict]) -> list[ColumnElement[bool]]:
    if wanted:
        said = [
            verdicts.c.verdict.in_([one.value for one in wanted]),
            *([] if system is None else [verdicts.c.system == system]),
        ]
        those = select(verdicts.c.person).where(*said)
        if _are_few(connection, those):
            return [links.c.person.in_(those)]
        return [those.where(verdicts.c.person == links.c.person).exists()]
    if system is not None:
        there = _OTHERS.c.system == system
        return [select(_OTHERS.c.person).where(_OWN, there).exists()]
    return []


def _are_few(connection: Connection, those: Select[Any]) -> bool:
    """Few are found first and sorted; of many, the first ones are met soon in the order of names."""
    return connection.execute(those.limit(1).offset(FEW)).first() is None


def _is_first() -> ColumnElement[bool]:
    """No other account of the same person comes before this one."""
    before = tuple_(_OTHERS.c.folded == "", _OTHERS.c.system, _OTHERS.c.ref) < tuple_(
        links.c.folded == "", links.c.system, links.c.ref
    )
    return ~select(_OTHERS.c.person).where(_OWN, before).exists()


def _page(connection: Connection, rows: Sequence[Any], limit: int) -> Listing:
    here = rows[:limit]
    said = _spoken(connection, [row.person for row in here])
    people = tuple(Listed(PersonId(row.person), row.name, row.address, tuple(said[row.person])) for row in here)
    after = After(here[-1].folded, here[-1].person) if len(rows) > limit else None
    return Listing(people, after)


def _spoken(connection: Connection, people: Sequence[str]) -> dict[str, list[Spoken]]:
    found: dict[str, list[Spoken]] = defaultdict(list)
    wanted = select(verdicts).where(verdicts.c.person.in_(people)).order_by(verdicts.c.system, verdicts.c.ref)
    for row in connection.execute(wanted):
        found[row.person].append(spoken(row))
    return found
