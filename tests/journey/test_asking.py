"""Asking people: the ticket, the letter in two languages, and the mail that nobody gets twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.journey.conftest import Desk
from tests.journey.post import PostOffice, post_office

STALE = ("stale", "never-visited")
"""Cases whom a visit helps, by themselves."""


@pytest.fixture
def office(desk: Desk) -> Iterator[PostOffice]:
    with post_office() as office:
        settings = desk.folder / "samepic.toml"
        mail = f'host = "127.0.0.1"\nport = {office.port}\nencryption = "none"\nsender = "pictures@contoso.example"\n'
        settings.write_text(f"{settings.read_text()}\n[mail]\n{mail}")
        yield office


def results(posted) -> dict[str, str]:
    return {one["name"]: one["result"] for one in posted}


def test_ticket_says_state_cause_steps_and_when_to_look_again(desk: Desk):
    text = desk.samepic("explain", desk.tenant.case("stale").upn, "--ticket")
    assert text.startswith(
        f"Profile picture of {desk.tenant.case('stale').name} <{desk.tenant.case('stale').upn}>\nAs of "
    )
    assert "* sharepoint: different. Shows another picture than exchange." in text
    for part in (desk.tenant.start, desk.tenant.sharepoint_my, "private (InPrivate", "Look again: ", "your help desk"):
        assert part in text
    assert "{" not in text


def test_ticket_in_russian_has_no_english_sentence(desk: Desk):
    text = desk.samepic("explain", desk.tenant.case("never-visited").upn, "--ticket", "--lang", "ru")
    assert "* sharepoint: ещё не заходили. Фотографии пока нет; в exchange она есть. Обновится: когда человек" in text
    words = re.sub(r"https?://\S+|<.*?>", "", text).replace(desk.tenant.case("never-visited").name, "")
    known = {"OneDrive", "SharePoint", "InPrivate", "UTC", "exchange", "entra", "sharepoint"}
    assert set(re.findall("[A-Za-z]+", words)) <= known


@pytest.mark.parametrize(
    ("case", "words"), [("in-sync", "Nothing: every system"), ("none", "Add a picture"), ("guest", "Nothing")]
)
def test_ticket_advises_what_helps(desk: Desk, case: str, words: str):
    text = desk.samepic("explain", desk.tenant.case(case).upn.replace("#", "?"), "--ticket")
    assert words in text
    assert "private" not in text


def test_all_stale_people_get_their_letter_and_nobody_else(desk: Desk):
    found = desk.json("nudge", "--all", "--lang", "ru")
    names = {desk.tenant.case(case).name for case in STALE}
    assert {one["name"] for one in found} == names
    for one in found:
        assert one["text"].startswith(f"Здравствуйте, {one['name']}!")
        assert desk.tenant.sharepoint_my in one["text"]
    assert desk.verdicts()["never-visited"] == "waiting"
    assert {one["name"] for one in desk.json("nudge", "--all")} <= names


def test_several_people_and_people_by_verdict(desk: Desk):
    both = [desk.tenant.case(case).upn for case in ("stale", "in-sync")]
    found = {one["name"]: one["needed"] for one in desk.json("nudge", *both, "--dry-run")}
    assert found == {desk.tenant.case("stale").name: True, desk.tenant.case("in-sync").name: False}
    found = desk.json("nudge", "--verdict", "never visited", "--dry-run")
    assert [one["name"] for one in found] == [desk.tenant.case("never-visited").name]
    desk.samepic("nudge", code=2)
    assert "--all" in desk.said


def test_mail_goes_once_within_the_interval(desk: Desk, office: PostOffice):
    posted = desk.json("nudge", "--all", "--mail")
    assert results(posted) == {desk.tenant.case(case).name: "mailed" for case in STALE}
    (message,) = office.messages[desk.tenant.case("stale").upn]
    assert message["From"] == "pictures@contoso.example"
    assert message["Subject"] == "Your profile picture"
    assert desk.tenant.sharepoint_my in message.get_content()
    again = desk.json("nudge", *(desk.tenant.case(case).upn for case in STALE), "--mail")
    assert set(results(again).values()) == {"skipped"}
    assert all("not again before" in one["detail"] for one in again)
    assert {len(some) for some in office.messages.values()} == {1}
    assert desk.verdicts()["never-visited"] == "waiting"


def test_mail_in_russian_arrives_as_written(desk: Desk, office: PostOffice):
    desk.samepic("nudge", desk.tenant.case("stale").upn, "--mail", "--lang", "ru")
    (message,) = office.messages[desk.tenant.case("stale").upn]
    assert message["Subject"] == "Ваша фотография в профиле"
    assert message.get_content().startswith("Здравствуйте, ")


def test_refused_recipient_stops_nobody_and_may_be_tried_again(desk: Desk, office: PostOffice):
    stale, other = (desk.tenant.case(case) for case in STALE)
    office.refused = {stale.upn}
    posted = desk.json("nudge", "--all", "--mail", code=1)
    assert results(posted) == {stale.name: "refused", other.name: "mailed"}
    assert "550 no such mailbox" in next(one["detail"] for one in posted if one["result"] == "refused")
    office.refused = set()
    assert results(desk.json("nudge", "--all", "--mail"))[stale.name] == "mailed"


def test_server_that_hangs_up_loses_nobody(desk: Desk, office: PostOffice):
    office.hangs_up_after = 1
    desk.samepic("nudge", "--all", "--mail", code=2)
    assert "mail server 127.0.0.1" in desk.said
    office.hangs_up_after = 10_000
    desk.samepic("nudge", "--verdict", "different", "--verdict", "never visited", "--verdict", "waiting", "--mail")
    assert {len(some) for some in office.messages.values()} == {1}
    assert set(office.messages) == {desk.tenant.case(case).upn for case in STALE}


def test_mail_without_use_or_without_a_server(desk: Desk, office: PostOffice):
    posted = desk.json("nudge", desk.tenant.case("in-sync").upn, desk.tenant.case("stale").upn, "--mail", "--dry-run")
    assert sorted(one["result"] for one in posted) == ["skipped", "would mail"]
    assert not office.messages
    desk.configure()
    desk.samepic("nudge", "--all", "--mail", code=2)
    assert "[mail]" in desk.said
