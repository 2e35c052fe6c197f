"""Graph beyond people and their pictures: delta, groups, subscriptions, scripts of other origins."""

import io
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from PIL import Image

from tests.wire.clients import bearer, secret_token

ROLES = ["User.Read.All", "Group.Read.All", "ProfilePhoto.ReadWrite.All"]


@pytest.fixture
def control(fresh_tenant):
    with httpx2.Client(base_url=fresh_tenant.control) as client:
        yield client


@pytest.fixture
def graph(fresh_tenant, control):
    control.put("/application/roles", json={"graph": ROLES})
    headers = bearer(secret_token(fresh_tenant, fresh_tenant.graph))
    with httpx2.Client(base_url=f"{fresh_tenant.graph}/v1.0", headers=headers) as client:
        yield client


def round_of(graph, url, **headers):
    """Everything until the link to come back with."""
    found = []
    while True:
        page = graph.get(url, headers=headers).json()
        found += page["value"]
        if "@odata.deltaLink" in page:
            return found, page["@odata.deltaLink"]
        url = page["@odata.nextLink"]


@pytest.mark.parametrize("spelling", ["users/delta", "users/delta()", "/users/delta()"])
def test_a_first_round_gives_everybody_in_pages(fresh_tenant, graph, spelling):
    found, link = round_of(graph, f"{graph.base_url}{spelling}?$select=displayName", Prefer="odata.maxpagesize=5")
    assert {entry["id"] for entry in found} == {person.id for person in fresh_tenant.people}
    assert found[0].keys() == {"id", "displayName"}
    assert round_of(graph, link)[0] == []


def test_later_rounds_give_each_change_once_and_never_a_picture(fresh_tenant, graph, control):
    ada, bruno, chiara = (fresh_tenant.person(case) for case in ("in-sync", "never-visited", "stale"))
    _, link = round_of(graph, "/users/delta?$select=accountEnabled,displayName")
    control.put(f"/people/{ada.id}/mailbox/picture", json={"portrait": "another"})
    control.put(f"/people/{bruno.id}/sign-in", json={"blocked": True})
    control.put(f"/people/{bruno.id}/licence", json={"exchange": False})
    control.delete(f"/people/{chiara.id}")
    new = control.post("/people").json()
    found, later = round_of(graph, link, Prefer="odata.maxpagesize=1")
    assert [entry["id"] for entry in found] == [bruno.id, chiara.id, new["id"]]
    assert found[0] == {"accountEnabled": False, "displayName": bruno.name, "id": bruno.id}
    assert found[1] == {"id": chiara.id, "@removed": {"reason": "deleted"}}
    assert round_of(graph, later)[0] == []
    at_once, later = round_of(graph, link)
    assert at_once == found
    assert round_of(graph, later)[0] == []


def test_a_change_between_two_pages_comes_with_the_next_round(fresh_tenant, graph, control):
    ada = fresh_tenant.person("in-sync")
    page = graph.get("/users/delta", headers={"Prefer": "odata.maxpagesize=5"}).json()
    control.put(f"/people/{ada.id}/sign-in", json={"blocked": True})
    _, link = round_of(graph, page["@odata.nextLink"])
    assert [entry["id"] for entry in round_of(graph, link)[0]] == [ada.id]


def test_only_the_latest_token_may_be_asked_for(graph):
    assert round_of(graph, "/users/delta?$deltatoken=latest")[0] == []


def test_a_token_is_good_for_seven_days(graph, control):
    _, link = round_of(graph, "/users/delta")
    control.post("/clock/advance", json={"seconds": 7 * 86_400 - 60})
    assert graph.get(link).status_code == 200
    control.post("/clock/advance", json={"seconds": 120})
    gone = graph.get(link)
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "syncStateNotFound")
    assert len(round_of(graph, gone.headers["location"])[0]) == 12
    assert graph.get("/users/delta?$deltatoken=nonsense").status_code == 400


def picture(side=300):
    written = io.BytesIO()
    Image.new("RGB", (side, side), "green").save(written, "PNG")
    return written.getvalue()


@pytest.fixture
def groups(graph):
    return {group["displayName"]: group for group in graph.get("/groups").json()["value"]}


def test_groups_are_listed_and_named(graph, groups):
    assert {name: group["groupTypes"] for name, group in groups.items()} == {
        "Harbour Project": ["Unified"],
        "All Company": ["Unified"],
        "Door Openers": [],
    }
    harbour = groups["Harbour Project"]
    assert graph.get(f"/groups/{harbour['id']}?$select=mail").json()["mail"] == harbour["mail"]
    assert graph.get(f"/groups('{harbour['id']}')").json()["id"] == harbour["id"]
    assert graph.get("/groups/11111111-1111-4111-8111-111111111111").status_code == 404


