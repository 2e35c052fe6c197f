"""The children that decode: replaced when late or dead, shared by many, confined, and gone at the end."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from samepic.errors import Unfit
from samepic.imaging.intake import Intake, Limits, Picture

from . import samples
from .samples import encoded, quarters, refusal

SLOW = Limits(scans=10**6)
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")


def children() -> set[int]:
    """Decoding children of this very process."""
    threads = (Path("/proc/self/task") / str(thread.native_id) / "children" for thread in threading.enumerate())
    pids = {int(pid) for path in threads if path.exists() for pid in path.read_text().split()}
    return {pid for pid in pids if b"samepic.imaging" in Path(f"/proc/{pid}/cmdline").read_bytes()}


async def under_way(intake: Intake) -> tuple[asyncio.Task[Picture], int]:
    """A read that would take many seconds, and the child that is at it."""
    before = children()
    task = asyncio.create_task(intake.read(samples.scan_bomb(200_000)))
    while not any(child.served for child in intake._all) or not children() - before:  # noqa: ASYNC110 -- nothing tells
        await asyncio.sleep(0)
    (child,) = children() - before
    return task, child


async def test_a_late_picture_is_refused_and_the_next_one_read() -> None:
    async with Intake(Limits(scans=10**6, cpu=1000, wall=0.4), children=1) as hurried:
        began = time.monotonic()
        assert await refusal(hurried, samples.scan_bomb(200_000)) == "too-costly"
        assert time.monotonic() - began < 4
    async with Intake(children=1) as intake:
        assert samples.shows_quarters(await intake.read(encoded(quarters(), "JPEG")))


async def test_a_picture_that_uses_up_its_processor_time_is_refused() -> None:
    async with Intake(Limits(scans=10**6, cpu=0, wall=1000)) as intake:
        began = time.monotonic()
        assert await refusal(intake, samples.scan_bomb(200_000)) == "too-costly"
        assert time.monotonic() - began < 8
        assert samples.shows_quarters(await intake.read(encoded(quarters(), "JPEG")))


@linux_only
async def test_a_child_that_dies_at_work_is_replaced() -> None:
    async with Intake(SLOW, children=1) as intake:
        task, child = await under_way(intake)
        os.kill(child, signal.SIGKILL)
        with pytest.raises(Unfit) as caught:
            await task
        assert caught.value.code == "too-costly"
        assert samples.shows_quarters(await intake.read(encoded(quarters(), "JPEG")))


@linux_only
async def test_a_child_that_died_idle_costs_nobody_a_picture() -> None:
    async with Intake(children=1) as intake:
        await intake.read(encoded(quarters(), "PNG"))
        (child,) = children()
        os.kill(child, signal.SIGKILL)
        while intake._idle[0].alive:  # noqa: ASYNC110 -- nothing tells when the loop has noticed
            await asyncio.sleep(0)
        assert samples.shows_quarters(await intake.read(encoded(quarters(), "PNG")))


@linux_only
async def test_cancelling_ends_the_child_at_work_and_leaves_the_pool_usable() -> None:
    async with Intake(SLOW, children=1) as intake:
        task, child = await under_way(intake)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert child not in children()
        assert samples.shows_quarters(await intake.read(encoded(quarters(), "JPEG")))


@linux_only
async def test_fifty_at_once_share_two_children() -> None:
    good = [encoded(Image.new("RGB", (30 + n, 30), (n * 5, 0, 0)), "PNG") for n in range(40)]
    bad = [samples.png_claiming(20_000, 20_000 + n) for n in range(10)]
    async with Intake(children=2) as intake:
        answers = await asyncio.gather(*map(intake.read, [*good, *bad]), return_exceptions=True)
        assert len(children()) == 2
    for n, picture in enumerate(answers[:40]):
        assert isinstance(picture, Picture)
        assert picture.size == (30 + n, 30)
        assert picture.pixels[:3] == bytes((n * 5, 0, 0))
    assert {answer.code for answer in answers[40:] if isinstance(answer, Unfit)} == {"too-many-pixels"}
    assert len(answers[40:]) == 10


@linux_only
async def test_children_start_when_needed_and_are_gone_after_closing() -> None:
    async with Intake() as intake:
        assert await refusal(intake, b"") == "empty"
        assert not children()
        await intake.read(encoded(quarters(), "PNG"))
        assert len(children()) == 1
    assert not children()
    with pytest.raises(RuntimeError):
        await intake.read(encoded(quarters(), "PNG"))


@linux_only
async def test_closing_while_a_child_starts_ends_that_child_too() -> None:
    intake = Intake()
    task = asyncio.create_task(intake.read(encoded(quarters(), "PNG")))
    await asyncio.sleep(0)
    await intake.close()
    with pytest.raises(RuntimeError, match="closed"):
        await task
    assert not children()


@linux_only
async def test_closing_while_reading_ends_the_reading() -> None:
    intake = Intake(SLOW)
    task, _ = await under_way(intake)
    await intake.close()
    with pytest.raises(RuntimeError, match="closed"):
        await task
    assert not children()


def known_of(child: int) -> tuple[str, bytes, int]:
    """Its limits, its environment, and how many files it holds open."""
    place = Path(f"/proc/{child}")
    return (place / "limits").read_text(), (place / "environ").read_bytes(), len(list((place / "fd").iterdir()))


@linux_only
async def test_a_child_has_no_environment_and_little_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMEPIC_SECRET", "do not pass on")
    async with Intake() as intake:
        await intake.read(encoded(quarters(), "PNG"))
        (child,) = children()
        limits, environment, files = known_of(child)
        assert os.getsid(child) != os.getsid(0), "Ctrl-C would end it in the middle of a picture"
    assert environment == b""
    assert files <= 4
    wanted = {"Max address space": str(1 << 30), "Max processes": "0", "Max file size": "0", "Max core file size": "0"}
    for name, most in wanted.items():
        (line,) = (line for line in limits.splitlines() if line.startswith(name))
        assert line.removeprefix(name).split()[:2] == [most, most]


PARENT = """
import asyncio, io, os, sys
from PIL import Image
from samepic.imaging.intake import Intake
async def main():
    out = io.BytesIO(); Image.new("RGB", (9, 9)).save(out, "PNG")
    intake = Intake()
    await intake.read(out.getvalue())
    print(open(f"/proc/self/task/{os.getpid()}/children").read(), flush=True)
    sys.stdin.read(1)
    os._exit(1)
