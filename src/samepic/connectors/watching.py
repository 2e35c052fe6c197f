"""A feed for what can only be looked at: each reading of the feed is a look, compared with the one before.

What changed is told once it was the same at two looks, so that nobody is fetched while a file is still being copied.
A token is a digest of what was told. Whoever comes with another one (samepic was started anew, and something changed
meanwhile) is told that everybody changed: doubt reads twice, never not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from samepic.model import Change

Looks = Mapping[str, str]
"""Version by ref."""


class Watch:
    """Remembers, for as long as it lives, what was told and what is waiting for a second look."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}
        self._token = ""
        self._seen: Looks = {}

    def changes(self, now: Looks, since: str | None) -> Iterator[Change]:
        """What is new after the token `since`, given what there is now."""
        before, self._seen = self._seen, now
        if since is None or (since != self._token and since == token_of(now)):
            self._tell(now)
            if since is None:
                yield Change(self._token)
            return
        if since != self._token:
            changed = sorted(now)
            self._tell(now)
        else:
            everybody = now.keys() | self._told.keys()
            changed = sorted(ref for ref in everybody if self._settled(ref, before, now))
            kept = {ref: version for ref, version in self._told.items() if ref not in changed}
            self._tell({**kept, **{ref: now[ref] for ref in changed if ref in now}})
        for ref in changed[:-1]:
            yield Change(since, ref)
        if self._token != since:
            yield Change(self._token, changed[-1] if changed else None)

    def _settled(self, ref: str, before: Looks, now: Looks) -> bool:
        return now.get(ref) != self._told.get(ref) and now.get(ref) == before.get(ref)

    def _tell(self, looks: Looks) -> None:
        self._told = dict(looks)
        self._token = token_of(self._told)


def token_of(looks: Looks) -> str:
    digest = hashlib.sha256()
    for ref, version in sorted(looks.items()):
        digest.update(f"{len(ref)}:{ref}{len(version)}:{version}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
