"""What the API answers, as types; the description under `/api/openapi.json` is made from these."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from samepic.engine.apply import Outcome
from samepic.engine.reasons import Code, Reason, sentence
from samepic.model import Kind, Verdict
from samepic.store.ledger import Audited, Intent, Run
from samepic.store.listing import Listed
from samepic.store.people import Link
from samepic.store.verdicts import Spoken


class Shape(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class Shown(Shape):
    """What one system was last seen to show for a person."""

    system: str
    ref: str
    """The account's own lasting id in that system."""
    verdict: Verdict
    code: str
    """Why, as a word for programs."""
    reason: str
    """Why, as a sentence."""
    picture: bool
    """Is there a picture?"""
    since: datetime
    """When this verdict was first given, without another one in between."""
    looked_at: datetime

    @classmethod
    def of(cls, spoken: Spoken) -> Self:
        return cls(
            system=spoken.slot.system,
            ref=spoken.slot.ref,
            verdict=spoken.verdict,
            code=spoken.code,
            reason=sentence(Reason(Code(spoken.code), spoken.facts)),
            picture=spoken.present,
            since=spoken.since,
            looked_at=spoken.at,
        )


class Person(Shape):
    """Somebody, and what every system shows for them."""

    id: str
    """samepic's own id; it never changes."""
    name: str
    address: str | None
    systems: list[Shown]

    @classmethod
    def of(cls, listed: Listed) -> Self:
        return cls(
            id=listed.person,
            name=listed.name,
            address=listed.address,
            systems=[Shown.of(one) for one in listed.spoken],
        )


class People(Shape):
    """One page of people, by name."""

    people: list[Person]
    next: str | None = None
    """What to give as `after` for the next page; none on the last."""


class AccountShape(Shape):
    """An account of somebody, and how it was found to be theirs."""

    system: str
    ref: str
    kind: Kind
    name: str
    address: str | None
    keys: list[str]
    active: bool
    """Signing in is not blocked."""
    linked_by: str
    """The kind of key that decided; `new` where a person was made for it."""
    gone_at: datetime | None
    """When it was first seen to be gone."""

    @classmethod
    def of(cls, link: Link) -> Self:
        account = link.account
        return cls(
            system=link.system,
            ref=account.ref,
            kind=account.kind,
            name=account.name,
            address=account.address,
            keys=sorted(account.keys),
            active=account.active,
            linked_by=link.linked_by,
            gone_at=link.gone_at,
        )


class Whole(Person):
    """Somebody with all of their accounts."""

    accounts: list[AccountShape]


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


class LogLine(Shape):
    """One line of the audit log."""

    id: int
    at: datetime
    actor: str
    """A person's id, the name of a token after `api`, or the issuer and subject of somebody who is nobody here."""
    what: str
    person: str | None
    facts: dict[str, Any]

    @classmethod
    def of(cls, one: Audited) -> Self:
        return cls(id=one.id, at=one.at, actor=one.actor, what=one.what, person=one.person, facts=dict(one.facts))


class Log(Shape):
    lines: list[LogLine]
    next: int | None
    """What to give as `before` for the following page; none after the last."""


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


class Visited(Shape):
    """A visit was recorded; it is served as soon as possible."""

    visit: int


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


class Entries(Shape):
    entries: list[Entry]


class Number(Shape):
    system: str
    verdict: Verdict
    people: int


class Numbers(Shape):
    """How many people each system shows what for."""

    numbers: list[Number]


class Changed(Shape):
    """What a webhook delivers."""

    person: str = Field(min_length=1, max_length=320)
    """Whose picture changed: samepic's id, an address, or a lasting id of the directory."""


class Taken(Shape):
    """It was taken, and will be looked at."""

    people: int
    """How many people it was about: none where nobody is known by that name."""
