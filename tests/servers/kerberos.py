"""A realm for a test: how its domain controller is found, and tickets in the test's own folder."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import ldap3
import pytest

from tests.servers.samba import PASSWORD, REALM, SUFFIX, Samba

_CONFIG = """[libdefaults]
default_realm = {realm}
dns_canonicalize_hostname = false
dns_lookup_kdc = false
dns_lookup_realm = false
rdns = false
[realms]
{realm} = {{
    kdc = {address}
}}
"""


@dataclass(frozen=True)
class Realm:
    """What a machine in the domain has, as long as the environment names it."""

    samba: Samba
    folder: Path

    def enter(self, environment: pytest.MonkeyPatch) -> None:
        config = self.folder / "krb5.conf"
        config.write_text(_CONFIG.format(realm=REALM.upper(), address=self.samba.address))
        environment.setenv("KRB5_CONFIG", str(config))
        environment.setenv("KRB5CCNAME", f"FILE:{self.folder / 'tickets'}")

    def know_the_controller(self) -> None:
        """The controller is asked for by its address, since a test may give it no name."""
        with self.samba.admin() as connection:
            names = {"servicePrincipalName": [(ldap3.MODIFY_ADD, [f"ldap/{self.samba.address}"])]}
            connection.modify(f"CN=DC1,OU=Domain Controllers,{SUFFIX}", names)

    def keytab(self, name: str) -> Path:
        file = self.folder / f"{name}.keytab"
        _run("samba-tool", "domain", "exportkeytab", str(file), f"--principal={name}", "-s", str(self.samba.config))
        return file

    def kinit(self, user: str, *options: str) -> None:
        name, _, realm = user.partition("@")
        _run("kinit", *options, f"{name}@{realm.upper()}", given=f"{PASSWORD}\n")

    def tickets(self) -> str:
        """What is kept outside of a process, as `klist` tells; empty for none."""
        listed = subprocess.run(["klist"], capture_output=True, text=True, check=False)
        return listed.stdout


def _run(*command: str, given: str = "") -> None:
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
