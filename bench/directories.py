"""Ten thousand people in a directory: what samepic's reads cost, beside ldapsearch doing the same reads in one run.

    python -m bench.directories --people 10000 --server samba

Everybody has a picture of `--bytes`. Each of samepic's reads is a process of its own, measured from inside after its
imports; ldapsearch is measured whole, with its output thrown away. The database is loaded offline.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.runs import table
from samepic.connectors.base import Connector, ForgetfulMemo, Surroundings
from samepic.connectors.registry import load

ROUNDS = 3
FEED = "(feed)"


@dataclass(frozen=True)
class Directory:
    """A running directory full of people.

    kind, settings  of samepic's system.
    search          how ldapsearch signs in and where it looks, without filter and attributes.
    change          gives so many people another picture.
    reads           ldapsearch's filter, attributes and options for each of samepic's reads.
    """

    kind: str
    settings: Mapping[str, Any]
    search: list[str]
    change: Callable[[int], None]
    reads: Mapping[str, list[str]]


class KeptMemo(ForgetfulMemo):
    """A memo in a file, so that one process knows what another has learned."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        if path.exists():
            self._values = json.loads(path.read_text())

    def keep(self) -> None:
        self._path.write_text(json.dumps(self._values))


async def roster(connector: Connector) -> int:
    return len([account async for account in connector.roster()])


async def survey(connector: Connector) -> int:
    refs = [account.ref async for account in connector.roster()]
    return sum([1 async for _ in connector.survey(refs)])


async def feed(connector: Connector) -> int:
    """Who has changed since the last time; the first time, where to begin."""
    memo, count = connector.around.memo, 0
    async for change in connector.changes((await memo.load()).get(FEED)):
        count += change.ref is not None
        await memo.save({FEED: change.token})
    return count


READS = {"roster": roster, "survey": survey, "feed": feed}


async def read(directory: Mapping[str, Any], what: str, memo: Path) -> dict[str, Any]:
    kind = load(directory["kind"])
    options = kind.options_type.model_validate(directory["settings"], context={"folder": memo.parent}, strict=False)
    kept = KeptMemo(memo)
    idle, began, spent = _peak(), time.monotonic(), time.process_time()
    async with kind("bench", options, Surroundings(memo=kept)) as connector:
        count = await READS[what](connector)
        requests = connector.around.traffic.requests
    found = {"seconds": time.monotonic() - began, "cpu": time.process_time() - spent, "grown": _peak() - idle}
    kept.keep()
    return {"count": count, "requests": requests, **found}


