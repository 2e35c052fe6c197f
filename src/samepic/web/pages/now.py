"""What a person's page says at this moment, gathered from what is known: nothing here waits for a system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from samepic.engine.reading import Roll, one_roll
from samepic.engine.rules import NO_RULE
from samepic.model import Slot, Verdict, Way
from samepic.store.arrivals import Usual
from samepic.store.ledger import Task
from samepic.web.ask import Ask
from samepic.web.pages.headline import Headline, News, headline
from samepic.web.pages.standing import Standing, standings
from samepic.web.pages.tiles import Tile, tile_for, tiles
from samepic.web.pages.titles import titles

FRESH = timedelta(seconds=20)
"""A look younger than this is not repeated because somebody opens a page."""

SECONDS, MINUTES = 5, 60
"""After so many seconds a page without scripts looks again: while somebody is at work, and until they are again."""

_AT_WORK = frozenset({Task.VISIT, Task.LOOK, Task.CHANGE})
_SOON, _LATER = timedelta(seconds=30), timedelta(minutes=10)

_QUIET = frozenset({None, Verdict.UNKNOWN_STORE})


@dataclass(frozen=True, slots=True)
class Now:
    """Everything the page shows.

    shown, quiet  systems with a card of their own, and those that are mentioned only.
    again         seconds after which a page without scripts looks again by itself; 0 where nothing moves.
    tile          where the headline's button leads, where somebody has to go anywhere.
    usual, until  how long it usually takes there, and when to look again at the latest.
    note          whether a note when it is there can be had: None, or whether it is wanted already.
    rules         by system, the rules that had a say.
    """

    headline: Headline
    shown: Sequence[Standing] = ()
    quiet: Sequence[Standing] = ()
    tiles: Sequence[Tile] = ()
    again: int = 0
    tile: Tile | None = None
    usual: Usual | None = None
    until: datetime | None = None
    note: bool | None = None
    rules: Mapping[str, str] | None = None
    looked: datetime | None = None

    @property
    def busy(self) -> bool:
        """Somebody is looking again right now."""
        return self.again == SECONDS


async def now(ask: Ask) -> Now:
    org, person = ask.site.org, ask.person
    found = await standings(org, person, titles(ask.site.settings))
    waits = any(one.decision is None for one in await org.ledger.approvals_of(person))
    said = headline(found, awaiting_approval=waits)
    if said.news is News.NOWHERE:
        return Now(said, quiet=found)
    roll = await one_roll(org, person)
    offered = await tiles(ask, roll)
    first = said.about[0] if said.about else None
    shown = [one for one in found if not one.absent and one.verdict not in _QUIET]
    return Now(
        headline=said,
        shown=shown,
        quiet=[one for one in found if one not in shown],
        tiles=offered,
        again=await _again(ask),
        tile=tile_for(offered, first.system) if first is not None and first.pulls else None,
        usual=await _usual(ask, first),
        until=max((one.until for one in said.about if one.until is not None), default=None),
        note=await _note(ask, said),
        rules=_rules(ask, roll, found),
        looked=max((one.looked for one in shown if one.looked is not None), default=None),
    )


async def look_if_stale(ask: Ask, found: Now) -> bool:
    """A fresh look at this person is begun where the last one is some time ago; the page shows it when it is there."""
    if found.headline.news is News.NOWHERE:
        return False
    if found.looked is not None and ask.site.clock() - found.looked < FRESH:
        return False
    await ask.site.work.look(ask.person)
    return True


async def _again(ask: Ask) -> int:
    """Work for this person is under way or begins within seconds, or within minutes, or nothing is to be expected."""
    due = [one.at for one in await ask.site.org.ledger.due_of(ask.person) if one.task in _AT_WORK]
    wait = min(due) - ask.site.clock() if due else None
    if wait is None or wait > _LATER:
        return 0
    return SECONDS if wait <= _SOON else MINUTES


async def _usual(ask: Ask, one: Standing | None) -> Usual | None:
    if one is None or one.route is None or one.route.way is Way.WATCH:
        return None
    return await ask.site.org.ledger.usual(one.system, one.route.way)


async def _note(ask: Ask, said: Headline) -> bool | None:
    """Only where messages can be sent, there is an address to send them to, and something to wait for."""
    mail = ask.site.settings.mail
    if not (mail.host and mail.sender and ask.who.address) or said.news not in {News.UPDATE, News.WAITING}:
        return None
    return bool(await ask.site.org.ledger.notices(ask.person))


def _rules(ask: Ask, roll: Roll, found: Sequence[Standing]) -> dict[str, str]:
    texts, at = roll.texts(ask.person), ask.site.clock()
    rulings = {one.system: ask.site.org.rules.ruling(texts, one.system, at).rule for one in found}
    return {system: rule for system, rule in rulings.items() if rule != NO_RULE}


def face_address(ask: Ask, one: Standing, side: int = 480) -> str:
    """Of the picture that is there; empty where there is none to see."""
    if not one.present or one.slot is None:
        return ""
    return f"{ask.door('face', system=one.system)}?side={side}&v={_short(one.slot, one.version)}"


def _short(slot: Slot, version: str | None) -> str:
    """Enough of a version for an address to change with it."""
    return sha256(f"{slot} {version}".encode()).hexdigest()[:16]
