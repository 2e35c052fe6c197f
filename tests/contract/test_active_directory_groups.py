"""Groups of a real domain, as rules name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from ldap3.protocol.formatters.formatters import format_sid
from ldap3.utils.dn import escape_rdn

from samepic.connectors.conformance import enrolled
from samepic.errors import Gone
from tests.contract.group_names import GroupNames
from tests.servers.domain import domain, opened
from tests.servers.samba import CAST, PEOPLE, STAFF, SUFFIX, Samba

__all__ = ["domain", "opened"]

ADA, GRACE, JOAN, HEDY, MARY = (f"CN={name},{PEOPLE}" for name in CAST)

Gathering = Callable[..., str]


@pytest.fixture
def gathered(domain: Samba) -> Iterator[Gathering]:
    """`gathered("Pilots", member=[...])` adds a group and gives its DN; all of them are gone at the end."""
    made: list[str] = []

    def add(name: str, place: str = SUFFIX, **values: object) -> str:
        dn = f"CN={escape_rdn(name)},{place}"
        with domain.admin() as connection:
            connection.add(dn, "group", {"sAMAccountName": f"g{uuid4().hex[:8]}", **values})
        made.append(dn)
        return dn

    yield add
    with domain.admin() as connection:
        for dn in reversed(made):
            connection.delete(dn)


@pytest.fixture
def refs(domain: Samba) -> Callable[..., frozenset[str]]:
    return lambda *dns: frozenset(map(domain.ref, dns))


# Who is in


async def test_members_of_groups_inside_count_and_a_loop_ends(domain, opened, gathered, refs):
    inner = gathered("inner", member=[GRACE])
    outer = gathered("outer", member=[ADA, inner])
    domain.set(inner, GRACE, outer, attribute="member")
    connector = await opened()
    assert await connector.members("outer") == await connector.members("inner") == refs(ADA, GRACE)


async def test_a_primary_group_counts_and_so_does_one_inside(domain, opened, gathered, refs):
    connector = await opened()
    everybody = frozenset(account.ref for account in await enrolled(connector))
    assert await connector.members("Domain Users") == everybody
    gathered("around", member=[f"CN=Domain Users,CN=Users,{SUFFIX}"])
    assert await connector.members("around") == everybody

    own = gathered("own", member=[HEDY])
    (rid,) = domain.values(own, "primaryGroupToken")
    domain.set(HEDY, rid, attribute="primaryGroupID")
    try:
        assert domain.values(own, "member") == [], "who has it as the primary group is not listed"
        assert await connector.members("own") == refs(HEDY)
    finally:
        domain.set(HEDY, "513", attribute="primaryGroupID")


async def test_whoever_has_no_account_here_is_left_out(domain, opened, gathered, refs):
    contact = f"CN=contact,{PEOPLE}"
    with domain.admin() as connection:
        connection.add(contact, "contact")
    try:
        gathered(
            "mixed", member=[HEDY, contact, f"CN=samepic,CN=Users,{SUFFIX}", f"CN=DC1,OU=Domain Controllers,{SUFFIX}"]
        )
        gathered("empty")
        connector = await opened()
        assert await connector.members("mixed") == refs(HEDY)
        assert await connector.members("empty") == frozenset()
    finally:
        with domain.admin() as connection:
            connection.delete(contact)


async def test_only_whom_the_settings_let_in_is_a_member(opened, gathered, refs):
    gathered("many", member=[ADA, HEDY, MARY])
    assert await (await opened(group=STAFF)).members("many") == refs(ADA)
    assert await (await opened(filter="(sAMAccountName=hedy)")).members("many") == refs(HEDY)


# Which group


async def test_a_group_goes_by_any_of_its_names(domain, opened, gathered, refs):
    dn = gathered("The Pilots", sAMAccountName="pilots", mail="pilots@example.test", member=[ADA])
    sid = format_sid(domain.values(dn, "objectSid")[0])
    connector = await opened()
    for name in ("The Pilots", "pilots", "pilots@example.test", dn, domain.ref(dn), sid):
        assert await connector.members(name) == await connector.members(name.upper()) == refs(ADA), name
    assert await connector.members(sid.lower()) == refs(ADA)


class TestGroupNames(GroupNames):
    system, suffix, people, ada, grace = "ad", SUFFIX, PEOPLE, ADA, GRACE


@pytest.mark.parametrize(
    "name",
    [
        "nosuch",
        f"CN=nosuch,{SUFFIX}",
        ADA,
        "ada",
        "Team=A",
        "*",
        "st*",
        "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "S-1-5-21-1-2-3-4",
        "CN=x,O=elsewhere",
    ],
)
async def test_what_is_no_group_is_gone(opened, name):
    with pytest.raises(Gone, match="There is no group") as gone:
        await (await opened()).members(name)
    assert name in str(gone.value)
    assert gone.value.system == "ad"
    assert gone.value.remedy
