"""Rows of text as people: which column is what, who is who, and what is wrong. Pure.

Every row with anything in it becomes a person or a mistake. Rows that name one and the same person are held together:
nobody can tell which of them is right.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from samepic.connectors.files.table import Mistake, Table
from samepic.errors import Refused
from samepic.model import KEY_STRENGTH, key

USUAL: Mapping[str, tuple[str, ...]] = {
    "id": ("object id", "entra id", "azure id", "guid"),
    "employee": (
        *("employee", "employee id", "employee number", "employee no", "personnel number", "staff id", "staff number"),
        *("personalnummer", "mitarbeiternummer", "табельный номер", "таб номер", "номер сотрудника"),
    ),
    "upn": ("upn", "user principal name", "userprincipalname", "sign in name"),
    "mail": (
        *("mail", "e mail", "email", "mail address", "email address", "e mail address", "work email"),
        *("mailadresse", "e mail adresse", "почта", "электронная почта", "адрес электронной почты"),
    ),
    "alias": ("alias",),
    "name": ("name", "full name", "display name", "displayname", "vollständiger name", "имя и фамилия", "фио"),
    "first": ("first name", "given name", "vorname", "имя"),
    "last": ("last name", "surname", "family name", "nachname", "фамилия"),
    "picture": (
        *("picture", "photo", "photograph", "image", "portrait", "avatar", "picture url", "photo url", "image url"),
        *("picture path", "photo path", "photo file", "bild", "foto", "фото", "фотография", "портрет"),
    ),
}
"""How columns are usually called, folded as `folded` does."""

_FIELD_OF = {name: field for field, names in USUAL.items() for name in names}
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Entry:
    """One person: the row they stand in, and what the file says about them. `trouble` is why they are held."""

    row: int
    ref: str
    keys: frozenset[str]
    name: str
    address: str | None
    picture: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Everybody by ref, every mistake, and what the column of pictures is called."""

    entries: Mapping[str, Entry]
    mistakes: Sequence[Mistake]
    picture_column: str


def folded(title: str) -> str:
    """A column's title as it is compared: `E-Mail  Address` is `e mail address`."""
    text = unicodedata.normalize("NFC", title).casefold()
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text).split())


def known_columns(header: Sequence[str], named: Mapping[str, str]) -> int:
    """How many columns mean something to us."""
    wanted = {folded(title) for title in named.values()} | _FIELD_OF.keys()
    return sum(folded(title) in wanted for title in header)


def find_columns(header: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    """Which column each field is in. Raises Refused where it cannot be told, or nobody could be recognised."""
    found: dict[str, list[int]] = defaultdict(list)
    fields = {folded(title): field for field, title in named.items()}
    for index, title in enumerate(header):
        field = fields.get(folded(title)) or _FIELD_OF.get(folded(title), "")
        if field and (field not in named or folded(title) in fields):
            found[field].append(index)
    there = ", ".join(filter(None, header)) or "none"
    for field in named:
        if field not in found:
            raise Refused(f"There is no column {named[field]!r}.", remedy=f"Columns are: {there[:_LONGEST]}.")
    for field, places in found.items():
        if len(places) > 1:
            titles = " and ".join(repr(header[one]) for one in places)
            raise Refused(f"The columns {titles} both look like {field}.", remedy=f"Name one in columns.{field}.")
    if not any(field in found for field in KEY_STRENGTH):
        remedy = f"Name one in columns, such as columns.mail. Columns are: {there[:_LONGEST]}."
        raise Refused("No column says who a person is.", remedy=remedy)
    return {field: places[0] for field, places in found.items()}


def read_people(table: Table, named: Mapping[str, str]) -> People:
    columns = find_columns(table.header, named)
    mistakes = list(table.mistakes)
    entries = [entry for number, cells in table.rows if (entry := _entry(number, cells, table, columns, mistakes))]
    held = _without_doubles(entries, mistakes)
    title = table.header[columns["picture"]] if "picture" in columns else ""
    return People({entry.ref: entry for entry in held}, sorted(mistakes, key=lambda one: one.row), title)


def _entry(
    number: int, cells: Sequence[str], table: Table, columns: Mapping[str, int], mistakes: list[Mistake]
) -> Entry | None:
    values = {field: cells[index] for field, index in columns.items() if index < len(cells) and cells[index]}
    for field in [*values]:
        if field != "picture" and (wrong := _wrong(field, values[field])):
            mistakes.append(Mistake(number, table.header[columns[field]], *wrong))
            del values[field]
    keys = [key(kind, values[kind]) for kind in KEY_STRENGTH if kind in values]
    if not keys:
        remedy = "Fill in one of: " + ", ".join(table.header[columns[one]] for one in KEY_STRENGTH if one in columns)
        mistakes.append(Mistake(number, "", "Nothing says who this is.", f"{remedy}."))
        return None
    whole = " ".join(filter(None, (values.get("first"), values.get("last"))))
    address = values.get("mail")
    name = values.get("name") or whole or keys[0].partition(":")[2]
    return Entry(number, keys[0], frozenset(keys), name, address, values.get("picture", ""))


def _wrong(field: str, value: str) -> tuple[str, str] | None:
    """What is wrong with a cell that says who somebody is, and what to do; None where it is fine."""
    if value.upper() in _ERRORS:
        return f"Excel says {value} there.", "Repair the formula, and save the file again."
    if "\ufffd" in value:
        return "There are letters that the file's encoding does not have.", "Save it as CSV UTF-8, or set encoding."
    if len(value) > _LONGEST or not value.isprintable():
        return "The cell holds a line break or far too much.", "Look for a quotation mark before it that is not closed."
    if field == "mail" and (value.count("@") != 1 or value.startswith("@") or value.endswith("@") or " " in value):
        return f"{value!r} is no mail address.", "Correct the address, or leave the cell empty."
    return None


def _without_doubles(entries: Sequence[Entry], mistakes: list[Mistake]) -> Iterable[Entry]:
    """Everybody once. Rows that say the same are one; those that share a key and say different things are held."""
    unique = {replace(one, row=0): one for one in reversed(entries)}
    owners: dict[str, list[Entry]] = defaultdict(list)
    for entry in sorted(unique.values(), key=lambda one: one.row):
        for one in entry.keys:
            owners[one].append(entry)
    troubled: dict[int, str] = {}
    for shared, rivals in sorted(owners.items()):
        if len(rivals) > 1:
            kind, _, value = shared.partition(":")
            rows = " and ".join(str(one.row) for one in rivals)
            said = f"Rows {rows} have the same {kind}, {value}, and differ."
            mistakes.append(Mistake(rivals[1].row, "", said, "Correct or delete all but one; until then all are held."))
            troubled |= {one.row: said for one in rivals}
    return [
        replace(one, trouble=troubled.get(one.row, "")) for one in sorted(unique.values(), key=lambda one: -one.row)
    ]
