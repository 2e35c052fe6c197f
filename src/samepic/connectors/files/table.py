"""A file's bytes as rows of text: CSV as programs and Excel write it, or an Excel workbook. Pure.

A row that cannot be read is told with its number and costs no other row. Rows are numbered as editors and Excel do.
"""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

import openpyxl

from samepic.errors import Refused

DELIMITERS = (",", ";", "\t", "|")
LEGACY = "cp1252"
"""What a CSV file is read as that is no Unicode: what Excel writes in western Europe."""

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MOST_BROKEN, _MOST_ROWS, _MOST_COLUMNS, _MOST_PARTS = 1_000, 1_048_576, 256, 10_000

csv.field_size_limit(max(csv.field_size_limit(), 1 << 27))  # for the process: a picture as base64 is one cell


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a row (0: in the whole file), in which column if in one, and what to do about it."""

    row: int
    column: str
    message: str
    remedy: str

    @property
    def place(self) -> str:
        where = f"row {self.row}" if self.row else "the file"
        return f"{where}, column {self.column}" if self.column else where


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` have their number and as many cells as they have; empty ones are left out."""

    header: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]
    mistakes: Sequence[Mistake] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """What the settings say about the file; empty texts mean: find out. `limit` is in bytes, unpacked."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    limit: int = 100_000_000


def read_table(data: bytes, shape: Shape, score: Callable[[Sequence[str]], int]) -> Table:
    """`score` says how much sense a header makes: how many of its columns are known. Raises Refused."""
    if data.startswith(_OLD_OFFICE):
        raise Refused("This is an old or an encrypted Excel file.", remedy="Save it as .xlsx, without a password.")
    if data.startswith(_ZIP):
        return _table(_excel_rows(data, shape), [])
    text, guessed = decoded(data, shape.encoding)
    mistakes: list[Mistake] = []
    if guessed:
        message = "The file is not in Unicode, and is read as Windows-1252."
        mistakes.append(Mistake(0, "", message, "Save it as CSV UTF-8, or set encoding."))
    lines = io.StringIO(text, newline="").readlines()
    delimiter = shape.delimiter or _delimiter(lines, score)
    return _table(_records(lines, delimiter, mistakes), mistakes)


def decoded(data: bytes, encoding: str = "") -> tuple[str, bool]:
    """The text, and whether its encoding was guessed without any sign of it."""
    named = encoding or next((name for bom, name in _BOMS if data.startswith(bom)), "") or _wide(data)
    if named:
        return data.decode(named, errors="replace").removeprefix("\ufeff"), False
    try:
        return data.decode("utf-8"), False
    except UnicodeDecodeError:
        return data.decode(LEGACY, errors="replace"), True


def _wide(data: bytes) -> str:
    """UTF-16 without a mark: every other byte of the header is a zero."""
    sample = data[:200]
    for name, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if zeros and zeros.count(0) * 2 > len(zeros):
            return name
    return ""


def _delimiter(lines: Sequence[str], score: Callable[[Sequence[str]], int]) -> str:
    first = next((line for line in lines if line.strip()), "").strip()
    if first.casefold().startswith("sep=") and len(first) == len("sep=;"):
        return first[-1]

    def sense(delimiter: str) -> tuple[int, int]:
        header = next((cells for _, cells in _records(lines[:50], delimiter, []) if any(cells)), [])
        return score(header), len(header)

    return max(DELIMITERS, key=sense)


def _records(lines: Sequence[str], delimiter: str, mistakes: list[Mistake]) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their first line. After a row that cannot be read, reading begins anew on the next line:
    a quotation mark that is never closed would else swallow everybody after it.
    """
    start, ended = 0, False
    while not ended:
        reader = csv.reader(islice(lines, start, None), delimiter=delimiter, strict=True)
        begun = 0
        try:
            for cells in reader:
                yield start + begun + 1, [cell.strip() for cell in cells]
                begun = reader.line_num
            ended = True
        except csv.Error:
            start += begun + 1
            remedy = 'Put cells that hold one into quotation marks, and write it twice: "5"" wide".'
            mistakes.append(Mistake(start, "", "A quotation mark is open, or stands inside a cell.", remedy))
        if len(mistakes) > _MOST_BROKEN:
            raise Refused("Too many rows cannot be read: this is no CSV file.", remedy="Save it as CSV or .xlsx.")


def _excel_rows(data: bytes, shape: Shape) -> Iterator[tuple[int, list[str]]]:
    """Macros, links and pictures in it are not even read. A workbook that unpacks to too much is refused before."""
    try:
        _require_small(data, shape.limit)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and other things that are not read
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            yield from _sheet_rows(_sheet(book, shape.sheet))
    except Refused:
        raise
    except Exception as why:  # noqa: BLE001 -- openpyxl raises whatever comes when a workbook is damaged
        said = f"This is no Excel workbook that can be read: {type(why).__name__}."
        raise Refused(said, remedy="Open it in Excel and save it as .xlsx, or as CSV UTF-8.") from None


def _require_small(data: bytes, limit: int) -> None:
    """No part is unpacked to more than it says it is, so what they say can be believed."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        entries = parts.infolist()
    if len(entries) > _MOST_PARTS or sum(one.file_size for one in entries) > limit:
        raise Refused(f"It unpacks to more than {limit:,} bytes.", remedy="Save less of it, or as CSV.")


def _sheet(book: Any, name: str) -> Any:
    if name and name not in book.sheetnames:
        raise Refused(f"There is no sheet {name!r}.", remedy=f"There are: {', '.join(book.sheetnames)}.")
    sheet = book[name] if name else book.active or book.worksheets[0]
    sheet.reset_dimensions()  # what the file says about its size may be wrong
    return sheet


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS), 1):
        if number > _MOST_ROWS:
            raise Refused("It has more rows than Excel knows.", remedy="Save it anew.")
        yield number, [plain(cell) for cell in cells]


def plain(cell: object) -> str:
    """A cell as the text one would type: 42.0 is 42, since Excel knows only one kind of number."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date | datetime | time):
        return cell.isoformat()
    return str(cell).strip()


def _table(rows: Iterable[tuple[int, list[str]]], mistakes: list[Mistake]) -> Table:
    filled = [(number, cells) for number, cells in rows if any(cells)]
    if filled and filled[0][1][0].casefold().startswith("sep="):  # how Excel is told the delimiter
        filled = filled[1:]
    if not filled:
        raise Refused("There is nothing in the file.", remedy="The first row has to name the columns.")
    return Table(filled[0][1], filled[1:], mistakes)
