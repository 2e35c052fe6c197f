"""What every page is given: the organisation, the settings, who visits, how pages are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from samepic.engine.organisation import Organisation
from samepic.settings import Settings
from samepic.web.faces import Faces
from samepic.web.limits import STREAMS, Places, Turns
from samepic.web.openid.provider import Provider, open_providers
from samepic.web.turnstile import Turnstile
from samepic.web.visitor import Visitors
from samepic.work import Work

SIGN_INS = 300
"""How often one address may begin to sign in within a minute: a whole office may share it."""


def _environment() -> Environment:
    pages = Environment(
        loader=PackageLoader("samepic.web"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    return pages


def _static() -> dict[str, str]:
    """An address that changes with the content, so that browsers may keep each file for ever."""
    folder = files("samepic.web") / "static"
    return {
        file.name: f"/static/{file.name}?v={sha256(file.read_bytes()).hexdigest()[:12]}" for file in folder.iterdir()
    }


@dataclass(frozen=True)
class Site:
    """`providers` are who people sign in with, by name; `zone` is the organisation's time zone.

    `static` maps each file in `static/` to its address.
    """

    settings: Settings
    org: Organisation
    visitors: Visitors
    work: Work
    providers: Mapping[str, Provider] = field(default_factory=dict)
    turnstile: Turnstile = field(default_factory=lambda: Turnstile(SIGN_INS, timedelta(minutes=1)))
    zone: tzinfo = UTC
    faces: Faces = field(default_factory=Faces)
    uploads: Turns = field(default_factory=Turns)
    streams: Places = field(default_factory=lambda: Places(STREAMS))
    static: Mapping[str, str] = field(default_factory=_static)
    pages: Environment = field(default_factory=_environment)

    @property
    def clock(self) -> Callable[[], datetime]:
        return self.org.clock

    def render(self, template: str, **facts: Any) -> str:
        return self.pages.get_template(template).render(facts)


def open_site(settings: Settings, org: Organisation, work: Work) -> Site:
    """Raises SettingsError where the proxy's login cannot be read."""
    providers = open_providers(settings, org.clock)
    visitors = Visitors(org.ledger, settings.portal, org.clock)
    return Site(settings, org, visitors, work, providers, zone=settings.work.tzinfo)
