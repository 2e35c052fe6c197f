"""Adding a picture, cutting it, using it; the ones there are, and taking a change back."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import httpx2
from PIL import Image

from samepic.engine.setting import refuse
from samepic.model import PersonId, Photo
from samepic.web.limits import UPLOADS
from tests.web.conftest import Browser, House, open_house

RED, BLUE = (200, 30, 30), (30, 30, 200)


def landscape(size: tuple[int, int] = (600, 400)) -> bytes:
    """A picture in two colours: its left half is red, its right half is blue. It knows where it was taken."""
    whole = Image.new("RGB", size, RED)
    whole.paste(BLUE, (size[0] // 2, 0, *size))
    where = Image.Exif()
    where[0x010E] = "taken at home"
    data = io.BytesIO()
    whole.save(data, "JPEG", quality=95, exif=where)
    return data.getvalue()


async def upload(browser: Browser, data: bytes, *, follow: bool = True) -> httpx2.Response:
    return await browser.post("/photo", files={"picture": ("me.jpg", data, "image/jpeg")}, follow=follow)


def colour(data: bytes) -> str:
    """Of the middle of a picture."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    red, _, blue = picture.getpixel((picture.width // 2, picture.height // 2))
    return "red" if red > blue else "blue"


async def picture_in(house: House, system: str, person: PersonId) -> Photo | None:
    (ref,) = [one.account.ref for one in await house.site.org.people.of(person) if one.system == system]
    return await house.site.org.systems[system].fetch(ref)


async def test_an_upload_opens_to_be_cut_and_changes_nothing_yet(house: House) -> None:
    browser = await house.browser("in-sync")
    person = await house.person("in-sync")
    before = await picture_in(house, "exchange", person)
    page = await upload(browser, landscape())
    assert page.status_code == 200
    assert "Use this picture" in page.text
    for place in ("Outlook", "Teams", "SharePoint", "OneDrive"):
        assert place in page.text
    assert await picture_in(house, "exchange", person) == before


async def test_what_is_shown_of_an_upload_is_drawn_anew_without_where_it_was_taken(house: House) -> None:
    browser = await house.browser("in-sync")
    assert b"taken at home" in landscape()
    await upload(browser, landscape())
    whole = await browser.open("/photo/1/whole")
    assert Image.open(io.BytesIO(whole.content)).size == (600, 400)
    assert b"taken at home" not in whole.content
    kept = await house.site.org.ledger.gallery_picture(1)
    assert kept is not None
    assert b"taken at home" not in await house.site.org.blobs.get(kept.original)


async def test_the_preview_is_the_square_of_the_sliders(house: House) -> None:
    browser = await house.browser("in-sync")
    await upload(browser, landscape())
    left = await browser.open("/photo/1/preview?turn=0&left=0&top=0&side=0.5&pixels=192")
    right = await browser.open("/photo/1/preview?turn=0&left=1&top=0&side=0.5&pixels=192")
    turned = await browser.open("/photo/1/preview?turn=180&left=0&top=0&side=0.5&pixels=192")
    assert (colour(left.content), colour(right.content), colour(turned.content)) == ("red", "blue", "blue")


async def test_buttons_without_a_script_show_and_turn(house: House) -> None:
    browser = await house.browser("in-sync")
    await upload(browser, landscape())
    sliders = {"turn": "0", "left": "1", "top": "0.5", "side": "0.25"}
    shown = await browser.post("/photo/1", do="show", **sliders)
    assert shown.request.url.params["left"] == "1.0"
    turned = await browser.post("/photo/1", do="right", **sliders)
    assert turned.request.url.params["turn"] == "90"


async def test_a_picture_that_is_used_gets_where_pictures_count(house: House) -> None:
    browser = await house.browser("in-sync")
    person = await house.person("in-sync")
    await upload(browser, landscape())
    page = await browser.post("/photo/1", do="use", turn="0", left="1", top="0.5", side="0.5")
    assert page.request.url.path == "/"
    assert "Your new picture is set." in page.text
    there = await picture_in(house, "exchange", person)
    assert there is not None
    assert colour(there.data) == "blue"
    mine = await browser.open("/photo")
    assert "In use" in mine.text
    assert "Outlook got this picture" in mine.text


async def test_what_was_changed_elsewhere_is_not_called_in_use(house: House) -> None:
    browser = await house.browser("in-sync")
    await upload(browser, landscape())
    await browser.post("/photo/1/use")
    assert "In use" in (await browser.open("/photo")).text
    (ref,) = [
        one.account.ref
        for one in await house.site.org.people.of(await house.person("in-sync"))
        if one.system == "exchange"
    ]
    await house.site.org.systems["exchange"].remove(ref)
    await house.look("in-sync")
    assert "In use" not in (await browser.open("/photo")).text


async def test_the_last_change_is_taken_back(house: House) -> None:
    browser = await house.browser("in-sync")
    await upload(browser, landscape())
    await browser.post("/photo/1", do="use", turn="0", left="1", top="0.5", side="0.5")
    assert colour((await browser.open("/faces/exchange")).content) == "blue"
    page = await browser.post("/photo/undo")
    assert "Taken back" in page.text
    await house.look("in-sync")
    assert colour((await browser.open("/faces/exchange")).content) == "red"
    assert "(taken back since)" in (await browser.open("/photo")).text


