"""Which kinds of system there are: what installed packages declare in the entry point group `samepic.connectors`.

Nothing is imported before it is asked for, so a kind nobody uses costs nothing and may be broken in peace.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from samepic.connectors.base import Connector
from samepic.errors import SettingsError

GROUP = "samepic.connectors"


def connector_kinds() -> dict[str, EntryPoint]:
    """Entry points by kind, in alphabetical order; ours win over others of the same name."""
    kinds: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, not _is_ours(point))):
        kinds.setdefault(point.name, point)
    return kinds


def _is_ours(point: EntryPoint) -> bool:
    return point.value.startswith("samepic.")


def load(kind: str) -> type[Connector]:
    """The connector class for a kind of system. Raises SettingsError where there is none, or it cannot be loaded."""
    kinds = connector_kinds()
    if kind not in kinds:
        raise SettingsError(f"There is no kind of system called {kind!r}.", f"Known kinds: {', '.join(kinds)}.")
    try:
        loaded = kinds[kind].load()
    except (ImportError, AttributeError) as trouble:
        raise SettingsError(
            f"The connector for {kind!r} cannot be loaded: {trouble}.", "Install what it needs, or repair its package."
        ) from trouble
    if not (isinstance(loaded, type) and issubclass(loaded, Connector)):
        raise SettingsError(f"{kinds[kind].value} is not a connector.", "Its package declares the wrong entry point.")
    return loaded
