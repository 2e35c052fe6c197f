"""What runs cost on the practice tenant: requests, seconds, processor time and memory for each person.

    python -m bench.runs --people 400 5000
    python -m bench.runs --people 400 5000 100000 --keep state/bench

For each number of people: the first run of a `write` route from Exchange to SharePoint, a second in which nothing has
changed, and a third after one person in a hundred has got a new picture in Exchange. Requests are the tenant's own
count. A second table says how each grows from one number of people to the next. Fails where the second run writes, or
costs more than 0.055 requests a person. With `--keep` what was measured is not measured again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.tenant import sketching_tenant, writes
from samepic.demo.tenant import Tenant

BUDGET = 0.055
"""HTTP requests a person that a run may cost in which nothing has changed."""

LARGE = 5_000
"""From so many people on, what a run costs however many they are no longer counts."""

CHANGED = 0.01
UNHURRIED = "profiles_in_five_minutes = 100_000_000"
"""A benchmark measures samepic, not how long it waits out of politeness; `docs/performance.md` says that besides."""

_HEAD = (
    "run",
    "people",
    "acts",
    "requests",
    "a person",
    "writes",
    "s",
    "CPU s",
    "ms a person",
    "peak MB",
    "kB a person",
)
_GROWTH_HEAD = ("run", "from people", "requests a person x", "CPU a person x", "memory a person x")


@dataclass(frozen=True)
class Measured:
    """One run: what its process said of itself, and what the tenant counted."""

    name: str
    said: dict[str, Any]
    counted: dict[str, Any]

    @property
    def people(self) -> int:
        return int(self.said["people"])

    @property
    def requests_a_person(self) -> float:
        return float(self.counted["total"]) / self.people

    @property
    def cpu_a_person(self) -> float:
        """Seconds of processor time, those of the imaging children included."""
        return float(self.said["cpu"] + self.said["cpu_imaging"]) / self.people

    @property
    def memory_a_person(self) -> float:
        """Bytes by which the process has grown since its start, at its largest."""
        return float(self.said["peak"] - self.said["idle"]) / self.people

    def row(self) -> list[str]:
        said = self.said
        return [
            self.name,
            f"{self.people:,}",
            f"{sum(said['results'].values()):,}",
            f"{self.counted['total']:,}",
            f"{self.requests_a_person:.4f}",
            f"{writes(self.counted):,}",
            f"{said['seconds']:.1f}",
            f"{self.cpu_a_person * self.people:.1f}",
            f"{1000 * self.cpu_a_person:.2f}",
            f"{said['peak'] / 1e6:.0f}",
            f"{self.memory_a_person / 1e3:.1f}",
        ]

    def growth(self, smaller: Measured) -> list[str]:
        """What a person costs here, as so many times what one cost among fewer people."""
        pairs = (
            (self.requests_a_person, smaller.requests_a_person),
            (self.cpu_a_person, smaller.cpu_a_person),
            (self.memory_a_person, smaller.memory_a_person),
        )
        sizes = f"{smaller.people:,} to {self.people:,}"
        return [self.name, sizes, *(f"{large / small:.2f}" for large, small in pairs)]


async def runs(people: int, folder: Path, pictured: int = 100) -> list[Measured]:
    async with sketching_tenant(folder / "tenant", people, pictured) as tenant:
        settings = folder / "samepic.toml"
        text = tenant.settings(way="write", when=("manual",), conflict="restore")
        settings.write_text(text.replace("admin_site =", f"{UNHURRIED}\nadmin_site ="), encoding="utf-8")
        found = [
            await _once("first", tenant, settings, "first"),
            await _once("no-op", tenant, settings, "sync"),
        ]
        if not _result(settings, "1 % changed").exists():
            await change(tenant, max(1, round(people * CHANGED)))
        found.append(await _once("1 % changed", tenant, settings, "sync"))
        return found


def _result(settings: Path, name: str) -> Path:
    return settings.with_name(f"{name}.json")


async def _once(name: str, tenant: Tenant, settings: Path, phase: str) -> Measured:
    """Measures, unless that was done before in this folder."""
    kept = _result(settings, name)
    if not kept.exists():
        measured = await _measured(name, tenant, settings, phase)
        kept.write_text(json.dumps(asdict(measured)), encoding="utf-8")
    return Measured(**json.loads(kept.read_text(encoding="utf-8")))


async def change(tenant: Tenant, count: int) -> None:
    """Gives `count` people of SharePoint a new mailbox picture."""
    after, left, occasion = -1, count, f"benchmark {secrets.token_hex(4)}"  # new also where a run was broken off
    while left:
        page = await tenant.ask_control("GET", "/people", params={"after": after, "top": 500})
        able = [one for one in page["people"] if one["pictures"]["mailbox"] and one["case"] in {"in-sync", "stale"}]
        for one in able[:left]:
            await tenant.ask_control("PUT", f"/people/{one['id']}/mailbox/picture", json={"portrait": occasion})
        left -= len(able[:left])
        after = page["after"] if left else after


async def _measured(name: str, tenant: Tenant, settings: Path, phase: str) -> Measured:
    await tenant.ask_control("POST", "/requests/reset")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.phase", str(settings), phase), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"The run {name!r} ended with {process.returncode}.")
    measured = Measured(name, json.loads(out), await tenant.ask_control("GET", "/requests"))
    sys.stderr.write(f"{name}: {json.dumps({**measured.said, 'counted': measured.counted['faces']})}\n")
    return measured


def table(head: tuple[str, ...], rows: list[list[str]]) -> Iterator[str]:
    """Lines of a Markdown table, its columns as wide as they have to be."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for cells in (list(head), ["-" * width for width in widths], *rows):
        yield "| " + " | ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


def neighbours(found: list[Measured]) -> Iterator[tuple[Measured, Measured]]:
    """Each run beside the same run among the next more people."""
    for name in dict.fromkeys(one.name for one in found):
        yield from pairwise(sorted((one for one in found if one.name == name), key=lambda one: one.people))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=[400, 5000])
    parser.add_argument("--pictured", type=int, default=100, help="how many in a hundred have a picture of their own")
    parser.add_argument("--keep", type=Path, help="keep tenants and stores in this folder")
    arguments = parser.parse_args()
    found: list[Measured] = []
    with ExitStack() as stack:
        root = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for people in arguments.people:
            folder = root / str(people)
            folder.mkdir(parents=True, exist_ok=True)
            found += asyncio.run(runs(people, folder, arguments.pictured))
    sys.stdout.write("\n".join(table(_HEAD, [one.row() for one in found])) + "\n")
    if grown := [large.growth(small) for small, large in neighbours(found)]:
        sys.stdout.write("\n" + "\n".join(table(_GROWTH_HEAD, grown)) + "\n")
    idle = [one for one in found if one.name == "no-op"]
    too_much = [one for one in idle if writes(one.counted) or (one.requests_a_person > BUDGET and one.people >= LARGE)]
    for one in too_much:
        sys.stderr.write(
            f"{one.people} people: {writes(one.counted)} writes, {one.requests_a_person:.4f} requests a person.\n"
        )
    return 1 if too_much else 0


if __name__ == "__main__":
    raise SystemExit(main())