def test_a_groups_picture_is_read_in_sizes(graph, groups):
    base = f"/groups/{groups['Harbour Project']['id']}"
    assert graph.get(f"{base}/photo").json()["id"] == "648x648"
    assert len(graph.get(f"{base}/photos").json()["value"]) == 9
    small = graph.get(f"{base}/photos/48x48/$value").content
    assert Image.open(io.BytesIO(small)).size == (48, 48)
    assert graph.get(f"/groups/{groups['All Company']['id']}/photo").json()["error"]["code"] == "ImageNotFound"


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_groups_picture_is_written_and_deleted(graph, groups, method):
    base = f"/groups/{groups['All Company']['id']}"
    assert graph.request(method, f"{base}/photo/$value", content=picture()).status_code == 200
    assert [one["id"] for one in graph.get(f"{base}/photos").json()["value"]][-1] == "240x240"
    assert graph.delete(f"{base}/photo/$value").status_code == 200
    assert graph.get(f"{base}/photo/$value").status_code == 404
    assert graph.delete(f"{base}/photo/$value").status_code == 404


def test_a_group_without_a_mailbox_takes_no_picture(graph, groups):
    answer = graph.put(f"/groups/{groups['Door Openers']['id']}/photo/$value", content=picture())
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "MailboxNotEnabledForRESTAPI")


def test_groups_need_rights_of_their_own(tenant):
    headers = bearer(secret_token(tenant, tenant.graph))
    assert httpx2.get(f"{tenant.graph}/v1.0/groups", headers=headers).status_code == 403


def wanted(**changed):
    until = datetime.now(UTC) + timedelta(minutes=41_000)
    return {
        "changeType": "updated,deleted",
        "notificationUrl": "https://client.example/told",
        "resource": "/users",
        "expirationDateTime": until.isoformat(),
        "clientState": "secret",
    } | changed


def test_a_subscription_is_made_renewed_and_dropped(graph):
    made = graph.post("/subscriptions", json=wanted())
    assert (made.status_code, made.json()["clientState"]) == (201, "secret")
    address = f"/subscriptions/{made.json()['id']}"
    assert [one["clientState"] for one in graph.get("/subscriptions").json()["value"]] == [None]
    later = (datetime.now(UTC) + timedelta(minutes=41_700)).isoformat()
    assert graph.patch(address, json={"expirationDateTime": later}).status_code == 200
    assert graph.get(address).json()["expirationDateTime"] > made.json()["expirationDateTime"]
    assert graph.delete(address).status_code == 204
    assert graph.get(address).status_code == 404


def test_a_subscription_ends_by_itself(graph, control):
    address = f"/subscriptions/{graph.post('/subscriptions', json=wanted()).json()['id']}"
    control.post("/clock/advance", json={"seconds": 41_000 * 60 + 60})
    assert graph.get(address).status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"expirationDateTime": (datetime.now(UTC) + timedelta(minutes=41_770)).isoformat()},
        {"expirationDateTime": "2020-01-01T00:00:00Z"},
        {"expirationDateTime": "soon"},
        {"resource": "/users/x/photo"},
        {"resource": "/me/photo/$value"},
        {"notificationUrl": "http://client.example"},
        {"changeType": "moved"},
        {"changeType": None},
    ],
)
def test_a_subscription_that_cannot_be_is_refused(graph, changed):
    assert graph.post("/subscriptions", json=wanted(**changed)).status_code == 400
    assert graph.get("/subscriptions").json()["value"] == []


def test_a_subscription_needs_the_right_to_read_what_it_is_about(tenant):
    headers = bearer(secret_token(tenant, tenant.graph))
    answer = httpx2.post(f"{tenant.graph}/v1.0/subscriptions", headers=headers, json=wanted(resource="groups"))
    assert answer.status_code == 403


def test_scripts_of_other_origins_may_ask_and_read_the_headers_they_need(tenant):
    address, origin = f"{tenant.graph}/v1.0/users", {"Origin": "https://page.example"}
    asked = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization,content-type"}
    allowed = httpx2.options(address, headers=origin | asked)
    assert allowed.status_code == 200
    assert "PATCH" in allowed.headers["access-control-allow-methods"]
    answer = httpx2.get(address, headers=origin | bearer(secret_token(tenant, tenant.graph)))
    exposed = answer.headers["access-control-expose-headers"].casefold()
    assert all(name in exposed for name in ("etag", "retry-after", "request-id", "client-request-id", "location"))
