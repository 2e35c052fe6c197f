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
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from samepic.errors import SettingsError
from samepic.model import Conflict, Emptied, Language, Route, Trigger, Way
from samepic.secret import Secret

FILE = "samepic.toml"

SHARED_SIGN_IN = ("tenant", "client_id", "certificate", "client_secret", "authority", "graph")
"""What `use = "other system"` takes over from that system where it is not set."""


class Table(BaseModel):
    """One table of the settings; the text below a setting is its description in the reference."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def reference(value: str) -> str:
    """A reference to a secret as it was written. Raises ValueError where it is something else."""
    try:
        return str(Secret.parse(value)) if value else ""
    except SettingsError as wrong:
        raise ValueError(str(wrong)) from None


class Store(Table):
    folder: Path = Path("samepic-data")
    """Where the database and the pictures are kept; relative to the settings file."""
    patience: float = Field(default=10, ge=0)
    """Seconds to wait for another process that keeps the database locked."""


class Portal(Table):
    start: str = "https://m365.cloud.microsoft"
    """The start page that people sign in to."""
    helpdesk: str = ""
    """Whom to ask, as it should stand in messages to people. Default: "your help desk", in the message's language."""


class Network(Table):
    """How samepic gets out, and how stubborn it is."""

    patience: float = Field(default=120, ge=0)
    """Seconds that one request may spend waiting and trying again before its system counts as failing."""
    ca: Path | None = None
    """A PEM file with authorities to trust besides the machine's own, such as that of an inspecting proxy; relative to
    the settings file."""
    proxy: str = ""
    """The proxy for every request that leaves this machine, such as http://proxy.example:3128. Default: what the
    environment says (HTTPS_PROXY, NO_PROXY)."""
    proxy_login: str = ""
    """A reference to `user:password` for the proxy."""

    @field_validator("proxy")
    @classmethod
    def _no_login_in_it(cls, address: str) -> str:
        parts = urlsplit(address)
        if address and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("a proxy is written as http://host:port")
        if parts.username or parts.password:
            raise ValueError("user and password do not belong here: let proxy_login refer to them")
        return address

    @field_validator("proxy_login")
    @classmethod
    def _reference(cls, value: str) -> str:
        return reference(value)


class Mail(Table):
    """How `samepic nudge --mail` sends. Without `host` and `sender` nothing is sent."""

    host: str = ""
    """The SMTP server."""
    port: int = Field(default=0, ge=0, le=65535)
    """Its port; 0 means 465 with `tls`, else 587."""
    encryption: Literal["starttls", "tls", "none"] = "starttls"
    """`none` is for a server on this very machine only."""
    user: str = ""
    """Who signs in; empty for nobody."""
    password: str = ""
    """A reference to the password."""
    sender: str = ""
    """The address that messages come from."""
    language: Language = Language.EN
    """The language of messages where --lang does not say: `en` or `ru`."""

    @field_validator("password")
    @classmethod
    def _reference(cls, value: str) -> str:
        return reference(value)

    @model_validator(mode="after")
    def _safe(self) -> Mail:
        if self.encryption == "none" and self.host and self.host not in {"localhost", "127.0.0.1", "::1"}:
            raise ValueError("`encryption` may be none for a server on this very machine only")
        return self


class BrakeSettings(Table):
    """When a plan is held until somebody confirms it by its count. Shares are of the people in the target."""

    overwrites: float = Field(default=0.25, ge=0, le=1)
    """The share of pictures that one run may replace."""
    removals: float = Field(default=0.02, ge=0, le=1)
    """The share of pictures that one run may remove."""
    emptied: float = Field(default=0.10, ge=0, le=1)
    """The share of a source's pictures that may be gone since the last look."""
    same_picture: int = Field(default=5, ge=2)
    """How many people getting the very same picture are too many."""
    at_least: int = Field(default=10, ge=1)
    """Fewer steps than this are never alarming."""


class RouteSettings(Table):
    sources: tuple[str, ...] = Field(alias="from", min_length=1)
    """Source systems in order of authority."""
    to: str
    """The target system."""
    way: Way = Way.PULL
    """`write`, `pull` or `watch`."""
    when: frozenset[Trigger] | None = None
    """What starts it: `visit`, `schedule`, `change`, `manual`. Default: `visit`; for `write` also `manual`."""
    conflict: Conflict = Conflict.HOLD
    """A target's picture that is neither ours nor like the source's: `hold`, `restore`, `respect` or `adopt back`."""
    emptied: Emptied = Emptied.KEEP
    """What to do when the source no longer has a picture: `keep` or `remove`."""
    deadline_hours: float = Field(default=72, gt=0)
    """How long a prompted pull may take, and how long an older version of ours counts as a stale replica."""

    @field_validator("sources", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    def route(self) -> Route:
        usual = {Trigger.VISIT, Trigger.MANUAL} if self.way is Way.WRITE else {Trigger.VISIT}
        return Route(
            sources=self.sources,
            target=self.to,
            way=self.way,
            when=frozenset(usual) if self.when is None else self.when,
            conflict=self.conflict,
            emptied=self.emptied,
            deadline=timedelta(hours=self.deadline_hours),
        )


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
    systems: dict[str, dict[str, Any]] = Field(default_factory=dict)
    routes: tuple[RouteSettings, ...] = ()
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
        content = self.model_dump(mode="json", include={"systems", "routes", "brakes"}, by_alias=True)
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