asyncio.run(main())
"""


@linux_only
def test_children_end_when_their_parent_dies() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        gone = [os.pidfd_open(pid) for pid in pids]
        parent.communicate("x")
    assert gone
    for handle in gone:
        assert select.select([handle], [], [], 10)[0]
        os.close(handle)


async def finished(intake: Intake, uploads: list[tuple[str | None, bytes]]) -> list[str | None]:
    """The owners of uploads that were all made at once, in the order in which they were read."""
    order: list[str | None] = []

    async def one(owner: str | None, data: bytes) -> None:
        await intake.read(data, owner=owner)
        order.append(owner)

    await asyncio.gather(*(one(*upload) for upload in uploads))
    return order


async def test_a_flood_of_one_person_delays_others_by_one_picture() -> None:
    small = encoded(quarters(), "PNG")
    async with Intake(children=1) as intake:
        flood = [("ada", small) for _ in range(20)]
        order = await finished(intake, [*flood, ("bruno", small), ("chiara", small)])
    assert order[:4] == ["ada", "bruno", "chiara", "ada"]


async def test_nobody_s_pictures_queue_with_everybody_else_s() -> None:
    small = encoded(quarters(), "PNG")
    async with Intake(children=1) as intake:
        order = await finished(intake, [*((None, small) for _ in range(20)), ("ada", small)])
    assert order.index("ada") == 1


@linux_only
async def test_an_owner_has_one_child_at_most_and_nobody_may_have_all() -> None:
    small = encoded(quarters(), "PNG")
    async with Intake(children=2) as intake:
        await finished(intake, [("ada", small) for _ in range(5)])
        assert len(children()) == 1
        await finished(intake, [(None, small) for _ in range(5)])
        assert len(children()) == 2
        assert not intake._owners, "an owner is forgotten when their last picture is read"


async def test_a_refused_and_a_cancelled_upload_let_their_owner_s_next_one_in() -> None:
    async with Intake(SLOW, children=1) as intake:
        slow = asyncio.create_task(intake.read(samples.scan_bomb(200_000), owner="ada"))
        waiting = asyncio.create_task(intake.read(encoded(quarters(), "PNG"), owner="ada"))
        while not any(child.served for child in intake._all):  # noqa: ASYNC110 -- nothing tells when it has begun
            await asyncio.sleep(0)
        slow.cancel()
        assert samples.shows_quarters(await waiting)
        with pytest.raises(Unfit):
            await intake.read(samples.png_claiming(100, 100), owner="ada")
        assert samples.shows_quarters(await intake.read(encoded(quarters(), "PNG"), owner="ada"))
