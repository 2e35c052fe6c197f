"""What SharePoint does that no contract foresees, against the practice tenant."""

import functools
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from samepic.connectors.base import ForgetfulMemo, Surroundings
from samepic.connectors.conformance import drawn, enrolled, surveyed
from samepic.connectors.forecast import PROFILES_OF_A_WRITE, SHAREPOINT_WRITE
from samepic.connectors.sharepoint import SharePointConnector, SharePointOptions
from samepic.connectors.sharepoint.connector import DEMANDS
from samepic.connectors.sharepoint.profile import Thumbnails
from samepic.errors import Denied, Hidden, Moved, Refused, Throttled, Unclear
from samepic.model import Asked, Level, Sighting, Unseen
from tests.contract.conftest import once

PICTURE, OTHER = ({name: drawn(colour, demand) for name, demand in DEMANDS.items()} for colour in ("crimson", "navy"))


@pytest.fixture
def settings(world, application):
    return {
        **application,
        "site": world.sharepoint,
        "my_site": world.sharepoint_my,
        "admin_site": world.sharepoint_admin,
        "start": world.start,
    }


@pytest.fixture
def memo():
    return ForgetfulMemo()


class Clock:
    def __init__(self):
        self.ahead = timedelta(0)

    def __call__(self):
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(settings, wire, memo, clock):
    """A connector as the next run would open it: the same memo, a fresh memory."""

    def open_(**more):
        options = SharePointOptions(**settings | more)
        around = Surroundings(memo=memo, transport=wire, sleep=wire.sleep, clock=clock)
        return SharePointConnector("sharepoint", options, around)

    return open_


@pytest.fixture
async def someone(world, settings):
    """Somebody without a picture, who has none afterwards either."""
    ref = world.person("none").id
    yield ref
    async with SharePointConnector("sharepoint", SharePointOptions(**settings), Surroundings()) as connector:
        await connector._profiles.write(await connector._upn(ref), {"SPS-PicturePlaceholderState": "0"})
        try:
            await connector.remove(ref)
        except Hidden:
            await connector._profiles.write(await connector._upn(ref), {"PictureURL": ""})


async def everybody(connector):
    refs = [account.ref for account in await enrolled(connector)]
    return dict(await surveyed(connector, refs))


def requests(wire):
    """What was sent since the last call, by a word for each."""
    words = {"items": "list", "GetPropertiesFor(accountName=@v)": "profile", "ListItemAllFields": "version"}
    words["$batch"] = "batch"
    paths = [path.removeprefix("/_api") for _, path in wire.sent if not path.startswith("/v1.0/")]
    counted = Counter(words[path.rpartition("/")[2]] for path in paths if path.rpartition("/")[2] in words)
    wire.sent.clear()
    return counted


async def test_who_never_visited_is_told_from_who_did(world, opened):
    async with opened() as connector:
        seen = await everybody(connector)
    assert seen[world.person("never-visited").id] == Sighting(False, untouched=True)
    assert seen[world.person("in-sync").id].present
    assert seen[world.person("stale").id].present


async def test_the_roster_is_members_with_a_plan(world, opened):
    async with opened() as connector:
        refs = {account.ref for account in await enrolled(connector)}
    assert world.person("in-sync").id in refs
    assert world.person("guest").id not in refs


async def test_a_survey_in_which_nothing_happened_costs_one_request(opened, wire):
    async with opened() as connector:
        first = await everybody(connector)
    assert requests(wire) == {"list": 1, "batch": 1}
    for _ in range(2):
        async with opened() as connector:
            assert await everybody(connector) == first
        assert requests(wire) == {"list": 1}


async def test_a_lost_memo_costs_requests_and_nothing_else(opened, memo, wire):
    async with opened() as connector:
        first = await everybody(connector)
    await memo.save(dict.fromkeys(await memo.load()))
    requests(wire)
    async with opened() as connector:
        assert await everybody(connector) == first
    assert requests(wire) == {"list": 1, "batch": 1}