def _peak() -> int:
    """The most memory this process has had, in bytes. What getrusage says begins with the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def samepic(directory: Directory, what: str, memo: Path) -> dict[str, Any]:
    given = json.dumps({"kind": directory.kind, "settings": directory.settings})
    command = [sys.executable, "-m", "bench.directories", "--read", what, "--memo", str(memo), "--directory", given]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 -- ourselves
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ldapsearch(directory: Directory, reads: Sequence[str]) -> tuple[float, float]:
    """(seconds, seconds of processor time) of the quickest of some rounds."""
    times = []
    for _ in range(ROUNDS):
        before, began = os.times(), time.monotonic()
        for what in reads:
            subprocess.run([*directory.search, *directory.reads[what]], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 -- written below
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        times.append((time.monotonic() - began, spent))
    return min(times)


def measured(directory: Directory, people: int, folder: Path) -> Iterator[list[str]]:
    memo = folder / "memo.json"
    few = people // 100
    samepic(directory, "feed", memo)
    for title, what, beside, before in (
        ("roster", "roster", ["roster"], 0),
        ("roster, first look: every picture", "survey", ["roster", "pictures"], 0),
        ("roster, look: nothing changed", "survey", ["roster", "stamps"], 0),
        ("changes: none", "feed", [], 0),
        ("roster, look: 1 % changed", "survey", ["roster", "stamps"], few),
        ("changes: 1 %", "feed", [], 0),
    ):
        if before:
            directory.change(before)
        ours = samepic(directory, what, memo)
        theirs = ldapsearch(directory, beside) if beside else None
        yield [
            title,
            f"{ours['count']:,}",
            f"{ours['requests']:,}",
            f"{ours['seconds']:.2f}",
            f"{ours['cpu']:.2f}",
            f"{ours['grown'] / 1e6:.0f}",
            f"{theirs[0]:.2f}" if theirs else "",
            f"{theirs[1]:.2f}" if theirs else "",
            f"{ours['seconds'] / theirs[0]:.1f}" if theirs else "",
        ]


COLUMNS = ("read", "answers", "requests", "s", "CPU s", "grown MB", "ldapsearch s", "its CPU s", "times its s")


@contextmanager
def slapd(folder: Path, people: int, size: int) -> Iterator[Directory]:
    from tests.servers.slapd import PASSWORD, PEOPLE, SERVICE, person_ldif, running  # noqa: PLC0415 -- a part of one's own

    with running(folder / "slapd") as server:
        server.stop()
        server.load(
            "\n".join(person_ldif(f"p{one}", one, extra=picture(one, size, "jpegPhoto")) for one in range(people))
        )
        server.start()
        (folder / "password").write_text(PASSWORD)
        os.environ["LDAPTLS_CACERT"] = str(server.ca)

        def change(count: int) -> None:
            for one in range(count):
                server.set(f"uid=p{one},{PEOPLE}", jpeg(people + one, size))

        yield Directory(
            "ldap",
            {
                "server": server.url,
                "ca": str(server.ca),
                "user": SERVICE,
                "password": "file:password",
                "base": PEOPLE,
            },
            ["ldapsearch", "-LLL", "-x", "-ZZ", "-H", server.url, "-D", SERVICE, "-w", PASSWORD, "-b", PEOPLE,
             "-E", "pr=500/noprompt", "(objectClass=inetOrgPerson)"],
            change,
            {
                "roster": ["entryUUID", "employeeNumber", "mail", "displayName", "cn", "uid"],
                "pictures": ["entryUUID", "entryCSN", "jpegPhoto"],
                "stamps": ["entryUUID", "entryCSN"],
            },
        )  # fmt: skip


@contextmanager
def samba(folder: Path, people: int, size: int) -> Iterator[Directory]:
    from tests.servers.samba import PASSWORD, PEOPLE, SERVICE, person_ldif, running  # noqa: PLC0415 -- a part of one's own

    with running(folder / "samba") as server:
        server.stop()
        photos = (picture(one, size, "thumbnailPhoto") for one in range(people))
        server.load("\n".join(person_ldif(f"p{one}", extra=photo) for one, photo in enumerate(photos)))
        server.start()
        (folder / "password").write_text(PASSWORD)
        os.environ["LDAPTLS_CACERT"] = str(server.ca)

        def change(count: int) -> None:
            for one in range(count):
                server.set(f"CN=p{one},{PEOPLE}", jpeg(people + one, size))

        yield Directory(
            "active-directory",
            {
                "server": server.ldaps,
                "ca": str(server.ca),
                "user": SERVICE,
                "password": "file:password",
                "base": PEOPLE,
            },
            ["ldapsearch", "-LLL", "-x", "-H", server.ldaps, "-D", SERVICE, "-w", PASSWORD, "-b", PEOPLE,
             "-E", "pr=500/noprompt", "(&(objectCategory=person)(objectClass=user))"],
            change,
            {
                "roster": ["objectGUID", "mS-DS-ConsistencyGuid", "objectSid", "employeeID", "employeeNumber",
                           "userPrincipalName", "mail", "proxyAddresses", "displayName", "cn", "uid"],
                "pictures": ["objectGUID", "replPropertyMetaData", "thumbnailPhoto"],
                "stamps": ["objectGUID", "replPropertyMetaData"],
            },
        )  # fmt: skip


def jpeg(number: int, size: int) -> bytes:
    """Bytes that begin as a JPEG and are nobody else's."""
    return (b"\xff\xd8\xff\xe0" + number.to_bytes(8, "big") * (size // 8))[:size]


def picture(number: int, size: int, attribute: str) -> str:
    return f"{attribute}:: {base64.b64encode(jpeg(number, size)).decode()}\n"


SERVERS = {"slapd": slapd, "samba": samba}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--bytes", type=int, default=20_000)
    parser.add_argument("--server", choices=SERVERS, action="append")
    parser.add_argument("--read", choices=READS, help=argparse.SUPPRESS)
    parser.add_argument("--memo", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--directory", type=json.loads, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read:
        sys.stdout.write(json.dumps(asyncio.run(read(given.directory, given.read, given.memo))) + "\n")
        return 0
    for name in given.server or SERVERS:
        folder = Path(tempfile.mkdtemp())
        try:
            with SERVERS[name](folder, given.people, given.bytes) as directory:
                rows = list(measured(directory, given.people, folder))
            sys.stdout.write(f"{name}\n\n" + "\n".join(table(COLUMNS, rows)) + "\n\n")
        finally:
            shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
