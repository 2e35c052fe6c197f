"""Which people a list shows: the filters of the page, as they stand in its address."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from samepic.model import Verdict
from samepic.store.ledger import Ledger
from samepic.store.listing import After, Listed, Listing
from samepic.web.admin.figures import Group
from samepic.web.ask import Ask


@dataclass(frozen=True, slots=True)
class Filters:
    """`system` is one there is, or empty for all; `group` None for every verdict; `text` part of a name or address."""

    system: str = ""
    group: Group | None = None
    text: str = ""

    @classmethod
    def of(cls, ask: Ask) -> Filters:
        """What the address, or the form, says; what it names and is not there filters nothing."""
        return cls.named({name: ask.text(name) for name in ("system", "verdict", "text")}, ask.site.org.systems)

    @classmethod
    def named(cls, said: Mapping[str, str], systems: Collection[str]) -> Filters:
        system, verdict = said.get("system", ""), said.get("verdict", "")
        group = Group(verdict) if verdict in set(Group) else None
        return cls(system if system in systems else "", group, said.get("text", ""))

    @property
    def fields(self) -> dict[str, str]:
        """As they were named; without those that filter nothing."""
        said = {"system": self.system, "verdict": self.group or "", "text": self.text}
        return {name: value for name, value in said.items() if value}

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return self.group.verdicts if self.group else ()

    @property
    def asked(self) -> dict[str, Any]:
        """As an order names the same people (see `engine.ordering.people_meant`)."""
        said = {"system": self.system, "verdicts": [one.value for one in self.verdicts], "text": self.text}
        return {name: value for name, value in said.items() if value}

    def query(self, **more: str) -> str:
        """The end of an address with these filters; empty where there are none."""
        fields = self.fields | more
        return f"?{urlencode(fields)}" if fields else ""

    async def page(self, ledger: Ledger, after: After | None, limit: int) -> Listing:
        return await ledger.verdict_page(self.system or None, self.verdicts, self.text or None, after, limit)

    def everybody(self, ledger: Ledger) -> AsyncIterator[Listed]:
        """All whom the filters let through, by name."""
        return ledger.everybody_listed(self.system or None, self.verdicts, self.text or None)


def after_of(ask: Ask) -> After | None:
    """Where the page begins that the address asks for."""
    person = ask.text("person")
    return After(ask.text("name"), person) if person else None
