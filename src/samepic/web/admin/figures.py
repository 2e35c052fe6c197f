"""The numbers that matter, from what was last said about every slot. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from samepic.model import Verdict
from samepic.store.verdicts import Counts

NOON = time(12, tzinfo=UTC)


class Group(StrEnum):
    """Verdicts that ask for the same thing, under one number."""

    SAME = "same"
    STALE = "stale"
    NEVER = "never"
    NONE = "none"
    WAITING = "waiting"
    HELD = "held"
    UNREADABLE = "unreadable"

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return _VERDICTS[self]


_VERDICTS: Mapping[Group, tuple[Verdict, ...]] = {
    Group.SAME: (Verdict.SAME,),
    Group.STALE: (Verdict.OLDER, Verdict.DIFFERENT),
    Group.NEVER: (Verdict.NEVER_VISITED,),
    Group.NONE: (Verdict.NONE,),
    Group.WAITING: (Verdict.WAITING,),
    Group.HELD: (Verdict.HELD,),
    Group.UNREADABLE: (Verdict.CANNOT_READ, Verdict.UNKNOWN_STORE),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """One system: how many people are in each group, and how many there are."""

    system: str
    groups: Mapping[Group, int]

    @property
    def people(self) -> int:
        return sum(self.groups.values())

    @property
    def share(self) -> float:
        """Of everybody, those whose picture is right."""
        return self.groups[Group.SAME] / self.people if self.people else 0.0


def figures(system: str, counts: Counts) -> Figures:
    groups = {group: sum(counts.get((system, one), 0) for one in group.verdicts) for group in Group}
    return Figures(system, groups)


@dataclass(frozen=True, slots=True)
class Day:
    """`noon` stands for the day: in every time zone but the outermost it is the same one."""

    noon: datetime
    figures: Figures


def days(system: str, trend: Mapping[date, Counts]) -> list[Day]:
    """The days on which there was anybody in the system, oldest first."""
    found = [Day(datetime.combine(day, NOON), figures(system, counts)) for day, counts in trend.items()]
    return [one for one in found if one.figures.people]


@dataclass(frozen=True, slots=True)
class Curve:
    """A trend as a drawing `width` by `height`: the points of the line, and of the area below it."""

    width: int
    height: int
    line: str
    area: str


def curve(shares: Sequence[float], width: int = 360, height: int = 72) -> Curve:
    """Shares from 0 to 1 become points from the left to the right; there are at least two."""
    step = width / (len(shares) - 1)
    points = [(place * step, height - share * (height - 4) - 2) for place, share in enumerate(shares)]
    return Curve(width, height, _points(points), _points([(0, height), *points, (width, height)]))


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
