"""What a real domain does besides what it should, and what an administrator is told about it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import ldap3
import pytest
from ldap3.protocol.formatters.formatters import format_sid
from pydantic import ValidationError

from samepic.connectors.active_directory import ActiveDirectoryConnector
from samepic.connectors.active_directory.options import KEYS
from samepic.connectors.base import Surroundings, look
from samepic.connectors.conformance import drawn, enrolled, surveyed
from samepic.connectors.microsoft import user_from
from samepic.engine.matching import match
from samepic.errors import Denied, Failed, Gone, Moved, Refused
from samepic.model import Demand, Level, PersonId, Photo, Sighting, Slot, Unseen, Why, digest_of
from tests.servers.domain import domain, opened, options
from tests.servers.samba import (
    ADMIN,
    ATTEMPTS,
    CAST,
    DISABLED,
    EXPIRED,
    LOCKED,
    MUST,
    PASSWORD,
    PEOPLE,
    READER,
    SERVICE,
    STAFF,
    SUFFIX,
    Samba,
    running,
)

__all__ = ["domain", "opened"]

FACE = drawn("crimson", Demand(side=(48, 200)))
OTHER = drawn("navy", Demand(side=(48, 200)))


@pytest.fixture
def somebody(domain: Samba) -> Iterator[str]:
    """The DN of a person of the test's own."""
    name = f"t{uuid4().hex[:8]}"
    yield domain.add(name)
    domain.delete(name)


# Sizes and values


async def test_a_picture_of_102400_bytes_is_taken_and_one_more_byte_is_not(domain, opened, somebody):
    connector, ref = await opened(max_bytes=102_400), domain.ref(somebody)
    largest = Photo(FACE.data.ljust(102_400, b"\0"))
    assert await connector.put(ref, {"photo": largest}) == Sighting(True, largest.digest)
    with pytest.raises(Refused, match=r"102,401 bytes; at most 102,400"):
        await connector.put(ref, {"photo": Photo(FACE.data.ljust(102_401, b"\0"))})
    assert domain.values(somebody) == [largest.data]


async def test_what_the_domain_itself_refuses_is_told_with_its_words(domain, opened, somebody):
    """A limit that is not ours: another schema, another rule."""
    connector, ref = await opened(), domain.ref(somebody)
    steps = {"thumbnailPhoto": [("MODIFY_ADD", [b"x" * 102_401])]}
    with pytest.raises(Refused) as refused:
        await connector._session.modify(f"<GUID={ref}>", steps, about=somebody)
    assert somebody in str(refused.value)
    assert "invalid value" in str(refused.value)
    assert refused.value.system == "ad"
    assert refused.value.remedy


async def test_two_pictures_do_not_fit_into_an_attribute_of_one(domain, opened, somebody):
    connector = await opened()
    with pytest.raises(Refused, match="takes one picture, and here are 2") as refused:
        await connector.put(domain.ref(somebody), {"photo": FACE, "photo#2": OTHER})
    assert somebody in str(refused.value)
    assert domain.values(somebody) == []


async def test_two_pictures_in_jpegphoto_are_reported_and_both_come_back(domain, opened, somebody):
    connector, ref = await opened(attribute="jpegPhoto"), domain.ref(somebody)
    domain.set(somebody, FACE.data, OTHER.data, attribute="jpegPhoto")
    seen = await look(connector, ref)
    assert isinstance(seen, Unseen)
    assert seen.why is Why.DENIED
    originals = await connector.fetch_all(ref)
    third = drawn("green", Demand(side=(48, 200)))
    assert (await connector.put(ref, {"photo": third})).version == third.digest
    await connector.put(ref, originals)
    assert sorted(domain.values(somebody, "jpegPhoto")) == sorted([FACE.data, OTHER.data])


