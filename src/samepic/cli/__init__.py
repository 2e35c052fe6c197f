"""The command line."""

from samepic.cli import (  # noqa: F401 -- importing them registers their commands
    asking,
    doctor,
    explaining,
    init,
    looking,
    matching,
    moving,
    previewing,
    records,
    serving,
    tokens,
    trying,
)
from samepic.cli.app import main, run

__all__ = ["main", "run"]
