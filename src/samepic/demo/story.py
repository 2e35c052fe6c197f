"""The demonstration: the documented system as it is, and what samepic adds, on the practice tenant.

It uses nothing but the doors that everybody has: the pages, with a browser of its own; the tenant's control, to play
the part of people who change their picture; and samepic's own command line, whose every call is shown.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.rule import Rule

from samepic.demo.tenant import Citizen, Tenant, practice
from samepic.demo.visitor import Visitor
from samepic.engine.reading import call_roll
from samepic.engine.snapshot import snapshot
from samepic.engine.status import status
from samepic.errors import UserError
from samepic.services import open_organisation
from samepic.settings import FILE, load
from samepic.sheet import Snapshot, contact_sheet

MARK = ".samepic-demo"
"""The file that says a folder is a demonstration's, and may be begun anew."""

THREE_DAYS = 3 * 24 * 3600


async def tell(folder: Path, *, stay: bool) -> None:
    """The whole story; ends by itself, or with Ctrl-C where it stays. Raises UserError where it cannot go on."""
    stage = Stage(_fresh(folder))
    async with practice(stage.folder / "tenant") as tenant:
        stage.begin(tenant)
        before = await stage.everybody("before")
        await _what_there_is(stage, tenant)
        await _nothing_moves_by_itself(stage, tenant)
        await _visits(stage, tenant)
        await _without_visits(stage, tenant)
        await _undone(stage, tenant)
        await _contact_sheet(stage, before)
        stage.what_next(stay=stay)
        if stay:
            await asyncio.Event().wait()


def _fresh(folder: Path) -> Path:
    """An empty folder for the story; an earlier story's is begun anew, anybody else's is refused."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise UserError(f"{folder} is not empty, and not an earlier demonstration.", "Name another with --folder.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return folder


@dataclass
class Stage:
    """Where the story is told: a folder for what it makes, and a terminal or a log."""

    folder: Path
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))

    @property
    def settings(self) -> Path:
        return self.folder / FILE

    def begin(self, tenant: Tenant) -> None:
        self.settings.write_text(tenant.settings(), encoding="utf-8")

    def chapter(self, title: str) -> None:
        self.console.print()
        self.console.print(Rule(f"[bold]{title}", align="left", style="cyan"))

    def say(self, text: str) -> None:
        self.console.print(f"{text}", markup=False)

    async def samepic(self, *arguments: str, expect: Sequence[int] = (0,)) -> None:
        """Shows a samepic command and runs it, as somebody in the folder would type it."""
        self.console.print(f"\n[bold green]$[/] [bold]samepic {' '.join(arguments)}[/]")
        sys.stdout.flush()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "samepic", *arguments), cwd=self.folder, env=self._environment()
        )
        code = await process.wait()
        if code not in expect:
            raise UserError(f"`samepic {' '.join(arguments)}` ended with {code}, which this story does not expect.")

    def _environment(self) -> dict[str, str]:
        """Tables even where the story is told into a log, but then without any control characters."""
        if self.console.is_terminal:
            return dict(os.environ)
        return os.environ | {"TTY_COMPATIBLE": "1", "TERM": "dumb", "COLUMNS": "140", "LINES": "50"}

    async def everybody(self, label: str) -> Snapshot:
        """What every system shows for everybody at this moment, with the pictures."""
        async with open_organisation(load(self.settings), read_only=True) as org:
            roll = await call_roll(org)
            rows = await status(org, roll, list(roll.persons))
            return await snapshot(org, rows, label, org.clock())

    def what_next(self, *, stay: bool) -> None:
        self.chapter("What to try next")
        if stay:
            self.say(f"The tenant stays until you press Ctrl-C. In another terminal: cd {self.folder}, then")
        else:
            self.say("`samepic demo --stay` keeps the tenant running. Then, in another terminal, in its folder:")
        self.say(NEXT)


NEXT = """\
  samepic status                 everybody in every system
  samepic explain PERSON         one person's whole story, and the rule that decided
  samepic nudge PERSON           the link and the text to send
  samepic plan --way write       what writing would do, for everybody who never comes
  samepic undo PERSON            put back what was there, and keep it so
