"""A provider's published configuration (OpenID Connect Discovery 1.0), as far as it matters here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samepic.settings.portal import origin
from samepic.web.openid.trouble import Reason, SignInTrouble

PATH = "/.well-known/openid-configuration"

_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_MORE_ADDRESSES = ("end_session_endpoint", "userinfo_endpoint")


@dataclass(frozen=True, slots=True)
class Authority:
    """`prompts` is empty where the provider does not publish which it knows; `names_itself`: its answers carry `iss`
    (RFC 9207); `basic`: the client secret goes into a header and not into the form.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    userinfo_endpoint: str
    prompts: frozenset[str]
    names_itself: bool
    basic: bool


def authority(content: Mapping[str, Any], issuer: str, *, many: bool) -> Authority:
    """What was published below `issuer`. `many`: an issuer with a place for the tenant may be published there.

    Raises SignInTrouble: what is published elsewhere, or for another issuer, is not believed.
    """
    named = str(content.get("issuer", ""))
    if named.rstrip("/") != issuer and not (many and "{tenantid}" in named):
        raise _mistaken(f"it calls itself {named[:200]!r}; the settings call it {issuer!r}")
    addresses = {name: _address(content, name, needed=True) for name in _ADDRESSES}
    addresses |= {name: _address(content, name, needed=False) for name in _MORE_ADDRESSES}
    methods = _texts(content, "token_endpoint_auth_methods_supported") or {"client_secret_basic"}
    return Authority(
        issuer=named,
        prompts=_texts(content, "prompt_values_supported"),
        names_itself=content.get("authorization_response_iss_parameter_supported") is True,
        basic="client_secret_post" not in methods,
        **addresses,
    )


def _address(content: Mapping[str, Any], name: str, *, needed: bool) -> str:
    address = content.get(name)
    if address is None and not needed:
        return ""
    try:
        origin(str(address).partition("?")[0])
    except ValueError:
        raise _mistaken(f"its {name} is no safe address") from None
    return str(address)


def _texts(content: Mapping[str, Any], name: str) -> frozenset[str]:
    found = content.get(name)
    return frozenset(one for one in found if isinstance(one, str)) if isinstance(found, list) else frozenset()


def _mistaken(why: str) -> SignInTrouble:
    return SignInTrouble(Reason.SETUP, f"The provider's configuration does not fit: {why}.")
