"""Which picture is wanted for a person, and which rule decided. Pure.

Sources are asked in the route's order of authority. Unreadable is not empty: it ends the search without a choice. A
source is passed over only where its picture is absent and was never there, or was seen absent twice and the route's
rule for an emptied source is to remove.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from samepic.engine.reasons import Code, Reason, because
from samepic.model import Digest, Emptied, Slot

LOOKS_BEFORE_ABSENT = 2
"""How often in a row a picture must be seen absent before it counts as gone: one answer of a batch may lie."""


@dataclass(frozen=True, slots=True)
class Present:
    """A usable picture in a source slot."""

    slot: Slot
    digest: Digest
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Absent:
    """No picture there; `looks` times in a row. `had` is the last one that we saw there."""

    slot: Slot
    looks: int = 1
    had: Digest | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Whether there is a picture, or a usable one, cannot be told."""

    slot: Slot
    reason: Reason


@dataclass(frozen=True, slots=True)
class NoAccount:
    system: str


Candidate = Present | Absent | Unknown | NoAccount


@dataclass(frozen=True, slots=True)
class Wanted:
    """The portrait, where it came from, and the rule in words."""

    digest: Digest
    slot: Slot
    rule: str


@dataclass(frozen=True, slots=True)
class Missing:
    """There is nothing to bring. `lost` is true where there once was; the route's rule for it is in `remove`."""

    reason: Reason
    rule: str
    lost: bool = False
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Undecided:
    """A source that matters cannot be read now."""

    reason: Reason
    rule: str


Choice = Wanted | Missing | Undecided


def choose(candidates: Sequence[Candidate], emptied: Emptied = Emptied.KEEP) -> Choice:
    """The choice among the candidates of one person, in order of authority; there is at least one."""
    order = ", ".join(_system(one) for one in candidates)
    lost: Missing | None = None
    for place, candidate in enumerate(candidates):
        rule = f"source {place + 1} of {len(candidates)} ({order})"
        match candidate:
            case Present(slot, digest):
                return Wanted(digest, slot, rule)
            case Unknown(_, reason):
                return Undecided(reason, rule)
            case Absent(slot, looks, had) if had and looks < LOOKS_BEFORE_ABSENT:
                return Undecided(because(Code.ABSENT_ONCE, source=slot.system), rule)
            case Absent(slot, _, had) if had and emptied is Emptied.KEEP:
                return Missing(because(Code.SOURCE_KEPT, source=slot.system), "source empty: keep", lost=True)
            case Absent(slot, _, had) if had:
                reason = because(Code.SOURCE_EMPTIED, source=slot.system)
                lost = lost or Missing(reason, "source empty: remove", lost=True, remove=True)
    return lost or _nothing(candidates)


def _nothing(candidates: Sequence[Candidate]) -> Missing:
    holders = [one.slot.system for one in candidates if isinstance(one, Absent)]
    if holders:
        return Missing(because(Code.SOURCE_HAS_NONE, source=" and ".join(holders)), "no source has a picture")
    systems = " or ".join(_system(one) for one in candidates)
    return Missing(because(Code.NO_SOURCE_ACCOUNT, source=systems), "no account in any source")


def _system(candidate: Candidate) -> str:
    return candidate.system if isinstance(candidate, NoAccount) else candidate.slot.system
