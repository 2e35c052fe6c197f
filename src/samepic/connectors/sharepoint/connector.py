"""The connector: people from Graph, names from profiles, pictures from the library.

A ref is the Entra object id. The version is the list item's etag of the large thumbnail. A full look lists the library
by item id; profiles are asked only where `remembered` says so, so a survey in which nothing happened costs one request
for each 5,000 files. It trusts the listing: a placeholder switched on later without touching a file is seen by `peek`,
and by a survey when the file changes next.

Writing overwrites the thumbnails a profile names, or makes new ones named by the object id, as SharePoint itself does;
then the profile is pointed to them. Files are stored as they come: what is fetched is what was put.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import NonNegativeInt, field_validator, model_validator

from samepic.connectors.base import Connector, Surroundings, unseen
from samepic.connectors.demands import require
from samepic.connectors.forecast import sharepoint_forecast
from samepic.connectors.http import Session
from samepic.connectors.microsoft import (
    Directory,
    MicrosoftOptions,
    User,
    app_tokens,
    checked_address,
    graph_session,
)
from samepic.connectors.sharepoint.library import Library, Listing
from samepic.connectors.sharepoint.profile import SIZES, Profile, Profiles, Thumbnails, timestamp
from samepic.connectors.sharepoint.remembered import Known, Memory, Newcomers, explain, known_from
from samepic.connectors.sharepoint.site import Site
from samepic.errors import ConnectorError, Failed, Moved, Throttled, Unclear
from samepic.model import Account, Asked, Demand, Finding, Level, Photo, Sighting, Traits, Unseen

DEMANDS = {size: Demand(("image/jpeg",), (48, side)) for size, side in zip(SIZES, (48, 72, 200), strict=True)}
"""The widths SharePoint's own thumbnails have."""

ROUNDS = 5
"""How often a picture is written that SharePoint says it took and does not show."""

LOT = 200
"""Profiles asked before their answers are remembered, so that a first look at many may be interrupted."""

_CLOUD = ".sharepoint.com"


class SharePointOptions(MicrosoftOptions):
    """Profile pictures in SharePoint Online."""

    site: str
    """The tenant's main site, such as https://contoso.sharepoint.com."""

    my_site: str = ""
    """The My Site host; derived from a `site` in sharepoint.com, required elsewhere."""

    admin_site: str = ""
    """The admin site; derived like `my_site`."""

    start: str = "https://m365.cloud.microsoft"
    """The page a person is sent to first, to sign in."""

    exchange_sync_state: Literal["leave", "0", "1"] = "leave"
    """After a write: `leave` the profile's SPS-PictureExchangeSyncState, or set it to `0` (SharePoint fetches no more
    from Exchange) or `1` (it does)."""

    profiles_in_five_minutes: NonNegativeInt = 0
    """How many profiles may be read or written in five minutes. 0: as many as Microsoft publishes for a tenant of this
    size, from 3,000 for up to 1,000 licences to 15,000."""

    interval_hours: NonNegativeInt = 24
    """How often SharePoint fetches one person's picture at most."""

    @field_validator("site", "start")
    @classmethod
    def _pages(cls, address: str) -> str:
        return checked_address(address)

    @model_validator(mode="before")
    @classmethod
    def _derived(cls, values: object) -> object:
        if not isinstance(values, Mapping):
            return values
        found = dict(values)
        for name, suffix in (("my_site", "-my"), ("admin_site", "-admin")):
            found[name] = checked_address(found.get(name) or _sibling(str(found.get("site", "")), suffix, name))
        return found

    @model_validator(mode="after")
    def _certified(self) -> Self:
        if self.certificate is None:
            raise ValueError("SharePoint takes no client secret from an application: set `certificate`.")
        return self


def _sibling(site: str, suffix: str, name: str) -> str:
    host = urlsplit(site).hostname or ""
    if not host.endswith(_CLOUD):
        raise ValueError(f"Set `{name}`: it cannot be derived from a site outside sharepoint.com.")
    return f"https://{host.removesuffix(_CLOUD)}{suffix}{_CLOUD}"


