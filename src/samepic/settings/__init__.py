"""Typed settings from `samepic.toml` and the environment.

Every setting may be overridden by an environment variable: `SAMEPIC_` and the names joined by two underscores, such as
`SAMEPIC_STORE__FOLDER`. The tables under `[systems]` are checked by the connector of each kind, not here.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from samepic.errors import SettingsError
from samepic.model import Way
from samepic.secret import Secret
from samepic.settings.portal import Portal
from samepic.settings.tables import BrakeSettings, Mail, Network, RouteSettings, RuleSettings, Store, WorkSettings

FILE = "samepic.toml"

SHARED_SIGN_IN = ("tenant", "client_id", "certificate", "client_secret", "authority", "graph")
"""What `use = "other system"` takes over from that system where it is not set."""


class Settings(BaseSettings):
    """The whole of `samepic.toml`."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="SAMEPIC_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    store: Store = Store()
    portal: Portal = Portal()
    network: Network = Network()
    mail: Mail = Mail()
    brakes: BrakeSettings = BrakeSettings()
    work: WorkSettings = WorkSettings()
    systems: dict[str, dict[str, Any]] = Field(default_factory=dict)
    routes: tuple[RouteSettings, ...] = ()
    rules: tuple[RuleSettings, ...] = ()
    folder: Path = Field(default=Path(), exclude=True)
    """Where the settings file is; set by `load`."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 -- the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- the signature is the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- the signature is the library's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which arrives as init settings."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _systems_make_sense(self) -> Settings:
        for name, table in self.systems.items():
            if not table.get("kind"):
                raise ValueError(f'systems.{name}: `kind` is missing, such as kind = "graph"')
            if (used := table.get("use")) is not None and used not in self.systems:
                raise ValueError(f"systems.{name}: `use` names {used!r}, which is not among the systems")
        return self

    @model_validator(mode="after")
    def _routes_make_sense(self) -> Settings:
        targets: set[str] = set()
        for place, route in enumerate(self.routes, 1):
            for name in (*route.sources, route.to):
                if name not in self.systems:
                    known = ", ".join(self.systems) or "none"
                    raise ValueError(f"route {place}: there is no system {name!r} (systems: {known})")
            if route.to in route.sources:
                raise ValueError(f"route {place}: {route.to!r} cannot be its own source")
            if route.to in targets:
                raise ValueError(
                    f"route {place}: another route already leads to {route.to!r}; name all its sources in one"
                )
            targets.add(route.to)
        return self

    @model_validator(mode="after")
    def _rules_make_sense(self) -> Settings:
        for place, rule in enumerate(self.rules, 1):
            for name in rule.systems:
                if name not in self.systems:
                    known = ", ".join(self.systems) or "none"
                    raise ValueError(f"rule {place}: there is no system {name!r} (systems: {known})")
        return self

    @property
    def store_folder(self) -> Path:
        return self.folder / self.store.folder

    @property
    def ca_file(self) -> Path | None:
        return None if self.network.ca is None else self.folder / self.network.ca

    @property
    def store_patience(self) -> timedelta:
        return timedelta(seconds=self.store.patience)

    def secret(self, written: str) -> str:
        """What a reference in these settings leads to; empty for none. Raises SettingsError."""
        return Secret.parse(written, self.folder).read().decode().strip() if written else ""

    def system_table(self, name: str) -> dict[str, Any]:
        """The options of one system without `kind` and `use`, with what `use` shares filled in."""
        table = dict(self.systems[name])
        used = self.systems.get(table.pop("use", ""), {})
        table.pop("kind")
        return {key: used[key] for key in SHARED_SIGN_IN if key in used} | table

    def going(self, way: Way) -> Settings:
        """The same settings with every route going this way, and started by what usually starts that way."""
        changed = {"way": way, "when": None}
        return self.model_copy(update={"routes": tuple(one.model_copy(update=changed) for one in self.routes)})

    def digest(self) -> str:
        """What a plan was made under: everything that changes decisions. Holds references, never secrets."""
        content = self.model_dump(mode="json", include={"systems", "routes", "rules", "brakes"}, by_alias=True)
        for route in content["routes"]:
            route["when"] = sorted(route["when"] or [])
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def load(path: Path) -> Settings:
    """Reads and checks a settings file. Raises SettingsError with every mistake, each with its place."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(
            f"There is no settings file {path}.",
            "Name one with --settings FILE; `samepic practice --settings FILE` writes one to try.",
        ) from None
    except (OSError, UnicodeDecodeError) as why:
        raise SettingsError(f"The settings file {path} cannot be read: {why}.") from None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise SettingsError(f"{path} is not TOML: {why}.") from None
    return check(content, path)


def check(content: Mapping[str, Any], path: Path) -> Settings:
    """Settings from parsed content; `path` gives the folder that relative paths count from."""
    try:
        return Settings(**{**content, "folder": path.resolve().parent})
    except ValidationError as wrong:
        raise SettingsError(f"{path}: {mistakes(wrong)}") from None


def mistakes(wrong: ValidationError) -> str:
    """Every mistake as `where: what`, without the values, which may be secrets."""
    return "; ".join(_mistake(one) for one in wrong.errors(include_url=False, include_input=False))


def _mistake(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    what = {"extra_forbidden": "there is no such setting", "missing": "is missing"}.get(
        error["type"], str(error["msg"]).removeprefix("Value error, ")
    )
    return f"{place}: {what}" if place else what
