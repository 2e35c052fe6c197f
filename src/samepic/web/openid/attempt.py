"""What binds an answer to the browser that asked: one secret in a cookie, everything else follows from it.

State, nonce and PKCE verifier are made from the secret, so the server keeps digests only: whoever reads its database
can complete nobody's attempt, and whoever catches an answer has not the cookie that belongs to it.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

LASTS = timedelta(minutes=10)
"""How long somebody may take at the provider."""

_NAME_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Attempt:
    secret: str = field(repr=False)

    @classmethod
    def new(cls) -> Attempt:
        return cls(secrets.token_urlsafe(32))

    @property
    def state(self) -> str:
        return self._derived("state")

    @property
    def nonce(self) -> str:
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """PKCE's S256 (RFC 7636 4.2)."""
        return _base64url(sha256(self.verifier.encode()).digest())

    def answers(self, state: str) -> bool:
        return hmac.compare_digest(self.state.encode(), state.encode())

    def _derived(self, what: str) -> str:
        return _base64url(hmac.digest(self.secret.encode(), what.encode(), "sha256"))


def cookie_name(state: str, *, secure: bool) -> str:
    """Each attempt has a cookie of its own, so that two tabs do not spoil each other's."""
    name = f"samepic-attempt-{digest(state)[:_NAME_LENGTH]}"
    return f"__Host-{name}" if secure else name


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
