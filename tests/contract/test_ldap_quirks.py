"""What a real directory does besides what it should, and what an administrator is told about it."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Iterator
from uuid import uuid4

import pytest
from pydantic import ValidationError

from samepic.connectors.base import ForgetfulMemo, Surroundings, look
from samepic.connectors.conformance import drawn, enrolled, surveyed
from samepic.connectors.ldap import LdapConnector
from samepic.errors import Denied, Failed, Gone, Moved, Refused, Unclear
from samepic.model import Change, Demand, Level, Photo, Sighting, Unseen, Why
from samepic.settings import mistakes
from tests.servers.ldapworld import directory, opened, options
from tests.servers.relay import Relay
from tests.servers.slapd import BLIND, LIMITED, LOCKED, PASSWORD, PEOPLE, READER, SUFFIX, Slapd, person_ldif, running

__all__ = ["directory", "opened"]

FACE = drawn("crimson", Demand(side=(48, 200)))
OTHER = drawn("navy", Demand(side=(48, 200)))


@pytest.fixture
def somebody(directory: Slapd) -> Iterator[str]:
    """The DN of a person of the test's own."""
    uid = f"t{uuid4().hex[:8]}"
    dn = f"uid={uid},{PEOPLE}"
    add(directory, uid)
    yield dn
    with directory.admin() as connection:
        connection.search(PEOPLE, f"(uid={uid})", attributes=["1.1"])
        for entry in list(connection.response):
            if entry["type"] == "searchResEntry":
                connection.delete(entry["dn"])


def add(slapd: Slapd, uid: str, base: str = PEOPLE, **more: object) -> None:
    named = {"cn": uid, "sn": uid, "mail": f"{uid}@example.test", **more}
    slapd.add(f"uid={uid},{base}", ["inetOrgPerson", "photographed"], **named)


# What may already be stored


async def test_two_pictures_are_reported_and_both_come_back_after_an_undo(directory, opened, somebody):
    connector, ref = await opened(), directory.ref(somebody)
    directory.set(somebody, FACE.data, OTHER.data)
    seen = await look(connector, ref)
    assert isinstance(seen, Unseen)
    assert seen.why is Why.DENIED
    assert somebody in seen.detail
    assert "2 values in jpegPhoto" in seen.detail
    assert {one for _, one in await surveyed(connector, [ref])} == {seen}
    originals = await connector.fetch_all(ref)
    assert {photo.data for photo in originals.values()} == {FACE.data, OTHER.data}
    third = drawn("green", Demand(side=(48, 200)))
    assert (await connector.put(ref, {"photo": third})).version == third.digest
    await connector.put(ref, originals)
    assert sorted(directory.values(somebody)) == sorted([FACE.data, OTHER.data])


async def test_of_several_pictures_the_largest_counts_where_the_settings_say_so(directory, opened, somebody):
    connector, ref = await opened(several="replace"), directory.ref(somebody)
    small = drawn("navy", Demand(side=(48, 60)))
    directory.set(somebody, small.data, b"a text that is longer than any picture" * 1000, FACE.data)
    seen = await connector.peek(ref)
    assert seen.present
    assert (await connector.fetch(ref)).data == FACE.data
    directory.set(somebody, FACE.data, small.data, b"a text that is longer than any picture" * 1000)
    assert await connector.peek(ref) == seen, "their order says nothing"
    await connector.put(ref, {"photo": OTHER}, expect=seen.version)
    assert directory.values(somebody) == [OTHER.data]


@pytest.mark.parametrize(
    ("stored", "media_type"), [(b"\x89PNG\r\n\x1a\nrest", "image/png"), (b"hello", "application/octet-stream")]
)
async def test_what_is_no_jpeg_is_shown_as_what_it_is_and_can_be_put_back(
    directory, opened, somebody, stored, media_type
):
    connector, ref = await opened(), directory.ref(somebody)
    directory.set(somebody, stored)
    assert await connector.fetch(ref) == Photo(stored, media_type)
    originals = await connector.fetch_all(ref)
    await connector.put(ref, {"photo": FACE})
    await connector.put(ref, originals)
    assert directory.values(somebody) == [stored]


