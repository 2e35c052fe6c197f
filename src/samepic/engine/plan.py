"""The decision: what to do about one slot. Pure, and the whole policy in one place.

`decide` looks at what is wanted, what is there, what we last knew to be right, and what else is known, and answers with
a step, a verdict and the reason. Where it cannot tell without comparing pictures it answers `Look` instead; the caller
fetches, compares, and asks again with the evidence. Time is a value. Doubt may repeat a write but never deletes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from samepic.engine.choosing import Choice, Missing, Undecided, Wanted
from samepic.engine.reasons import Code, Reason, because, resting_on
from samepic.engine.rules import Declined
from samepic.model import (
    Adopt,
    Baseline,
    By,
    Conflict,
    Digest,
    Hold,
    Keep,
    Likeness,
    Pull,
    Put,
    Remove,
    Route,
    Sighting,
    Slot,
    Step,
    Traits,
    Unseen,
    Verdict,
    Way,
    Why,
)


class Look(StrEnum):
    """What has to be compared before the slot can be judged."""

    TARGET = "target"  # the target's picture with the wanted one, with the baseline's, and with earlier ones
    SOURCE = "source"  # the wanted portrait with the baseline's


@dataclass(frozen=True, slots=True)
class Evidence:
    """What comparing has shown. None: not compared.

    `earlier` is whether the target shows a picture that the source showed before; `more_pixels` whether the wanted
    portrait has more of them than the one in the baseline; `shown` the target's picture, kept so that it can be used.
    """

    like_want: Likeness | None = None
    like_baseline: Likeness | None = None
    earlier: bool = False
    source_like_baseline: Likeness | None = None
    more_pixels: bool = False
    shown: Digest | None = None


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """A write that was begun and never confirmed: "put" or "remove", of what, over which version."""

    step: str
    want: Digest | None
    expect: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A pin: somebody undid our write of `want` (None: our removal) on that day."""

    want: Digest | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Prompted:
    """The system, or the person, was asked to move `want` at that instant."""

    want: Digest
    at: datetime


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the decision about one slot depends on.

    `versions` are those this slot showed while it was as we left it; `triggered` says that what may start the route has
    happened; `held` is a reason to touch nothing (whose account this is, is not certain); `declined` says that the
    person wants no picture brought here, or was not asked. `source_writes` says that the wanted picture's own system
    takes pictures too; `source_pin` is the pin on the slot it came from, `source_declined` what was said about that.
    """

    slot: Slot
    route: Route
    choice: Choice
    seen: Sighting | Unseen
    traits: Traits
    now: datetime
    triggered: bool = True
    baseline: Baseline | None = None
    versions: frozenset[str] = frozenset()
    intent: OpenIntent | None = None
    pin: Refusal | None = None
    prompted: Prompted | None = None
    held: Reason | None = None
    declined: Declined | None = None
    source_writes: bool = False
    source_pin: Refusal | None = None
    source_declined: Declined | None = None
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def as_left(self) -> bool:
        """The target shows the very version that our baseline names (or the emptiness that we left)."""
        if self.baseline is None or isinstance(self.seen, Unseen):
            return False
        if self.seen.present and self.seen.version is None:
            return False
        return self.seen.version == self.baseline.version


@dataclass(frozen=True, slots=True)
class Decision:
    slot: Slot
    step: Step
    verdict: Verdict
    reason: Reason
    rule: str = ""


def decide(s: Situation) -> Decision | Look:
    """The step for one slot, or what to compare first."""
    if (left_alone := _left_alone(s)) is not None:
        return left_alone
    assert isinstance(s.seen, Sighting)
    # An interrupted write is ours to finish; what it left behind is never "somebody else".
    if s.intent is not None and (resumed := _resume(s, s.intent)) is not None:
        return resumed
    match s.choice:
        case Undecided(reason, rule):
            return _hold(s, Verdict.HELD, reason, rule)
        case Missing() as missing:
            return _missing(s, missing)
        case Wanted() as wanted:
            return _move(s, wanted, s.seen)


def _left_alone(s: Situation) -> Decision | None:
    # Whose face this is comes before everything else.
    if s.held is not None:
        return _hold(s, Verdict.HELD, s.held, rule="ambiguous accounts are held")
    # What cannot be seen is neither judged nor written to, not even to finish an interrupted write.
    if isinstance(s.seen, Unseen):
        return _unseen(s, s.seen)
    # For whoever declines nothing is brought, nothing is taken away, nothing begun is finished.
    return None if s.declined is None else _declined(s, s.declined)


def _unseen(s: Situation, seen: Unseen) -> Decision:
    match seen.why:
        case Why.GONE:
            return Decision(s.slot, Keep(s.slot), Verdict.NO_ACCOUNT, because(Code.NO_ACCOUNT))
        case Why.HIDDEN:
            return _hold(s, Verdict.UNKNOWN_STORE, because(Code.UNKNOWN_STORE))
        case _:
            return _hold(s, Verdict.CANNOT_READ, because(Code.TARGET_UNREADABLE, detail=seen.detail or seen.why))


def _declined(s: Situation, declined: Declined) -> Decision:
    return _hold(s, Verdict.HELD, declined.reason, declined.rule, declined.until)


def _resume(s: Situation, intent: OpenIntent) -> Decision | None:
    """Write again what was being written, or its successor. In doubt a removal is only noted, never repeated.

    None: judge the slot as if nothing had been begun; keeping or adopting what is there closes the intent.
    """
    assert isinstance(s.seen, Sighting)
    want = s.choice.digest if isinstance(s.choice, Wanted) else intent.want
    if s.route.way is not Way.WRITE or (intent.step == "remove" and s.seen.present):
        return None
    step: Step
    if want is not None and intent.step in {"put", "remove"} and not _refused(s, want):
        step = Put(s.slot, want, s.seen.version, overwrites=s.seen.present)
    elif intent.step == "remove":  # it happened; doing it again takes nothing away and settles the journal
        step = Remove(s.slot)
    else:
        return None
    return Decision(s.slot, step, Verdict.WAITING, because(Code.INTERRUPTED), "an interrupted write is repeated")


def _missing(s: Situation, missing: Missing) -> Decision:
    """The sources have nothing. Ours is removed only where the rule says so and it is still what we left."""
    assert isinstance(s.seen, Sighting)
    verdict = Verdict.DIFFERENT if s.seen.present else Verdict.NONE
    ours = s.baseline is not None and s.baseline.by is By.US
    if not (missing.remove and ours and s.seen.present):
        return Decision(s.slot, Keep(s.slot), verdict, missing.reason, missing.rule)
    if s.pin is not None and s.pin.want is None:
        return _hold(s, Verdict.HELD, because(Code.PINNED_REMOVAL, at=s.pin.at), "an undo is kept")
    if not (s.as_left and s.traits.removes and s.route.way is Way.WRITE):
        reason = because(Code.REMOVAL_UNSAFE, source=" and ".join(s.route.sources))
        return _hold(s, Verdict.HELD, reason, missing.rule)
    return _when_triggered(s, Decision(s.slot, Remove(s.slot, s.seen.version), verdict, missing.reason, missing.rule))


def _move(s: Situation, wanted: Wanted, seen: Sighting) -> Decision | Look:
    source = wanted.slot.system
    # Undone by somebody: this picture stays out, whatever the target shows.
    if _refused(s, wanted.digest):
        assert s.pin is not None
        return _hold(s, Verdict.HELD, because(Code.PINNED, at=s.pin.at, source=source), "an undo is kept")
    if s.as_left:
        assert s.baseline is not None
        # Nothing moved on either side: no request at all.
        if s.baseline.want == wanted.digest:
            return _same(s, Keep(s.slot), because(Code.AS_LEFT, source=source, at=s.baseline.at), wanted)
        return _source_changed(s, wanted, seen)
    if (lagging := _lagging(s, seen)) is not None:
        return lagging
    if not seen.present:
        return _empty(s, wanted, seen)
    return _compared(s, wanted)


def _lagging(s: Situation, seen: Sighting) -> Decision | None:
    """What is shown may not be what is there: held until the system has had its time."""
    if s.baseline is None:
        return None
    # Reads may lag behind our last write: not judged before the system has settled.
    until = s.baseline.at + s.traits.settles
    if s.baseline.by is By.US and s.now < until:
        return _hold(s, Verdict.WAITING, because(Code.SETTLING, at=s.baseline.at, until=until), until=until)
    # An older version of ours is a stale replica, not a meddler: wait for it to catch up.
    until = s.baseline.at + s.route.deadline
    if seen.version in s.versions and s.now < until:
        return _hold(s, Verdict.WAITING, because(Code.STALE_REPLICA, until=until), until=until)
    return None


def _source_changed(s: Situation, wanted: Wanted, seen: Sighting) -> Decision | Look:
    """The target is as we left it, the source has other bytes."""
    assert s.baseline is not None
    source = wanted.slot.system
    if not seen.present:
        return _bring(s, wanted, Verdict.NONE, because(Code.FIRST_PICTURE, source=source))
    if s.evidence.source_like_baseline is None:
        return Look.SOURCE
    # Services re-encode at will: the same picture in other bytes is noted, not written, unless it became larger.
    if s.evidence.source_like_baseline is Likeness.SAME and not s.evidence.more_pixels:
        adopt = Adopt(s.slot, wanted.digest, seen.version, s.baseline.by)
        return _same(s, adopt, because(Code.SAME_PICTURE_NEW_BYTES, source=source), wanted)
    return _bring(s, wanted, Verdict.OLDER, because(Code.SOURCE_CHANGED, source=source))


def _empty(s: Situation, wanted: Wanted, seen: Sighting) -> Decision:
    """No picture in the target: never one, or one that was there before and is gone."""
    source = wanted.slot.system
    if s.baseline is None or s.route.way is not Way.WRITE:
        verdict = Verdict.NEVER_VISITED if seen.untouched else Verdict.NONE
        return _bring(s, wanted, verdict, because(Code.FIRST_PICTURE, source=source))
    return _conflict(s, wanted, Verdict.NONE, because(Code.REMOVED_AT_TARGET, at=s.baseline.at))


def _compared(s: Situation, wanted: Wanted) -> Decision | Look:
    """The target shows something that we cannot tell by its version: compare before accusing. Unsure is unlike."""
    assert isinstance(s.seen, Sighting)
    source, evidence = wanted.slot.system, s.evidence
    if evidence.like_want is None:
        return Look.TARGET
    if evidence.like_want is Likeness.SAME:
        adopt = Adopt(s.slot, wanted.digest, s.seen.version, _whose(s, wanted))
        return _same(s, adopt, because(Code.ALIKE, source=source), wanted)
    if evidence.like_baseline is Likeness.SAME:
        return _bring(s, wanted, Verdict.OLDER, because(Code.SOURCE_CHANGED, source=source))
    if evidence.earlier:
        return _bring(s, wanted, Verdict.OLDER, because(Code.SHOWS_EARLIER, source=source))
    if s.baseline is None:
        return _conflict(s, wanted, Verdict.DIFFERENT, because(Code.DIFFERS, source=source))
    return _conflict(s, wanted, Verdict.DIFFERENT, because(Code.DIFFERS_SINCE, at=s.baseline.at))


def _whose(s: Situation, wanted: Wanted) -> By:
    """Who put a picture that turned out to be the right one."""
    if s.baseline is not None and s.baseline.want == wanted.digest:
        return s.baseline.by
    return By.SYSTEM if s.route.way is Way.PULL else By.ADOPTED


def _conflict(s: Situation, wanted: Wanted, verdict: Verdict, reason: Reason) -> Decision:
    """The target's picture (or its absence) is somebody else's doing: the route's rule decides."""
    if s.route.way is not Way.WRITE:
        return _hold(s, verdict, reason, "a pull route accuses nobody")
    match s.route.conflict:
        case Conflict.RESTORE:
            return _bring(s, wanted, verdict, because(Code.RESTORED, source=wanted.slot.system))
        case Conflict.RESPECT:
            return Decision(s.slot, Keep(s.slot), verdict, because(Code.RESPECTED), "conflict: respect")
        case Conflict.ADOPT_BACK if s.evidence.shown is not None:
            return _adopt_back(s, wanted, verdict, s.evidence.shown)
        case _:  # a picture that is gone is never carried back
            return _hold(s, verdict, reason, "conflict: hold")


