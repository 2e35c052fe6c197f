"""Signing in through the practice tenant, as a person does it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from samepic.demo.visitor import Visitor
from tests.web.conftest import ADDRESS, House
from tests.web.walking import Town, sign_in


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Visitor]:
    async with Visitor(Town(house.app)) as visitor:
        yield visitor


async def test_somebody_signs_in_and_is_themselves(house: House, visitor: Visitor):
    bruno = house.tenant.person("never-visited")
    page = await sign_in(visitor, bruno)
    assert page.address == f"{ADDRESS}/account"
    assert f"You are signed in as {bruno.upn}" in page.text
    (identity,) = await house.site.org.ledger.identities_of(await house.person("never-visited"))
    assert (identity.linked_by, identity.address) == ("object id", bruno.upn)