async def test_a_large_picture_is_read_and_one_beyond_the_limit_is_not_written(directory, opened, somebody):
    connector, ref = await opened(), directory.ref(somebody)
    large = b"\xff\xd8\xff" + bytes(300_000)
    directory.set(somebody, large)
    assert (await connector.fetch(ref)).data == large
    with pytest.raises(Refused, match="50,001 bytes; at most 50,000"):
        await connector.put(ref, {"photo": Photo(bytes(50_001))})
    assert directory.values(somebody) == [large]


async def test_what_the_server_finds_too_large_is_refused_in_its_own_words(tmp_path):
    with running(tmp_path, {"ada": ""}, largest=1000) as slapd:
        ada = f"uid=ada,{PEOPLE}"
        async with LdapConnector("ldap", options(slapd), Surroundings()) as connector:
            with pytest.raises(Refused, match=r"uid=ada,.*breaks a rule .* It said: .*jpegPhoto") as refused:
                await connector.put(slapd.ref(ada), {"photo": FACE})
        assert refused.value.system == "ldap"
        assert "constraints" in refused.value.remedy
        assert slapd.values(ada) == []


async def test_a_value_of_no_bytes_is_no_picture(directory, opened, somebody):
    connector, ref = await opened(), directory.ref(somebody)
    directory.set(somebody, b"")
    assert not (await connector.peek(ref)).present


# Versions


async def test_a_change_of_something_else_is_no_new_picture_and_costs_one_read(directory, opened, somebody):
    connector, ref = await opened(), directory.ref(somebody)
    directory.set(somebody, FACE.data)
    seen = await connector.peek(ref)
    traffic = connector.around.traffic
    before = traffic.requests
    assert await connector.peek(ref) == seen
    assert traffic.requests == before + 1
    directory.set(somebody, b"+1 555 0100", attribute="telephoneNumber")
    assert await connector.peek(ref) == seen


async def test_what_was_learned_outlasts_the_connector(directory, opened, somebody):
    memo, ref = ForgetfulMemo(), directory.ref(somebody)
    directory.set(somebody, FACE.data)
    first = await opened(around=Surroundings(memo=memo))
    everybody = [one.ref for one in await enrolled(first)] * 10
    seen = dict(await surveyed(first, everybody))[ref]
    assert seen == Sighting(True, FACE.digest)
    second = await opened(around=Surroundings(memo=memo))
    assert dict(await surveyed(second, everybody))[ref] == seen
    assert second.around.traffic.requests == 3, "signing in, and the two halves of the listing"


async def test_a_first_look_at_many_reads_their_pictures_in_pages(tmp_path):
    everybody = [f"p{number}" for number in range(60)]
    picture = f"jpegPhoto:: {b64encode(FACE.data).decode()}\n"
    with running(tmp_path, dict.fromkeys(everybody, picture)) as slapd:
        slapd.set(f"uid=p7,{PEOPLE}", FACE.data, OTHER.data)
        async with LdapConnector("ldap", options(slapd), Surroundings()) as connector:
            refs = [account.ref for account in await enrolled(connector)]
            before = connector.around.traffic.requests
            seen = dict(await surveyed(connector, refs))
            assert connector.around.traffic.requests - before == 5, "two listings, two pages, one look at the odd one"
            odd = seen.pop(slapd.ref(f"uid=p7,{PEOPLE}"))
            assert isinstance(odd, Unseen)
            assert "2 values" in odd.detail
            assert set(seen.values()) == {Sighting(True, FACE.digest)}