For your own tenant: take samepic.toml as the pattern, and begin with way = "watch"."""


async def _what_there_is(stage: Stage, tenant: Tenant) -> None:
    stage.chapter("1. A tenant with twelve people, each a different case")
    stage.say(f"The practice tenant runs in a process of its own and answers on {tenant.graph} and six more addresses.")
    stage.say('One route leads from Exchange to SharePoint, way = "pull": SharePoint fetches by itself when its owner')
    stage.say("shows up. Entra is not on the route. This is what each system shows today, and why:")
    await stage.samepic("status")
    await stage.samepic("status", "--why")
    stage.say("\nThe whole story of somebody whose picture is only in Entra ID:")
    await stage.samepic("explain", tenant.case("entra-only").upn)


async def _nothing_moves_by_itself(stage: Stage, tenant: Tenant) -> None:
    stage.chapter("2. Nothing moves by itself, and nobody moves it for somebody else")
    stale, other = tenant.case("stale"), tenant.case("in-sync")
    shown = await _digest(tenant, stale)
    await tenant.ask_control("POST", "/clock/advance", json={"seconds": THREE_DAYS})
    moved = _moved(shown, await _digest(tenant, stale))
    stage.say(f"Three days pass. {stale.name} has a new picture in the mailbox; the one in SharePoint is {moved}.")
    async with _window(tenant, other) as window:
        await window.press_tile("SharePoint")
        address = f"{tenant.sharepoint}/_layouts/15/userphoto.aspx?size=L&accountname={stale.upn}"
        await window.visitor.open(address)
    moved = _moved(shown, await _digest(tenant, stale))
    stage.say(f"{other.name} opens {stale.name}'s large picture in SharePoint: it is {moved}.")


async def _visits(stage: Stage, tenant: Tenant) -> None:
    stage.chapter("3. People make their visit")
    stage.say("What an administrator sends to somebody with an old picture:")
    await stage.samepic("nudge", tenant.case("stale").upn)
    for case in ("stale", "never-visited", "entra-only"):
        await _visit(stage, tenant, tenant.case(case))
    stage.say("\nSharePoint took the picture from the mailbox, and never from Entra:")
    await stage.samepic("sync")
    await stage.samepic("status", *_only(tenant, "stale", "never-visited", "entra-only"))


def _only(tenant: Tenant, *cases: str) -> list[str]:
    return [part for case in cases for part in ("--only", tenant.case(case).upn)]


async def _visit(stage: Stage, tenant: Tenant, who: Citizen) -> None:
    """A private window, the start page, the sign-in, the OneDrive tile."""
    before = await _digest(tenant, who)
    async with _window(tenant, who) as visitor:
        page = await visitor.press_tile("OneDrive")
    stage.say(f"\n{who.name}: private window, {tenant.start}, sign in, OneDrive tile -> {page}")
    stage.say(f"  SharePoint's picture is {_moved(before, await _digest(tenant, who))}.")


async def _without_visits(stage: Stage, tenant: Tenant) -> None:
    stage.chapter("4. People who never come")
    cases = ("in-sync", "blocked", "non-latin")
    for who in map(tenant.case, cases):
        await tenant.ask_control(
            "PUT", f"/people/{who.id}/mailbox/picture", json={"portrait": f"{who.name}, years later"}
        )
    names = ", ".join(tenant.case(case).name for case in cases)
    stage.say(f"{names} have a new picture in their mailbox and will not come by:")
    await stage.samepic("status", *_only(tenant, *cases))
    stage.say('\nThe same route with way = "write" does not need them. Its first run is a plan that somebody reads:')
    settings = tenant.settings(way="write", when=("visit", "manual"), conflict="restore")
    stage.settings.write_text(settings, encoding="utf-8")
    await stage.samepic("sync", expect=(3,))
    await stage.samepic("plan", "--save", "plan.json")
    await stage.samepic("apply", "plan.json")
    await tenant.ask_control("POST", "/requests/reset")
    stage.say("\nThe second run finds nothing to do:")
    await stage.samepic("sync")
    stage.say(f"It sent {await _writes(tenant)} writes to SharePoint.")


async def _undone(stage: Stage, tenant: Tenant) -> None:
    stage.chapter("5. Undo, and it holds")
    who = tenant.case("in-sync")
    await stage.samepic("undo", who.upn)
    await stage.samepic("sync")
    await stage.samepic("explain", who.upn)


async def _contact_sheet(stage: Stage, before: Snapshot) -> None:
    stage.chapter("6. Before and after")
    sheet = stage.folder / "contact-sheet.html"
    sheet.write_text(contact_sheet("Profile pictures", before, await stage.everybody("after")), encoding="utf-8")
    stage.say(f"Everybody, in every system, before and after, with the pictures: {sheet}")


@dataclass(frozen=True)
class Window:
    """A private browser window in which somebody has signed in on the start page."""

    visitor: Visitor
    start: str

    async def press_tile(self, tile: str) -> str:
        """Goes back to the start page and presses a tile; the title of where it led."""
        page = await self.visitor.press(await self.visitor.open(self.start), tile)
        return page.title


@asynccontextmanager
async def _window(tenant: Tenant, who: Citizen) -> AsyncIterator[Window]:
    async with Visitor() as visitor:
        page = await visitor.open(tenant.start)
        await visitor.submit(page, username=who.upn, password=who.password)
        yield Window(visitor, tenant.start)


async def _digest(tenant: Tenant, who: Citizen) -> str | None:
    """What SharePoint shows for somebody, told by the tenant itself."""
    found = await tenant.ask_control("GET", f"/people/{who.id}")
    return str(found["pictures"]["sharepoint"]) if found["pictures"].get("sharepoint") else None


def _moved(before: str | None, after: str | None) -> str:
    if before == after:
        return "still the same" if before else "still missing"
    return "new" if before is None else "another one now"


async def _writes(tenant: Tenant) -> int:
    """Requests since the last reset that change something in SharePoint."""
    faces = (await tenant.ask_control("GET", "/requests"))["faces"]
    counts = (faces.get(face, {}).get("methods", {}) for face in ("sharepoint", "sharepoint_my", "sharepoint_admin"))
    return sum(sum(statuses.values()) for methods in counts for method, statuses in methods.items() if method != "GET")
