"""What to do about a reason, and who: pure, and the same in every language."""

from __future__ import annotations

from enum import StrEnum

from samepic.engine.reasons import Code, Reason, innermost


class Advice(StrEnum):
    NOTHING = "nothing"
    VISIT = "visit"  # the person opens OneDrive or SharePoint, and the system fetches
    WAIT = "wait"  # it is on its way; look again
    ADD = "add"  # the person puts a picture where it counts
    CONSENT = "consent"  # the person agrees on their own page
    DECIDE = "decide"  # an administrator has to look, or to decide


_NOTHING = frozenset({
    Code.AS_LEFT,
    Code.ALIKE,
    Code.SAME_PICTURE_NEW_BYTES,
    Code.RESPECTED,
    Code.NO_ACCOUNT,
    Code.IS_SOURCE,
    Code.NOT_ROUTED,
    Code.OPTED_OUT,
    Code.OPTED_OUT_UNTIL,
})  # fmt: skip
_STALE = frozenset({
    Code.FIRST_PICTURE,
    Code.SOURCE_CHANGED,
    Code.SHOWS_EARLIER,
    Code.DIFFERS,
    Code.DIFFERS_SINCE,
    Code.ASKED,
})  # fmt: skip
_UNDER_WAY = frozenset({
    Code.SETTLING,
    Code.STALE_REPLICA,
    Code.ABSENT_ONCE,
    Code.INTERRUPTED,
    Code.RESTORED,
    Code.ADOPTED_BACK,
    Code.CHOSEN,
    Code.SOURCE_EMPTIED,
})  # fmt: skip
_EMPTY = frozenset({Code.SOURCE_HAS_NONE, Code.SOURCE_KEPT, Code.SOURCE_UNFIT, Code.SOURCE_PLACEHOLDER, Code.HAS_NONE})


def advice(reason: Reason, *, pulls: bool) -> Advice:
    """What helps. `pulls`: the system fetches a picture by itself once its owner comes by."""
    code = innermost(reason).code
    if code in _NOTHING:
        return Advice.NOTHING
    if code in _STALE and pulls:
        return Advice.VISIT
    if code in _UNDER_WAY or code in {Code.FIRST_PICTURE, Code.SOURCE_CHANGED, Code.SHOWS_EARLIER, Code.ASKED}:
        return Advice.WAIT
    if code in {Code.CONSENT_MISSING, Code.CONSENT_ENDED}:
        return Advice.CONSENT
    return Advice.ADD if code in _EMPTY else Advice.DECIDE