async def test_exchange_gets_less_than_ten_kilobytes(opened):
    connector = await opened(exchange_limit=True)
    (demand,) = connector.traits.demands.values()
    assert (demand.side[1], demand.max_bytes) == (128, 10_000)


# Comparing and setting


@pytest.mark.parametrize("attribute", ["thumbnailPhoto", "jpegPhoto"])
@pytest.mark.parametrize("before", [(), (FACE.data,)], ids=["none", "one"])
async def test_somebody_elses_write_in_between_is_not_overwritten(domain, opened, somebody, attribute, before):
    """Between the look and the write, somebody writes: the controller refuses, and we look again."""
    connector, ref = await opened(attribute=attribute), domain.ref(somebody)
    if before:
        domain.set(somebody, *before, attribute=attribute)
    expect = digest_of(before[0]) if before else None
    modify, mine = connector._session.modify, drawn("green", Demand(side=(48, 200)))

    async def late(*args: object, **more: object) -> object:
        connector._session.modify = modify
        domain.set(somebody, OTHER.data, attribute=attribute)
        return await modify(*args, **more)

    connector._session.modify = late
    if expect is None:
        held = await connector._directory.held(ref)
        outcome = connector._swapped(ref, held, [mine.data])
        if attribute == "thumbnailPhoto":
            assert not await outcome
        else:
            with pytest.raises(Moved):
                await outcome
    else:
        with pytest.raises(Moved):
            await connector.put(ref, {"photo": mine}, expect=expect)
    assert domain.values(somebody, attribute) == [OTHER.data]


# Versions


async def test_a_change_of_something_else_costs_no_picture(domain, opened, somebody):
    connector, ref = await opened(), domain.ref(somebody)
    domain.set(somebody, FACE.data)
    seen = await connector.peek(ref)
    domain.set(somebody, "Somebody Else", attribute="displayName")
    asked = []
    held = connector._directory.held

    async def counted(ref: str) -> object:
        asked.append(ref)
        return await held(ref)

    connector._directory.held = counted
    assert await connector.peek(ref) == seen
    assert asked == []
    domain.set(somebody, OTHER.data)
    assert await connector.peek(ref) == Sighting(True, OTHER.digest)
    assert asked == [ref]


# Accounts


async def test_a_renamed_and_moved_account_is_the_same(domain, opened, somebody):
    connector, ref = await opened(), domain.ref(somebody)
    domain.set(somebody, FACE.data)
    before = await connector.peek(ref)
    with domain.admin() as connection:
        connection.add(f"OU=abroad,{PEOPLE}", "organizationalUnit")
        connection.modify_dn(somebody, "CN=renamed person", new_superior=f"OU=abroad,{PEOPLE}")
    assert await connector.peek(ref) == before
    assert (await connector.put(ref, {"photo": OTHER}, expect=before.version)).version == OTHER.digest
    with domain.admin() as connection:
        connection.modify_dn(f"CN=renamed person,OU=abroad,{PEOPLE}", "CN=left", new_superior=f"CN=Users,{SUFFIX}")
        connection.delete(f"OU=abroad,{PEOPLE}")
    with pytest.raises(Gone, match="out of scope"):
        await connector.peek(ref)


async def test_a_comma_in_a_name_is_no_level_more(domain, opened):
    dn = domain.add(r"Hopper\, Grace", sAMAccountName="hopper", userPrincipalName="hopper@example.test")
    try:
        for scope in ("one level", "subtree"):
            assert not (await (await opened(scope=scope)).peek(domain.ref(dn))).present
    finally:
        domain.delete("hopper")


