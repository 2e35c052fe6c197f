"""The settings of a folder, and how files are named."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, ValidationInfo, field_validator

from samepic.connectors.base import Options
from samepic.model import KEY_STRENGTH, key

_FIELD = re.compile(r"\{(\w+)\}")


def _beside_settings(value: Any, info: ValidationInfo) -> Any:
    folder = (info.context or {}).get("folder", Path())
    return folder / Path(value).expanduser() if isinstance(value, str | Path) else value


SettingsPath = Annotated[Path, BeforeValidator(_beside_settings)]
"""A path that counts from the settings file's folder where it is relative."""


class FolderOptions(Options):
    """A folder of pictures, each named by its person."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    path: SettingsPath
    """The folder; relative to the settings file."""

    name: str = "{mail}"
    """How files are named: one of {mail}, {upn}, {employee}, {id}, {alias}, with any text around it."""

    people: SettingsPath | None = None
    """A text file with one name a line, without extension: who has an account here, picture or not. Without it the
    files are all there is, and somebody without a file has no account."""

    side: int = 1024
    """The largest side in pixels of what is written."""

    max_bytes: int = 20_000_000
    """The largest file that is read or written."""

    @field_validator("name")
    @classmethod
    def _one_known_field(cls, name: str) -> str:
        fields = _FIELD.findall(name)
        if len(fields) != 1 or fields[0] not in KEY_STRENGTH:
            known = ", ".join(f"{{{kind}}}" for kind in KEY_STRENGTH)
            raise ValueError(f"A file's name has to hold exactly one of {known}, such as {{mail}}.")
        return name


def name_reader(pattern: str) -> Callable[[str], str | None]:
    """`name_reader("photo-{mail}")("photo-Ada@x.example") == "mail:ada@x.example"`; None where a name does not fit."""
    before, kind, after = _FIELD.split(pattern)
    shape = re.compile(re.escape(before) + "(.+)" + re.escape(after))

    def read(stem: str) -> str | None:
        found = shape.fullmatch(stem)
        return key(kind, found[1]) if found else None

    return read
