"""What people were given at applications: roles and their own consent; and which optional claims tokens say.

Consent has two halves, as in the cloud. An administrator's is for everybody: of *practice* it stands until control
takes it away, of the cloud's own applications always, of *portal* it covers signing in and `User.Read`. For anything
else *portal* asks each person, whose consent is kept here until control withdraws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from samepic.practice.applications import Application, Applications
from samepic.practice.memberships import Memberships
from samepic.practice.origins import api_of
from samepic.practice.people import Person
from samepic.practice.world import World

OPTIONAL: Final = frozenset({"auth_time", "email_verified", "groups", "login_hint", "sid", "xms_edov"})
"""Claims that an application gets only where it was configured for them."""
_AT_FIRST = ("auth_time", "login_hint", "sid")
_FOR_EVERYBODY = {"graph": frozenset({"user.read"})}

Rights = Mapping[str, list[str]]
"""API (graph, sharepoint) -> delegated permissions."""


class Entitlements:
    def __init__(self, world: World, applications: Applications) -> None:
        self._state = world.state
        self._applications = applications
        self.memberships = Memberships(world.state, world.seed)

    def roles(self, person: Person, application: Application) -> list[str]:
        """Application roles: what the first person has at first is written with the application."""
        first = list(application.first_roles) if person.index == 0 else []
        return list(self._state.setting(f"app_roles/{application.client_id}/{person.index}", first))

    def assign(self, person: Person, application: Application, roles: Iterable[str]) -> None:
        self._state.set(f"app_roles/{application.client_id}/{person.index}", list(roles))

    def optional_claims(self, application: Application) -> list[str]:
        return list(self._state.setting(f"optional_claims/{application.client_id}", _AT_FIRST))

    def configure(self, application: Application, claims: Iterable[str]) -> None:
        self._state.set(f"optional_claims/{application.client_id}", sorted(claims))

    def consents(self, person: Person, application: Application) -> dict[str, list[str]]:
        """What the person themselves consented to."""
        return dict(self._state.setting(f"consent/{application.client_id}/{person.index}", {}))

    def set_consents(self, person: Person, application: Application, rights: Rights) -> None:
        self._state.set(f"consent/{application.client_id}/{person.index}", dict(rights))

    def consent(self, person: Person, application: Application, face: str, rights: Iterable[str]) -> None:
        held, api = self.consents(person, application), api_of(face)
        self.set_consents(person, application, held | {api: sorted({*held.get(api, ()), *rights})})

    def consented(self, person: Person, application: Application, face: str, rights: Iterable[str]) -> bool:
        """Whether the administrator's consent and the person's own cover these rights at that face."""
        if not application.asks:
            return application is not self._applications.practice or self._applications.standing()["consent"]
        api = api_of(face)
        own = {right.casefold() for right in self.consents(person, application).get(api, ())}
        return {right.casefold() for right in rights} <= own | _FOR_EVERYBODY.get(api, frozenset())
