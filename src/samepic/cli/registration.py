"""What a new user of samepic needs from Microsoft 365: which cloud, which application, which rights, and why. Pure.

Hosts: learn.microsoft.com/graph/deployments, and Microsoft's lists of addresses for each government cloud. Rights and
role ids: Graph's published list of permissions. Nothing here was tried on a live tenant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from samepic.errors import UserError
from samepic.model import Way

NO_CLIENT = "00000000-0000-0000-0000-000000000000"
"""Stands in the settings until the application has been registered."""

LANDING = "https://localhost"
"""Where the consent page ends. Nothing listens there; Entra only demands that there be an address."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """The addresses of one of Microsoft's clouds. `sharepoint` is what a tenant's host names end in."""

    authority: str
    graph: str
    sharepoint: str
    admin: str
    start: str


CLOUDS = {
    "global": Cloud(
        "https://login.microsoftonline.com",
        "https://graph.microsoft.com",
        ".sharepoint.com",
        "https://entra.microsoft.com",
        "https://m365.cloud.microsoft",
    ),
    "gcc-high": Cloud(
        "https://login.microsoftonline.us",
        "https://graph.microsoft.us",
        ".sharepoint.us",
        "https://entra.microsoft.us",
        "https://portal.office365.us",
    ),
    "dod": Cloud(
        "https://login.microsoftonline.us",
        "https://dod-graph.microsoft.us",
        ".sharepoint-mil.us",
        "https://entra.microsoft.us",
        "https://portal.apps.mil",
    ),
    "china": Cloud(
        "https://login.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        ".sharepoint.cn",
        "https://entra.microsoftonline.cn",
        "https://portal.partner.microsoftonline.cn",
    ),
}


@dataclass(frozen=True, slots=True)
class Right:
    """One application permission. `role` is its id where Microsoft's list was at hand."""

    api: str
    name: str
    why: str
    role: str = ""


