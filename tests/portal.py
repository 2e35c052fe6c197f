"""The portal as a process of its own, beside a practice tenant in a thread: as an administrator starts it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2

from samepic.cli import run
from samepic.demo.tenant import Citizen, Tenant


@dataclass(frozen=True)
class Served:
    """`address` is the portal's; `folder` has its settings and its store; `tenant` is as `fresh_tenant` says."""

    address: str
    folder: Path
    tenant: SimpleNamespace

    def control(self, method: str, path: str, **request: Any) -> Any:
        """Changes the tenant's world."""
        answer = httpx2.request(method, f"{self.tenant.control}{path}", trust_env=False, **request)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def samepic(self, *arguments: str) -> int:
        """A command of an administrator on the same machine."""
        return run([*arguments, "--settings", str(self.folder / "samepic.toml")])


def described(tenant: SimpleNamespace) -> Tenant:
    """The practice tenant as its own process would describe it."""
    known = {name: getattr(tenant, name) for name in Tenant.__dataclass_fields__}
    plain = {name: vars(getattr(tenant, name)) for name in ("application", "portal")}
    return Tenant(**known | plain | {"people": tuple(Citizen(**vars(one)) for one in tenant.people)})


def settings_text(tenant: SimpleNamespace, listen: str, **options: Any) -> str:
    """`options` are those of `Tenant.settings`; `portal_more` are lines for `[portal]`, `more` for the file's end."""
    more, portal_more = options.pop("more", ""), options.pop("portal_more", "")
    text = described(tenant).settings(portal=listen, **options)
    return f"{text.replace('[portal]', f'[portal]{chr(10)}{portal_more}', 1)}\n{more}"


@contextmanager
def served(folder: Path, tenant: SimpleNamespace, **options: Any) -> Iterator[Served]:
    """Runs `samepic serve` for as long as the block lasts."""
    listen = f"127.0.0.1:{_free_port()}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "samepic.toml").write_text(settings_text(tenant, listen, **options), encoding="utf-8")
    command = [sys.executable, "-m", "samepic", "serve", "--settings", str(folder / "samepic.toml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert "The portal is at" in process.stdout.readline()
            yield Served(f"http://{listen}", folder, tenant)
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
