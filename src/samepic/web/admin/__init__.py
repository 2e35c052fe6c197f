"""The administrator's pages: figures, everybody and one person, what waits for a decision, what was done."""

from __future__ import annotations

from samepic.web.access import Door
from samepic.web.admin import (
    approvals,
    audit,
    letters,
    overview,
    people,
    person,
    photo,
    pictures,
    plans,
    runs,
    systems,
    tokens,
)

DOORS: tuple[Door, ...] = (
    *overview.DOORS,
    *people.DOORS,
    *person.DOORS,
    *photo.DOORS,
    *pictures.DOORS,
    *plans.DOORS,
    *approvals.DOORS,
    *letters.DOORS,
    *runs.DOORS,
    *systems.DOORS,
    *audit.DOORS,
    *tokens.DOORS,
)
