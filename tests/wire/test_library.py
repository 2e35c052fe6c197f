import io

import httpx2
import pytest
from PIL import Image

from tests.wire.clients import bearer, certificate_token, person_tokens

FOLDER = "/User Photos/Profile Pictures"
FILES = f"/_api/web/GetFolderByServerRelativeUrl('{FOLDER}')/Files"
ITEMS = "/_api/web/GetList('/User Photos')/items"


def my_site(tenant, accept="application/json;odata=minimalmetadata"):
    headers = bearer(certificate_token(tenant, tenant.sharepoint_my), Accept=accept)
    return httpx2.Client(base_url=tenant.sharepoint_my, headers=headers)


@pytest.fixture(scope="module")
def my(tenant):
    with my_site(tenant) as client:
        yield client


@pytest.fixture
def fresh_my(fresh_tenant):
    with my_site(fresh_tenant) as client:
        yield client


def picture(colour="red"):
    written = io.BytesIO()
    Image.new("RGB", (72, 72), colour).save(written, "JPEG")
    return written.getvalue()


def file(name):
    return f"/_api/web/GetFileByServerRelativeUrl('{FOLDER}/{name}')"


def code_of(answer):
    return answer.status_code, answer.json()["odata.error"]["code"]


MISSING = (404, "-2147024894, System.IO.FileNotFoundException")
THROTTLED = (500, "-2147024860, Microsoft.SharePoint.SPQueryThrottledException")


def all_items(client, url):
    found = []
    while url:
        page = client.get(url).json()
        found += page["value"]
        url = page.get("odata.nextLink")
    return found


def test_thumbnails_are_there_in_three_widths(tenant, my):
    ada = tenant.person("in-sync")
    for letter, side in (("S", 48), ("M", 72), ("L", 200)):
        answer = my.get(f"{file(f'{ada.id}_{letter}Thumb.jpg')}/$value")
        assert (answer.headers["content-type"], Image.open(io.BytesIO(answer.content)).size) == (
            "image/jpeg",
            (side, side),
        )


@pytest.mark.parametrize(
    "listed",
    [ITEMS, "/_api/web/lists/getbytitle('User Photos')/items", "/_api/Web/Lists/GetByTitle('user photos')/Items"],
)
def test_items_are_listed_by_id_in_pages(tenant, my, listed):
    found = all_items(
        my, f"{listed}?$select=Id,FileLeafRef,FileRef,Modified,GUID,FileSystemObjectType&$top=4&$orderby=Id"
    )
    ids = [item["Id"] for item in found]
    assert ids == sorted(set(ids))
    assert found[0]["FileSystemObjectType"] == 1
    names = {item["FileLeafRef"] for item in found[1:]}
    assert names == {
        f"{tenant.person(case).id}_{letter}Thumb.jpg"
        for case in ("in-sync", "stale", "blocked", "non-latin", "turned")
        for letter in "SML"
    }
    assert all(item["FileRef"] == f"{FOLDER}/{item['FileLeafRef']}" for item in found[1:])


def test_a_listing_can_begin_beyond_an_id(my):
    every = [item["Id"] for item in all_items(my, f"{ITEMS}?$select=Id")]
    found = my.get(ITEMS, params={"$filter": f"Id gt {every[9]}", "$select": "Id", "$top": "5000"}).json()["value"]
    assert [item["Id"] for item in found] == every[10:]


def test_a_library_of_another_name_is_not_there(my):
    assert my.get("/_api/web/lists/getbytitle('Documents')/items").status_code == 404


def test_an_items_etag_rises_with_each_overwrite(fresh_my):
    def one():
        items = all_items(fresh_my, f"{ITEMS}?$select=Id,FileLeafRef,OData__UIVersionString")
        return next(item for item in items if item["FileLeafRef"] == "new_MThumb.jpg")

    fresh_my.post(f"{FILES}/add(url='new_MThumb.jpg',overwrite=true)", content=picture())
    first = one()
    fresh_my.post(f"{FILES}/add(overwrite=true,url='NEW_MThumb.jpg')", content=picture("blue"))
    second = one()
    assert first["Id"] == second["Id"] == max(item["Id"] for item in all_items(fresh_my, f"{ITEMS}?$select=Id"))
    assert (first["odata.etag"].partition(",")[2], second["odata.etag"].partition(",")[2]) == ('1"', '2"')
    assert (first["OData__UIVersionString"], second["OData__UIVersionString"]) == ("1.0", "2.0")