def _adopt_back(s: Situation, wanted: Wanted, verdict: Verdict, shown: Digest) -> Decision:
    """The target's picture goes to the source that counts; the next run finds the two alike."""
    source = wanted.slot.system
    if not s.source_writes:
        return _hold(s, verdict, because(Code.SOURCE_TAKES_NONE, source=source), "conflict: adopt back")
    if s.source_declined is not None:
        return _declined(s, s.source_declined)
    if s.source_pin is not None and s.source_pin.want == shown:
        return _hold(s, Verdict.HELD, because(Code.PINNED_BACK, at=s.source_pin.at, source=source), "an undo is kept")
    put = Put(wanted.slot, shown, None, overwrites=True)
    reason = because(Code.ADOPTED_BACK, source=source)
    return _when_triggered(s, Decision(s.slot, put, verdict, reason, "conflict: adopt back"))


def _bring(s: Situation, wanted: Wanted, verdict: Verdict, reason: Reason) -> Decision:
    """The wanted picture should come here: by the route's way, and once something has started it."""
    assert isinstance(s.seen, Sighting)
    if s.route.way is Way.WATCH:
        watched = resting_on(reason, Code.ONLY_WATCHED)
        return Decision(s.slot, Keep(s.slot), verdict, watched, "way: watch")
    if s.route.way is Way.PULL:
        return _prompt(s, wanted, verdict, reason)
    put = Put(s.slot, wanted.digest, s.seen.version, overwrites=s.seen.present)
    return _when_triggered(s, Decision(s.slot, put, verdict, reason, wanted.rule))


