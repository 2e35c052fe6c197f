"""The settings of a table of people."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from pydantic import ConfigDict, field_validator

from samepic.connectors.base import Options
from samepic.connectors.folder.options import SettingsPath

Field = Literal["id", "employee", "upn", "mail", "alias", "name", "first", "last", "picture"]


class HrFileOptions(Options):
    """A CSV or Excel file with a row for each person. Read only."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    path: SettingsPath
    """The file: CSV or .xlsx, told apart by its content. Relative to the settings file."""

    columns: Mapping[Field, str] = {}
    """What columns are called in the file: `{mail = "Work address", picture = "File"}`. Fields are id, employee, upn,
    mail, alias, name, first, last and picture. Those not named here are found by their usual names in English, German
    and Russian."""

    pictures: SettingsPath | None = None
    """The folder in which paths to pictures count; nothing outside it is read. Default: the folder of the file."""

    sheet: str = ""
    """Excel: the sheet's name. Default: the one that was open when the file was saved."""

    encoding: str = ""
    """CSV: such as `cp1251`. Default: UTF-8 or UTF-16, as the file shows; Windows-1252 where it is neither."""

    delimiter: str = ""
    """CSV: what stands between cells. Default: whichever of comma, semicolon, tab and bar makes sense of the header."""

    quiet: float = 2.0
    """Seconds for which the file has to be unchanged before it is read, so that no half of a copy is."""

    allow_http: bool = False
    """Addresses of pictures may begin with http://, where anybody on the way can exchange the picture."""

    allow_addresses: tuple[IPv4Network | IPv6Network, ...] = ()
    """Hosts that are not on the open internet and may be asked for pictures all the same: ["10.1.2.3/32"]."""

    seconds: float = 30.0
    """How long fetching one picture from its address may take, redirects and all."""

    max_bytes: int = 20_000_000
    """The largest picture that is read."""

    max_file: int = 100_000_000
    """The largest file that is read; for Excel also what it unpacks to."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        try:
            return codecs.lookup(encoding).name if encoding else ""
        except LookupError:
            raise ValueError("There is no encoding of that name. Such as: utf-8, cp1251, cp1252.") from None

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, delimiter: str) -> str:
        if len(delimiter) > 1 or delimiter in {'"', "\r", "\n"}:
            raise ValueError("A delimiter is one character, and neither a quotation mark nor the end of a line.")
        return delimiter
