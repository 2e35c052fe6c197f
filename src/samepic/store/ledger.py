"""The ledger: everything samepic knows about slots besides the pictures themselves.

Each part has a module of its own; this is all of them over one database.
"""

from __future__ import annotations

from samepic.store.adoptions import Adoptions
from samepic.store.answers import Answers
from samepic.store.approvals import Approval, Approvals, Decided
from samepic.store.arrivals import Arrivals, Usual
from samepic.store.asks import Ask, Asks
from samepic.store.audit import Audit, Audited
from samepic.store.baselines import Baselines
from samepic.store.choices import Choice, Choices, Chosen
from samepic.store.contradictions import Contradiction, Contradictions
from samepic.store.due import EVERYBODY, SINCE, TRIGGER, Due, DueWork, Task
from samepic.store.gallery import Added, Gallery
from samepic.store.grants import Grant, Grants
from samepic.store.groups import GroupOf, Groups
from samepic.store.identities import Identities, Identity
from samepic.store.journal import DONE, REFUSED, SUPERSEDED, Intent, Journal
from samepic.store.leases import Leases
from samepic.store.listing import After, Listed, Listing, Listings
from samepic.store.mailings import Mailings
from samepic.store.notices import Notice, Notices
from samepic.store.orders import Order, Orders
from samepic.store.outcomes import Outcomes, Trouble
from samepic.store.pins import Pin, Pins
from samepic.store.portraits import Portraits
from samepic.store.retention import Retention
from samepic.store.routes import Routes
from samepic.store.runs import Progress, Run, Runs
from samepic.store.sessions import Session, Sessions
from samepic.store.sightings import Remembered, Sightings
from samepic.store.sign_ins import SignIns
from samepic.store.tokens import Token, Tokens
from samepic.store.verdicts import Judged, Spoken, Verdicts
from samepic.store.visits import Visit, Visits

__all__ = [
    "DONE",
    "EVERYBODY",
    "REFUSED",
    "SINCE",
    "SUPERSEDED",
    "TRIGGER",
    "Added",
    "After",
    "Approval",
    "Ask",
    "Audited",
    "Choice",
    "Chosen",
    "Contradiction",
    "Decided",
    "Due",
    "Grant",
    "GroupOf",
    "Identity",
    "Intent",
    "Judged",
    "Ledger",
    "Listed",
    "Listing",
    "Notice",
    "Order",
    "Pin",
    "Progress",
    "Remembered",
    "Run",
    "Session",
    "Spoken",
    "Task",
    "Token",
    "Trouble",
    "Usual",
    "Visit",
]


class Ledger(
    Runs,
    Baselines,
    Adoptions,
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
    Orders,
    Outcomes,
    Notices,
    DueWork,
    Sessions,
    SignIns,
    Identities,
    Grants,
    Audit,
    Contradictions,
    Groups,
    Verdicts,
    Listings,
    Arrivals,
    Retention,
    Tokens,
    Answers,
):
    """Takes an open `Database`. Every change is on the disk when its method returns."""
