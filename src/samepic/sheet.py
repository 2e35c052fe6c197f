"""The contact sheet: everybody's picture in every system, before and after, on one page that needs nothing else.

The page carries its pictures and its style; it runs no script, asks for no address, and works from a file. Pictures are
made anew for it (256 pixels, no metadata), so that bytes from a system never reach a browser as they came.
"""

from __future__ import annotations

import hashlib
import warnings
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from itertools import zip_longest

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from PIL import Image, ImageOps

from samepic.model import Digest, Kind, Photo, Verdict

MEANINGS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.SAME: ("✓", "The chosen picture is here."),
    Verdict.OLDER: ("↺", "An earlier picture of this person; the newer one has not arrived."),
    Verdict.DIFFERENT: ("≠", "Another picture, neither the chosen one nor an earlier one."),
    Verdict.NONE: ("○", "There is an account, but no picture."),
    Verdict.WAITING: ("…", "Prompted or written a short while ago; the system may still show what was there before."),
    Verdict.HELD: ("‖", "Nothing is done here until somebody decides."),
    Verdict.NO_ACCOUNT: ("-", "This person has no account in the system."),
    Verdict.NEVER_VISITED: (
        "☐",
        "No picture and no trace of one: the visit that fetches it has probably never happened.",
    ),
    Verdict.UNKNOWN_STORE: ("?", "There is a picture, but the system does not say which of its stores it came from."),
    Verdict.CANNOT_READ: ("!", "The system did not show it: not allowed, too busy, or broken."),
}
"""A sign and a sentence for every verdict; the page never tells them apart by colour alone."""

_SIDE = 256  # pixels, twice what is shown
_MOST_PIXELS = 60_000_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One person in one system. `verdict` is None where there is nothing to judge, such as in the source itself."""

    verdict: Verdict | None
    reason: str = ""
    photo: Photo | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One person; `cells` by the system's name. A system that is missing was not looked at."""

    name: str
    address: str | None
    kind: Kind
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was seen at one instant. `systems` in the order in which they are shown."""

    label: str
    at: datetime
    systems: tuple[str, ...]
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a snapshot's instant needs a time zone")


def contact_sheet(title: str, before: Snapshot, after: Snapshot | None = None) -> str:
    """One HTML page. With `after`, both are shown side by side and people whose cells changed are marked."""
    systems = tuple(dict.fromkeys((*before.systems, *(after.systems if after else ()))))
    album = _Album()
    rows = [_row(was, now, systems, album, paired=after is not None) for was, now in _people(before, after)]
    return _page().render(
        title=title,
        snapshots=[snapshot for snapshot in (before, after) if snapshot],
        instant=_instant,
        systems=systems,
        rows=rows,
        changed=sum(row.changed for row in rows),
        tallies=_tallies(rows),
        bars=[(system, _bars(rows, at)) for at, system in enumerate(systems)],
        meanings=MEANINGS,
        album=album.pictures,
        paired=after is not None,
    )


@cache
def _page() -> Template:
    loader = PackageLoader("samepic", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("sheet.html")


# Who stands next to whom.


def _people(before: Snapshot, after: Snapshot | None) -> Iterator[tuple[Line | None, Line | None]]:
    """Everybody once: as listed in the later snapshot, then those who are only in the earlier one."""
    if after is None:
        yield from ((line, None) for line in before.lines)
        return
    earlier = dict(_keyed(before.lines))
    for key, line in _keyed(after.lines):
        yield earlier.pop(key, None), line
    yield from ((line, None) for line in earlier.values())


def _keyed(lines: Iterable[Line]) -> Iterator[tuple[tuple[object, ...], Line]]:
    """A person is known by kind and address, else by name; namesakes are paired in the order in which they come."""
    seen: Counter[tuple[object, ...]] = Counter()
    for line in lines:
        key = (line.kind, (line.address or line.name).casefold(), line.address is None)
        seen[key] += 1
        yield (*key, seen[key]), line


# What the page shows, as values.


@dataclass(frozen=True, slots=True)
class Face:
    """What one system shows of one person at one instant; `symbol` names a picture of the album."""

    cell: Cell | None
    symbol: str | None
    label: str
    size: str


@dataclass(frozen=True, slots=True)
class Place:
    """One system's column of one row."""

    system: str
    faces: tuple[Face, ...]
    changed: bool

    @property
    def reasons(self) -> list[str]:
        """The latest reason, or both where they differ in a cell that changed."""
        told = [face.cell.reason if face.cell else "" for face in self.faces]
        return list(dict.fromkeys(told)) if self.changed else told[-1:]


