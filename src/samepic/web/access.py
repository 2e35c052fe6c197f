"""Doors: every address of the portal, and who may go through it.

A door declares its access where its path is declared, so there is no page without an answer to "who may?", and a test
can try every door as everybody. Whoever may not enter an administrator's door is told that there is none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from samepic.web.ask import Ask

SMALL = 64 * 1024
"""Bytes that a form without a picture may have."""


DIGITS = 18
"""Digits that a number in an address may have: what the store can hold has up to nineteen."""


class Access(StrEnum):
    ANYBODY = "anybody"
    PERSON = "person"  # signed in, and known to be somebody of the organisation
    ADMINISTRATOR = "administrator"


Answer = Callable[["Ask"], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Door:
    """One address. `uploads`: its form carries pictures, so it may be as large as the settings allow.

    `foreign`: may be posted to from another site (none of the portal's own forms is); such a door proves by itself who
    is asking.
    """

    name: str
    path: str
    access: Access
    answer: Answer
    methods: tuple[str, ...] = ("GET",)
    uploads: bool = False
    foreign: bool = False
