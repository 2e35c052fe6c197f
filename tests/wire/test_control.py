import hashlib
import io

import httpx2
import pytest
from PIL import Image

from tests.wire.clients import bearer, secret_token


@pytest.fixture
def control(fresh_tenant):
    with httpx2.Client(base_url=fresh_tenant.control) as client:
        yield client


def test_it_explains_itself(tenant):
    text = httpx2.get(tenant.control).text
    for path in ("/people", "/clock", "/pull", "/application/roles", "/requests"):
        assert path in text


def test_everybody_is_shown_with_case_and_pictures(tenant):
    shown = httpx2.get(f"{tenant.control}/people").json()
    assert shown["count"] == 12
    cases = {person["case"]: person["pictures"] for person in shown["people"]}
    assert len(cases) == 12
    places = {case: {name for name, held in pictures.items() if held} for case, pictures in cases.items()}
    assert places["in-sync"] == places["turned"] == {"mailbox", "sharepoint"}
    assert places["never-visited"] == places["shared"] == places["room"] == {"mailbox"}
    assert places["entra-only"] == places["no-mailbox"] == places["guest"] == {"entra"}
    assert places["none"] == set()


def test_people_come_in_pages(tenant):
    first = httpx2.get(f"{tenant.control}/people?top=8").json()
    rest = httpx2.get(f"{tenant.control}/people?top=8&after={first['after']}").json()
    assert [len(first["people"]), len(rest["people"]), "after" in rest] == [8, 4, False]


def test_a_picture_is_put_as_bytes_or_drawn(fresh_tenant, control):
    elias = fresh_tenant.person("no-mailbox")
    written = io.BytesIO()
    Image.new("RGB", (50, 50)).save(written, "PNG")
    put = control.put(f"/people/{elias.upn}/entra/picture", content=written.getvalue()).json()
    assert put["pictures"]["entra"] == hashlib.sha256(written.getvalue()).hexdigest()
    drawn = control.put(f"/people/{elias.upn}/entra/picture", json={"portrait": "any/text at all"}).json()
    assert drawn["pictures"]["entra"] != put["pictures"]["entra"]
    again = control.put(f"/people/{elias.upn}/entra/picture", json={"portrait": "any/text at all"}).json()
    assert again == drawn


def test_the_mailbox_goes_with_the_licence_and_comes_back_with_it(fresh_tenant, control):
    ada = fresh_tenant.person("in-sync")

    def licensed(value):
        return control.put(f"/people/{ada.id}/licence", json={"exchange": value}).json()

    before = control.get(f"/people/{ada.id}").json()
    gone = licensed(False)
    assert (gone["mailbox"], gone["pictures"]["mailbox"]) == (False, None)
    token = bearer(secret_token(fresh_tenant, fresh_tenant.graph))
    assert httpx2.get(f"{fresh_tenant.graph}/v1.0/users/{ada.id}/photo", headers=token).status_code == 404
    assert licensed(True) == before


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/people/nobody/mailbox/picture", {"portrait": "x"}, 404),
        ("PUT", "/people/{ada}/attic/picture", {"portrait": "x"}, 404),
        ("PUT", "/people/{ada}/mailbox/picture", {"painting": "x"}, 400),
        ("PUT", "/people/{ada}/mailbox/picture", "no picture", 400),
        ("PUT", "/people/{ada}/licence", {"exchange": "yes"}, 400),
        ("PUT", "/people/{ada}/sign-in", [], 400),
        ("PUT", "/clock", {"now": "soon"}, 400),
        ("POST", "/clock/advance", {"seconds": "1"}, 400),
        ("PUT", "/pull", {"interval": True}, 400),
        ("PUT", "/application/roles", {"teams": []}, 400),
        ("PUT", "/photo-source", {"source": "moon"}, 400),
        ("GET", "/people?top=many", None, 400),
        ("PUT", "/clock", {"now": "9999-12-31T23:59:59Z"}, 400),
        ("POST", "/clock/advance", {"seconds": 1e18}, 400),
        ("POST", "/clock/advance", {"seconds": -1}, 400),
    ],
)
def test_nonsense_is_answered_with_a_sentence_and_changes_nothing(tenant, method, path, body, status):
    def everything():
        return [httpx2.get(tenant.control + what).json() for what in ("/people", "/pull", "/application/roles")]

    before, path = everything(), tenant.control + path.replace("{ada}", tenant.people[0].id)
    answer = httpx2.request(method, path, json=body) if body is not None else httpx2.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")
    assert everything() == before


def test_a_foreign_page_may_not_control(fresh_tenant, control):
    path = f"/people/{fresh_tenant.people[0].id}/mailbox/picture"
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}):
        assert control.delete(path, headers=headers).status_code == 403
    assert control.get(f"/people/{fresh_tenant.people[0].id}").json()["pictures"]["mailbox"]


def test_the_clock_is_set_and_runs(control):
    control.put("/clock", json={"now": "2030-01-31T08:00:00Z"})
    assert control.get("/clock").json()["now"].startswith("2030-01-31T08:00")
    advanced = control.post("/clock/advance", json={"seconds": 3600}).json()
    assert advanced["now"].startswith("2030-01-31T09:00")


def test_requests_are_counted_by_face_method_and_status(fresh_tenant, control):
    token = bearer(secret_token(fresh_tenant, fresh_tenant.graph))
    assert control.post("/requests/reset").json() == {"total": 0, "faces": {}, "batched": {}}
    for path in ("/users", "/users", "/users/nobody"):
        httpx2.get(f"{fresh_tenant.graph}/v1.0{path}", headers=token)
    httpx2.post(
        f"{fresh_tenant.graph}/v1.0/$batch",
        headers=token,
        json={"requests": [{"id": "1", "method": "GET", "url": "/users"}]},
    )
    counted = control.get("/requests").json()
    assert counted["total"] == 4
    assert counted["faces"]["graph"]["methods"] == {"GET": {"200": 2, "404": 1}, "POST": {"200": 1}}
    assert counted["batched"] == {"GET": {"200": 1}}
