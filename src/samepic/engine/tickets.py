"""An answer for a help-desk ticket: what each system shows, why, what to do, and when to look again. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from samepic.engine.advice import Advice, advice
from samepic.engine.reasons import instant_in
from samepic.engine.status import Cell, Row
from samepic.engine.wording import Wording
from samepic.model import Verdict


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a ticket needs besides the row. `links` has a link for each system that fetches pictures by itself, and is
    where its owner has to go; `deadline` is when such a fetch counts as failed.
    """

    now: datetime
    deadline: datetime
    start: str
    helpdesk: str
    links: Mapping[str, str]


def ticket(row: Row, around: Circumstances, words: Wording) -> str:
    """The text to paste. Systems without an account are left out."""
    who = f"{row.name} <{row.address}>" if row.address else row.name
    shown = {system: cell for system, cell in row.cells.items() if cell.verdict is not Verdict.NO_ACCOUNT}
    states = [
        f"* {system}: {words.verdicts[one.verdict]}. {words.sentence(one.reason)}" for system, one in shown.items()
    ]
    return "\n".join([
        words.heading.format(name=who, now=words.instant(around.now)),
        "",
        *states,
        "",
        words.what_to_do,
        "",
        *_advice(row, around, words),
        "",
    ])  # fmt: skip


def _advice(row: Row, around: Circumstances, words: Wording) -> Iterator[str]:
    """Each piece of advice once; only for systems that a route leads to: elsewhere nothing is amiss."""
    wanted: dict[Advice, tuple[str, Cell]] = {}
    for system, cell in row.cells.items():
        if cell.decision is not None:
            wanted.setdefault(advice(cell.reason, pulls=system in around.links), (system, cell))
    if set(wanted) <= {Advice.NOTHING}:
        yield words.advice[Advice.NOTHING]
        return
    for one, (system, _) in wanted.items():
        if one is not Advice.NOTHING:
            link = around.links.get(system, around.start)
            yield words.advice[one].format(start=around.start, link=link, person=row.address or row.person)
    if {Advice.VISIT, Advice.WAIT} & set(wanted):
        yield ""
        yield words.again.format(
            until=words.instant(_again(wanted, around)), helpdesk=around.helpdesk or words.helpdesk
        )


def _again(wanted: Mapping[Advice, tuple[str, Cell]], around: Circumstances) -> datetime:
    """When the reasons themselves say to look again; else the deadline."""
    said = (instant_in(cell.reason.facts.get("until", "")) for _, cell in wanted.values())
    return max((one for one in said if one is not None), default=around.deadline)
