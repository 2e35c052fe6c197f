"""Why a domain controller refuses a sign-in: it answers `invalidCredentials` to everything and says why in a number.

`80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1`; the number is a Windows error
code in hex.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from samepic.connectors.ldap.answers import SignInRefused
from samepic.errors import ConnectorError

_DATA = re.compile(r"\bdata ([0-9a-f]+)")

_REASONS = {
    "525": ("there is no such account", "Check `user`."),
    "52e": (
        "the domain does not take this name and password",
        "Check `user` and `password`; it was tried once, so as not to lock the account.",
    ),
    "530": ("the account may not sign in at this time of day", "Have its logon hours changed."),
    "531": ("the account may not sign in from this machine", "Have this machine allowed for it."),
    "532": ("its password has expired", "Set a new one; a service account's should not expire."),
    "533": ("the account is disabled", "Have it enabled."),
    "534": ("the account may not sign in like that", "Have it given the right to sign in over the network."),
    "701": ("the account has expired", "Have its end moved, or removed."),
    "773": ("its password has to be changed first", "Set a new one for the account."),
    "775": ("the account is locked", "Have it unlocked, and look for what tried a wrong password."),
}


def explain(user: str, result: Mapping[str, Any]) -> ConnectorError | None:
    """The refusal in words; None where the controller gave no number that we know."""
    found = _DATA.search(str(result.get("message") or ""))
    reason = _REASONS.get(found[1]) if found else None
    return SignInRefused(f"{user} cannot sign in: {reason[0]}.", remedy=reason[1]) if reason else None
