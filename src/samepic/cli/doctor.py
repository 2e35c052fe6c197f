"""`samepic doctor`: is everything as it has to be? Better asked before than told by a picture that does not move."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from samepic.cli.app import BEGIN, GOOD, SOME_FAILED, Common, app
from samepic.cli.grouping import Groups
from samepic.cli.screen import Screen
from samepic.connectors.base import Connector, ForgetfulMemo
from samepic.connectors.quality import Tier, tier_of
from samepic.errors import SettingsError, UserError
from samepic.model import Conflict, Finding, Level, Way
from samepic.secret import Secret
from samepic.services import build_connector, surroundings, utc_now
from samepic.settings import Settings, load

RUNS_OUT = timedelta(days=30)
"""How long before a certificate ends it is worth a warning."""

OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the part that it is about: the settings, the store, or a system by its name."""

    part: str
    finding: Finding


@app.command(name="doctor", group=BEGIN)
async def doctor_command(*, pull: Annotated[bool, Parameter(negative=())] = False, common: Common | None = None) -> int:
    """Check the settings, the store and every system: sign-in, rights, policies, what will be refused, what it costs.

    Changes nothing, unless asked to. The exit code is 1 where something is a problem.

    Parameters
    ----------
    pull
        Also prompt systems in the name of those who consented to it on the portal. Once that was seen to work,
        everybody is offered it.

    """
    common = common or Common()
    screen = Screen(as_json=common.json)
    settings = load(common.settings)
    found = await examine(settings) + (await _in_peoples_names(settings) if pull else [])
    screen.table(["part", "", "about", "what was found"], [_line(one) for one in found])
    screen.json([_json(one) for one in found])
    problems = sum(one.finding.level is Level.PROBLEM for one in found)
    warnings = sum(one.finding.level is Level.WARNING for one in found)
    screen.styled(f"{problems} problems, {warnings} warnings", "dim")
    return SOME_FAILED if problems else GOOD


def _line(found: Found) -> list[str]:
    finding = found.finding
    return [found.part, finding.level, finding.subject, f"{finding.message} {finding.remedy}".rstrip()]


def _json(found: Found) -> dict[str, Any]:
    finding = found.finding
    return {
        "part": found.part,
        "level": finding.level,
        "about": finding.subject,
        "message": finding.message,
        "remedy": finding.remedy,
    }


async def examine(settings: Settings) -> list[Found]:
    """Everything there is to say. Trouble with one part never hides another."""
    from samepic.store.health import examine as examine_store  # noqa: PLC0415 -- only this command needs it

    found = [Found("settings", one) for one in [*_sanity(settings), *_secrets(settings, utc_now())]]
    found += [Found("store", one) for one in examine_store(settings.store_folder)]
    groups = Groups(settings)
    for name in settings.systems:
        found += [Found(name, one) for one in await _system(settings, name, groups)]
    found += [Found("settings", one) for one in groups.missing()]
    if settings.portal.sign_in:
        found += await _portal(settings)
    return found


async def _in_peoples_names(settings: Settings) -> list[Found]:
    from samepic.services import open_organisation  # noqa: PLC0415 -- only with --pull
    from samepic.web.proving import prove  # noqa: PLC0415 -- see above

    async with open_organisation(settings) as org:
        return [Found(part, one) for part, one in await prove(settings, org)]


async def _portal(settings: Settings) -> list[Found]:
    from samepic.web.health import examine as examine_portal  # noqa: PLC0415 -- only where people sign in

    return [Found("portal", one) for one in await examine_portal(settings)]


async def _system(settings: Settings, name: str, groups: Groups) -> list[Finding]:
    """What the connector says of itself, and whether the routes ask of it what it can do."""
    try:
        connector = build_connector(settings, name, surroundings(settings, ForgetfulMemo()))
    except SettingsError as wrong:
        return [Finding(Level.PROBLEM, "settings", wrong.message, wrong.remedy)]
    async with connector:
        own = [*_able(settings, connector), _proved(settings.systems[name]["kind"]), *await connector.check()]
        return own + [one async for one in groups.of(connector)]


