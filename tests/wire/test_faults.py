"""What goes wrong on purpose, seen from the other end of the wire."""

import base64
import io

import httpx2
import pytest
from PIL import Image

from samepic.errors import UserError
from samepic.practice.faults import Faults, plan_of, read_plan
from tests.wire.clients import bearer, certificate_token, secret_token


@pytest.fixture
def client(fresh_tenant):
    with httpx2.Client(headers=bearer(secret_token(fresh_tenant, fresh_tenant.graph))) as client:
        yield client


@pytest.fixture
def break_it(fresh_tenant):
    """Sets one rule, or none; gives how often it has struck when called without."""

    def control(**rule):
        if not rule:
            return httpx2.get(f"{fresh_tenant.control}/faults").json()["rules"][0]["struck"]
        answer = httpx2.put(f"{fresh_tenant.control}/faults", json={"rules": [rule]})
        assert answer.status_code == 200, answer.text
        return None

    return control


def photo(tenant, case="in-sync"):
    return f"{tenant.graph}/v1.0/users/{tenant.person(case).id}/photo"


def jpeg(colour):
    written = io.BytesIO()
    Image.new("RGB", (200, 200), colour).save(written, "JPEG")
    return written.getvalue()


def held(tenant, case="in-sync"):
    return httpx2.get(f"{tenant.control}/people/{tenant.person(case).id}").json()["pictures"]["mailbox"]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 507])
