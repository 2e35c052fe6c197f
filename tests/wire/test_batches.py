"""SharePoint's `$batch`, with bodies as PnPjs writes and reads them."""

from email.parser import BytesParser

import httpx2
import pytest

from tests.wire.clients import bearer, certificate_token
from tests.wire.test_sharepoint import MANAGER, NOMETADATA, account

BOUNDARY = "batch_11111111-2222-4333-8444-555555555555"


def part(method, url, body="", **headers):
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", "", f"{method} {url} HTTP/1.1"]
    return "\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", body, ""])


def joined(boundary, parts):
    return "".join(f"--{boundary}\n{one}\n" for one in parts) + f"--{boundary}--\n"


def change_set(*parts):
    return f'Content-Type: multipart/mixed; boundary="changeset_1"\n\n{joined("changeset_1", parts)}'


def send(address, token, parts, boundary=BOUNDARY, **headers):
    return httpx2.post(
        f"{address}/_api/$batch",
        content=joined(boundary, parts),
        headers=bearer(token)
        | {"Content-Type": f"multipart/mixed; boundary={boundary}", "Accept": NOMETADATA}
        | headers,
    )


def answers(response):
    """Status line, headers and body of each part, read by the rules of MIME."""
    assert response.status_code == 200
    head = f"Content-Type: {response.headers['content-type']}\r\n\r\n".encode()
    found = []
    for one in BytesParser().parsebytes(head + response.content).get_payload():
        assert one.get_content_type() == "application/http"
        line, _, rest = one.get_payload(decode=True).partition(b"\r\n")
        fields, _, body = rest.partition(b"\r\n\r\n")
        found.append((int(line.split()[1]), fields.decode(), body.removesuffix(b"\r\n")))
    return found


def profile_of(person):
    name = account(person).replace("#", "%23").replace("|", "%7C").replace(":", "%3A").replace("@", "%40")
    return f"{MANAGER}/GetPropertiesFor(accountName=@v)?@v='{name}'"


@pytest.fixture(scope="module")
def token(tenant):
    return certificate_token(tenant, tenant.sharepoint)


def test_many_profiles_come_in_one_answer_in_the_order_asked(tenant, token):
    wanted = [person for person in tenant.people if person.kind == "person"]
    urls = [tenant.sharepoint + profile_of(person) for person in wanted]
    found = answers(send(tenant.sharepoint, token, [part("GET", url, Accept=NOMETADATA) for url in urls]))
    assert [status for status, _, _ in found] == [200] * len(wanted)
    names = [httpx2.Response(200, content=body).json()["AccountName"] for _, _, body in found]
    assert names == [account(person) for person in wanted]
    assert all(b"\n" not in body for _, _, body in found)


def test_a_part_fails_alone(tenant, token):
    good, missing = profile_of(tenant.people[0]), "/_api/planets"
    found = answers(send(tenant.sharepoint, token, [part("GET", missing), part("GET", good)]))
    assert [status for status, _, _ in found] == [404, 200]
    assert b"odata.error" in found[0][2]


def test_a_part_may_ask_for_another_shape(tenant, token):
    verbose = part("GET", profile_of(tenant.people[0]), Accept="application/json;odata=verbose")
    ((_, fields, body),) = answers(send(tenant.sharepoint, token, [verbose]))
    assert "odata=verbose" in fields
    assert body.startswith(b'{"d":')


def test_writes_come_in_a_change_set_that_is_no_transaction(fresh_tenant):
    admin, bruno = fresh_tenant.sharepoint_admin, fresh_tenant.person("never-visited")

    def write(person, name, value):
        body = f'{{"accountName":"{account(person)}","propertyName":"{name}","propertyValue":"{value}"}}'
        return part("POST", f"{admin}{MANAGER}/SetSingleValueProfileProperty", body, Accept=NOMETADATA)

    parts = [
        change_set(
            write(fresh_tenant.person("guest"), "PictureURL", "x"), write(bruno, "PictureURL", "https://x/y.jpg")
        ),
        part("GET", admin + profile_of(bruno), Accept=NOMETADATA),
    ]
    found = answers(send(admin, certificate_token(fresh_tenant, admin), parts))
    assert [status for status, _, _ in found] == [500, 200, 200]
    assert b"https://x/y.jpg" in found[2][2]


def test_bytes_in_a_part_arrive_as_they_are(fresh_tenant):
    my = fresh_tenant.sharepoint_my
    add = "/_api/web/GetFolderByServerRelativeUrl('/User%20Photos/Profile%20Pictures')/Files/add(url='a.jpg')"
    data = bytes(range(256))
    head = f"--{BOUNDARY}\r\nContent-Type: application/http\r\n\r\nPOST {add} HTTP/1.1\r\nX: y\r\n\r\n"
    token = bearer(certificate_token(fresh_tenant, my)) | {"Accept": NOMETADATA}
    sent = httpx2.post(
        f"{my}/_api/$batch",
        content=head.encode() + data + f"\r\n--{BOUNDARY}--".encode(),
        headers=token | {"Content-Type": f'multipart/mixed; boundary="{BOUNDARY}"'},
    )
    assert answers(sent)[0][0] == 200
    assert httpx2.get(f"{my}/User%20Photos/Profile%20Pictures/a.jpg", headers=token).content == data


def test_more_than_a_hundred_are_refused(tenant, token):
    assert send(tenant.sharepoint, token, [part("GET", "/_api/planets")] * 101).status_code == 400


def test_another_host_is_refused_part_by_part(tenant, token):
    urls = [tenant.sharepoint_my + profile_of(tenant.people[0]), tenant.sharepoint + profile_of(tenant.people[0])]
    found = answers(send(tenant.sharepoint, token, [part("GET", url) for url in urls]))
    assert [status for status, _, _ in found] == [400, 200]


@pytest.mark.parametrize("kind", ["application/json", "multipart/mixed"])
def test_what_is_no_batch_is_refused(tenant, token, kind):
    assert send(tenant.sharepoint, token, [], **{"Content-Type": kind}).status_code == 400


def test_a_part_without_a_request_is_refused(tenant, token):
    assert send(tenant.sharepoint, token, ["Content-Type: application/http\n\n\n"]).status_code == 400


def test_nobody_batches_without_a_token(tenant):
    assert send(tenant.sharepoint, "no-token", [part("GET", profile_of(tenant.people[0]))]).status_code == 401


def test_parts_are_counted_apart(fresh_tenant):
    token = certificate_token(fresh_tenant, fresh_tenant.sharepoint)
    httpx2.post(f"{fresh_tenant.control}/requests/reset")
    send(fresh_tenant.sharepoint, token, [part("GET", profile_of(fresh_tenant.people[0]))] * 3)
    counted = httpx2.get(f"{fresh_tenant.control}/requests").json()
    assert (counted["total"], counted["batched"]) == (1, {"GET": {"200": 3}})


def test_trouble_strikes_the_parts_one_by_one(fresh_tenant):
    token = certificate_token(fresh_tenant, fresh_tenant.sharepoint)
    wanted = [person for person in fresh_tenant.people if person.kind == "person"]
    rule = {"face": "sharepoint", "method": "GET", "share": 0.5, "fault": 429, "retry_after": 3}
    httpx2.put(f"{fresh_tenant.control}/faults", json={"rules": [rule]}).raise_for_status()
    parts = [part("GET", fresh_tenant.sharepoint + profile_of(person)) for person in wanted]
    found = answers(send(fresh_tenant.sharepoint, token, parts))
    assert {status for status, _, _ in found} == {200, 429}
    assert all("RETRY-AFTER: 3" in head.upper() for status, head, _ in found if status == 429)
