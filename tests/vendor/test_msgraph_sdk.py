"""Microsoft's own Graph client for Python, unchanged, aimed at the practice tenant."""

import contextlib
import io
import ssl
from urllib.parse import urlsplit

import httpx
import httpx2
import pytest
from azure.identity import ClientSecretCredential
from kiota_abstractions.api_error import APIError
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.models.group import Group
from msgraph.generated.models.user import User
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core import GraphClientFactory
from PIL import Image

from tests.wire.clients import secret_token


class Known(AccessTokenProvider):
    """A token that is there already: azure-identity speaks to no authority without TLS (it does below, with it)."""

    def __init__(self, token):
        self._token = token

    async def get_authorization_token(self, uri, additional_authentication_context=None):
        return self._token

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


@pytest.fixture
async def graph(fresh_tenant):
    provider = Known(secret_token(fresh_tenant, fresh_tenant.graph))
    async with aimed(BaseBearerTokenAuthenticationProvider(provider), fresh_tenant.graph) as client:
        yield client


@contextlib.asynccontextmanager
async def aimed(authentication, address, *, verify=True):
    none_kept = httpx.Limits(max_keepalive_connections=0)  # its middleware does not close what it keeps
    client = GraphClientFactory.create_with_default_middleware(
        client=httpx.AsyncClient(limits=none_kept, verify=verify)
    )
    adapter = GraphRequestAdapter(authentication, client)
    adapter.base_url = f"{address}/v1.0"
    yield GraphServiceClient(request_adapter=adapter)
    await client.aclose()


def photo(graph, tenant, case):
    return graph.users.by_user_id(tenant.person(case).id).photo


def held(tenant, case):
    return httpx2.get(f"{tenant.control}/people/{tenant.person(case).id}").json()["pictures"]["mailbox"]


async def test_it_lists_everybody_page_by_page(fresh_tenant, graph):
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(select=["id", "displayName"], top=5)
    page, names = await graph.users.get(RequestConfiguration(query_parameters=query)), {}
    while page:
        names |= {user.id: user.display_name for user in page.value}
        page = await graph.users.with_url(page.odata_next_link).get() if page.odata_next_link else None
    assert names == {person.id: person.name for person in fresh_tenant.people}


async def test_it_reads_a_picture_in_every_size(fresh_tenant, graph):
    shown = await photo(graph, fresh_tenant, "in-sync").get()
    assert shown.width == shown.height
    whole = await photo(graph, fresh_tenant, "in-sync").content.get()
    assert Image.open(io.BytesIO(whole)).size == (shown.width, shown.height)
    user = graph.users.by_user_id(fresh_tenant.person("in-sync").id)
    sizes = {one.id for one in (await user.photos.get()).value}
    assert "96x96" in sizes
    small = await user.photos.by_profile_photo_id("96x96").content.get()
    assert Image.open(io.BytesIO(small)).size == (96, 96)


async def test_it_sets_and_deletes_a_picture(fresh_tenant, graph):
    before = held(fresh_tenant, "in-sync")
    written = io.BytesIO()
    Image.new("RGB", (648, 648), "teal").save(written, "JPEG")
    await photo(graph, fresh_tenant, "in-sync").content.put(written.getvalue())
    assert held(fresh_tenant, "in-sync") not in {before, None}
    shown = Image.open(io.BytesIO(await photo(graph, fresh_tenant, "in-sync").content.get())).convert("RGB")
    assert all(abs(is_ - was) < 8 for is_, was in zip(shown.getpixel((300, 300)), (0, 128, 128), strict=True))
    await photo(graph, fresh_tenant, "in-sync").content.delete()
    assert held(fresh_tenant, "in-sync") is None


async def test_it_understands_that_there_is_no_picture(fresh_tenant, graph):
    with pytest.raises(APIError) as none:
        await photo(graph, fresh_tenant, "none").content.get()
    assert (none.value.response_status_code, none.value.error.code) == (404, "ImageNotFound")


async def test_azure_identity_signs_in_over_tls(make_tenant, tmp_path):
    tenant = make_tenant(tmp_path, tls=0)
    known = {"disable_instance_discovery": True, "connection_verify": tenant.ca}
    application = tenant.application
    with ClientSecretCredential(
        tenant.tenant, application.client_id, application.client_secret, authority=urlsplit(tenant.tls).netloc, **known
    ) as credential:
        provider = AzureIdentityAuthenticationProvider(
            credential, scopes=["https://graph.microsoft.com/.default"], allowed_hosts=["127.0.0.1"]
        )
        async with aimed(provider, tenant.tls, verify=ssl.create_default_context(cafile=tenant.ca)) as graph:
            page = await graph.users.get()
            assert {user.id for user in page.value} == {person.id for person in tenant.people}
            assert (await photo(graph, tenant, "in-sync").get()).width == 648


async def test_it_reads_who_is_in_a_group_and_inside_it(fresh_tenant):
    people = {fresh_tenant.person(case).id: group for case, group in (("in-sync", "Pilots"), ("stale", "Cadets"))}
    with httpx2.Client(base_url=fresh_tenant.control) as control:
        control.put("/application/roles", json={"graph": ["GroupMember.Read.All", "User.Read.All"]})
        for ref, group in people.items():
            control.put(f"/people/{ref}/groups", json={"groups": [group]})
        [inside] = control.put("/groups/Pilots/groups", json={"groups": ["Cadets"]}).json()["groups"]
    provider = Known(secret_token(fresh_tenant, fresh_tenant.graph))
    query = GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters(filter="displayName eq 'Pilots'")
    async with aimed(BaseBearerTokenAuthenticationProvider(provider), fresh_tenant.graph) as graph:
        [pilots] = (await graph.groups.get(RequestConfiguration(query_parameters=query))).value
        members = (await graph.groups.by_group_id(pilots.id).transitive_members.get()).value
    assert {member.id: type(member) for member in members} == {inside["id"]: Group} | dict.fromkeys(people, User)
