"""Why: every reason the engine gives, as data, and the sentence a person reads.

A reason is a code and its facts, so that a plan file, a page and a ticket in another language can each say it their own
way. Instants among the facts are ISO 8601 text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from string import Formatter


class Code(StrEnum):
    # the slot shows the right picture
    AS_LEFT = "as-left"
    ALIKE = "alike"
    SAME_PICTURE_NEW_BYTES = "same-picture-new-bytes"
    # something is to be done
    FIRST_PICTURE = "first-picture"
    SOURCE_CHANGED = "source-changed"
    SHOWS_EARLIER = "shows-earlier"
    RESTORED = "restored"
    ADOPTED_BACK = "adopted-back"
    CHOSEN = "chosen"
    INTERRUPTED = "interrupted"
    SOURCE_EMPTIED = "source-emptied"
    # nothing is done, and why
    WAITS_FOR_TRIGGER = "waits-for-trigger"
    ASKED = "asked"
    SETTLING = "settling"
    STALE_REPLICA = "stale-replica"
    ONLY_WATCHED = "only-watched"
    DIFFERS = "differs"
    DIFFERS_SINCE = "differs-since"
    REMOVED_AT_TARGET = "removed-at-target"
    RESPECTED = "respected"
    SOURCE_TAKES_NONE = "source-takes-none"
    PINNED = "pinned"
    PINNED_REMOVAL = "pinned-removal"
    PINNED_BACK = "pinned-back"
    SOURCE_HAS_NONE = "source-has-none"
    SOURCE_KEPT = "source-kept"
    OPTED_OUT = "opted-out"
    OPTED_OUT_UNTIL = "opted-out-until"
    CONSENT_MISSING = "consent-missing"
    CONSENT_ENDED = "consent-ended"
    REMOVAL_UNSAFE = "removal-unsafe"
    # nothing can be told
    NO_SOURCE_ACCOUNT = "no-source-account"
    SOURCE_UNREADABLE = "source-unreadable"
    SOURCE_UNFIT = "source-unfit"
    SOURCE_PLACEHOLDER = "source-placeholder"
    ABSENT_ONCE = "absent-once"
    TARGET_UNREADABLE = "target-unreadable"
    UNKNOWN_STORE = "unknown-store"
    NO_ACCOUNT = "no-account"
    AMBIGUOUS = "ambiguous"
    # a picture cannot be set from here
    NO_ROUTE = "no-route"
    NO_ACCOUNT_AT_SOURCE = "no-account-at-source"
    SOURCE_READ_ONLY = "source-read-only"
    SOURCE_OUTRANKED = "source-outranked"
    LOCKED = "locked"
    NOT_REMOVABLE = "not-removable"
    # systems that are looked at only
    IS_SOURCE = "is-source"
    HAS_NONE = "has-none"
    NOT_ROUTED = "not-routed"


@dataclass(frozen=True, slots=True)
class Reason:
    code: Code
    facts: Mapping[str, str] = field(default_factory=dict)


def because(code: Code, **facts: object) -> Reason:
    """A reason with its facts as text: `because(Code.SETTLING, until=instant)`."""
    return Reason(code, {name: _text(value) for name, value in facts.items()})


def resting_on(inner: Reason, code: Code, **facts: object) -> Reason:
    """A reason that rests on another one: the other's code is the fact `because`, and its facts stand beside."""
    return Reason(code, {**inner.facts, **because(code, **facts).facts, "because": inner.code.value})


def innermost(reason: Reason) -> Reason:
    """What a reason rests on; the reason itself where that is nothing else."""
    below = reason.facts.get("because", "")
    if below not in _CODES:  # plan files of the first version hold a sentence there
        return reason
    return innermost(Reason(Code(below), {name: fact for name, fact in reason.facts.items() if name != "because"}))


_CODES = frozenset(code.value for code in Code)


def _text(value: object) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


