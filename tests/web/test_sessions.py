"""Sessions: what opens them, what ends them, what a browser is given and what is taken from it again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest

from samepic.model import PersonId
from tests.web.rogue import ISSUER, Stage, query_of, staged

MINUTE = timedelta(minutes=1)
HERE = "http://127.0.0.1:8470"


async def is_in(browser: httpx2.AsyncClient) -> bool:
    return (await browser.get("/account")).status_code == 200


async def post(stage: Stage, browser: httpx2.AsyncClient, path: str, **fields: str) -> httpx2.Response:
    return await browser.post(path, data=fields | await stage.csrf(browser))


async def test_signing_in_opens_a_session_that_nobody_knew_before(stage, browser):
    """Session fixation: whatever cookie somebody planted before, it opens nothing afterwards."""
    browser.cookies.set("samepic", "planted", domain="127.0.0.1", path="/")
    await stage.sign_in(browser)
    tokens = {cookie.value for cookie in browser.cookies.jar if cookie.name == "samepic"}
    assert "planted" not in tokens
    assert await is_in(browser)


async def test_signing_in_again_ends_the_session_before(stage, browser):
    await stage.sign_in(browser)
    before = browser.cookies["samepic"]
    await stage.sign_in(browser)
    assert browser.cookies["samepic"] != before
    old = stage.browser()
    old.cookies.set("samepic", before)
    assert not await is_in(old)


async def test_a_session_ends_when_nobody_uses_it(stage, browser):
    await stage.sign_in(browser)
    for _ in range(3):
        stage.later(59 * MINUTE)
        assert await is_in(browser)
    stage.later(61 * MINUTE)
    assert not await is_in(browser)


async def test_a_session_ends_after_a_day_s_work_however_much_it_is_used(stage, browser):
    await stage.sign_in(browser)
    for _ in range(8):
        assert await is_in(browser)
        stage.later(60 * MINUTE)
    assert not await is_in(browser)


async def test_what_the_store_keeps_opens_no_session(stage, browser):
    await stage.sign_in(browser)
    kept = (stage.site.settings.store_folder / "samepic.db-wal").read_bytes()
    assert browser.cookies["samepic"].encode() not in kept


@pytest.mark.parametrize(
    ("address", "name", "secure"),
    [("http://127.0.0.1:8470", "samepic", False), ("https://pictures.contoso.example", "__Host-samepic", True)],
)
async def test_cookies_are_for_this_very_host_and_for_no_script(tmp_path, address, name, secure):
    async with staged(tmp_path, address=address) as stage, stage.browser() as browser:
        set_out = await browser.post("/sign-in/rogue")
        stage.rogue.nonce = query_of(set_out)["nonce"]
        back = await stage.come_back(browser, code="x", state=query_of(set_out)["state"])
        cookies = set_out.headers.get_list("set-cookie") + back.headers.get_list("set-cookie")
        given = [one for one in cookies if "Max-Age=0" not in one]
        assert len(given) == 2
        assert given[1].startswith(f"{name}=")
        for one in given:
            parts = {part.strip().casefold() for part in one.split(";")[1:]}
            assert {"httponly", "path=/", "samesite=lax"} <= parts
            assert ("secure" in parts) is secure
            assert one.startswith("__Host-") is secure
            assert not any(part.startswith("domain") for part in parts)


# --- leaving ---------------------------------------------------------------------------------------------------------


async def test_an_ordinary_visit_leaves_the_portal_and_offers_to_leave_the_provider(stage, browser):
    await stage.sign_in(browser)
    cookie = browser.cookies["samepic"]
    left = await post(stage, browser, "/sign-out")
    assert left.headers["location"] == "/signed-out?still=rogue"
    assert left.headers["clear-site-data"] == '"cache"'
    assert "samepic" not in browser.cookies
    page = await browser.get(left.headers["location"])
    assert "may still be signed in with rogue" in page.text
    browser.cookies.set("samepic", cookie)
    assert not await is_in(browser)
    browser.cookies.clear()
    there = await browser.post("/sign-out/rogue")
    assert there.headers["location"].startswith(f"{ISSUER}/leave?")
    assert query_of(there)["post_logout_redirect_uri"] == f"{HERE}/signed-out"
    assert await stage.audited() == ["signed out", "signed in"]


async def test_a_private_visit_asks_which_account_and_leaves_nothing_behind(stage, browser):
    asked = await stage.set_out(browser, private="1")
    assert asked["prompt"] == "login"
    back = await stage.come_back(browser, code="x", state=asked["state"])
    (given,) = [one for one in back.headers.get_list("set-cookie") if one.startswith("samepic=")]
    assert "max-age" not in given.casefold()
    left = await post(stage, browser, "/sign-out")
    assert left.headers["location"].startswith(f"{ISSUER}/leave?")
    assert query_of(left) == {
        "client_id": "the-portal",
        "post_logout_redirect_uri": f"{HERE}/signed-out",
        "id_token_hint": query_of(left)["id_token_hint"],
    }
    assert left.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert list(browser.cookies) == []
    assert "Nothing of your visit is left" in (await browser.get("/signed-out")).text


async def test_a_private_visitors_language_is_not_kept_in_the_browser(stage, browser):
    await stage.sign_in(browser, private="1")
    chosen = await post(stage, browser, "/language", language="ru", to="/account")
    assert "set-cookie" not in chosen.headers
    assert '<html lang="ru">' in (await browser.get("/account")).text
    await stage.sign_in(browser)
    assert '<html lang="en">' in (await browser.get("/account")).text


async def test_a_language_chosen_before_a_private_visit_goes_with_it(stage, browser):
    await browser.post("/language", data={"language": "ru"})
    await stage.sign_in(browser, private="1")
    assert '<html lang="ru">' in (await browser.get("/account")).text
    await post(stage, browser, "/sign-out")
    assert list(browser.cookies) == []


@pytest.mark.parametrize(
    ("published", "kind", "prompt"),
    [
        (["none", "login", "select_account"], "other", "select_account login"),
        (["none", "select_account"], "other", "select_account"),
        (None, "other", "login"),
        (None, "microsoft", "select_account"),
    ],
)
async def test_each_provider_is_asked_to_ask_in_a_way_it_knows(tmp_path, published, kind, prompt):
    async with staged(tmp_path, provider={"kind": kind}) as stage, stage.browser() as browser:
        stage.rogue.configuration = {"prompt_values_supported": published}
        assert (await stage.set_out(browser, private="1"))["prompt"] == prompt


async def test_the_providers_own_hint_is_preferred_to_the_token(stage, browser):
    stage.rogue.claims = {"login_hint": "opaque"}
    await stage.sign_in(browser, private="1")
    left = query_of(await post(stage, browser, "/sign-out"))
    assert (left["logout_hint"], "id_token_hint" in left) == ("opaque", False)


async def test_where_the_provider_signs_nobody_out_a_private_visitor_is_told(tmp_path):
    async with staged(tmp_path) as stage, stage.browser() as browser:
        stage.rogue.configuration = {"end_session_endpoint": None}
        await stage.sign_in(browser, private="1")
        left = await post(stage, browser, "/sign-out")
        assert left.headers["location"] == "/signed-out?still=rogue"
        assert left.headers["clear-site-data"] == '"cache", "cookies", "storage"'


async def test_leaving_twice_is_leaving(stage, browser):
    assert (await browser.post("/sign-out")).headers["location"] == "/signed-out"


# --- the list of them ------------------------------------------------------------------------------------------------


@pytest.fixture
async def phone(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    """A second browser of Ada's."""
    async with stage.browser(**{"user-agent": "Mozilla/5.0 (iPhone) AppleWebKit Version/18 Safari/605"}) as phone:
        await stage.sign_in(phone)
        yield phone