def _proved(kind: str) -> Finding:
    """How far the connector is to be trusted, by its ledger."""
    tier = tier_of(kind)
    if tier == "unknown":
        said = f'kind = "{kind}" comes from a package of somebody else; nothing is known of its quality.'
        return Finding(Level.GOOD, "connector", said, "Its authors can run it through samepic's conformance suite.")
    if tier is Tier.NONE:
        said = f'kind = "{kind}" has not yet shown what a connector has to.'
        return Finding(
            Level.WARNING, "connector", said, "docs/connectors says what is missing; watch with it at first."
        )
    return Finding(Level.GOOD, "connector", f'kind = "{kind}" is {tier}.')


def _able(settings: Settings, connector: Connector) -> Iterator[Finding]:
    for route in settings.routes:
        if route.to != connector.name:
            continue
        able = {Way.WRITE: connector.traits.writes, Way.PULL: connector.traits.pulls, Way.WATCH: True}[route.way]
        if not able:
            remedy = 'Choose another `way`; way = "watch" always works.'
            yield Finding(Level.PROBLEM, "route", f"This system does not take part in way = {route.way}.", remedy)


def _sanity(settings: Settings) -> Iterator[Finding]:
    """Settings that are allowed and probably not meant."""
    if not settings.systems:
        yield Finding(Level.PROBLEM, "systems", "There are none.", "`samepic init` writes settings to begin with.")
    if settings.systems and not settings.routes:
        yield Finding(
            Level.WARNING, "routes", "There are none: nothing is compared or moved.", "Add a [[routes]] table."
        )
    for route in settings.routes:
        if route.way is Way.WRITE and route.conflict is Conflict.RESTORE:
            said = f"The route to {route.to} overwrites pictures that others put there (conflict = restore)."
            yield Finding(Level.WARNING, "routes", said, "If that is not meant: conflict = hold.")
    if settings.mail.host and not settings.mail.sender:
        yield Finding(Level.PROBLEM, "mail", "`sender` is missing, so nothing can be sent.", "Set it in [mail].")
    yield Finding(Level.GOOD, "size", f"{len(settings.systems)} systems, {len(settings.routes)} routes.")


def _secrets(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Each secret that a system refers to, once: can it be read, may others read it, when does it run out?"""
    written = {str(table[name]) for table in settings.systems.values() for name in _SECRETS if name in table}
    more = (settings.mail.password, settings.network.proxy_login, settings.portal.key)
    written |= {one for one in (*more, *(each.client_secret for each in settings.portal.sign_in)) if one}
    for one in sorted(written):
        try:
            secret = Secret.parse(one, settings.folder)
            content = secret.read()
        except UserError as wrong:
            yield Finding(Level.PROBLEM, "secrets", wrong.message, wrong.remedy)
            continue
        if secret.scheme == "file" and (finding := _private(secret.path)) is not None:
            yield finding
        if b"BEGIN CERTIFICATE" in content:
            yield _lasting(one, content, now)


_SECRETS = ("certificate", "client_secret", "password")


def _private(path: Path) -> Finding | None:
    if not path.stat().st_mode & OTHERS:
        return None
    return Finding(Level.WARNING, "secrets", f"{path} can be read by others on this machine.", f"chmod 600 {path}")


def _lasting(written: str, pem: bytes, now: datetime) -> Finding:
    from cryptography import x509  # noqa: PLC0415 -- a twentieth of a second that only this command has to pay

    try:
        ends = min(one.not_valid_after_utc for one in x509.load_pem_x509_certificates(pem))
    except ValueError:
        return Finding(Level.PROBLEM, "secrets", f"{written} holds no certificate that can be read.", _RENEW)
    if now >= ends:
        return Finding(Level.PROBLEM, "secrets", f"The certificate in {written} expired on {ends:%Y-%m-%d}.", _RENEW)
    level = Level.WARNING if ends - now < RUNS_OUT else Level.GOOD
    said = f"The certificate in {written} is valid until {ends:%Y-%m-%d}."
    return Finding(level, "secrets", said, _RENEW if level is Level.WARNING else "")


_RENEW = "Make a new one and add it to the application's registration; `samepic init` shows how."
