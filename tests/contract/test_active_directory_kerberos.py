"""Signing in to a real domain by Kerberos: with a password, a keytab, the ticket there is, and not at all."""

from __future__ import annotations

import sys
from pathlib import Path

import gssapi
import pytest

from samepic.connectors.active_directory import ActiveDirectoryConnector
from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import drawn, enrolled
from samepic.connectors.ldap import kerberos
from samepic.connectors.ldap.answers import SignInRefused
from samepic.errors import Denied
from samepic.model import Demand, Level
from tests.servers.domain import domain, options
from tests.servers.kerberos import Realm
from tests.servers.samba import CAST, DISABLED, EXPIRED, MUST, PASSWORD, PEOPLE, READER, SERVICE, Samba, running

__all__ = ["domain"]

FACE = drawn("crimson", Demand(side=(48, 200)))
NOBODY = {"user": "", "password": None}


@pytest.fixture(scope="module")
def known(domain: Samba, tmp_path_factory: pytest.TempPathFactory) -> Realm:
    realm = Realm(domain, tmp_path_factory.mktemp("realm"))
    realm.know_the_controller()
    return realm


@pytest.fixture
def realm(known: Realm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Realm:
    """A machine of the test's own, without a ticket."""
    own = Realm(known.samba, tmp_path)
    own.enter(monkeypatch)
    return own


def by_kerberos(realm: Realm, **more: object) -> ActiveDirectoryConnector:
    return ActiveDirectoryConnector("ad", options(realm.samba, sign_in="kerberos", **more), Surroundings())


async def refusal(realm: Realm, **more: object) -> Denied:
    async with by_kerberos(realm, **more) as connector:
        with pytest.raises(Denied) as denied:
            await enrolled(connector)
    assert denied.value.system == "ad"
    assert denied.value.remedy
    assert PASSWORD not in str(denied.value)
    return denied.value


@pytest.mark.parametrize("encryption", ["ldaps", "url"], ids=["LDAPS", "StartTLS"])
@pytest.mark.parametrize("way", ["password", "keytab", "ticket"])
async def test_whoever_has_a_ticket_reads_and_writes(realm, way, encryption):
    given = {}
    if way == "keytab":
        given = {"password": None, "keytab": realm.keytab("samepic")}
    if way == "ticket":
        realm.kinit(SERVICE)
        given = NOBODY
    ref = realm.samba.ref(f"CN=joan,{PEOPLE}")
    async with by_kerberos(realm, server=getattr(realm.samba, encryption), **given) as connector:
        assert len(await enrolled(connector)) >= len(CAST)
        assert (await connector.put(ref, {"photo": FACE})).version == FACE.digest
        await connector.remove(ref)
        assert {finding.level for finding in await connector.check()} == {Level.GOOD}
    assert bool(realm.tickets()) == (way == "ticket"), "a ticket of ours lies in memory only"


@pytest.mark.parametrize(
    ("user", "said"),
    [
        (DISABLED, "locked, disabled or has expired"),
        (EXPIRED, "locked, disabled or has expired"),
        (MUST, "has expired or must be changed"),
        ("nobody@example.test", "no such account"),
    ],
)
async def test_accounts_that_get_no_ticket_are_told_why(realm, user, said):
    refused = await refusal(realm, user=user)
    assert isinstance(refused, SignInRefused)
    assert user in str(refused)
    assert said in str(refused)


async def test_a_wrong_password_is_said_to_be_wrong(realm):
    (realm.folder / "wrong").write_text("wrong")
    refused = await refusal(realm, user=READER, password=f"file:{realm.folder / 'wrong'}")
    assert isinstance(refused, SignInRefused)
    assert "does not take this password" in str(refused)


async def test_without_a_ticket_one_is_asked_for(realm):
    refused = await refusal(realm, **NOBODY)
    assert "there is no ticket" in str(refused)
    assert "kinit" in refused.remedy


async def test_a_keytab_of_somebody_else_is_told(realm):
    refused = await refusal(realm, user=READER, password=None, keytab=realm.keytab("samepic"))
    assert "has no key of that account" in str(refused)


async def test_a_realm_that_is_not_known_is_told(realm):
    refused = await refusal(realm, user="samepic@elsewhere.test")
    assert "nothing is known of that realm" in str(refused)
    assert "krb5.conf" in refused.remedy


async def test_a_controller_by_another_name_is_told(tmp_path, monkeypatch):
    """An address that the domain does not know as its controller's."""
    with running(tmp_path / "unknown") as samba:
        unknown = Realm(samba, tmp_path)
        unknown.enter(monkeypatch)
        assert "does not know the controller by that name" in str(await refusal(unknown))


@pytest.mark.parametrize(
    ("number", "said"), [(32, "the ticket has expired"), (37, "clock and the domain controller's are too far apart")]
)
def test_what_only_another_clock_brings_about_is_told(number, said):
    """By the numbers of RFC 4120, 7.5.9, as the library hands them on."""
    trouble = kerberos.trouble(gssapi.exceptions.GSSError(851_968, 2_529_638_912 + number), SERVICE, "ldaps://dc1")
    assert isinstance(trouble, Denied)
    assert said in str(trouble)
    assert SERVICE in str(trouble)


def test_without_the_package_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "gssapi", None)
    with pytest.raises(Denied, match="needs the package") as denied:
        kerberos.ticket(SERVICE, lambda: PASSWORD, None)
    assert "samepic[kerberos]" in denied.value.remedy
