"""The connector: people from Graph, names from profiles, pictures from the library.

A ref is the Entra object id. The version is the list item's etag of the large thumbnail. A full look lists the library
by item id; profiles are asked only where `remembered` says so, so a survey in which nothing happened costs one request
for each 5,000 files. It trusts the listing: a placeholder switched on later without touching a file is seen by `peek`,
and by a survey when the file changes next.

Writing overwrites the thumbnails a profile names, or makes new ones named by the object id, as SharePoint itself does;
then the profile is pointed to them. Files are stored as they come: what is fetched is what was put.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

from samepic.connectors.base import Connector, Surroundings, look, unseen
from samepic.connectors.demands import require
from samepic.connectors.forecast import sharepoint_forecast
from samepic.connectors.http import Session
from samepic.connectors.microsoft import Directory, User, app_tokens, graph_session, to_service
from samepic.connectors.rights import SHAREPOINT_RIGHTS, report, roles_in
from samepic.connectors.sharepoint.library import Library, Listing
from samepic.connectors.sharepoint.look import Look, Looking
from samepic.connectors.sharepoint.options import SharePointOptions
from samepic.connectors.sharepoint.profile import SIZES, Profile, Profiles, Thumbnails
from samepic.connectors.sharepoint.remembered import Known, Memory, Newcomers, explain, known_from
from samepic.connectors.sharepoint.site import Site
from samepic.connectors.sharepoint.writing import Writing, properties_for
from samepic.errors import ConnectorError, Moved
from samepic.model import Account, Asked, Demand, Finding, Level, Photo, Sighting, Traits, Unseen

DEMANDS = {size: Demand(("image/jpeg",), (48, side)) for size, side in zip(SIZES, (48, 72, 200), strict=True)}
"""The widths SharePoint's own thumbnails have."""

LOT = 200
"""Profiles asked before their answers are remembered, so that a first look at many may be interrupted."""

