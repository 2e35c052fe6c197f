"""Signing in by Kerberos: how a ticket is come by, and why there is none, in words.

With a password or a keytab the ticket lies in this process's memory only. A password gets every new connection a ticket
of its own; from a keytab the library renews the ticket before it ends. Without either, the ticket is the one there is:
of `kinit`, or of whoever else keeps it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from samepic.connectors.ldap.answers import SignInRefused
from samepic.errors import ConnectorError, Denied, Failed

_FIRST = -1_765_328_384
"""Number 0 of krb5's table of errors (krb5_err.et); RFC 4120, 7.5.9 counts from there, and MIT's own follow at 128."""

_GET_ONE = "Give `user` with `password` or `keytab`, or run kinit as the account that runs samepic."
_CHECK = "Check `user`, and `password` or `keytab`; it was tried once, so as not to lock the account."
_REACH = "Check the realm in `user`, and how krb5.conf or DNS finds its controllers."

_NO_CACHE, _NO_FILE = 141, 195
"""KRB5_CC_NOTFOUND, KRB5_FCC_NOFILE: there is no ticket, and nothing to get one with."""

_PACKAGE = "Install samepic[kerberos], which is built with Kerberos' headers, or sign in with a password."

_REFUSED = {
    6: ("the domain has no such account", "Check `user`: the realm is the domain's name in capitals."),
    18: ("the account is locked, disabled or has expired", "Have it unlocked or enabled."),
    23: ("its password has expired or must be changed first", "Set a new one; a service account's should not expire."),
    24: ("the domain does not take this password or keytab", _CHECK),
}
"""What a further try may make worse."""

_NO_KEY = ("the keytab has no key of that account, or cannot be read", "Export it anew for this very account.")

_UNREADY = {
    7: (
        "the domain does not know the controller by that name",
        "Write `server` with the full name the controller has in the domain.",
    ),
    14: (
        "the domain has no cipher in common with this machine or the keytab",
        "Export the keytab anew, with AES keys.",
    ),
    32: ("the ticket has expired", _GET_ONE),
    37: (
        "this machine's clock and the domain controller's are too far apart",
        "Set the clocks: Kerberos takes five minutes at most.",
    ),
    _NO_CACHE: ("there is no ticket", _GET_ONE),
    154: ("nothing is known of that realm", _REACH),
    156: ("no controller of the realm answers", _REACH),
    _NO_FILE: ("there is no ticket", _GET_ONE),
}


def ticket(user: str, password: Callable[[], str], keytab: Path | None) -> Any | None:
    """Credentials for `user`, as gssapi has them; None for those there are.

    Raises gssapi's errors, and Denied without the package.
    """
    try:
        import gssapi  # noqa: PLC0415 -- an extra
        from gssapi import raw  # noqa: PLC0415
    except ImportError:
        raise Denied("Kerberos needs the package `gssapi`.", remedy=_PACKAGE) from None
    if not user:
        return None
    name = gssapi.Name(principal(user), gssapi.NameType.kerberos_principal)
    if keytab is None:
        return raw.acquire_cred_with_password(name, password().encode(), usage="initiate").creds
    memory: dict[str | bytes, str | bytes] = {"client_keytab": str(keytab), "ccache": f"MEMORY:{user} {keytab}"}
    return gssapi.Credentials(name=name, usage="initiate", store=memory)


def principal(user: str) -> str:
    """An account's name as Kerberos writes it: a domain's realm is the domain's name in capitals."""
    name, at, realm = user.rpartition("@")
    return f"{name}{at}{realm.upper()}"


def trouble(why: Exception, user: str, server: str) -> ConnectorError | None:
    """Why nobody was signed in; None where it is not Kerberos that says so (`why` is no GSSError)."""
    code = getattr(why, "min_code", None)
    if code is None:
        return None
    number = (code + 2**31) % 2**32 - 2**31 - _FIRST  # unsigned in the library's interface, signed in its table
    who = f"{user or 'Whoever holds the ticket'} cannot sign in to {server} by Kerberos"
    if number in _REFUSED:
        said, remedy = _REFUSED[number]
        return SignInRefused(f"{who}: {said}.", remedy=remedy)
    if number in _UNREADY:
        said, remedy = _NO_KEY if user and number in (_NO_CACHE, _NO_FILE) else _UNREADY[number]
        return Denied(f"{who}: {said}.", remedy=remedy)
    return Failed(f"{who}: {why}.", remedy="See whether kinit signs the account in.")