async def test_somebody_elses_write_in_between_is_not_overwritten(directory, opened, somebody):
    """The very moment between comparing and writing."""
    ref = directory.ref(somebody)
    directory.set(somebody, FACE.data)

    class Unlucky(LdapConnector):
        async def _conditions(self, ref, held, expect):
            conditions = await super()._conditions(ref, held, expect)
            meanwhile()
            return conditions

    async with Unlucky("ldap", options(directory), Surroundings()) as connector:
        meanwhile = lambda: directory.set(somebody, OTHER.data)  # noqa: E731 -- replaced below
        with pytest.raises(Moved):
            await connector.put(ref, {"photo": drawn("green", Demand())}, expect=FACE.digest)
        assert directory.values(somebody) == [OTHER.data]

        numbers = iter((b"1", b"2"))
        meanwhile = lambda: directory.set(somebody, *filter(None, [next(numbers, None)]), attribute="roomNumber")  # noqa: E731
        with pytest.raises(Moved):
            await connector.put(ref, {"photo": FACE}, expect=OTHER.digest)
        meanwhile = lambda: None  # noqa: E731
        assert (await connector.put(ref, {"photo": FACE}, expect=OTHER.digest)).version == FACE.digest


# Entries that move, go, and come back under another's name


async def test_a_renamed_and_moved_entry_is_the_same_account(directory, opened, somebody):
    connector, ref = await opened(), directory.ref(somebody)
    await connector.put(ref, {"photo": FACE})
    seen = await connector.peek(ref)
    new = f"n{uuid4().hex[:8]}"
    place = f"ou={new},{PEOPLE}"
    directory.add(place, "organizationalUnit")
    with directory.admin() as connection:
        connection.modify_dn(somebody, f"uid={new}", new_superior=place)
    assert await connector.peek(ref) == seen
    assert ref in [one.ref for one in await enrolled(connector)]
    await connector.put(ref, {"photo": OTHER}, expect=seen.version)
    assert directory.values(f"uid={new},{place}") == [OTHER.data]
    with directory.admin() as connection:
        connection.delete(f"uid={new},{place}")
        connection.delete(place)


async def test_a_name_given_to_somebody_else_is_not_the_old_account(directory, opened, somebody):
    connector, ref = await opened(), directory.ref(somebody)
    await connector.peek(ref)
    with directory.admin() as connection:
        connection.delete(somebody)
    add(directory, somebody.partition(",")[0].removeprefix("uid="))
    for attempt in (connector.peek(ref), connector.fetch(ref), connector.put(ref, {"photo": FACE})):
        with pytest.raises(Gone):
            await attempt
    assert directory.values(somebody) == []


# Scope


async def test_accounts_carry_keys_as_the_settings_say(directory, opened, somebody):
    uid = somebody.partition(",")[0].removeprefix("uid=")
    directory.set(somebody, f"{uid}@example.test".encode(), b"other@example.test", attribute="mail")
    connector = await opened(
        keys={"mail": "mail", "upn": "{uid}@corp.example", "employee": ["employeeNumber", "{uid}-{roomNumber}"]}
    )
    account = next(one for one in await enrolled(connector) if one.name == uid)
    assert account.keys == {f"mail:{uid}@example.test", "alias:other@example.test", f"upn:{uid}@corp.example"}
    assert account.address == f"{uid}@example.test"


async def test_several_bases_are_read_and_whoever_is_in_two_counts_once(directory, opened):
    inner = f"ou=inner,{PEOPLE}"
    directory.add(inner, "organizationalUnit")
    add(directory, "deep", inner)
    deep = directory.ref(f"uid=deep,{inner}")
    refs = [one.ref for one in await enrolled(await opened(base=[PEOPLE, inner]))]
    assert refs.count(deep) == 1
    assert len(refs) == len(set(refs))
    assert deep not in {one.ref for one in await enrolled(await opened(scope="one level"))}
    both = await opened(base=[PEOPLE, inner])
    token = await start(both)
    directory.set(f"uid=deep,{inner}", FACE.data)
    assert (await read_on(both, token))[0] == {deep}
    with directory.admin() as connection:
        connection.delete(f"uid=deep,{inner}")
        connection.delete(inner)


async def test_a_group_counts_with_the_groups_in_it(directory, opened):
    inner, outer = f"cn=inner,{SUFFIX}", f"cn=outer,{SUFFIX}"
    directory.add(inner, "groupOfNames", member=[f"UID=Grace, {PEOPLE}", outer])
    directory.add(outer, "groupOfNames", member=[f"uid=ada,{PEOPLE}", inner])
    assert {one.name for one in await enrolled(await opened(group=outer))} == {"Ada", "Grace"}
    with directory.admin() as connection:
        connection.delete(inner)
        connection.delete(outer)
    with pytest.raises(Refused, match=r"There is no group cn=outer"):
        await enrolled(await opened(group=outer))


