"""Who belongs to the groups that rules name, as the systems say and as it is remembered.

Where nobody can tell who is in a group, because no system has it or because one that may have it was never heard, the
group is unknown, and `rules` holds everybody to the stricter of its answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from samepic.connectors.base import Connector
from samepic.engine.organisation import Organisation
from samepic.engine.rules import member_of, perhaps_in
from samepic.errors import ConnectorError, Gone
from samepic.model import Slot
from samepic.store.ledger import GroupOf

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Belonging:
    """The groups of each slot, and those of which nobody can tell who is in them; all by folded names."""

    groups: Mapping[Slot, frozenset[str]] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()

    def texts(self, slots: Collection[Slot]) -> set[str]:
        """What somebody with these slots goes by in rules."""
        own = {member_of(group) for slot in slots for group in self.groups.get(slot, ())}
        return own | set(map(perhaps_in, self.unknown))


async def call_groups(org: Organisation) -> None:
    """Asks every system that can tell for the members of each group that rules name, and remembers what they say."""
    named = {GroupOf(system, group): spelled for system in _telling(org) for group, spelled in org.rules.groups.items()}
    answers = await _all_asked(org, [(one.system, spelled) for one, spelled in named.items()])
    told: dict[GroupOf, frozenset[str] | None] = {}
    for group, answer in zip(named, answers, strict=True):
        if isinstance(answer, ConnectorError):
            told_why = f"{answer} {answer.remedy}".rstrip()
            _log.warning("%s could not tell who is in the group %s: %s", group.system, named[group], told_why)
        else:
            told[group] = answer
    await org.ledger.note_groups(told, named.keys(), org.clock())


async def _all_asked(
    org: Organisation, questions: Iterable[tuple[str, str]]
) -> list[frozenset[str] | ConnectorError | None]:
    """The answer to each (system, group), asked side by side: systems of one tenant share what they are told."""
    return await asyncio.gather(*(_asked(org.systems[system], group) for system, group in questions))


async def _asked(connector: Connector, group: str) -> frozenset[str] | ConnectorError | None:
    """Its members; None where there is no such group."""
    try:
        return await connector.members(group)
    except Gone:
        return None
    except ConnectorError as trouble:
        return trouble


async def known_belonging(org: Organisation, slots: Collection[Slot] | None = None) -> Belonging:
    """As it is remembered: of these slots, or of everybody."""
    if not org.rules.groups:
        return Belonging()
    told = await org.ledger.told_groups()
    unknown = frozenset(group for group in org.rules.groups if not _known(group, told, _telling(org)))
    return Belonging(await org.ledger.group_members(slots), unknown)


def _telling(org: Organisation) -> list[str]:
    return [name for name, connector in org.systems.items() if connector.traits.groups]


def _known(group: str, told: Mapping[GroupOf, bool], systems: Collection[str]) -> bool:
    """Does one have it, and has every one been heard?"""
    answers = [told.get(GroupOf(system, group)) for system in systems]
    return True in answers and None not in answers


async def members_now(org: Organisation, group: str) -> frozenset[Slot]:
    """Everybody whom any system counts among a group, asked now. Raises Gone where none has it, and any trouble."""
    systems = _telling(org)
    found: set[Slot] | None = None
    for system, answer in zip(systems, await _all_asked(org, [(one, group) for one in systems]), strict=True):
        if isinstance(answer, ConnectorError):
            raise answer
        if answer is not None:
            found = (found or set()) | {Slot(system, ref) for ref in answer}
    if found is None:
        raise Gone(f"No system has a group {group}.")
    return frozenset(found)
