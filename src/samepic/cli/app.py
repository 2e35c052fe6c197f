"""The command line's frame: options that every command has, how it starts, how it ends.

Exit codes: 0 all is well; 1 something could not be read or done for somebody; 2 the command, the settings or a name is
wrong; 3 something is held until a person confirms it; 4 another run is at work; 130 interrupted.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Group, Parameter

from samepic import __version__
from samepic.cli.screen import Screen
from samepic.engine.organisation import Organisation
from samepic.engine.reading import Roll, call_roll
from samepic.errors import Busy, ConnectorError, SamepicError, UserError
from samepic.model import PersonId, Way
from samepic.services import open_organisation, select
from samepic.settings import FILE, Settings, load

GOOD, SOME_FAILED, WRONG, HELD, BUSY, INTERRUPTED = 0, 1, 2, 3, 4, 130

BEGIN = Group.create_ordered("Begin")
LOOK = Group.create_ordered("Look")
MOVE = Group.create_ordered("Move")
TRY = Group.create_ordered("Try it without an account")

app = App(
    name="samepic",
    help="One profile picture, the same in every system.",
    version=__version__,
    help_format="plaintext",
    suppress_keyboard_interrupt=False,  # how that ends is said below
)


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    """What every command takes."""

    settings: Path = Path(FILE)
    """The settings file."""
    json: Annotated[bool, Parameter(negative=())] = False
    """Print the result as JSON."""


@Parameter(name="*")
@dataclass(frozen=True)
class Scope:
    """Whom a command is about. A name, an address, an id, a pattern such as '*@sales.example', or 'group:Pilots'."""

    only: Annotated[tuple[str, ...], Parameter(negative=())] = ()
    """These people and nobody else; may be repeated."""
    besides: Annotated[tuple[str, ...], Parameter(name="--except", negative=())] = ()
    """Everybody but these people; may be repeated."""


@dataclass(frozen=True)
class Desk:
    """One command at work: where it prints, and the organisation it works on."""

    screen: Screen
    settings: Settings
    org: Organisation
    roll: Roll

    @property
    def code(self) -> int:
        """How a command ends that only looked: well, unless a system could not be looked at."""
        return SOME_FAILED if self.roll.troubles else GOOD

    async def people(self, scope: Scope) -> list[PersonId]:
        return await select(self.org, self.roll, scope.only, scope.besides)


@contextlib.asynccontextmanager
async def desk(common: Common | None, *, read_only: bool = True, way: Way | None = None) -> AsyncIterator[Desk]:
    """Opens everything and calls the roll. With `read_only` nothing can be written to any system.

    `way` overrides the way of every route, for this command only.
    """
    common = common or Common()
    screen = Screen(as_json=common.json)
    settings = load(common.settings)
    settings = settings if way is None else settings.going(way)
    async with open_organisation(settings, read_only=read_only, progress=screen.bars) as org:
        try:
            roll = await call_roll(org)
            for name, trouble in roll.troubles.items():
                screen.note(f"{name}: {trouble} {trouble.remedy}".rstrip())
            yield Desk(screen, settings, org, roll)
        finally:
            screen.bars.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    """The program. Exits with one of the codes above; a user's mistake is a sentence, never a traceback."""
    collect_seldom()
    sys.exit(run(arguments))


def collect_seldom() -> None:
    """Looks for cycles of garbage seldom: what a run keeps of 100,000 people has none, and would be gone through again
    and again, for a fifth of the processor time.
    """
    gc.set_threshold(100_000, 50, 100)


def run(arguments: Sequence[str] | None = None) -> int:
    """One command; returns its exit code."""
    tokens = sys.argv[1:] if arguments is None else list(arguments)
    try:
        result = app(tokens, exit_on_error=False, result_action="return_value")
    except BrokenPipeError:  # the reader of our pipe has seen enough
        sys.stderr.close()
        return GOOD
    except CycloptsError:  # said already, with the usage
        return WRONG
    except (SamepicError, KeyboardInterrupt, asyncio.CancelledError) as trouble:
        return _complain(trouble)
    return result if isinstance(result, int) else GOOD


def _complain(trouble: BaseException) -> int:
    """Says what is wrong as one sentence, and gives the exit code for it."""
    match trouble:
        case UserError():
            message, code = str(trouble), BUSY if isinstance(trouble, Busy) else WRONG
        case ConnectorError():
            where = f"{trouble.system}: " if trouble.system else ""
            message, code = f"{where}{trouble} {trouble.remedy}".rstrip(), SOME_FAILED
        case SamepicError():
            message, code = str(trouble), SOME_FAILED
        case _:
            message, code = "Interrupted. What was begun is finished by the next run.", INTERRUPTED
    Screen().note(f"samepic: {message}")
    return code
