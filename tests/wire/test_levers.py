"""What control can change, seen from the faces."""

import io

import httpx2
import pytest
from PIL import Image

from samepic.demo.visitor import Visitor
from tests.wire.clients import bearer, certificate_token, person_tokens, secret_token
from tests.wire.test_library import FOLDER, ITEMS, all_items, my_site
from tests.wire.test_visit import DAY, draw, seen, signed_in, thumbnails, visit

DUTCH = "Profielafbeeldingen"


@pytest.fixture
def control(fresh_tenant):
    with httpx2.Client(base_url=fresh_tenant.control) as client:
        yield client


def address_of(control, person):
    return seen(control, person)["profile"]["PictureURL"]


async def test_the_folder_is_called_by_the_language_of_the_first_picture(fresh_tenant, control):
    ada, bruno = fresh_tenant.person("in-sync"), fresh_tenant.person("never-visited")
    control.put("/library", json={"folder": DUTCH})
    await visit(fresh_tenant, bruno)
    assert address_of(control, bruno).endswith(f"/User%20Photos/{DUTCH}/{bruno.id}_MThumb.jpg")
    assert "/Profile%20Pictures/" in address_of(control, ada)
    with my_site(fresh_tenant) as client:
        folders = client.get("/_api/web/GetFolderByServerRelativeUrl('/User Photos')/Folders").json()["value"]
        assert [folder["Name"] for folder in folders] == ["Profile Pictures", DUTCH, "Forms"]
        files = client.get(f"/_api/web/GetFolderByServerRelativePath(DecodedUrl='/User Photos/{DUTCH}')/Files").json()
        assert {file["Name"] for file in files["value"]} == {f"{bruno.id}_{letter}Thumb.jpg" for letter in "SML"}
        paths = [item["FileRef"] for item in all_items(client, f"{ITEMS}?$select=Id,FileRef")]
        assert f"/User Photos/{DUTCH}" in paths
        assert client.get(f"/User Photos/{DUTCH}/{bruno.id}_MThumb.jpg").status_code == 200


def test_a_world_may_begin_in_another_language(make_tenant, tmp_path):
    tenant = make_tenant(tmp_path, folder=DUTCH)
    with my_site(tenant) as client:
        assert client.get(f"/_api/web/GetFolderByServerRelativeUrl('{FOLDER}')").status_code == 404
        assert client.get(f"/_api/web/GetFolderByServerRelativeUrl('/User Photos/{DUTCH}')").json()["Name"] == DUTCH
        assert len(client.get(f"/_api/web/GetFolderByServerRelativeUrl('User Photos/{DUTCH}')/Files").json()["value"])


def test_a_folder_is_made(fresh_tenant):
    with my_site(fresh_tenant) as client:
        made = client.post("/_api/web/folders", json={"ServerRelativeUrl": "/User Photos/Elsewhere"})
        assert made.json()["ServerRelativeUrl"] == "/User Photos/Elsewhere"
        add = "/_api/web/GetFolderByServerRelativeUrl('/User Photos/Elsewhere')/Files/add(url='a.jpg')"
        assert client.post(add, content=b"x").json()["ServerRelativeUrl"] == "/User Photos/Elsewhere/a.jpg"
        assert client.post("/_api/web/folders", json={"ServerRelativeUrl": "/Other/Elsewhere"}).status_code == 404


@pytest.mark.parametrize("hours", [24, 72])
async def test_thumbnails_may_appear_long_after_the_pull(fresh_tenant, control, hours):
    bruno = fresh_tenant.person("never-visited")
    control.put("/pull", json={"delay": hours * 3600})
    await visit(fresh_tenant, bruno)
    assert thumbnails(control, bruno) == {}
    control.post("/clock/advance", json={"seconds": hours * 3600 - 60})
    with my_site(fresh_tenant) as client:
        path = f"/_api/web/GetFileByServerRelativeUrl('{FOLDER}/{bruno.id}_LThumb.jpg')"
        assert client.get(path).status_code == 404
        control.post("/clock/advance", json={"seconds": 120})
        assert client.get(path).status_code == 200
    assert thumbnails(control, bruno).keys() == {"S", "M", "L"}


async def test_what_appears_late_is_what_the_mailbox_held_at_the_visit(fresh_tenant, control):
    bruno = fresh_tenant.person("never-visited")
    control.put("/pull", json={"delay": DAY, "interval": DAY})
    await visit(fresh_tenant, bruno)
    draw(control, bruno, "newer")
    await visit(fresh_tenant, bruno)
    control.post("/clock/advance", json={"seconds": DAY})
    first = thumbnails(control, bruno)
    assert first
    await visit(fresh_tenant, bruno)
    control.post("/clock/advance", json={"seconds": DAY})
    assert thumbnails(control, bruno).keys() == first.keys()
    assert thumbnails(control, bruno) != first


async def shown_picture(tenant, person):
    async with Visitor() as visitor:
        page = await signed_in(visitor, tenant, person, tenant.sharepoint_my)
    (shown,) = page.images.values()
    return shown.data


