"""The practice tenant with sketches for portraits, so that a benchmark does not measure how long drawing faces takes.

A sketch is as large as a portrait and as different from everybody else's: blots of colour from the person's seed.

    python -m bench.tenant STATE --people 5000 --pictured 5

With `--pictured` only so many people in a hundred have pictures and a case of their own; the others have a mailbox
without one. Everybody is listed and looked at all the same.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from samepic.demo.tenant import Tenant
from samepic.practice import people, serve, sources
from samepic.practice.people import Case

BLOTS = 6
SITES = frozenset({"sharepoint", "sharepoint_my", "sharepoint_admin"})
ASKING = frozenset({"$batch", "contextinfo"})
"""The last words of POSTs to a site that change nothing themselves; the items of a batch are counted apart."""


def sketch(kind: str, side: int, name: str, seed: str, occasion: str) -> Image.Image:
    colours = hashlib.shake_256(f"{kind}/{name}/{seed}/{occasion}".encode()).digest(3 * BLOTS * BLOTS)
    return Image.frombytes("RGB", (BLOTS, BLOTS), colours).resize((side, side), Image.Resampling.BILINEAR)


def writes(counted: Mapping[str, Any]) -> int:
    """Files and properties written, pictures put: everything but questions, by the tenant's own count of requests."""
    faces, items = counted["faces"], counted["batched"]
    methods = [*(face["methods"] for face in faces.values()), items]
    changed = sum(sum(one.get(method, {}).values()) for one in methods for method in ("PUT", "PATCH", "DELETE"))
    posts = [
        (word, count) for name, face in faces.items() if name in SITES for word, count in face.get("posts", {}).items()
    ]
    return changed + sum(count for word, count in posts if word not in ASKING) + sum(items.get("POST", {}).values())


def thinned(drawn: Callable[[bytes], Case], percent: int) -> Callable[[bytes], Case]:
    """Cases from noise as `drawn` gives them, for so many people in a hundred."""
    return lambda noise: drawn(noise) if noise[6] * 100 < percent * 256 else Case.NONE


@asynccontextmanager
async def sketching_tenant(state: Path, people: int, pictured: int = 100) -> AsyncIterator[Tenant]:
    """Runs it in a process of its own for as long as the block lasts."""
    wanted = ("--people", str(people), "--pictured", str(pictured))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.tenant", str(state), *wanted), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        tenant = Tenant.described(json.loads(await process.stdout.readline()))
        await tenant.ask_control("PUT", "/throttling", json={"scale": 1000})  # its limits are not what is measured
        yield tenant
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("state", type=Path)
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--pictured", type=int, default=100)
    arguments = parser.parse_args()
    sources._drawn = sketch  # noqa: SLF001 -- the one seam between a world and its pencil
    people._drawn = thinned(people._drawn, arguments.pictured)  # noqa: SLF001 -- and the one between it and its dice
    serve.run(arguments.state, people=arguments.people, as_json=True)