@pytest.mark.parametrize(
    ("status", "headers", "content"),
    [
        (404, {}, b""),
        (403, {}, b""),
        (200, {"Content-Type": "application/json"}, b'{"no": "batch"}'),
        (200, {"Content-Type": "multipart/mixed; boundary=x"}, b"--x\r\n\r\nnonsense\r\n--x--"),
        (200, {"Content-Type": "multipart/mixed; boundary=x"}, b"--x--"),
    ],
)
async def test_where_batches_are_refused_profiles_are_asked_one_by_one(opened, memo, wire, status, headers, content):
    async with opened() as connector:
        expected = await everybody(connector)
    await memo.save(dict.fromkeys(await memo.load()))
    requests(wire)
    answer = functools.partial(httpx2.Response, status, headers=headers, content=content)
    wire.before = lambda request: answer() if request.url.path == "/_api/$batch" else None
    async with opened() as connector:
        assert await everybody(connector) == expected
    assert requests(wire) == {"list": 1, "profile": len(expected)}


async def test_a_batch_that_is_turned_away_is_not_asked_again_one_by_one(opened, wire):
    turned_away = httpx2.Response(429, headers={"Retry-After": "3600"})
    wire.before = lambda request: turned_away if request.url.path == "/_api/$batch" else None
    async with opened() as connector:
        seen = await everybody(connector)
    assert {type(one) for one in seen.values()} == {Unseen}
    assert requests(wire) == {"list": 1}


async def test_the_budget_of_profiles_is_kept(opened, wire):
    """A third at once; what is more trickles at the rate that fills five minutes."""
    async with opened(profiles_in_five_minutes=6) as connector:
        seen = await everybody(connector)
    assert wire.waits == [pytest.approx((len(seen) - 2) * 300 / 4)]


async def test_a_new_file_named_by_an_object_id_asks_its_owner_only(opened, settings, someone, wire):
    async with opened() as connector:
        await everybody(connector)
    async with SharePointConnector("elsewhere", SharePointOptions(**settings), Surroundings()) as elsewhere:
        shown = await elsewhere.put(someone, PICTURE)
    requests(wire)
    async with opened() as connector:
        assert (await everybody(connector))[someone] == shown
    assert requests(wire) == {"list": 1, "profile": 1}
    async with opened() as connector:
        assert (await everybody(connector))[someone] == shown
    assert requests(wire) == {"list": 1}


async def put_by_a_script(connector, ref, stem="ada_contoso_example"):
    """As PnP's uploader does: names made from the UPN."""
    files = Thumbnails(f"/User Photos/Profile Pictures/{stem}")
    for size in ("S", "M", "L"):
        await connector._library.write(files.path(size), PICTURE[size].data)
    address = files.address(connector._my_site, "M")
    upn = await connector._upn(ref)
    await connector._profiles.write(upn, {"PictureURL": address})
    await connector._profiles.write(upn, {"SPS-PicturePlaceholderState": "0"})
    return files


async def test_a_new_file_of_any_other_name_asks_everybody_without_a_picture_once(opened, someone, wire):
    async with opened() as connector:
        before = await everybody(connector)
        files = await put_by_a_script(connector, someone)
        requests(wire)
        after = await everybody(connector)
        assert after[someone].present
        assert {ref for ref in after if after[ref] != before[ref]} == {someone}
        assert requests(wire) == {"list": 1, "batch": 1}
        await everybody(connector)
        assert requests(wire) == {"list": 1}
        assert (await connector.fetch(someone)).data == PICTURE["L"].data
        assert files.stem.endswith("ada_contoso_example")


async def test_learned_names_are_overwritten_and_no_others_are_made(opened, someone):
    async with opened() as connector:
        files = await put_by_a_script(connector, someone, "somebody_else")
        before = set((await connector._library.list()).large)
        await connector.put(someone, OTHER)
        assert set((await connector._library.list()).large) == before
        answer = await connector._library.read(files.path("L"))
        assert answer.body == OTHER["L"].data


