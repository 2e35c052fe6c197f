"""A second identity provider, which is not Entra, for whoever signs people in by OpenID Connect."""

import contextlib
import json
import secrets
import subprocess
from types import SimpleNamespace

import pytest

from tests.vendor.packages import installed, node_command

ACCOUNTS = (
    {
        "sub": "ada",
        "name": "Ada Okafor",
        "preferred_username": "ada.okafor@contoso.example",
        "email": "ada.okafor@contoso.example",
        "email_verified": True,
        "roles": ["Samepic.Administrator"],
    },
    {
        "sub": "bruno",
        "name": "Bruno Almeida",
        "preferred_username": "bruno.almeida@contoso.example",
        "email": "bruno.almeida@contoso.example",
        "email_verified": True,
    },
    {
        "sub": "mallory",
        "name": "Mallory",
        "preferred_username": "ada.okafor@contoso.example",
        "email": "ada.okafor@contoso.example",
        "email_verified": False,
    },
)
"""An administrator, an ordinary person, and somebody with another's address who never proved that it is theirs."""


@contextlib.contextmanager
def provider(accounts=ACCOUNTS):
    """Runs it for as long as the block lasts: `issuer`, `client_id`, `client_secret`, `accounts` by their `sub`.

    The login form has the fields `login` (a `sub`) and `password` (anything); then there is a button *Continue*.
    """
    client = {"client_id": "portal", "client_secret": secrets.token_urlsafe(24)}
    installed()
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(**node_command("op.mjs"), **pipes) as process:
        process.stdin.write(json.dumps({**client, "accounts": accounts}) + "\n")
        process.stdin.flush()
        try:
            said = json.loads(process.stdout.readline())
            yield SimpleNamespace(**said, **client, accounts={account["sub"]: account for account in accounts})
        finally:
            process.stdin.close()


@pytest.fixture(scope="session")
def other_provider():
    """One for all tests; nothing in it changes but its sessions, which are the browser's."""
    with provider() as running:
        yield running
