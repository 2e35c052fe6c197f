"""What every table of the settings is, and what a reference to a secret looks like in one."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from samepic.errors import SettingsError
from samepic.secret import Secret


class Table(BaseModel):
    """One table of the settings; the text below a setting is its description in the reference."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def reference(value: str) -> str:
    """A reference to a secret as it was written. Raises ValueError where it is something else."""
    try:
        return str(Secret.parse(value)) if value else ""
    except SettingsError as wrong:
        raise ValueError(str(wrong)) from None
