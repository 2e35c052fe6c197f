"""The documented steps, walked through: private window, start page, sign-in, tile, picture."""

import httpx2
import pytest

from samepic.demo.visitor import Visitor


@pytest.fixture
def control(fresh_tenant):
    with httpx2.Client(base_url=fresh_tenant.control) as client:
        yield client


def pictures(control, person):
    return control.get(f"/people/{person.id}").json()["pictures"]


async def signed_in(visitor, tenant, person, *, at=None):
    page = await visitor.open(at or tenant.start)
    return await visitor.submit(page, username=person.upn, password=person.password)


@pytest.mark.parametrize("tile", ["OneDrive", "SharePoint"])
async def test_pressing_a_tile_brings_the_mailbox_picture_to_sharepoint(fresh_tenant, control, tile):
    bruno = fresh_tenant.person("never-visited")
    async with Visitor() as visitor:
        page = await signed_in(visitor, fresh_tenant, bruno)
        assert pictures(control, bruno)["sharepoint"] == {}
        page = await visitor.press(page, tile)
    assert (page.status, page.title) == (200, f"{tile} - practice tenant")
    assert [image.media_type for image in page.images.values()] == ["image/jpeg"]
    assert pictures(control, bruno)["sharepoint"].keys() == {"S", "M", "L"}
