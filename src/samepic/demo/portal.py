"""The portal on the practice tenant: everything it needs, in one folder, ready to use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from samepic.demo.tenant import Tenant, practice
from samepic.settings import FILE

LISTEN = "127.0.0.1:8470"


@asynccontextmanager
async def practice_portal(
    folder: Path | None, people: int, listen: str, say: Callable[[str], None]
) -> AsyncIterator[Path | None]:
    """Runs the practice tenant and writes settings that fit it; nothing at all where there is no folder."""
    if folder is None:
        yield None
        return
    async with practice(folder / "tenant", "--people", str(people)) as tenant:
        file = _furnish(folder, tenant, listen)
        say("Sign in as one of these; every password is its own:")
        for who in guests(tenant):
            say(who)
        yield file


def _furnish(folder: Path, tenant: Tenant, listen: str) -> Path:
    """The settings file in the folder; the tenant's ports are new each time, so it is written each time."""
    file = folder / FILE
    file.write_text(tenant.settings(portal=listen), encoding="utf-8")
    return file


def guests(tenant: Tenant) -> list[str]:
    """A line for each person of a world small enough to list."""
    width = max(len(one.upn) for one in tenant.people)
    return [f"  {one.upn:<{width}}  {one.password}  {one.case}" for one in tenant.people]
