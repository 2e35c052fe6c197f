"""What `samepic doctor` says of the groups that rules name: who is in them, and whether anybody can tell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from samepic.connectors.base import Connector
from samepic.engine.rules import Rules
from samepic.errors import ConnectorError, Gone
from samepic.model import Finding, Level
from samepic.settings import Settings

_ABOUT = "groups"


class Groups:
    """Asked system by system; what no system has shows at the end."""

    def __init__(self, settings: Settings) -> None:
        self._groups = Rules([one.rule() for one in settings.rules]).groups
        self._there: set[str] = set()

    async def of(self, connector: Connector) -> AsyncIterator[Finding]:
        """How many accounts are in each, where this system can tell."""
        if not connector.traits.groups:
            return
        for folded, group in self._groups.items():
            try:
                members = await connector.members(group)
            except Gone:
                yield Finding(Level.GOOD, _ABOUT, f"It has no group {group}.")
                continue
            except ConnectorError as trouble:
                yield Finding(Level.PROBLEM, _ABOUT, f"{group}: {trouble}", trouble.remedy)
                continue
            self._there.add(folded)
            yield Finding(Level.GOOD, _ABOUT, f"{len(members):,} accounts are in the group {group}.")

    def missing(self) -> Iterator[Finding]:
        """The groups that no system told the members of."""
        for folded, group in self._groups.items():
            if folded not in self._there:
                said = (
                    f"No system can tell who is in the group {group}, so what is stricter in its rules holds for all."
                )
                yield Finding(Level.PROBLEM, _ABOUT, said, "Check its name, or name it by its id.")
