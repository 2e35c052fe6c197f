"""One connection to one server, blocking: for one thread at a time. `session.py` has what is asynchronous about it.

ldap3 leaves three things to its caller. It checks a certificate's name by itself and does not know addresses, so TLS is
wrapped here, where Python checks both. It leaves Nagle's algorithm on, which made modifying 6.5 times slower. And its
errors for a certificate are texts, so what OpenSSL said is kept here.
"""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import urlsplit

import ldap3
from ldap3.core import exceptions

from samepic.connectors.ldap import kerberos
from samepic.connectors.ldap.answers import PASSWORD_POLICY, SUCCESS, certificate_trouble, sign_in_trouble, trouble
from samepic.connectors.ldap.entry import Answer, Control, Entry, Query
from samepic.errors import ConnectorError, Denied, Failed, SettingsError, Unclear

CONNECT, ANSWER = 10, 60
"""Seconds for a connection, and for a server's next sign of life."""

_RECEIVE = 65_536
_SEARCH_RESULT_ENTRY = 4
_PORTS = {"ldap": 389, "ldaps": 636}
_SCOPES = {"base": ldap3.BASE, "one level": ldap3.LEVEL, "subtree": ldap3.SUBTREE}
_HERE = ("localhost", "127.", "::1")

PAGED = "1.2.840.113556.1.4.319"
WHOAMI = "1.3.6.1.4.1.4203.1.11.3"


@dataclass(frozen=True, slots=True)
class Server:
    """Where a directory answers, and how talking to it is protected."""

    host: str
    port: int
    ldaps: bool = False
    starttls: bool = True

    @classmethod
    def parse(cls, address: str, encryption: str = "starttls") -> Server:
        """`ldap://host:port` or `ldaps://host:port`. Raises ValueError, with a sentence for whoever wrote it."""
        parts = urlsplit(address)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError("A server is written as ldap://name or ldaps://name, with a port where it is not usual.")
        ldaps = parts.scheme == "ldaps"
        if not ldaps and encryption == "none" and not parts.hostname.startswith(_HERE):
            raise ValueError(f"Only a server on this machine may be spoken to in clear, which {parts.hostname} is not.")
        port = parts.port or _PORTS[parts.scheme]
        return cls(parts.hostname, port, ldaps, not ldaps and encryption != "none")

    def __str__(self) -> str:
        return f"{'ldaps' if self.ldaps else 'ldap'}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signs in: with a password, by Kerberos, or (both empty) nobody.

    By Kerberos the ticket comes from the password or the keytab; without a user it is the one there is.
    `explain` is how a vendor's own words for a refused sign-in are read; None where it does not know them.
    """

    user: str = ""
    password: Callable[[], str] = field(default=str, repr=False)
    kerberos: bool = False
    explain: Callable[[Mapping[str, Any]], ConnectorError | None] = lambda _result: None
    keytab: Path | None = None


class _Trusting(ldap3.Tls):  # type: ignore[misc] # ldap3 has no types
    """Wraps sockets with a context of ours, which checks the host's name or address by itself."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context = context
        self.trouble: OSError | None = None

    def wrap_socket(self, connection: ldap3.Connection, do_handshake: bool = False) -> None:  # noqa: FBT001, FBT002 -- ldap3 calls it so
        try:
            connection.socket = self._context.wrap_socket(connection.socket, server_hostname=connection.server.host)
        except OSError as why:
            self.trouble = why
            raise


class Line:
    """An open connection, signed in."""

    def __init__(self, server: Server, connection: ldap3.Connection) -> None:
        self.server = server
        self._connection = connection

    @classmethod
    def open(cls, server: Server, sign_in: SignIn, context: ssl.SSLContext) -> Self:
        """Connects, protects, signs in. Raises Denied and Failed."""
        tls = _Trusting(context)
        address = ldap3.Server(
            server.host, server.port, use_ssl=server.ldaps, tls=tls, get_info=ldap3.NONE, connect_timeout=CONNECT
        )
        connection = ldap3.Connection(address, **_credentials(sign_in), **_MANNERS)
        try:
            connection.open(read_server_info=False)
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _quicken(connection.strategy)
            if server.starttls:
                connection.start_tls(read_server_info=False)
            line = cls(server, connection)
            line._sign_in(sign_in)
        except (ConnectorError, SettingsError):
            _drop(connection)
            raise
        except Exception as why:  # noqa: BLE001 -- ldap3 raises whatever it stumbles over in an answer
            _drop(connection)
            raise kerberos.trouble(why, sign_in.user, str(server)) or _unopened(server, tls.trouble, why) from None
        return line

    def _sign_in(self, sign_in: SignIn) -> None:
        if sign_in.kerberos:
            self._connection.sasl_credentials = (
                None,
                None,
                kerberos.ticket(sign_in.user, sign_in.password, sign_in.keytab),
            )
        self._connection.bind(read_server_info=False, controls=[(PASSWORD_POLICY, False, None)])
        result = self._connection.result
        if result["result"] != SUCCESS:
            raise sign_in.explain(result) or sign_in_trouble(result, sign_in.user)

    @property
    def stale(self) -> bool:
        """Has the other end said something unasked? Then it was goodbye."""
        sock = self._connection.socket
        return sock is None or bool(select.select([sock], [], [], 0)[0])

    def ask(self, query: Query, page: tuple[int, bytes] | None = None) -> Answer:
        """One search, or one page of it: (entries at most, cookie of the page before). Raises ConnectorErrors."""
        size, cookie = page or (None, None)
        return self._answered(
            f"Reading {query.base or 'the root entry'}",
            lambda: self._connection.search(
                query.base,
                query.filter,
                _SCOPES[query.scope],
                ldap3.DEREF_NEVER,
                attributes=list(query.attributes),
                size_limit=query.limit,
                paged_size=size,
                paged_cookie=cookie,
                controls=list(query.controls) or None,
            ),
            Failed,
        )

    def modify(
        self,
        dn: str,
        changes: Mapping[str, Sequence[tuple[str, Sequence[bytes]]]],
        controls: Sequence[Control],
        about: str,
    ) -> Answer:
        """Changes by attribute: (operation, values). Raises ConnectorErrors; Unclear where the answer was lost."""
        return self._answered(
            about,
            lambda: self._connection.modify(
                dn, {name: list(steps) for name, steps in changes.items()}, controls=list(controls) or None
            ),
            Unclear,
        )

    def whoami(self) -> str:
        """Whom the server takes us for, as an authorization identity (RFC 4532)."""
        self._answered("Asking who we are", lambda: self._connection.extended(WHOAMI), Failed)
        return (self._connection.result.get("responseValue") or b"").decode(errors="replace")

    def _answered(self, about: str, request: Callable[[], object], lost: type[Failed]) -> Answer:
        try:
            request()
        except Exception as why:  # noqa: BLE001 -- ldap3 raises whatever it stumbles over in an answer
            self.drop()
            raise lost(
                f"{about}: the connection to {self.server} was lost: {why}.", remedy="See whether the server runs."
            ) from None
        result = self._connection.result
        if result["result"] != SUCCESS:
            raise trouble(result, about)
        return _answer(self._connection.response or (), result)

    def close(self) -> None:
        """Says goodbye."""
        with suppress(exceptions.LDAPExceptionError, OSError):
            self._connection.unbind()

    def drop(self) -> None:
        """Hangs up. From any thread: whoever waits for an answer stops waiting."""
        _drop(self._connection)