async def test_a_placeholder_hides_a_picture_until_its_file_changes(opened, someone, wire):
    async with opened() as connector:
        await connector.put(someone, PICTURE)
        await connector._profiles.write(await connector._upn(someone), {"SPS-PicturePlaceholderState": "1"})
        assert not (await connector.peek(someone)).present
        assert await connector.fetch(someone) is None
        assert not (await everybody(connector))[someone].present
        requests(wire)
        assert not (await everybody(connector))[someone].present
        assert requests(wire) == {"list": 1}
        shown = await connector.put(someone, OTHER)
        assert (await everybody(connector))[someone] == shown


async def test_a_picture_kept_elsewhere_is_hidden_and_left_alone(opened, someone):
    async with opened() as connector:
        upn = await connector._upn(someone)
        await connector._profiles.write(upn, {"PictureURL": "https://elsewhere.example/x_MThumb.jpg"})
        for attempt in (connector.peek(someone), connector.fetch(someone), connector.put(someone, PICTURE)):
            with pytest.raises(Hidden):
                await attempt


async def test_what_was_removed_is_gone_but_not_untouched(opened, someone):
    async with opened() as connector:
        await connector.put(someone, PICTURE)
        await connector.remove(someone)
        assert await connector.peek(someone) == Sighting(False, untouched=False)
        assert someone not in " ".join((await connector._library.list()).large)


@pytest.mark.parametrize(("option", "expected"), [("leave", ""), ("0", "0"), ("1", "1")])
async def test_the_sync_state_is_policy(opened, someone, option, expected):
    async with opened(exchange_sync_state=option) as connector:
        upn = await connector._upn(someone)
        await connector._profiles.write(upn, {"SPS-PictureExchangeSyncState": ""})
        await connector.put(someone, PICTURE)
        site = connector._profiles._site
        path = f"/SP.UserProfiles.PeopleManager/GetPropertiesFor(accountName=@v)?@v='i%3A0%23.f%7Cmembership%7C{upn}'"
        said = (await site.get(path)).json()["UserProfileProperties"]
    values = {entry["Key"]: entry["Value"] for entry in said}
    assert values["SPS-PicturePlaceholderState"] == "0"
    assert values["SPS-PictureExchangeSyncState"] == expected
    assert int(values["SPS-PictureTimestamp"]) > 63_000_000_000


async def test_a_digest_is_kept_and_renewed_before_it_runs_out(opened, someone, wire, clock):
    async with opened() as connector:
        for ahead, digests in ((0, 2), (0, 0), (31, 2)):
            clock.ahead += timedelta(minutes=ahead)
            wire.sent.clear()
            await connector.put(someone, PICTURE)
            assert sum(path.endswith("contextinfo") for _, path in wire.sent) == digests


async def test_a_digest_that_is_turned_away_is_replaced_once(opened, someone, wire):
    def refuse(request):
        if "/Files/add" not in request.url.path:
            return None
        return httpx2.Response(403, json={"odata.error": {"code": "-2130575251", "message": {"value": "validation"}}})

    async with opened() as connector:
        wire.before = once(refuse)
        assert (await connector.put(someone, PICTURE)).present
        wire.before = refuse
        with pytest.raises(Denied):
            await connector.put(someone, OTHER)


async def test_one_person_is_looked_at_without_the_library_s_list(opened, someone, wire):
    listed = []

    def note(request):
        if "GetList" in request.url.path:
            listed.append(request.url)

    async with opened() as connector:
        wire.before = note
        await connector.put(someone, PICTURE)
        assert [(ref, seen) async for ref, seen in connector.survey([someone])] == [
            (someone, await connector.peek(someone))
        ]
        assert listed == []


async def test_three_files_are_sent_side_by_side(opened, someone, wire):
    """The first answer comes only when the last file has left."""
    under_way, most = set(), []

    def leaves(request):
        if "/Files/add" in request.url.path:
            under_way.add(request.url.path)
            most.append(len(under_way))

    def arrives(request, response):
        under_way.discard(request.url.path)
        return response

    async with opened() as connector:
        wire.before, wire.after = leaves, arrives
        await connector.put(someone, PICTURE)
    assert max(most) == len(PICTURE)


