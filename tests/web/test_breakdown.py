"""What nobody thought of: a page that says so, a line in the log, and nothing about the inside."""

from __future__ import annotations

import logging

import httpx2

from tests.web.conftest import ADDRESS, House


async def test_a_breakdown_is_a_page_without_insides_and_a_line_in_the_log(house: House, caplog, monkeypatch):
    async def broken(*_: object) -> None:
        raise RuntimeError("inside knowledge")

    person = await house.browser("in-sync")
    monkeypatch.setattr(type(house.site.org.ledger), "choices_of", broken)
    transport = httpx2.ASGITransport(house.app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS, cookies=person.client.cookies) as client:
        with caplog.at_level(logging.ERROR):
            answer = await client.get("/choices")
    assert answer.status_code == 500
    assert "Nothing is lost" in answer.text
    assert "inside knowledge" not in answer.text
    assert "GET /choices broke" in caplog.text
