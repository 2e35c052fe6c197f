"""Sealing what people consented to keep: AES-256-GCM under the portal's own key, bound to whose it is."""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from samepic.errors import SettingsError
from samepic.settings import Settings

KEY_BYTES = 32
_NONCE_BYTES = 12

_MAKE_ONE = "Make one with `openssl rand -base64 32`, and let portal.key refer to it."


class Seal:
    """One key. What is sealed about one (person, issuer) opens for no other."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, text: str, *about: str) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), _about(about))).decode()

    def open(self, sealed: str, *about: str) -> str:
        """Raises SettingsError: it was sealed with another key, about somebody else, or changed."""
        data = base64.b64decode(sealed)
        try:
            return self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], _about(about)).decode()
        except InvalidTag:
            raise SettingsError(
                "What somebody consented to keep does not open with the key that portal.key refers to.",
                "Set the key back to the one it was sealed with, or ask people to consent anew.",
            ) from None


def seal_of(settings: Settings) -> Seal:
    """Raises SettingsError where there is no key, or something that is none."""
    if not settings.portal.key:
        raise SettingsError("portal.key is not set, so nothing can be kept sealed.", _MAKE_ONE)
    try:
        key = base64.b64decode(settings.secret(settings.portal.key), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(f"What portal.key refers to is not {KEY_BYTES} bytes in base64.", _MAKE_ONE)
    return Seal(key)


def _about(parts: tuple[str, ...]) -> bytes:
    """The parts with their lengths, so that no two lists read the same."""
    return "".join(f"{len(part)}:{part}" for part in parts).encode()