async def test_whoever_may_not_sign_in_is_inactive(directory, opened, somebody):
    connector = await opened(inactive="(roomNumber=gone)")
    directory.set(somebody, b"gone", attribute="roomNumber")
    ref = directory.ref(somebody)
    assert [one.ref for one in await enrolled(connector) if not one.active] == [ref]


async def test_ten_thousand_people_are_read_in_pages(tmp_path):
    with running(tmp_path) as slapd:
        slapd.stop()
        slapd.load("\n".join(person_ldif(f"p{number}", number) for number in range(10_000)))
        slapd.start()
        async with LdapConnector("ldap", options(slapd), Surroundings()) as connector:
            refs = [account.ref async for account in connector.roster()]
            assert len(set(refs)) == len(refs) == 10_000
            assert connector.around.traffic.requests == 21, "signing in, and 500 a page"
        async with LdapConnector("ldap", options(slapd, user=LIMITED), Surroundings()) as connector:
            with pytest.raises(Denied, match=r"more than the server gives") as limited:
                await enrolled(connector)
            assert "size.prtotal=unlimited" in limited.value.remedy
            findings = await connector.check()
            assert [one.subject for one in findings if one.level is Level.PROBLEM] == ["people"]


async def test_a_base_that_is_not_there_is_never_an_empty_directory(opened):
    connector = await opened(base=f"ou=nobody,{SUFFIX}")
    with pytest.raises(Refused, match=r"There is no ou=nobody") as missing:
        await enrolled(connector)
    assert "Check `base`" in missing.value.remedy
    assert missing.value.system == "ldap"


async def test_parts_that_are_kept_elsewhere_are_told_and_not_followed(directory, opened):
    away = f"ou=away,{PEOPLE}"
    directory.add(away, ["referral", "extensibleObject"], ou="away", ref=f"ldap://other.example.test/{away}")
    try:
        connector = await opened()
        assert len(await enrolled(connector)) >= 5
        told = [one.message for one in await connector.check() if one.subject == "people"]
        assert any("kept elsewhere" in one and "other.example.test" in one for one in told)
        with pytest.raises(Refused, match=r"leaves that to ldap://other\.example\.test") as elsewhere:
            await enrolled(await opened(base=away))
        assert "`server`" in elsewhere.value.remedy
    finally:
        with directory.admin() as connection:
            connection.delete(away, controls=[("2.16.840.1.113730.3.4.2", True, None)])


# Rights


