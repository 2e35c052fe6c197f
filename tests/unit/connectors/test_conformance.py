"""The suite is worth its name only if a connector that lies fails it: each lie below is caught by the test named."""

import textwrap

pytest_plugins = ["pytester"]

LIES = {
    "writes nothing and says it did": ("""
        async def put(self, ref, photos, *, expect=None):
            require(photos, self.traits.demands)
            return Sighting(True, "1")
        """, "test_what_is_put_is_seen"),
    "gives somebody else's picture": ("""
        async def put(self, ref, photos, *, expect=None):
            shown = await super().put(ref, photos, expect=expect)
            self.first = getattr(self, "first", photos)
            self._pictures[ref] = self.first
            return await self.peek(ref)
        """, "test_what_is_put_is_seen"),
    "gives everybody the picture": ("""
        async def put(self, ref, photos, *, expect=None):
            for other in list(self._accounts):
                await super().put(other, photos)
            return await super().put(ref, photos, expect=expect)
        """, "test_put_touches_nobody_else"),
    "is not guarded": ("""
        async def put(self, ref, photos, *, expect=None):
            return await super().put(ref, photos)
        """, "test_a_stale_expectation_is_moved_and_writes_nothing"),
    "writes, then says it has moved": ("""
        async def put(self, ref, photos, *, expect=None):
            before = await self.peek(ref)
            await super().put(ref, photos)
            if expect is not None and before.version != expect:
                raise Moved
            return await self.peek(ref)
        """, "test_a_stale_expectation_is_moved_and_writes_nothing"),
    "heeds expectations only where it writes": ("""
        async def remove(self, ref, *, expect=None):
            await super().remove(ref)
        """, "test_a_stale_expectation_is_moved_and_writes_nothing"),
    "is guarded in secret": ("""
        def __init__(self, *args):
            super().__init__(*args)
            self.traits = replace(self.traits, guarded=False)
        """, "test_an_unguarded_system_heeds_no_expectation"),
    "has one version for everything": ("""
        async def peek(self, ref):
            return replace(await super().peek(ref), version="1")
        """, "test_the_version_changes_with_the_picture_and_only_then"),
    "has a new version at every look": ("""
        async def peek(self, ref):
            self.looks = getattr(self, "looks", 0) + 1
            return replace(await super().peek(ref), version=str(self.looks))
        """, "test_the_version_changes_with_the_picture_and_only_then"),
    "re-encodes and calls it verbatim": ("""
        async def fetch(self, ref):
            photo = await super().fetch(ref)
            return photo and Photo(photo.data + b"comment", photo.media_type, photo.size)
        """, "test_verbatim_means_verbatim"),
    "keeps only one rendition": ("""
        async def fetch_all(self, ref):
            found = await super().fetch_all(ref)
            return dict.fromkeys(found, next(iter(found.values()), None))
        """, "test_verbatim_means_verbatim"),
    "writes although it says it does not": ("""
        def __init__(self, *args):
            super().__init__(*args)
            self.traits = replace(self.traits, writes=False)
        """, "test_a_connector_that_does_not_write_says_so"),
    "removes although it says it does not": ("""
        def __init__(self, *args):
            super().__init__(*args)
            self.traits = replace(self.traits, removes=False)
        """, "test_a_connector_that_does_not_write_says_so"),
    "claims to be prompted": ("""
        def __init__(self, *args):
            super().__init__(*args)
            self.traits = replace(self.traits, pulls=True)
        """, "test_asking_works_where_claimed_and_only_there"),
    "claims a feed": ("""
        def __init__(self, *args):
            super().__init__(*args)
            self.traits = replace(self.traits, feeds=True)
        """, "test_a_feed_starts_now_where_claimed_and_only_there"),
    "says nobody is in a group that is not there": ("""
        async def members(self, group):
            return self._groups.get(group.casefold(), frozenset())
        """, "test_groups_tell_their_members_where_claimed_and_only_there"),
    "knows groups by one spelling": ("""
        async def members(self, group):
            if group != "Pilots":
                raise Gone
            return await super().members(group)
        """, "test_groups_tell_their_members_where_claimed_and_only_there"),
    "tells of members although it says it does not": ("""
        def __init__(self, *args):
            super().__init__(*args)
            self.traits = replace(self.traits, groups=False)
        """, "test_groups_tell_their_members_where_claimed_and_only_there"),
    "takes strangers": ("""
        def _require_account(self, ref):
            pass
        """, "test_an_unknown_account_is_gone"),
    "calls no picture an error": ("""
        async def fetch(self, ref):
            photo = await super().fetch(ref)
            if photo is None:
                raise Gone
            return photo
        """, "test_no_picture_is_none_not_an_error"),
    "names somebody twice": ("""
        async def roster(self):
            for _ in range(2):
                async for account in super().roster():
                    yield account
        """, "test_roster_names_everybody_once"),
    "loses the last of a batch": ("""
        async def survey(self, refs):
            async for answer in super().survey(refs[:20]):
                yield answer
        """, "test_a_survey_answers_every_ref_exactly_once"),
    "surveys somewhere else": ("""
        async def survey(self, refs):
            async for ref, seen in super().survey(refs):
                yield ref, replace(seen, version="elsewhere") if isinstance(seen, Sighting) else seen
        """, "test_a_survey_and_a_look_agree"),
    "refuses to remove twice": ("""
        async def remove(self, ref, *, expect=None):
            if not (await self.peek(ref)).present:
                raise Refused
            await super().remove(ref)
        """, "test_removing_twice_is_fine"),
    "takes anything": ("""
        async def put(self, ref, photos, *, expect=None):
            await self._require_version(ref, expect)
            self._pictures[ref] = dict(photos)
            return Sighting(True)
        """, "test_renditions_that_do_not_answer_the_demands_are_refused"),
    "spells keys its own way": ("""
        async def roster(self):
            async for account in super().roster():
                yield replace(account, keys=frozenset({"mail:Ada@Contoso.example"}))
        """, "test_keys_have_their_one_spelling"),
    "logs its secret": ("""
        async def roster(self):
            logging.getLogger("liar").debug("signing in with s3cret")
            async for account in super().roster():
                yield account
        """, "test_secrets_stay_out_of_repr_and_logs"),
    "keeps its secret where a repr shows it": ("""
        def __init__(self, *args):
            super().__init__(*args)
            self.password = "s3cret"
        """, "test_secrets_stay_out_of_repr_and_logs"),
}  # fmt: skip

