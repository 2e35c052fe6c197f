"""A real slapd in a folder of its own, on free ports of 127.0.0.1, in the foreground.

The directory has a few accounts, each with other rights: SERVICE may write pictures and read everything, READER may
read, LIMITED may read 500 entries, no change sequence numbers and not the top, BLIND may read all but pictures and who
is in a group, LOCKED is locked. A person may not even write their own picture, as slapd has it by default.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ldap3

from tests.servers.certificates import Authority, authority

SUFFIX = "dc=example,dc=test"
PEOPLE = f"ou=people,{SUFFIX}"
PASSWORD = "correct horse"

ADMIN, SERVICE, READER, LIMITED, BLIND, LOCKED = (
    f"cn={name},{SUFFIX}" for name in ("admin", "samepic", "reader", "limited", "blind", "locked")
)

POLICY = f"cn=policy,{SUFFIX}"
_LOCKOUT = "pwdAttribute: userPassword\npwdLockout: TRUE\npwdMaxFailure: 5\n"

_CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
attributetype ( 1.2.840.113556.1.4.35 NAME 'thumbnailPhoto' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40{{102400}} SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9999 NAME 'photographed' SUP top AUXILIARY MAY ( thumbnailPhoto ) )
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload memberof
moduleload constraint
TLSCACertificateFile {ca}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
sizelimit 500
{syncprov}
database mdb
suffix "{suffix}"
rootdn "{admin}"
rootpw "{password}"
directory {folder}/db
maxsize 2147483648
dbnosync
index objectClass,entryUUID,entryCSN,modifyTimestamp eq
index uid,mail eq
limits dn.exact="{service}" size=unlimited
limits dn.exact="{reader}" size=unlimited
limits dn.exact="{blind}" size=unlimited
access to attrs=userPassword by anonymous auth by * none
access to attrs=jpegPhoto,thumbnailPhoto by dn.exact="{service}" write by dn.exact="{blind}" none by * read
access to attrs=member,uniqueMember,memberUid by dn.exact="{blind}" none by * read
access to dn.base="{suffix}" by dn.exact="{limited}" none by * read
access to attrs=entryCSN by dn.exact="{limited}" none by * read
access to * by * read
{synchronization}
overlay memberof
overlay ppolicy
ppolicy_default "{policy}"
ppolicy_use_lockout
{constraint}
"""


