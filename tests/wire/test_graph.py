import base64
import io
import json

import httpx2
import pytest
from PIL import ExifTags, Image

from tests.wire.clients import bearer, person_tokens, secret_token

NINE = ["48x48", "64x64", "96x96", "120x120", "240x240", "360x360", "432x432", "504x504", "648x648"]


@pytest.fixture(scope="module")
def graph(tenant):
    with httpx2.Client(base_url=tenant.graph, headers=bearer(secret_token(tenant, tenant.graph))) as client:
        yield client


@pytest.fixture
def fresh_graph(fresh_tenant):
    token = secret_token(fresh_tenant, fresh_tenant.graph)
    with httpx2.Client(base_url=fresh_tenant.graph, headers=bearer(token)) as client:
        yield client


def picture(side=600, colour="red", kind="JPEG", size=None):
    written = io.BytesIO()
    Image.new("RGB", size or (side, side), colour).save(written, kind)
    return written.getvalue()


def code_of(answer):
    return answer.status_code, answer.json()["error"]["code"]


def photo(person, *rest):
    return "/".join(["/v1.0/users", person.id, *rest])


def test_everybody_is_listed_once_across_pages(tenant, graph):
    url, seen = "/v1.0/users?$top=5&$select=id", []
    while url:
        page = graph.get(url).json()
        assert len(page["value"]) <= 5
        seen += [entry["id"] for entry in page["value"]]
        url = page.get("@odata.nextLink")
    assert seen == [person.id for person in tenant.people]


def test_a_listing_counts_only_when_asked_in_the_right_way(graph):
    eventual = {"ConsistencyLevel": "eventual"}
    assert graph.get("/v1.0/users?$count=true&$top=1", headers=eventual).json()["@odata.count"] == 12
    assert "@odata.count" not in graph.get("/v1.0/users?$count=true&$top=1").json()


@pytest.mark.parametrize(
    ("wanted", "cases"),
    [
        ("accountEnabled eq false", {"blocked", "shared", "room"}),
        ("userType eq 'Guest'", {"guest"}),
        ("userType eq 'Member' and accountEnabled eq false", {"blocked", "shared", "room"}),
    ],
)
def test_a_filter_narrows_the_listing(tenant, graph, wanted, cases):
    found = graph.get("/v1.0/users", params={"$filter": wanted}).json()["value"]
    assert {person["id"] for person in found} == {tenant.person(case).id for case in cases}


@pytest.mark.parametrize("query", [{"$filter": "displayName eq 'Ada'"}, {"$top": "1000"}, {"$top": "0"}])
def test_a_query_the_service_would_refuse_is_refused(graph, query):
    assert code_of(graph.get("/v1.0/users", params=query)) == (400, "Request_UnsupportedQuery")


def test_licences_show_who_has_an_exchange_plan(tenant, graph):
    def plans(case):
        entry = graph.get(photo(tenant.person(case)), params={"$select": "assignedPlans"}).json()
        return {plan["service"]: plan["capabilityStatus"] for plan in entry["assignedPlans"]}

    assert plans("in-sync") == {"exchange": "Enabled", "SharePoint": "Enabled"}
    assert plans("no-mailbox") == {"exchange": "Deleted", "SharePoint": "Enabled"}
    assert plans("shared") == plans("room") == plans("guest") == {}


def test_a_select_gives_just_that(tenant, graph):
    select = "id,displayName,mail,proxyAddresses,employeeId,userType,accountEnabled,userPrincipalName"
    entry = graph.get(photo(tenant.person("guest")), params={"$select": select}).json()
    assert entry.pop("@odata.context")
    assert entry == {
        "id": tenant.person("guest").id,
        "displayName": "Fatima Bennani",
        "mail": "fatima.bennani@fabrikam.example",
        "proxyAddresses": ["SMTP:fatima.bennani@fabrikam.example"],
        "employeeId": None,
        "userType": "Guest",
        "accountEnabled": True,
        "userPrincipalName": "fatima.bennani_fabrikam.example#EXT#@contoso.example",
    }


