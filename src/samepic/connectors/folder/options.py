"""The settings of a folder, and how files are named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, ValidationInfo, field_validator, model_validator

from samepic.connectors.base import Options
from samepic.connectors.folder.files import MEDIA_TYPES
from samepic.connectors.folder.pattern import Pattern
from samepic.model import Kind

_EXTENSION = re.compile(rf"\.(?:\*|{'|'.join(MEDIA_TYPES)})$", re.IGNORECASE)


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
    """How files are named: {mail}, {upn}, {employee}, {id}, {alias} with any text around, or parts of your own such as
    {first}_{last}; with `/` for folders, such as {ou}/{employee}. An extension (`.jpg`, `.*`) may stand there, and any
    is taken."""

    means: Mapping[str, str] = {}
    """Whom the parts of a name mean: `{mail = "{first}.{last}@contoso.example"}`."""

    people: SettingsPath | None = None
    """A text file with one name a line, without extension: who has an account here, picture or not. Without it the
    files are all there is, and somebody without a file has no account."""

    of: Kind = Kind.PERSON
    """What the pictures are of: `person`, `guest`, `room`, `shared` or `group`. Nothing is matched to another kind."""

    side: int = 1024
    """The largest side in pixels of what is written."""

    max_bytes: int = 20_000_000
    """The largest file that is read or written."""

    @field_validator("name")
    @classmethod
    def _without_extension(cls, name: str) -> str:
        return _EXTENSION.sub("", name)

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        self.pattern  # noqa: B018 -- making it is what finds mistakes
        return self

    @property
    def pattern(self) -> Pattern:
        return Pattern(self.name, self.means)
