"""One person's page for an administrator, pictures set for others, approvals, letters, systems and the log."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from samepic.engine.reading import call_roll, known_roll, one_roll
from samepic.engine.setting import set_picture
from samepic.engine.status import status
from samepic.model import PersonId
from samepic.practice.portraits import draw
from samepic.services import mail_server
from samepic.work import Work
from tests.journey.post import post_office
from tests.web.conftest import House, open_house


@pytest.fixture
async def office(tmp_path: Path, fresh_tenant: SimpleNamespace) -> AsyncIterator[SimpleNamespace]:
    """A house with a mail server, and with a rule that everybody's new picture is looked at first."""
    with post_office() as post:
        mail = f'host = "127.0.0.1"\nport = {post.port}\nencryption = "none"\nsender = "pictures@contoso.example"'
        async with open_house(tmp_path, fresh_tenant, more=f"[mail]\n{mail}\n[[rules]]\napproval = true\n") as house:
            work = Work(house.site.org, house.site.settings, mail=mail_server(house.site.settings))
            yield SimpleNamespace(house=house, post=post, work=work)


def picture(seed: str) -> bytes:
    out = io.BytesIO()
    draw(seed, 400).save(out, "PNG")
    return out.getvalue()


async def look_at_everybody(house: House) -> None:
    roll = await known_roll(house.site.org)
    await status(house.site.org, roll, list(roll.persons))


async def ask_for(house: House, person: PersonId, seed: str) -> int:
    """The person sets a picture, which waits for somebody to look at it."""
    org = house.site.org
    digest = await org.blobs.put(picture(seed))
    effect = await set_picture(org, await one_roll(org, person), person, digest, by=person)
    assert effect.approval is not None
    return effect.approval


async def test_the_whole_story_is_told(house: House):
    await look_at_everybody(house)
    await call_roll(house.site.org)  # what matched an account is remembered from one roll to the next
    browser, stale = await house.browser(administrator=True), await house.person("stale")
    page = await browser.open(f"/admin/people/{stale}")
    assert "Shows another picture than exchange." in page.text
    assert "the directory&#39;s own id" in page.text or "the directory's own id" in page.text
    assert f"id:{house.tenant.person('stale').id}" in page.text
    assert "the system fetches it after a visit" in page.text
    face = await browser.open(f"/admin/people/{stale}/faces/sharepoint")
    assert face.headers["content-type"] == "image/jpeg"
    (known, _), *_ = [
        one
        for link in await house.site.org.people.of(stale)
        for one in await house.site.org.ledger.portraits_of(link.slot)
    ]
    assert (await browser.open(f"/admin/pictures/{known}")).headers["content-type"] == "image/jpeg"
    assert (await browser.open(f"/admin/pictures/{'0' * 64}")).status_code == 404
    assert (await browser.open("/admin/pictures/..%2Fsamepic.db")).status_code == 404


async def test_a_fresh_look_is_made_beside_the_page(house: House):
    browser, stale = await house.browser(administrator=True), await house.person("stale")
    assert "Not looked at yet." in (await browser.open(f"/admin/people/{stale}")).text
    await browser.post(f"/admin/people/{stale}/look")
    await house.site.work.once()
    assert "Shows another picture than exchange." in (await browser.open(f"/admin/people/{stale}")).text


async def test_somebodys_picture_is_set_for_them(house: House):
    browser, who = await house.browser(administrator=True), await house.person("none")
    upload = {"picture": ("face.png", picture("new"), "image/png")}
    cut = await browser.post(f"/admin/people/{who}/photo", files=upload)
    assert "Turn and crop" in cut.text
    (added,) = await house.site.org.ledger.gallery_of(who)
    here = f"/admin/people/{who}/photo/{added.id}"
    assert (await browser.open(f"{here}/preview?turn=90&left=0&top=0&side=0.5")).headers["content-type"] == "image/jpeg"
    used = await browser.post(here, do="use", turn="0", left="0.5", top="0.5", side="0.8")
    assert "The picture is set where it counts." in used.text
    (deed,) = await house.site.org.ledger.journal(person=who)
    assert deed.slot.system == "exchange"
    (cut_anew,) = await house.site.org.ledger.gallery_of(who)
    other = await house.person("stale")
    assert (await browser.open(f"/admin/people/{who}/photo/{cut_anew.id}")).status_code == 200
    assert (await browser.open(f"/admin/people/{other}/photo/{cut_anew.id}")).status_code == 404
    removed = await browser.post(f"/admin/people/{who}/remove")
    assert "The picture is taken away where it counts." in removed.text
    noted = [one.what for one in await house.site.org.ledger.audit(person=who)]
    assert noted == ["picture removed", "picture set", "picture added"]


