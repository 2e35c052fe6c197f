"""What everybody had where when the world began. It follows from seed and person, so nothing of it is stored.

A world of a million people starts at once and costs as much as is looked at. Items of the library have numbers with
gaps between them, as in a library from which files were deleted: three for each person, used or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from samepic.practice import profiles
from samepic.practice.origins import DOMAIN
from samepic.practice.people import Case, Person, case_at, index_of_mangled, mangled, person_at, stable_uuid
from samepic.practice.pictures import THUMBNAILS
from samepic.practice.sources import portrait, square, width
from samepic.practice.state import State
from samepic.practice.userphotos import File

FIRST_FOLDER = 1
_FOUNDED = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
_PULLED_BEFORE = timedelta(days=30)
_MAILBOX = frozenset(Case) - {Case.ENTRA_ONLY, Case.NO_MAILBOX, Case.GUEST, Case.NONE}
PULLED = frozenset({Case.IN_SYNC, Case.STALE, Case.BLOCKED, Case.NON_LATIN, Case.TURNED})
_ENTRA = {Case.ENTRA_ONLY: ("plain", 400), Case.NO_MAILBOX: ("cmyk", 420), Case.GUEST: ("plain", 240)}
_DESCRIBED = 12
_NAMED_BY_UPN = 0.15
_LETTERS = tuple(THUMBNAILS)


def seed_world(state: State, seed: int, people: int, now: datetime, folder: str) -> None:
    """Notes what the rest follows from. `folder` is where the first pictures were put."""
    with state.together():
        state.set("seed", seed)
        state.set("people", people)
        state.set("tenant", stable_uuid(seed, DOMAIN))
        state.set("made", now.timestamp())
        state.set("first_folder", folder)
        last = FIRST_FOLDER + len(_LETTERS) * people
        state.change("INSERT INTO sqlite_sequence (name, seq) VALUES ('files', ?)", last)


@dataclass(frozen=True, slots=True)
class Beginning:
    """`pulled` is when SharePoint fetched what it shows, in seconds since 1970; `folder` where it put that."""

    seed: int
    people: int
    pulled: float
    folder: str

    @classmethod
    def of(cls, state: State) -> Beginning:
        pulled = float(state.setting("made")) - _PULLED_BEFORE.total_seconds()
        return cls(state.setting("seed"), state.setting("people"), pulled, state.setting("first_folder"))

    @property
    def end(self) -> int:
        """The first item id that no seeded file has."""
        return FIRST_FOLDER + 1 + len(_LETTERS) * self.people

    def picture(self, person: Person, store: str) -> tuple[str, str, int, int] | None:
        """Source, media type, width and height of what the mailbox or Entra held."""
        if person.index >= self.people:
            return None
        if store == "mailbox" and person.case in _MAILBOX:
            side = 1024 if person.case is Case.TURNED else 648
            newer = person.case is Case.STALE
            source = portrait(self.seed, person, "newer") if newer else self._first_source(person)
            return source, "image/jpeg", side, side
        if store == "entra" and person.case in _ENTRA:
            finish, side = _ENTRA[person.case]
            return portrait(self.seed, person, finish=finish, side=side), "image/jpeg", side, side
        return None

    def profile(self, person: Person) -> dict[str, str]:
        properties = dict(profiles.PROFILE_DEFAULTS)
        if person.case is Case.NO_MAILBOX:
            properties[profiles.EXCHANGE_SYNC] = "0"
        if self.pulled_for(person) is not None:
            at = datetime.fromtimestamp(self.pulled, UTC)
            properties |= profiles.pulled_properties(self.folder, self.stem(person), at)
        return properties

    def pulled_for(self, person: Person) -> float | None:
        return self.pulled if person.index < self.people and person.case in PULLED else None

    def stem(self, person: Person) -> str:
        """What the names of a person's first thumbnails begin with: SharePoint itself names them by object id.

        A share of the generated people have theirs from an uploader that names them by the UPN.
        """
        by_upn = person.index >= _DESCRIBED and int(person.id[-2:], 16) < 256 * _NAMED_BY_UPN
        return mangled(person.upn) if by_upn else person.id

    def item(self, number: int) -> File | None:
        """The folder or the file of that id."""
        if number == FIRST_FOLDER:
            guid = stable_uuid(self.seed, self.folder)
            return File(FIRST_FOLDER, "", self.folder, guid, 1, _FOUNDED, _FOUNDED, "")
        index, place = divmod(number - FIRST_FOLDER - 1, len(_LETTERS))
        if not 0 <= index < self.people or case_at(self.seed, index) not in PULLED:
            return None
        return self._file(person_at(self.seed, index), place)

    def items(self, start: int, stop: int) -> Iterator[File]:
        """Those with an id from `start` up to but not including `stop`, in order."""
        if start <= FIRST_FOLDER < stop:
            yield from filter(None, [self.item(FIRST_FOLDER)])
        first = max(start - FIRST_FOLDER - 1, 0) // len(_LETTERS)
        last = (min(stop, self.end) - FIRST_FOLDER - 1 + len(_LETTERS) - 1) // len(_LETTERS)
        for index in range(first, last):
            if case_at(self.seed, index) in PULLED:
                person = person_at(self.seed, index)
                for place in range(len(_LETTERS)):
                    if start <= FIRST_FOLDER + 1 + index * len(_LETTERS) + place < stop:
                        yield self._file(person, place)

    def named(self, folder: str, name: str) -> File | None:
        """The seeded file of that name, in any case."""
        stem, _, ending = name.casefold().rpartition("_")
        place = next(
            (place for place, letter in enumerate(_LETTERS) if ending == f"{letter}thumb.jpg".casefold()), None
        )
        index = index_of_mangled(self.seed, stem)
        if place is None or index is None or folder.casefold() != self.folder.casefold():
            return None
        file = self.item(FIRST_FOLDER + 1 + index * len(_LETTERS) + place) if index < self.people else None
        return file if file and file.name.casefold() == name.casefold() else None

    def _file(self, person: Person, place: int) -> File:
        letter = _LETTERS[place]
        name = profiles.thumbnail_name(self.stem(person), letter)
        source = width(THUMBNAILS[letter], square(648, self._first_source(person)))
        number = FIRST_FOLDER + 1 + person.index * len(_LETTERS) + place
        return File(number, self.folder, name, stable_uuid(self.seed, name), 1, self.pulled, self.pulled, source)

    def _first_source(self, person: Person) -> str:
        turned = person.case is Case.TURNED
        return portrait(self.seed, person, finish="phone", side=1024) if turned else portrait(self.seed, person)
