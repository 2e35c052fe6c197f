"""Rows of text for a spreadsheet that runs what looks like a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

_RUNS = frozenset("=+-@\t\r")


def line(cells: Iterable[str]) -> str:
    """One line of CSV. What begins like a formula gets an apostrophe: names come from directories that others fill."""
    text = io.StringIO()
    csv.writer(text).writerow([f"'{one}" if one[:1] in _RUNS else one for one in cells])
    return text.getvalue()