_MANNERS: dict[str, Any] = {
    "client_strategy": ldap3.SYNC,
    "auto_referrals": False,
    "check_names": False,
    "raise_exceptions": False,
    "return_empty_attributes": False,
    "receive_timeout": ANSWER,
}


def _quicken(strategy: Any) -> None:
    """Reads in larger bites, and makes of an entry what is used of it: ldap3 would also make texts and dictionaries of
    its own of every value, which costs more than all the rest.
    """
    usual = strategy.decode_response_fast

    def decode(message: Mapping[str, Any]) -> Mapping[str, Any]:
        if message["protocolOp"] != _SEARCH_RESULT_ENTRY:
            return cast("Mapping[str, Any]", usual(message))
        dn, attributes = (part[3] for part in message["payload"])
        raw = {bytes(one[3][0][3]).decode(): [bytes(value[3]) for value in one[3][1][3]] for one in attributes}
        controls = dict(strategy.decode_control_fast(control[3]) for control in message["controls"] or ())
        return {
            "type": "searchResEntry",
            "dn": bytes(dn).decode(errors="replace"),
            "raw_attributes": raw,
            "controls": controls,
        }

    strategy.socket_size, strategy.decode_response_fast = _RECEIVE, decode


def _credentials(sign_in: SignIn) -> dict[str, Any]:
    if sign_in.kerberos:
        return {"authentication": ldap3.SASL, "sasl_mechanism": ldap3.KERBEROS}
    if not sign_in.user:
        return {"authentication": ldap3.ANONYMOUS}
    password = sign_in.password()
    if not password:  # RFC 4513, 5.1.2: a name without a password signs nobody in, and says yes
        raise SettingsError(f"The password of {sign_in.user} is empty.", "Set the secret that `password` refers to.")
    return {"authentication": ldap3.SIMPLE, "user": sign_in.user, "password": password}


def _unopened(server: Server, tls: OSError | None, why: Exception) -> ConnectorError:
    if tls is not None:
        return certificate_trouble(tls, str(server))
    if isinstance(why, exceptions.LDAPStartTLSError):
        return Denied(
            f"{server} does not protect the connection: {why}.",
            remedy="Have StartTLS switched on, or use ldaps://.",
        )
    if not isinstance(why, exceptions.LDAPExceptionError):
        return Failed(f"{server} does not speak LDAP.", remedy="Check its name and port.")
    return Failed(f"{server} cannot be reached: {why}.", remedy="Check its name and port, and whether it runs.")


def _drop(connection: ldap3.Connection) -> None:
    sock = connection.socket
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            sock.close()
        connection.socket = None


def _answer(responses: Iterable[Mapping[str, Any]], result: Mapping[str, Any]) -> Answer:
    entries, referrals, notices = [], [], []
    for one in responses:
        match one["type"]:
            case "searchResEntry":
                entries.append(_entry(one))
            case "searchResRef":
                referrals.extend(one["uri"])
            case "intermediateResponse":
                notices.append((str(one["responseName"]), bytes(one["responseValue"] or b"")))
    return Answer(entries, referrals, notices, _controls(result))


def _entry(response: Mapping[str, Any]) -> Entry:
    values = {name.casefold(): tuple(raw or ()) for name, raw in response["raw_attributes"].items()}
    return Entry(response["dn"], values, _controls(response))


def _controls(response: Mapping[str, Any]) -> dict[str, Any]:
    return {oid: control["value"] for oid, control in (response.get("controls") or {}).items()}
