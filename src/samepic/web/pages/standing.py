"""Where a person's picture stands in every system, as it was last known: nothing here waits for a system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from samepic.engine.advice import Advice, advice
from samepic.engine.organisation import Organisation
from samepic.engine.reasons import Code, Reason, innermost, instant_in
from samepic.engine.sync import fingerprint
from samepic.model import PersonId, Route, Slot, Trigger, Verdict, Way
from samepic.store.people import Link
from samepic.store.verdicts import Spoken
from samepic.web.pages.titles import Title, retold

STALE = frozenset({Verdict.OLDER, Verdict.NEVER_VISITED, Verdict.NONE, Verdict.DIFFERENT})
"""Verdicts of a system that does not show what it should."""

_BRINGS_BY_ITSELF = frozenset({Code.FIRST_PICTURE, Code.SOURCE_CHANGED, Code.SHOWS_EARLIER, Code.RESTORED})


@dataclass(frozen=True, slots=True)
class Standing:
    """One person in one system.

    verdict, reason, since, looked   None where nobody has looked yet.
    version   of the picture there, where one was seen; `route` is the one that leads here, if any.
    source    routes take the picture from here.
    started   the route may move by itself: one that writes waits until an administrator has read its first plan.
    """

    system: str
    title: Title
    slot: Slot | None = None
    verdict: Verdict | None = None
    reason: Reason | None = None
    present: bool = False
    since: datetime | None = None
    looked: datetime | None = None
    version: str | None = None
    route: Route | None = None
    source: bool = False
    started: bool = True

    @property
    def absent(self) -> bool:
        """The person has no account there."""
        return self.slot is None or self.verdict is Verdict.NO_ACCOUNT

    @property
    def pulls(self) -> bool:
        """The system fetches the picture by itself once its owner comes by."""
        return self.route is not None and self.route.way is Way.PULL

    @property
    def advice(self) -> Advice:
        """What helps. Where no route leads nothing is amiss, but a source without a picture wants one."""
        if self.reason is None or self.absent or (self.route is None and not self.source):
            return Advice.NOTHING
        return advice(self.reason, pulls=self.pulls)

    @property
    def fixable(self) -> bool:
        """A visit of the person moves the picture: the system does not show it, and nothing else is in the way."""
        if self.route is None or not self.started or self.verdict not in STALE or Trigger.VISIT not in self.route.when:
            return False
        if self.pulls:
            return self.advice is Advice.VISIT
        return self.route.way is Way.WRITE and self._code in _BRINGS_BY_ITSELF

    @property
    def until(self) -> datetime | None:
        """When to look again, where the reason says so."""
        return instant_in(self.reason.facts.get("until", "")) if self.reason is not None else None

    @property
    def _code(self) -> Code | None:
        return innermost(self.reason).code if self.reason is not None else None


async def standings(org: Organisation, person: PersonId, titles: Mapping[str, Title]) -> list[Standing]:
    """One for every system, in the order of the settings."""
    links = {link.system: link for link in await org.people.of(person) if link.gone_at is None}
    said = {one.slot: one for one in await org.ledger.verdicts_of(person)}
    sources = {name for route in org.routes for name in route.sources}
    found = []
    for system in org.systems:
        route = org.route_to(system)
        started = route is None or await _may_move(org, route)
        one = Standing(system, titles[system], route=route, source=system in sources, started=started)
        found.append(await _known(org, one, links.get(system), said))
    return found


async def _may_move(org: Organisation, route: Route) -> bool:
    return route.way is not Way.WRITE or await org.ledger.route_seen(fingerprint(org, route)) is not None


async def _known(org: Organisation, bare: Standing, link: Link | None, said: Mapping[Slot, Spoken]) -> Standing:
    if link is None:
        return bare
    ref = link.account.ref
    remembered = (await org.ledger.remembered(bare.system, [ref])).get(ref)
    version = remembered.sighting.version if remembered is not None else None
    spoken = said.get(link.slot)
    if spoken is None:
        return replace(bare, slot=link.slot, version=version)
    return replace(
        bare,
        slot=link.slot,
        verdict=spoken.verdict,
        reason=Reason(Code(spoken.code), spoken.facts),
        present=spoken.present,
        since=spoken.since,
        looked=spoken.at,
        version=version,
    )


def told(one: Standing, titles: Mapping[str, Title]) -> Reason | None:
    """Why, in the names people know; what starts a route is said elsewhere."""
    return None if one.reason is None else innermost(retold(one.reason, titles))
