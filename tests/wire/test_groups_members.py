"""Who is in a group of Graph's, directly or by a group inside it; and which groups have a name."""

import httpx2
import pytest

from tests.wire.clients import bearer, secret_token


@pytest.fixture
def control(fresh_tenant):
    with httpx2.Client(base_url=fresh_tenant.control) as client:
        yield client


@pytest.fixture
def reads(fresh_tenant, control):
    """A client of Graph with these rights."""
    clients = []

    def begin(*roles):
        control.put("/application/roles", json={"graph": roles})
        headers = bearer(secret_token(fresh_tenant, fresh_tenant.graph))
        clients.append(httpx2.Client(base_url=f"{fresh_tenant.graph}/v1.0", headers=headers))
        return clients[-1]

    yield begin
    for client in clients:
        client.close()


@pytest.fixture
def graph(reads):
    return reads("GroupMember.Read.All", "User.Read.All")


@pytest.fixture
def join(fresh_tenant, control):
    """Puts the person of a case into groups and gives these, by name."""

    def join(case, *names):
        told = control.put(f"/people/{fresh_tenant.person(case).id}/groups", json={"groups": names}).json()
        return {group["name"]: group["id"] for group in told["groups"]}

    return join


@pytest.fixture
def pilots(fresh_tenant, control, join):
    """Ada is a pilot; Chiara is in a group inside a group that is inside: (id of each group, the two people)."""
    ids = join("in-sync", "Pilots") | join("stale", "Cadets") | join("none", "Crew") | join("none")
    control.put("/groups/Pilots/groups", json={"groups": ["Crew"]})
    control.put(f"/groups/{ids['Crew']}/groups", json={"groups": ["Cadets"]})
    return ids, fresh_tenant.person("in-sync"), fresh_tenant.person("stale")


def listed(graph, path):
    return {entry["id"]: entry["@odata.type"].rpartition(".")[2] for entry in graph.get(path).json()["value"]}


def test_members_are_direct_and_transitive_members_are_all(graph, pilots):
    ids, ada, chiara = pilots
    assert listed(graph, f"/groups/{ids['Pilots']}/members") == {ids["Crew"]: "group", ada.id: "user"}
    assert listed(graph, f"/groups/{ids['Pilots']}/transitiveMembers") == {
        ids["Crew"]: "group",
        ids["Cadets"]: "group",
        ada.id: "user",
        chiara.id: "user",
    }
    assert listed(graph, f"/groups('{ids['Cadets']}')/members") == {chiara.id: "user"}


def test_only_what_is_selected_is_told(graph, pilots):
    ids, ada, _ = pilots
    group, person = graph.get(f"/groups/{ids['Pilots']}/members?$select=id").json()["value"]
    assert group == {"@odata.type": "#microsoft.graph.group", "id": ids["Crew"]}
    assert person == {"@odata.type": "#microsoft.graph.user", "id": ada.id}


@pytest.mark.parametrize("top", [1, 2, 3])
def test_members_come_in_pages(fresh_tenant, graph, join, pilots, top):
    ids, *two = pilots
    more = [case for case in ("never-visited", "guest", "room", "none") if join(case, "Pilots", "Crew")]
    address, found = f"/groups/{ids['Pilots']}/transitiveMembers?$select=id&$top={top}", []
    while address:
        page = graph.get(address).json()
        assert 1 <= len(page["value"]) <= top
        found += [entry["id"] for entry in page["value"]]
        address = page.get("@odata.nextLink")
    people = {person.id for person in (*two, *map(fresh_tenant.person, more))}
    assert sorted(found) == sorted({ids["Crew"], ids["Cadets"]} | people)


def test_circles_of_groups_end(graph, control, pilots):
    ids, *people = pilots
    control.put("/groups/Cadets/groups", json={"groups": ["Pilots", "Crew"]})
    found = listed(graph, f"/groups/{ids['Pilots']}/transitiveMembers")
    assert found.keys() == {ids["Crew"], ids["Cadets"], *(person.id for person in people)}


def test_whoever_left_is_in_no_group(graph, control, pilots):
    ids, ada, chiara = pilots
    control.delete(f"/people/{ada.id}")
    found = listed(graph, f"/groups/{ids['Pilots']}/transitiveMembers")
    assert [one for one, kind in found.items() if kind == "user"] == [chiara.id]


