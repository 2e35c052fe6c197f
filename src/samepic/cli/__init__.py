"""The command line."""

from samepic.cli.app import main, run

__all__ = ["main", "run"]
