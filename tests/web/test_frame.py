"""What is true of every page, whoever wrote it."""

from __future__ import annotations

from tests.web.conftest import House


async def test_every_answer_forbids_what_comes_from_elsewhere(house: House):
    nobody = await house.browser()
    for path in ("/welcome", "/nowhere", "/static/base.css"):
        answer = await nobody.open(path)
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_pages_are_kept_by_nobody_and_styles_for_ever(house: House):
    nobody = await house.browser()
    assert (await nobody.open("/welcome")).headers["cache-control"] == "no-store"
    assert "immutable" in (await nobody.open("/static/base.css")).headers["cache-control"]


async def test_a_form_from_another_site_is_refused(house: House):
    nobody = await house.browser()
    foreign = await nobody.client.post("/language", data={"language": "ru"}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert "set-cookie" not in foreign.headers


async def test_a_form_too_large_is_refused_before_it_is_read(house: House):
    nobody = await house.browser()
    assert (await nobody.post("/language", language="x" * 100_000)).status_code == 413


async def test_the_language_is_the_readers_unless_they_chose_one(house: House):
    nobody = await house.browser(**{"accept-language": "de, ru;q=0.8, en;q=0.5"})
    assert '<html lang="ru">' in (await nobody.open("/welcome")).text
    assert (await nobody.post("/language", follow=False, language="en", to="/welcome")).headers[
        "location"
    ] == "/welcome"
    assert '<html lang="en">' in (await nobody.open("/welcome")).text


async def test_nobody_is_led_away(house: House):
    nobody = await house.browser()
    for address in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert (await nobody.post("/language", follow=False, to=address)).headers["location"] == "/"