async def test_a_deleted_account_is_gone_and_a_restored_one_is_back(domain, opened, somebody):
    connector, ref = await opened(), domain.ref(somebody)
    domain.set(somebody, FACE.data)
    with domain.admin() as connection:
        connection.delete(somebody)
        with pytest.raises(Gone):
            await connector.peek(ref)
        shown = [("1.2.840.113556.1.4.417", True, None)]
        back = {"isDeleted": [(ldap3.MODIFY_DELETE, [])], "distinguishedName": [(ldap3.MODIFY_REPLACE, [somebody])]}
        connection.search(f"<GUID={ref}>", "(objectClass=*)", ldap3.BASE, attributes=["1.1"], controls=shown)
        connection.modify(connection.response[0]["dn"], back, controls=shown)
        connection.modify(somebody, {"userPrincipalName": [(ldap3.MODIFY_REPLACE, ["back@example.test"])]})
    assert await connector.peek(ref) == Sighting(False)
    assert ref in [account.ref for account in await enrolled(connector)]


async def test_accounts_carry_what_they_are_matched_by(domain, opened, somebody):
    immutable = uuid4()
    domain.set(
        somebody, "SMTP:first@example.test", "smtp:second@example.test", "X500:/o=Old", attribute="proxyAddresses"
    )
    domain.set(somebody, immutable.bytes_le, attribute="mS-DS-ConsistencyGuid")
    domain.set(somebody, "4711", attribute="employeeID")
    domain.set(somebody, "514", attribute="userAccountControl")
    ref, name = domain.ref(somebody), somebody.partition(",")[0].removeprefix("CN=")
    keys = {**KEYS, "id": ["mS-DS-ConsistencyGuid", "objectGUID"]}
    (account,) = [one for one in await enrolled(await opened(keys=keys)) if one.ref == ref]
    assert account.keys == {
        f"id:{immutable}",
        f"id:{ref}",
        f"anchor:{immutable}",
        f"anchor:{ref}",
        f"anchor:{format_sid(domain.values(somebody, 'objectSid')[0]).casefold()}",
        "employee:4711",
        f"upn:{name}@example.test",
        f"mail:{name}@example.test",
        "alias:first@example.test",
        "alias:second@example.test",
    }
    assert not account.active
    assert UUID(ref)


async def test_a_cloud_account_is_found_by_its_anchor_whatever_it_signs_in_with(domain, opened, somebody):
    ref = domain.ref(somebody)
    (account,) = [one for one in await enrolled(await opened()) if one.ref == ref]
    synced, other = (
        user_from({"id": name, "userPrincipalName": f"{name}@cloud.test", "onPremisesImmutableId": anchor}).account
        for name, anchor in (("synced", b64encode(UUID(ref).bytes_le).decode()), ("other", None))
    )
    persons = match({"ad": [account], "entra": [synced, other]}, {}, lambda: PersonId(str(uuid4()))).persons
    assert persons[Slot("ad", ref)] == persons[Slot("entra", "synced")] != persons[Slot("entra", "other")]


async def test_a_group_counts_with_the_groups_in_it(domain, opened):
    inner = f"CN=inner,{SUFFIX}"
    with domain.admin() as connection:
        connection.add(inner, "group", {"sAMAccountName": "inner", "member": f"CN=hedy,{PEOPLE}"})
        connection.modify(STAFF, {"member": [(ldap3.MODIFY_ADD, [inner])]})
    try:
        names = {account.name for account in await enrolled(await opened(group=STAFF))}
    finally:
        with domain.admin() as connection:
            connection.delete(inner)
    assert names == {name.title() for name in (*CAST[:3], "hedy")}
    with pytest.raises(Refused, match="no group"):
        await enrolled(await opened(group=f"CN=nosuch,{SUFFIX}"))


# Who may what


