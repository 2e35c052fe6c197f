"""The tenant by the cloud's own names, over TLS."""

import socket
import ssl
from urllib.parse import urlsplit

import httpx2
import pytest
from cryptography import x509

from samepic.errors import UserError
from samepic.practice.serve import open_practice
from tests.conftest import practice_tenant
from tests.wire.clients import bearer

HOSTS = {
    "authority": "login.microsoftonline.com",
    "graph": "graph.microsoft.com",
    "sharepoint": "contoso.sharepoint.com",
    "sharepoint_my": "contoso-my.sharepoint.com",
    "sharepoint_admin": "contoso-admin.sharepoint.com",
    "start": "m365.cloud.microsoft",
}


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    with practice_tenant(tmp_path_factory.mktemp("tls"), tls=0) as tenant:
        yield tenant


class Hosts(httpx2.HTTPTransport):
    """What a hosts file does: every name is this machine, while TLS and HTTP go by the name."""

    def handle_request(self, request):
        here = httpx2.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1"),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions | {"sni_hostname": request.url.host},
        )
        return super().handle_request(here)


@pytest.fixture
def client(secure):
    with httpx2.Client(transport=Hosts(verify=ssl.create_default_context(cafile=secure.ca))) as client:
        yield client


def at(tenant, host, path):
    return f"https://{host}:{urlsplit(tenant.tls).port}{path}"


def token(tenant, client, authority, resource):
    form = {
        "grant_type": "client_credentials",
        "client_id": tenant.application.client_id,
        "client_secret": tenant.application.client_secret,
        "scope": f"{resource}/.default",
    }
    answer = client.post(f"{authority}/{tenant.tenant}/oauth2/v2.0/token", data=form)
    return bearer(answer.json()["access_token"])


def test_graph_answers_to_the_clouds_names_and_names_itself_so(secure, client):
    authority = at(secure, HOSTS["authority"], "")
    signed = token(secure, client, authority, "https://graph.microsoft.com")
    page = client.get(at(secure, HOSTS["graph"], "/v1.0/users?$top=5"), headers=signed).json()
    assert page["@odata.nextLink"].startswith(at(secure, HOSTS["graph"], "/v1.0/users"))
    assert len(client.get(page["@odata.nextLink"], headers=signed).json()["value"]) == 5
    known = client.get(f"{authority}/{secure.tenant}/v2.0/.well-known/openid-configuration").json()
    assert known["token_endpoint"].startswith(authority)


@pytest.mark.parametrize("face", HOSTS)
def test_every_host_is_played(secure, client, face):
    path = f"/{secure.tenant}/discovery/v2.0/keys" if face == "authority" else "/"
    answer = client.get(at(secure, HOSTS[face], path))
    assert answer.status_code not in {421, 500}
    asked = client.get(at(secure, HOSTS[face], "/_api/contextinfo"), headers={"Accept": "application/json"})
    assert ("odata.error" in asked.text) is face.startswith("sharepoint")


def test_here_it_is_graph_and_its_authority(secure):
    with httpx2.Client(verify=ssl.create_default_context(cafile=secure.ca)) as client:
        signed = token(secure, client, secure.tls, secure.tls)
        page = client.get(f"{secure.tls}/v1.0/users?$top=5", headers=signed).json()
        assert page["@odata.nextLink"].startswith(f"{secure.tls}/v1.0/users")
        assert client.get(f"{secure.tls}/v1.0/users", headers=signed | {"Host": "bing.com"}).status_code == 421


def test_the_same_world_is_behind_both(secure, client):
    signed = token(secure, client, at(secure, HOSTS["authority"], ""), "https://graph.microsoft.com")
    path = f"/v1.0/users/{secure.person('in-sync').id}/photo"
    plain = httpx2.get(f"{secure.graph}{path}", headers=signed).json()
    assert (
        client.get(at(secure, HOSTS["graph"], path), headers=signed).json()["@odata.mediaEtag"]
        == plain["@odata.mediaEtag"]
    )


def test_a_person_signs_in_and_the_tile_pulls(secure, client):
    who = secure.person("never-visited")
    client.follow_redirects = True
    page = client.get(at(secure, HOSTS["start"], "/"))
    assert page.url.host == HOSTS["authority"]
    flow = page.text.partition('name="flow" value="')[2].partition('"')[0]
    filled = {"flow": flow, "username": who.upn, "password": who.password}
    page = client.post(at(secure, HOSTS["authority"], f"/{secure.tenant}/login"), data=filled)
    assert page.url.host == HOSTS["start"]
    assert HOSTS["sharepoint_my"] in page.text
    page = client.get(at(secure, HOSTS["sharepoint_my"], "/"))
    assert page.url.host == HOSTS["sharepoint_my"]
    photo = page.text.partition('src="')[2].partition('"')[0].replace("&amp;", "&")
    assert client.get(at(secure, HOSTS["sharepoint_my"], photo)).headers["Content-Type"] == "image/jpeg"
    assert httpx2.get(f"{secure.control}/people/{who.id}").json()["pictures"]["sharepoint"]


def test_who_does_not_trust_it_does_not_get_in(secure):
    with pytest.raises(httpx2.ConnectError, match="certificate verify failed"):
        httpx2.get(secure.tls)


def test_the_authority_is_made_once_and_may_sign_for_nothing_else(make_tenant, tmp_path):
    first = make_tenant(tmp_path, tls=0)
    made = (tmp_path / "ca.pem").read_bytes()
    first.stop()
    make_tenant(tmp_path, tls=0)
    assert (tmp_path / "ca.pem").read_bytes() == made
    assert {file.stat().st_mode & 0o077 for file in tmp_path.glob("*.pem")} == {0}
    limits = x509.load_pem_x509_certificate(made).extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert {str(name.value) for name in limits.value.permitted_subtrees} == {
        *HOSTS.values(),
        "www.office.com",
        "localhost",
        "127.0.0.0/8",
    }


def test_a_taken_port_is_said(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UserError, match="is not free") as why:
            open_practice(tmp_path, tls=taken.getsockname()[1])
    assert "--tls" in why.value.remedy
