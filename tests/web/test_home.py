"""A person's first page: one sentence, one button, every system."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace

import pytest

from samepic.engine.reading import one_roll
from samepic.engine.sync import fingerprint, sync
from samepic.model import Language, Trigger
from samepic.store.ledger import Task
from samepic.web.words import Words
from tests.web.conftest import Browser, House, open_house


async def looked(house: House, case: str, **headers: str) -> Browser:
    """A browser of somebody of this case, after samepic has looked at them."""
    await house.look(case)
    return await house.browser(case, **headers)


async def test_the_page_comes_at_once_and_a_look_begins(house: House) -> None:
    browser = await house.browser("stale")
    page = await browser.open("/")
    assert "We are looking for your picture in every system." in page.text
    assert len(page.content) < 60_000
    (due,) = await house.site.org.ledger.due_of(await house.person("stale"))
    assert due.task is Task.LOOK
    assert 'http-equiv="refresh"' in page.text


async def test_nobody_looks_again_right_after_a_look(house: House) -> None:
    browser = await looked(house, "in-sync")
    page = await browser.open("/")
    assert not await house.site.org.ledger.due_of(await house.person("in-sync"))
    assert 'http-equiv="refresh"' not in page.text


async def test_everything_fine_is_said_with_every_picture(house: House) -> None:
    browser = await looked(house, "in-sync")
    page = await browser.open("/")
    assert "Every system shows your picture." in page.text
    for system in ("exchange", "sharepoint"):
        (address,) = re.findall(rf'src="(/faces/{system}[^"]*)"', page.text)
        assert (await browser.open(address.replace("&amp;", "&"))).status_code == 200


async def test_a_picture_that_is_missing_is_said_with_the_button_that_brings_it(house: House) -> None:
    browser = await looked(house, "never-visited")
    page = await browser.open("/")
    assert "SharePoint does not show your picture yet." in page.text
    assert "Update it" in page.text
    assert "never visited" in page.text


async def test_somebody_without_a_picture_is_sent_to_add_one(house: House) -> None:
    page = await (await looked(house, "none")).open("/")
    assert "You have no picture yet." in page.text
    assert 'href="/photo"' in page.text


async def test_what_was_asked_for_is_on_its_way_until_a_time(house: House) -> None:
    person = await house.person("never-visited")
    org = house.site.org
    await org.ledger.record_visit(person, org.clock(), "tile")
    await sync(org, await one_roll(org, person), [person], Trigger.VISIT)
    page = await (await house.browser("never-visited")).open("/")
    assert "Your picture is on its way to SharePoint." in page.text
    assert "Look again at" in page.text


async def test_systems_without_an_account_are_mentioned_quietly(house: House) -> None:
    page = await (await looked(house, "guest")).open("/")
    assert "You have no account in SharePoint." in page.text


async def test_the_rule_names_where_the_picture_comes_from(house: House) -> None:
    page = await (await looked(house, "in-sync")).open("/")
    assert "SharePoint fetches your picture from Outlook by itself, but only after you came by." in page.text


async def test_it_is_said_in_russian(house: House) -> None:
    page = await (await looked(house, "never-visited", **{"accept-language": "ru"})).open("/")
    assert '<html lang="ru">' in page.text
    assert "SharePoint пока не показывает вашу фотографию." in page.text


async def test_a_note_is_offered_only_where_mail_can_be_sent(house: House) -> None:
    browser = await looked(house, "never-visited")
    assert "Send me a note" not in (await browser.open("/")).text
    await browser.post("/note")
    assert not await house.site.org.ledger.notices()


MAIL = '[mail]\nhost = "127.0.0.1"\nport = 9\nencryption = "none"\nsender = "samepic@contoso.example"\n'


async def test_a_note_that_is_wanted_is_kept_until_the_picture_is_there(
    tmp_path: Path, fresh_tenant: SimpleNamespace
) -> None:
    async with open_house(tmp_path, fresh_tenant, more=MAIL) as house:
        browser = await looked(house, "never-visited", **{"accept-language": "ru"})
        assert "Напишите мне" in (await browser.open("/")).text
        page = await browser.post("/note")
        assert "Мы напишем вам, когда ваша фотография будет на месте." in page.text
        (notice,) = await house.site.org.ledger.notices(await house.person("never-visited"))
        assert (notice.system, notice.language) == ("sharepoint", "ru")
        assert "Напишите мне" not in page.text


@pytest.mark.parametrize(
    ("helpdesk", "said"),
    [
        ("", "your help desk"),
        ("Petra in room 12", "Petra in room 12"),
        ("help@contoso.example", '<a href="mailto:help@contoso.example">help@contoso.example</a>'),
        ("https://help.contoso.example", '<a href="https://help.contoso.example">https://help.contoso.example</a>'),
        ("<b>@</b>", '<a href="mailto:&lt;b&gt;@&lt;/b&gt;">&lt;b&gt;@&lt;/b&gt;</a>'),
    ],
)
def test_whom_to_ask_is_a_link_where_it_can_be(helpdesk: str, said: str) -> None:
    assert Words(Language.EN, UTC).whom_to_ask(helpdesk) == said


async def test_nothing_is_promised_before_the_route_has_been_started(
    tmp_path: Path, fresh_tenant: SimpleNamespace
) -> None:
    async with open_house(tmp_path, fresh_tenant, way="write") as house:
        browser = await looked(house, "never-visited")
        page = await browser.open("/")
        assert "Pictures are not brought to SharePoint yet." in page.text
        assert "Update it" not in page.text
        (route,) = house.site.org.routes
        await house.site.org.ledger.confirm_route(fingerprint(house.site.org, route), house.site.clock())
        page = await browser.open("/")
        assert "One press, and it is brought there." in page.text
        assert 'action="/update"' in page.text
