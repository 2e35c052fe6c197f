"""What the API says of people."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import Field

from samepic.engine.reasons import Code, Reason, sentence
from samepic.model import Kind, Verdict
from samepic.store.listing import Listed
from samepic.store.people import Link
from samepic.store.verdicts import Spoken
from samepic.web.api.shapes.base import Shape


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


class Visited(Shape):
    """A visit was recorded; it is served as soon as possible."""

    visit: int


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