def test_a_person_goes_by_many_names(tenant, graph):
    ada, guest = tenant.person("in-sync"), tenant.person("guest")
    quoted = guest.upn.replace("#", "%23")
    for path in (
        f"/v1.0/users/{ada.id}",
        f"/v1.0/users/{ada.upn.upper()}",
        f"/v1.0/users('{ada.upn}')",
        f"/v1.0//Users//{ada.id}/",
    ):
        assert graph.get(path).json()["id"] == ada.id
    assert graph.get(f"/v1.0/users/{quoted}").json()["id"] == guest.id


def test_nobody_is_not_found(graph):
    assert code_of(graph.get("/v1.0/users/nobody@contoso.example/photo")) == (404, "Request_ResourceNotFound")


def test_a_mailbox_picture_comes_in_nine_sizes(tenant, graph):
    ada = tenant.person("in-sync")
    assert [entry["id"] for entry in graph.get(photo(ada, "photos")).json()["value"]] == NINE
    largest = graph.get(photo(ada, "photo")).json()
    assert (largest["id"], largest["width"], largest["height"]) == ("648x648", 648, 648)
    assert largest["@odata.mediaContentType"] == "image/jpeg"
    small = graph.get(photo(ada, "photos", "96X96", "$value"))
    assert small.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(small.content)).size == (96, 96)
    assert Image.open(io.BytesIO(graph.get(photo(ada, "photo", "$value")).content)).size == (648, 648)


def test_entra_shows_its_one_size_and_its_own_bytes(tenant, graph):
    deepa = tenant.person("entra-only")
    assert [entry["id"] for entry in graph.get(photo(deepa, "photos")).json()["value"]] == ["400x400"]
    assert graph.get(photo(deepa, "photos", "96x96")).json()["id"] == "1x1"
    assert code_of(graph.get(photo(deepa, "photos", "96x96", "$value"))) == (404, "ImageNotFound")
    assert Image.open(io.BytesIO(graph.get(photo(deepa, "photo", "$value")).content)).size == (400, 400)


def test_awkward_pictures_come_as_they_are(tenant, graph):
    cmyk = Image.open(io.BytesIO(graph.get(photo(tenant.person("no-mailbox"), "photo", "$value")).content))
    assert cmyk.mode == "CMYK"
    turned = Image.open(io.BytesIO(graph.get(photo(tenant.person("turned"), "photos/240x240/$value")).content))
    assert turned.getexif()[ExifTags.Base.Orientation] == 6
    assert turned.getexif().get_ifd(ExifTags.IFD.GPSInfo)


def test_no_picture_has_two_forms(tenant, graph, fresh_tenant, fresh_graph):
    none = graph.get(photo(tenant.person("none"), "photo"))
    assert none.status_code == 200
    assert (none.json()["id"], none.json()["width"], none.json()["@odata.mediaEtag"]) == ("1x1", 1, "")
    assert code_of(graph.get(photo(tenant.person("none"), "photo", "$value"))) == (404, "ImageNotFound")
    ada = fresh_tenant.person("in-sync")
    assert fresh_graph.delete(photo(ada, "photo", "$value")).status_code == 200
    assert code_of(fresh_graph.get(photo(ada, "photo"))) == (404, "ImageNotFound")
    assert code_of(fresh_graph.delete(photo(ada, "photo", "$value"))) == (404, "ImageNotFound")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("declared", ["image/jpeg", "application/octet-stream", "application/json"])
def test_a_written_picture_is_seen_whatever_it_was_declared_to_be(fresh_tenant, fresh_graph, method, declared):
    ada = fresh_tenant.person("in-sync")
    before = fresh_graph.get(photo(ada, "photo")).json()["@odata.mediaEtag"]
    written = fresh_graph.request(
        method, photo(ada, "photo", "$value"), content=picture(504, kind="PNG"), headers={"Content-Type": declared}
    )
    assert written.status_code == 200
    after = fresh_graph.get(photo(ada, "photo")).json()
    assert after["@odata.mediaEtag"] != before
    assert [entry["id"] for entry in fresh_graph.get(photo(ada, "photos")).json()["value"]] == NINE[:-1]
    served = Image.open(io.BytesIO(fresh_graph.get(photo(ada, "photo", "$value")).content))
    assert (served.format, served.size, served.getpixel((9, 9))) == ("JPEG", (504, 504), (254, 0, 0))


