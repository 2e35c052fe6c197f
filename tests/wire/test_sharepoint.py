import json
from urllib.parse import quote

import httpx2
import pytest

from tests.wire.clients import REDIRECT, Browser, bearer, carried, certificate_token, person_tokens, secret_token

MANAGER = "/_api/SP.UserProfiles.PeopleManager"
NOMETADATA = "application/json;odata=nometadata"


def client_at(address, token, accept=NOMETADATA):
    return httpx2.Client(base_url=address, headers=bearer(token, Accept=accept))


@pytest.fixture(scope="module")
def site(tenant):
    with client_at(tenant.sharepoint, certificate_token(tenant, tenant.sharepoint)) as client:
        yield client


@pytest.fixture
def fresh_admin(fresh_tenant):
    address = fresh_tenant.sharepoint_admin
    with client_at(address, certificate_token(fresh_tenant, address)) as client:
        yield client


def account(person):
    return f"i:0#.f|membership|{person.upn}"


def alias(person):
    return {"@v": f"'{account(person)}'"}


def properties(profile):
    return {entry["Key"]: entry["Value"] for entry in profile["UserProfileProperties"]}


def property_path(person):
    return f"{MANAGER}/GetUserProfilePropertyFor('{quote(account(person))}','PictureURL')"


def code_of(answer):
    body = answer.json()
    return answer.status_code, (body.get("odata.error") or body["error"])["code"]


DENIED = (403, "-2147024891, System.UnauthorizedAccessException")


def test_an_application_has_to_use_its_certificate(tenant):
    answer = httpx2.get(
        f"{tenant.sharepoint}{MANAGER}/GetPropertiesFor(accountName=@v)",
        params=alias(tenant.people[0]),
        headers=bearer(secret_token(tenant, tenant.sharepoint), Accept=NOMETADATA),
    )
    assert answer.status_code == 401
    assert "Unsupported app only token" in answer.text


def test_a_token_is_good_at_one_host_only(tenant):
    token = certificate_token(tenant, tenant.sharepoint_my)
    for host, status in ((tenant.sharepoint_my, 200), (tenant.sharepoint, 401), (tenant.sharepoint_admin, 401)):
        assert httpx2.post(f"{host}/_api/contextinfo", headers=bearer(token)).status_code == status


def test_the_clouds_own_names_are_understood(tenant):
    token = certificate_token(tenant, "https://contoso-my.sharepoint.com")
    assert httpx2.post(f"{tenant.sharepoint_my}/_api/contextinfo", headers=bearer(token)).status_code == 200


def test_nobody_is_let_in_without_a_token(tenant):
    assert httpx2.post(f"{tenant.sharepoint}/_api/contextinfo").status_code == 401


