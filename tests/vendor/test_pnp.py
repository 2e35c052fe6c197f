"""PnPjs, the community's own clients for Graph and SharePoint, unchanged, aimed at the practice tenant."""

import base64
import hashlib
import io
import json

import httpx2
import pytest
from PIL import Image

from tests.vendor.packages import installed, node
from tests.wire.clients import certificate_token, secret_token

FOLDER = "/User Photos/Profile Pictures"


@pytest.fixture
def pnp():
    """Runs one command; gives what it says."""
    installed()

    def run(what, base, token, **more):
        done = node("pnp.mjs", input=json.dumps({"what": what, "base": base, "token": token} | more))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def graph(pnp, fresh_tenant):
    token = secret_token(fresh_tenant, fresh_tenant.graph)
    return lambda what, **more: pnp(what, f"{fresh_tenant.graph}/v1.0", token, **more)


@pytest.fixture
def site(pnp, fresh_tenant):
    def at(face):
        address = getattr(fresh_tenant, face)
        token = certificate_token(fresh_tenant, address)
        return lambda what, **more: pnp(what, address, token, **more)

    return at


def jpeg(colour, side=648):
    written = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(written, "JPEG")
    return written.getvalue()


def account(person):
    return f"i:0#.f|membership|{person.upn}"


def test_graph_lists_reads_and_sets(fresh_tenant, graph):
    ada = fresh_tenant.person("in-sync")
    assert {one["id"] for one in graph("graph-list")["result"]} == {one.id for one in fresh_tenant.people}
    before = graph("graph-bytes", who=ada.id)["result"]
    graph("graph-set", who=ada.upn, data=base64.b64encode(jpeg("teal")).decode())
    assert graph("graph-photo", who=ada.id)["result"]["width"] == 648
    after = graph("graph-bytes", who=ada.id)["result"]
    assert after != before
    held = httpx2.get(f"{fresh_tenant.control}/people/{ada.id}").json()["pictures"]["mailbox"]
    assert hashlib.sha256(base64.b64decode(after)).hexdigest() == held


def test_graph_waits_as_long_as_it_is_told(fresh_tenant, graph):
    rule = {"face": "graph", "fault": 429, "retry_after": 0, "times": 1}
    httpx2.put(f"{fresh_tenant.control}/faults", json={"rules": [rule]})
    assert graph("graph-photo", who=fresh_tenant.person("in-sync").id)["result"]["width"]
    assert httpx2.get(f"{fresh_tenant.control}/faults").json()["rules"][0]["struck"] == 1


def test_graph_says_that_there_is_none(fresh_tenant, graph):
    assert graph("graph-bytes", who=fresh_tenant.person("none").id)["status"] == 404


def test_sharepoint_reads_properties(fresh_tenant, site):
    ada = fresh_tenant.person("in-sync")
    said = site("sharepoint")("sp-properties", who=account(ada).replace("#", "%23"))["result"]
    named = {entry["Key"]: entry["Value"] for entry in said["UserProfileProperties"]}
    assert said["DisplayName"] == ada.name
    assert said["PictureUrl"].startswith(named["PictureURL"])


def test_sharepoint_sets_a_file_and_properties(fresh_tenant, site):
    who = fresh_tenant.person("never-visited")
    written = jpeg("teal", 72)
    my, admin = site("sharepoint_my"), site("sharepoint_admin")
    name = f"{who.id}_MThumb.jpg"
    added = my("sp-upload", folder=FOLDER, name=name, data=base64.b64encode(written).decode())["result"]
    assert added["Name"] == name
    assert base64.b64decode(my("sp-file", path=f"{FOLDER}/{name}")["result"]) == written
    address = f"{fresh_tenant.sharepoint_my}/User%20Photos/Profile%20Pictures/{name}"
    for prop, value in (("PictureURL", address), ("SPS-PicturePlaceholderState", "0")):
        assert "trouble" not in admin("sp-set-property", who=account(who), name=prop, value=value)
    held = httpx2.get(f"{fresh_tenant.control}/people/{who.id}").json()["pictures"]["sharepoint"]
    assert held["M"] == hashlib.sha256(written).hexdigest()
