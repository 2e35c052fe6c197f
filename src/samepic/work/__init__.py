"""What a long-lived process does besides answering: everything that is due, by itself and in time."""

from samepic.work.bulletin import Bulletin
from samepic.work.worker import Work

__all__ = ["Bulletin", "Work"]
