"""Which picture each route wants for each person of one look, from what their sources show."""

from __future__ import annotations

from collections.abc import Iterator

from samepic.engine.choosing import Absent, Candidate, Choice, NoAccount, Unknown, choose
from samepic.engine.organisation import Organisation
from samepic.engine.portraits import Portraits
from samepic.engine.reading import Roll, View
from samepic.engine.reasons import Code, because
from samepic.engine.rules import Ruling
from samepic.model import PersonId, Route, Slot, Unseen, Why


class Choices:
    """Which picture each route wants for each person of one look; every question is asked once."""

    def __init__(self, org: Organisation, roll: Roll, seen: View) -> None:
        self.org, self.roll, self.seen = org, roll, seen
        self.portraits = Portraits(org, seen.refs)
        self._made: dict[tuple[PersonId, str], Choice] = {}

    async def of(self, person: PersonId, route: Route) -> Choice:
        """The choice for one person on one route."""
        asked = person, route.name
        if asked not in self._made:
            self._made[asked] = await self._make(person, route)
        return self._made[asked]

    def ruling(self, person: PersonId, system: str) -> Ruling:
        """What holds for the person in a system. Where there are no rules, nobody's names are gathered."""
        rules = self.org.rules
        return rules.ruling(self.roll.texts(person), system, self.seen.at) if rules else Ruling()

    def made(self) -> Iterator[tuple[PersonId, Choice]]:
        """Every choice that was asked for."""
        return ((person, choice) for (person, _), choice in self._made.items())

    async def _make(self, person: PersonId, route: Route) -> Choice:
        ruling = self.ruling(person, route.target)
        slots = self.roll.persons[person]
        candidates = [await self._candidate(source, slots.get(source)) for source in route.sources]
        return choose(candidates, ruling.governs(route).emptied)

    async def _candidate(self, source: str, slot: Slot | None) -> Candidate:
        if slot is None:
            return NoAccount(source)
        shown = self.seen.seen[slot]
        if isinstance(shown, Unseen):
            if shown.why is Why.GONE:
                return NoAccount(source)
            return Unknown(slot, because(Code.SOURCE_UNREADABLE, source=source, detail=shown.detail or shown.why))
        if shown.present:
            return await self.portraits.of_source(slot, shown)
        look = self.seen.looks.get(slot)
        return Absent(slot, look.absences if look else 1, await self.portraits.last_of(slot))
