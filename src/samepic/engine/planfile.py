"""Plans as files: versioned JSON that a second person can read, and that `apply` checks against the world."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from samepic.engine.guard import Alarm
from samepic.engine.guard import Kind as AlarmKind
from samepic.engine.plan import Decision, Evidence
from samepic.engine.planning import Grounds, Line, Plan
from samepic.engine.reasons import Code, Reason, sentence
from samepic.errors import PlanRefused
from samepic.model import (
    Adopt,
    By,
    Digest,
    Hold,
    Keep,
    Likeness,
    PersonId,
    Pull,
    Put,
    Remove,
    Slot,
    Step,
    Trigger,
    Verdict,
)

VERSION = 1

_STEPS: dict[str, type[Step]] = {
    "put": Put,
    "remove": Remove,
    "pull": Pull,
    "adopt": Adopt,
    "keep": Keep,
    "hold": Hold,
}

_LIKENESSES = ("like_want", "like_baseline", "source_like_baseline")


@dataclass(frozen=True, slots=True)
class Moved:
    """A planned step that the world no longer agrees with."""

    planned: Line
    reason: str


def step_name(step: Step) -> str:
    return type(step).__name__.lower()


def to_json(plan: Plan) -> dict[str, Any]:
    return {
        "samepic_plan": VERSION,
        "made_at": plan.made_at.isoformat(),
        "settings": plan.settings,
        "trigger": plan.trigger,
        "alarms": [asdict(alarm) for alarm in plan.alarms],
        "steps": [_line_to_json(line) for line in plan.lines],
    }


def _line_to_json(line: Line) -> dict[str, Any]:
    decision = line.decision
    return {
        "person": line.person,
        "name": line.name,
        "route": line.route,
        "system": decision.slot.system,
        "ref": decision.slot.ref,
        "step": step_name(decision.step),
        "into": [decision.step.slot.system, decision.step.slot.ref],
        **_details(decision.step),
        "verdict": decision.verdict,
        "reason": {"code": decision.reason.code, "facts": dict(decision.reason.facts)},
        "why": sentence(decision.reason),
        "rule": decision.rule,
        "grounds": asdict(line.grounds) if line.grounds else None,
    }


def _details(step: Step) -> dict[str, Any]:
    match step:
        case Put(_, want, expect, overwrites):
            return {"want": want, "expect": expect, "overwrites": overwrites}
        case Remove(_, expect):
            return {"expect": expect}
        case Pull(_, want):
            return {"want": want}
        case Adopt(_, want, version, by):
            return {"want": want, "version": version, "by": by}
        case Hold(_, until):
            return {"until": until.isoformat() if until else None}
        case Keep():
            return {}


def write(plan: Plan, path: Path) -> None:
    """Raises PlanRefused where the file cannot be written."""
    try:
        path.write_text(json.dumps(to_json(plan), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as why:
        raise PlanRefused(f"The plan cannot be written to {path}: {why.strerror}.") from None


def read(path: Path) -> Plan:
    """Raises PlanRefused where the file is not a plan that this version understands."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as why:
        raise PlanRefused(f"The plan {path} cannot be read: {why.strerror}.") from None
    except ValueError as why:
        raise PlanRefused(f"{path} is not a plan: {why}.", "Make one with `samepic plan --save FILE`.") from None
    if not isinstance(content, Mapping) or "samepic_plan" not in content:
        raise PlanRefused(f"{path} is not a plan.", "Make one with `samepic plan --save FILE`.")
    if content["samepic_plan"] != VERSION:
        raise PlanRefused(
            f"{path} is a plan of version {content['samepic_plan']}; this program reads version {VERSION}."
        )
    try:
        return from_json(content)
    except (KeyError, TypeError, ValueError) as why:
        raise PlanRefused(f"{path} is damaged: {type(why).__name__} {why}.", "Make the plan anew.") from None


def from_json(content: Mapping[str, Any]) -> Plan:
    """Raises KeyError, TypeError or ValueError where something is missing or of the wrong kind."""
    return Plan(
        made_at=datetime.fromisoformat(content["made_at"]),
        settings=content["settings"],
        trigger=Trigger(content["trigger"]),
        lines=tuple(_line_from_json(one) for one in content["steps"]),
        alarms=tuple(
            Alarm(AlarmKind(one["kind"]), one["where"], one["count"], one["message"]) for one in content["alarms"]
        ),
    )


def _line_from_json(content: Mapping[str, Any]) -> Line:
    slot = Slot(content["system"], content["ref"])
    reason = Reason(Code(content["reason"]["code"]), dict(content["reason"]["facts"]))
    into = Slot(*content["into"])  # another slot than the one decided about where a picture is carried back
    decision = Decision(slot, _step(into, content), Verdict(content["verdict"]), reason, content["rule"])
    return Line(PersonId(content["person"]), content["name"], content["route"], decision, _grounds(content))


def _grounds(content: Mapping[str, Any]) -> Grounds | None:
    if (found := content.get("grounds")) is None:
        return None
    said = found["evidence"]
    likes = {name: Likeness(said[name]) for name in _LIKENESSES if said[name] is not None}
    evidence = Evidence(**said | likes)
    return Grounds(found["version"], Digest(found["want"]), found["baseline"], evidence)


def _step(slot: Slot, content: Mapping[str, Any]) -> Step:
    match _STEPS[content["step"]]:
        case kind if kind is Put:
            return Put(slot, Digest(content["want"]), content["expect"], overwrites=content["overwrites"])
        case kind if kind is Remove:
            return Remove(slot, content["expect"])
        case kind if kind is Pull:
            return Pull(slot, Digest(content["want"]))
        case kind if kind is Adopt:
            return Adopt(slot, Digest(content["want"]), content["version"], By(content["by"]))
        case kind if kind is Hold:
            return Hold(slot, datetime.fromisoformat(content["until"]) if content["until"] else None)
        case _:
            return Keep(slot)


def recheck(plan: Plan, now: Plan) -> tuple[list[Line], list[Moved]]:
    """Which of the planned acts still hold in the plan made now, and which have moved, each with the reason."""
    if plan.settings != now.settings:
        raise PlanRefused(
            "The settings have changed since this plan was made.", "Make the plan anew and read it again."
        )
    current = {line.decision.slot: line for line in now.lines}
    kept: list[Line] = []
    moved: list[Moved] = []
    for line in plan.acts:
        today = current.get(line.decision.slot)
        if today is not None and today.decision.step == line.decision.step:
            kept.append(line)
        else:
            moved.append(Moved(line, "the account is gone" if today is None else sentence(today.decision.reason)))
    return kept, moved