async def test_a_lost_answer_to_a_write_that_happened_is_looked_into(opened, someone, wire):
    def lose(request, response):
        if "/Files/add" in request.url.path:
            raise httpx2.ReadError("reset")
        return response

    async with opened() as connector:
        wire.after = lose
        shown = await connector.put(someone, PICTURE)
        assert await connector.peek(someone) == shown
        assert {size: photo.data for size, photo in (await connector.fetch_all(someone)).items()} == {
            size: photo.data for size, photo in PICTURE.items()
        }


async def test_a_lost_answer_that_nobody_can_look_into_is_unclear(opened, someone, wire):
    def lose(request, response):
        if "/Files/add" in request.url.path:
            wire.before = lambda _: httpx2.Response(500)
            raise httpx2.ReadError("reset")
        return response

    async with opened() as connector:
        wire.after = lose
        with pytest.raises(Unclear):
            await connector.put(someone, PICTURE)
        wire.before, wire.after = lambda request: None, lambda request, response: response
        shown = await connector.put(someone, PICTURE)
        assert await connector.peek(someone) == shown


@pytest.mark.parametrize(
    ("busy_at", "expected"), [("_SThumb", Throttled), ("_MThumb", Unclear), ("SetSingle", Unclear)]
)
async def test_what_is_half_written_is_unclear(opened, someone, wire, busy_at, expected):
    def busy(request):
        writes = "/Files/add" in request.url.path or b"changeset" in request.content
        said = f"{request.url}{request.content!r}" if writes else ""
        return httpx2.Response(429, headers={"Retry-After": "3600"}) if busy_at in said else None

    async with opened() as connector:
        wire.before = busy
        with pytest.raises(expected) as caught:
            await connector.put(someone, PICTURE)
        assert type(caught.value) is expected
    wire.before = lambda request: None
    async with opened() as connector:  # the one that was turned away leaves SharePoint alone for that hour
        assert (await connector.put(someone, PICTURE)).present


async def test_a_write_whose_look_after_fails_is_still_a_write(opened, someone, wire):
    def break_afterwards(request, response):
        if b"changeset" in request.content:
            wire.before = lambda _: httpx2.Response(500)
        return response

    async with opened() as connector:
        wire.after = break_afterwards
        assert await connector.put(someone, PICTURE) == Sighting(True)


async def test_an_address_that_is_wrong_makes_nobody_gone(world, opened, wire):
    wire.before = lambda request: httpx2.Response(404) if "/_api/" in request.url.path else None
    async with opened() as connector:
        seen = await everybody(connector)
        assert {answer.why for answer in seen.values()} == {"denied"}
        with pytest.raises(Refused):
            await connector.peek(world.person("in-sync").id)
        found = [(finding.subject, finding.level) for finding in await connector.check()]
        assert found == [("signing in", Level.PROBLEM)] * 3 + [("rights", Level.GOOD)]


async def test_prompting_is_the_persons_own_visit(world, opened):
    async with opened() as connector:
        assert await connector.ask(world.person("stale").id) == Asked(False, f"{world.sharepoint_my}/")
        assert connector.traits.interval == timedelta(hours=24)


async def test_a_healthy_system_is_reported_so(opened):
    async with opened() as connector:
        findings = await connector.check()
    assert {finding.level for finding in findings} == {Level.GOOD}
    assert [finding.subject for finding in findings].count("signing in") == 3


async def test_the_large_file_is_written_last_and_the_profile_after_it(opened, someone, wire):
    async with opened() as connector:
        await connector.put(someone, PICTURE)
        wire.sent.clear()
        await connector.put(someone, OTHER)
    paths = [path for _, path in wire.sent if "contextinfo" not in path]
    sizes = [path.rpartition("_")[2][0] for path in paths if "Files/add" in path]
    assert sizes == ["S", "M", "L"]
    assert [path.rpartition("/")[2].partition("(")[0] for path in paths] == ["$batch", *["add"] * 3, *["$batch"] * 2]


