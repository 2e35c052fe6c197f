"""samepic keeps one profile picture, the same in every system."""

__version__ = "0.1.0"
