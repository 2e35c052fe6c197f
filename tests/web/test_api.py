"""The API as a program meets it: tokens and their scopes, people, pictures, once, and the webhook."""

from __future__ import annotations

import base64
import hmac
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from PIL import Image, ImageChops, ImageStat

from samepic.engine.reading import call_roll
from samepic.engine.status import status
from samepic.store.tokens import Scope, new_token
from tests.web.conftest import ADDRESS, House, open_house

SECRET = base64.b64encode(b"a secret of twenty-four b").decode()


@pytest.fixture
async def office(tmp_path: Path, fresh_tenant: SimpleNamespace, monkeypatch) -> AsyncIterator[House]:
    monkeypatch.setenv("HOOK", f"whsec_{SECRET}")
    more = 'hook_secret = "env:HOOK"\nupload_megabytes = 1\n'
    async with open_house(tmp_path, fresh_tenant, portal_more=more) as house:
        yield house


async def program(house: House, *scopes: Scope, days: int = 1) -> httpx2.AsyncClient:
    """A client with a token of these scopes."""
    text, digest = new_token()
    now = house.site.clock()
    await house.site.org.ledger.add_token(digest, "test", scopes, "test", now, now + timedelta(days=days))
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(house.app), base_url=ADDRESS, headers={"authorization": f"Bearer {text}"}
    )
    return await house.stack.enter_async_context(client)


