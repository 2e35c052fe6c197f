"""The documented steps, walked through: private window, start page, sign-in, tile, picture. And what they do not do."""

import io

import httpx2
import pytest
from PIL import Image

from samepic.demo.visitor import Visitor
from tests.wire.clients import bearer, certificate_token, person_tokens

DAY = 86_400


@pytest.fixture
def control(fresh_tenant):
    with httpx2.Client(base_url=fresh_tenant.control) as client:
        yield client


def seen(control, person):
    return control.get(f"/people/{person.id}").json()


def thumbnails(control, person):
    return seen(control, person)["pictures"]["sharepoint"]


def draw(control, person, portrait, store="mailbox"):
    assert control.put(f"/people/{person.id}/{store}/picture", json={"portrait": portrait}).status_code == 200


async def signed_in(visitor, tenant, person, at=None):
    page = await visitor.open(at or tenant.start)
    return await visitor.submit(page, username=person.upn, password=person.password)


async def visit(tenant, person):
    async with Visitor() as visitor:
        await signed_in(visitor, tenant, person, tenant.sharepoint_my)


def photo_url(host, account, size="L"):
    return f"{host}/_layouts/15/userphoto.aspx?{httpx2.QueryParams({'size': size, 'accountname': account})}"


@pytest.mark.parametrize("tile", ["OneDrive", "SharePoint"])
async def test_pressing_a_tile_brings_the_mailbox_picture_to_sharepoint(fresh_tenant, control, tile):
    bruno = fresh_tenant.person("never-visited")
    async with Visitor() as visitor:
        page = await signed_in(visitor, fresh_tenant, bruno)
        assert bruno.name in page.text
        assert thumbnails(control, bruno) == {}
        page = await visitor.press(page, tile)
    assert (page.status, page.title) == (200, f"{tile} - practice tenant")
    (shown,) = page.images.values()
    assert Image.open(io.BytesIO(shown.data)).size == (200, 200)
    assert thumbnails(control, bruno).keys() == {"S", "M", "L"}
    profile = seen(control, bruno)["profile"]
    assert profile["PictureURL"].endswith(f"/{bruno.id}_MThumb.jpg")
    assert (profile["SPS-PicturePlaceholderState"], profile["SPS-PictureExchangeSyncState"]) == ("0", "1")


async def test_a_stale_picture_is_replaced_and_its_version_rises(fresh_tenant, control):
    chiara = fresh_tenant.person("stale")
    before, stamp = thumbnails(control, chiara), seen(control, chiara)["profile"]["SPS-PictureTimestamp"]
    await visit(fresh_tenant, chiara)
    after = thumbnails(control, chiara)
    assert all(after[letter] != before[letter] for letter in "SML")
    assert int(seen(control, chiara)["profile"]["SPS-PictureTimestamp"]) > int(stamp)


async def test_a_visit_that_has_nothing_to_fetch_changes_nothing(fresh_tenant, control):
    ada = fresh_tenant.person("in-sync")
    before = seen(control, ada)
    await visit(fresh_tenant, ada)
    assert seen(control, ada) == before


@pytest.mark.parametrize("case", ["entra-only", "no-mailbox", "none", "guest"])
async def test_only_a_mailbox_picture_is_fetched(fresh_tenant, control, case):
    person = fresh_tenant.person(case)
    before = seen(control, person)
    await visit(fresh_tenant, person)
    assert seen(control, person) == before


async def test_a_removed_mailbox_picture_stays_in_sharepoint(fresh_tenant, control):
    ada = fresh_tenant.person("in-sync")
    before = thumbnails(control, ada)
    assert control.delete(f"/people/{ada.id}/mailbox/picture").json()["pictures"]["mailbox"] is None
    await visit(fresh_tenant, ada)
    assert thumbnails(control, ada) == before


async def test_without_a_picture_a_silhouette_is_shown(fresh_tenant):
    async with Visitor() as visitor:
        page = await signed_in(visitor, fresh_tenant, fresh_tenant.person("none"), fresh_tenant.sharepoint)
    (shown,) = page.images.values()
    assert Image.open(io.BytesIO(shown.data)).size == (200, 200)