JUST_NOW = timedelta(seconds=5)
"""How old the look may be with which the originals were kept, so that the write after it needs none of its own."""


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
        hosts = to_service(options, around, options.site)
        self._sites = {host: self._site(host, hosts) for host in (options.site, options.my_site, options.admin_site)}
        self._directory = Directory(self._graph, options)
        profiles = options.profiles_in_five_minutes or None
        self._profiles = Profiles(self._sites[options.site], self._sites[options.admin_site], profiles)
        self._library = Library(self._sites[options.my_site])
        self._looking = Looking(self._sites[options.my_site], self._library, self._profiles)
        self._writing = Writing(name, self._library, self._profiles, self._looking)
        self._memory = Memory(around.memo)
        self._listing = Listing()
        self._kept: dict[str, tuple[datetime, Look]] = {}
        self._upns: dict[str, str] = {}
        self._folder: str | None = None

    def _site(self, address: str, around: Surroundings) -> Site:
        return Site(Session(address, around, system=self.name, tokens=self._tokens, resource=address))

    async def close(self) -> None:
        for session in (self._graph, *(site.session for site in self._sites.values())):
            await session.close()
        await self._tokens.close()

    async def roster(self) -> AsyncIterator[Account]:
        licences = 0
        for user in await self._directory.users():
            self._upns[user.account.ref] = user.upn
            if user.sharepoint:
                licences += 1
                yield user.account
        self._profiles.among(licences)

    async def fetch(self, ref: str) -> Photo | None:
        return _photos(await self._look(ref, ("L",), contents=True)).get("L")

    async def fetch_all(self, ref: str) -> Mapping[str, Photo]:
        """S, M and L; where a small one is missing, the large one stands in, so that the set can be put back."""
        look = await self._look(ref, SIZES, contents=True)
        self._kept = {ref: (self.around.clock(), look)} | self._recent()
        found = _photos(look)
        return {size: found.get(size, found["L"]) for size in SIZES} if "L" in found else {}

    async def peek(self, ref: str) -> Sighting:
        look = await self._look(ref)
        if look.item is not None:
            self._listing.note(look.item)
        known = await self._known(ref, look)
        await self._memory.save({ref: known})
        return known.sighting

    async def survey(self, refs: Sequence[str]) -> AsyncIterator[tuple[str, Sighting | Unseen]]:
        if len(refs) <= 1:  # one person costs one request, however many files there are
            for ref in refs:
                yield ref, await look(self, ref)
            return
        try:
            listing = self._listing = await self._library.list()
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
        before = self._just_kept(ref) or await self._look(ref, SIZES)
        known = await self._known(ref, before)
        self._require_version(known, before, expect)
        thumbnails = before.thumbnails or await self._new_name(ref)
        properties = properties_for(thumbnails, self._my_site, self.around.clock(), self._sync_state)
        after = await self._writing.put(await self._upn(ref), before, thumbnails, photos, properties)
        if after is None:
            return Sighting(True)
        written = Known(thumbnails.stem, after.version or "", shown=True, mark=known.mark)
        await self._memory.save({ref: written})
        return Sighting(True, after.version)

    async def remove(self, ref: str, *, expect: str | None = None) -> None:
        before = self._just_kept(ref) or await self._look(ref)
        known = await self._known(ref, before)
        self._require_version(known, before, expect)
        if before.profile.shows_picture:
            await self._writing.remove(await self._upn(ref), before.thumbnails)
            await self._memory.save({ref: Known(mark=known.mark)})

    async def ask(self, ref: str) -> Asked:
        """SharePoint fetches when the person opens OneDrive or SharePoint in their own browser; nobody else can."""
        return Asked(done=False, link=f"{self._my_site}/")

    async def check(self) -> list[Finding]:
        findings = [await self._entry(site) for site in self._sites.values()] + await self._rights()
        if any(finding.level is Level.PROBLEM for finding in findings):
            return findings
        return findings + await super().check() + await self._budget()

    async def _rights(self) -> list[Finding]:
        try:
            return report(roles_in(await self._tokens(self._my_site)), SHAREPOINT_RIGHTS)
        except ConnectorError:
            return []  # said already: no host lets us in

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

    async def _new_name(self, ref: str) -> Thumbnails:
        """As SharePoint names what it makes itself, where most of those we know of are, else where the library says."""
        if self._folder is None:
            self._folder = await self._memory.folder() or await self._library.folder()
        return Thumbnails(f"{self._folder}/{ref}")

    async def _look(self, ref: str, sizes: Sequence[str] = (), *, contents: bool = False) -> Look:
        known = (await self._memory.all()).get(ref, Known())
        try:
            guess = known.thumbnails or (await self._new_name(ref) if sizes else None)
            return await self._looking.at(await self._upn(ref), guess, sizes, contents=contents)
        except ConnectorError as trouble:
            trouble.system = self.name
            raise

    async def _known(self, ref: str, look: Look) -> Known:
        before = (await self._memory.all()).get(ref, Known())
        return known_from(look.profile, look.thumbnails, look.version, before.mark)

    def _recent(self) -> dict[str, tuple[datetime, Look]]:
        oldest = self.around.clock() - JUST_NOW
        return {ref: (at, look) for ref, (at, look) in self._kept.items() if at >= oldest}

    def _just_kept(self, ref: str) -> Look | None:
        """The look with which the originals were kept a moment ago; good for one write."""
        self._kept = self._recent()
        _, look = self._kept.pop(ref, (None, None))
        return look

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

    def _require_version(self, known: Known, look: Look, expect: str | None) -> None:
        """What is expected is there if its etag is, or if its stamp is that of the file that had this etag: an etag
        may be wrong once, and a second witness says so.
        """
        if expect is None or known.sighting.version == expect:
            return
        told = self._listing.find(known.stem)
        if known.sighting.present and told and look.item and (told.etag, told.stamp) == (expect, look.item.stamp):
            return
        raise Moved("Another picture is there by now.", system=self.name)


def _photos(look: Look) -> dict[str, Photo]:
    """Those that are shown."""
    shown = look.profile.shows_picture and look.item is not None
    return {size: Photo(data) for size, data in look.contents.items()} if shown else {}
