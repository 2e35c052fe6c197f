"""The ready suite every connector has to pass, ours and third parties'. Needs pytest, pytest-asyncio and Pillow.

    class TestAcme(ConnectorContract):
        claims = frozenset({"writes", "removes", "versioned"})

        @pytest_asyncio.fixture
        async def connector(self, acme_world):
            async with AcmeConnector("acme", AcmeOptions(...), Surroundings()) as connector:
                yield connector

        @pytest.fixture
        def someone(self, acme_world):
            return acme_world.person_without_picture()

Each claim in `traits` is put to the test and, where it can be, each denial too: a connector that says it does not write
but does, fails. The class repeats the claims in `claims`, so that tests of what is not claimed are left out instead of
skipped. Where a system takes its time to show what was written, override `settled` with how to wait for it.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar
from uuid import UUID, uuid5

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from samepic.connectors.base import Connector
from samepic.errors import Gone, Moved, Refused
from samepic.model import Account, Demand, Finding, Photo, Sighting, Unseen, Why, key

MORE_THAN_A_BATCH = 45

_STRANGERS = UUID("0b5e3f0e-6d8c-4c55-9d0b-3f1f0e6c1a55")
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF", "image/bmp": "BMP"}
_LARGEST_WORTH_TRYING = 50_000_000

Renditions = Mapping[str, Photo]


def drawn(ground: str, demand: Demand) -> Photo:
    """A picture that answers the demand at its largest side: head and shoulders on a ground of that colour."""
    media_type = next(wanted for wanted in demand.media_types if wanted in _FORMATS)
    side = demand.side[1]
    image = Image.new("RGB", (side, side), ground)
    pen = ImageDraw.Draw(image)
    pen.ellipse((side * 0.3, side * 0.15, side * 0.7, side * 0.6), fill="bisque")
    pen.ellipse((side * 0.1, side * 0.65, side * 0.9, side * 1.5), fill="white")
    encoded = io.BytesIO()
    image.save(encoded, _FORMATS[media_type])
    return Photo(encoded.getvalue(), media_type, image.size)


def distance(one: Photo, other: Photo) -> float:
    """Mean difference of two pictures, in steps of 0 to 255, whatever their sizes and encodings."""
    small = [Image.open(io.BytesIO(photo.data)).convert("RGB").resize((16, 16)) for photo in (one, other)]
    return sum(ImageStat.Stat(ImageChops.difference(*small)).mean) / 3


async def enrolled(connector: Connector) -> list[Account]:
    return [account async for account in connector.roster()]


async def surveyed(connector: Connector, refs: Sequence[str]) -> list[tuple[str, Sighting | Unseen]]:
    return [answer async for answer in connector.survey(refs)]


_Test = TypeVar("_Test", bound=Callable[..., Coroutine[Any, Any, None]])

CLAIMS = frozenset({"writes", "removes", "guarded", "versioned", "verbatim"})
"""The traits whose tests make sense only where they are claimed, or only where they are not."""


def _claimed(*traits: str) -> Callable[[_Test], _Test]:
    """A test for connectors that claim all of these; `!trait` for those that do not claim it."""

    def mark(test: _Test) -> _Test:
        test.claims = traits  # type: ignore[attr-defined]
        return test

    return mark


def _fits(claims: frozenset[str], wanted: Sequence[str]) -> bool:
    return all((one.removeprefix("!") in claims) is not one.startswith("!") for one in wanted)


class ConnectorContract:
    """Subclass, say what it `claims`, give `connector` and `someone`, done.

    Nothing is left behind but `someone`'s last picture.
    """

    pytestmark = pytest.mark.asyncio

    claims: ClassVar[frozenset[str]] = frozenset()
    """Those of `CLAIMS` that the connector's traits claim; and "secrets", where it has any."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, test in vars(ConnectorContract).items():
            if name.startswith("test_") and not _fits(cls.claims, getattr(test, "claims", ())):
                setattr(cls, name, None)

    @pytest.fixture
    def connector(self) -> Connector:
        """A fresh connector, entered."""
        raise NotImplementedError

    @pytest.fixture
    def someone(self) -> str:
        """The ref of an account that has no picture."""
        raise NotImplementedError

    @pytest.fixture
    def picture(self, connector: Connector) -> Renditions:
        return {name: drawn("crimson", demand) for name, demand in connector.traits.demands.items()}

    @pytest.fixture
    def other_picture(self, connector: Connector) -> Renditions:
        return {name: drawn("navy", demand) for name, demand in connector.traits.demands.items()}

    @pytest.fixture
    def secrets(self) -> Sequence[str]:
        """What must never be seen in a log or a repr: a client secret, a private key, a token."""
        return ()

    def group(self) -> tuple[str, Collection[str]]:
        """A group by its name, and the refs of all its members: where the traits claim `groups`."""
        raise NotImplementedError

    def stranger(self, number: int) -> str:
        """A ref of the system's own shape that belongs to nobody."""
        return str(uuid5(_STRANGERS, str(number)))

    async def settled(self) -> None:
        """Comes back when the system shows what was written last."""

    # What everybody does

    async def test_claims_are_the_traits(self, connector: Connector, secrets: Sequence[str]) -> None:
        traits = {trait for trait in CLAIMS if getattr(connector.traits, trait)}
        assert traits == self.claims & CLAIMS
        assert bool(secrets) is ("secrets" in self.claims)

    async def test_roster_names_everybody_once(self, connector: Connector, someone: str) -> None:
        refs = [account.ref for account in await enrolled(connector)]
        assert refs.count(someone) == 1
        assert len(refs) == len(set(refs))

    async def test_keys_have_their_one_spelling(self, connector: Connector) -> None:
        for account in await enrolled(connector):
            for found in account.keys:
                kind, _, value = found.partition(":")
                assert found == key(kind, value)

    async def test_no_picture_is_none_not_an_error(self, connector: Connector, someone: str) -> None:
        assert await connector.fetch(someone) is None
        assert await connector.fetch_all(someone) == {}
        assert (await connector.peek(someone)).present is False

    async def test_an_unknown_account_is_gone(self, connector: Connector) -> None:
        with pytest.raises(Gone):
            await connector.fetch(self.stranger(0))
        with pytest.raises(Gone):
            await connector.peek(self.stranger(0))

    async def test_a_survey_answers_every_ref_exactly_once(self, connector: Connector, someone: str) -> None:
        strangers = [self.stranger(number) for number in range(MORE_THAN_A_BATCH)]
        refs = [*strangers[:20], someone, *strangers[20:]]
        answers = await surveyed(connector, refs)
        assert sorted(ref for ref, _ in answers) == sorted(refs)
        seen = dict(answers)
        assert isinstance(seen.pop(someone), Sighting)
        assert {answer.why for answer in seen.values() if isinstance(answer, Unseen)} == {Why.GONE}
        assert not any(isinstance(answer, Sighting) for answer in seen.values())

    async def test_a_survey_of_nobody_is_empty(self, connector: Connector) -> None:
        assert await surveyed(connector, []) == []

    async def test_a_survey_and_a_look_agree(self, connector: Connector) -> None:
        refs = [account.ref for account in await enrolled(connector)][:MORE_THAN_A_BATCH]
        for ref, answer in await surveyed(connector, refs):
            if isinstance(answer, Sighting):
                assert await connector.peek(ref) == answer

    async def test_a_check_reports_findings(self, connector: Connector) -> None:
        findings = await connector.check()
        assert findings
        assert all(isinstance(finding, Finding) for finding in findings)

    async def test_looking_changes_nothing(self, connector: Connector) -> None:
        refs = [account.ref for account in await enrolled(connector)][:MORE_THAN_A_BATCH]
        before = dict(await surveyed(connector, refs))
        for ref in refs[:3]:
            if isinstance(before[ref], Sighting):
                await connector.fetch(ref)
        assert dict(await surveyed(connector, refs)) == before

    # Writing

    @_claimed("writes")
    async def test_what_is_put_is_seen(
        self, connector: Connector, someone: str, picture: Renditions, other_picture: Renditions
    ) -> None:
        for given, foil in ((picture, other_picture), (other_picture, picture)):
            shown = await connector.put(someone, given)
            await self.settled()
            assert shown.present
            assert await connector.peek(someone) == shown
            assert (await surveyed(connector, [someone])) == [(someone, shown)]
            fetched = await connector.fetch(someone)
            assert fetched is not None
            assert fetched.media_type.startswith("image/")
            assert distance(fetched, _best(given)) < distance(fetched, _best(foil))

    @_claimed("writes")
    async def test_put_touches_nobody_else(self, connector: Connector, someone: str, picture: Renditions) -> None:
        others = [account.ref for account in await enrolled(connector) if account.ref != someone][:MORE_THAN_A_BATCH]
        before = dict(await surveyed(connector, others))
        await connector.put(someone, picture)
        await self.settled()
        assert dict(await surveyed(connector, others)) == before

    @_claimed("writes")
    async def test_put_can_be_repeated(self, connector: Connector, someone: str, picture: Renditions) -> None:
        await connector.put(someone, picture)
        shown = await connector.put(someone, picture)
        await self.settled()
        assert await connector.peek(someone) == shown

    @_claimed("writes", "versioned")
    async def test_the_version_changes_with_the_picture_and_only_then(
        self, connector: Connector, someone: str, picture: Renditions, other_picture: Renditions
    ) -> None:
        first = await connector.put(someone, picture)
        await self.settled()
        assert first.version is not None
        await connector.fetch(someone)
        assert [(await connector.peek(someone)).version for _ in range(3)] == [first.version] * 3
        second = await connector.put(someone, other_picture)
        await self.settled()
        assert second.version is not None
        assert (await connector.peek(someone)).version == second.version != first.version

    @_claimed("writes")
    async def test_renditions_that_do_not_answer_the_demands_are_refused(
        self, connector: Connector, someone: str, picture: Renditions
    ) -> None:
        with pytest.raises(Refused):
            await connector.put(someone, {})
        with pytest.raises(Refused):
            await connector.put(someone, {**picture, "nobody asked for this": _best(picture)})
        assert not (await connector.peek(someone)).present

    @_claimed("writes")
    async def test_a_rendition_that_is_too_large_is_refused(
        self, connector: Connector, someone: str, picture: Renditions
    ) -> None:
        name, demand = max(connector.traits.demands.items(), key=lambda item: item[1].side)
        assert demand.max_bytes <= _LARGEST_WORTH_TRYING, "no service takes that; give the demand its true limit"
        swollen = replace(picture[name], data=picture[name].data.ljust(demand.max_bytes + 1, b"\0"))
        with pytest.raises(Refused):
            await connector.put(someone, {**picture, name: swollen})
        assert not (await connector.peek(someone)).present

    @_claimed("writes")
    async def test_nobody_is_given_a_picture_without_an_account(
        self, connector: Connector, picture: Renditions
    ) -> None:
        with pytest.raises((Gone, Refused)):
            await connector.put(self.stranger(0), picture)
        with pytest.raises(Gone):
            await connector.peek(self.stranger(0))

    @_claimed("writes", "guarded")
    async def test_a_stale_expectation_is_moved_and_writes_nothing(
        self, connector: Connector, someone: str, picture: Renditions, other_picture: Renditions
    ) -> None:
        with pytest.raises(Moved):
            await connector.put(someone, picture, expect="a version that never was")
        assert not (await connector.peek(someone)).present
        stale = await connector.put(someone, picture)
        await self.settled()
        current = await connector.put(someone, other_picture, expect=stale.version)
        await self.settled()
        with pytest.raises(Moved):
            await connector.put(someone, picture, expect=stale.version)
        if connector.traits.removes:
            with pytest.raises(Moved):
                await connector.remove(someone, expect=stale.version)
        assert await connector.peek(someone) == current

    @_claimed("writes", "!guarded")
    async def test_an_unguarded_system_heeds_no_expectation(
        self, connector: Connector, someone: str, picture: Renditions
    ) -> None:
        assert (await connector.put(someone, picture, expect="a version that never was")).present

    @_claimed("writes", "verbatim")
    async def test_verbatim_means_verbatim(self, connector: Connector, someone: str, picture: Renditions) -> None:
        await connector.put(someone, picture)
        await self.settled()
        fetched = await connector.fetch(someone)
        assert fetched is not None
        assert fetched.data == _best(picture).data
        assert {name: photo.data for name, photo in (await connector.fetch_all(someone)).items()} == {
            name: photo.data for name, photo in picture.items()
        }

    @_claimed("writes")
    async def test_originals_can_be_put_back(
        self, connector: Connector, someone: str, picture: Renditions, other_picture: Renditions
    ) -> None:
        await connector.put(someone, picture)
        await self.settled()
        originals = await connector.fetch_all(someone)
        assert originals.keys() == connector.traits.demands.keys()
        await connector.put(someone, other_picture)
        await self.settled()
        await connector.put(someone, originals)
        await self.settled()
        restored = await connector.fetch(someone)
        assert restored is not None
        assert distance(restored, _best(picture)) < distance(restored, _best(other_picture))
        if connector.traits.verbatim:
            assert await connector.fetch_all(someone) == originals

    @_claimed("removes")
    async def test_removing_twice_is_fine(self, connector: Connector, someone: str, picture: Renditions) -> None:
        if connector.traits.writes:
            await connector.put(someone, picture)
            await self.settled()
        await connector.remove(someone)
        await self.settled()
        assert not (await connector.peek(someone)).present
        await connector.remove(someone)
        assert await connector.fetch(someone) is None
        assert [isinstance(seen, Sighting) and seen.present for _, seen in await surveyed(connector, [someone])] == [
            False
        ]

    # What is not claimed does not work

    async def test_a_connector_that_does_not_write_says_so(
        self, connector: Connector, someone: str, picture: Renditions
    ) -> None:
        if not connector.traits.writes:
            with pytest.raises(NotImplementedError):
                await connector.put(someone, picture)
        if not connector.traits.removes:
            with pytest.raises(NotImplementedError):
                await connector.remove(someone)

    async def test_asking_works_where_claimed_and_only_there(self, connector: Connector, someone: str) -> None:
        if not connector.traits.pulls:
            with pytest.raises(NotImplementedError):
                await connector.ask(someone)
            return
        asked = await connector.ask(someone)
        assert asked.done or asked.link

    async def test_a_feed_starts_now_where_claimed_and_only_there(self, connector: Connector) -> None:
        if not connector.traits.feeds:
            with pytest.raises(NotImplementedError):
                await anext(connector.changes(None))
            return
        events = [event async for event in connector.changes(None)]
        assert [event.ref for event in events] == [None]
        assert [event async for event in connector.changes(events[0].token)] == []

    async def test_groups_tell_their_members_where_claimed_and_only_there(self, connector: Connector) -> None:
        if not connector.traits.groups:
            with pytest.raises(NotImplementedError):
                await connector.members("Pilots")
            return
        group, refs = self.group()
        for spelled in (group, group.upper()):
            assert await connector.members(spelled) == frozenset(refs)
        with pytest.raises(Gone):
            await connector.members("no such group")

    # Secrets

    @_claimed("secrets")
    async def test_secrets_stay_out_of_repr_and_logs(
        self,
        connector: Connector,
        someone: str,
        picture: Renditions,
        secrets: Sequence[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            await enrolled(connector)
            await surveyed(connector, [someone])
            if connector.traits.writes:
                await connector.put(someone, picture)
            findings = await connector.check()
        spoken = "\n".join((caplog.text, repr(connector), repr(vars(connector)), repr(findings)))
        assert [secret for secret in secrets if secret in spoken] == []


def _best(renditions: Renditions) -> Photo:
    return max(renditions.values(), key=lambda photo: photo.size or (0, 0))
