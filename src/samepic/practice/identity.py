"""What an ID token says about a person (learn.microsoft.com/entra/identity-platform/id-token-claims-reference).

`oid`, `name` and `preferred_username` come with the scope *profile*, `email` with *email*; the optional claims come
where the application was configured for them. Decided here because the documentation leaves it open: `xms_edov` and
`email_verified` are true for addresses in the tenant's own domain, false for guests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from samepic.practice.applications import Application
from samepic.practice.entitlements import Entitlements
from samepic.practice.origins import DOMAIN
from samepic.practice.people import Person, stable_uuid
from samepic.practice.sessions import SignedIn
from samepic.practice.tokens import BadToken, Tokens
from samepic.practice.world import World

_MOST_GROUPS = 200
"""In a JWT; of more, the token names only where to ask."""
_HINT_LIFE = timedelta(days=3650)


class Identity:
    """`graph` is the address where somebody's groups can be asked for."""

    def __init__(self, world: World, tokens: Tokens, entitlements: Entitlements, graph: str) -> None:
        self._seed = world.seed
        self._tokens = tokens
        self._entitlements = entitlements
        self._graph = graph

    def claims(self, application: Application, signed_in: SignedIn, scope: str) -> dict[str, Any]:
        """Everything in the ID token but its times, its issuer and the nonce."""
        person, scopes = signed_in.person, frozenset(scope.split())
        roles = self._entitlements.roles(person, application)
        said: dict[str, Any] = {"aud": application.client_id, "sub": subject(self._seed, person, application.client_id)}
        if "profile" in scopes:
            said |= {"oid": person.id, "name": person.name, "preferred_username": person.upn}
        if "email" in scopes and person.mail:
            said["email"] = person.mail
        if roles:
            said["roles"] = roles
        for name in self._entitlements.optional_claims(application):
            said |= _OPTIONAL[name](self, signed_in)
        return said

    def hint_of(self, text: str) -> str:
        """The object id in a `login_hint` claim, or the text itself: a user name."""
        try:
            return str(self._tokens.unseal("hint", text)["person"])
        except BadToken:
            return text

    def auth_time(self, signed_in: SignedIn) -> Mapping[str, Any]:
        return {"auth_time": signed_in.at}

    def sid(self, signed_in: SignedIn) -> Mapping[str, Any]:
        return {"sid": signed_in.sid}

    def login_hint(self, signed_in: SignedIn) -> Mapping[str, Any]:
        """Opaque to clients; good as `login_hint` and `logout_hint`."""
        return {"login_hint": self._tokens.seal("hint", {"person": signed_in.person.id}, _HINT_LIFE)}

    def email_verified(self, signed_in: SignedIn) -> Mapping[str, Any]:
        return {"email_verified": _ours(signed_in.person)}

    def xms_edov(self, signed_in: SignedIn) -> Mapping[str, Any]:
        return {"xms_edov": _ours(signed_in.person)}

    def groups(self, signed_in: SignedIn) -> Mapping[str, Any]:
        ids = [group.id for group in self._entitlements.memberships.around(signed_in.person)]
        if len(ids) <= _MOST_GROUPS:
            return {"groups": ids}
        asking = f"{self._graph}/v1.0/users/{signed_in.person.id}/getMemberObjects"
        return {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": asking}}}


def subject(seed: int, person: Person, client_id: str) -> str:
    """Pairwise: another one for each application."""
    return stable_uuid(seed, person.id, client_id)


def _ours(person: Person) -> bool:
    return (person.mail or "").endswith(f"@{DOMAIN}")


_OPTIONAL: Mapping[str, Callable[[Identity, SignedIn], Mapping[str, Any]]] = {
    "auth_time": Identity.auth_time,
    "email_verified": Identity.email_verified,
    "groups": Identity.groups,
    "login_hint": Identity.login_hint,
    "sid": Identity.sid,
    "xms_edov": Identity.xms_edov,
}