async def test_a_wrong_password_is_tried_once(directory, opened, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")
    connector = await opened(user=READER, password=f"file:{wrong}")
    for _ in range(3):
        with pytest.raises(Denied, match=r"cn=reader,.* cannot sign in: .* name and password") as refused:
            await enrolled(connector)
    assert refused.value.system == "ldap"
    assert len(directory.values(READER, "pwdFailureTime")) == 1
    assert [one.level for one in await connector.check()] == [Level.PROBLEM]


async def test_a_wrong_password_is_tried_once_by_many_at_once(directory, opened, tmp_path):
    (tmp_path / "wrong").write_text("wrong")
    connector = await opened(user=LIMITED, password=f"file:{tmp_path / 'wrong'}")
    answers = await asyncio.gather(*(look(connector, str(uuid4())) for _ in range(8)))
    assert {answer.why for answer in answers} == {Why.DENIED}
    assert len(directory.values(LIMITED, "pwdFailureTime")) == 1


async def test_a_locked_account_is_told_from_a_wrong_password(opened):
    with pytest.raises(Denied, match=r"cn=locked,.* cannot sign in: the account is locked") as refused:
        await enrolled(await opened(user=LOCKED))
    assert "unlocked" in refused.value.remedy


async def test_whoever_may_only_read_is_told_so(directory, opened, somebody):
    connector, ref = await opened(user=READER), directory.ref(somebody)
    with pytest.raises(Denied, match=f"{somebody}: the account may not do that") as denied:
        await connector.put(ref, {"photo": FACE})
    assert "given the right" in denied.value.remedy
    assert directory.values(somebody) == []
    writing = next(one for one in await connector.check() if one.subject == "writing")
    assert writing.level is Level.WARNING


async def test_a_person_may_not_write_their_own_picture_by_default(directory, opened):
    dn = f"uid=hedy,{PEOPLE}"
    connector = await opened(user=dn)
    with pytest.raises(Denied):
        await connector.put(directory.ref(dn), {"photo": FACE})


async def test_pictures_that_may_not_be_read_do_not_look_like_none(directory, opened, somebody):
    connector, ref = await opened(user=BLIND), directory.ref(somebody)
    directory.set(somebody, FACE.data)
    refs = [account.ref for account in await enrolled(connector)]
    for seen in (await look(connector, ref), *dict(await surveyed(connector, refs * 10)).values()):
        assert isinstance(seen, Unseen)
        assert seen.why is Why.DENIED
        assert "jpegPhoto may not be read" in seen.detail
    reading = next(one for one in await connector.check() if one.subject == "reading pictures")
    assert reading.level is Level.PROBLEM


async def test_an_entry_without_a_class_for_the_attribute_refuses_it(directory, opened):
    dn = f"cn=printer,{PEOPLE}"
    directory.add(dn, "device")
    connector = await opened(filter="(objectClass=device)")
    with pytest.raises(Refused, match=r"cn=printer,.*object classes have no such attribute.*jpegPhoto") as refused:
        await connector.put(directory.ref(dn), {"photo": FACE})
    assert "inetOrgPerson" in refused.value.remedy
    with directory.admin() as connection:
        connection.delete(dn)


async def test_an_attribute_that_the_server_does_not_know_is_told(directory, opened, somebody):
    connector, ref = await opened(attribute="faceOfThePerson"), directory.ref(somebody)
    seen = await look(connector, ref)
    assert isinstance(seen, Unseen), "not known is not empty"
    findings = {one.subject: one for one in await connector.check()}
    assert findings["attribute"].level is Level.PROBLEM
    assert "schema has no attribute faceOfThePerson" in findings["attribute"].message


async def test_another_attribute_of_a_single_value_works_alike(directory, opened, somebody):
    connector, ref = await opened(attribute="thumbnailPhoto"), directory.ref(somebody)
    await connector.put(ref, {"photo": FACE})
    assert directory.values(somebody, "thumbnailPhoto") == [FACE.data]
    with pytest.raises(Refused, match=r"thumbnailPhoto"):
        await connector.put(ref, {"photo": FACE, "photo#2": OTHER})


async def test_a_good_directory_checks_well(opened):
    connector = await opened()
    findings = await connector.check()
    assert {one.level for one in findings} == {Level.GOOD}
    assert [one.subject for one in findings] == [
        "signing in", "people", "attribute", "reading pictures", "writing", "changes",
    ]  # fmt: skip


async def test_a_check_writes_nothing(directory, opened, somebody):
    directory.set(somebody, FACE.data)
    connector = await opened()
    stamps = directory.stamps()
    await connector.check()
    assert directory.stamps() == stamps


async def test_in_a_rehearsal_nothing_is_sent(directory, opened, somebody):
    connector, ref = await opened(around=Surroundings(reads_only=True)), directory.ref(somebody)
    with pytest.raises(Refused, match="rehearsal"):
        await connector.put(ref, {"photo": FACE})
    assert directory.values(somebody) == []


async def test_nobody_may_look_where_everybody_may(directory, opened, somebody):
    connector = await opened(user="", password=None)
    assert await connector.peek(directory.ref(somebody)) == Sighting(False)
    assert "Nobody is signed in" in (await connector.check())[0].message


# Connections


async def test_ldaps_and_clear_text_on_this_machine(directory, opened, somebody):
    ref = directory.ref(somebody)
    assert not (await (await opened(server=directory.ldaps)).peek(ref)).present
    clear = await opened(encryption="none")
    assert not (await clear.peek(ref)).present
    assert any("not encrypted" in one.message for one in await clear.check())


@pytest.mark.parametrize(
    ("how", "said", "remedy"),
    [
        ({"expired": True}, "has expired", "renewed"),
        ({"names": ("elsewhere.example.test", "10.1.2.3")}, "is for another name", "as its certificate does"),
    ],
)
@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
async def test_a_bad_certificate_is_told_by_what_is_bad_about_it(tmp_path, how, said, remedy, scheme):
    with running(tmp_path, **how) as slapd:
        server = slapd.url if scheme == "ldap" else slapd.ldaps
        async with LdapConnector("ldap", options(slapd, server=server), Surroundings()) as connector:
            with pytest.raises(Denied, match=f"The certificate of {server} {said}") as denied:
                await enrolled(connector)
            assert remedy in denied.value.remedy
            assert denied.value.system == "ldap"


async def test_a_server_is_called_as_its_certificate_does(directory, opened):
    with pytest.raises(Denied, match=r"for another name"):
        await enrolled(await opened(server=f"ldap://localhost:{directory.ports[0]}"))


async def test_a_certificate_of_an_unknown_authority_is_not_believed(directory, opened):
    with pytest.raises(Denied, match=r"not vouched for by any authority known here") as denied:
        await enrolled(await opened(ca=None))
    assert "`ca`" in denied.value.remedy


async def test_authorities_that_cannot_be_read_are_told_with_their_setting(directory, opened, tmp_path):
    with pytest.raises(Denied, match=r"systems\.ldap\.ca: .*nowhere\.pem cannot be used"):
        await enrolled(await opened(ca=tmp_path / "nowhere.pem"))


async def test_servers_are_tried_in_their_order(directory, opened, somebody):
    connector = await opened(server=["ldap://127.0.0.1:9", directory.url])
    assert not (await connector.peek(directory.ref(somebody))).present
    nowhere = await opened(server=["ldap://127.0.0.1:9", "ldap://127.0.0.1:19"])
    with pytest.raises(Failed, match=r"127\.0\.0\.1:9 cannot be reached.*127\.0\.0\.1:19 cannot be reached") as failed:
        await nowhere.peek("anybody")
    assert "whether it runs" in failed.value.remedy


async def test_a_server_that_speaks_something_else_is_told(directory, opened):
    async def chatter(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n" * 5)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(chatter, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        for address in (f"ldap://127.0.0.1:{port}", f"ldaps://127.0.0.1:{port}"):
            with pytest.raises(Failed, match=r"127\.0\.0\.1") as failed:
                await enrolled(await opened(server=address))
            assert "port" in failed.value.remedy


async def test_a_server_that_stops_is_found_again_when_it_is_back(tmp_path):
    with running(tmp_path, {"ada": ""}) as slapd:
        ref = slapd.ref(f"uid=ada,{PEOPLE}")
        async with LdapConnector("ldap", options(slapd), Surroundings()) as connector:
            await connector.peek(ref)
            slapd.stop()
            with pytest.raises(Failed, match="cannot be reached"):
                await connector.put(ref, {"photo": FACE})
            slapd.start()
            assert (await connector.put(ref, {"photo": FACE})).present
            slapd.stop()
            slapd.start()
            assert (await connector.peek(ref)).present, "a dead connection is not used"


async def test_an_answer_that_is_lost_leaves_a_write_unclear(directory, opened, somebody):
    ref = directory.ref(somebody)
    with Relay(directory.ports[0]) as relay:
        connector = await opened(server=relay.url, encryption="none")
        await connector.peek(ref)
        relay.lose_answer_to(b"\x66")  # a modifyRequest
        with pytest.raises(Unclear, match=r"connection to .* was lost") as unclear:
            await connector.put(ref, {"photo": FACE})
        assert unclear.value.system == "ldap"
        assert directory.values(somebody) == [FACE.data], "it has happened, which nobody could know"
        assert (await connector.peek(ref)).version == FACE.digest, "the next connection works"


async def test_a_cancelled_read_leaves_no_half_used_connection(directory, opened, somebody):
    connector, ref = await opened(), directory.ref(somebody)
    directory.set(somebody, FACE.data)
    for _ in range(8):
        task = asyncio.create_task(connector.fetch(ref))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert (await connector.fetch(ref)).data == FACE.data


# Changes


async def read_on(connector: LdapConnector, since: str) -> tuple[set[str | None], str]:
    events: list[Change] = [event async for event in connector.changes(since)]
    return {event.ref for event in events}, events[-1].token if events else since


async def start(connector: LdapConnector) -> str:
    (event,) = [event async for event in connector.changes(None)]
    return event.token


@pytest.mark.parametrize("history", [True, False])
async def test_changes_are_told_by_the_server(tmp_path, history):
    with running(tmp_path, {"ada": "", "grace": "", "joan": ""}, history=history) as slapd:
        dns = [f"uid={uid},{PEOPLE}" for uid in ("ada", "grace", "joan")]
        ada, grace, joan = map(slapd.ref, dns)
        async with LdapConnector("ldap", options(slapd), Surroundings()) as connector:
            token = await start(connector)
            slapd.set(dns[0], FACE.data)
            changed, token = await read_on(connector, token)
            assert changed == {ada}
            slapd.set(dns[0])
            slapd.set(dns[1], OTHER.data)
            with slapd.admin() as connection:
                connection.delete(dns[2])
            changed, token = await read_on(connector, token)
            assert changed == ({ada, grace, joan} if history else {ada, grace})
            assert await read_on(connector, token) == (set(), token)


async def test_a_feed_that_lost_its_place_tells_of_everybody(directory, opened):
    connector = await opened()
    everybody = {account.ref for account in await enrolled(connector)}
    changed, token = await read_on(connector, "a token of another time")
    assert changed == everybody
    assert await read_on(connector, token) == (set(), token)


async def test_without_synchronization_stamps_tell_of_changes(tmp_path):
    with running(tmp_path, {"ada": "", "grace": ""}, synchronizes=False) as slapd:
        ada, grace = (f"uid={uid},{PEOPLE}" for uid in ("ada", "grace"))
        async with LdapConnector("ldap", options(slapd), Surroundings()) as connector:
            token = await start(connector)
            assert await read_on(connector, token) == (set(), token)
            slapd.set(grace, FACE.data)
            changed, token = await read_on(connector, token)
            assert changed == {slapd.ref(grace)}
            slapd.set(ada, FACE.data)
            slapd.set(grace)
            changed, token = await read_on(connector, token)
            assert changed == {slapd.ref(ada), slapd.ref(grace)}
            assert await read_on(connector, token) == (set(), token)


async def test_where_time_has_whole_seconds_two_changes_in_one_are_told_apart(tmp_path):
    with running(tmp_path, {"ada": ""}, synchronizes=False) as slapd:
        async with LdapConnector("ldap", options(slapd, user=LIMITED), Surroundings()) as connector:
            token = await start(connector)
            for uid in ("grace", "joan", "hedy"):
                add(slapd, uid)
                changed, token = await read_on(connector, token)
                assert slapd.ref(f"uid={uid},{PEOPLE}") in changed
            assert await read_on(connector, token) == (set(), token)
            ada = f"uid=ada,{PEOPLE}"
            for face in (FACE, OTHER, FACE):
                slapd.set(ada, face.data)
                assert (await connector.peek(slapd.ref(ada))).version == face.digest


# Settings


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"server": "ds.example.test"}, "A server is written as"),
        ({"server": "ldap://ds.example.test", "encryption": "none"}, "Only a server on this machine"),
        ({"filter": "objectClass=*)("}, "is not a filter"),
        ({"base": "people"}, "is not a distinguished name"),
        ({"attribute": "jpeg photo"}, "is not the name of an attribute"),
        ({"keys": {"telephone": "mail"}}, "no keys of the kind telephone"),
        ({"password": None}, "belong together"),
        ({"password": PASSWORD}, "written as a reference"),
    ],
)
def test_wrong_settings_are_told_before_anything_is_asked(directory, wrong, said):
    with pytest.raises(ValidationError, match=said) as refused:
        options(directory, **wrong)
    assert PASSWORD not in mistakes(refused.value)