async def test_a_picture_is_chosen_from_the_gallery_and_deleted_there(house: House) -> None:
    browser = await house.browser("in-sync")
    await upload(browser, landscape())
    assert colour((await browser.open("/photo/1/face?side=240")).content) in {"red", "blue"}
    assert "Your new picture is set." in (await browser.post("/photo/1/use")).text
    await browser.post("/photo/1/forget")
    for path in ("/photo/1", "/photo/1/whole", "/photo/1/face"):
        assert (await browser.open(path)).status_code == 404


async def test_a_removed_picture_is_gone_where_it_counts(house: House) -> None:
    browser = await house.browser("in-sync")
    person = await house.person("in-sync")
    page = await browser.open("/photo")
    assert "SharePoint will go on showing what is there now." in page.text
    done = await browser.post("/photo/remove")
    assert "Your picture is taken away." in done.text
    assert await picture_in(house, "exchange", person) is None


async def test_others_pictures_do_not_exist(house: House) -> None:
    await upload(await house.browser("in-sync"), landscape())
    stranger = await house.browser("stale")
    for path in ("/photo/1", "/photo/1/whole", "/photo/1/preview", "/photo/1/face"):
        mine, nobodys = await stranger.open(path), await stranger.open(path.replace("1", "999"))
        assert mine.status_code == nobodys.status_code == 404
        assert mine.text.replace(path, "") == nobodys.text.replace(path.replace("1", "999"), "")
    for deed in ("use", "forget"):
        assert (await stranger.post(f"/photo/1/{deed}")).status_code == 404
    kept = await house.site.org.ledger.gallery_picture(1)
    assert kept is not None
    assert kept.removed_at is None


async def test_what_is_no_picture_is_refused_in_the_readers_language(house: House) -> None:
    browser = await house.browser("in-sync", **{"accept-language": "ru"})
    page = await upload(browser, b"<html>no picture</html>")
    assert page.status_code == 400
    assert "Это не изображение." in page.text
    assert not await house.site.org.ledger.gallery_of(await house.person("in-sync"))


async def test_a_square_that_is_too_small_is_refused_with_what_helps(house: House) -> None:
    browser = await house.browser("in-sync")
    await upload(browser, landscape((120, 80)))
    page = await browser.post("/photo/1", do="use", turn="0", left="0", top="0", side="0.1")
    assert page.status_code == 400
    assert "Take more of the picture." in page.text


async def test_a_form_without_a_file_says_so(house: House) -> None:
    browser = await house.browser("in-sync")
    page = await browser.post("/photo", files={"picture": ("", b"", "application/octet-stream")})
    assert page.status_code == 400
    assert "No picture was chosen." in page.text


async def test_a_flood_of_uploads_is_stopped_and_others_are_not(house: House) -> None:
    flooding, other = await house.browser("in-sync"), await house.browser("stale")
    person = await house.person("in-sync")
    for _ in range(UPLOADS):
        with house.site.uploads.turn(person, house.site.clock()):
            pass
    refused = await upload(flooding, landscape())
    assert refused.status_code == 429
    assert "These were many pictures within an hour." in refused.text
    assert (await upload(other, landscape())).status_code == 200


async def test_two_uploads_of_one_person_wait_for_each_other(house: House) -> None:
    browser = await house.browser("in-sync")
    with house.site.uploads.turn(await house.person("in-sync"), house.site.clock()):
        refused = await upload(browser, landscape())
    assert refused.status_code == 429
    assert "Another picture of yours is being opened." in refused.text
    assert (await upload(browser, landscape())).status_code == 200


APPROVED_FIRST = "[[rules]]\napproval = true\n"
LOCKED = '[[rules]]\nsystems = ["exchange"]\npicture = "locked"\n'


async def test_where_somebody_has_to_approve_the_picture_waits(tmp_path: Path, fresh_tenant: SimpleNamespace) -> None:
    async with open_house(tmp_path, fresh_tenant, more=APPROVED_FIRST) as house:
        browser = await house.browser("in-sync")
        before = await picture_in(house, "exchange", await house.person("in-sync"))
        await upload(browser, landscape())
        await house.look("in-sync")
        page = await browser.post("/photo/1/use")
        assert "Somebody looks at your picture first" in page.text
        assert "Somebody has to look at your new picture first." in page.text
        assert "Waits for approval" in (await browser.open("/photo")).text
        assert await picture_in(house, "exchange", await house.person("in-sync")) == before
        (waiting,) = await house.site.org.ledger.waiting_approvals()
        await refuse(house.site.org, waiting.id, by="somebody", note="A picture of you, not of a flag.")
        refused = await browser.open("/photo")
        assert "Your last picture was not accepted." in refused.text
        assert "A picture of you, not of a flag." in refused.text
        assert "Waits for approval" not in refused.text
        assert "Somebody has to look" not in (await browser.open("/")).text


async def test_where_the_directory_decides_the_page_says_so(tmp_path: Path, fresh_tenant: SimpleNamespace) -> None:
    async with open_house(tmp_path, fresh_tenant, more=LOCKED) as house:
        browser = await house.browser("in-sync")
        page = await upload(browser, landscape())
        mine = await browser.open("/photo")
        assert "Your picture cannot be changed here." in mine.text
        assert "rule 1" in mine.text
        assert "your help desk" in mine.text
        assert "Remove your picture" not in mine.text
        page = await browser.post("/photo/1/use")
        assert page.status_code == 409
        assert "The picture in Outlook is locked" in page.text
        russian = await house.browser("in-sync", **{"accept-language": "ru"})
        assert "Фотография в Outlook закреплена" in (await russian.open("/photo")).text
