"""Twelve sizes of one picture: ours, plain Pillow and sharp, side by side in one run.

    python -m bench.renditions [--rounds 5] [--sharp FOLDER]

Each way gets the bytes of one upright JPEG and gives back twelve square JPEGs of quality 88, on one thread. `ours` is
what samepic does: decode (here in this process), look for the face where the picture is not square, render. `plain
Pillow` opens and crops once, and scales every size from the whole square with Lanczos. `sharp` runs twelve pipelines
over the same bytes; `sharp, one decode` makes the largest first and the others from its pixels. FOLDER is where npm
installed sharp. Processor time, median of the rounds, the ways taking turns.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import median

from PIL import Image

from samepic.imaging import decode, scaling
from samepic.imaging.framing import frame
from samepic.imaging.picture import Limits
from samepic.imaging.render import BEST_QUALITY, render_all
from samepic.model import Demand
from samepic.practice.portraits import draw

SIDES = (648, 504, 432, 360, 256, 240, 192, 128, 120, 96, 64, 48)
PICTURES = {"648 x 648": (648, 648), "1200 x 1200": (1200, 1200), "12 MP": (3000, 4000)}
Way = Callable[[bytes], float]
"""A JPEG -> milliseconds of processor time."""

_SHARP = Path(__file__).with_name("renditions.mjs")


def main(arguments: Sequence[str]) -> int:
    told = _arguments(arguments)
    decode.prepare()
    ways: dict[str, Way] = {"ours": _timed(_ours), "ours, Pillow scaling": _timed(_by_pillow)}
    ways["plain Pillow"] = _timed(_plain)
    if told.sharp:
        ways["sharp"] = _Sharp(told.node, told.sharp)
        ways["sharp, one decode"] = _Sharp(told.node, told.sharp, one_decode=True)
    print(f"{'ms of processor time':<22}", *(f"{name:>16}" for name in PICTURES))
    spent = {name: _measured(ways, _picture(size), told.rounds) for name, size in PICTURES.items()}
    for way in ways:
        cells = (f"{spent[name][way]:8.1f} ({spent[name][way] / spent[name]['plain Pillow']:.2f})" for name in PICTURES)
        print(f"{way:<22}", *(f"{cell:>16}" for cell in cells))
    print("In brackets: of plain Pillow.")
    return 0


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.renditions")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sharp", type=Path, help="the folder where npm installed sharp")
    parser.add_argument("--node", default="node")
    return parser.parse_args(arguments)


def _picture(size: tuple[int, int]) -> bytes:
    """A drawn person with a sensor's grain, which compresses like a photograph."""
    person = draw("bench", 1200).convert("RGB").resize(size, Image.Resampling.BICUBIC)
    grain = Image.frombytes("L", (600, 600), Random(1).randbytes(360_000)).resize(size).convert("RGB")
    out = io.BytesIO()
    Image.blend(person, grain, 0.08).save(out, "JPEG", quality=88)
    return out.getvalue()


def _measured(ways: dict[str, Way], data: bytes, rounds: int) -> dict[str, float]:
    """Each way's median; the first round warms up and does not count."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            found[name].append(way(data))
    return {name: median(times[1:]) for name, times in found.items()}


def _timed(way: Callable[[bytes], object]) -> Way:
    def timed(data: bytes) -> float:
        began = time.process_time()
        way(data)
        return (time.process_time() - began) * 1000

    return timed


def _ours(data: bytes) -> object:
    picture = decode.decode(data, "image/jpeg", Limits())
    demands = {str(side): Demand(side=(side, side), max_bytes=10**9) for side in SIDES}
    return render_all(picture, frame(picture.size, picture.face), demands)


def _by_pillow(data: bytes) -> object:
    scale, scaling.scale = scaling.scale, scaling.by_pillow
    try:
        return _ours(data)
    finally:
        scaling.scale = scale


def _plain(data: bytes) -> object:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    shorter = min(image.size)
    left, top = (image.width - shorter) // 2, (image.height - shorter) // 2
    square = image.crop((left, top, left + shorter, top + shorter))
    made = []
    for side in SIDES:
        out = io.BytesIO()
        square.resize((side, side), Image.Resampling.LANCZOS).save(out, "JPEG", quality=BEST_QUALITY)
        made.append(out.getvalue())
    return made


class _Sharp:
    """A Node process that takes a picture's path and answers with the milliseconds of processor time it took."""

    def __init__(self, node: str, folder: Path, *, one_decode: bool = False) -> None:
        told = {"sides": SIDES, "quality": BEST_QUALITY, "folder": str(folder.resolve()), "oneDecode": one_decode}
        self._path = folder.resolve() / "picture.jpg"
        self._process = subprocess.Popen(  # noqa: S603 -- Node, as whoever runs the benchmark named it
            [node, str(_SHARP), json.dumps(told)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, data: bytes) -> float:
        self._path.write_bytes(data)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{self._path}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