async def test_people_without_a_mailbox_are_shown_the_shared_picture_since_2024(fresh_tenant, control):
    elias = fresh_tenant.person("no-mailbox")
    assert control.get("/display").json() == {"era": "after"}
    shared = await shown_picture(fresh_tenant, elias)
    assert Image.open(io.BytesIO(shared)).size == (200, 200)
    draw(control, elias, "at the sea", "entra")
    assert await shown_picture(fresh_tenant, elias) != shared
    control.put("/display", json={"era": "before"})
    placeholder = await shown_picture(fresh_tenant, elias)
    assert placeholder == await shown_picture(fresh_tenant, fresh_tenant.person("none"))


def upload(tenant, person, data):
    token = person_tokens(tenant, person, f"{tenant.sharepoint}/AllSites.Read")["access_token"]
    headers = bearer(token, Accept="application/json") | {"Content-Type": "application/json;charset=utf-8"}
    address = f"{tenant.sharepoint}/_api/sp.userprofiles.peoplemanager/setmyprofilepicture"
    return httpx2.post(address, content=data, headers=headers).status_code


def picture(kind="JPEG", colour="blue"):
    written = io.BytesIO()
    Image.new("RGB", (300, 300), colour).save(written, kind)
    return written.getvalue()


async def test_ones_own_picture_may_be_uploaded_without_a_mailbox_before_2024_only(fresh_tenant, control):
    elias = fresh_tenant.person("no-mailbox")
    assert upload(fresh_tenant, elias, picture()) == 403
    control.put("/display", json={"era": "before"})
    assert upload(fresh_tenant, elias, picture()) == 200
    blue = await shown_picture(fresh_tenant, elias)
    assert Image.open(io.BytesIO(blue)).getpixel((100, 100))[2] > 200
    control.put("/display", json={"era": "after"})
    assert await shown_picture(fresh_tenant, elias) != blue
    assert thumbnails(control, elias).keys() == {"S", "M", "L"}


async def test_an_upload_of_ones_own_stays_until_the_fetching_is_turned_on(fresh_tenant, control):
    ada = fresh_tenant.person("in-sync")
    assert upload(fresh_tenant, ada, picture("PNG")) == 200
    mine = thumbnails(control, ada)
    await visit(fresh_tenant, ada)
    assert thumbnails(control, ada) == mine
    assert seen(control, ada)["profile"]["SPS-PictureExchangeSyncState"] == "0"


@pytest.mark.parametrize("data", [b"no picture", picture("GIF"), picture() + bytes(5_000_000)])
def test_what_is_no_picture_is_not_uploaded(tenant, data):
    assert upload(tenant, tenant.person("in-sync"), data) == 400


def test_somebody_joins_and_leaves(fresh_tenant, control):
    head = bearer(secret_token(fresh_tenant, fresh_tenant.graph))
    new = control.post("/people").json()
    users = f"{fresh_tenant.graph}/v1.0/users"
    assert new["id"] in {user["id"] for user in httpx2.get(users, headers=head).json()["value"]}
    assert httpx2.get(f"{users}/{new['upn']}/photo/$value", headers=head).status_code == 404
    assert control.get("/people").json()["count"] == 13
    assert control.delete(f"/people/{new['id']}").status_code == 204
    assert httpx2.get(f"{users}/{new['id']}", headers=head).status_code == 404
    assert control.get("/people").json()["count"] == 12
    assert control.post("/people").json()["id"] != new["id"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/pull", {}),
        ("PUT", "/library", {"folder": "a/b"}),
        ("PUT", "/library", {"folder": " "}),
        ("PUT", "/display", {"era": "now"}),
        ("PUT", "/tokens", {"life": 0}),
        ("PUT", "/application/consent", {}),
        ("PUT", "/application/consent", {"consent": "no"}),
    ],
)
def test_nonsense_is_answered_with_a_sentence(tenant, method, path, body):
    answer = httpx2.request(method, tenant.control + path, json=body)
    assert (answer.status_code, answer.json()["error"][-1]) == (400, ".")


def test_a_site_knows_whom_it_was_told_of(fresh_tenant):
    ada = fresh_tenant.person("in-sync")
    headers = bearer(certificate_token(fresh_tenant, fresh_tenant.sharepoint), Accept="application/json;odata=verbose")
    with httpx2.Client(base_url=f"{fresh_tenant.sharepoint}/_api/web", headers=headers) as client:
        assert client.get("").json()["d"]["Url"] == fresh_tenant.sharepoint
        assert client.get("/siteUsers").json()["d"] == {"results": []}
        ensured = client.post("/ensureuser", json={"logonName": f"i:0#.f|membership|{ada.upn}"}).json()["d"]
        assert (ensured["Title"], ensured["UserPrincipalName"]) == (ada.name, ada.upn)
        assert client.post(f"/EnsureUser('{ada.upn}')").json()["d"]["Id"] == ensured["Id"]
        assert [user["Id"] for user in client.get("/siteusers").json()["d"]["results"]] == [ensured["Id"]]
        assert client.post("/ensureuser", json={"logonName": "nobody"}).status_code == 500
        assert client.get("/currentuser").status_code == 403