ENGLISH: Mapping[Code, str] = {
    Code.AS_LEFT: "Shows the picture from {source}, unchanged since {at}.",
    Code.ALIKE: "Shows the same picture as {source}.",
    Code.SAME_PICTURE_NEW_BYTES: "{source} re-encoded the same picture; nothing to write.",
    Code.FIRST_PICTURE: "No picture yet; {source} has one.",
    Code.SOURCE_CHANGED: "The picture in {source} changed after this one was put here.",
    Code.SHOWS_EARLIER: "Shows an earlier picture from {source}.",
    Code.RESTORED: "Shows another picture; the rule of this route says that {source} wins.",
    Code.ADOPTED_BACK: "Somebody chose another picture here; the rule of this route is to take it into {source}.",
    Code.CHOSEN: "Chosen in samepic by {by}.",
    Code.INTERRUPTED: "A write was begun and never confirmed; it is done again.",
    Code.SOURCE_EMPTIED: "{source} no longer has a picture; the rule of this route is to remove it here too.",
    Code.WAITS_FOR_TRIGGER: "{because} Moves on: {when}.",
    Code.ASKED: "Asked on {at}; look again on {until}.",
    Code.SETTLING: "Written on {at}; this system may show the old picture until {until}.",
    Code.STALE_REPLICA: "Shows an older version of ours for now; judged after {until}.",
    Code.ONLY_WATCHED: "{because} This route only looks.",
    Code.DIFFERS: "Shows another picture than {source}.",
    Code.DIFFERS_SINCE: "Somebody changed the picture here after {at}.",
    Code.REMOVED_AT_TARGET: "The picture was removed here after {at}.",
    Code.RESPECTED: "Shows a picture of its own; the rule of this route is to respect it.",
    Code.SOURCE_TAKES_NONE: "Somebody chose another picture here, but {source} cannot be written to.",
    Code.PINNED: "Undone on {at}: this picture stays out until {source} has another one or somebody releases it.",
    Code.PINNED_REMOVAL: "Undone on {at}: the picture stays until the source has another one or somebody releases it.",
    Code.PINNED_BACK: "Undone on {at}: the picture here is not taken into {source} again.",
    Code.SOURCE_HAS_NONE: "{source} has no picture to bring here.",
    Code.SOURCE_KEPT: "{source} no longer has a picture; the rule of this route is to keep what is here.",
    Code.OPTED_OUT: "Opted out on {at}: no picture is brought here.",
    Code.OPTED_OUT_UNTIL: "Opted out until {until}: no picture is brought here before that.",
    Code.CONSENT_MISSING: "Waits for the person's consent: without it no picture is brought here.",
    Code.CONSENT_ENDED: "The person's consent ended on {ended}: without a new one no picture is brought here.",
    Code.REMOVAL_UNSAFE: "{source} no longer has a picture, but what is here is not what we left.",
    Code.NO_SOURCE_ACCOUNT: "No account in {source}, so no picture to bring here.",
    Code.SOURCE_UNREADABLE: "{source} could not be read: {detail}",
    Code.SOURCE_UNFIT: "The picture in {source} cannot be used: {detail}",
    Code.SOURCE_PLACEHOLDER: "{source} shows a placeholder and nobody's picture: a silhouette, initials or one colour.",
    Code.ABSENT_ONCE: "The picture in {source} is gone at first look; a second look decides.",
    Code.TARGET_UNREADABLE: "Could not be read: {detail}",
    Code.UNKNOWN_STORE: "Something is there, but which store it came from cannot be told.",
    Code.NO_ACCOUNT: "No account here.",
    Code.AMBIGUOUS: "Who this account belongs to is not certain: {detail}",
    Code.NO_ROUTE: "No route says where pictures come from.",
    Code.NO_ACCOUNT_AT_SOURCE: "{name} has no account in {source}, where pictures come from.",
    Code.SOURCE_READ_ONLY: "Pictures come from {source}, which samepic does not write to.",
    Code.SOURCE_OUTRANKED: "{source} comes before {target}, and has a picture.",
    Code.LOCKED: "The picture in {source} is locked: the directory decides, by {rule}.",
    Code.NOT_REMOVABLE: "{source} does not let samepic take a picture away.",
    Code.IS_SOURCE: "The picture that counts.",
    Code.HAS_NONE: "No picture here.",
    Code.NOT_ROUTED: "Has a picture of its own; no route takes it from here.",
}


Say = Callable[[str, str], str]
"""The name of a fact, and the fact, to how it is said."""


def sentence(reason: Reason, words: Mapping[Code, str] = ENGLISH, say: Say | None = None) -> str:
    """The reason as a sentence. Without `say`, instants are shortened to the minute, in UTC."""
    say = say or _readable
    template = words[reason.code]
    names = {name for _, name, _, _ in Formatter().parse(template) if name}
    facts = {name: say(name, reason.facts.get(name, "?")) for name in names}
    if "because" in names and (inner := innermost(reason)) is not reason:
        facts["because"] = sentence(inner, words, say)
    return template.format(**facts).strip()


def instant_in(fact: str) -> datetime | None:
    """The instant that a fact is, if it is one."""
    try:
        return datetime.fromisoformat(fact) if fact[:2].isdigit() else None
    except ValueError:
        return None


def _readable(_: str, fact: str) -> str:
    at = instant_in(fact)
    return fact if at is None else f"{at:%Y-%m-%d %H:%M UTC}"