def test_the_etag_changes_with_the_picture_and_only_then(fresh_tenant, fresh_graph):
    ada = fresh_tenant.person("in-sync")

    def etag_after(data):
        fresh_graph.put(photo(ada, "photo", "$value"), content=data)
        return fresh_graph.get(photo(ada, "photo")).json()["@odata.mediaEtag"]

    first, second = etag_after(picture()), etag_after(picture(colour="blue"))
    assert first != second
    assert etag_after(picture(colour="blue")) == second


def test_an_oblong_picture_keeps_its_middle(fresh_tenant, fresh_graph):
    ada = fresh_tenant.person("in-sync")
    wide = Image.new("RGB", (900, 300), "red")
    wide.paste("blue", (300, 0, 600, 300))
    written = io.BytesIO()
    wide.save(written, "PNG")
    fresh_graph.put(photo(ada, "photo", "$value"), content=written.getvalue())
    served = Image.open(io.BytesIO(fresh_graph.get(photo(ada, "photo", "$value")).content))
    assert (served.size, served.getpixel((5, 120))) == ((240, 240), (0, 0, 254))


def test_without_a_mailbox_entra_keeps_the_very_bytes(fresh_tenant, fresh_graph):
    elias, data = fresh_tenant.person("no-mailbox"), picture(size=(300, 200), kind="PNG")
    fresh_graph.put(photo(elias, "photo", "$value"), content=data)
    assert fresh_graph.get(photo(elias, "photo")).json()["id"] == "300x200"
    served = fresh_graph.get(photo(elias, "photo", "$value"))
    assert (served.content, served.headers["content-type"]) == (data, "image/png")


def test_a_mailbox_picture_hides_entras(fresh_tenant, fresh_graph):
    deepa = fresh_tenant.person("entra-only")
    fresh_graph.put(photo(deepa, "photo", "$value"), content=picture(64))
    assert fresh_graph.get(photo(deepa, "photo")).json()["id"] == "64x64"
    fresh_graph.delete(photo(deepa, "photo", "$value"))
    assert fresh_graph.get(photo(deepa, "photo")).json()["id"] == "400x400"


def test_pictures_that_do_not_fit_are_refused_and_change_nothing(fresh_tenant, fresh_graph):
    ada, elias = fresh_tenant.person("in-sync"), fresh_tenant.person("no-mailbox")
    before = fresh_graph.get(photo(ada, "photo")).json()

    def put(person, data):
        return code_of(fresh_graph.put(photo(person, "photo", "$value"), content=data))

    assert put(ada, b"\xef\xbf\xbd mojibake") == (400, "ErrorInvalidImage")
    assert put(ada, picture()[:900]) == (400, "ErrorInvalidImage")
    assert put(ada, picture(23)) == (400, "ValidationWidthTooSmall")
    assert put(ada, picture() + b"\0" * 4_000_000) == (413, "RequestEntityTooLarge")
    assert put(elias, picture() + b"\0" * 100_000) == (404, "ResourceNotFound")
    assert fresh_graph.get(photo(ada, "photo")).json() == before


def test_four_megabytes_are_taken(fresh_tenant, fresh_graph):
    data = picture()
    data += b"\0" * (4_000_000 - len(data))
    assert fresh_graph.put(photo(fresh_tenant.person("in-sync"), "photo", "$value"), content=data).status_code == 200


