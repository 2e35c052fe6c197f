"""What can go wrong while somebody signs in, each with a page of its own."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    CANCELLED = "cancelled"  # the person turned back
    CONSENT = "consent"  # the provider wants consent that nobody gave
    EXPIRED = "expired"  # the attempt took too long, was used before, or began in another browser
    CLOCK = "clock"  # two clocks are too far apart
    DOWN = "down"  # the provider does not answer
    SETUP = "setup"  # the portal and the provider are not set up for each other
    UNTRUSTED = "untrusted"  # what came back cannot be believed


class SignInTrouble(Exception):
    """Signing in ended. `detail` is for the log and the audit: it holds no token, no code and no secret."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


_MEANING = {
    "access_denied": Reason.CANCELLED,
    "login_required": Reason.CANCELLED,
    "account_selection_required": Reason.CANCELLED,
    "consent_required": Reason.CONSENT,
    "interaction_required": Reason.CONSENT,
    "temporarily_unavailable": Reason.DOWN,
    "server_error": Reason.DOWN,
}
"""Errors of OpenID Connect Core 3.1.2.6 and RFC 6749 4.1.2.1; all others are a matter of how things are set up."""

_LONGEST = 100


def of_error(error: str) -> SignInTrouble:
    """The trouble that an error sent back by the provider means. Its own description is not repeated anywhere."""
    plain = "".join(one for one in error[:_LONGEST] if one.isascii() and one.isprintable())
    return SignInTrouble(_MEANING.get(error, Reason.SETUP), f"The provider answered {plain!r}.")
