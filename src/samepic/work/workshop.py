"""What every task is given, and what it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from samepic.engine.organisation import Organisation
from samepic.mail import MailServer
from samepic.settings import Settings
from samepic.work.bulletin import Bulletin


@dataclass(frozen=True)
class Workshop:
    """`mail` is None where the settings name no server. `rolling` is held while the roll is called: two calls at once
    would each think up a person for the same new account.
    """

    org: Organisation
    settings: Settings
    mail: MailServer | None
    bulletin: Bulletin
    rolling: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def now(self) -> datetime:
        return self.org.clock()


@dataclass(frozen=True, slots=True)
class Again:
    """The task is due again `at`; with the same facts where none are given."""

    at: datetime
    facts: Mapping[str, Any] | None = None
