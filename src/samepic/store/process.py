"""Which process holds something, told so that another one can prove its death.

Proof needs Linux: the same host since the same boot, in the same process namespace, and no process of that number
with that start time. Everywhere else, and in doubt, a process counts as alive and its lease has to run out.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_SPACE = Path("/proc/self/ns/pid")
_ENDED = {"Z", "X"}
"""States of a process that runs no more, though its parent has not taken note: man 5 proc."""


def this_process() -> dict[str, str]:
    """Asked for anew each time: after a fork it is another one."""
    pid = str(os.getpid())
    return {"pid": pid, "born": _born(pid) or ""} | _place()


def is_dead(process: Mapping[str, str]) -> bool:
    """True only where it is certain."""
    here = _place()
    if not all(here.values()) or any(process.get(name) != value for name, value in here.items()):
        return False
    try:
        return _born(process["pid"]) != process["born"]
    except OSError:
        return False


def _place() -> dict[str, str]:
    """Where numbers of processes can be compared; empty values where this cannot be known."""
    try:
        return {"host": socket.gethostname(), "boot": _BOOT.read_text().strip(), "space": str(_SPACE.readlink())}
    except OSError:
        return {"host": "", "boot": "", "space": ""}


def _born(pid: str) -> str | None:
    """When the process started, in clock ticks since boot; None where it has ended, or there is no /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *rest = stat[stat.rindex(")") + 2 :].split()  # the name before may contain anything
    return None if state in _ENDED else rest[18]
