"""Two local folders of pictures in which nothing has changed: samepic beside unison and rclone, in one run.

    python -m bench.folders --pictures 1000 5000

Each tool first makes the second folder like the first; timed is what comes after, the best of three.
samepic starts its interpreter each time, as the others start their program.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.runs import table
from bench.tenant import sketch

ROUNDS = 3
SETTINGS = """
[systems.left]
kind = "folder"
path = "left"
[systems.right]
kind = "folder"
path = "right"
[[routes]]
from = ["left"]
to = "right"
way = "write"
when = ["manual"]
"""


def fill(folder: Path, pictures: int) -> None:
    folder.mkdir()
    for number in range(pictures):
        sketch("portrait", 240, "", str(number), "").save(folder / f"person{number}@contoso.example.jpg", quality=88)


def commands(root: Path) -> dict[str, list[list[str]]]:
    """For each tool the commands of a first run, of which the last is what every later run is too."""
    samepic = [sys.executable, "-m", "bench.phase", str(root / "samepic.toml")]
    found = {"samepic": [[*samepic, "first"], [*samepic, "sync"]]}
    if (unison := shutil.which("unison")) is not None:
        found["unison"] = [[unison, str(root / "left"), str(root / "unison"), "-batch", "-auto", "-terse"]]
    if (rclone := shutil.which("rclone")) is not None:
        found["rclone"] = [[rclone, "sync", str(root / "left"), str(root / "rclone")]]
    return found


def best(command: list[str], root: Path) -> tuple[float, float]:
    """(seconds, seconds of processor time) of the quickest of some runs."""
    times = []
    for _ in range(ROUNDS):
        before, began = os.times(), time.monotonic()
        _run(command, root)
        after, seconds = os.times(), time.monotonic() - began
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        times.append((seconds, spent))
    return min(times)


def _run(command: list[str], root: Path) -> None:
    home = dict(os.environ, HOME=str(root), UNISON=str(root / ".unison"))
    subprocess.run(command, check=True, capture_output=True, env=home)  # noqa: S603 -- what to run is written above


def measured(pictures: int) -> list[list[str]]:
    """A row for each tool over two folders of so many pictures."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        fill(root / "left", pictures)
        (root / "right").mkdir()
        (root / "samepic.toml").write_text(SETTINGS, encoding="utf-8")
        shutil.copytree(root / "left", root / "right", dirs_exist_ok=True)
        times = {}
        for tool, steps in commands(root).items():
            for step in steps:
                _run(step, root)
            times[tool] = best(steps[-1], root)
    fastest = min(seconds for seconds, _ in times.values())
    return [
        [tool, f"{pictures:,}", f"{seconds:.2f}", f"{cpu:.2f}", f"{seconds / fastest:.1f}"]
        for tool, (seconds, cpu) in times.items()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, nargs="+", default=[1000, 5000])
    rows = [row for pictures in parser.parse_args().pictures for row in measured(pictures)]
    sys.stdout.write("\n".join(table(("tool", "pictures", "s", "CPU s", "times the fastest"), rows)) + "\n")
    for missing in {"unison", "rclone"} - {row[0] for row in rows}:
        sys.stderr.write(f"{missing} is not installed, so it was not measured: apt-get install {missing}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