async def test_what_is_no_picture_is_refused_with_a_reason(house: House):
    browser, who = await house.browser(administrator=True), await house.person("none")
    upload = {"picture": ("face.png", b"<html>", "image/png")}
    refused = await browser.post(f"/admin/people/{who}/photo", files=upload)
    assert refused.status_code == 400
    assert "This is not a picture." in refused.text
    assert await house.site.org.ledger.gallery_of(who) == []


async def test_a_picture_is_approved_and_another_refused_with_a_note(office: SimpleNamespace):
    house: House = office.house
    browser = await house.browser(administrator=True)
    first, second = await house.person("in-sync"), await house.person("stale")
    one, other = await ask_for(house, first, "a"), await ask_for(house, second, "b")
    queue = await browser.open("/admin/approvals")
    assert house.tenant.person("in-sync").name in queue.text
    assert "2 pictures to approve" in (await browser.open("/admin")).text
    approved = await browser.post(f"/admin/approvals/{one}", decision="approve")
    assert "Approved. The picture is set and on its way." in approved.text
    assert [deed.slot.system for deed in await house.site.org.ledger.journal(person=first)] == ["exchange"]
    await browser.post(f"/admin/approvals/{other}", decision="refuse", note="Only your face, if you like.")
    assert await house.site.org.ledger.journal(person=second) == []
    decided = await house.site.org.ledger.approval(other)
    assert decided is not None
    assert decided.note == "Only your face, if you like."
    late = await browser.post(f"/admin/approvals/{other}", decision="approve")
    assert late.status_code == 409
    assert "Decided already" in late.text
    assert (await browser.post("/admin/approvals/999", decision="approve")).status_code == 404


async def test_letters_are_shown_before_and_never_sent_twice(office: SimpleNamespace):
    house: House = office.house
    await look_at_everybody(house)
    browser, who = await house.browser(administrator=True), house.tenant.person("never-visited")
    preview = await browser.open("/admin/letters?system=sharepoint&verdict=never")
    assert "1 person gets a letter" in preview.text
    assert f"Hello {who.name}," in preview.text
    assert "Ваша фотография" in preview.text or "Здравствуйте" in preview.text
    for _ in range(2):
        await browser.post("/admin/letters", system="sharepoint", verdict="never", language="ru")
        await office.work.once()
    (letter,) = office.post.messages[who.upn]
    assert letter["Content-Language"] == "ru"
    assert sum(len(one) for one in office.post.messages.values()) == 1
    page = await browser.open("/admin/reminders")
    assert "mailed: 1" in page.text
    assert "nobody was to be written to" in page.text  # the second time: they have just been asked


async def test_one_person_is_asked_by_mail(office: SimpleNamespace):
    house: House = office.house
    await look_at_everybody(house)
    browser, stale = await house.browser(administrator=True), await house.person("stale")
    assert "1 person gets a letter" in (await browser.open(f"/admin/letters?person={stale}")).text
    await browser.post("/admin/letters", person=stale, language="en")
    await office.work.once()
    assert list(office.post.messages) == [house.tenant.person("stale").upn]


async def test_without_a_mail_server_nothing_can_be_sent_and_it_says_so(house: House):
    await look_at_everybody(house)
    browser = await house.browser(administrator=True)
    assert "No mail server is set" in (await browser.open("/admin/letters")).text
    await browser.post("/admin/letters", language="en")
    await house.site.work.once()
    assert "There is no mail server in the settings." in (await browser.open("/admin/reminders")).text


async def test_systems_are_checked_when_asked_and_show_nothing_secret(house: House):
    browser = await house.browser(administrator=True)
    quiet = await browser.open("/admin/systems/exchange")
    assert "Check now" in quiet.text
    assert await house.site.org.ledger.audit(what="system checked") == []
    checked = await browser.open("/admin/systems/exchange?check=now")
    assert "The application signs in." in checked.text
    assert house.tenant.application.client_id not in checked.text
    house.control("PUT", "/photo-source", json={"source": "onPremises"})
    assert "Problem" in (await browser.open("/admin/systems/entra?check=now")).text
    assert (await browser.open("/admin/systems/nothing")).status_code == 404


async def test_the_log_tells_who_did_what_to_whom(house: House):
    first, stale = await house.browser("in-sync", administrator=True), await house.person("stale")
    await first.post(f"/admin/people/{stale}/look")
    page = await first.open("/admin/audit")
    line = page.text.partition("look asked for")
    assert house.tenant.person("in-sync").name in line[0][-400:]
    assert house.tenant.person("stale").name in line[2][:400]
    assert "look asked for" not in (await first.open(f"/admin/audit?person={await house.person('none')}")).text
    for _ in range(101):
        await house.site.org.ledger.note_audit("program", "something", None, {}, house.site.clock())
    assert "look asked for" not in (await first.open("/admin/audit")).text
    further = (
        (await first.open("/admin/audit")).text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    )
    assert "look asked for" in (await first.open(further)).text
