"""Pictures in Exchange Online mailboxes or in Entra ID, through Microsoft Graph.

Graph answers from the mailbox, else from Entra, and does not say which; `evidence` tells them apart.

Graph writes into the mailbox where there is one, else into Entra; a write that would land in the other store is
Refused. Expectations are checked by a look right before the write, since nothing documents that Graph heeds If-Match
on photos: a change within that moment is overwritten.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Literal, Self, TypeVar

from pydantic import NonNegativeInt, model_validator

from samepic.connectors import groups
from samepic.connectors.answers import Answer
from samepic.connectors.base import Connector, Surroundings, unseen
from samepic.connectors.batch import bytes_in, get_all
from samepic.connectors.demands import require
from samepic.connectors.evidence import Metadata, Store, judge, metadata_from, sighting_of
from samepic.connectors.forecast import graph_forecast
from samepic.connectors.microsoft import Directory, MicrosoftOptions, User, app_tokens, graph_session
from samepic.connectors.purposes import room_addresses, with_purposes
from samepic.connectors.rights import GRAPH_RIGHTS, GROUP_RIGHTS, ROOM_RIGHTS, TEAM_RIGHTS, Right, report, roles_in
from samepic.errors import ConnectorError, Gone, Moved, Refused
from samepic.model import Account, Demand, Finding, Kind, Level, Photo, Sighting, Traits, Unseen

Included = Literal["people", "guests", "rooms", "shared", "groups", "teams"]

_KINDS: Mapping[Included, Kind] = {
    "people": Kind.PERSON,
    "guests": Kind.GUEST,
    "rooms": Kind.ROOM,
    "shared": Kind.SHARED,
    "groups": Kind.GROUP,
    "teams": Kind.GROUP,
}

_GROUPS: frozenset[Included] = frozenset(("groups", "teams"))

_RIGHTS: Mapping[Included, tuple[Right, ...]] = {"rooms": ROOM_RIGHTS, "groups": GROUP_RIGHTS, "teams": TEAM_RIGHTS}
"""What takes more, or other, than rights over people."""

MAX_BYTES: Mapping[Store, int] = {"exchange": 4_000_000, "entra": 100_000}
"""Graph takes 4 MB for a mailbox; for Entra alone, more than 100 KB has been answered with 404."""

SAMPLE = 20
"""How many mailboxes `check` looks at: one batch."""

_NOT_FOUND = 404
_Sound = TypeVar("_Sound", Answer, User)


class GraphOptions(MicrosoftOptions):
    """Pictures in Exchange Online or in Entra ID."""

    store: Store = "exchange"
    """Whose pictures this system is: the mailboxes' (`exchange`) or Entra's own (`entra`)."""

    include: tuple[Included, ...] = ("people", "guests")
    """Whose accounts count: `people`, `guests`, `rooms`, `shared` mailboxes, `groups` and `teams`. With rooms or shared
    each account that may not sign in is asked what it is, which needs MailboxSettings.Read; without, those look like
    people to Entra. Groups are those of Microsoft 365; with `teams`, teams are looked at as such."""

    settles_minutes: NonNegativeInt = 240
    """How long Graph may show the previous picture after a write. Microsoft gives no number and says hours; judging too
    early would take our own old picture for somebody else's."""

    @model_validator(mode="after")
    def _groups_have_mailboxes(self) -> Self:
        if self.store == "entra" and not _GROUPS.isdisjoint(self.include):
            raise ValueError('A group\'s picture is in its mailbox: `groups` and `teams` need `store = "exchange"`.')
        return self


