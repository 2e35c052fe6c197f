"""Choices: what a person said about their own picture in one system, and until when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from samepic.model import PersonId
from samepic.store.page import Page
from samepic.store.portal_schema import choices
from samepic.store.schema import upsert


class Chosen(StrEnum):
    OPT_OUT = "opt-out"  # leave my picture in this system alone
    CONSENT = "consent"  # bring my picture into this system


@dataclass(frozen=True, slots=True)
class Choice:
    """`until` is when it ends, None where it has no end; `by` is who noted it: the person, or an administrator."""

    person: PersonId
    system: str
    kind: Chosen
    until: datetime | None
    at: datetime
    by: str

    def counts(self, at: datetime) -> bool:
        return self.until is None or at < self.until


class Choices(Page):
    """One choice for each person and system: whoever opts out has taken their consent back, and the other way round."""

    async def set_choice(self, choice: Choice) -> None:
        """Notes the choice; an earlier one for the same system is replaced."""
        row = {
            "person": choice.person,
            "system": choice.system,
            "kind": choice.kind.value,
            "until": choice.until,
            "at": choice.at,
            "by": choice.by,
        }
        await self._database.write(lambda connection: connection.execute(_SET, row))

    async def clear_choice(self, person: PersonId, system: str) -> bool:
        """Takes the choice back, so that the rules decide alone; False where there was none."""
        place = {"whose": person, "where": system}
        return await self._database.write(lambda connection: connection.execute(_CLEAR, place).rowcount > 0)

    async def choices_of(self, person: PersonId) -> Mapping[str, Choice]:
        """By system; those that have ended are among them."""
        return {system: one for (_, system), one in (await self.choices(people=[person])).items()}

    async def choices(
        self, system: str | None = None, people: Collection[PersonId] | None = None
    ) -> dict[tuple[PersonId, str], Choice]:
        """By person and system: in one system or in all, of a few people or of everybody; ended ones are among them."""
        wanted = select(choices)
        if system is not None:
            wanted = wanted.where(choices.c.system == system)
        if people is not None:
            wanted = wanted.where(choices.c.person.in_(people))
        found = await self._database.read(lambda connection: [_choice(row) for row in connection.execute(wanted)])
        return {(one.person, one.system): one for one in found}


_SET = upsert(choices)
_CLEAR = delete(choices).where(choices.c.person == bindparam("whose"), choices.c.system == bindparam("where"))


def _choice(row: Row[Any]) -> Choice:
    return Choice(PersonId(row.person), row.system, Chosen(row.kind), row.until, row.at, row.by)
