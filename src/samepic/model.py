"""The nouns of samepic: frozen values that every other module speaks in.

Imports nothing of ours. Instants are aware datetimes in UTC. The words are those of `docs/design.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NewType

PersonId = NewType("PersonId", str)
"""A random UUID; everything else about a person may change."""

Digest = NewType("Digest", str)
"""SHA-256 of bytes as they were fetched, in lower-case hex; never of a rendition."""


def digest_of(data: bytes) -> Digest:
    return Digest(hashlib.sha256(data).hexdigest())


class Kind(StrEnum):
    """What an account stands for. Accounts of different kinds are never linked to one person."""

    PERSON = "person"
    GUEST = "guest"
    ROOM = "room"
    SHARED = "shared"
    GROUP = "group"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One place where one face appears. `ref` never changes for the account (Entra: the object id)."""

    system: str
    ref: str

    def __str__(self) -> str:
        return f"{self.system}/{self.ref}"


@dataclass(frozen=True, slots=True)
class Account:
    """One entry in one system.

    `keys` are what matching goes by, each `"<kind>:<value>"` with a kind of `KEY_STRENGTH`, values case-folded.
    `active` is false where sign-in is blocked. `address` is the mail address to write to, if there is one.
    """

    ref: str
    keys: frozenset[str]
    kind: Kind = Kind.PERSON
    name: str = ""
    address: str | None = None
    active: bool = True


KEY_STRENGTH: tuple[str, ...] = ("id", "anchor", "employee", "upn", "mail", "alias")
"""Kinds of matching key, strongest first. `id` is Entra's object id, `anchor` a lasting id of Active Directory.

They are two kinds so that ids of two directories never contradict each other.
"""


def key(kind: str, value: str) -> str:
    """A matching key in its one spelling: `key("upn", "Ada@Contoso.example") == "upn:ada@contoso.example"`."""
    if kind not in KEY_STRENGTH:
        raise ValueError(f"unknown kind of key: {kind!r}")
    return f"{kind}:{value.strip().casefold()}"


_GROUP = "group:"


def group_in(text: str) -> str | None:
    """The name or id in `group:NAME`, as rules and commands name the people in a group; None in anything else."""
    text = text.strip()
    return text[len(_GROUP) :].strip() if text.casefold().startswith(_GROUP) else None


@dataclass(frozen=True)
class Photo:
    """Encoded bytes as a system holds or takes them. `size` is (width, height) in pixels where it is known."""

    data: bytes = field(repr=False)
    media_type: str = "image/jpeg"
    size: tuple[int, int] | None = field(default=None, compare=False)

    @cached_property
    def digest(self) -> Digest:
        return digest_of(self.data)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a system takes: media types in order of preference, side of the square in pixels, bytes at most.

    `side` is (smallest, largest); a rendition is the largest the portrait can fill, up to the second.
    """

    media_types: tuple[str, ...] = ("image/jpeg",)
    side: tuple[int, int] = (48, 648)
    max_bytes: int = 4_000_000


@dataclass(frozen=True, slots=True)
class Traits:
    """Facts about one system, as data; the conformance suite proves each of them.

    demands   one rendition per name; a `put` gives exactly these.
    writes    `put` works. removes: `remove` works. pulls: `ask` works.
    guarded   `expect` is honoured: a write against a version that has moved raises `errors.Moved`.
    versioned the version in a sighting changes whenever the picture does, and only then.
    verbatim  `fetch` gives back the very bytes that were put.
    feeds     `changes` works.
    groups    `members` works.
    settles   how long after a write the system may still show what was there before.
    interval  the system fetches for itself (way `pull`) at most once in this time.
    """

    demands: Mapping[str, Demand]
    writes: bool = False
    removes: bool = False
    pulls: bool = False
    guarded: bool = False
    versioned: bool = True
    verbatim: bool = False
    feeds: bool = False
    groups: bool = False
    settles: timedelta = timedelta(0)
    interval: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a system shows cheaply: is there a picture, and its version.

    `untouched` is true where the system shows that nobody ever gave it a picture for this account
    (SharePoint: no picture address and no picture timestamp); it is what *never visited* is inferred from.
    """

    present: bool
    version: str | None = None
    untouched: bool = False


class Why(StrEnum):
    """Why a system showed nothing for an account."""

    GONE = "gone"  # there is no such account
    DENIED = "denied"  # we may not look
    THROTTLED = "throttled"  # we asked too much
    FAILED = "failed"  # it did not answer, or with nonsense
    HIDDEN = "hidden"  # something is there, but which store it came from cannot be told