def test_roles_are_enforced(fresh_tenant):
    ada = fresh_tenant.person("in-sync")

    def with_roles(*roles):
        httpx2.put(f"{fresh_tenant.control}/application/roles", json={"graph": list(roles)})
        headers = bearer(secret_token(fresh_tenant, fresh_tenant.graph))
        asked = [("GET", "/v1.0/users"), ("GET", photo(ada, "photo")), ("DELETE", photo(ada, "photo/$value"))]
        return [httpx2.request(way, fresh_tenant.graph + path, headers=headers).status_code for way, path in asked]

    assert with_roles() == [403, 403, 403]
    assert with_roles("ProfilePhoto.Read.All") == [403, 200, 403]
    assert with_roles("User.Read.All") == [200, 200, 403]
    assert with_roles("ProfilePhoto.ReadWrite.All") == [403, 200, 200]


def test_photo_settings_are_in_beta_and_bind_whoever_writes(fresh_tenant, fresh_graph):
    ada, path = fresh_tenant.person("in-sync"), "/admin/people/photoUpdateSettings"
    assert fresh_graph.get(f"/beta{path}").json() == {"source": "cloud", "allowedRoles": {}}
    assert fresh_graph.get(f"/v1.0{path}").status_code == 400
    httpx2.put(f"{fresh_tenant.control}/photo-source", json={"source": "onPremises"})
    assert fresh_graph.get(f"/beta{path}").json()["source"] == "onPremises"
    before = fresh_graph.get(photo(ada, "photo")).json()
    assert code_of(fresh_graph.put(photo(ada, "photo/$value"), content=picture())) == (403, "ForbiddenByPolicy")
    assert code_of(fresh_graph.delete(photo(ada, "photo/$value"))) == (403, "ForbiddenByPolicy")
    assert fresh_graph.get(photo(ada, "photo")).json() == before
    httpx2.put(f"{fresh_tenant.control}/application/roles", json={"graph": ["User.Read.All"]})
    limited = bearer(secret_token(fresh_tenant, fresh_tenant.graph))
    assert code_of(fresh_graph.get(f"/beta{path}", headers=limited)) == (403, "Authorization_RequestDenied")


def test_a_person_reaches_their_own_picture_only(tenant):
    ada, bruno = tenant.person("in-sync"), tenant.person("never-visited")
    token = person_tokens(tenant, ada, f"{tenant.graph}/User.Read")["access_token"]
    with httpx2.Client(base_url=tenant.graph, headers=bearer(token)) as client:
        assert client.get("/v1.0/me").json()["id"] == ada.id
        assert client.get("/v1.0/me/photo").json()["id"] == "648x648"
        assert code_of(client.get(photo(bruno, "photo"))) == (403, "ErrorAccessDenied")
        assert code_of(client.put("/v1.0/me/photo/$value", content=picture())) == (403, "ErrorAccessDenied")
        assert client.get("/oidc/userinfo").json()["name"] == ada.name


def test_a_person_writes_their_own_picture_with_the_right_scope(fresh_tenant):
    ada, bruno = fresh_tenant.person("in-sync"), fresh_tenant.person("never-visited")
    token = person_tokens(fresh_tenant, ada, f"{fresh_tenant.graph}/User.ReadWrite")["access_token"]
    with httpx2.Client(base_url=fresh_tenant.graph, headers=bearer(token)) as client:
        assert client.put("/v1.0/me/photo/$value", content=picture()).status_code == 200
        assert client.put(photo(bruno, "photo", "$value"), content=picture()).status_code == 403


def test_an_application_is_no_me(graph):
    assert code_of(graph.get("/v1.0/me/photo")) == (400, "BadRequest")


def test_answers_can_be_traced(graph):
    answer = graph.get("/v1.0/users/nobody", headers={"client-request-id": "mine"})
    assert answer.headers["client-request-id"] == "mine"
    assert answer.headers["request-id"]
    assert answer.json()["error"]["innerError"]["client-request-id"] == "mine"


def test_a_script_of_another_origin_may_ask(graph):
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}
    before = graph.options("/v1.0/me/photo/$value", headers=asked)
    assert (before.status_code, before.headers["access-control-allow-origin"]) == (200, "*")
    after = graph.get("/v1.0/users?$top=1", headers={"Origin": "https://app.example"})
    assert "Retry-After" in after.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", ["/v1.0/planets", "/v2.0/users", "/", "/v1.0/users/x/mailbox"])
