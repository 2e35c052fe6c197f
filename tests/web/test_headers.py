"""What browsers are told with every answer, and what nobody can smuggle into one."""

from __future__ import annotations

import httpx2
import pytest

from samepic.web.app import DOORS
from samepic.web.welcome import inside
from tests.web.rogue import ISSUER, Stage, staged

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


def policy_of(answer: httpx2.Response) -> dict[str, list[str]]:
    parts = (part.split() for part in answer.headers["content-security-policy"].split("; "))
    return {name: rest for name, *rest in parts}


async def test_every_page_is_guarded_whoever_asks(stage: Stage, browser: httpx2.AsyncClient):
    plain = [door.path for door in DOORS if "GET" in door.methods and "{" not in door.path and door.name != "live"]
    for signed_in in (False, True):
        if signed_in:
            await stage.sign_in(browser)
        for path in (*plain, "/nowhere", "/signed-in/rogue?state=x", "/faces/none"):
            answer = await browser.get(path)
            assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, path
            policy = policy_of(answer)
            assert policy["default-src"] == ["'none'"], path
            assert policy["script-src"] == policy["style-src"] == ["'self'"], path
            assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"], path
            assert "strict-transport-security" not in answer.headers


async def test_forms_may_lead_to_the_providers_and_nowhere_else_unknown(stage, browser):
    allowed = policy_of(await browser.get("/welcome"))["form-action"]
    assert ISSUER in allowed
    assert not {"*", "https:", "http:"} & set(allowed)


async def test_over_https_there_is_no_other_way(tmp_path):
    async with staged(tmp_path, address="https://pictures.contoso.example") as stage, stage.browser() as browser:
        for path in ("/welcome", "/nowhere", "/static/base.css"):
            assert (await browser.get(path)).headers["strict-transport-security"] == "max-age=31536000"


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "/\r\nSet-Cookie: samepic=planted",
    "/\tevil",
    "/\n/evil.example",
    " //evil.example",
    "%2F%2Fevil.example",
]


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_signing_in_leads_nowhere_else(stage, browser, address):
    answer = await stage.sign_in(browser, to=address)
    assert answer.headers["location"] == "/"
    assert (await browser.get("/welcome", params={"to": address})).headers["location"] == "/"
    assert {cookie.value for cookie in browser.cookies.jar} != {"planted"}


def test_a_page_of_ours_is_led_to_with_its_query():
    assert inside("/photo?said=picture-set&x=1") == "/photo?said=picture-set&x=1"


@pytest.mark.parametrize("place", ["/signed-out?still={}", "/account?said={}", "/welcome?to={}", "/{}"])
async def test_nothing_of_an_address_becomes_part_of_a_page_or_of_a_header(stage, browser, place):
    await stage.sign_in(browser)
    for payload in (
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "x%0d%0aSet-Cookie:%20samepic=planted",
    ):
        answer = await browser.get(place.format(payload))
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "set-cookie" not in answer.headers


async def test_pages_carry_no_script_or_style_of_their_own(stage, browser):
    """The policy forbids both; a page that had them would be broken."""
    await stage.sign_in(browser)
    for path in ("/", "/account", "/welcome", "/signed-out", "/nowhere"):
        text = (await browser.get(path)).text
        assert " style=" not in text
        assert "<style" not in text
        assert "<script>" not in text
        assert "onclick" not in text
