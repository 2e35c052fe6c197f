"""References to secrets. A setting names where a secret is; the secret itself is read at the moment of use.

    env:NAME            an environment variable
    file:PATH           a file; relative paths count from the settings file's folder
    keyring:SERVICE/NAME   the operating system's key ring, where the `keyring` package is installed

A `Secret` may be printed, logged, compared and stored: it holds the reference only.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from samepic.errors import SettingsError

_SCHEMES = ("env", "file", "keyring")


@dataclass(frozen=True, slots=True)
class Secret:
    scheme: str
    name: str
    folder: Path = Path()

    @classmethod
    def parse(cls, reference: str, folder: Path = Path()) -> Secret:
        """Raises SettingsError where the text is not a reference; never repeats the text, it may be a secret."""
        scheme, found, name = reference.partition(":")
        if not found or scheme not in _SCHEMES or not name:
            raise SettingsError(
                "A secret is written as a reference, never as the secret itself.",
                "Use env:NAME, file:PATH or keyring:SERVICE/NAME.",
            )
        return cls(scheme, name, folder)

    def __str__(self) -> str:
        return f"{self.scheme}:{self.name}"

    @property
    def path(self) -> Path:
        """Where a `file:` reference points."""
        return self.folder / Path(self.name).expanduser()

    def read(self) -> bytes:
        """The secret. Raises SettingsError naming the reference, never its content."""
        if self.scheme == "env":
            return self._from_environment()
        if self.scheme == "file":
            return self._from_file()
        return self._from_keyring()

    def _from_environment(self) -> bytes:
        value = os.environ.get(self.name)
        if not value:
            raise SettingsError(f"The environment variable {self.name} is not set.", "Set it, or change the reference.")
        return value.encode()

    def _from_file(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError as why:
            raise SettingsError(
                f"The secret file {self.path} cannot be read: {why.strerror}.", "Check the path and who may read it."
            ) from None

    def _from_keyring(self) -> bytes:
        try:
            import keyring  # noqa: PLC0415 -- optional: only where a setting asks for it
        except ImportError:
            raise SettingsError(
                "The key ring needs the package `keyring`.", "Install it, or use env: or file: instead."
            ) from None
        service, _, name = self.name.partition("/")
        value = keyring.get_password(service, name)
        if value is None:
            raise SettingsError(f"The key ring has no entry {self.name}.", "Add it, or change the reference.")
        return str(value).encode()