def test_without_metadata_the_version_has_to_be_selected(fresh_tenant):
    with my_site(fresh_tenant, "application/json;odata=nometadata") as client:
        item = client.get(f"{ITEMS}?$select=Id,OData__UIVersionString,Modified&$top=1").json()["value"][0]
        assert item.keys() == {"Id", "ID", "OData__UIVersionString", "Modified"}
    with my_site(fresh_tenant, "application/json;odata=verbose") as client:
        page = client.get(f"{ITEMS}?$select=Id&$top=1").json()["d"]
        assert page["results"][0]["__metadata"]["etag"].endswith(',1"')
        assert client.get(page["__next"]).json()["d"]["results"][0]["Id"] == 2


@pytest.mark.parametrize(
    "add",
    [
        f"{FILES}/add(url='a_MThumb.jpg',overwrite=true)",
        f"{FILES}/Add(overwrite=true,url='a_MThumb.jpg')",
        f"{FILES}/AddUsingPath(decodedurl='a_MThumb.jpg',Overwrite=true)",
        f"/_api/Web/getFolderByServerRelativeUrl('{FOLDER[1:]}')/Files/add(overwrite=true,url='a_MThumb.jpg')",
        f"/_api/web/GetFolderByServerRelativePath(DecodedUrl='{FOLDER}')/Files/Add(url='a_MThumb.jpg', overwrite=true)",
    ],
)
def test_a_file_is_added_and_read_back_byte_for_byte(fresh_tenant, fresh_my, add):
    answer = fresh_my.post(add, content=picture(), headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.json()["ServerRelativeUrl"] == f"{FOLDER}/a_MThumb.jpg"
    assert answer.json()["Length"] == str(len(picture()))
    assert fresh_my.get(f"{file('a_MThumb.jpg')}/$value").content == picture()
    assert fresh_my.get(f"{FOLDER}/a_MThumb.jpg?t=1").content == picture()
    path = f"/_api/web/GetFileByServerRelativePath(decodedUrl='{FOLDER}/a_MThumb.jpg')/$value"
    assert fresh_my.get(path).content == picture()
    path = "/_api/web/GetFileByServerRelativePath(DecodedUrl=@f)/$value"
    assert fresh_my.get(path, params={"@f": f"'{FOLDER}/a_MThumb.jpg'"}).content == picture()


def test_overwriting_has_to_be_said(fresh_my):
    fresh_my.post(f"{FILES}/add(url='a.jpg')", content=picture())
    refused = fresh_my.post(f"{FILES}/add(url='a.jpg')", content=picture("blue"))
    assert refused.status_code == 400
    assert fresh_my.get(f"{file('a.jpg')}/$value").content == picture()


def test_an_overwrite_holds_to_what_it_expects(fresh_my):
    add = f"{FILES}/add(url='a.jpg',overwrite=true)"
    first = fresh_my.post(add, content=picture()).json()["ETag"]
    assert fresh_my.post(add, content=picture("blue"), headers={"If-Match": first}).status_code == 200
    moved = fresh_my.post(add, content=picture("green"), headers={"If-Match": first})
    assert moved.status_code == 412
    assert fresh_my.get(f"{file('a.jpg')}/$value").content == picture("blue")
    item = next(item for item in all_items(fresh_my, f"{ITEMS}?$select=FileLeafRef") if item["FileLeafRef"] == "a.jpg")
    listed = item["odata.etag"]
    assert fresh_my.post(add, content=picture("green"), headers={"If-Match": listed}).status_code == 200


@pytest.mark.parametrize(
    ("method", "headers"), [("DELETE", {}), ("POST", {"X-HTTP-Method": "DELETE", "If-Match": "*"})]
)
def test_a_file_is_deleted(fresh_my, method, headers):
    fresh_my.post(f"{FILES}/add(url='a.jpg')", content=picture())
    stale = {"If-Match": '"{00000000-0000-0000-0000-000000000000},1"'}
    assert fresh_my.request(method, file("a.jpg"), headers=headers | stale).status_code == 412
    assert fresh_my.request(method, file("a.jpg"), headers=headers).status_code == 200
    assert code_of(fresh_my.get(file("a.jpg"))) == MISSING
    assert code_of(fresh_my.request(method, file("a.jpg"), headers=headers)) == MISSING


@pytest.mark.parametrize("name", ["a:b.jpg", "", "a/b.jpg"])
def test_a_name_that_cannot_be_is_refused(fresh_my, name):
    assert fresh_my.post(f"{FILES}/add(url='{name}',overwrite=true)", content=picture()).status_code == 400


def test_a_quote_in_a_name_is_doubled(fresh_my):
    fresh_my.post(f"{FILES}/add(url='o''brien_MThumb.jpg')", content=picture())
    assert fresh_my.get(file("o''brien_MThumb.jpg")).json()["Name"] == "o'brien_MThumb.jpg"


def test_another_folder_is_not_there(my):
    assert code_of(my.get("/_api/web/GetFolderByServerRelativeUrl('/User Photos/Elsewhere')/Files")) == MISSING
    assert code_of(my.get("/_api/web/GetFileByServerRelativeUrl('/Elsewhere/a.jpg')")) == MISSING


def test_a_folder_lists_its_files(my):
    found = my.get(FILES, params={"$select": "Name,ETag", "$top": "3"}).json()["value"]
    assert len(found) == 3
    assert found[0]["Name"].endswith("_SThumb.jpg")
    assert "Length" not in my.get(FILES).json()["value"][0]


def test_only_the_my_site_host_has_the_library(tenant):
    token = certificate_token(tenant, tenant.sharepoint)
    answer = httpx2.get(f"{tenant.sharepoint}{ITEMS}", headers=bearer(token, Accept="application/json"))
    assert code_of(answer) == MISSING


def test_a_person_reads_but_does_not_write(tenant):
    token = person_tokens(tenant, tenant.people[0], f"{tenant.sharepoint_my}/AllSites.Read")["access_token"]
    headers = bearer(token, Accept="application/json")
    assert httpx2.get(f"{tenant.sharepoint_my}{ITEMS}", headers=headers).status_code == 200
    add = f"{tenant.sharepoint_my}{FILES}/add(url='a.jpg')"
    assert httpx2.post(add, content=picture(), headers=headers).status_code == 403


def test_reading_sites_is_not_writing_them(fresh_tenant):
    httpx2.put(f"{fresh_tenant.control}/application/roles", json={"sharepoint": ["Sites.Read.All"]})
    with my_site(fresh_tenant) as client:
        assert client.get(ITEMS).status_code == 200
        assert client.post(f"{FILES}/add(url='a.jpg')", content=picture()).status_code == 403


def test_above_the_threshold_only_paging_by_id_works(make_tenant, tmp_path):
    large = make_tenant(tmp_path / "large", people=2600)
    with my_site(large) as client:
        assert code_of(client.get(FILES)) == THROTTLED
        assert code_of(client.get(ITEMS, params={"$orderby": "FileLeafRef"})) == THROTTLED
        assert code_of(client.get(ITEMS, params={"$filter": "FileLeafRef eq 'x'"})) == THROTTLED
        found = all_items(client, f"{ITEMS}?$select=Id,FileLeafRef&$top=5000&$orderby=Id")
    assert len(found) == len({item["Id"] for item in found}) > 5000
    assert large.count == 2600
    assert len(large.people) == 50


@pytest.mark.parametrize("query", [{"$top": "many"}, {"$top": "0"}, {"$top": "-1"}])
def test_a_number_that_is_none_is_refused(my, query):
    assert my.get(ITEMS, params=query).status_code == 400
    assert my.get(FILES, params=query).status_code == 400
