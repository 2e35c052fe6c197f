"""The published limits, made small enough to be reached."""

import asyncio
import io

import httpx2
import pytest
from PIL import Image

from samepic.practice.limits import IDENTITY, OUTLOOK, PEOPLE_MANAGER, SHAREPOINT, SHAREPOINT_DAY, UPLOADS, WRITES
from samepic.practice.throttling import cost_of
from samepic.practice.wire import Ask
from tests.wire.clients import bearer, certificate_token, secret_token


@pytest.fixture
def graph(fresh_tenant):
    token = secret_token(fresh_tenant, fresh_tenant.graph)
    with httpx2.Client(base_url=f"{fresh_tenant.graph}/v1.0", headers=bearer(token)) as client:
        yield client


@pytest.fixture
def control(fresh_tenant):
    with httpx2.Client(base_url=fresh_tenant.control) as client:
        yield client


def shrink(control, name, amount):
    """Scales all limits so that the named one is of this amount."""
    control.put("/throttling", json={"scale": 1}).raise_for_status()
    published = control.get("/throttling").json()["limits"][name]["amount"]
    return control.put("/throttling", json={"scale": (amount + 0.5) / published}).json()


def shrink_one(control, name, amount):
    """As `shrink`, and every other limit stays as it is published."""
    published = control.get("/throttling").json()["limits"][name]["amount"]
    control.put("/throttling", json={"limits": {name: (amount + 0.5) / published}}).raise_for_status()


def statuses(count, ask):
    return [ask().status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("limit", "people", "amount"),
    [
        (IDENTITY, 12, 3_500),
        (IDENTITY, 49, 3_500),
        (IDENTITY, 50, 5_000),
        (IDENTITY, 501, 8_000),
        (PEOPLE_MANAGER, 1_000, 3_000),
        (PEOPLE_MANAGER, 1_001, 6_000),
        (PEOPLE_MANAGER, 100_000, 15_000),
        (SHAREPOINT, 15_000, 3_750),
        (SHAREPOINT_DAY, 1_000, 1_200_000),
        (SHAREPOINT_DAY, 50_001, 6_000_000),
        (OUTLOOK, 100_000, 10_000),
        (UPLOADS, 100_000, 150_000_000),
        (WRITES, 100_000, 3_000),
    ],
)
def test_the_published_numbers(limit, people, amount):
    assert limit.amount(people) == amount


@pytest.mark.parametrize(
    ("path", "query", "cost"),
    [
        ("/v1.0/users", {}, 2),
        ("/v1.0/users", {"$select": "id"}, 1),
        ("/v1.0/users", {"$top": "5"}, 1),
        ("/v1.0/users", {"$select": "id", "$top": "5"}, 1),
        ("/v1.0/users", {"$top": "999", "$expand": "manager"}, 3),
        ("/v1.0/users/ada", {}, 1),
        ("/v1.0/groups/harbour/members", {}, 3),
        ("/v1.0/groups/harbour/transitiveMembers", {"$select": "id", "$top": "999"}, 4),
    ],
)
def test_the_published_costs(path, query, cost):
    assert cost_of(Ask("GET", path, query)) == cost


def test_nothing_is_refused_by_itself(fresh_tenant, graph, control):
    assert set(statuses(60, lambda: graph.get("/users"))) == {200}
    used = control.get("/throttling").json()["limits"]
    assert list(used["identity"]["used"].values()) == [120]
    assert used["identity"]["amount"] == 3_500
    assert not used["outlook"]["used"]