def test_the_digest_comes_in_the_shape_asked_for(tenant, site):
    plain = site.post("/_api/contextinfo").json()
    assert plain["FormDigestTimeoutSeconds"] == 1800
    assert plain["WebFullUrl"] == tenant.sharepoint
    verbose = site.post("/_api/contextInfo", headers={"Accept": "application/json;odata=verbose"}).json()
    assert verbose["d"]["GetContextWebInformation"]["FormDigestValue"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("spelling", ["GetPropertiesFor(accountName=@v)", "getpropertiesfor(@v)"])
def test_a_profile_tells_where_the_picture_is(tenant, site, method, spelling):
    ada = tenant.person("in-sync")
    profile = site.request(method, f"{MANAGER}/{spelling}", params=alias(ada)).json()
    assert profile["AccountName"] == account(ada)
    assert (profile["DisplayName"], profile["Email"]) == (ada.name, ada.upn)
    address = f"{tenant.sharepoint_my}/User%20Photos/Profile%20Pictures/{ada.id}_MThumb.jpg"
    held = properties(profile)
    assert held["PictureURL"] == address
    assert profile["PictureUrl"] == f"{address}?t={held['SPS-PictureTimestamp']}"
    assert (held["SPS-PicturePlaceholderState"], held["SPS-PictureExchangeSyncState"]) == ("0", "1")
    assert len(held["SPS-PictureTimestamp"]) == 11
    assert held["msOnline-ObjectId"] == ada.id


def test_arguments_may_be_written_out(tenant, site):
    ada = tenant.person("in-sync")
    written = site.get(f"{MANAGER}/GetPropertiesFor(accountName='{quote(account(ada))}')")
    assert written.json()["DisplayName"] == ada.name
    assert site.get(property_path(ada)).json()["value"].endswith("_MThumb.jpg")


def test_somebody_who_never_visited_has_no_picture_there(tenant, site):
    profile = site.get(f"{MANAGER}/GetPropertiesFor(@v)", params=alias(tenant.person("never-visited"))).json()
    assert profile["PictureUrl"] is None
    held = properties(profile)
    assert (held["PictureURL"], held["SPS-PictureTimestamp"]) == ("", "")
    without = site.get(f"{MANAGER}/GetPropertiesFor(@v)", params=alias(tenant.person("no-mailbox"))).json()
    assert properties(without)["SPS-PictureExchangeSyncState"] == "0"


@pytest.mark.parametrize("case", ["guest", "shared", "room"])
def test_some_have_no_profile(tenant, site, case):
    answer = site.get(f"{MANAGER}/GetPropertiesFor(@v)", params=alias(tenant.person(case)))
    assert (answer.status_code, answer.json()) == (200, {"odata.null": True})


def test_the_shapes_of_one_profile(tenant, site):
    def as_shape(accept):
        return site.get(
            f"{MANAGER}/GetPropertiesFor(@v)", params=alias(tenant.person("in-sync")), headers={"Accept": accept}
        )

    verbose = as_shape("application/json;odata=verbose").json()["d"]
    assert verbose["__metadata"]["type"] == "SP.UserProfiles.PersonProperties"
    assert verbose["UserProfileProperties"]["results"][0]["Key"]
    minimal = as_shape("application/json").json()
    assert minimal["odata.type"] == "SP.UserProfiles.PersonProperties"
    assert "odata.type" not in as_shape("application/json; odata=nometadata").json()
    atom = as_shape("*/*")
    assert atom.headers["content-type"].startswith("application/xml")
    assert "<d:DisplayName>Ada Okafor</d:DisplayName>" in atom.text


def test_a_property_is_named_exactly(tenant, site):
    def value_of(name):
        path = f"{MANAGER}/GetUserProfilePropertyFor(accountName=@v,propertyName='{name}')"
        return site.get(path, params=alias(tenant.person("in-sync"))).json()

    assert value_of("WorkEmail") == {"value": tenant.person("in-sync").upn}
    assert value_of("workemail") == {"odata.null": True}


def test_profiles_are_read_with_the_right_to_read_them(fresh_tenant):
    httpx2.put(f"{fresh_tenant.control}/application/roles", json={"sharepoint": ["Sites.Read.All"]})
    with client_at(fresh_tenant.sharepoint, certificate_token(fresh_tenant, fresh_tenant.sharepoint)) as client:
        assert code_of(client.get(property_path(fresh_tenant.people[0]))) == DENIED


def test_a_person_reads_their_own_profile_only(tenant):
    ada, bruno = tenant.person("in-sync"), tenant.person("never-visited")
    token = person_tokens(tenant, ada, f"{tenant.sharepoint}/AllSites.Read")["access_token"]
    with client_at(tenant.sharepoint, token) as client:
        assert client.get(f"{MANAGER}/GetMyProperties").json()["DisplayName"] == ada.name
        assert client.get(property_path(ada)).status_code == 200
        assert code_of(client.get(property_path(bruno))) == DENIED


def test_an_application_has_no_properties_of_its_own(site):
    assert code_of(site.get(f"{MANAGER}/GetMyProperties")) == DENIED


def write(client, person, name, value, **headers):
    body = {"accountName": account(person), "propertyName": name, "propertyValue": value}
    return client.post(
        f"{MANAGER}/SetSingleValueProfileProperty",
        content=json.dumps(body),
        headers={"Content-Type": "application/json;odata=verbose"} | headers,
    )


def test_the_admin_host_writes_properties(fresh_tenant, fresh_admin):
    bruno = fresh_tenant.person("never-visited")
    address = f"{fresh_tenant.sharepoint_my}/User%20Photos/Profile%20Pictures/bruno_MThumb.jpg"
    digest = fresh_admin.post("/_api/contextinfo").json()["FormDigestValue"]
    for name, value in (("PictureURL", address), ("SPS-PicturePlaceholderState", "1")):
        answer = write(fresh_admin, bruno, name, value, **{"X-RequestDigest": digest})
        assert (answer.status_code, answer.json()) == (200, {"odata.null": True})
    profile = fresh_admin.get(f"{MANAGER}/GetPropertiesFor(@v)", params=alias(bruno)).json()
    assert properties(profile)["PictureURL"] == address
    assert profile["PictureUrl"] is None
    write(fresh_admin, bruno, "SPS-PicturePlaceholderState", "0")
    assert fresh_admin.get(f"{MANAGER}/GetPropertiesFor(@v)", params=alias(bruno)).json()["PictureUrl"] == address


def test_a_property_of_several_values_is_written(fresh_tenant, fresh_admin):
    bruno = fresh_tenant.person("never-visited")

    def skills(values):
        body = {"accountName": account(bruno), "propertyName": "SPS-Skills", "propertyValues": values}
        return fresh_admin.post(f"{MANAGER}/SetMultiValuedProfileProperty", json=body)

    assert skills(["Git", "SQL"]).json() == {"odata.null": True}
    path = f"{MANAGER}/GetUserProfilePropertyFor(propertyName='SPS-Skills',accountName=@v)"
    assert fresh_admin.get(path, params=alias(bruno)).json() == {"value": "Git|SQL"}
    assert skills({"results": ["Chess"]}).status_code == 200
    assert fresh_admin.post(path, params=alias(bruno)).json() == {"value": "Chess"}
    assert skills("Chess").status_code == skills(["Chess", 1]).status_code == 400


def test_other_hosts_refuse_to_write(fresh_tenant):
    for host in (fresh_tenant.sharepoint, fresh_tenant.sharepoint_my):
        with client_at(host, certificate_token(fresh_tenant, host)) as client:
            assert code_of(write(client, fresh_tenant.people[0], "PictureURL", "x")) == DENIED


def test_writing_needs_the_right_to_write_people(fresh_tenant):
    httpx2.put(f"{fresh_tenant.control}/application/roles", json={"sharepoint": ["Sites.FullControl.All"]})
    address = fresh_tenant.sharepoint_admin
    with client_at(address, certificate_token(fresh_tenant, address)) as client:
        assert code_of(write(client, fresh_tenant.people[0], "PictureURL", "x")) == DENIED


def test_a_missing_profile_is_user_profile_error_1000(fresh_tenant, fresh_admin):
    answer = write(fresh_admin, fresh_tenant.person("guest"), "PictureURL", "x")
    assert answer.status_code == 500
    assert answer.json()["odata.error"]["message"]["value"].startswith("User Profile Error 1000")


def test_a_value_that_is_no_text_is_refused(fresh_tenant, fresh_admin):
    assert write(fresh_admin, fresh_tenant.people[0], "SPS-PicturePlaceholderState", 0).status_code == 400


def test_a_digest_that_is_wrong_or_from_another_host_is_refused(fresh_tenant, fresh_admin):
    my = fresh_tenant.sharepoint_my
    foreign = httpx2.post(
        f"{my}/_api/contextinfo", headers=bearer(certificate_token(fresh_tenant, my), Accept=NOMETADATA)
    ).json()["FormDigestValue"]
    for digest in ("0x00,01 Jan 2026 00:00:00 -0000", foreign):
        answer = write(fresh_admin, fresh_tenant.people[0], "PictureURL", "x", **{"X-RequestDigest": digest})
        assert code_of(answer) == (403, "-2130575252, Microsoft.SharePoint.SPException")


def test_a_browser_has_to_send_a_digest(fresh_tenant):
    ada = fresh_tenant.person("in-sync")
    with Browser(headers={"Accept": NOMETADATA}) as browser:
        assert browser.sign_in(fresh_tenant, ada, redirect_uri=REDIRECT).status_code == 303
        address = f"{fresh_tenant.sharepoint_my}/"
        for _ in range(3):
            address = browser.get(address).headers["location"]
            address = address if address.startswith("http") else fresh_tenant.sharepoint_my + address
        assert browser.get(f"{fresh_tenant.sharepoint_my}{MANAGER}/GetMyProperties").json()["DisplayName"] == ada.name
        posted = f"{fresh_tenant.sharepoint_my}{MANAGER}/GetMyProperties"
        assert browser.post(posted).status_code == 403
        digest = browser.post(f"{fresh_tenant.sharepoint_my}/_api/contextinfo").json()["FormDigestValue"]
        assert browser.post(posted, headers={"X-RequestDigest": digest}).status_code == 200
        mixed = {"Content-Type": "multipart/mixed; boundary=b"}
        part = f"--b\r\nContent-Type: application/http\r\n\r\nGET {MANAGER}/GetMyProperties HTTP/1.1\r\n\r\n--b--"
        batch = f"{fresh_tenant.sharepoint_my}/_api/$batch"
        assert browser.post(batch, content=part, headers=mixed).status_code == 403
        answer = browser.post(batch, content=part, headers=mixed | {"X-RequestDigest": digest})
        assert ada.name in answer.text


def test_a_cookie_is_good_at_its_own_host_only(fresh_tenant):
    """Cookies ignore ports, so the browser sends it to every face; only the one it was made for may take it."""
    ada = fresh_tenant.person("in-sync")
    with Browser(headers={"Accept": NOMETADATA}, follow_redirects=True) as browser:
        browser.follow_redirects = False
        browser.sign_in(fresh_tenant, ada)
        browser.follow_redirects = True
        assert browser.get(f"{fresh_tenant.sharepoint_my}/").status_code == 200
        mine = f"{MANAGER}/GetMyProperties"
        assert browser.get(fresh_tenant.sharepoint_my + mine).status_code == 200
        assert browser.get(fresh_tenant.sharepoint + mine).status_code == 401
        swapped = {"FedAuth-sharepoint": browser.cookies["FedAuth-sharepoint_my"]}
        assert httpx2.get(fresh_tenant.sharepoint + mine, cookies=swapped).status_code == 401


@pytest.mark.parametrize("path", ["/_api/", "/_api/planets", MANAGER, f"{MANAGER}/Explode(1)", "/_api/web/planets"])
def test_what_is_not_there_is_said(site, path):
    assert site.get(path).status_code == 404


def test_an_expression_that_cannot_be_read_is_refused(site):
    assert site.get("/_api/web/GetList('oops").status_code == 400


def test_errors_have_the_shape_asked_for(site):
    assert "odata.error" in site.get("/_api/planets").json()
    assert "error" in site.get("/_api/planets", headers={"Accept": "application/json;odata=verbose"}).json()
    assert "<m:error" in site.get("/_api/planets", headers={"Accept": "*/*"}).text


def test_a_state_in_flight_is_checked(fresh_tenant):
    with Browser() as browser:
        away = browser.get(f"{fresh_tenant.sharepoint_my}/")
        assert carried(away)["redirect_uri"] == f"{fresh_tenant.sharepoint_my}/_forms/default.aspx"
        back = browser.get(f"{fresh_tenant.sharepoint_my}/_forms/default.aspx?code=x&state=forged")
        assert back.status_code == 400
