"""A real Samba Active Directory domain controller in a folder of its own, on an address of its own in 127/8.

A domain controller's ports are fixed, so each instance has an address instead. Ports below 1024 need root. Provisioning
takes ten seconds, so it is done once and kept below `state/`; each instance starts from a copy, in about one second.

The domain has a few accounts, each with other rights: SERVICE may write pictures and read the changes of everything,
READER is a plain user, LOCKED has tried too many passwords, EXPIRED and DISABLED are what they are called, and MUST
has to set another password first.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from uuid import UUID

import ldap3

from tests.servers.certificates import Authority, authority

REALM = "example.test"
SUFFIX = "DC=example,DC=test"
PEOPLE = f"OU=people,{SUFFIX}"
STAFF = f"CN=staff,{SUFFIX}"
HOST = f"dc1.{REALM}"
PASSWORD = "Passw0rd-1"

ADMIN, SERVICE, READER, LOCKED, EXPIRED, DISABLED, MUST = (
    f"{name}@{REALM}" for name in ("administrator", "samepic", "reader", "locked", "expired", "disabled", "must")
)
ATTEMPTS = 3
"""So many wrong passwords lock an account."""

_QUOTED = f'"{PASSWORD}"'.encode("utf-16-le")

CACHE = Path(__file__).parents[2] / "state" / "samba"

_CONFIG = """[global]
netbios name = DC1
realm = EXAMPLE.TEST
workgroup = EXAMPLE
server role = active directory domain controller
server services = ldap, kdc
interfaces = {address}/8
bind interfaces only = yes
private dir = {folder}/private
state directory = {folder}/state
lock directory = {folder}
cache directory = {folder}/cache
pid directory = {folder}/run
ncalrpc dir = {folder}/run/ncalrpc
binddns dir = {folder}/bind-dns
ntp signd socket directory = {folder}/run/ntp
winbindd socket directory = {folder}/run/wb
vfs objects = dfs_samba4 acl_xattr xattr_tdb
log file = {folder}/log/log.%m
ldb:nosync = true
ldap server require strong auth = allow_sasl_over_tls
tls enabled = yes
tls cafile = {ca}
tls certfile = {certificate}
tls keyfile = {key}
"""

_DOMAIN = f"""dn: {SUFFIX}
changetype: modify
replace: lockoutThreshold
lockoutThreshold: {ATTEMPTS}
-
replace: maxPwdAge
maxPwdAge: 0
"""

_THUMBNAIL, _JPEG = "8d3bca50-1d7e-11d0-a081-00aa006c33ed", "bac80572-09c4-4fa9-9ae6-7628d7adbe0e"
_USER = "bf967aba-0de6-11d0-a285-00aa003049e2"
_GET_CHANGES = "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"
"""DS-Replication-Get-Changes: what DirSync asks for."""


@dataclass
class Samba:
    """`ldaps` to connect to, `ca` to trust."""

    folder: Path
    authority: Authority
    address: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ldap://{self.address}"

    @property
    def ldaps(self) -> str:
        return f"ldaps://{self.address}"

    @property
    def ca(self) -> Path:
        return self.authority.file

    @property
    def config(self) -> Path:
        return self.folder / "smb.conf"

    def load(self, ldif: str) -> None:
        """Loads entries offline, before it is started."""
        settings = self.folder / "offline.conf"
        nothing = dict.fromkeys(("ca", "certificate", "key"), "")
        settings.write_text(_CONFIG.format(folder=self.folder, address=self.address, **nothing))
        _run("ldbadd", f"--configfile={settings}", "-H", str(self.folder / "private" / "sam.ldb"), given=ldif)

    def start(self, *names: str, expired: bool = False) -> None:
        """Starts with a certificate for these names: its address and its host's name, unless told otherwise."""
        certificate, key = self.authority.issue(self.folder, *(names or (self.address, HOST)), expired=expired)
        key.chmod(0o600)
        files = {"ca": self.ca, "certificate": certificate, "key": key}
        self.config.write_text(_CONFIG.format(folder=self.folder, address=self.address, **files))
        command = ["/usr/sbin/samba", "-s", str(self.config), "-i", "-M", "single", "--debug-stdout", "-d1"]
        with (self.folder / "output").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            assert self.process is not None
            assert self.process.poll() is None, (self.folder / "output").read_text()
            try:
                for port in (389, 636):
                    socket.create_connection((self.address, port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError("samba did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.communicate(timeout=10)
            self.process = None

    @contextmanager
    def admin(self, user: str = ADMIN) -> Iterator[ldap3.Connection]:
        """A connection of somebody else's: what it does, samepic has to find out."""
        server = ldap3.Server(self.address, 636, use_ssl=True, get_info=ldap3.NONE)
        connection = ldap3.Connection(server, user, PASSWORD, auto_bind=True, raise_exceptions=True)
        try:
            yield connection
        finally:
            connection.unbind()

    def add(self, name: str, place: str = PEOPLE, **more: object) -> str:
        """The DN of a new account."""
        dn = f"CN={name},{place}"
        with self.admin() as connection:
            connection.add(dn, "user", _attributes(name) | more)
        return dn

    def delete(self, name: str) -> None:
        """Whoever has that account name, wherever they are."""
        with self.admin() as connection:
            connection.search(SUFFIX, f"(sAMAccountName={name})", attributes=["1.1"])
            for entry in [one for one in connection.response if one["type"] == "searchResEntry"]:
                connection.delete(entry["dn"])

    def values(self, dn: str, attribute: str = "thumbnailPhoto") -> list[bytes]:
        with self.admin() as connection:
            connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=[attribute])
            return list(connection.response[0]["raw_attributes"].get(attribute, ()))

    def set(self, dn: str, *values: bytes | str, attribute: str = "thumbnailPhoto") -> None:
        with self.admin() as connection:
            connection.modify(dn, {attribute: [(ldap3.MODIFY_REPLACE, list(values))]})

    def ref(self, dn: str) -> str:
        return str(UUID(bytes_le=self.values(dn, "objectGUID")[0]))


@contextmanager
def running(folder: Path, *names: str, expired: bool = False, people: int = 0) -> Iterator[Samba]:
    """A domain controller for as long as the block runs, with so many people besides CAST."""
    shutil.copytree(_provisioned(), folder, dirs_exist_ok=True, symlinks=True)
    samba = Samba(folder, authority(folder), _free_address())
    if people:
        samba.load("\n".join(person_ldif(f"p{number}") for number in range(people)))
    samba.start(*names, expired=expired)
    try:
        yield samba
    finally:
        samba.stop()
        shutil.rmtree(folder / "private")  # 20 MB, where pytest keeps folders of three sessions


def _provisioned() -> Path:
    """The folder of a domain that was never started, made by the first who needs it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    version = subprocess.run(["/usr/sbin/samba", "--version"], check=True, capture_output=True).stdout
    ready = CACHE / hashlib.sha256(version + Path(__file__).read_bytes()).hexdigest()[:16]
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.is_dir():
            for old in [one for one in CACHE.iterdir() if one.is_dir()]:
                shutil.rmtree(old)
            _provision(draft := CACHE / f"draft-{os.getpid()}")
            draft.rename(ready)
    return ready


def _provision(folder: Path) -> None:
    _run(
        *("samba-tool", "domain", "provision", f"--targetdir={folder}", "--realm=EXAMPLE.TEST", "--domain=EXAMPLE"),
        *("--server-role=dc", "--dns-backend=NONE", f"--adminpass={PASSWORD}", "--host-name=dc1"),
        *("--host-ip=127.0.0.1", "--option=interfaces=lo", "--option=bind interfaces only=yes"),
        "--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb",
    )
    for name in ("run", "log", "cache"):
        (folder / name).mkdir(exist_ok=True)
    settings, store = folder / "etc" / "smb.conf", folder / "private" / "sam.ldb"
    _run("ldbadd", f"--configfile={settings}", "-H", str(store), given=_people())
    _run("ldbmodify", f"--configfile={settings}", "-H", str(store), given=_DOMAIN)
    for where, rights in _rights().items():
        grant = f"--sddl={''.join(f'(OA;{one};{_sid(settings, store)})' for one in rights)}"
        _run("samba-tool", "dsacl", "set", f"--objectdn={where}", grant, "-H", str(store), "-s", str(settings))
    shutil.rmtree(folder / "state" / "sysvol")


def _rights() -> dict[str, list[str]]:
    """What SERVICE is given, by place: "<flags>;<rights>;<attribute or right>;<class>"."""
    return {PEOPLE: [f"CI;RPWP;{one};{_USER}" for one in (_THUMBNAIL, _JPEG)], SUFFIX: [f";CR;{_GET_CHANGES};"]}


def _sid(settings: Path, store: Path) -> str:
    wanted = ("(sAMAccountName=samepic)", "objectSid")
    found = _run("ldbsearch", f"--configfile={settings}", "-H", str(store), *wanted)
    return next(line.split()[1] for line in found.splitlines() if line.startswith("objectSid: "))


def _run(*command: str, given: str = "") -> str:
    done = subprocess.run(command, input=given.encode(), capture_output=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout.decode()}{done.stderr.decode()}"
    return done.stdout.decode()


CAST = ("ada", "grace", "joan", "hedy", "mary")


def _people() -> str:
    """The accounts and CAST, all members of STAFF but hedy and mary, as LDIF."""
    accounts = [_ldif(name, f"CN=Users,{SUFFIX}") for name in ("samepic", "reader", "locked")]
    accounts += [
        _ldif("expired", f"CN=Users,{SUFFIX}", accountExpires="125911584000000000"),
        _ldif("disabled", f"CN=Users,{SUFFIX}", userAccountControl="514"),
        _ldif("must", f"CN=Users,{SUFFIX}", pwdLastSet="0"),
    ]
    place = f"dn: {PEOPLE}\nobjectClass: organizationalUnit\n"
    people = [_ldif(name, PEOPLE, employeeID=str(number)) for number, name in enumerate(CAST, 1)]
    members = "".join(f"member: CN={name},{PEOPLE}\n" for name in CAST[:3])
    group = f"dn: {STAFF}\nobjectClass: group\nsAMAccountName: staff\n{members}"
    return "\n".join([place, *accounts, *people, group])


def person_ldif(name: str, extra: str = "") -> str:
    """Somebody among PEOPLE without a password, from which it would take time to derive keys."""
    return _ldif(name, PEOPLE, password=False) + extra


def _ldif(name: str, place: str, *, password: bool = True, **more: str) -> str:
    lines = [f"{key}: {value}" for key, value in (_attributes(name) | more).items() if key != "unicodePwd"]
    secret = [f"unicodePwd:: {b64encode(_QUOTED).decode()}"] if password else []
    return "\n".join([f"dn: CN={name},{place}", "objectClass: user", *lines, *secret, ""])


def _attributes(name: str) -> dict[str, object]:
    return {
        "sAMAccountName": name,
        "userPrincipalName": f"{name}@{REALM}",
        "displayName": name.title(),
        "mail": f"{name}@{REALM}",
        "userAccountControl": "512",
        "unicodePwd": _QUOTED,
    }


def _free_address() -> str:
    """An address of this machine on which no other instance listens."""
    while True:
        address = f"127.77.{SystemRandom().randrange(256)}.{SystemRandom().randrange(1, 255)}"
        with socket.socket() as sock:
            sock.settimeout(1)
            if sock.connect_ex((address, 636)):
                return address