def test_what_is_not_there_is_said(graph, path):
    assert code_of(graph.get(path)) == (400, "BadRequest")


def test_a_method_that_is_not_allowed_is_said(tenant, graph):
    assert graph.post(photo(tenant.person("in-sync"), "photo")).status_code == 405


def batch(client, *items, **extra):
    return client.post("/v1.0/$batch", json={"requests": list(items)} | extra)


def item(number, url, method="GET", **more):
    return {"id": str(number), "method": method, "url": url} | more


def answers(response):
    assert response.status_code == 200
    return {answer["id"]: answer for answer in response.json()["responses"]}


def test_a_batch_takes_addresses_in_every_form(tenant, graph):
    ada = tenant.person("in-sync")
    forms = [f"/users/{ada.id}/photo", f"users/{ada.id}/photo", f"/v1.0//users/{ada.id}/photo"]
    forms.append(f"https://graph.microsoft.com/v1.0//users/{ada.id}/photo")
    done = answers(batch(graph, *(item(number, url) for number, url in enumerate(forms))))
    assert [done[str(number)]["body"]["id"] for number in range(4)] == ["648x648"] * 4


def test_a_batch_answers_each_item_by_itself(tenant, graph):
    ada, none = tenant.person("in-sync"), tenant.person("none")
    response = batch(
        graph,
        item("a", f"/users/{ada.id}/photos/48x48/$value"),
        item("b", f"/users/{none.id}/photo/$value"),
        item("c", "/users?$top=1&$select=id"),
    )
    assert [answer["id"] for answer in response.json()["responses"]] != ["a", "b", "c"]
    done = answers(response)
    image = Image.open(io.BytesIO(base64.b64decode(done["a"]["body"])))
    assert (image.size, done["a"]["headers"]["Content-Type"]) == ((48, 48), "image/jpeg")
    assert (done["b"]["status"], done["b"]["body"]["error"]["code"]) == (404, "ImageNotFound")
    assert done["c"]["body"]["value"] == [{"id": tenant.people[0].id}]


@pytest.mark.parametrize("alphabet", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padded", [True, False])
def test_a_batch_takes_pictures_in_both_alphabets(fresh_tenant, fresh_graph, alphabet, padded):
    ada, data = fresh_tenant.person("no-mailbox"), picture(64, colour="#fbefbe", kind="PNG")
    text = alphabet(data).decode()
    body = text if padded else text.rstrip("=")
    done = answers(batch(fresh_graph, item(1, f"/users/{ada.id}/photo/$value", "PUT", body=body)))
    assert done["1"]["status"] == 200
    assert fresh_graph.get(photo(ada, "photo", "$value")).content == data


def test_a_batch_skips_what_depends_on_a_failure(tenant, graph):
    ada = tenant.person("in-sync")
    done = answers(
        batch(
            graph,
            item(1, "/users/nobody/photo"),
            item(2, f"/users/{ada.id}", dependsOn=["1"]),
            item(3, f"/users/{ada.id}", dependsOn=["2"]),
            item(4, f"/users/{ada.id}", depends_on=[]),
        )
    )
    assert [done[number]["status"] for number in "1234"] == [404, 424, 424, 200]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"requests": [item(number, "/me") for number in range(21)]}),
        json.dumps({"requests": [item(1, "/me"), item(1, "/me")]}),
        json.dumps({"requests": [{"id": "1"}]}),
        json.dumps([]),
        "not JSON",
    ],
)
def test_a_batch_that_is_wrong_as_a_whole_is_refused(graph, body):
    assert graph.post("/v1.0/$batch", content=body).status_code == 400


def test_a_batch_needs_a_token_for_its_items(tenant):
    done = answers(httpx2.post(f"{tenant.graph}/v1.0/$batch", json={"requests": [item(1, "/users")]}))
    assert done["1"]["status"] == 401
