"""Fills an empty state with its people and what each of them has where.

It streams: a large world costs time, not memory.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from samepic.practice.directory import Directory
from samepic.practice.origins import DOMAIN
from samepic.practice.people import Case, Person, person_at, stable_uuid
from samepic.practice.pictures import THUMBNAILS
from samepic.practice.profiles import PROFILE_DEFAULTS, pulled_properties, thumbnail_names
from samepic.practice.sources import portrait, square, width
from samepic.practice.state import State
from samepic.practice.userphotos import FOLDER, File, Library

_CHUNK = 5000
_PULLED_BEFORE = timedelta(days=30)
_MAILBOX = frozenset(Case) - {Case.ENTRA_ONLY, Case.NO_MAILBOX, Case.GUEST, Case.NONE}
_PULLED = frozenset({Case.IN_SYNC, Case.STALE, Case.BLOCKED, Case.NON_LATIN, Case.TURNED})
_ENTRA = {Case.ENTRA_ONLY: ("plain", 400), Case.NO_MAILBOX: ("cmyk", 420), Case.GUEST: ("plain", 240)}


def seed_world(state: State, seed: int, people: int, now: datetime) -> None:
    """All of it, or nothing: a half-made world is never opened."""
    directory, library = Directory(state), Library(state)
    ids = itertools.count(2)
    founded = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
    with state.together():
        state.set("seed", seed)
        state.set("people", people)
        state.set("tenant", stable_uuid(seed, DOMAIN))
        library.add([File(1, FOLDER, stable_uuid(seed, FOLDER), 1, founded, founded, "")])
        for start in range(0, people, _CHUNK):
            chunk = [person_at(seed, index) for index in range(start, min(start + _CHUNK, people))]
            directory.add(chunk)
            state.fill("INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?)", _pictures(seed, chunk))
            state.fill("INSERT INTO profiles VALUES (?, ?, ?)", _profiles(chunk, now))
            library.add(_files(seed, chunk, now, ids))


def _pictures(seed: int, people: Iterable[Person]) -> Iterator[tuple[object, ...]]:
    for person in people:
        if person.case in _MAILBOX:
            side = 1024 if person.case is Case.TURNED else 648
            yield (person.index, "mailbox", _mailbox_source(seed, person), "image/jpeg", side, side)
        if person.case in _ENTRA:
            finish, side = _ENTRA[person.case]
            source = portrait(seed, person, finish=finish, side=side)
            yield (person.index, "entra", source, "image/jpeg", side, side)


def _mailbox_source(seed: int, person: Person) -> str:
    if person.case is Case.STALE:
        return portrait(seed, person, "newer")
    return _first_source(seed, person)


def _first_source(seed: int, person: Person) -> str:
    turned = person.case is Case.TURNED
    return portrait(seed, person, finish="phone", side=1024) if turned else portrait(seed, person)


def _profiles(people: Iterable[Person], now: datetime) -> Iterator[tuple[object, ...]]:
    at = now - _PULLED_BEFORE
    for person in people:
        if not person.has_profile:
            continue
        properties = dict(PROFILE_DEFAULTS)
        if person.case is Case.NO_MAILBOX:
            properties["SPS-PictureExchangeSyncState"] = "0"
        if person.case in _PULLED:
            properties |= pulled_properties(person, at)
        yield (person.index, json.dumps(properties), at.timestamp() if person.case in _PULLED else None)


def _files(seed: int, people: Iterable[Person], now: datetime, ids: Iterator[int]) -> Iterator[File]:
    pulled = (now - _PULLED_BEFORE).timestamp()
    for person in people:
        if person.case not in _PULLED:
            continue
        largest = square(648, _first_source(seed, person))
        for letter, name in thumbnail_names(person).items():
            source = width(THUMBNAILS[letter], largest)
            yield File(next(ids), name, stable_uuid(seed, name), 1, pulled, pulled, source)
