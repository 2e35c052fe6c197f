"""Groups of a real directory, as rules name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from ldap3.utils.dn import escape_rdn

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import enrolled
from samepic.connectors.ldap import LdapConnector
from samepic.errors import Denied, Gone
from tests.contract.group_names import GroupNames
from tests.servers.ldapworld import CAST, PILOTS, directory, opened, options
from tests.servers.slapd import BLIND, LIMITED, PEOPLE, SERVICE, SUFFIX, Slapd, person_ldif, running

__all__ = ["directory", "opened"]

ADA, GRACE, JOAN, HEDY, MARY = (f"uid={uid},{PEOPLE}" for uid in CAST)

Gathering = Callable[..., str]


@pytest.fixture
def gathered(directory: Slapd) -> Iterator[Gathering]:
    """`gathered("Pilots", member=[...])` adds a group and gives its DN; all of them are gone at the end."""
    made: list[str] = []

    def add(name: str, kind: str = "groupOfNames", place: str = SUFFIX, **values: object) -> str:
        dn = f"cn={escape_rdn(name)},{place}"
        directory.add(dn, kind, **values)
        made.append(dn)
        return dn

    yield add
    with directory.admin() as connection:
        for dn in reversed(made):
            connection.delete(dn)


@pytest.fixture
def refs(directory: Slapd) -> Callable[..., frozenset[str]]:
    return lambda *dns: frozenset(map(directory.ref, dns))


# Who is in


async def test_members_of_groups_inside_count_and_a_loop_ends(opened, gathered, refs):
    inner, outer = f"cn=inner,{SUFFIX}", f"cn=outer,{SUFFIX}"
    gathered("inner", member=[f"UID=Grace, {PEOPLE}", outer])
    gathered("middle", "groupOfUniqueNames", uniqueMember=[JOAN, inner])
    gathered("outer", member=[ADA, f"cn=middle,{SUFFIX}", outer])
    connector = await opened()
    assert await connector.members("outer") == refs(ADA, GRACE, JOAN)
    assert await connector.members(inner) == refs(ADA, GRACE, JOAN)


async def test_logins_are_members_and_a_group_may_be_empty(opened, gathered, refs):
    gathered("unix", "posixGroup", gidNumber=1000, memberUid=["grace", "nobody", "mary"])
    gathered("nobody yet", "posixGroup", gidNumber=1001)
    connector = await opened()
    assert await connector.members("unix") == refs(GRACE, MARY)
    assert await connector.members("Nobody Yet") == frozenset()


async def test_whoever_has_no_account_here_is_left_out(directory, opened, gathered, refs):
    away = f"ou=away,{SUFFIX}"
    directory.add(away, ["referral", "extensibleObject"], ou="away", ref=f"ldap://other.example.test/{away}")
    try:
        gathered("mixed", member=[HEDY, SERVICE, PEOPLE, f"uid=left,{PEOPLE}", f"cn=theirs,{away}", "cn=other,o=Tests"])
        assert await (await opened()).members("mixed") == refs(HEDY)
    finally:
        with directory.admin() as connection:
            connection.delete(away, controls=[("2.16.840.1.113730.3.4.2", True, None)])


async def test_a_group_among_many_who_have_no_account_here_is_found(opened, gathered, refs):
    """Whoever is no account could be a group: of many, the server is asked once for all groups."""
    inner = gathered("inner", member=[GRACE])
    gathered(
        "many", member=[ADA, inner, *(f"cn=left{number},{away}" for number in range(40) for away in (SUFFIX, "o=Else"))]
    )
    connector = await opened()
    assert await connector.members("many") == refs(ADA, GRACE)
    assert connector.around.traffic.requests == 4 + 1 + 1 + 40, "people; all groups; the one inside; those elsewhere"
    limited = await opened(user=LIMITED)
    assert await limited.members(f"cn=many,{SUFFIX}") == refs(ADA, GRACE)


async def test_only_whom_the_settings_let_in_is_a_member(opened, gathered, refs):
    gathered("many", member=[ADA, JOAN, HEDY])
    among_pilots = await opened(group=PILOTS)
    assert await among_pilots.members("many") == refs(ADA)
    assert await (await opened(filter="(uid=hedy)")).members("many") == refs(HEDY)
    assert {one.ref for one in await enrolled(among_pilots)} == refs(ADA, GRACE)


async def test_a_large_group_is_whole_and_costs_two_requests_and_a_roster(tmp_path):
    crowd = [f"p{number}" for number in range(1_800)]
    with running(tmp_path) as slapd:
        slapd.stop()
        members = "".join(f"member: uid={uid},{PEOPLE}\n" for uid in crowd)
        people = "\n".join(person_ldif(uid, number) for number, uid in enumerate([*crowd, "stranger"]))
        slapd.load(f"{people}\ndn: cn=crowd,{SUFFIX}\nobjectClass: groupOfNames\ncn: crowd\n{members}")
        slapd.start()
        async with LdapConnector("ldap", options(slapd), Surroundings()) as connector:
            assert len(await connector.members("crowd")) == len(crowd)
            assert connector.around.traffic.requests == 3 + 4, "signing in, the root, the group; 500 people a page"


# Which group


class TestGroupNames(GroupNames):
    system, suffix, people, ada, grace = "ldap", SUFFIX, PEOPLE, ADA, GRACE


@pytest.mark.parametrize(
    "name", ["nosuch", f"cn=nosuch,{SUFFIX}", ADA, "ada", "Team=A", "*", "Pil*", "cn=x,o=elsewhere"]
)
async def test_what_is_no_group_is_gone(opened, name):
    with pytest.raises(Gone, match="There is no group") as gone:
        await (await opened()).members(name)
    assert name in str(gone.value)
    assert gone.value.remedy


# What may be seen


async def test_members_that_may_not_be_read_do_not_look_like_none(opened, gathered):
    gathered("unix", "posixGroup", gidNumber=1000, memberUid=["grace"])
    gathered("around", "groupOfUniqueNames", uniqueMember=[PILOTS])
    connector = await opened(user=BLIND)
    for name, hidden in (("Pilots", "member"), ("unix", "memberUid"), ("around", "uniqueMember")):
        with pytest.raises(Denied, match=f"its {hidden} may not be read") as denied:
            await connector.members(name)
        assert hidden in denied.value.remedy


async def test_where_groups_may_not_be_looked_for_nobody_says_that_there_is_none(opened, refs):
    connector = await opened(user=LIMITED)
    with pytest.raises(Denied, match=f"Groups in {SUFFIX} may not be looked for") as denied:
        await connector.members("Pilots")
    assert "by their DN" in denied.value.remedy
    assert await connector.members(PILOTS) == refs(ADA, GRACE)


async def test_who_joins_is_in_at_once_and_who_leaves_is_out(directory, opened, gathered, refs):
    dn = gathered("moving", member=[ADA])
    connector = await opened()
    assert await connector.members("moving") == refs(ADA)
    directory.set(dn, GRACE.encode(), JOAN.encode(), attribute="member")
    assert await connector.members("moving") == refs(GRACE, JOAN)
