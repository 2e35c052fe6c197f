"""Tiles: pressing one is the visit; and the faces that show whether it worked."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from samepic.store.ledger import Task
from tests.web.conftest import House, open_house

MORE = """
[[portal.tiles]]
name = "Outlook"
address = "https://mail.contoso.example/owa"

[[portal.tiles]]
name = "Lunch menu"
address = "https://intranet.contoso.example/lunch"
"""
"""Goes below `[portal]`'s own table wherever it stands."""


async def test_pressing_a_tile_is_a_visit_and_leads_where_the_system_sees_it(house: House) -> None:
    browser = await house.browser("never-visited")
    person = await house.person("never-visited")
    answer = await browser.post("/tiles/onedrive", follow=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{house.tenant.sharepoint_my}/"
    (visit,) = await house.site.org.ledger.pending_visits()
    assert (visit.person, visit.via) == (person, "tile onedrive")
    assert [one.task for one in await house.site.org.ledger.due_of(person)] == [Task.VISIT]


async def test_the_page_lets_its_forms_end_where_the_tiles_lead(house: House) -> None:
    browser = await house.browser("never-visited")
    page = await browser.open("/")
    (actions,) = [one for one in page.headers["content-security-policy"].split("; ") if one.startswith("form-action")]
    for address in (house.tenant.sharepoint_my, house.tenant.sharepoint):
        assert address in actions
    assert house.tenant.sharepoint_my in (await browser.open("/travels")).headers["content-security-policy"]


async def test_an_unknown_tile_does_nothing(house: House) -> None:
    browser = await house.browser("never-visited")
    assert (await browser.post("/tiles/nowhere")).status_code == 404
    assert not await house.site.org.ledger.pending_visits()


async def test_settings_replace_tiles_and_add_others(tmp_path: Path, fresh_tenant: SimpleNamespace) -> None:
    async with open_house(tmp_path, fresh_tenant, more=MORE) as house:
        browser = await house.browser("in-sync")
        page = await browser.open("/")
        names = [name for name in ("OneDrive", "SharePoint", "Outlook", "Lunch menu") if f"</span>{name}" in page.text]
        assert names == ["OneDrive", "SharePoint", "Outlook", "Lunch menu"]
        lunch = await browser.post("/tiles/lunch-menu", follow=False)
        assert lunch.headers["location"] == "https://intranet.contoso.example/lunch"
        outlook = await browser.post("/tiles/outlook", follow=False)
        assert outlook.headers["location"] == "https://mail.contoso.example/owa"


async def test_whoever_has_no_sharepoint_gets_no_tile_for_it(house: House) -> None:
    page = await (await house.browser("guest")).open("/")
    assert "/tiles/onedrive" not in page.text
    assert (await (await house.browser("guest")).post("/tiles/onedrive")).status_code == 404


async def test_update_is_a_visit_that_leads_nowhere(house: House) -> None:
    page = await (await house.browser("in-sync")).post("/update")
    assert "Your picture is being brought up to date" in page.text
    (visit,) = await house.site.org.ledger.pending_visits()
    assert visit.via == "portal"


async def test_a_face_is_drawn_anew_and_known_again(house: House) -> None:
    await house.look("in-sync")
    browser = await house.browser("in-sync")
    first = await browser.open("/faces/exchange?side=96")
    assert first.headers["content-type"] == "image/jpeg"
    assert first.headers["cache-control"].startswith("private")
    again = await browser.open("/faces/exchange?side=96", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_face_that_is_not_there_is_a_silhouette(house: House) -> None:
    await house.look("none")
    browser = await house.browser("none")
    for system in ("exchange", "sharepoint", "nowhere"):
        answer = await browser.open(f"/faces/{system}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "image/svg+xml")


async def test_what_is_no_picture_is_not_shown_as_one(house: House) -> None:
    org = house.site.org
    kept = await org.blobs.put(b"<script>alert(1)</script>")
    assert await house.site.faces.kept(org, kept, 96, "somebody") is None
