"""What is remembered of each person between runs, so that a look at everybody costs a few requests.

A profile says where its picture is, one request for each person; the library lists all pictures in a few. So profiles
are asked once, and again only when the listing holds something that their last answer does not explain. This module
decides which.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from samepic.connectors.base import Memo
from samepic.connectors.sharepoint.library import Listing
from samepic.connectors.sharepoint.profile import Profile, Thumbnails
from samepic.model import Sighting

_PREFIX = "person:"
_OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Known:
    """One profile's last answer.

    stem       what its thumbnails' addresses begin with; empty where it named none.
    etag       the large file's version then; empty where there was no file.
    shown      the profile showed that file.
    untouched  nobody had ever given it a picture.
    mark       the highest item id in the library then: whatever is newer, the answer does not know of.
    """

    stem: str = ""
    etag: str = ""
    shown: bool = False
    untouched: bool = False
    mark: int = 0

    @property
    def folder(self) -> str:
        return self.stem.rpartition("/")[0]

    @property
    def thumbnails(self) -> Thumbnails | None:
        return Thumbnails(self.stem) if self.stem else None

    @property
    def sighting(self) -> Sighting:
        present = self.shown and bool(self.etag)
        return Sighting(present, self.etag if present else None, untouched=self.untouched)

    def to_text(self) -> str:
        return json.dumps(astuple(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Known | None:
        """None where the text is of another version: then the profile is asked again."""
        try:
            stem, etag, shown, untouched, mark = json.loads(text)
            return cls(str(stem), str(etag), bool(shown), bool(untouched), int(mark))
        except (TypeError, ValueError):
            return None


def known_from(profile: Profile, thumbnails: Thumbnails | None, version: str | None, mark: int) -> Known:
    return Known(
        stem=thumbnails.stem if thumbnails else "",
        etag=version or "",
        shown=profile.shows_picture,
        untouched=profile.untouched,
        mark=mark,
    )


class Newcomers:
    """Pictures in a listing that nobody is known to own, as a reason to ask somebody again.

    A file that SharePoint made itself is named by the owner's object id: it is a reason to ask that person, and only
    that. Any other name may be anybody's.
    """

    def __init__(self, listing: Listing, known: Iterable[Known]) -> None:
        self._hinted: dict[str, int] = {}
        self._anybodys = 0
        for item in listing.strangers(entry.stem for entry in known):
            name = item.stem.rpartition("/")[2].casefold()
            if _OBJECT_ID.fullmatch(name):
                self._hinted[name] = item.id
            else:
                self._anybodys = max(self._anybodys, item.id)

    def concern(self, ref: str, mark: int) -> bool:
        return max(self._anybodys, self._hinted.get(ref.casefold(), 0)) > mark


def explain(ref: str, known: Known | None, listing: Listing, newcomers: Newcomers) -> Sighting | None:
    """What the listing shows of a person, given their profile's last answer; None where it has to be asked again."""
    if known is None:
        return None
    item = listing.find(known.stem) if known.stem else None
    if item is not None and known.shown:
        return Sighting(True, item.etag)
    if item is not None and item.etag != known.etag:
        return None
    if item is None and known.shown and known.etag:
        return None
    return None if newcomers.concern(ref, known.mark) else known.sighting


class Memory:
    """The memo's records by ref, read once. Losing them costs one request for each person."""

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._known: dict[str, Known] | None = None
        self._folders: Counter[str] = Counter()

    async def all(self) -> Mapping[str, Known]:
        """What is known now; it changes with every `save`."""
        return await self._read()

    async def folder(self) -> str | None:
        """The folder where most pictures are that we know of, as the server spells it; None where we know of none."""
        await self._read()
        return next((folder for folder, count in self._folders.most_common(1) if count), None)

    async def save(self, answers: Mapping[str, Known | None]) -> None:
        """Notes answers; None forgets. Nothing is written where nothing changed."""
        known = await self._read()
        changed = {ref: answer for ref, answer in answers.items() if known.get(ref) != answer}
        if changed:
            texts = {_PREFIX + ref: answer.to_text() if answer else None for ref, answer in changed.items()}
            await self._memo.save(texts)
            for ref, answer in changed.items():
                self._note(known, ref, answer)

    async def _read(self) -> dict[str, Known]:
        if self._known is None:
            found = await self._memo.load()
            if self._known is None:  # nobody else was quicker
                self._known = {}
                for name, text in found.items():
                    if name.startswith(_PREFIX):
                        self._note(self._known, name.removeprefix(_PREFIX), Known.from_text(text))
        return self._known

    def _note(self, known: dict[str, Known], ref: str, answer: Known | None) -> None:
        """One at a time: a write to one person must not cost a walk over everybody."""
        if (before := known.pop(ref, None)) is not None:
            self._folders[before.folder] -= bool(before.stem)
        if answer is not None:
            known[ref] = answer
            self._folders[answer.folder] += bool(answer.stem)
