"""Everything that can go wrong, and whose turn it is then.

    SamepicError
    ├── UserError                 what was asked cannot be done; a sentence and a remedy, never a traceback
    │   ├── SettingsError         the settings, or a secret they refer to
    │   ├── NoSuchPerson          nobody, or more than one person, answers to that name
    │   ├── PlanRefused           a plan that no longer fits the world, or the settings
    │   ├── StoreError            the database or the picture folder: newer, locked, damaged, full, read-only
    │   └── Busy                  another run holds the lease; carries which one
    ├── Unfit                     these bytes are not a picture we can use; carries the reason
    └── ConnectorError            a system did not do what we asked; carries the system's name
        ├── Gone                  there is no such account
        ├── Denied                we may not; a human must change a right or a policy
        ├── Hidden                something is there, but which store it came from cannot be told
        ├── Refused               the system will never take this request as it stands
        ├── Moved                 `expect` no longer holds; nothing was written
        ├── Throttled             too much was asked; carries when to come back; nothing was written
        └── Failed                it broke, and asking again may help; nothing was written
            └── Unclear           it broke after the request left: the write may have happened

Only `Throttled` and `Failed` are worth repeating. `Unclear` may be repeated only because a repeated write is harmless:
the engine leaves the intent open and the next run writes again.
"""

from __future__ import annotations

from datetime import timedelta


class SamepicError(Exception):
    """The root; `except SamepicError` is everything we know how to speak about."""


class UserError(SamepicError):
    """What was asked cannot be done. `remedy` is what the person can do about it, as a sentence."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class SettingsError(UserError):
    """The settings file, a setting, or a secret it refers to."""


class NoSuchPerson(UserError):
    """Nobody answers to that name, or several people do."""


class PlanRefused(UserError):
    """A plan that no longer fits the world, or was made under other settings, or is alarming."""


class StoreError(UserError):
    """The database or the picture folder: newer than this program, locked, damaged, full, read-only."""


class Busy(UserError):
    """Another run is working on the same slots. `run` is its number."""

    def __init__(self, run: int, message: str = "") -> None:
        super().__init__(message or f"Run {run} is working on this already.", "Wait for it to end, then try again.")
        self.run = run


class Unfit(SamepicError):
    """These bytes are not a picture we can use. `code` is one word for machines, the message a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ConnectorError(SamepicError):
    """A system did not do what we asked. `system` is filled in by whoever knows the name."""

    def __init__(self, message: str = "", *, system: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.system = system
        self.remedy = remedy


class Gone(ConnectorError):
    """There is no such account."""


class Denied(ConnectorError):
    """We may not; a human has to change a right or a policy first."""


class Hidden(ConnectorError):
    """Something is there, but which store it came from cannot be told, so it is not shown."""


class Refused(ConnectorError):
    """The system will never take this request as it stands: too large, wrong kind, not allowed by its own rules."""


class Moved(ConnectorError):
    """The version we expected is no longer there; nothing was written."""


class Throttled(ConnectorError):
    """Too much was asked. `wait` is how long the system wants to be left alone, if it said; nothing was written."""

    def __init__(self, message: str = "", *, wait: timedelta | None = None, system: str = "", remedy: str = "") -> None:
        super().__init__(message, system=system, remedy=remedy)
        self.wait = wait


class Failed(ConnectorError):
    """It broke in a way that asking again may mend; nothing was written."""


class Unclear(Failed):
    """It broke after the request had left us: the write may or may not have happened."""