@dataclass
class Slapd:
    """`url` to connect to (StartTLS), `ldaps` encrypted from the start, `ca` to trust.

    It may synchronize (RFC 4533), remember deletions (`history`), and take pictures up to `largest` bytes only.
    """

    folder: Path
    authority: Authority
    certificate: Path
    key: Path
    history: bool = True
    synchronizes: bool = True
    largest: int | None = None
    ports: tuple[int, int] = field(default_factory=lambda: (_free_port(), _free_port()))
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.ports[0]}"

    @property
    def ldaps(self) -> str:
        return f"ldaps://127.0.0.1:{self.ports[1]}"

    @property
    def ca(self) -> Path:
        return self.authority.file

    @property
    def config(self) -> Path:
        return self.folder / "slapd.conf"

    def configure(self) -> None:
        (self.folder / "db").mkdir(exist_ok=True)
        self.config.write_text(
            _CONFIG.format(
                folder=self.folder,
                ca=self.ca,
                certificate=self.certificate,
                key=self.key,
                synchronization=self._synchronization(),
                syncprov="moduleload syncprov" if self.synchronizes else "",
                constraint=self._constraint(),
                suffix=SUFFIX,
                policy=POLICY,
                admin=ADMIN,
                password=PASSWORD,
                service=SERVICE,
                reader=READER,
                blind=BLIND,
                limited=LIMITED,
            )
        )

    def _synchronization(self) -> str:
        if not self.synchronizes:
            return ""
        return "overlay syncprov" + ("\nsyncprov-sessionlog 1000" if self.history else "")

    def _constraint(self) -> str:
        """slapd has no limit of its own for a picture; an administrator may set one."""
        if self.largest is None:
            return ""
        return f"overlay constraint\nconstraint_attribute jpegPhoto size {self.largest}"

    def stamps(self) -> dict[str, bytes]:
        """When each entry was changed last, by DN."""
        with self.admin() as connection:
            connection.search(SUFFIX, "(objectClass=*)", attributes=["entryCSN"])
            return {
                one["dn"]: one["raw_attributes"]["entryCSN"][0]
                for one in connection.response
                if one["type"] == "searchResEntry"
            }

    def load(self, ldif: str) -> None:
        """Loads entries offline, which takes seconds for thousands."""
        command = ["/usr/sbin/slapadd", "-q", "-w", "-f", str(self.config)]
        subprocess.run(command, input=ldif.encode(), check=True, capture_output=True)

    def start(self) -> None:
        command = ["/usr/sbin/slapd", "-f", str(self.config), "-h", f"{self.url} {self.ldaps}", "-d", "0"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            assert self.process is not None
            assert self.process.poll() is None, (self.folder / "log").read_text()
            try:
                socket.create_connection(("127.0.0.1", self.ports[1]), 1).close()
            except OSError:
                time.sleep(0.01)
            else:
                return
        raise AssertionError("slapd did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    @contextmanager
    def admin(self, dn: str = ADMIN) -> Iterator[ldap3.Connection]:
        """A connection of somebody else's: what it does, samepic has to find out."""
        server = ldap3.Server("127.0.0.1", self.ports[0], get_info=ldap3.NONE)
        connection = ldap3.Connection(server, dn, PASSWORD, auto_bind=True, raise_exceptions=True)
        try:
            yield connection
        finally:
            connection.unbind()

    def add(self, dn: str, classes: str | list[str], **values: object) -> None:
        with self.admin() as connection:
            connection.add(dn, classes, values)

    def values(self, dn: str, attribute: str = "jpegPhoto") -> list[bytes]:
        with self.admin() as connection:
            connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=[attribute])
            return list(connection.response[0]["raw_attributes"].get(attribute, ()))

    def set(self, dn: str, *values: bytes, attribute: str = "jpegPhoto") -> None:
        with self.admin() as connection:
            connection.modify(dn, {attribute: [(ldap3.MODIFY_REPLACE, list(values))]})

    def ref(self, dn: str) -> str:
        with self.admin() as connection:
            connection.search(dn, "(objectClass=*)", ldap3.BASE, attributes=["entryUUID"])
            return connection.response[0]["raw_attributes"]["entryUUID"][0].decode()


def person_ldif(uid: str, number: int, base: str = PEOPLE, extra: str = "") -> str:
    return (
        f"dn: uid={uid},{base}\nobjectClass: inetOrgPerson\nobjectClass: photographed\nuid: {uid}\ncn: {uid.title()}\n"
        f"sn: {uid.title()}\nmail: {uid}@example.test\nemployeeNumber: {number}\nuserPassword: {PASSWORD}\n{extra}\n"
    )


def organisation_ldif(people: Mapping[str, str] | None = None) -> str:
    """The suffix, the accounts, the people (uid -> more lines)."""
    entries = [
        f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n",
        f"dn: {PEOPLE}\nobjectClass: organizationalUnit\nou: people\n",
        f"dn: {POLICY}\nobjectClass: applicationProcess\nobjectClass: pwdPolicy\ncn: policy\n{_LOCKOUT}",
        *(_account_ldif(dn) for dn in (SERVICE, READER, LIMITED, BLIND)),
        _account_ldif(LOCKED) + "pwdAccountLockedTime: 000001010000Z\n",
    ]
    entries += [person_ldif(uid, number, extra=extra) for number, (uid, extra) in enumerate((people or {}).items(), 1)]
    return "\n".join(entries)


def _account_ldif(dn: str) -> str:
    name = dn.partition("=")[2].partition(",")[0]
    return (
        f"dn: {dn}\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\ncn: {name}\n"
        f"userPassword: {PASSWORD}\n"
    )


@contextmanager
def running(
    folder: Path,
    people: Mapping[str, str] | None = None,
    *,
    names: tuple[str, ...] = ("127.0.0.1",),
    expired: bool = False,
    **more: Any,
) -> Iterator[Slapd]:
    """A slapd with these people, for as long as the block runs; `more` are fields of Slapd."""
    folder.mkdir(parents=True, exist_ok=True)
    issuer = authority(folder)
    slapd = Slapd(folder, issuer, *issuer.issue(folder, *names, expired=expired), **more)
    slapd.configure()
    slapd.load(organisation_ldif(people))
    slapd.start()
    try:
        yield slapd
    finally:
        slapd.stop()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