HEAD = """
import logging
from dataclasses import replace
import pytest
from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract
from samepic.connectors.demands import require
from samepic.connectors.memory import MemoryConnector, MemoryOptions
from samepic.errors import Gone, Moved, Refused
from samepic.model import Account, Photo, Sighting
"""

LIAR = """
class Connector{number}(MemoryConnector):
    pass
{lie}

class Test{number}(ConnectorContract):
    claims = frozenset({claims})

    @pytest.fixture
    async def connector(self):
        async with Connector{number}("liar", MemoryOptions(sides=(48, 200)), Surroundings()) as connector:
            connector.add(Account("ada", frozenset()))
            connector.add(Account("grace", frozenset()))
            connector.gather("Pilots", ["grace"])
            yield connector

    @pytest.fixture
    def someone(self):
        return "ada"

    @pytest.fixture
    def secrets(self):
        return ["s3cret"]

    def group(self):
        return "Pilots", ["grace"]
"""


def claims(lie):
    """What the liar's class says of it; a lie about a claim is told there too."""
    said = {"guarded", "removes", "secrets", "verbatim", "versioned", "writes"}
    return sorted(said - {trait for trait in said if f"{trait}=False" in lie})


def outcome(pytester, lies, only=()):
    """Runs the suite once with a class for each lie; the ids of the tests that passed, were skipped, failed."""
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    classes = [
        LIAR.format(number=number, lie=textwrap.indent(textwrap.dedent(lie), "    "), claims=claims(lie))
        for number, lie in enumerate(lies)
    ]
    path = pytester.makepyfile("".join((HEAD, *classes)))
    chosen = [f"{path}::{test}" for test in only] or [str(path)]
    reports = pytester.inline_run("-p", "no:cacheprovider", *chosen).listoutcomes()
    return [{report.nodeid.partition("::")[2] for report in kind} for kind in reports]


def test_a_lying_connector_fails(pytester):
    caught = [f"Test{number}::{test}" for number, (_, test) in enumerate(LIES.values())]
    passed, skipped, failed = outcome(pytester, [lie for lie, _ in LIES.values()], caught)
    undetected = [name for name, test in zip(LIES, caught, strict=True) if test not in failed]
    assert undetected == []
    assert passed | skipped == set()


def test_an_honest_connector_passes(pytester):
    passed, _, failed = outcome(pytester, [""])
    assert failed == set()
    assert {f"Test0::{test}" for _, test in LIES.values()} - passed == {
        "Test0::test_an_unguarded_system_heeds_no_expectation"
    }
