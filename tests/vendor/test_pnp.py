"""PnPjs, the community's own clients for Graph and SharePoint, unchanged, aimed at the practice tenant."""

import base64
import hashlib
import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx2
import pytest
from PIL import Image

from tests.vendor.packages import installed, node
from tests.wire.clients import certificate_token, secret_token

FOLDER = "/User Photos/Profile Pictures"


CLOUD = {
    "graph": "https://graph.microsoft.com",
    "sharepoint": "https://contoso.sharepoint.com",
    "sharepoint_my": "https://contoso-my.sharepoint.com",
    "sharepoint_admin": "https://contoso-admin.sharepoint.com",
}


@dataclass
class Pnp:
    """PnPjs aimed at a tenant: at its addresses, or at the cloud's own names, which lead there all the same."""

    tenant: SimpleNamespace
    named: bool

    def graph(self, what, **more):
        base = None if self.named else f"{self.tenant.graph}/v1.0"
        return self._run(what, base, secret_token(self.tenant, self.address("graph")), more)

    def site(self, face, what, **more):
        address = self.address(face)
        return self._run(what, address, certificate_token(self.tenant, address), more)

    def address(self, face):
        return CLOUD[face] if self.named else getattr(self.tenant, face)

    def _run(self, what, base, token, more):
        command = json.dumps({"what": what, "base": base, "token": token} | more)
        done = node(*self._preloaded(), "pnp.mjs", said=command, **self._surroundings())
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _preloaded(self):
        return ["--require", "./hosts.cjs"] if self.named else []

    def _surroundings(self):
        return {"NODE_EXTRA_CA_CERTS": self.tenant.ca, "TENANT_PORT": str(urlsplit(self.tenant.tls).port)}


@pytest.fixture(params=["by address", "by the cloud's names"])
def pnp(request, make_tenant, pristine_state, tmp_path):
    installed()
    tenant = make_tenant(Path(shutil.copytree(pristine_state, tmp_path / "tenant")), tls=0)
    return Pnp(tenant, request.param != "by address")


def jpeg(colour, side=648):
    written = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(written, "JPEG")
    return written.getvalue()


def account(person):
    return f"i:0#.f|membership|{person.upn}"


def test_graph_lists_reads_and_sets(pnp):
    ada = pnp.tenant.person("in-sync")
    assert {one["id"] for one in pnp.graph("graph-list")["result"]} == {one.id for one in pnp.tenant.people}
    before = pnp.graph("graph-bytes", who=ada.id)["result"]
    pnp.graph("graph-set", who=ada.upn, data=base64.b64encode(jpeg("teal")).decode())
    assert pnp.graph("graph-photo", who=ada.id)["result"]["width"] == 648
    after = pnp.graph("graph-bytes", who=ada.id)["result"]
    assert after != before
    held = httpx2.get(f"{pnp.tenant.control}/people/{ada.id}").json()["pictures"]["mailbox"]
    assert hashlib.sha256(base64.b64decode(after)).hexdigest() == held


def test_graph_waits_as_long_as_it_is_told(pnp):
    rule = {"face": "graph", "fault": 429, "retry_after": 0, "times": 1}
    httpx2.put(f"{pnp.tenant.control}/faults", json={"rules": [rule]})
    assert pnp.graph("graph-photo", who=pnp.tenant.person("in-sync").id)["result"]["width"]
    assert httpx2.get(f"{pnp.tenant.control}/faults").json()["rules"][0]["struck"] == 1


def test_graph_says_that_there_is_none(pnp):
    assert pnp.graph("graph-bytes", who=pnp.tenant.person("none").id)["status"] == 404


def test_sharepoint_reads_properties(pnp):
    ada = pnp.tenant.person("in-sync")
    said = pnp.site("sharepoint", "sp-properties", who=account(ada).replace("#", "%23"))["result"]
    named = {entry["Key"]: entry["Value"] for entry in said["UserProfileProperties"]}
    assert said["DisplayName"] == ada.name
    assert said["PictureUrl"].startswith(named["PictureURL"])


def test_sharepoint_sets_a_file_and_properties(pnp):
    who, written = pnp.tenant.person("never-visited"), jpeg("teal", 72)
    name, data = f"{who.id}_MThumb.jpg", base64.b64encode(written).decode()
    added = pnp.site("sharepoint_my", "sp-upload", folder=FOLDER, name=name, data=data)["result"]
    assert added["Name"] == name
    assert base64.b64decode(pnp.site("sharepoint_my", "sp-file", path=f"{FOLDER}/{name}")["result"]) == written
    address = f"{pnp.address('sharepoint_my')}/User%20Photos/Profile%20Pictures/{name}"
    for prop, value in (("PictureURL", address), ("SPS-PicturePlaceholderState", "0")):
        said = pnp.site("sharepoint_admin", "sp-set-property", who=account(who), name=prop, value=value)
        assert "trouble" not in said
    held = httpx2.get(f"{pnp.tenant.control}/people/{who.id}").json()["pictures"]["sharepoint"]
    assert held["M"] == hashlib.sha256(written).hexdigest()