class SharePointConnector(Connector):
    """The roster is every member with a SharePoint plan; guests have no profile picture of their own there."""

    options_type = SharePointOptions
    patient = True

    def __init__(self, name: str, options: SharePointOptions, around: Surroundings) -> None:
        super().__init__(name, options, around)
        self.start = options.start
        self.traits = Traits(
            DEMANDS,
            writes=True,
            removes=True,
            pulls=True,
            guarded=True,
            verbatim=True,
            interval=timedelta(hours=options.interval_hours),
        )
        self._my_site = options.my_site
        self._sync_state = options.exchange_sync_state
        self._tokens = app_tokens(options, around, name)
        self._graph = graph_session(options, around, name, self._tokens)
        self._sites = {address: self._site(address) for address in (options.site, options.my_site, options.admin_site)}
        self._directory = Directory(self._graph)
        profiles = options.profiles_in_five_minutes or None
        self._profiles = Profiles(self._sites[options.site], self._sites[options.admin_site], profiles)
        self._library = Library(self._sites[options.my_site])
        self._memory = Memory(around.memo)
        self._upns: dict[str, str] = {}

    def _site(self, address: str) -> Site:
        return Site(Session(address, self.around, system=self.name, tokens=self._tokens, resource=address))

    async def close(self) -> None:
        for session in (self._graph, *(site.session for site in self._sites.values())):
            await session.close()
        await self._tokens.close()

    async def roster(self) -> AsyncIterator[Account]:
        licences = 0
        async for user in self._directory.users():
            self._upns[user.account.ref] = user.upn
            if user.sharepoint:
                licences += 1
                yield user.account
        self._profiles.among(licences)

    async def fetch(self, ref: str) -> Photo | None:
        return (await self._files(ref, ("L",))).get("L")

    async def fetch_all(self, ref: str) -> Mapping[str, Photo]:
        """S, M and L; where a small one is missing, the large one stands in, so that the set can be put back."""
        found = await self._files(ref, SIZES)
        return {size: found.get(size, found["L"]) for size in SIZES} if "L" in found else {}

    async def peek(self, ref: str) -> Sighting:
        known, _ = await self._look(ref)
        await self._memory.save({ref: known})
        return known.sighting

    async def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        if not refs:
            return
        try:
            listing = await self._library.list()
        except ConnectorError as trouble:
            for ref in refs:
                yield ref, unseen(trouble)
            return
        known = await self._memory.all()
        newcomers = Newcomers(listing, known.values())
        unexplained = []
        for ref in refs:
            if (seen := explain(ref, known.get(ref), listing, newcomers)) is None:
                unexplained.append(ref)
            else:
                yield ref, seen
        for start in range(0, len(unexplained), LOT):
            answers = await self._ask_all(unexplained[start : start + LOT], listing)
            await self._memory.save({ref: answer for ref, answer in answers.items() if isinstance(answer, Known)})
            for ref, answer in answers.items():
                yield ref, unseen(answer) if isinstance(answer, ConnectorError) else answer.sighting

    async def put(self, ref: str, photos: Mapping[str, Photo], *, expect: str | None = None) -> Sighting:
        require(photos, self.traits.demands)
        known, _ = await self._look(ref)
        self._require_version(known, expect)
        thumbnails = known.thumbnails or Thumbnails(f"{await self._folder()}/{ref}")
        await self._put_down(await self._upn(ref), thumbnails, photos)
        try:
            version = await self._library.version(thumbnails)
        except ConnectorError:
            return Sighting(True)  # all was written; only the look after it failed
        written = Known(thumbnails.stem, version or "", shown=True, mark=known.mark)
        await self._memory.save({ref: written})
        return replace(written.sighting, present=True)

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        known, profile = await self._look(ref)
        self._require_version(known, expect)
        if not profile.shows_picture:
            return
        files = known.thumbnails
        await self._in_order(
            *(partial(self._library.delete, files.path(size)) for size in SIZES if files),
            *self._property_writes(await self._upn(ref), {"PictureURL": "", "SPS-PicturePlaceholderState": "1"}),
        )
        await self._memory.save({ref: Known(mark=known.mark)})

    async def ask(self, ref: str) -> Asked:
        """SharePoint fetches when the person opens OneDrive or SharePoint in their own browser; nobody else can."""
        return Asked(done=False, link=f"{self._my_site}/")

    async def check(self) -> list[Finding]:
        findings = [await self._entry(site) for site in self._sites.values()]
        if any(finding.level is Level.PROBLEM for finding in findings):
            return findings
        return findings + await super().check() + await self._budget()

    async def _budget(self) -> list[Finding]:
        try:
            return [sharepoint_forecast(len([account async for account in self.roster()]))]
        except ConnectorError:
            return []  # said already: reading is what the check before this one tried

    async def _entry(self, site: Site) -> Finding:
        """Does this host let us in, and give us the digest that every write needs?"""
        try:
            await site.digest()
        except ConnectorError as trouble:
            remedy = trouble.remedy or "Grant the application SharePoint's Sites.FullControl.All."
            return Finding(Level.PROBLEM, "signing in", f"{site.address}: {trouble}", remedy)
        return Finding(Level.GOOD, "signing in", f"{site.address} lets the application in.")

    async def _put_down(self, upn: str, thumbnails: Thumbnails, photos: Mapping[str, Photo]) -> None:
        """Writes files and properties, and again those that are not to be seen then: a yes alone is not believed."""
        numbers: dict[str, int | None] = {}
        properties = self._properties(thumbnails)
        files, wanted = set(SIZES), set(properties)
        for round_ in range(ROUNDS):
            await self._in_order(
                *(partial(self._write, numbers, thumbnails, size, photos[size]) for size in SIZES if size in files),
                *self._property_writes(upn, {name: properties[name] for name in properties if name in wanted}),
                begun=round_ > 0,
            )
            files, wanted = await self._not_shown(upn, thumbnails, numbers)
            if not files | wanted:
                return
        raise Unclear("SharePoint said that it took the picture, but shows what was there before.", system=self.name)

    async def _write(self, numbers: dict[str, int | None], thumbnails: Thumbnails, size: str, photo: Photo) -> None:
        numbers[size] = await self._library.write(thumbnails.path(size), photo.data)

    async def _not_shown(
        self, upn: str, thumbnails: Thumbnails, numbers: Mapping[str, int | None]
    ) -> tuple[set[str], set[str]]:
        """Sizes and properties that are not as we were told. A higher number is fine: SharePoint touches new files."""
        try:
            shown = {size: await self._library.number(thumbnails.path(size)) for size in numbers}
            profile = await self._profiles.read(upn)
            there = profile.thumbnails(self._my_site)
        except ConnectorError:
            return set(), set()  # all was written; only the look after it failed
        files = {size for size, said in numbers.items() if said is not None and (shown[size] or 0) < said}
        address = set() if there == thumbnails else {"PictureURL"}
        return files, address | ({"SPS-PicturePlaceholderState"} if profile.placeholder else set())

    async def _in_order(self, *writes: Callable[[], Awaitable[None]], begun: bool = False) -> None:
        """Does one write after the other. What breaks after the first has left a picture half done: Unclear."""
        done = 0
        try:
            for write in writes:
                await write()
                done += 1
        except (Throttled, Failed) as trouble:
            if done or begun:
                said = f"{done} of {len(writes)} writes were made, then: {trouble}"
                raise Unclear(said, system=self.name) from trouble
            raise

    def _property_writes(self, upn: str, properties: Mapping[str, str]) -> list[Callable[[], Awaitable[None]]]:
        return [partial(self._profiles.write, upn, name, value) for name, value in properties.items()]

    def _properties(self, thumbnails: Thumbnails) -> dict[str, str]:
        properties = {
            "PictureURL": thumbnails.address(self._my_site, "M"),
            "SPS-PictureTimestamp": timestamp(self.around.clock()),
            "SPS-PicturePlaceholderState": "0",
        }
        if self._sync_state != "leave":
            properties["SPS-PictureExchangeSyncState"] = self._sync_state
        return properties

    async def _files(self, ref: str, sizes: Sequence[str]) -> dict[str, Photo]:
        known, _ = await self._look(ref)
        if not known.sighting.present or known.thumbnails is None:
            return {}
        answers = {size: await self._library.read(known.thumbnails.path(size)) for size in sizes}
        return {size: Photo(answer.body) for size, answer in answers.items() if answer is not None}

    async def _folder(self) -> str:
        """Where new pictures go: where most of those we know of are, else where the library says."""
        return await self._memory.folder() or await self._library.folder()

    async def _look(self, ref: str) -> tuple[Known, Profile]:
        """What the profile says now, and the version of the file it names."""
        try:
            profile = await self._profiles.read(await self._upn(ref))
            thumbnails = profile.thumbnails(self._my_site)
            version = await self._library.version(thumbnails) if thumbnails else None
        except ConnectorError as trouble:
            trouble.system = self.name
            raise
        before = (await self._memory.all()).get(ref, Known())
        return known_from(profile, thumbnails, version, before.mark), profile

    async def _ask_all(self, refs: Sequence[str], listing: Listing) -> dict[str, Known | ConnectorError]:
        """What these profiles say; versions come from the library as it was listed just before."""
        unknown = await self._directory.find([ref for ref in refs if ref not in self._upns])
        self._upns |= {ref: user.upn for ref, user in unknown.items() if isinstance(user, User)}
        missing = {ref: user for ref, user in unknown.items() if isinstance(user, ConnectorError)}
        there = [ref for ref in refs if ref not in missing]
        profiles = await self._profiles.read_all([self._upns[ref] for ref in there])
        answers = [self._listed(profile, listing) for profile in profiles]
        return missing | dict(zip(there, answers, strict=True))

    def _listed(self, profile: Profile | ConnectorError, listing: Listing) -> Known | ConnectorError:
        if isinstance(profile, ConnectorError):
            return profile
        try:
            thumbnails = profile.thumbnails(self._my_site)
        except ConnectorError as trouble:
            trouble.system = self.name
            return trouble
        item = listing.find(thumbnails.stem) if thumbnails else None
        return known_from(profile, thumbnails, item.etag if item else None, listing.highest)

    async def _upn(self, ref: str) -> str:
        if ref not in self._upns:
            self._upns[ref] = (await self._directory.get(ref)).upn
        return self._upns[ref]

    def _require_version(self, known: Known, expect: str | None) -> None:
        if expect is not None and known.sighting.version != expect:
            raise Moved("Another picture is there by now.", system=self.name)