async def test_one_is_signed_out_from_another(stage, browser, phone):
    await stage.sign_in(browser)
    page = (await browser.get("/account")).text
    assert "Safari, iPhone" in page
    (there,) = [
        one.digest[:16]
        for one in await stage.site.org.ledger.sessions_of(stage.person, stage.times[0])
        if one.content["browser"]
    ]
    assert f'value="{there}"' in page
    assert (await post(stage, browser, "/account/sessions/end", session=there)).status_code == 303
    assert (await is_in(browser), await is_in(phone)) == (True, False)


async def test_everywhere_is_everywhere(stage, browser, phone):
    await stage.sign_in(browser)
    assert (await post(stage, browser, "/account/sessions/end-all")).headers["location"] == "/signed-out"
    assert (await is_in(browser), await is_in(phone)) == (False, False)


async def test_nobody_elses_session_can_be_ended_and_nobody_learns_that_it_exists(stage, browser, phone):
    stage.rogue.claims = {"sub": "bruno", "email": "bruno@contoso.example"}
    await stage.sign_in(browser)
    (theirs,) = await stage.site.org.ledger.sessions_of(PersonId("ada-id"), stage.times[0])
    answers = [
        await post(stage, browser, "/account/sessions/end", session=session)
        for session in (theirs.digest[:16], "none", "")
    ]
    assert [one.status_code for one in answers] == [404, 404, 404]
    assert await is_in(phone)


# --- identities ------------------------------------------------------------------------------------------------------


async def test_an_identity_is_removed_and_what_began_with_it_ends(stage, browser, phone):
    stage.rogue.claims = {"sub": "ada-too"}
    await stage.sign_in(browser)
    page = (await browser.get("/account")).text
    assert page.count("ada@contoso.example") == 3  # who is signed in, and two identities
    key = page.partition('name="identity" value="')[2].partition('"')[0]
    removed = await post(stage, browser, "/account/disconnect", identity=key)
    assert removed.headers["location"] == "/account?said=disconnected"
    assert (await is_in(browser), await is_in(phone)) == (True, False)
    assert await stage.site.org.ledger.identity(ISSUER, "ada") is None
    again = await post(stage, browser, "/account/disconnect", identity=key)
    assert again.status_code == 404
