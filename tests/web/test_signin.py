"""Signing in through the practice tenant and through a provider that is not Entra, as a person does it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from samepic.demo.visitor import Visitor
from samepic.engine.reading import one_roll
from samepic.engine.sync import sync
from samepic.model import Trigger
from samepic.web.delegated import PROVEN, InTheirName, prompting
from samepic.web.proving import prove
from tests.web.conftest import ADDRESS, House, open_house
from tests.web.walking import Town, sign_in

BUTTON = "Sign in with your work or school account"


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Visitor]:
    async with Visitor(Town(house.app)) as visitor:
        yield visitor


async def test_somebody_signs_in_and_is_themselves(house: House, visitor: Visitor):
    bruno = house.tenant.person("never-visited")
    page = await sign_in(visitor, bruno)
    assert page.address == f"{ADDRESS}/account"
    assert f"You are signed in as {bruno.upn}" in page.text
    (identity,) = await house.site.org.ledger.identities_of(await house.person("never-visited"))
    assert (identity.linked_by, identity.address) == ("object id", bruno.upn)


async def test_the_next_sign_in_needs_no_password_and_the_page_wanted_is_reached(house: House, visitor: Visitor):
    page = await sign_in(visitor, house.tenant.person("stale"))
    page = await visitor.press(page, "Sign out")
    assert "may still be signed in with Microsoft" in page.text
    page = await visitor.open(f"{ADDRESS}/account")
    assert page.address == f"{ADDRESS}/welcome?to=%2Faccount"
    assert (await visitor.press(page, BUTTON)).address == f"{ADDRESS}/account"


async def test_after_a_private_visit_the_provider_knows_nobody_either(house: House, visitor: Visitor):
    stale, other = house.tenant.person("stale"), house.tenant.person("never-visited")
    page = await sign_in(visitor, stale, private=True)
    assert "Private visit" in page.text
    page = await visitor.press(page, "Sign out")
    assert page.address == f"{ADDRESS}/signed-out"
    assert "Nothing of your visit is left" in page.text
    page = await sign_in(visitor, other)
    assert other.upn in page.text


async def test_a_private_visit_asks_which_account_though_somebody_is_signed_in(house: House, visitor: Visitor):
    page = await sign_in(visitor, house.tenant.person("stale"))
    page = await visitor.press(page, "Sign out")
    page = await visitor.press(await visitor.press(page, "Sign in again"), "Private visit")
    assert "Pick an account" in page.text


async def test_an_administrator_is_one_and_nobody_else_is(house: House, visitor: Visitor):
    for case, administrator in (("in-sync", True), ("stale", False)):
        async with Visitor(Town(house.app)) as fresh:
            await sign_in(fresh, house.tenant.person(case))
        (session,) = await house.site.org.ledger.sessions_of(await house.person(case), house.site.clock())
        assert session.content["administrator"] is administrator


async def test_turning_back_is_no_error(house: House, visitor: Visitor):
    page = await visitor.open(f"{ADDRESS}/welcome")
    page = await visitor.press(page, BUTTON)
    state = page.address.partition("state=")[2].partition("&")[0]
    page = await visitor.open(f"{ADDRESS}/signed-in/microsoft?error=access_denied&state={state}")
    assert "You turned back" in page.text
    page = await visitor.press(page, "Begin again")
    assert "username" in page.html


async def test_a_provider_that_has_gone_is_told(house: House, visitor: Visitor):
    house.tenant.stop()
    page = await visitor.open(f"{ADDRESS}/welcome")
    page = await visitor.press(page, BUTTON)
    assert page.status == 502
    assert "Microsoft does not answer" in page.text


# --- a provider that is not Entra ------------------------------------------------------------------------------------


OTHER = """
[[portal.sign_in]]
name = "other"
title = "Contoso ID"
issuer = "{it.issuer}"
client_id = "{it.client_id}"
client_secret = "file:{secret}"
domains = ["contoso.example"]
administrators = ["roles:Samepic.Administrator"]
"""


@pytest.fixture
async def both(tmp_path: Path, fresh_tenant: SimpleNamespace, other_provider: SimpleNamespace) -> AsyncIterator[House]:
    """A portal where people sign in with Entra or with the other provider."""
    secret = tmp_path / "other-secret"
    secret.write_text(other_provider.client_secret)
    async with open_house(tmp_path, fresh_tenant, more=OTHER.format(it=other_provider, secret=secret)) as house:
        yield house


async def sign_in_elsewhere(visitor: Visitor, login: str):
    page = await visitor.open(f"{ADDRESS}/welcome?to=/account")
    page = await visitor.press(page, "Sign in with Contoso ID")
    page = await visitor.submit(page, login=login, password="anything")
    return await visitor.press(page, "Continue")


async def test_another_providers_verified_address_is_enough(both: House):
    async with Visitor(Town(both.app)) as visitor:
        page = await sign_in_elsewhere(visitor, "ada")
        assert page.address == f"{ADDRESS}/account"
        assert "You are signed in as ada.okafor@contoso.example" in page.text
    person = await both.person("in-sync")
    (identity,) = await both.site.org.ledger.identities_of(person)
    assert (identity.linked_by, identity.subject) == ("e-mail", "ada")


async def test_an_address_that_nobody_verified_is_nobodys(both: House):
    async with Visitor(Town(both.app)) as visitor:
        page = await sign_in_elsewhere(visitor, "mallory")
        assert (page.status, page.title) == (403, "We do not know you · samepic")
        page = await visitor.open(f"{ADDRESS}/account")
        assert page.address.startswith(f"{ADDRESS}/welcome")


async def test_somebody_connects_microsoft_and_takes_it_away_again(both: House):
    ada, person = both.tenant.person("in-sync"), await both.person("in-sync")
    async with Visitor(Town(both.app)) as visitor:
        page = await sign_in_elsewhere(visitor, "ada")
        page = await visitor.press(page, "Connect Microsoft")
        page = await visitor.submit(page, username=ada.upn, password=ada.password)
        assert "From now on you may sign in with either" in page.text
        assert {one.linked_by for one in await both.site.org.ledger.identities_of(person)} == {"e-mail", "connected"}
        page = await visitor.press(page, "Remove")
        assert "Connect Microsoft" in page.text
        assert [one.linked_by for one in await both.site.org.ledger.identities_of(person)] == ["e-mail"]


async def test_somebody_elses_microsoft_account_is_not_connected(both: House):
    stale = both.tenant.person("stale")
    async with Visitor(Town(both.app)) as visitor:
        page = await sign_in_elsewhere(visitor, "ada")
        page = await visitor.press(page, "Connect Microsoft")
        page = await visitor.submit(page, username=stale.upn, password=stale.password)
        assert "belongs to somebody else, or to nobody we know" in page.text
    assert await both.site.org.ledger.identities_of(await both.person("stale")) == []
    (refused, *_) = await both.site.org.ledger.audit()
    assert (refused.what, refused.person) == ("connecting refused", await both.person("in-sync"))


# --- consent ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def keeping(tmp_path: Path, fresh_tenant: SimpleNamespace) -> AsyncIterator[House]:
    """A portal that may keep what people consent to. Bruno, who never visited, is an administrator of it."""
    key = tmp_path / "key"
    key.write_text(base64.b64encode(b"k" * 32).decode())
    async with open_house(tmp_path, fresh_tenant, portal_more=f'key = "file:{key}"') as house:
        bruno = fresh_tenant.person("never-visited")
        house.control("PUT", f"/applications/portal/people/{bruno.id}/roles", json={"roles": ["Samepic.Administrator"]})
        yield house


async def consent(visitor: Visitor, who) -> object:
    page = await sign_in(visitor, who)
    page = await visitor.press(page, "Allow it")
    return await visitor.press(page, "Accept")


async def test_consent_is_tried_proven_used_and_taken_back(keeping: House):
    site, bruno = keeping.site, keeping.tenant.person("never-visited")
    org, person = site.org, await keeping.person("never-visited")
    async with Visitor(Town(keeping.app)) as visitor:
        page = await consent(visitor, bruno)
        assert "samepic may now ask for your own picture in your name" in page.text
        asking = InTheirName(site.settings, org, site.providers)
        assert not await asking.prompt_pull(person, "sharepoint")  # nobody has seen it work
        ((system, finding),) = await prove(site.settings, org)
        assert (system, finding.level, finding.message) == (
            "sharepoint",
            "good",
            f"It works: the picture of {bruno.name} was fetched.",
        )
        assert keeping.control("GET", f"/people/{bruno.id}")["pictures"]["sharepoint"].keys() == {"S", "M", "L"}
        assert await asking.prompt_pull(person, "sharepoint")
        page = await visitor.press(await visitor.open(f"{ADDRESS}/account"), "Take the permission back")
        assert "Taken back, and what was kept is deleted" in page.text
    assert not await asking.prompt_pull(person, "sharepoint")
    assert [one.what for one in await org.ledger.audit()][:2] == ["consent taken back", "consented"]


async def test_what_is_kept_is_sealed_and_opens_with_no_other_key(keeping: House, tmp_path: Path, caplog):
    site, bruno = keeping.site, keeping.tenant.person("never-visited")
    async with Visitor(Town(keeping.app)) as visitor:
        await consent(visitor, bruno)
    (grant,) = await site.org.ledger.grants()
    assert b'"grant_type"' not in base64.b64decode(grant.sealed)
    (tmp_path / "key").write_text(base64.b64encode(b"x" * 32).decode())
    ((_, finding),) = await prove(site.settings, site.org)
    assert finding.level == "problem"
    assert "does not open with the key that portal.key refers to" in finding.message
    assert grant.sealed not in caplog.text


async def test_consent_that_microsoft_no_longer_honours_is_forgotten(keeping: House):
    site, bruno = keeping.site, keeping.tenant.person("never-visited")
    async with Visitor(Town(keeping.app)) as visitor:
        await consent(visitor, bruno)
    keeping.control("DELETE", f"/applications/portal/people/{bruno.id}/consent")
    ((_, finding),) = await prove(site.settings, site.org)
    assert finding.level == "problem"
    assert await site.org.ledger.grants() == []
    assert (await site.org.ledger.audit())[0].what == "consent lapsed"


async def test_nobody_is_offered_what_was_never_seen_to_work(keeping: House):
    async with Visitor(Town(keeping.app)) as visitor:
        page = await sign_in(visitor, keeping.tenant.person("stale"))
        assert "Allow it" not in page.text
    stale = await keeping.browser("stale")
    assert (await stale.post("/account/consent")).status_code == 404


async def test_without_a_key_nothing_is_offered(house: House):
    ada = await house.browser("in-sync", administrator=True)
    assert "Allow it" not in (await ada.open("/account")).text
    assert (await ada.post("/account/consent")).status_code == 404


async def test_a_visit_of_somebody_who_consented_needs_no_browser_of_theirs(keeping: House):
    site, bruno = keeping.site, keeping.tenant.person("never-visited")
    org, person = site.org, await keeping.person("never-visited")
    await org.systems["sharepoint"].around.memo.save({PROVEN: "seen before"})
    async with Visitor(Town(keeping.app)) as visitor:
        await consent(visitor, bruno)
    assert keeping.control("GET", f"/people/{bruno.id}")["pictures"]["sharepoint"] == {}
    roll = await one_roll(org, person)
    report = await sync(prompting(site.settings, org), roll, [person], Trigger.VISIT)
    (outcome,) = [one for one in report.outcomes if one.slot.system == "sharepoint"]
    assert (outcome.result, outcome.link) == ("asked", None)
    assert keeping.control("GET", f"/people/{bruno.id}")["pictures"]["sharepoint"].keys() == {"S", "M", "L"}


async def test_nobody_consents_for_somebody_else(keeping: House):
    stale = keeping.tenant.person("stale")
    async with Visitor(Town(keeping.app)) as visitor:
        page = await sign_in(visitor, keeping.tenant.person("never-visited"))
        page = await visitor.press(page, "Allow it")
        page = await visitor.open(page.address.replace("login_hint=", "prompt=login&ignored="))
        page = await visitor.submit(page, username=stale.upn, password=stale.password)
        page = await visitor.press(page, "Accept")
        assert "belongs to somebody else, or to nobody we know" in page.text
    assert await keeping.site.org.ledger.grants() == []
