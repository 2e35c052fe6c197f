"""The tables of `samepic.toml`, one model each."""

from __future__ import annotations

from datetime import date, timedelta, tzinfo
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from samepic.model import Authority, Conflict, Consent, Emptied, Language, Route, Rule, Trigger, Way, group_in
from samepic.settings.table import Table, reference


class Store(Table):
    folder: Path = Path("samepic-data")
    """Where the database and the pictures are kept; relative to the settings file."""
    patience: float = Field(default=10, ge=0)
    """Seconds to wait for another process that keeps the database locked."""
    originals_days: int = Field(default=180, ge=0)
    """How many days pictures that samepic replaced are kept, so that `samepic undo` can put them back; 0 means for
    ever. Earlier pictures of a person are kept as long, the newest of each place always."""


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


class RuleSettings(Table):
    systems: tuple[str, ...] = ()
    """Where it holds. Default: in every system."""
    people: tuple[str, ...] = ()
    """For whom: names, addresses, keys such as `employee:1207`, kinds such as `kind:guest`, patterns with * and ? over
    them, or groups of the directory such as `group:Pilots`, by name or id. Default: for everybody."""
    consent: Consent | None = None
    """`required`: nothing is brought to a person's account before they have said yes. Without a rule: `assumed`."""
    picture: Authority | None = None
    """`mine`: the person may set their picture in the portal; `locked`: the directory decides. Without a rule:
    `mine`."""
    approval: bool | None = None
    """Somebody else has to look at a picture that a person sets, first. Without a rule: no."""
    public: bool | None = None
    """The picture may be shown to whoever has not signed in. Without a rule: no."""
    emptied: Emptied | None = None
    """`keep` or `remove`, in place of what the route says."""
    until: date | None = None
    """The last day, in UTC, on which the rule counts."""

    @field_validator("people")
    @classmethod
    def _groups_have_names(cls, people: tuple[str, ...]) -> tuple[str, ...]:
        for group in map(group_in, people):
            if group is not None and (not group or "*" in group or "?" in group):
                raise ValueError("a group is named in full, `group:NAME`; patterns are for people")
        return people

    @model_validator(mode="after")
    def _says_something(self) -> RuleSettings:
        if self.rule() == Rule(systems=self.systems, people=self.people, until=self.until):
            raise ValueError("a rule sets at least one of `consent`, `picture`, `approval`, `public`, `emptied`")
        return self

    def rule(self) -> Rule:
        return Rule(**dict(self))


class WorkSettings(Table):
    """What `samepic serve` does by itself, besides serving visits."""

    roll_minutes: float = Field(default=60, gt=0)
    """How often it reads who is where."""
    look_minutes: float = Field(default=1440, ge=0)
    """How often it looks at everybody without moving anything, so that the figures are those of today; also at its very
    first start. 0 for never."""
    every_minutes: float = Field(default=0, ge=0)
    """How often it looks at everybody and moves the routes that have `schedule` in their `when`; 0 for only when
    somebody asks."""
    remind_days: float = Field(default=0, ge=0)
    """How often it writes to the same person whose visit would bring their picture; 0 for never. Needs [mail]."""
    zone: str = "UTC"
    """The time zone whose midnight ends a day, such as Europe/Berlin."""
    at_once: int = Field(default=8, ge=1, le=64)
    """How many things it does side by side."""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"this machine knows no time zone {zone!r}") from None
        return zone

    @property
    def tzinfo(self) -> tzinfo:
        return ZoneInfo(self.zone)