_LOOKING = (
    Right("Microsoft Graph", "User.Read.All", "who there is, and which licences they have"),
    Right(
        "Microsoft Graph",
        "ProfilePhoto.Read.All",
        "the pictures in mailboxes and in Entra",
        "e24d31aa-e1ab-4c80-85fe-23018690335d",
    ),
    Right("Microsoft Graph", "PeopleSettings.Read.All", "doctor: will the photo policy refuse writes? May be left out"),
)
_LOOKING_AT_SHAREPOINT = (
    Right("SharePoint", "Sites.Read.All", "the thumbnails in the library User Photos"),
    Right("SharePoint", "User.Read.All", "the profile properties that point to them"),
)
_WRITING = (
    Right("SharePoint", "Sites.FullControl.All", "puts thumbnails into User Photos on the My Site host"),
    Right("SharePoint", "User.ReadWrite.All", "lets a profile point to them"),
)
_PERHAPS = (
    Right(
        "Microsoft Graph",
        "ProfilePhoto.ReadWrite.All",
        "only if Exchange or Entra is to become a target",
        "27baa7f6-5dfb-4ba8-b1d3-1e812c143013",
    ),
    Right(
        "Microsoft Graph",
        "GroupMember.Read.All",
        "only if rules name groups",
        "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    ),
)


def rights(way: Way) -> Sequence[Right]:
    """The least that a way needs. A pull is made by the person's own browser, so it needs no more than looking."""
    return (*_LOOKING, *(_WRITING if way is Way.WRITE else _LOOKING_AT_SHAREPOINT))


@dataclass(frozen=True, slots=True)
class Answers:
    """What `samepic init` has to know."""

    tenant: str
    site: str
    way: Way = Way.WATCH
    cloud: str = "global"
    client_id: str = NO_CLIENT
    certificate: str = "samepic.pem"
    proxy: str = ""
    ca: str = ""

    @property
    def hosts(self) -> Cloud:
        return CLOUDS[self.cloud]

    def sibling(self, suffix: str) -> str:
        """The My Site host (`-my`) or the admin host (`-admin`) beside the site. Raises UserError."""
        host, ending = urlsplit(self.site).hostname or "", self.hosts.sharepoint
        if not host.endswith(ending):
            raise UserError(
                f"{self.site!r} is no SharePoint site of the {self.cloud} cloud.",
                f"Write it as https://contoso{ending}, or choose another --cloud.",
            )
        return f"https://{host.removesuffix(ending)}{suffix}{ending}"

    @property
    def consent(self) -> str:
        return (
            f"{self.hosts.authority}/{quote(self.tenant)}/adminconsent"
            f"?client_id={quote(self.client_id)}&redirect_uri={quote(LANDING, safe='')}"
        )


def settings_text(answers: Answers) -> str:
    """The text of a `samepic.toml`, with a comment for what one may want to change."""
    text = _SETTINGS.format(
        start=_quoted(answers.hosts.start),
        tenant=_quoted(answers.tenant),
        client_id=_quoted(answers.client_id),
        certificate=_quoted(f"file:{answers.certificate}"),
        national="".join(_national(answers)),
        site=_quoted(answers.site.rstrip("/")),
        siblings="".join(_siblings(answers)),
        way=_quoted(answers.way),
        network="".join(_network(answers)),
    )
    return text.replace("\n\n\n", "\n\n")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _national(answers: Answers) -> Iterator[str]:
    if answers.cloud != "global":
        yield f"authority = {_quoted(answers.hosts.authority)}\n"
        yield f"graph = {_quoted(answers.hosts.graph)}\n"


def _siblings(answers: Answers) -> Iterator[str]:
    my_site, admin_site = answers.sibling("-my"), answers.sibling("-admin")
    if answers.cloud != "global":
        yield f"my_site = {_quoted(my_site)}\n"
        yield f"admin_site = {_quoted(admin_site)}\n"
        yield f"start = {_quoted(answers.hosts.start)}\n"


def _network(answers: Answers) -> Iterator[str]:
    if answers.proxy or answers.ca:
        yield "[network]\n"
    if answers.proxy:
        yield (
            f'proxy = {_quoted(answers.proxy)}\n# proxy_login = "env:PROXY_LOGIN"   # a reference to user:password\n'
        )
    if answers.ca:
        yield f"ca = {_quoted(answers.ca)}\n"


_SETTINGS = """\
# samepic: one profile picture, the same in every system. Every setting: docs/reference/settings.md
# Secrets are never written here, only where they are: env:NAME, file:PATH or keyring:SERVICE/NAME.

[portal]
start = {start}   # where people sign in
# helpdesk = "help@contoso.example"      # whom to ask, as it stands in messages

{network}
[systems.exchange]                       # pictures in mailboxes
kind = "graph"
store = "exchange"
tenant = {tenant}
client_id = {client_id}
certificate = {certificate}       # key and certificate in one PEM file
{national}
[systems.entra]                          # pictures in Entra ID itself; looked at, not copied
kind = "graph"
store = "entra"
use = "exchange"                         # the same application

[systems.sharepoint]
kind = "sharepoint"
use = "exchange"
site = {site}
{siblings}
[[routes]]
from = ["exchange"]                      # in order of authority; add "entra" and its picture counts too
to = "sharepoint"
way = {way}                            # watch: change nothing | pull: ask people to come by | write
# when = ["visit", "manual", "schedule"] # what starts it
# conflict = "hold"                      # about a picture that is not ours: hold | restore | respect

# [mail]                                 # for `samepic nudge --mail`
# host = "smtp.example"
# sender = "pictures@contoso.example"
# user = "pictures@contoso.example"
# password = "env:SMTP_PASSWORD"
# language = "en"                        # or "ru"
"""


def registration_text(answers: Answers) -> str:
    """The application's registration step by step, and how to be rid of it again."""
    stem = answers.certificate.removesuffix(".pem")
    return _REGISTRATION.format(
        stem=stem,
        certificate=answers.certificate,
        admin=answers.hosts.admin,
        landing=LANDING,
        rights="\n".join(_line(one) for one in (*rights(answers.way), *_PERHAPS)),
        consent=answers.consent,
        way=answers.way,
    )


def _line(right: Right) -> str:
    role = f"\n{'':49}role id {right.role}" if right.role else ""
    return f"     {right.api:16}{right.name:28}{right.why}{role}"


_REGISTRATION = """\
1. Make a certificate. The key stays on this machine; SharePoint takes no client secret from an application.

     umask 077
     openssl req -x509 -newkey rsa:3072 -nodes -days 730 -subj /CN=samepic -keyout {stem}.key -out {stem}.crt
     cat {stem}.key {stem}.crt > {certificate} && rm {stem}.key

2. Register the application: {admin} > App registrations > New registration.
   Name samepic, accounts in this organisation only, redirect URI of the platform Web: {landing}
   Put its Application (client) ID into the settings. Certificates & secrets > Upload certificate: {stem}.crt

3. API permissions > Add a permission > Application permissions. For way = "{way}":

{rights}

4. Have an administrator consent, with the button Grant admin consent there, or by this link:

     {consent}

   It ends on {landing}, where no page is: that is as it should be.

5. See whether it all works:  samepic doctor

To remove it all: `samepic undo --run NUMBER` puts back what a run replaced (`samepic runs` lists them); then delete the
registration under App registrations, and the files samepic.toml, {certificate} and the folder samepic-data.
"""