def test_too_many_units_are_refused_until_the_window_ends(fresh_tenant, graph, control):
    shrink(control, "identity", 10)
    answers = [graph.get("/users") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    shares = [answer.headers.get("x-ms-throttle-limit-percentage") for answer in answers]
    assert shares == [None, None, None, "0.8", "1.0", "1.2"]
    refused = answers[-1]
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    assert refused.headers["x-ms-throttle-information"] == "ResourceUnitLimitExceeded"
    assert refused.headers["x-ms-throttle-scope"].endswith(
        f"/{fresh_tenant.application.client_id}/{fresh_tenant.tenant}"
    )
    assert {answer.headers["x-ms-resource-unit"] for answer in answers} == {"2"}
    control.post("/clock/advance", json={"seconds": int(refused.headers["Retry-After"])})
    assert graph.get("/users").status_code == 200


def test_what_is_refused_counts_as_well(graph, control):
    shrink(control, "identity", 2)
    statuses(5, lambda: graph.get("/users"))
    assert list(control.get("/throttling").json()["limits"]["identity"]["used"].values()) == [10]
    assert not control.post("/throttling/reset").json()["limits"]["identity"]["used"]
    assert graph.get("/users").status_code == 200


def test_pictures_are_limited_by_mailbox(fresh_tenant, graph, control):
    ada, bruno = (fresh_tenant.person(case).id for case in ("in-sync", "never-visited"))
    shrink(control, "outlook", 3)
    assert statuses(4, lambda: graph.get(f"/users/{ada}/photo")) == [200, 200, 200, 429]
    assert graph.get(f"/users/{bruno}/photo").status_code == 200


def test_items_of_a_batch_are_throttled_one_by_one(fresh_tenant, graph, control):
    shrink(control, "outlook", 3)
    url = f"/users/{fresh_tenant.person('in-sync').id}/photo"
    items = [{"id": str(number), "method": "GET", "url": url} for number in range(5)]
    answer = graph.post("/$batch", json={"requests": items})
    assert answer.status_code == 200
    parts = answer.json()["responses"]
    assert sorted(part["status"] for part in parts) == [200, 200, 200, 429, 429]
    assert all(int(part["headers"]["Retry-After"]) >= 1 for part in parts if part["status"] == 429)


async def test_four_at_once_for_one_mailbox(fresh_tenant, control):
    control.put("/faults", json={"latency": 150})
    headers = bearer(secret_token(fresh_tenant, fresh_tenant.graph))
    url = f"{fresh_tenant.graph}/v1.0/users/{fresh_tenant.person('in-sync').id}/photo"
    async with httpx2.AsyncClient(headers=headers) as client:
        together = await asyncio.gather(*(client.get(url) for _ in range(6)))
        assert sorted(answer.status_code for answer in together) == [200, 200, 200, 200, 429, 429]
        assert (await client.get(url)).status_code == 200


def test_profiles_are_limited_for_the_tenant(fresh_tenant, control):
    token = bearer(certificate_token(fresh_tenant, fresh_tenant.sharepoint), Accept="application/json")
    shrink(control, "people manager", 5)
    account = f"i:0%23.f|membership|{fresh_tenant.person('in-sync').upn}"
    manager = f"{fresh_tenant.sharepoint}/_api/SP.UserProfiles.PeopleManager"
    address = f"{manager}/GetPropertiesFor(accountName='{account}')"
    for _ in range(5):
        assert httpx2.get(address, headers=token).status_code == 200
        control.post("/clock/advance", json={"seconds": 40})  # so that the limit for a minute is not the one that bites
    refused = httpx2.get(address, headers=token)
    assert refused.status_code == 429
    assert 60 < int(refused.headers["Retry-After"]) <= 100
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert "odata.error" in refused.json()
    control.post("/clock/advance", json={"seconds": int(refused.headers["Retry-After"])})
    assert httpx2.get(address, headers=token).status_code == 200


def test_sharepoint_warns_from_four_fifths_on(fresh_tenant, control):
    token = bearer(certificate_token(fresh_tenant, fresh_tenant.sharepoint_my), Accept="application/json")
    shrink(control, "sharepoint", 10)
    listing = f"{fresh_tenant.sharepoint_my}/_api/web/GetList('/User Photos')/items"
    answers = [httpx2.get(listing, headers=token) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert [answer.headers.get("RateLimit-Remaining") for answer in answers] == [None, None, None, "2", "0", "0"]
    assert answers[3].headers["RateLimit-Limit"] == "10"
    assert 1 <= int(answers[3].headers["RateLimit-Reset"]) <= 60


@pytest.mark.parametrize("scale", ["half", -1, True, 1e9])
def test_a_nonsensical_scale_is_refused(control, scale):
    assert control.put("/throttling", json={"scale": scale}).status_code == 400


def picture(side=300):
    written = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(written, "JPEG")
    return written.getvalue()


def test_what_is_uploaded_for_one_mailbox_is_limited_by_its_bytes(fresh_tenant, graph, control):
    ada, bruno = (fresh_tenant.person(case).id for case in ("in-sync", "never-visited"))
    data = picture()
    shrink_one(control, "uploads", 2 * len(data))
    put = [graph.put(f"/users/{ada}/photo/$value", content=data) for _ in range(3)]
    assert [answer.status_code for answer in put] == [200, 200, 429]
    assert 200 < int(put[-1].headers["Retry-After"]) <= 300
    assert graph.get(f"/users/{ada}/photo").status_code == 200
    assert graph.put(f"/users/{bruno}/photo/$value", content=data).status_code == 200


@pytest.mark.parametrize(("name", "seconds"), [("writes", 150), ("application writes", 300), ("tenant writes", 300)])
def test_pictures_that_the_directory_keeps_are_writes_to_it(fresh_tenant, graph, control, name, seconds):
    elias, ada = (fresh_tenant.person(case).upn for case in ("no-mailbox", "in-sync"))
    shrink_one(control, name, 2)
    for _ in range(3):
        assert graph.put(f"/users/{ada}/photo/$value", content=picture()).status_code == 200
    put = [graph.put(f"/users/{elias}/photo/$value", content=picture()) for _ in range(3)]
    assert [answer.status_code for answer in put] == [200, 200, 429]
    assert seconds - 60 < int(put[-1].headers["Retry-After"]) <= seconds
    control.post("/clock/advance", json={"seconds": seconds})
    assert graph.put(f"/users/{elias}/photo/$value", content=picture()).status_code == 200


def test_sharepoint_counts_a_day_as_well(fresh_tenant, control):
    token = bearer(certificate_token(fresh_tenant, fresh_tenant.sharepoint_my), Accept="application/json")
    shrink_one(control, "sharepoint day", 4)
    listing = f"{fresh_tenant.sharepoint_my}/_api/web/GetList('/User Photos')/items"
    answers = [httpx2.get(listing, headers=token) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 86_000 < int(answers[-1].headers["Retry-After"]) <= 86_400
    control.post("/clock/advance", json={"seconds": 3_600})
    assert httpx2.get(listing, headers=token).status_code == 429
    control.post("/clock/advance", json={"seconds": 86_400})
    assert httpx2.get(listing, headers=token).status_code == 200


@pytest.mark.parametrize("given", [{}, {"limits": {"patience": 1}}, {"limits": {"uploads": -1}}, {"limits": 3}])
def test_limits_that_make_no_sense_are_refused(control, given):
    assert control.put("/throttling", json=given).status_code == 400
