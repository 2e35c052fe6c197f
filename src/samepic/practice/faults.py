"""What is to go wrong: a plan of rules, each striking a share of the requests, always the same ones for one seed.

    {"seed": 1, "latency": 200, "rules": [
        {"face": "graph", "method": "PUT", "path": "/v1.0/users/*/photo/*", "share": 0.5, "fault": 429}
    ]}

A file may say the same in TOML. The faults are those of Microsoft's dev-proxy (github.com/dotnet/dev-proxy), and the
ones that a status cannot express: `dropped`, `lost`, `torn`, `ignored`, `stale`, `mislabelled`.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from enum import StrEnum
from fnmatch import fnmatchcase
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from samepic.errors import UserError

Milliseconds = Annotated[float, Field(ge=0, le=600_000)]


class Fault(StrEnum):
    """Troubles that are no status."""

    DROPPED = "dropped"
    """The connection ends before the request was heard."""
    LOST = "lost"
    """The request is carried out, then the connection ends without an answer."""
    TORN = "torn"
    """Half of the answer's body, then the connection ends."""
    IGNORED = "ignored"
    """A good answer, and nothing was done."""
    STALE = "stale"
    """A GET shows what was there before the last change, as a replica does that lags behind."""
    MISLABELLED = "mislabelled"
    """Every ETag in the answer is made up."""


ON_THE_WIRE_ONLY = frozenset({Fault.DROPPED, Fault.LOST, Fault.TORN})
"""These end a connection, so they cannot strike one item of a batch."""


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Rule(BaseModel):
    """Whom it strikes, how often, with what. Methods and faces are alternatives; none means any.

    path         a pattern with * and ?, compared without regard to letters' case; a query is no part of it.
    share        of the requests that fit, from 0 to 1.
    times        how often it strikes at most; None for ever.
    fault        a status from 400 to 599, a `Fault`, or None where the rule only slows down.
    retry_after  seconds; by default a 429 says 5 and nothing else says anything, as in dev-proxy.
    latency      milliseconds before the answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    face: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    method: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    path: str = "*"
    share: float = Field(1.0, ge=0, le=1)
    times: int | None = Field(None, ge=0)
    fault: Fault | Annotated[int, Field(ge=400, le=599)] | None = None
    retry_after: int | None = Field(None, ge=0)
    latency: Milliseconds = 0

    @field_validator("fault")
    @classmethod
    def _known_status(cls, fault: Fault | int | None) -> Fault | int | None:
        return HTTPStatus(fault) if isinstance(fault, int) else fault

    def fits(self, face: str, method: str, path: str) -> bool:
        return (
            (not self.face or face in self.face)
            and (not self.method or method in {one.upper() for one in self.method})
            and fnmatchcase(path.casefold(), self.path.casefold())
        )

    @property
    def wait(self) -> int | None:
        """What Retry-After says, in seconds."""
        return 5 if self.retry_after is None and self.fault == HTTPStatus.TOO_MANY_REQUESTS else self.retry_after


class Plan(BaseModel):
    """Everything that is to go wrong. `latency` is milliseconds before every answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = 1
    latency: Milliseconds = 0
    rules: tuple[Rule, ...] = ()


NONE = Plan()


class Faults:
    """A plan at work. `struck` counts what happened since the plan was set, by rule."""

    def __init__(self, plan: Plan = NONE) -> None:
        self.plan = plan
        self.struck: Counter[int] = Counter()
        self._met: Counter[tuple[int, str]] = Counter()

    def set(self, plan: Plan) -> None:
        """From now on, as if from the beginning."""
        self.plan = plan
        self.struck.clear()
        self._met.clear()

    def strike(self, face: str, method: str, path: str, query: str = "", *, item: bool = False) -> Rule | None:
        """The first rule that strikes this request, or this item of a batch.

        Chance goes by how often the very same request came before, so the order of different ones does not matter.
        """
        for number, rule in enumerate(self.plan.rules):
            if not rule.fits(face, method, path) or not _possible(rule, item=item):
                continue
            request = f"{face} {method} {path} {query}"
            self._met[number, request] += 1
            spent = rule.times is not None and self.struck[number] >= rule.times
            if not spent and _chance(self.plan.seed, number, request, self._met[number, request]) < rule.share:
                self.struck[number] += 1
                return rule
        return None

    def summary(self) -> dict[str, Any]:
        """The plan, each rule with `struck`."""
        shown = self.plan.model_dump(mode="json", exclude_defaults=True)
        rules = [rule | {"struck": self.struck[number]} for number, rule in enumerate(shown.get("rules", []))]
        return {"seed": self.plan.seed, "latency": self.plan.latency, "rules": rules}


def _possible(rule: Rule, *, item: bool) -> bool:
    if item:
        return rule.fault not in ON_THE_WIRE_ONLY
    return rule.fault != HTTPStatus.FAILED_DEPENDENCY


def _chance(*what: object) -> float:
    """From 0 to 1, the same for the same."""
    digest = hashlib.sha256("\n".join(map(str, what)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def plan_of(content: Any) -> Plan:
    """Raises ValueError with a sentence."""
    try:
        return Plan.model_validate(content)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in _INTERNAL) or "the plan"
        raise ValueError(f"{where}: {first['msg'].removeprefix('Value error, ')}.") from None


_INTERNAL: frozenset[Any] = frozenset({"tuple[str, ...]", "constrained-int", "int", "function-before"})
"""Steps in an error's place that name pydantic's own parts."""


def read_plan(file: Path) -> Plan:
    """A plan in JSON or, where the name ends in .toml, in TOML. Raises UserError."""
    reads: Literal["TOML", "JSON"] = "TOML" if file.suffix == ".toml" else "JSON"
    try:
        text = file.read_text(encoding="utf-8")
        return plan_of(tomllib.loads(text) if reads == "TOML" else json.loads(text))
    except OSError as why:
        raise UserError(f"The plan of faults {file} cannot be read: {why.strerror}.") from None
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as why:
        raise UserError(f"The plan of faults {file} is not {reads}: {why}.") from None
    except ValueError as why:
        raise UserError(f"The plan of faults {file} is wrong. {why}", "docs/guides/practice.md shows one.") from None


def wanted(file: Path | None, latency: float) -> Plan:
    """What a command line asks for: the file's plan, slowed down by so many milliseconds. Raises UserError."""
    plan = read_plan(file) if file else NONE
    try:
        return plan_of(plan.model_dump() | ({"latency": latency} if latency else {}))
    except ValueError as why:
        raise UserError(f"--latency is wrong. {why}") from None