@pytest.mark.parametrize("size", ["S", "M"])
async def test_smaller_sizes_fetch_nothing(fresh_tenant, control, size):
    chiara, ada = fresh_tenant.person("stale"), fresh_tenant.person("in-sync")
    before = thumbnails(control, chiara)
    async with Visitor() as visitor:
        await signed_in(visitor, fresh_tenant, ada, photo_url(fresh_tenant.sharepoint_my, ada.upn, "S"))
    async with Visitor() as visitor:
        await signed_in(visitor, fresh_tenant, chiara, photo_url(fresh_tenant.sharepoint_my, chiara.upn, size))
    assert thumbnails(control, chiara) == before


async def test_another_persons_visit_fetches_nothing(fresh_tenant, control):
    chiara, ada = fresh_tenant.person("stale"), fresh_tenant.person("in-sync")
    before = thumbnails(control, chiara)
    async with Visitor() as visitor:
        page = await signed_in(visitor, fresh_tenant, ada, photo_url(fresh_tenant.sharepoint_my, chiara.upn))
        assert page.headers["content-type"] == "image/jpeg"
    assert thumbnails(control, chiara) == before


def test_an_application_on_its_own_fetches_nothing(fresh_tenant, control):
    chiara, my = fresh_tenant.person("stale"), fresh_tenant.sharepoint_my
    before = thumbnails(control, chiara)
    answer = httpx2.get(photo_url(my, chiara.upn), headers=bearer(certificate_token(fresh_tenant, my)))
    assert answer.headers["content-type"] == "image/jpeg"
    assert thumbnails(control, chiara) == before


def test_a_persons_own_token_fetches_theirs_only(fresh_tenant, control):
    chiara, bruno, my = fresh_tenant.person("stale"), fresh_tenant.person("never-visited"), fresh_tenant.sharepoint_my
    before = thumbnails(control, chiara)
    token = bearer(person_tokens(fresh_tenant, chiara, f"{my}/AllSites.Read")["access_token"])
    httpx2.get(photo_url(my, bruno.upn), headers=token)
    assert thumbnails(control, bruno) == {}
    httpx2.get(photo_url(my, f"i:0#.f|membership|{chiara.upn}"), headers=token)
    assert thumbnails(control, chiara) != before
    assert httpx2.get(photo_url(fresh_tenant.sharepoint, chiara.upn), headers=token).status_code == 401


async def test_exchange_sync_state_0_keeps_the_mailbox_out(fresh_tenant, control):
    chiara, admin = fresh_tenant.person("stale"), fresh_tenant.sharepoint_admin
    before = thumbnails(control, chiara)

    def set_state(value):
        httpx2.post(
            f"{admin}/_api/SP.UserProfiles.PeopleManager/SetSingleValueProfileProperty",
            json={"accountName": chiara.upn, "propertyName": "SPS-PictureExchangeSyncState", "propertyValue": value},
            headers=bearer(certificate_token(fresh_tenant, admin), Accept="application/json"),
        ).raise_for_status()

    set_state("0")
    await visit(fresh_tenant, chiara)
    assert thumbnails(control, chiara) == before
    set_state("1")
    await visit(fresh_tenant, chiara)
    assert thumbnails(control, chiara) != before


async def test_the_interval_has_to_pass_on_the_worlds_clock(fresh_tenant, control):
    ada = fresh_tenant.person("in-sync")
    assert control.put("/pull", json={"interval": DAY}).json() == {"interval": DAY, "delay": 0}
    draw(control, ada, "first")
    await visit(fresh_tenant, ada)
    first = thumbnails(control, ada)
    draw(control, ada, "second")
    control.post("/clock/advance", json={"seconds": DAY - 60})
    await visit(fresh_tenant, ada)
    assert thumbnails(control, ada) == first
    control.post("/clock/advance", json={"seconds": 120})
    await visit(fresh_tenant, ada)
    assert thumbnails(control, ada) != first


