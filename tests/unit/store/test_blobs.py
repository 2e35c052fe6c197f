"""Pictures in their folder: whole or absent, private, and never swept from under somebody."""

import asyncio
import os
import resource
import signal
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from samepic.errors import StoreError
from samepic.model import Digest, digest_of
from samepic.store.blobs import Blobs

FACE = b"\xff\xd8 a face"
UNKNOWN = Digest("a" * 64)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "pictures"


@pytest.fixture
def blobs(folder: Path) -> Blobs:
    return Blobs(folder)


def file_of(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest[2:4] / digest


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def age(path: Path, when: datetime) -> None:
    os.utime(path, (when.timestamp(), when.timestamp()))


async def test_what_is_put_comes_back_by_its_digest(blobs):
    digest = await blobs.put(FACE)
    assert digest == digest_of(FACE)
    assert await blobs.get(digest) == FACE
    assert await blobs.has(digest)
    assert await blobs.get(await blobs.put(b"")) == b""


async def test_files_and_folders_are_private(blobs, folder):
    digest = await blobs.put(FACE)
    file = file_of(folder, digest)
    assert files_in(folder) == [digest]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for above in (folder.parent, folder, file.parent.parent, file.parent):
        assert stat.S_IMODE(above.stat().st_mode) == 0o700


async def test_putting_again_writes_nothing(blobs, folder):
    digest = await blobs.put(FACE)
    before = file_of(folder, digest).stat().st_ino
    assert await blobs.put(FACE) == digest
    assert file_of(folder, digest).stat().st_ino == before


async def test_many_put_the_same_at_once(blobs, folder):
    assert set(await asyncio.gather(*(blobs.put(FACE) for _ in range(20)))) == {digest_of(FACE)}
    assert files_in(folder) == [digest_of(FACE)]


async def test_everything_is_synced_before_the_digest_is_told(blobs, folder, monkeypatch):
    synced, renamed = [], []
    fsync, replace = os.fsync, Path.replace

    def note_sync(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    def note_rename(path: Path, target: Path) -> None:
        renamed.append((path, [*synced]))
        replace(path, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_rename)
    digest = await blobs.put(FACE)
    ((unfinished, synced_before),) = renamed
    assert unfinished in synced_before
    file = file_of(folder, digest)
    assert synced[-1] == file.parent
    assert {file.parent.parent, folder, folder.parent} <= set(synced)
    synced.clear()
    await blobs.put(FACE)
    assert synced == [file.parent]


async def test_a_cut_off_picture_is_written_anew(blobs, folder):
    digest = await blobs.put(FACE)
    file_of(folder, digest).write_bytes(FACE[:3])
    await blobs.put(FACE)
    assert await blobs.get(digest) == FACE


async def test_a_missing_picture_is_named(blobs):
    assert not await blobs.has(UNKNOWN)
    with pytest.raises(StoreError, match=f"{UNKNOWN} is missing"):
        await blobs.get(UNKNOWN)


async def test_a_damaged_picture_is_named_and_not_given(blobs, folder):
    digest = await blobs.put(FACE)
    file_of(folder, digest).write_bytes(FACE[:-1] + b"?")
    with pytest.raises(StoreError, match=f"{digest} .* is damaged"):
        await blobs.get(digest)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "/" + "a" * 63])
async def test_only_digests_are_looked_up(blobs, name):
    for ask in (blobs.get, blobs.has):
        with pytest.raises(StoreError, match="not a picture's digest"):
            await ask(Digest(name))


@pytest.fixture
def little_space() -> Iterator[None]:
    """No file of this process may grow beyond a megabyte, which a file feels like the end of the disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)


async def test_a_full_disk_leaves_nothing_half_written(blobs, folder, little_space):
    with pytest.raises(StoreError, match="no space left"):
        await blobs.put(b"x" * 2_000_000)
    assert files_in(folder) == []
    assert await blobs.get(await blobs.put(FACE)) == FACE


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A folder that is read-only for us, and us not being root, who may write everywhere."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        yield Path(name)
        if root:
            os.seteuid(0)


async def test_a_read_only_folder_is_told(read_only):
    with pytest.raises(StoreError, match="cannot be written"):
        await Blobs(read_only).put(FACE)


class TestSweep:
    async def test_deletes_what_is_old_and_not_kept(self, blobs, folder, now):
        old, kept, young = [await blobs.put(data) for data in (b"old", b"kept", b"young")]
        for digest in (old, kept):
            age(file_of(folder, digest), now - timedelta(days=1))
        age(file_of(folder, young), now)
        assert await blobs.sweep({kept}, now) == 1
        assert files_in(folder) == sorted([kept, young])
        assert await blobs.sweep({kept}, now) == 0

    async def test_putting_again_makes_it_young(self, blobs, folder):
        digest = await blobs.put(FACE)
        age(file_of(folder, digest), datetime(2020, 1, 1, tzinfo=UTC))
        await blobs.put(FACE)
        assert await blobs.sweep(set(), datetime(2021, 1, 1, tzinfo=UTC)) == 0
        assert await blobs.has(digest)

    async def test_takes_what_a_crash_left_but_does_not_count_it(self, blobs, folder, now):
        file = file_of(folder, await blobs.put(FACE))
        left = file.with_name(".unfinished-abc")
        left.write_bytes(b"half")
        age(left, now - timedelta(days=1))
        assert await blobs.sweep(set(), now - timedelta(hours=1)) == 0
        assert files_in(folder) == [file.name]

    async def test_an_empty_or_missing_folder_is_fine(self, blobs, now):
        assert await blobs.sweep(set(), now) == 0