def test_a_status_is_answered_and_nothing_done(fresh_tenant, client, break_it, status):
    before = held(fresh_tenant)
    break_it(fault=status, method="PUT", retry_after=7)
    answer = client.put(f"{photo(fresh_tenant)}/$value", content=jpeg("red"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert held(fresh_tenant) == before
    assert client.get(photo(fresh_tenant)).status_code == 200
    assert httpx2.get(f"{fresh_tenant.control}/requests").json()["faces"]["graph"]["methods"]["PUT"] == {str(status): 1}


def test_only_a_429_says_by_itself_when_to_come_back(fresh_tenant, client, break_it):
    for status, wait in ((429, "5"), (503, None)):
        break_it(fault=status)
        assert client.get(photo(fresh_tenant)).headers.get("Retry-After") == wait


@pytest.mark.parametrize(
    ("face", "says"),
    [
        ("graph", lambda answer: answer.json()["error"]["code"]),
        ("sharepoint_my", lambda answer: answer.json()["odata.error"]["message"]["value"]),
        ("authority", lambda answer: answer.json()["error"]),
        ("start", lambda answer: answer.headers["Content-Type"].partition("text/html")[1]),
    ],
)
def test_each_face_has_its_own_words(fresh_tenant, break_it, face, says):
    break_it(fault=503, face=face)
    answer = httpx2.get(getattr(fresh_tenant, face))
    assert answer.status_code == 503
    assert says(answer)


def test_control_is_never_struck(fresh_tenant, break_it):
    break_it(fault="dropped")
    assert httpx2.get(fresh_tenant.control).status_code == 200


@pytest.mark.parametrize(("fault", "done"), [("dropped", False), ("lost", True)])
def test_a_connection_ends_before_or_after_the_write(fresh_tenant, client, break_it, fault, done):
    before = held(fresh_tenant)
    break_it(fault=fault, times=1)
    with pytest.raises(httpx2.TransportError):
        client.put(f"{photo(fresh_tenant)}/$value", content=jpeg("red"))
    assert (held(fresh_tenant) != before) is done
    assert client.put(f"{photo(fresh_tenant)}/$value", content=jpeg("blue")).status_code == 200


def test_half_a_body_is_half_a_body(fresh_tenant, client, break_it):
    whole = client.get(f"{photo(fresh_tenant)}/$value").content
    break_it(fault="torn")
    with (
        client.stream("GET", f"{photo(fresh_tenant)}/$value") as answer,
        pytest.raises(httpx2.RemoteProtocolError, match="without sending complete"),
    ):
        answer.read()
    assert int(answer.headers["Content-Length"]) == len(whole)


def test_a_liar_says_yes_and_does_nothing(fresh_tenant, client, break_it):
    before = held(fresh_tenant)
    break_it(fault="ignored", method=["PUT", "DELETE"])
    assert client.put(f"{photo(fresh_tenant)}/$value", content=jpeg("red")).status_code == 200
    assert client.delete(f"{photo(fresh_tenant)}/$value").status_code == 200
    assert held(fresh_tenant) == before


def test_a_liar_invents_the_answer_to_an_upload(fresh_tenant, break_it):
    token = bearer(certificate_token(fresh_tenant, fresh_tenant.sharepoint_my), Accept="application/json")
    ada = fresh_tenant.person("in-sync")
    folder = (
        f"{fresh_tenant.sharepoint_my}/_api/web/GetFolderByServerRelativeUrl('/User Photos/Profile Pictures')/Files"
    )
    before = httpx2.get(folder, headers=token).json()["value"]
    break_it(fault="ignored")
    added = httpx2.post(f"{folder}/add(url='{ada.id}_LThumb.jpg',overwrite=true)", headers=token, content=jpeg("red"))
    assert added.json()["Name"] == f"{ada.id}_LThumb.jpg"
    break_it(share=0)
    assert httpx2.get(folder, headers=token).json()["value"] == before


def test_a_replica_that_lags_shows_what_was_there_before(fresh_tenant, client, break_it):
    break_it(fault="stale", share=0)
    first = client.get(photo(fresh_tenant)).json()
    client.put(f"{photo(fresh_tenant)}/$value", content=jpeg("red"))
    second = client.get(photo(fresh_tenant)).json()
    assert first["@odata.mediaEtag"] != second["@odata.mediaEtag"]
    break_it(fault="stale")
    assert client.get(photo(fresh_tenant)).json() == first


def test_a_made_up_etag_looks_like_one(fresh_tenant, client, break_it):
    honest = client.get(photo(fresh_tenant)).json()["@odata.mediaEtag"]
    break_it(fault="mislabelled")
    seen = {client.get(photo(fresh_tenant)).json()["@odata.mediaEtag"] for _ in range(3)}
    assert honest not in seen
    assert len(seen) == 3
    assert {len(etag) for etag in seen} == {len(honest)}
    assert client.get(f"{photo(fresh_tenant)}/$value").headers["ETag"] != honest


@pytest.mark.parametrize("fault", [429, 424, 500])
def test_items_of_a_batch_fail_one_by_one(fresh_tenant, client, break_it, fault):
    break_it(fault=fault, method="GET", share=0.5, retry_after=3)
    requests = [
        {"id": str(number), "method": "GET", "url": f"/users/{person.id}"}
        for number, person in enumerate(fresh_tenant.people)
    ]
    answer = client.post(f"{fresh_tenant.graph}/v1.0/$batch", json={"requests": requests})
    assert answer.status_code == 200
    statuses = [item["status"] for item in answer.json()["responses"]]
    assert set(statuses) == {200, fault}
    struck = [item for item in answer.json()["responses"] if item["status"] == fault]
    assert {item["headers"]["Retry-After"] for item in struck} == {"3"}
    assert break_it() == len(struck)


def test_424_is_for_batches_only(fresh_tenant, client, break_it):
    break_it(fault=424)
    assert client.get(photo(fresh_tenant)).status_code == 200


def test_a_write_in_a_batch_is_ignored_too(fresh_tenant, client, break_it):
    before = held(fresh_tenant)
    break_it(fault="ignored")
    put = {"id": "1", "method": "PUT", "url": f"/users/{fresh_tenant.person('in-sync').id}/photo/$value"}
    body = base64.b64encode(jpeg("red")).decode()
    answer = client.post(f"{fresh_tenant.graph}/v1.0/$batch", json={"requests": [put | {"body": body}]})
    assert answer.json()["responses"][0]["status"] == 200
    assert held(fresh_tenant) == before


def test_a_plan_may_come_with_the_start_and_slow_everything(make_tenant, tmp_path):
    file = tmp_path / "plan.toml"
    file.write_text('[[rules]]\nface = "start"\npath = "/"\nfault = 503\n')
    tenant = make_tenant(tmp_path / "tenant", faults=read_plan(file).model_copy(update={"latency": 30}))
    answer = httpx2.get(tenant.start)
    assert answer.status_code == 503
    assert answer.elapsed.total_seconds() >= 0.03
    assert httpx2.delete(f"{tenant.control}/faults").json() == {"seed": 1, "latency": 0, "rules": []}
    assert httpx2.get(tenant.start).status_code < 400


def test_the_same_seed_strikes_the_same_requests_in_any_order():
    plan = plan_of({"seed": 7, "rules": [{"share": 0.5, "fault": 500}]})
    paths = [f"/users/{number}" for number in range(100)]

    def struck(faults, order):
        return {path for path in order if faults.strike("graph", "GET", path)}

    once = struck(Faults(plan), paths)
    assert 30 < len(once) < 70
    assert struck(Faults(plan), reversed(paths)) == once
    assert struck(Faults(plan.model_copy(update={"seed": 8})), paths) != once
    assert struck(again := Faults(plan), paths) != struck(again, paths), "the second time is another throw"


@pytest.mark.parametrize(
    ("rule", "request_", "strikes"),
    [
        ({"face": "graph"}, ("graph", "GET", "/v1.0/users"), True),
        ({"face": ["start", "authority"]}, ("graph", "GET", "/v1.0/users"), False),
        ({"method": ["put", "POST"]}, ("graph", "PUT", "/v1.0/users"), True),
        ({"method": "PUT"}, ("graph", "GET", "/v1.0/users"), False),
        ({"path": "*/Users/*/photo"}, ("graph", "GET", "/v1.0/users/ada/photo"), True),
        ({"path": "*/users"}, ("graph", "GET", "/v1.0/users/ada"), False),
        ({"share": 0}, ("graph", "GET", "/"), False),
        ({"times": 0}, ("graph", "GET", "/"), False),
    ],
)
def test_a_rule_fits_by_face_method_and_path(rule, request_, strikes):
    faults = Faults(plan_of({"rules": [rule | {"fault": 500}]}))
    assert bool(faults.strike(*request_)) is strikes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ('{"rules": [{"fault": "sulk"}]}', "rules.0.fault"),
        ('{"rules": [{"fault": 200}]}', "rules.0.fault"),
        ('{"rules": [{"share": 2}]}', "rules.0.share"),
        ('{"rules": [{"colour": 2}]}', "rules.0.colour"),
        ('{"sead": 2}', "sead"),
        ("[]", "the plan"),
    ],
)
def test_a_wrong_plan_is_a_sentence(tmp_path, fresh_tenant, text, words):
    file = tmp_path / "plan.json"
    file.write_text(text)
    with pytest.raises(UserError, match=words):
        read_plan(file)
    if text != "{":
        answer = httpx2.put(f"{fresh_tenant.control}/faults", content=text)
        assert answer.status_code == 400
        assert answer.json()["error"].endswith(".")
