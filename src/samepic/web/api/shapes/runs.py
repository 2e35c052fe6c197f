"""What the API says of runs, their journal, and what came of a change."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from samepic.engine.apply import Outcome
from samepic.store.ledger import Intent, Run
from samepic.web.api.shapes.base import Shape


class Entry(Shape):
    """One write of samepic's journal."""

    id: int
    run: int
    person: str
    system: str
    ref: str
    step: str
    want: str | None
    """Digest of the portrait that was written; none for a removal."""
    opened_at: datetime
    settled_at: datetime | None
    outcome: str | None
    """`done`, `refused` or `superseded`; none while it is open."""
    detail: str
    undone: bool

    @classmethod
    def of(cls, intent: Intent) -> Self:
        return cls(
            id=intent.id,
            run=intent.run,
            person=intent.person,
            system=intent.slot.system,
            ref=intent.slot.ref,
            step=intent.step,
            want=intent.want,
            opened_at=intent.opened_at,
            settled_at=intent.settled_at,
            outcome=intent.outcome,
            detail=intent.detail,
            undone=intent.undone_by is not None,
        )


class Entries(Shape):
    entries: list[Entry]


class Done(Shape):
    """What came of one step."""

    person: str
    system: str
    ref: str
    result: str
    detail: str
    remedy: str
    link: str | None
    """Where the person has to go, for a picture that only they can bring."""

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(
            person=outcome.person,
            system=outcome.slot.system,
            ref=outcome.slot.ref,
            result=outcome.result,
            detail=outcome.detail,
            remedy=outcome.remedy,
            link=outcome.link,
        )


class Effects(Shape):
    """What a change of somebody's picture led to."""

    outcomes: list[Done]
    approval: int | None = None
    """The number under which the picture waits for an administrator; none where it does not wait."""


class RunShape(Shape):
    """One run: what was started, by what, and what came of it."""

    id: int
    what: str
    trigger: str
    started: datetime
    ended: datetime | None
    outcome: dict[str, Any]
    doing: str | None = None
    done: int | None = None
    total: int | None = None

    @classmethod
    def of(cls, run: Run) -> Self:
        progress = run.progress
        return cls(
            id=run.id,
            what=run.what,
            trigger=run.trigger,
            started=run.started,
            ended=run.ended,
            outcome=dict(run.outcome),
            doing=progress.what if progress else None,
            done=progress.done if progress else None,
            total=progress.total if progress else None,
        )


class Runs(Shape):
    runs: list[RunShape]
