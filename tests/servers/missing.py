"""Tests whose server is not installed are left out, and the result says so with the command that would change it.

Only where nobody can install it: in CI nothing is left out, and a missing server is a failure.
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

NEEDED = {
    "chromium": ("browser/*",),
    "slapd": ("contract/test_ldap*", "journey/test_chain*"),
    "krb5-config": ("contract/test_active_directory_kerberos*",),
    "samba": ("contract/test_active_directory*", "journey/test_chain*"),
}
"""Program -> the test files that need it, below tests/."""

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


def missing() -> list[str]:
    """Programs that are not installed, or may not be run, and whose tests may be left out."""
    if os.environ.get("CI") == "true":
        return []
    return [program for program in NEEDED if shutil.which(program, path=_PATH) is None or not _allowed(program)]


def _allowed(program: str) -> bool:
    """A domain controller's ports are below 1024, which only root may listen on; krb5-config is there to build gssapi
    with.
    """
    return {"samba": os.geteuid() == 0, "krb5-config": find_spec("gssapi") is not None}.get(program, True)


def left_out() -> list[str]:
    """Patterns of test files, for pytest's `collect_ignore_glob`."""
    return [pattern for program in missing() for pattern in NEEDED[program]]


def sentence() -> str:
    """What to say at the end; empty where everything was there."""
    if not (programs := missing()):
        return ""
    command = "sudo tools/debian-packages" + ("; sudo make test" if "samba" in programs else "")
    return f"Left out: the tests that need {', '.join(programs)}. To have them run: {command}"