def portrait(side: int = 400, colour: str = "teal") -> bytes:
    """A picture with something in it, so that it is no placeholder."""
    image = Image.radial_gradient("L").resize((side, side)).convert("RGB")
    image.paste(Image.new("RGB", (side // 3, side // 2), colour), (side // 4, side // 5))
    file = io.BytesIO()
    image.save(file, "JPEG", exif=b"Exif\0\0hidden-place")
    return file.getvalue()


async def look_at_everybody(house: House) -> None:
    roll = await call_roll(house.site.org)
    await status(house.site.org, roll, list(roll.persons))


def is_problem(answer: httpx2.Response, status_code: int) -> bool:
    return (
        answer.status_code == status_code
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json()["status"] == status_code
        and bool(answer.json()["title"])
    )


async def test_nobody_gets_in_without_a_token_that_works(office: House):
    nobody = await office.browser()
    assert is_problem(await nobody.open("/api/people"), 401)
    assert is_problem(await nobody.open("/api/people", headers={"authorization": "Bearer sp_guess"}), 401)
    late = await program(office, Scope.PEOPLE_READ, days=-1)
    assert is_problem(await late.get("/api/people"), 401)


async def test_a_session_opens_nothing_here(office: House):
    administrator = await office.browser("in-sync", administrator=True)
    assert is_problem(await administrator.open("/api/people"), 401)


async def test_a_revoked_token_no_longer_works(office: House):
    client = await program(office, Scope.PEOPLE_READ)
    assert (await client.get("/api/people")).status_code == 200
    (token,) = await office.site.org.ledger.tokens()
    await office.site.org.ledger.revoke_token(token.id, office.site.clock())
    assert is_problem(await client.get("/api/people"), 401)


async def test_people_are_listed_page_by_page_each_once(office: House):
    await look_at_everybody(office)
    client = await program(office, Scope.PEOPLE_READ)
    names, after = [], None
    while True:
        page = (await client.get("/api/people", params={"limit": 5} | ({"after": after} if after else {}))).json()
        names += [one["name"] for one in page["people"]]
        if (after := page["next"]) is None:
            break
    assert len(names) == len(set(names)) == len(office.tenant.people)
    assert names == sorted(names, key=str.casefold)


async def test_people_are_found_by_what_a_system_shows(office: House):
    await look_at_everybody(office)
    client = await program(office, Scope.PEOPLE_READ)
    page = (await client.get("/api/people", params={"system": "sharepoint", "verdict": "never visited"})).json()
    assert office.tenant.person("never-visited").name in {one["name"] for one in page["people"]}
    assert office.tenant.person("in-sync").name not in {one["name"] for one in page["people"]}


async def test_somebody_has_accounts_and_reasons(office: House):
    await look_at_everybody(office)
    client = await program(office, Scope.PEOPLE_READ)
    who = await office.person("stale")
    told = (await client.get(f"/api/people/{who}")).json()
    assert {one["system"] for one in told["accounts"]} == {"exchange", "entra", "sharepoint"}
    shown = {one["system"]: one for one in told["systems"]}
    assert shown["sharepoint"]["verdict"] == "different"
    assert "exchange" in shown["sharepoint"]["reason"]


async def test_an_id_of_nobody_is_not_found(office: House):
    client = await program(office, *Scope)
    for method, path in (
        ("GET", ""),
        ("POST", "/look"),
        ("POST", "/visits"),
        ("DELETE", "/picture"),
        ("POST", "/undo"),
    ):
        assert is_problem(await client.request(method, f"/api/people/nobody{path}"), 404)


async def test_a_picture_set_is_the_picture_in_the_mailbox(office: House):
    client = await program(office, Scope.PICTURES_WRITE, Scope.PICTURES_READ)
    who = await office.person("none")
    assert is_problem(await client.get(f"/api/people/{who}/pictures/exchange"), 404)
    done = await client.put(f"/api/people/{who}/picture", content=portrait())
    assert done.status_code == 200
    assert done.json()["outcomes"][0] | {"ref": "", "person": ""} == {
        "person": "",
        "system": "exchange",
        "ref": "",
        "result": "done",
        "detail": "",
        "remedy": "",
        "link": None,
    }
    shown = await client.get(f"/api/people/{who}/pictures/exchange", params={"side": 96})
    assert Image.open(io.BytesIO(shown.content)).size == (96, 96)
    assert b"hidden-place" not in shown.content


async def test_a_picture_taken_back_is_what_was_there(office: House):
    client = await program(office, Scope.PICTURES_WRITE, Scope.PICTURES_READ)
    who = await office.person("in-sync")
    before = await face(client, who)
    await client.put(f"/api/people/{who}/picture", content=portrait())
    assert distance(await face(client, who), before) > 20
    undone = (await client.post(f"/api/people/{who}/undo")).json()
    assert [one["result"] for one in undone["outcomes"]] == ["done"]
    assert distance(await face(client, who), before) < 2  # Exchange encodes anew what it is given


async def face(client: httpx2.AsyncClient, who: str) -> bytes:
    return (await client.get(f"/api/people/{who}/pictures/exchange", params={"side": 96})).content


def distance(one: bytes, other: bytes) -> float:
    """The mean difference of two pictures, in steps of 255."""
    difference = ImageChops.difference(*(Image.open(io.BytesIO(data)).convert("L") for data in (one, other)))
    return ImageStat.Stat(difference).mean[0]


@pytest.mark.parametrize(
    ("content", "status_code"),
    [(b"", 422), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422), (b"MZ" * 100, 422), (b"\xff" * 1_200_000, 413)],
)
async def test_what_is_no_picture_is_refused_and_nothing_changes(office: House, content: bytes, status_code: int):
    client = await program(office, Scope.PICTURES_WRITE)
    who = await office.person("in-sync")
    before = office.control("GET", f"/people/{office.tenant.person('in-sync').id}")["pictures"]
    answer = await client.put(f"/api/people/{who}/picture", content=content)
    assert answer.status_code == status_code
    assert office.control("GET", f"/people/{office.tenant.person('in-sync').id}")["pictures"] == before


async def test_the_same_request_under_the_same_key_is_done_once(office: House):
    client = await program(office, Scope.VISITS_WRITE)
    who = await office.person("stale")
    key = {"idempotency-key": "one"}
    first = await client.post(f"/api/people/{who}/visits", headers=key)
    again = await client.post(f"/api/people/{who}/visits", headers=key)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    other = await office.person("in-sync")
    assert is_problem(await client.post(f"/api/people/{other}/visits", headers=key), 422)
    assert (await client.post(f"/api/people/{who}/visits")).json() != first.json()


async def test_a_refused_request_may_come_again_under_its_key(office: House):
    client = await program(office, Scope.PICTURES_WRITE)
    who, key = await office.person("none"), {"idempotency-key": "two"}
    assert is_problem(await client.post(f"/api/people/{who}/undo", headers=key), 409)
    await client.put(f"/api/people/{who}/picture", content=portrait())
    assert (await client.post(f"/api/people/{who}/undo", headers=key)).status_code == 200


async def test_another_programs_key_is_its_own(office: House):
    one, other = await program(office, Scope.VISITS_WRITE), await program(office, Scope.VISITS_WRITE)
    who, key = await office.person("stale"), {"idempotency-key": "three"}
    first = await one.post(f"/api/people/{who}/visits", headers=key)
    assert (await other.post(f"/api/people/{who}/visits", headers=key)).json() != first.json()


def delivery(office: House, body: Any, number: str = "msg_1", age: float = 0, secret: str = SECRET) -> dict[str, Any]:
    content = json.dumps(body).encode()
    at = int(office.site.clock().timestamp() - age)
    signed = hmac.digest(base64.b64decode(secret), f"{number}.{at}.".encode() + content, "sha256")
    signature = f"v1,{base64.b64encode(b'older' * 6).decode()} v1,{base64.b64encode(signed).decode()}"
    headers = {"webhook-id": number, "webhook-timestamp": str(at), "webhook-signature": signature}
    return {"content": content, "headers": headers}


async def deliver(office: House, **about: Any) -> httpx2.Response:
    nobody = await office.browser()
    return await nobody.client.post("/api/hooks/changed", **delivery(office, **about))


async def test_a_signed_delivery_is_taken_once(office: House):
    body = {"person": office.tenant.person("stale").upn}
    taken = await deliver(office, body=body)
    assert (taken.status_code, taken.json()) == (202, {"people": 1})
    assert is_problem(await deliver(office, body=body), 409)
    due = await office.site.org.ledger.due_of(await office.person("stale"))
    assert [one.task for one in due] == ["change"]


async def test_a_delivery_about_a_stranger_is_taken_and_about_nobody(office: House):
    assert (await deliver(office, body={"person": "nobody@example.org"})).json() == {"people": 0}


@pytest.mark.parametrize(
    ("about", "status_code"),
    [
        ({"secret": base64.b64encode(b"somebody else's secret").decode()}, 401),
        ({"age": 400}, 401),
        ({"age": -400}, 401),
        ({"body": {"who": "?"}}, 422),
        ({"body": []}, 422),
    ],
)
async def test_a_delivery_that_is_not_right_is_refused(office: House, about: dict[str, Any], status_code: int):
    given = {"body": {"person": office.tenant.person("stale").upn}} | about
    assert is_problem(await deliver(office, **given), status_code)
    assert await office.site.org.ledger.due_of(await office.person("stale")) == []


async def test_without_a_secret_there_is_no_webhook(house: House):
    nobody = await house.browser()
    answer = await nobody.client.post("/api/hooks/changed", **delivery(house, {"person": "x"}))
    assert is_problem(answer, 404)
