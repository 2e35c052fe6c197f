"""What people call the systems: they know Outlook and SharePoint, not what an administrator named in the settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from samepic.engine.reasons import Reason
from samepic.settings import Settings


@dataclass(frozen=True, slots=True)
class Title:
    """`name` is what a system is called; `places` are where people meet its pictures, `round_` how they look there."""

    name: str
    places: tuple[str, ...] = ()
    round_: bool = False


_OUTLOOK = Title("Outlook", ("Outlook", "Teams"), round_=True)
_ENTRA = Title("Entra ID", ("Entra ID",), round_=True)
_SHAREPOINT = Title("SharePoint", ("SharePoint", "OneDrive"))


def titles(settings: Settings) -> dict[str, Title]:
    """By system. Where two would be called alike, each carries its own name besides."""
    found = {name: _title(name, table) for name, table in settings.systems.items()}
    often = Counter(one.name for one in found.values())
    return {
        name: one if often[one.name] == 1 else replace(one, name=f"{one.name} ({name})") for name, one in found.items()
    }


def _title(name: str, table: Mapping[str, Any]) -> Title:
    match table["kind"], table.get("store", "exchange"):
        case "graph", "entra":
            return _ENTRA
        case "graph", _:
            return _OUTLOOK
        case "sharepoint", _:
            return _SHAREPOINT
        case _:
            return Title(name[:1].upper() + name[1:])


def in_microsoft(settings: Settings) -> bool:
    """Do people here meet their picture in Microsoft 365? Elsewhere nothing is said of Teams and tiles."""
    return any(table["kind"] in {"graph", "sharepoint"} for table in settings.systems.values())


def retold(reason: Reason, known: Mapping[str, Title]) -> Reason:
    """The reason with the systems it speaks of called as people call them."""
    named = {name: _named(reason.facts[name], known) for name in ("source", "target") if name in reason.facts}
    return replace(reason, facts={**reason.facts, **named})


def _named(systems: str, known: Mapping[str, Title]) -> str:
    """One system, or several as a sentence has them."""
    return " ".join(known[word].name if word in known else word for word in systems.split(" "))
