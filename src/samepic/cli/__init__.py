"""The command line."""

from samepic.cli import asking, doctor, explaining, init, looking, moving, records, serving, tokens, trying  # noqa: F401 -- importing them registers their commands
from samepic.cli.app import main, run

__all__ = ["main", "run"]