@dataclass(frozen=True, slots=True)
class Unseen:
    """In place of a sighting: the system did not show this account, and why."""

    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of prompting a system to fetch by itself.

    `done` is true where the system has been prompted already; else `link` is where the person has to go.
    """

    done: bool
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One event of a feed. `token` resumes the feed after this event; `ref` is None for "starting now"."""

    token: str
    ref: str | None = None


class Level(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a system's health: what was looked at, what was found, what to do about it."""

    level: Level
    subject: str
    message: str
    remedy: str = ""


class Likeness(StrEnum):
    """Are two pictures the same picture after scaling, cropping to the square and re-encoding?"""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


class By(StrEnum):
    """Who put the picture a baseline speaks of."""

    US = "us"
    SYSTEM = "system"  # it came on its own, such as SharePoint's pull
    ADOPTED = "adopted"  # it was there when we first looked, and was right


@dataclass(frozen=True, slots=True)
class Baseline:
    """What we last knew to be right in a slot, the version the system showed for it, who put it there, when."""

    want: Digest
    version: str | None
    by: By
    at: datetime


class Way(StrEnum):
    WRITE = "write"
    PULL = "pull"
    WATCH = "watch"


class Trigger(StrEnum):
    VISIT = "visit"
    SCHEDULE = "schedule"
    CHANGE = "change"
    MANUAL = "manual"


class Conflict(StrEnum):
    """What a route does about a target's picture that is neither ours nor like the source's."""

    HOLD = "hold"  # leave it, say so, wait for a person to decide
    RESTORE = "restore"  # the source wins
    RESPECT = "respect"  # the target's picture stays
    ADOPT_BACK = "adopt back"  # the target's picture is somebody's choice: it goes to the source, and from there on


class Emptied(StrEnum):
    """What a route does when the source no longer has a picture."""

    KEEP = "keep"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Route:
    """Source systems in order of authority, one target, the way and what starts it."""

    sources: tuple[str, ...]
    target: str
    way: Way = Way.PULL
    when: frozenset[Trigger] = frozenset({Trigger.VISIT})
    conflict: Conflict = Conflict.HOLD
    emptied: Emptied = Emptied.KEEP
    deadline: timedelta = timedelta(hours=72)

    @property
    def name(self) -> str:
        return f"{'+'.join(self.sources)}->{self.target}"


class Consent(StrEnum):
    """May a person's picture be brought into a system without asking them?"""

    ASSUMED = "assumed"
    REQUIRED = "required"


class Authority(StrEnum):
    """Who decides which picture counts."""

    MINE = "mine"  # the person, who may set it in the portal
    LOCKED = "locked"  # the directory; the portal says so


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for some people in some systems; None leaves a question to other rules.

    systems   names; empty means all.
    people    patterns over names, addresses and keys, and groups as `group:NAME`; empty means everybody.
    approval  somebody else looks at a person's new picture first.
    public    may be shown to whoever has not signed in.
    emptied   instead of what the route says.
    until     the last day, in UTC, on which it counts.
    """

    systems: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    consent: Consent | None = None
    picture: Authority | None = None
    approval: bool | None = None
    public: bool | None = None
    emptied: Emptied | None = None
    until: date | None = None


class Language(StrEnum):
    """What samepic writes to people in."""

    EN = "en"
    RU = "ru"


class Verdict(StrEnum):
    SAME = "same"
    OLDER = "older"
    DIFFERENT = "different"
    NONE = "none"
    WAITING = "waiting"
    HELD = "held"
    NO_ACCOUNT = "no account"
    NEVER_VISITED = "never visited"
    UNKNOWN_STORE = "unknown store"
    CANNOT_READ = "cannot read"


@dataclass(frozen=True, slots=True)
class Put:
    """Write the portrait `want` into the slot, provided it still shows version `expect`."""

    slot: Slot
    want: Digest
    expect: str | None = None
    overwrites: bool = False


@dataclass(frozen=True, slots=True)
class Remove:
    slot: Slot
    expect: str | None = None


@dataclass(frozen=True, slots=True)
class Pull:
    """Prompt the system to fetch the picture by itself, or tell the person how to."""

    slot: Slot
    want: Digest


@dataclass(frozen=True, slots=True)
class Adopt:
    """Write nothing to the system; note that what it shows as `version` is `want`."""

    slot: Slot
    want: Digest
    version: str | None
    by: By = By.ADOPTED


@dataclass(frozen=True, slots=True)
class Keep:
    slot: Slot


@dataclass(frozen=True, slots=True)
class Hold:
    """Do nothing until somebody decides, or until an instant has passed."""

    slot: Slot
    until: datetime | None = None


Step = Put | Remove | Pull | Adopt | Keep | Hold