async def test_a_person_may_write_their_own_thumbnail_and_nothing_else(domain, opened, somebody):
    ref, own = domain.ref(somebody), somebody.partition(",")[0].removeprefix("CN=") + "@example.test"
    own_thumbnail = await opened(user=own)
    assert (await own_thumbnail.put(ref, {"photo": FACE})).version == FACE.digest
    for trying in (
        (await opened(user=own, attribute="jpegPhoto")).put(ref, {"photo": FACE}),
        own_thumbnail.put(domain.ref(f"CN=grace,{PEOPLE}"), {"photo": FACE}),
    ):
        with pytest.raises(Denied, match="may not do that") as denied:
            await trying
        assert denied.value.system == "ad"
        assert denied.value.remedy


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (EXPIRED, "the account has expired"),
        (DISABLED, "the account is disabled"),
        (MUST, "has to be changed first"),
        (LOCKED, "the account is locked"),
        ("nobody@example.test", "does not take this name and password"),
    ],
)
async def test_why_a_sign_in_is_refused_is_told(domain, opened, user, said):
    if user == LOCKED:
        server = ldap3.Server(domain.address, 636, use_ssl=True, get_info=ldap3.NONE)
        for _ in range(ATTEMPTS):
            connection = ldap3.Connection(server, LOCKED, "wrong")
            connection.bind()
            connection.unbind()
    with pytest.raises(Denied, match=said) as denied:
        await enrolled(await opened(user=user))
    assert user in str(denied.value)
    assert denied.value.system == "ad"
    assert denied.value.remedy
    assert PASSWORD not in str(denied.value)


async def test_a_wrong_password_is_tried_once(domain, opened, tmp_path):
    (tmp_path / "wrong").write_text("wrong")
    connector = await opened(user=READER, password=f"file:{tmp_path / 'wrong'}")
    for _ in range(ATTEMPTS + 1):
        with pytest.raises(Denied, match="does not take"):
            await enrolled(connector)
    assert await enrolled(await opened(user=READER))


# Certificates and servers


async def test_bad_certificates_are_told_apart(tmp_path, domain, opened):
    with running(tmp_path, expired=True) as bad:
        with pytest.raises(Denied, match="has expired") as denied:
            await enrolled(await opened(bad))
        assert bad.ldaps in str(denied.value)
        bad.stop()
        bad.start("elsewhere.example.test")
        with pytest.raises(Denied, match="is for another name"):
            await enrolled(await opened(bad))
    with pytest.raises(Denied, match="not vouched for"):
        await enrolled(await opened(ca=bad.ca))


async def test_starttls_and_several_servers(domain, opened):
    connector = await opened(server=["ldaps://127.0.0.1:1", domain.url])
    assert len(await enrolled(connector)) >= len(CAST)


async def test_a_controller_that_stops_is_found_again(tmp_path, opened):
    with running(tmp_path) as samba:
        connector, ref = await opened(samba), samba.ref(f"CN=ada,{PEOPLE}")
        await connector.peek(ref)
        samba.stop()
        with pytest.raises(Failed, match="cannot be reached"):
            await connector.put(ref, {"photo": FACE})
        samba.start()
        assert (await connector.put(ref, {"photo": FACE})).version == FACE.digest


# Changes


async def told(connector: ActiveDirectoryConnector, since: str | None) -> tuple[list[str], str]:
    changes = [change async for change in connector.changes(since)]
    return [change.ref for change in changes if change.ref], changes[-1].token if changes else since


@pytest.mark.parametrize("user", [SERVICE, READER])
async def test_changes_of_pictures_are_told_and_nothing_else(domain, opened, somebody, user):
    connector, ref = await opened(user=user), domain.ref(somebody)
    nothing, token = await told(connector, None)
    assert nothing == []
    domain.set(somebody, "Somebody Else", attribute="displayName")
    assert (await told(connector, token))[0] == []
    domain.set(somebody, FACE.data)
    refs, after = await told(connector, token)
    assert refs == [ref]
    domain.set(somebody)
    assert (await told(connector, after))[0] == [ref]
    assert await connector.peek(ref) == Sighting(False)


async def test_a_deleted_account_is_told_and_gone(domain, opened, somebody):
    connector, ref = await opened(user=ADMIN), domain.ref(somebody)
    domain.set(somebody, FACE.data)
    _, token = await told(connector, None)
    with domain.admin() as connection:
        connection.delete(somebody)
    assert (await told(connector, token))[0] == [ref]
    with pytest.raises(Gone):
        await connector.peek(ref)