class GraphConnector(Connector):
    """See the module for what belongs to which store.

    The roster is everybody with a mailbox for `exchange`, and everybody, guests too, for `entra`. Shared mailboxes and
    rooms have no plan, so that they have a mailbox is known only where the settings include them.
    """

    options_type = GraphOptions
    patient = True

    def __init__(self, name: str, options: GraphOptions, around: Surroundings) -> None:
        super().__init__(name, options, around)
        self.store: Store = options.store
        demand = Demand(("image/jpeg",), (48, 648), MAX_BYTES[options.store])
        settles = timedelta(minutes=options.settles_minutes)
        self._graph = options.graph
        self._tokens = app_tokens(options, around, name)
        self._session = graph_session(options, around, name, self._tokens)
        self._directory = Directory(self._session, options)
        self._included = frozenset(_KINDS[one] for one in options.include)
        self._lists_users = self._included != {Kind.GROUP}
        self.traits = Traits(
            {"photo": demand}, writes=True, removes=True, guarded=True, groups=self._lists_users, settles=settles
        )
        self._sorts = _GROUPS.intersection(options.include)
        self._rights = (*(GRAPH_RIGHTS if self._lists_users else ()), *_more_rights(options.include))
        self._mailboxes: dict[str, bool] = {}

    async def close(self) -> None:
        await self._session.close()
        await self._tokens.close()

    async def roster(self) -> AsyncIterator[Account]:
        for user in await self._everybody():
            self._mailboxes[user.account.ref] = user.exchange
            if user.account.kind in self._included and (user.exchange or self.store == "entra"):
                yield user.account
        for account in await self._groups():
            yield account

    async def fetch(self, ref: str) -> Photo | None:
        """One request: what Graph says of the picture, which tells whose it is, and the picture itself."""
        paths = [_photo(ref), f"{_photo(ref)}/$value"]
        about, content = map(_sound, await get_all(self._session, paths, accept=(_NOT_FOUND,)))
        seen = metadata_from(about)
        if seen is None or not (await self._judged(ref, seen)).present:
            return None
        if content.status == _NOT_FOUND:
            metadata_from(content)
            return None
        media_type = content.headers.get("content-type", "image/jpeg").partition(";")[0].strip()
        return Photo(bytes_in(content), media_type, seen.size)

    async def peek(self, ref: str) -> Sighting:
        return await self._judged(ref, await self._metadata(ref))

    async def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        unknown = await self._found([ref for ref in refs if ref not in self._mailboxes and not groups.is_group(ref)])
        troubles = {ref: user for ref, user in unknown.items() if isinstance(user, ConnectorError)}
        self._mailboxes |= {ref: user.exchange for ref, user in unknown.items() if isinstance(user, User)}
        answers = await get_all(self._session, [_photo(ref) for ref in refs], accept=(_NOT_FOUND,))
        for ref, answer in zip(refs, answers, strict=True):
            yield ref, self._surveyed(ref, troubles.get(ref, answer))

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        require(photos, self.traits.demands)
        await self._require_own_store(ref)
        if expect is not None:
            self._require_version(await self.peek(ref), expect)
        photo = photos["photo"]
        headers = {"Content-Type": photo.media_type}
        await self._session.send("PUT", f"{_photo(ref)}/$value", headers=headers, content=photo.data)
        try:
            return await self.peek(ref)
        except ConnectorError:
            return Sighting(True)  # the write was acknowledged; only the look after it failed

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        """Raises Refused for a team: Graph replaces its picture and cannot remove it."""
        if groups.is_team(ref):
            remedy = "Put another one, or remove it in Teams."
            raise Refused("Graph cannot remove a team's picture.", system=self.name, remedy=remedy)
        await self._require_own_store(ref)
        seen = await self.peek(ref)
        if expect is not None:
            self._require_version(seen, expect)
        if seen.present:
            await self._session.send("DELETE", f"{_photo(ref)}/$value", accept=(_NOT_FOUND,))

    async def members(self, group: str) -> frozenset[str]:
        """Nobody in it is an account where the settings include only groups and teams."""
        return await (self._directory.members(group) if self.traits.groups else super().members(group))

    async def check(self) -> list[Finding]:
        try:
            roles = roles_in(await self._tokens(self._graph))
        except ConnectorError as trouble:
            return [Finding(Level.PROBLEM, "signing in", str(trouble), trouble.remedy)]
        findings = [Finding(Level.GOOD, "signing in", "The application signs in."), *report(roles, self._rights)]
        findings += await self._reading() if self._lists_users else []
        findings += await self._reading_groups() if self._sorts else []
        return findings + await self._policy()

    async def _everybody(self) -> list[User]:
        """Every user; nobody where only groups are included."""
        if not self._lists_users:
            return []
        rooms = await room_addresses(self._session) if Kind.ROOM in self._included else frozenset()
        return [_sound(user) for user in await self._told(await self._directory.users(), rooms)]

    async def _groups(self) -> list[Account]:
        return await groups.listed(self._session, self._sorts) if self._sorts else []

    async def _found(self, refs: Sequence[str]) -> dict[str, User | ConnectorError]:
        found = await self._directory.find(refs)
        users = {ref: user for ref, user in found.items() if isinstance(user, User)}
        return found | dict(zip(users, await self._told(list(users.values())), strict=True))

    async def _told(
        self, users: Sequence[User], rooms: frozenset[str] = frozenset()
    ) -> Sequence[User | ConnectorError]:
        """With the kinds that only Exchange knows, where the settings ask for them."""
        if self._included.isdisjoint((Kind.ROOM, Kind.SHARED)):
            return users
        return await with_purposes(self._session, users, rooms)

    async def _metadata(self, ref: str) -> Metadata | None:
        return metadata_from(await self._session.send("GET", _photo(ref), accept=(_NOT_FOUND,)))

    async def _has_mailbox(self, ref: str) -> bool:
        if ref not in self._mailboxes:
            self._mailboxes[ref] = _sound((await self._found([ref]))[ref]).exchange
        return self._mailboxes[ref]

    async def _judged(self, ref: str, seen: Metadata | None) -> Sighting:
        if not groups.is_group(ref):
            await self._has_mailbox(ref)
        try:
            return self._sighting(ref, seen)
        except ConnectorError as trouble:
            trouble.system = self.name
            raise

    def _surveyed(self, ref: str, answer: Answer | ConnectorError) -> Sighting | Unseen:
        if isinstance(answer, ConnectorError):
            return unseen(answer)
        try:
            return self._sighting(ref, metadata_from(answer))
        except ConnectorError as trouble:
            return unseen(trouble)

    def _sighting(self, ref: str, seen: Metadata | None) -> Sighting:
        """Of somebody of whom it is known whether they have a mailbox; or of a group."""
        return sighting_of(seen) if groups.is_group(ref) else judge(self.store, seen, mailbox=self._mailboxes[ref])

    async def _require_own_store(self, ref: str) -> None:
        if groups.is_group(ref):
            return
        mailbox = await self._has_mailbox(ref)
        if self.store == "exchange" and not mailbox:
            raise Gone("There is no mailbox: no Exchange plan is in force.", system=self.name)
        if self.store == "entra" and mailbox:
            raise Refused("Graph would write into the mailbox, not into Entra.", system=self.name)

    def _require_version(self, seen: Sighting, expect: str) -> None:
        if seen.version != expect:
            raise Moved("Another picture is there by now.", system=self.name)

    async def _reading(self) -> list[Finding]:
        try:
            people = await self._everybody()
        except ConnectorError as trouble:
            remedy = trouble.remedy or "Grant the application User.Read.All."
            return [Finding(Level.PROBLEM, "reading accounts", str(trouble), remedy)]
        mailboxes = sum(user.exchange for user in people)
        found = f"{len(people)} accounts, {mailboxes} of them with an Exchange plan."
        if self.store == "exchange" and not mailboxes:
            remedy = "Grant User.Read.All, so that plans can be read; or set store to entra."
            return [Finding(Level.PROBLEM, "reading accounts", found, remedy)]
        return [
            Finding(Level.GOOD, "reading accounts", found),
            graph_forecast(len(people)),
            *await self._evidence(people),
            *self._refused(mailboxes),
        ]

    async def _reading_groups(self) -> list[Finding]:
        try:
            found = await self._groups()
        except ConnectorError as trouble:
            return [Finding(Level.PROBLEM, "reading groups", str(trouble), trouble.remedy)]
        teams = sum(groups.is_team(account.ref) for account in found)
        return [Finding(Level.GOOD, "reading groups", f"{len(found)} groups, {teams} of them looked at as teams.")]

    async def _evidence(self, people: Sequence[User]) -> list[Finding]:
        """Does what tells a mailbox's picture from Entra's hold for some of the mailboxes here?"""
        some = [user.account.ref for user in people if user.exchange][:SAMPLE]
        try:
            answers = await get_all(self._session, [_photo(ref) for ref in some], accept=(_NOT_FOUND,))
            seen = [metadata_from(one) for one in answers if not isinstance(one, ConnectorError)]
        except ConnectorError as trouble:
            return [Finding(Level.PROBLEM, "store evidence", str(trouble), trouble.remedy)]
        ours = sum(one is not None and one.fits_mailbox for one in seen)
        others = sum(one is not None and not one.fits_mailbox for one in seen)
        said = f"Of {len(some)} mailboxes, {ours} answered with one of the mailbox's nine sizes, {others} with another."
        if len(seen) < len(some):
            remedy = "Grant ProfilePhoto.Read.All."
            return [Finding(Level.PROBLEM, "store evidence", f"{len(some) - len(seen)} could not be read.", remedy)]
        return [Finding(Level.GOOD, "store evidence", said)]

    def _refused(self, mailboxes: int) -> list[Finding]:
        if self.store == "exchange" or not mailboxes:
            return []
        said = f"Writes for {mailboxes} accounts will be refused: they have a mailbox, and Graph would write there."
        return [Finding(Level.WARNING, "what is refused", said, "Make `exchange` the target for them.")]

    async def _policy(self) -> list[Finding]:
        """What the tenant's photo policy will refuse. It is in Graph's beta only, and may be closed to us."""
        try:
            policy = await self._session.json(f"{self._graph}/beta/admin/people/photoUpdateSettings")
        except ConnectorError:
            return [
                Finding(
                    Level.WARNING,
                    "photo policy",
                    "The tenant's photo policy cannot be read, so it may yet refuse writes.",
                    "Grant PeopleSettings.Read.All to have it checked.",
                )
            ]
        if str(policy.get("source") or "").casefold() == "onpremises":
            remedy = "Change it in the Microsoft 365 admin centre, or write to Active Directory instead."
            return [Finding(Level.PROBLEM, "photo policy", "Pictures may only come from on-premises.", remedy)]
        return [Finding(Level.GOOD, "photo policy", "Pictures may be changed in the cloud.")]


def _sound(answer: _Sound | ConnectorError) -> _Sound:
    if isinstance(answer, ConnectorError):
        raise answer
    return answer


def _more_rights(include: Sequence[Included]) -> list[Right]:
    return [right for one in dict.fromkeys(include) for right in _RIGHTS.get(one, ())]


def _photo(ref: str) -> str:
    return f"{groups.resource(ref)}/photo"