def _prompt(s: Situation, wanted: Wanted, verdict: Verdict, reason: Reason) -> Decision:
    """Ask the system, but not again within its interval; and until the deadline only if something started it anew."""
    asked = s.prompted
    if asked is not None and asked.want == wanted.digest:
        until = asked.at + (s.traits.interval if s.triggered else s.route.deadline)
        if s.now < until:
            return _hold(s, Verdict.WAITING, because(Code.ASKED, at=asked.at, until=until), until=until)
    return _when_triggered(s, Decision(s.slot, Pull(s.slot, wanted.digest), verdict, reason, wanted.rule))


def _when_triggered(s: Situation, decision: Decision) -> Decision:
    if s.triggered:
        return decision
    when = ", ".join(sorted(s.route.when)) or "nothing"
    reason = resting_on(decision.reason, Code.WAITS_FOR_TRIGGER, when=when)
    return replace(decision, step=Hold(s.slot), reason=reason)


def _same(s: Situation, step: Keep | Adopt, reason: Reason, wanted: Wanted) -> Decision:
    return Decision(s.slot, step, Verdict.SAME, reason, wanted.rule)


def _hold(s: Situation, verdict: Verdict, reason: Reason, rule: str = "", until: datetime | None = None) -> Decision:
    return Decision(s.slot, Hold(s.slot, until), verdict, reason, rule)


def _refused(s: Situation, want: Digest) -> bool:
    return s.pin is not None and s.pin.want == want
