"""The ledger: everything samepic knows about slots besides the pictures themselves.

Each part has a module of its own; this is all of them over one database.
"""

from __future__ import annotations

from samepic.store.answers import Answers
from samepic.store.approvals import Approval, Approvals, Decided
from samepic.store.asks import Ask, Asks
from samepic.store.baselines import Baselines
from samepic.store.choices import Choice, Choices, Chosen
from samepic.store.due import Due, DueWork
from samepic.store.gallery import Added, Gallery
from samepic.store.journal import DONE, REFUSED, SUPERSEDED, Intent, Journal
from samepic.store.leases import Leases
from samepic.store.mailings import Mailings
from samepic.store.notices import Notice, Notices
from samepic.store.pins import Pin, Pins
from samepic.store.portraits import Portraits
from samepic.store.routes import Routes
from samepic.store.runs import Run, Runs
from samepic.store.sessions import Sessions
from samepic.store.sightings import Remembered, Sightings
from samepic.store.tokens import Token, Tokens
from samepic.store.visits import Visit, Visits

__all__ = [
    "DONE",
    "REFUSED",
    "SUPERSEDED",
    "Added",
    "Approval",
    "Ask",
    "Choice",
    "Chosen",
    "Decided",
    "Due",
    "Intent",
    "Ledger",
    "Notice",
    "Pin",
    "Remembered",
    "Run",
    "Token",
    "Visit",
]


class Ledger(
    Runs,
    Baselines,
    Sightings,
    Portraits,
    Journal,
    Pins,
    Leases,
    Visits,
    Asks,
    Routes,
    Mailings,
    Choices,
    Gallery,
    Approvals,
    Notices,
    DueWork,
    Sessions,
    Tokens,
    Answers,
):
    """Takes an open `Database`. Every change is on the disk when its method returns."""
