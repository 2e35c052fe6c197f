"""What went wrong, from result codes and broken connections to our errors, each with its remedy.

Codes: RFC 4511 appendix A, RFC 4528 (assertion failed), RFC 4533 (refresh required).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from typing import Any

from samepic.errors import ConnectorError, Denied, Failed, Gone, Moved, Refused

SUCCESS, SIZE_LIMIT, REFERRAL, NO_SUCH_OBJECT, INVALID_CREDENTIALS = 0, 4, 10, 32, 49
ASSERTION_FAILED, REFRESH_REQUIRED = 122, 4096

PASSWORD_POLICY = "1.3.6.1.4.1.42.2.27.8.5.1"  # noqa: S105 -- the OID of a control
"""draft-behera-ldap-password-policy: asked for with a bind, it says why a password was not enough."""

_EXPIRED, _NOT_YET = 10, 9  # X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID
_OTHER_HOST, _OTHER_ADDRESS = 62, 64  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH


class SignInRefused(Denied):
    """The server does not take this account: trying again is what locks accounts."""


class RefreshRequired(Failed):
    """The cookie of a synchronization is too old: the server cannot say what has changed since."""


class Elsewhere(Refused):
    """Another server has that part of the tree."""


class InvalidName(Refused):
    """What was to be read is no distinguished name."""


class NoSuchValue(Refused):
    """The value to be deleted is not there, or values of this attribute cannot be compared."""


Kind = Callable[..., ConnectorError]

_LIMIT_REMEDY = (
    "Let this account read everything: in slapd with `limits dn.exact=... size=unlimited size.prtotal=unlimited`,"
    " or narrow `base` and `filter`."
)
_CODES: dict[int, tuple[Kind, str, str]] = {
    1: (Failed, "the server could not do it", ""),
    2: (Refused, "the server did not understand the request", ""),
    3: (Failed, "it took longer than the server allows", "Have the attributes in `filter` indexed."),
    SIZE_LIMIT: (Denied, "there is more than the server gives this account", _LIMIT_REMEDY),
    8: (Denied, "the server wants an encrypted connection", 'Use ldaps:// or `encryption = "starttls"`.'),
    11: (Denied, "it goes beyond a limit that the server's administrator has set", _LIMIT_REMEDY),
    12: (Refused, "the server lacks an extension that this needs", ""),
    13: (Denied, "the server wants an encrypted connection", 'Use ldaps:// or `encryption = "starttls"`.'),
    16: (NoSuchValue, "there is no such value", ""),
    17: (Refused, "the server does not know the attribute", "Name another attribute, or load its schema."),
    18: (NoSuchValue, "the attribute cannot be compared like that", ""),
    19: (Refused, "it breaks a rule that the server has for the value", "See the attribute's schema and constraints."),
    20: (Refused, "the attribute has such a value already, or takes only one", ""),
    21: (Refused, "the server does not take the value", "It may be too large, or of another syntax."),
    NO_SUCH_OBJECT: (Gone, "there is no such entry, or it may not be seen", ""),
    34: (InvalidName, "that is not a distinguished name", "Write it like ou=people,dc=example,dc=com."),
    48: (Denied, "the server does not sign this account in like that", "Check `user`, or have it given a password."),
    50: (Denied, "the account may not do that", "Have it given the right; the system's page shows how."),
    51: (Failed, "the server is busy", "Try again later."),
    52: (Failed, "the server is shutting down, or a part of it is", "Try again later."),
    53: (Refused, "the server is unwilling", "It may be read-only for a while, or want another sign-in."),
    65: (
        Refused,
        "the entry's object classes have no such attribute",
        "Give the entry an object class that has it, such as inetOrgPerson.",
    ),
    80: (Failed, "something went wrong inside the server", "Look into the server's log."),
    REFRESH_REQUIRED: (RefreshRequired, "the server does not know what has changed since", ""),
    ASSERTION_FAILED: (Moved, "the entry has been changed meanwhile", ""),
}


def trouble(result: Mapping[str, Any], about: str) -> ConnectorError:
    """The error for a result that is not success. `about` is what was asked, for whoever reads the sentence."""
    code, said = int(result["result"]), str(result.get("message") or "").strip()
    if code == REFERRAL:
        return _elsewhere(result, about)
    kind, meaning, remedy = _CODES.get(code, (Failed, f"the server answered {result.get('description', code)}", ""))
    quoted = f' It said: "{said}".' if said else ""
    return kind(f"{about}: {meaning}.{quoted}", remedy=remedy)


def _elsewhere(result: Mapping[str, Any], about: str) -> ConnectorError:
    where = ", ".join(map(str, result.get("referrals") or ())) or "another server"
    return Elsewhere(
        f"{about}: this server leaves that to {where}.",
        remedy="It may be a read-only copy, or not hold this part; name the other server in `server`.",
    )


def sign_in_trouble(result: Mapping[str, Any], user: str) -> ConnectorError:
    """Why a bind was refused, as far as the server tells."""
    who = user or "nobody (anonymous)"
    if (policy := _policy(result)) is not None:
        return SignInRefused(f"{who} cannot sign in: {policy[0]}.", remedy=policy[1])
    if int(result["result"]) == INVALID_CREDENTIALS:
        return SignInRefused(
            f"{who} cannot sign in: the server does not take this name and password.",
            remedy="Check `user` and `password`; it was tried once, so as not to lock the account. A locked or"
            " expired account can look the same.",
        )
    return trouble(result, f"{who} cannot sign in")


_POLICY = {
    0: ("the password has expired", "Set a new one; a service account's should not expire."),
    1: ("the account is locked", "Have it unlocked, and look for what tried a wrong password."),
    2: ("the password has to be changed first", "Set a new one for the account."),
}


def _policy(result: Mapping[str, Any]) -> tuple[str, str] | None:
    """PasswordPolicyResponseValue ::= SEQUENCE { warning [0] OPTIONAL, error [1] ENUMERATED OPTIONAL }."""
    value = (result.get("controls") or {}).get(PASSWORD_POLICY, {}).get("value") or b""
    return _POLICY.get(value[-1]) if value[-3:-1] == b"\x81\x01" else None


def certificate_trouble(why: BaseException, server: str) -> ConnectorError:
    """TLS came to nothing: expired, somebody else's, not vouched for, or no TLS at all."""
    if not isinstance(why, ssl.SSLCertVerificationError):
        return Failed(
            f"{server} does not speak TLS as it should: {why}.",
            remedy="Check port and `encryption`: ldaps:// is usually 636, StartTLS 389.",
        )
    if why.verify_code == _EXPIRED:
        return Denied(f"The certificate of {server} has expired.", remedy="Have it renewed on the server.")
    if why.verify_code == _NOT_YET:
        return Denied(f"The certificate of {server} is not valid yet.", remedy="Check the clocks of both machines.")
    if why.verify_code in (_OTHER_HOST, _OTHER_ADDRESS):
        return Denied(
            f"The certificate of {server} is for another name.",
            remedy="Name the server as its certificate does, or have it given one for this name.",
        )
    return Denied(
        f"The certificate of {server} is not vouched for by any authority known here: {why.verify_message}.",
        remedy="Name the authority's PEM file in `ca`, or in [network].",
    )