async def test_entras_picture_never_reaches_sharepoint(fresh_tenant, control):
    ada = fresh_tenant.person("in-sync")
    before = thumbnails(control, ada)
    draw(control, ada, "another", "entra")
    await visit(fresh_tenant, ada)
    assert thumbnails(control, ada) == before


async def test_a_file_put_over_a_thumbnail_lasts_until_the_next_visit(fresh_tenant, control):
    ada, my = fresh_tenant.person("in-sync"), fresh_tenant.sharepoint_my
    before = thumbnails(control, ada)
    written = io.BytesIO()
    Image.new("RGB", (200, 200), "red").save(written, "JPEG")
    folder = "GetFolderByServerRelativeUrl('/User Photos/Profile Pictures')"
    httpx2.post(
        f"{my}/_api/web/{folder}/Files/add(url='{ada.id}_LThumb.jpg',overwrite=true)",
        content=written.getvalue(),
        headers=bearer(certificate_token(fresh_tenant, my), Accept="application/json"),
    ).raise_for_status()
    assert thumbnails(control, ada)["L"] != before["L"]
    await visit(fresh_tenant, ada)
    assert thumbnails(control, ada) == before


async def test_a_second_site_needs_no_second_password(fresh_tenant):
    ada = fresh_tenant.person("in-sync")
    async with Visitor() as visitor:
        await signed_in(visitor, fresh_tenant, ada)
        page = await visitor.open(fresh_tenant.sharepoint)
        assert ada.upn in page.text
        page = await visitor.open(fresh_tenant.sharepoint_admin)
        assert "SharePoint admin center" in page.title


async def test_a_link_to_the_own_picture_survives_the_sign_in(fresh_tenant, control):
    bruno = fresh_tenant.person("never-visited")
    async with Visitor() as visitor:
        page = await signed_in(visitor, fresh_tenant, bruno, photo_url(fresh_tenant.sharepoint_my, bruno.upn))
    assert (page.status, page.headers["content-type"]) == (200, "image/jpeg")
    assert thumbnails(control, bruno).keys() == {"S", "M", "L"}


async def test_a_link_to_a_file_survives_the_sign_in(fresh_tenant):
    ada = fresh_tenant.person("in-sync")
    path = f"/User%20Photos/Profile%20Pictures/{ada.id}_MThumb.jpg"
    async with Visitor() as visitor:
        page = await signed_in(visitor, fresh_tenant, ada, f"{fresh_tenant.sharepoint_my}{path}?t=1")
        assert (page.address.endswith(f"{path}?t=1"), page.headers["content-type"]) == (True, "image/jpeg")
        assert (await visitor.open(f"{fresh_tenant.sharepoint_my}{path}x")).status == 404
        assert (await visitor.open(f"{fresh_tenant.sharepoint}{path}")).status == 404


async def test_somebody_who_was_blocked_is_out_at_once(fresh_tenant, control):
    ada = fresh_tenant.person("in-sync")
    async with Visitor() as visitor:
        page = await signed_in(visitor, fresh_tenant, ada)
        assert control.put(f"/people/{ada.id}/sign-in", json={"blocked": True}).json()["blocked"] is True
        page = await visitor.open(fresh_tenant.start)
        assert "Sign in" in page.title
        page = await visitor.submit(page, username=ada.upn, password=ada.password)
        assert "blocked" in page.text


async def test_signing_out_forgets_the_session(fresh_tenant):
    async with Visitor() as visitor:
        page = await signed_in(visitor, fresh_tenant, fresh_tenant.person("in-sync"))
        page = await visitor.press(page, "Sign out")
        assert "You signed out" in page.text
        assert "Sign in" in (await visitor.open(fresh_tenant.start)).title


async def test_the_visitor_says_what_there_is_instead(fresh_tenant):
    async with Visitor() as visitor:
        page = await visitor.open(fresh_tenant.start)
        with pytest.raises(LookupError, match="Sign in"):
            await visitor.press(page, "OneDrive")
        with pytest.raises(LookupError, match="password"):
            await visitor.submit(page, colour="red")
