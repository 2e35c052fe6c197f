"""`samepic init`: settings to begin with, and the exact application to register."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from samepic.cli.app import BEGIN, GOOD, Common, app
from samepic.cli.looking import Flag
from samepic.cli.registration import NO_CLIENT, Answers, registration_text, rights, settings_text
from samepic.cli.screen import Screen
from samepic.connectors.base import ForgetfulMemo
from samepic.errors import UserError
from samepic.model import Way
from samepic.services import build_connector, surroundings
from samepic.settings import check

CloudName = Literal["global", "gcc-high", "dod", "china"]


Shell = Literal["bash", "zsh", "fish"]


@app.command(name="completion", group=BEGIN)
def completion_command(shell: Shell, /) -> int:
    """Print what makes a shell complete samepic's commands and options.

    Parameters
    ----------
    shell
        bash: `samepic completion bash > ~/.local/share/bash-completion/completions/samepic`. zsh: into a folder of
        `$fpath`, as `_samepic`. fish: `~/.config/fish/completions/samepic.fish`.

    """
    sys.stdout.write(app.generate_completion(prog_name="samepic", shell=shell))
    return GOOD


@app.command(name="init", group=BEGIN)
def init_command(
    *,
    tenant: str | None = None,
    site: str | None = None,
    way: Way | None = None,
    client_id: str | None = None,
    certificate: str = "samepic.pem",
    cloud: CloudName = "global",
    proxy: str = "",
    ca: str = "",
    show: Flag = False,
    common: Common | None = None,
) -> int:
    """Write settings for your own tenant, and print how to register the application: rights, reasons, consent.

    Asks for what the options do not say. Never overwrites a file.

    Parameters
    ----------
    tenant
        The tenant's id, or one of its domains.
    site
        The tenant's main SharePoint site, such as https://contoso.sharepoint.com.
    way
        `watch` changes nothing, `pull` asks people to come by, `write` puts the pictures there.
    client_id
        The registered application's id; may be put into the settings later.
    certificate
        The PEM file with key and certificate, relative to the settings.
    cloud
        Which of Microsoft's clouds the tenant is in.
    proxy
        The proxy to go through, such as http://proxy.example:3128.
    ca
        A PEM file of further authorities to trust.
    show
        Write nothing, only print the registration.

    """
    common = common or Common()
    screen = Screen(as_json=common.json)
    if common.settings.exists() and not show:
        raise UserError(f"{common.settings} is there already and is left as it is.", "Name another with --settings.")
    tenant = tenant or _ask("tenant", "Your tenant, its id or one of its domains, such as contoso.com")
    site = site or _ask("site", "Your SharePoint site", _likely_site(tenant))
    way = way or Way(_ask("way", "Way: watch, pull or write", Way.WATCH, tuple(Way)))
    client_id = client_id or (_ask("client-id", "Client id, if registered", NO_CLIENT) if _asks() else NO_CLIENT)
    answers = Answers(tenant, site, way, cloud, client_id, certificate, proxy, ca)
    text = settings_text(answers)
    _try(text, common.settings)
    if not show:
        _write_new(common.settings, text)
        screen.note(f"Wrote {common.settings}.")
    screen.say(registration_text(answers))
    permissions = [asdict(one) for one in rights(way)]
    screen.json({"settings": None if show else common.settings, "rights": permissions, "consent": answers.consent})
    return GOOD


def _asks() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _ask(option: str, question: str, usual: str = "", among: tuple[str, ...] = ()) -> str:
    """The answer of whoever sits there; the usual one for an empty line. Raises UserError where nobody does."""
    if not _asks():
        if option == "way":
            return usual
        raise UserError(f"--{option} is missing, and there is nobody to ask.", f"{question}.")
    while True:
        sys.stderr.write(f"{question}{f' [{usual}]' if usual else ''}: ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise UserError("The questions were not answered; nothing was written.")
        answer = line.strip() or usual
        if answer and (not among or answer in among):
            return answer


def _likely_site(tenant: str) -> str:
    """contoso.onmicrosoft.com is at contoso.sharepoint.com; from other domains it cannot be told."""
    name, _, rest = tenant.partition(".")
    return f"https://{name}.sharepoint.com" if rest == "onmicrosoft.com" else ""


def _try(text: str, path: Path) -> None:
    """The settings as every command will read them, so that a mistake is told before anything is written."""
    settings = check(tomllib.loads(text), path)
    settings = settings.model_copy(update={"network": settings.network.model_copy(update={"ca": None})})
    for name in settings.systems:
        build_connector(settings, name, surroundings(settings, ForgetfulMemo()))


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as why:
        raise UserError(f"{path} cannot be written: {why.strerror}.") from None
