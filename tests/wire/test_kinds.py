"""What tells people, shared mailboxes, rooms, groups and teams apart in Graph."""

import io

import httpx2
import pytest
from PIL import Image

from tests.wire.clients import bearer, person_tokens, secret_token

ROLES = [
    *("User.Read.All", "MailboxSettings.Read", "Place.Read.All", "Group.Read.All"),
    *("Team.ReadBasic.All", "TeamSettings.ReadWrite.All", "ProfilePhoto.Read.All"),
]


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


def purpose(graph, person):
    return graph.get(f"/users/{person.id}/mailboxSettings/userPurpose").json()["value"]


@pytest.mark.parametrize(("case", "kind"), [("in-sync", "user"), ("shared", "shared"), ("room", "room")])
def test_a_mailbox_says_what_it_is_for(fresh_tenant, graph, case, kind):
    who = fresh_tenant.person(case)
    assert purpose(graph, who) == kind
    chosen = graph.get(f"/users/{who.upn}/mailboxSettings?$select=userPurpose").json()
    assert {name for name in chosen if not name.startswith("@")} == {"userPurpose"}
    assert graph.get(f"/users/{who.id}/mailboxSettings").json()["userPurpose"] == kind


def test_control_makes_a_mailbox_one_for_equipment(fresh_tenant, graph, control):
    room = fresh_tenant.person("room")
    assert control.put(f"/people/{room.id}/purpose", json={"purpose": "equipment"}).json() == {"purpose": "equipment"}
    assert purpose(graph, room) == "equipment"
    assert control.put(f"/people/{room.id}/purpose", json={"purpose": "decoration"}).status_code == 400


def test_without_a_mailbox_there_are_no_settings(fresh_tenant, graph):
    answer = graph.get(f"/users/{fresh_tenant.person('guest').id}/mailboxSettings/userPurpose")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "MailboxNotEnabledForRESTAPI")


def test_mailbox_settings_want_a_right_of_their_own(tenant):
    ada = tenant.person("in-sync")
    path = f"{tenant.graph}/v1.0/users/{ada.id}/mailboxSettings"
    without = httpx2.get(path, headers=bearer(secret_token(tenant, tenant.graph)))
    assert (without.status_code, without.json()["error"]["code"]) == (403, "ErrorAccessDenied")
    own = person_tokens(tenant, ada, "MailboxSettings.Read")["access_token"]
    assert httpx2.get(f"{tenant.graph}/v1.0/me/mailboxSettings", headers=bearer(own)).json()["userPurpose"] == "user"
    other = f"{tenant.graph}/v1.0/users/{tenant.person('stale').id}/mailboxSettings"
    assert httpx2.get(other, headers=bearer(own)).status_code == 403


def test_rooms_are_places(fresh_tenant, graph, tenant):
    room = fresh_tenant.person("room")
    (found,) = graph.get("/places/microsoft.graph.room").json()["value"]
    assert (found["displayName"], found["emailAddress"]) == (room.name, room.upn)
    assert found["id"] != room.id
    for name in (found["id"], room.upn):
        assert graph.get(f"/places/{name}").json()["@odata.type"] == "#microsoft.graph.room"
    assert graph.get(f"/places/{room.id}").status_code == 404
    without = bearer(secret_token(tenant, tenant.graph))
    assert httpx2.get(f"{tenant.graph}/v1.0/places/microsoft.graph.room", headers=without).status_code == 403


def test_many_rooms_come_in_pages(make_tenant, tmp_path):
    tenant = make_tenant(tmp_path, people=300)
    httpx2.put(f"{tenant.control}/application/roles", json={"graph": ["Place.Read.All"]})
    with httpx2.Client(headers=bearer(secret_token(tenant, tenant.graph))) as client:
        address, names = f"{tenant.graph}/v1.0/places/microsoft.graph.room?$top=2", []
        while address:
            page = client.get(address).json()
            assert len(page["value"]) <= 2
            names += [room["displayName"] for room in page["value"]]
            address = page.get("@odata.nextLink")
    assert len(names) == len(set(names)) > 2


def test_a_team_is_a_group_with_the_groups_picture(graph):
    (team,) = graph.get("/teams").json()["value"]
    group = graph.get(f"/groups/{team['id']}?$select=displayName,resourceProvisioningOptions").json()
    assert (group["displayName"], group["resourceProvisioningOptions"]) == (team["displayName"], ["Team"])
    shown = graph.get(f"/teams/{team['id']}/photo").json()
    assert shown["id"] == "648X648"
    value = f"/teams/{team['id']}/photo/$value"
    assert graph.get(value).content == graph.get(f"/groups/{team['id']}/photo/$value").content


def test_groups_are_filtered_to_those_with_a_mailbox(graph):
    found = graph.get("/groups?$filter=groupTypes/any(c:c eq 'Unified')&$select=mail,proxyAddresses").json()["value"]
    assert {group["mail"] for group in found} == {"harbour@contoso.example", "allcompany@contoso.example"}
    assert all(group["proxyAddresses"] == [f"SMTP:{group['mail']}"] for group in found)
    assert graph.get("/groups?$filter=description eq 'x'").json()["error"]["code"] == "Request_UnsupportedQuery"


def test_a_teams_picture_is_set_but_not_deleted(graph):
    (team,) = graph.get("/teams").json()["value"]
    value = f"/teams/{team['id']}/photo/$value"
    written = io.BytesIO()
    Image.new("RGB", (300, 300), "teal").save(written, "JPEG")
    assert graph.put(value, content=written.getvalue()).status_code == 200
    assert graph.get(f"/teams/{team['id']}/photo").json()["id"] == "240X240"
    assert graph.delete(value).status_code == 405
    assert graph.get(f"/teams/{team['id']}/photos").status_code == 400


def test_a_group_that_is_no_team_has_no_team(graph):
    groups = graph.get("/groups").json()["value"]
    (without,) = [group for group in groups if group["displayName"] == "All Company"]
    assert graph.get(f"/teams/{without['id']}").status_code == 404


def test_groups_that_control_makes_have_members(fresh_tenant, graph, control):
    ada = fresh_tenant.person("in-sync")
    (designers, harbour) = control.put(
        f"/people/{ada.id}/groups", json={"groups": ["Designers", "harbour project"]}
    ).json()["groups"]
    member = graph.get(f"/users/{ada.id}/transitiveMemberOf?$select=id,displayName").json()["value"]
    assert [entry["displayName"] for entry in member] == ["Designers", "Harbour Project"]
    assert designers["id"] in {group["id"] for group in graph.get("/groups").json()["value"]}
    ids = graph.post(f"/users/{ada.id}/getMemberObjects", json={"securityEnabledOnly": False}).json()["value"]
    assert ids == [designers["id"], harbour["id"]]
    only = graph.post(f"/users/{ada.id}/getMemberObjects", json={"securityEnabledOnly": True}).json()["value"]
    assert only == [designers["id"]]
    assert graph.post(f"/users/{ada.id}/getMemberObjects", json={}).status_code == 400
