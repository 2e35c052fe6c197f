"""Everybody: a list with filters for organisations of any size, and the same as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response, StreamingResponse

from samepic.engine.reasons import Code, Reason, sentence
from samepic.engine.spreadsheet import line
from samepic.model import Digest, PersonId
from samepic.store.listing import Listed
from samepic.store.verdicts import Spoken
from samepic.web.access import Access, Door
from samepic.web.admin.figures import Group
from samepic.web.admin.filters import Filters, after_of
from samepic.web.admin.log import note
from samepic.web.ask import Ask

ON_A_PAGE = 50

COLUMNS = ("person", "name", "address", "system", "verdict", "since", "present", "code", "why")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list. `cells` is by system; `picture` the one that counts, if it is known."""

    person: PersonId
    name: str
    address: str | None
    cells: Mapping[str, Spoken]
    picture: Digest | None


async def people(ask: Ask) -> Response:
    filters = Filters.of(ask)
    listing = await filters.page(ask.site.org.ledger, after_of(ask), ON_A_PAGE)
    after = listing.after
    return ask.page(
        "admin/people.html",
        filters=filters,
        entries=await _entries(ask, listing.people),
        systems=list(ask.site.org.systems),
        groups=tuple(Group),
        first=after_of(ask) is None,
        further=filters.query(name=after.folded, person=after.person) if after else "",
    )


async def _entries(ask: Ask, listed: Sequence[Listed]) -> list[Entry]:
    pictures = await known_pictures(ask, listed)
    return [
        Entry(one.person, one.name, one.address, {said.slot.system: said for said in one.spoken}, pictures[one.person])
        for one in listed
    ]


async def known_pictures(ask: Ask, listed: Sequence[Listed]) -> dict[PersonId, Digest | None]:
    """The picture last seen in a source, by person: a look into our own memory, never at a system."""
    org = ask.site.org
    sources = dict.fromkeys(source for route in org.routes for source in route.sources)
    found: dict[PersonId, Digest | None] = {one.person: None for one in listed}
    for source in reversed(sources):
        owners = {said.slot.ref: said.person for one in listed for said in one.spoken if said.slot.system == source}
        shown = {said.slot.ref for one in listed for said in one.spoken if said.slot.system == source and said.present}
        for ref, digest in (await org.ledger.last_digests(source, shown)).items():
            found[owners[ref]] = digest
    return found


async def people_csv(ask: Ask) -> Response:
    """Every line of the list as a file, sent while it is read."""
    filters = Filters.of(ask)
    await note(ask, "people exported", **filters.fields)
    name = f"people-{ask.site.clock():%Y-%m-%d}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_lines(ask, filters), media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(ask: Ask, filters: Filters) -> AsyncIterator[str]:
    yield line(COLUMNS)
    async for one in filters.everybody(ask.site.org.ledger):
        for said in one.spoken:
            yield line(_cells(one, said))


def _cells(one: Listed, said: Spoken) -> tuple[str, ...]:
    why = sentence(Reason(Code(said.code), said.facts))
    since = said.since.isoformat(timespec="seconds")
    who = (one.person, one.name, one.address or "")
    return (*who, said.slot.system, said.verdict, since, "yes" if said.present else "no", said.code, why)


DOORS = (
    Door("admin-people", "/admin/people", Access.ADMINISTRATOR, people),
    Door("admin-people-csv", "/admin/people.csv", Access.ADMINISTRATOR, people_csv),
)