@pytest.mark.parametrize("lost", ["no cookie at all!", "bm9uc2Vuc2U="])
async def test_a_feed_that_lost_its_place_tells_of_everybody(domain, opened, lost):
    connector = await opened()
    refs, token = await told(connector, lost)
    assert set(refs) == {account.ref for account in await enrolled(connector)}
    assert (await told(connector, token))[0] == []


# Many


async def test_more_people_than_a_page_are_all_found(tmp_path, opened):
    """A controller gives 1,000 entries at once (MaxPageSize), and 1,500 values of an attribute (MaxValRange)."""
    with running(tmp_path, people=1_500) as samba:
        connector = await opened(samba)
        refs = [account.ref for account in await enrolled(connector)]
        assert len(refs) == len(set(refs)) == 1_500 + len(CAST)
        assert all(seen == Sighting(False) for _, seen in await surveyed(connector, refs))
        everybody = [f"CN={name},{PEOPLE}" for name in (*CAST, *(f"p{number}" for number in range(1_500)))]
        with samba.admin() as connection:
            connection.add(f"CN=crowd,{SUFFIX}", "group", {"sAMAccountName": "crowd", "member": everybody})
        assert await connector.members("crowd") == await connector.members("Domain Users") == frozenset(refs)


# Looking into it


async def test_a_good_domain_checks_well(opened):
    findings = await (await opened()).check()
    assert {finding.level for finding in findings} == {Level.GOOD}, findings
    assert {"signing in", "people", "attribute", "reading pictures", "writing", "changes"} == {
        finding.subject for finding in findings
    }


async def test_who_may_only_read_is_told_so(opened):
    writing = [one for one in await (await opened(user=READER)).check() if one.subject == "writing"]
    assert [one.level for one in writing] == [Level.WARNING]
    assert "thumbnailPhoto may not be written" in writing[0].message


async def test_a_check_writes_nothing(domain, opened, somebody):
    before = domain.values(f"<GUID={domain.ref(somebody)}>", "uSNChanged")
    await (await opened()).check()
    assert domain.values(somebody, "uSNChanged") == before


async def test_in_a_rehearsal_nothing_is_sent(domain, opened, somebody):
    connector = await opened(around=Surroundings(reads_only=True))
    with pytest.raises(Refused, match="rehearsal") as refused:
        await connector.put(domain.ref(somebody), {"photo": FACE})
    assert somebody in str(refused.value)
    assert domain.values(somebody) == []


async def test_a_base_that_is_not_there_is_never_an_empty_domain(opened):
    connector = await opened(base=f"OU=nosuch,{SUFFIX}")
    with pytest.raises(Refused, match="There is no OU=nosuch"):
        await enrolled(connector)
    assert any(one.level is Level.PROBLEM for one in await connector.check())


async def test_clocks_that_disagree_are_told(opened):
    around = Surroundings(clock=lambda: datetime(2020, 1, 1, tzinfo=UTC))
    findings = await (await opened(around=around)).check()
    assert any("seconds apart" in finding.message for finding in findings)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"user": "", "password": None}, "shows nothing to nobody"),
        ({"sign_in": "kerberos", "password": None}, "leave out"),
        ({"sign_in": "kerberos", "keytab": "keytab"}, "either"),
        ({"sign_in": "kerberos", "user": "EXAMPLE\\samepic"}, "name@domain"),
        ({"keytab": "keytab"}, "A keytab is for"),
        ({"attribute": "photo"}, "thumbnailPhoto"),
        ({"max_bytes": 102_401}, "102400"),
    ],
)
def test_wrong_settings_are_told_before_anything_is_asked(domain, wrong, said):
    with pytest.raises(ValidationError, match=said):
        options(domain, **wrong)
