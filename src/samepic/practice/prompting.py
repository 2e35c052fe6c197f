"""What an authorization request gets: decided here, acted on in authorize.py. Pure.

See learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow for `prompt`, OpenID Connect Core 3.1.2.1 for
`max_age`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from samepic.practice.applications import Application
from samepic.practice.sessions import SignedIn

_PROMPTS = frozenset({"none", "login", "select_account", "consent"})


class Next(Enum):
    SIGN_IN = auto()
    CHOOSE = auto()
    CONSENT = auto()
    RETURN = auto()
    LOGIN_REQUIRED = auto()
    CONSENT_REQUIRED = auto()


def prompts_of(wanted: Mapping[str, str]) -> frozenset[str]:
    return frozenset(wanted.get("prompt", "").split())


def usable(wanted: Mapping[str, str], held: SignedIn | None, hint: str, now: float) -> bool:
    """Whether a session will do: of whom the client means (a user name or an object id), and not too long ago."""
    if held is None or (hint and hint.casefold() not in {held.person.id, held.person.upn.casefold()}):
        return False
    return "max_age" not in wanted or now - held.at < int(wanted["max_age"])


def next_step(prompts: frozenset[str], *, known: bool, will_do: bool, consented: bool) -> Next:
    """`known`: somebody is signed in. `will_do`: and they are who is wanted."""
    if "none" in prompts:
        return _silently(will_do=will_do, consented=consented)
    if "select_account" in prompts and known:
        return Next.CHOOSE
    if "login" in prompts or not will_do:
        return Next.SIGN_IN
    return after_sign_in(prompts, consented=consented)


def after_sign_in(prompts: frozenset[str], *, consented: bool) -> Next:
    return Next.CONSENT if "consent" in prompts or not consented else Next.RETURN


def _silently(*, will_do: bool, consented: bool) -> Next:
    if not will_do:
        return Next.LOGIN_REQUIRED
    return Next.RETURN if consented else Next.CONSENT_REQUIRED


def unanswerable(wanted: Mapping[str, str], application: Application) -> dict[str, str] | None:
    """What is wrong with the request although its sender is known."""
    for wrong, error, description in (
        (wanted.get("response_type") != "code", "unsupported_response_type", "700054: Only 'code' is enabled."),
        (
            wanted.get("response_mode", "query") not in {"query", "fragment"},
            "invalid_request",
            "90009: Unsupported response mode.",
        ),
        (
            application.secret is None and "code_challenge" not in wanted,
            "invalid_request",
            "9002325: PKCE is required for this client.",
        ),
        (
            "code_challenge" in wanted and wanted.get("code_challenge_method") != "S256",
            "invalid_request",
            "50149: The code challenge must be S256.",
        ),
        ("scope" not in wanted, "invalid_request", "900144: The parameter 'scope' is missing."),
        (not prompts_of(wanted) <= _PROMPTS, "invalid_request", "90023: Unsupported 'prompt' value."),
        (not wanted.get("max_age", "0").isdecimal(), "invalid_request", "90014: 'max_age' is a number of seconds."),
    ):
        if wrong:
            return {"error": error, "error_description": f"AADSTS{description}"}
    return None