def test_somebodys_groups_are_direct_or_all(graph, pilots):
    ids, _, chiara = pilots
    assert listed(graph, f"/users/{chiara.id}/memberOf") == {ids["Cadets"]: "group"}
    assert listed(graph, f"/users/{chiara.id}/transitiveMemberOf").keys() == set(ids.values())
    told = graph.post(f"/users/{chiara.id}/getMemberObjects", json={"securityEnabledOnly": True}).json()["value"]
    assert set(told) == set(ids.values())


def test_members_take_a_right_of_their_own(reads, pilots):
    ids, ada, _ = pilots
    path = f"/groups/{ids['Pilots']}/members?$select=id,displayName"
    without = reads("User.Read.All").get(path)
    assert (without.status_code, without.json()["error"]["code"]) == (403, "Authorization_RequestDenied")
    assert reads("Group.Read.All").get(path).status_code == 200
    _, told = reads("GroupMember.Read.All").get(path).json()["value"]
    assert told == {"@odata.type": "#microsoft.graph.user", "id": ada.id, "displayName": None}


def test_there_are_no_members_of_nothing_and_no_pages_of_nonsense(graph, pilots):
    members = f"/groups/{pilots[0]['Pilots']}/members"
    assert graph.get("/groups/11111111-1111-4111-8111-111111111111/members").status_code == 404
    assert graph.get(f"{members}?$top=1000").json()["error"]["code"] == "Request_UnsupportedQuery"
    for token in ("nonsense", "bm9uc2Vuc2U="):
        assert graph.get(f"{members}?$skiptoken={token}").json()["error"]["code"] == "Directory_ExpiredPageToken"


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("displayName eq 'harbour project'", {"Harbour Project"}),
        ("mail eq 'harbour@contoso.example'", {"Harbour Project"}),
        ("mailNickname eq 'Harbour' or displayName eq 'All Company'", {"Harbour Project", "All Company"}),
        ("displayName eq 'O''Brien or mail eq x'", {"O'Brien or mail eq x"}),
        ("displayName eq 'Nobody'", set()),
    ],
)
def test_groups_are_found_by_their_names(graph, join, wanted, names):
    join("none", "O'Brien or mail eq x")
    found = graph.get("/groups", params={"$filter": wanted, "$select": "displayName"}).json()["value"]
    assert {group["displayName"] for group in found} == names


@pytest.mark.parametrize(
    "wanted",
    ["description eq 'x'", "displayName eq 'O'Brien'", "displayName eq 'x' or", "displayName ne 'x'", "", "or"],
)
def test_other_filters_are_not_understood(graph, wanted):
    answer = graph.get("/groups", params={"$filter": wanted})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "Request_UnsupportedQuery")


def test_groups_with_a_mailbox_hold_people_only(control, pilots):
    for outer, inner in (("Pilots", "Harbour Project"), ("Harbour Project", "Pilots"), ("Pilots", "pilots")):
        assert control.put(f"/groups/{outer}/groups", json={"groups": [inner]}).status_code == 400
    assert [one["name"] for one in control.get("/groups/pilots/groups").json()["groups"]] == ["Crew"]
    assert control.get("/groups/Nobody/groups").status_code == 404


def test_hidden_members_are_nobody_to_who_may_not_see_them(fresh_tenant, control, reads, join):
    [harbour] = join("in-sync", "Harbour Project").values()
    assert control.put("/groups/harbour project/membership", json={"hidden": True}).json() == {"hidden": True}
    person = f"/users/{fresh_tenant.person('in-sync').id}"
    told = {}
    for right in ("Group.Read.All", "Member.Read.Hidden"):
        graph = reads("GroupMember.Read.All", "User.Read.All", right)
        assert graph.get(f"/groups/{harbour}").json()["visibility"] == "HiddenMembership"
        of_group, of_person = (listed(graph, path) for path in (f"/groups/{harbour}/members", f"{person}/memberOf"))
        ids = graph.post(f"{person}/getMemberObjects", json={"securityEnabledOnly": False}).json()["value"]
        told[right] = len(of_group), len(of_person), len(ids)
    assert told == {"Group.Read.All": (0, 0, 0), "Member.Read.Hidden": (1, 1, 1)}
    control.put(f"/groups/{harbour}/membership", json={"hidden": False})
    assert len(listed(reads("GroupMember.Read.All"), f"/groups/{harbour}/members")) == 1
    assert control.put("/groups/door openers/membership", json={"hidden": True}).status_code == 400
