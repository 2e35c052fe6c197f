"""Graph's lists, from the first page to the last."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, TypeVar

from samepic.connectors.http import Session
from samepic.errors import Failed

PAGE = 999
"""The most users, groups or members that Graph gives in one page."""

_Read = TypeVar("_Read")


async def entries(
    session: Session, path: str, read: Callable[[Mapping[str, Any]], _Read], of: str
) -> AsyncIterator[_Read]:
    """Every entry of the list at `path`, as `read` makes it; `of` says in an error what it is a list of.

    Raises Failed where the list or an entry has an unknown shape, and whatever a request raises.
    """
    rest: str | None = path
    while rest:
        page = await session.json(rest)
        try:
            found = [read(entry) for entry in page["value"]]
            rest = page.get("@odata.nextLink")
        except (KeyError, TypeError, AttributeError):
            raise Failed(f"Graph's list of {of} has an unknown shape.", system=session.system) from None
        for one in found:
            yield one
