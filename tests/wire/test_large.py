"""Worlds of a million people: nobody is stored who was not changed, so they start at once and answer anywhere."""

import itertools
import time

import httpx2
import pytest

from samepic.practice.people import Case, case_at, index_of, index_of_mangled, mangled, person_at
from tests.wire.clients import bearer, certificate_token, secret_token
from tests.wire.test_library import FOLDER, ITEMS

MILLION = 1_000_000


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    from tests.conftest import practice_tenant  # noqa: PLC0415 -- a tenant of this module's own

    began = time.monotonic()
    with practice_tenant(tmp_path_factory.mktemp("large"), people=MILLION) as running:
        assert time.monotonic() - began < 5
        yield running


@pytest.fixture(scope="module")
def graph(large):
    headers = bearer(secret_token(large, large.graph)) | {"ConsistencyLevel": "eventual"}
    with httpx2.Client(base_url=f"{large.graph}/v1.0", headers=headers, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def my(large):
    headers = bearer(certificate_token(large, large.sharepoint_my), Accept="application/json;odata=minimalmetadata")
    with httpx2.Client(base_url=large.sharepoint_my, headers=headers, timeout=30) as client:
        yield client


def somebody(case, start):
    return next(person_at(1, index) for index in itertools.count(start) if case_at(1, index) is case)


def test_everybody_is_counted_and_pages_follow_one_another(graph):
    first = graph.get("/users?$top=999&$count=true&$select=id").json()
    assert first["@odata.count"] == MILLION
    second = graph.get(first["@odata.nextLink"]).json()
    ids = [user["id"] for page in (first, second) for user in page["value"]]
    assert len(ids) == len(set(ids)) == 1998


def test_a_filter_is_counted_too(graph):
    guests = graph.get("/users?$filter=userType eq 'Guest'&$count=true&$top=5").json()
    assert 0.025 * MILLION < guests["@odata.count"] < 0.035 * MILLION
    assert len(guests["value"]) == 5


def test_anybody_is_found_by_either_name(large, graph):
    late = somebody(Case.STALE, MILLION - 100)
    by_id, by_upn = (graph.get(f"/users/{name}").json() for name in (late.id, late.upn.upper()))
    assert by_id == by_upn
    assert graph.get(f"/users/{late.id}/photo/$value").content
    beyond = person_at(1, MILLION)
    assert [graph.get(f"/users/{name}").status_code for name in (beyond.id, beyond.upn)] == [404, 404]


def test_a_change_stays_and_touches_nobody_else(large, graph):
    late = somebody(Case.IN_SYNC, MILLION - 200)
    blocked = graph.get("/users?$filter=accountEnabled eq false&$count=true&$top=1").json()["@odata.count"]
    httpx2.put(f"{large.control}/people/{late.id}/sign-in", json={"blocked": True})
    assert graph.get(f"/users/{late.id}?$select=accountEnabled").json()["accountEnabled"] is False
    again = graph.get("/users?$filter=accountEnabled eq false&$count=true&$top=1").json()["@odata.count"]
    assert again == blocked + 1


def test_the_library_is_paged_from_anywhere(my):
    page = my.get(ITEMS, params={"$select": "Id,FileRef", "$top": "100", "$filter": "Id gt 2900000"}).json()
    assert len(page["value"]) == 100
    path = page["value"][50]["FileRef"]
    assert my.get(f"/_api/web/GetFileByServerRelativeUrl('{path}')").json()["ServerRelativeUrl"] == path


def test_a_seeded_file_is_overwritten_deleted_and_made_anew(my):
    item = my.get(ITEMS, params={"$select": "Id,FileLeafRef", "$top": "1", "$filter": "Id gt 1000000"}).json()["value"]
    name = item[0]["FileLeafRef"]
    file = f"/_api/web/GetFileByServerRelativeUrl('{FOLDER}/{name}')"
    add = f"/_api/web/GetFolderByServerRelativeUrl('{FOLDER}')/Files/add(url='{name}',overwrite=true)"
    assert my.post(add, content=b"x").json()["UIVersionLabel"] == "2.0"
    number = my.get(f"{file}/ListItemAllFields").json()["Id"]
    assert number == item[0]["Id"]
    assert my.delete(file).status_code == 200
    assert my.get(file).status_code == 404
    listed = my.get(ITEMS, params={"$select": "Id", "$top": "1", "$filter": "Id gt 1000000"}).json()["value"]
    assert listed[0]["Id"] > number
    assert my.post(add, content=b"y").json()["UIVersionLabel"] == "1.0"
    assert my.get(f"{file}/ListItemAllFields").json()["Id"] > 3 * MILLION


def test_some_files_are_named_by_the_upn(my):
    found = []
    for page in range(3):
        query = {"$select": "Id,FileLeafRef", "$top": "300", "$filter": f"Id gt {600 + 300_000 * page}"}
        found += [item["FileLeafRef"] for item in my.get(ITEMS, params=query).json()["value"]]
    by_upn = [name for name in found if "_contoso_example_" in name]
    assert 0.08 < len(by_upn) / len(found) < 0.22
    for name in (by_upn[0], by_upn[-1]):
        assert my.get(f"/_api/web/GetFileByServerRelativeUrl('{FOLDER}/{name.upper()}')").status_code == 200


def test_names_lead_back_to_the_index():
    for index in (*range(60), 4_711, 999_999):
        person = person_at(7, index)
        assert index_of(7, person.id) == index_of(7, person.upn) == index
        assert index < 12 or person.guest or index_of_mangled(7, mangled(person.upn)) == index
        assert person.case is case_at(7, index)
    assert index_of(8, person_at(7, 5).id) != 5
    assert index_of(7, "nobody") is None
