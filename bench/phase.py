"""One run of samepic in a process of its own, measured from inside; prints one line of JSON.

    python -m bench.phase samepic.toml sync

`first` makes the plan of a route's first run and applies it as it is; `sync` is what a timer starts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from samepic import settings as settings_file
from samepic.cli.app import collect_seldom
from samepic.engine.organisation import Organisation
from samepic.engine.planning import look_and_plan
from samepic.engine.reading import Roll, call_roll
from samepic.engine.sync import Report, apply_plan, occasion_now, sync
from samepic.model import Trigger
from samepic.services import open_organisation


async def first(org: Organisation, roll: Roll) -> Report:
    """Whoever reads a plan confirms its alarms; a benchmark confirms them all."""
    plan = await look_and_plan(org, roll, list(roll.persons), await occasion_now(org, Trigger.MANUAL))
    return await apply_plan(org, roll, plan, confirmed=frozenset(alarm.count for alarm in plan.alarms))


async def again(org: Organisation, roll: Roll) -> Report:
    return await sync(org, roll, list(roll.persons), Trigger.MANUAL)


PHASES = {"first": first, "sync": again}


async def run(settings: Path, phase: str) -> dict[str, Any]:
    idle = _peak()
    began = time.monotonic()
    async with open_organisation(settings_file.load(settings)) as org:
        roll = await call_roll(org)
        report = await PHASES[phase](org, roll)
    seconds = time.monotonic() - began
    own, helpers = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "people": len(roll.persons),
        "seconds": seconds,
        "cpu": own.ru_utime + own.ru_stime,
        "cpu_imaging": helpers.ru_utime + helpers.ru_stime,
        "peak": _peak(),
        "idle": idle,
        "steps": Counter(type(line.decision.step).__name__ for line in report.plan.lines),
        "results": Counter(str(one.result) for one in report.outcomes),
        "held": [one.message for one in report.held],
        "troubles": dict(report.troubles),
        "details": list(dict.fromkeys(one.detail for one in report.outcomes if not one.good))[:3],
    }


def _peak() -> int:
    """The most memory this process has had, in bytes. Linux gives kibibytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", type=Path)
    parser.add_argument("phase", choices=PHASES)
    arguments = parser.parse_args()
    collect_seldom()
    sys.stdout.write(json.dumps(asyncio.run(run(arguments.settings, arguments.phase))) + "\n")
