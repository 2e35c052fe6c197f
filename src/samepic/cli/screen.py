"""What a command prints: tables on a terminal, tab-separated lines when piped, JSON when asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from samepic.cli.progress import Bars
from samepic.model import Verdict

COLOURS: Mapping[Verdict, str] = {
    Verdict.SAME: "green",
    Verdict.OLDER: "yellow",
    Verdict.DIFFERENT: "magenta",
    Verdict.NEVER_VISITED: "cyan",
    Verdict.WAITING: "blue",
    Verdict.HELD: "red",
    Verdict.CANNOT_READ: "red",
}

SIGNS: Mapping[Verdict, str] = {
    Verdict.SAME: "●",
    Verdict.OLDER: "◐",
    Verdict.DIFFERENT: "◑",
    Verdict.NONE: "○",
    Verdict.NEVER_VISITED: "○",
    Verdict.WAITING: "…",
    Verdict.HELD: "■",
    Verdict.NO_ACCOUNT: "·",
    Verdict.UNKNOWN_STORE: "?",
    Verdict.CANNOT_READ: "!",
}


class Screen:
    """One command's output. Results go to standard output; what is said besides, and mistakes, to standard error."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self._out = Console(soft_wrap=True, highlight=False)
        self._err = Console(stderr=True, soft_wrap=True, highlight=False)
        self.bars = Bars(self._err)

    @property
    def shows_tables(self) -> bool:
        """A person is looking; else every line has to stand for itself."""
        return self._out.is_terminal

    def say(self, text: str = "") -> None:
        """A line of the result, as it is."""
        if not self.as_json:
            self.bars.stop()
            self._out.print(escape(text))

    def styled(self, text: str, style: str) -> None:
        if not self.as_json:
            self.bars.stop()
            self._out.print(escape(text), style=style)

    def note(self, text: str) -> None:
        """Something about the run that is not its result."""
        self._err.print(escape(text))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str | Verdict]]) -> None:
        self.bars.stop()
        if self.as_json:
            return
        if not self.shows_tables:
            for row in rows:
                sys.stdout.write("\t".join(str(one).replace("\t", " ") for one in row) + "\n")
            return
        table = Table(*columns, box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for row in rows:
            table.add_row(*(_cell(one) for one in row))
        Console(highlight=False).print(table)

    def json(self, value: Any) -> None:
        if self.as_json:
            sys.stdout.write(json.dumps(value, default=plain, ensure_ascii=False, indent=1) + "\n")


def badge(verdict: Verdict) -> str:
    return f"{SIGNS[verdict]} {verdict}"


def _cell(value: str | Verdict) -> str:
    if isinstance(value, Verdict):
        return f"[{COLOURS.get(value, 'dim')}]{badge(value)}[/]"
    return escape(value)


def plain(value: Any) -> Any:
    """Our values as JSON's; `json.dumps(default=plain)`."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