async def test_a_picture_replaced_takes_as_many_requests_as_are_foretold(opened, someone, wire):
    async with opened() as connector:
        shown = await connector.put(someone, PICTURE)
        wire.sent.clear()
        wire.bodies.clear()
        kept = await connector.fetch_all(someone)
        await connector.put(someone, OTHER, expect=shown.version)
    asked = "".join(body.decode(errors="replace") for body in wire.bodies)
    assert {size: photo.data for size, photo in kept.items()} == {size: PICTURE[size].data for size in PICTURE}
    assert len(wire.sent) == SHAREPOINT_WRITE
    assert asked.count("GetPropertiesFor(") + asked.count("/SetSingleValueProfileProperty") == PROFILES_OF_A_WRITE


async def test_a_picture_is_written_where_no_host_takes_batches(opened, someone, wire):
    wire.before = lambda request: httpx2.Response(404) if request.url.path == "/_api/$batch" else None
    async with opened() as connector:
        await connector.put(someone, PICTURE)
        wire.sent.clear()
        kept = await connector.fetch_all(someone)
        shown = await connector.put(someone, OTHER)
        assert len(wire.sent) == 22
        assert {size: photo.data for size, photo in kept.items()} == {size: PICTURE[size].data for size in PICTURE}
        assert await connector.peek(someone) == shown


def retold(response, change):
    content = change(response.content)
    return httpx2.Response(
        response.status_code, headers={"Content-Type": response.headers["Content-Type"]}, content=content
    )


async def test_bytes_that_a_batch_has_spoiled_are_fetched_alone(opened, someone, wire):
    """As an answer that was read as text and written as UTF-8 would be."""

    def spoil(request, response):
        if request.url.path != "/_api/$batch" or b"JFIF" not in response.content:
            return response
        return retold(response, lambda content: content.replace(b"\xff\xd8", "\ufffd\ufffd".encode()))

    async with opened() as connector:
        await connector.put(someone, PICTURE)
        wire.after = spoil
        assert (await connector.fetch(someone)).data == PICTURE["L"].data


async def test_an_etag_that_is_wrong_once_does_not_keep_a_picture_from_being_written(opened, someone, wire):
    def lie(request, response):
        if request.url.path != "/_api/$batch":
            return response
        return retold(response, lambda content: re.sub(rb'(odata.etag":"[^,]+,)\d+', rb"\g<1>77", content))

    async with opened() as connector:
        await connector.put(someone, PICTURE)
        told = (await everybody(connector))[someone]
        wire.after = lie
        assert (await connector.put(someone, OTHER, expect=told.version)).present
        wire.after = lambda request, response: response
        assert (await connector.fetch(someone)).data == OTHER["L"].data


async def test_what_somebody_else_wrote_since_the_originals_were_kept_is_not_overwritten(opened, settings, someone):
    async with (
        opened() as connector,
        SharePointConnector("elsewhere", SharePointOptions(**settings), Surroundings()) as elsewhere,
    ):
        shown = await connector.put(someone, PICTURE)
        await connector.fetch_all(someone)
        await elsewhere.put(someone, OTHER)
        with pytest.raises(Moved):
            await connector.put(someone, PICTURE, expect=shown.version)
        assert (await connector.fetch(someone)).data == OTHER["L"].data


async def test_every_missing_right_is_named(world, opened, control):
    before = control.get("/application/roles").json()
    try:
        control.put("/application/roles", json={"sharepoint": ["Sites.Read.All"]}).raise_for_status()
        async with opened() as connector:
            remedies = " ".join(finding.remedy for finding in await connector.check() if finding.subject == "rights")
    finally:
        control.put("/application/roles", json=before).raise_for_status()
    assert "User.Read.All" in remedies
    assert "User.ReadWrite.All" in remedies
    assert "Sites.FullControl.All" in remedies


async def test_a_file_that_is_nobodys_is_a_reason_to_ask_only_once(opened, wire):
    async with opened() as connector:
        before = await everybody(connector)
        orphan = Thumbnails("/User Photos/Profile Pictures/left_over")
        await connector._library.write(orphan.path("L"), PICTURE["L"].data)
        try:
            requests(wire)
            assert await everybody(connector) == before
            assert requests(wire) == {"list": 1, "batch": 1}
            assert await everybody(connector) == before
            assert requests(wire) == {"list": 1}
        finally:
            await connector._library.delete(orphan.path("L"))