@dataclass(frozen=True, slots=True)
class Row:
    line: Line
    places: tuple[Place, ...]
    initials: str
    hue: int
    note: str

    @property
    def changed(self) -> bool:
        return bool(self.note) or any(place.changed for place in self.places)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cells of all systems have a verdict, per snapshot."""

    verdict: Verdict
    counts: tuple[int, ...]


def _row(was: Line | None, now: Line | None, systems: tuple[str, ...], album: _Album, *, paired: bool) -> Row:
    line = now or was
    assert line is not None  # _people yields at least one of them
    moments = (("before", was), ("after", now)) if paired else (("", was),)
    note = "" if not paired or (was and now) else "new" if now else "gone"
    places = tuple(_place(system, moments, line, album) for system in systems)
    return Row(line, places, _initials(line), _hue(line), note)


def _place(system: str, moments: tuple[tuple[str, Line | None], ...], line: Line, album: _Album) -> Place:
    faces = tuple(_face(system, moment, seen, line, album) for moment, seen in moments)
    return Place(system, faces, len({_shown(face.cell) for face in faces}) > 1)


def _shown(cell: Cell | None) -> tuple[Verdict | None, Digest | None]:
    """What makes two cells differ: the verdict and the picture, not the wording of the reason."""
    return (cell.verdict, cell.photo.digest if cell.photo else None) if cell else (None, None)


def _face(system: str, moment: str, seen: Line | None, line: Line, album: _Album) -> Face:
    cell = seen.cells.get(system) if seen else None
    photo = cell.photo if cell else None
    symbol = album.symbol(photo) if photo else None
    what = "picture" if symbol else "picture that cannot be shown" if photo else "no picture"
    label = f"{line.name or line.address or 'nameless'} in {system}{', ' if moment else ''}{moment}: {what}"
    size = f"{photo.size[0]} x {photo.size[1]}" if photo and photo.size else ""
    return Face(cell, symbol, label, size)


def _initials(line: Line) -> str:
    words = [word for word in line.name.split() if word[0].isalnum()] or [line.address or "?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def _hue(line: Line) -> int:
    """A lasting colour for somebody without a picture, in degrees."""
    named = (line.address or line.name).casefold().encode("utf-8", "replace")
    return hashlib.sha256(named).digest()[0] * 360 // 256


def _verdicts(rows: Iterable[Row], at: int | None = None) -> Iterator[tuple[Verdict | None, ...]]:
    for row in rows:
        for place in row.places if at is None else row.places[at : at + 1]:
            yield tuple(face.cell.verdict if face.cell else None for face in place.faces)


def _tallies(rows: list[Row], at: int | None = None) -> list[Tally]:
    moments = [Counter(verdicts) for verdicts in zip_longest(*_verdicts(rows, at))]
    tallies = [Tally(verdict, tuple(counter[verdict] for counter in moments)) for verdict in Verdict]
    return [tally for tally in tallies if any(tally.counts)]


def _bars(rows: list[Row], at: int) -> list[list[tuple[Verdict, int]]]:
    """Per snapshot, how many of each verdict one system has."""
    tallies = _tallies(rows, at)
    moments = len(tallies[0].counts) if tallies else 0
    return [[(tally.verdict, tally.counts[moment]) for tally in tallies] for moment in range(moments)]


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0")


# Pictures.


@dataclass
class _Album:
    """Every picture of the page once, however many people or systems show it."""

    pictures: dict[str, str] = field(default_factory=dict)
    _symbols: dict[Digest, str | None] = field(default_factory=dict)

    def symbol(self, photo: Photo) -> str | None:
        """The name under which the picture can be shown, or None where its bytes are not a picture."""
        if photo.digest not in self._symbols:
            small = _small(photo.data)
            name = f"p{len(self.pictures) + 1}" if small else None
            if name and small:
                self.pictures[name] = f"data:image/jpeg;base64,{b64encode(small).decode('ascii')}"
            self._symbols[photo.digest] = name
        return self._symbols[photo.digest]


def _small(data: bytes) -> bytes | None:
    """A small JPEG of any picture Pillow reads, upright, on white, without metadata; None where it reads nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a bomb is refused below, odd metadata does not matter here
            return _shrunk(data)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _shrunk(data: bytes) -> bytes | None:
    with Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")) as image:
        if image.width * image.height > _MOST_PIXELS:
            return None
        image.draft("RGB", (_SIDE, _SIDE))
        image.thumbnail((2 * _SIDE, 2 * _SIDE), Image.Resampling.BOX)
        upright = ImageOps.exif_transpose(image)
    if upright.mode in ("RGBA", "LA", "PA", "P"):
        seen = upright.convert("RGBA")
        upright = Image.new("RGB", seen.size, (255, 255, 255))
        upright.paste(seen, mask=seen)
    square = ImageOps.fit(upright.convert("RGB"), (min(_SIDE, *upright.size),) * 2)
    out = BytesIO()
    square.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()
