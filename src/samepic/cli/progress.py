"""Bars for what takes longer than a moment, on a terminal; elsewhere nothing."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

MOMENT = 1.0
"""Seconds of work before a bar is worth showing."""


class Bars:
    """Called with (what, done, total) as `Organisation.progress`; one bar for each `what` that is under way."""

    def __init__(self, console: Console, moment: float = MOMENT) -> None:
        self._console = console
        self._moment = moment
        self._began: float | None = None
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if not self._console.is_terminal:
            return
        self._began = monotonic() if self._began is None else self._began
        if self._progress is None:
            if monotonic() - self._began < self._moment:
                return
            self._progress = self._start()
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done, visible=done < total)

    def stop(self) -> None:
        """Takes the bars away; what comes next begins anew."""
        if self._progress is not None:
            self._progress.stop()
        self._began, self._progress, self._tasks = None, None, {}

    def _start(self) -> Progress:
        from rich import progress as rich  # noqa: PLC0415 -- most commands are done within a moment

        columns = (rich.TextColumn("{task.description}"), rich.BarColumn(), rich.MofNCompleteColumn())
        progress = rich.Progress(*columns, console=self._console, transient=True)
        progress.start()
        return progress
