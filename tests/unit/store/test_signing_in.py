"""What signing in leaves in the store: attempts, identities, grants, sessions, and the log of it all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from samepic.model import PersonId
from samepic.store import sign_ins
from samepic.store.grants import Grant
from samepic.store.identities import Identity
from samepic.store.sessions import Session

ADA, BRUNO = PersonId("ada"), PersonId("bruno")
MINUTE = timedelta(minutes=1)


async def test_an_attempt_is_good_once(ledger, now):
    await ledger.begin_sign_in("digest", {"provider": "other"}, now + MINUTE, now)
    assert await ledger.take_sign_in("another", now) is None
    assert await ledger.take_sign_in("digest", now) == {"provider": "other"}
    assert await ledger.take_sign_in("digest", now) is None


async def test_an_attempt_that_took_too_long_is_worth_nothing(ledger, now):
    await ledger.begin_sign_in("digest", {}, now + MINUTE, now)
    assert await ledger.take_sign_in("digest", now + MINUTE) is None


async def test_a_flood_of_attempts_is_bounded(ledger, now, monkeypatch):
    monkeypatch.setattr(sign_ins, "MOST", 3)
    for number in range(5):
        await ledger.begin_sign_in(f"{number}", {}, now + number * MINUTE, now - MINUTE)
    left = [number for number in range(5) if await ledger.take_sign_in(f"{number}", now - MINUTE) is not None]
    assert left == [2, 3, 4]


@pytest.fixture
def identity(now):
    return Identity("https://issuer", "subject", ADA, "Ada", "ada@contoso.example", "e-mail", now, now)


async def test_an_identity_belongs_to_one_person_at_a_time(ledger, now, identity):
    await ledger.bind_identity(identity)
    await ledger.bind_identity(moved := replace(identity, person=BRUNO, last_at=now + MINUTE))
    assert await ledger.identity("https://issuer", "subject") == moved
    assert (await ledger.identities_of(ADA), await ledger.identities_of(BRUNO)) == ([], [moved])
    await ledger.unbind_identity("https://issuer", "subject")
    assert await ledger.identity("https://issuer", "subject") is None


async def test_a_grant_that_was_taken_back_stays_so_though_somebody_was_just_renewing_it(ledger, now):
    grant = Grant(ADA, "https://issuer", "sealed", "scopes", now)
    await ledger.keep_grant(grant)
    assert await ledger.renew_grant(grant, "sealed anew")
    assert not await ledger.renew_grant(grant, "sealed by a slower one")
    (renewed,) = await ledger.grants_of(ADA)
    assert renewed == replace(grant, sealed="sealed anew")
    assert "sealed anew" not in repr(renewed)
    assert await ledger.drop_grants(ADA)
    assert not await ledger.renew_grant(renewed, "too late")
    assert not await ledger.drop_grants(ADA)


async def test_somebody_s_sessions(ledger, now):
    def session(digest, person, seen):
        return Session(digest, person, "https://issuer", "subject", {"csrf": "x"}, now, seen, now + 10 * MINUTE)

    for one in (old := session("1", ADA, now), newer := session("2", ADA, now + MINUTE), session("3", BRUNO, now)):
        await ledger.open_session(one)
    assert await ledger.sessions_of(ADA, now) == [newer, old]
    assert await ledger.sessions_of(ADA, now + 10 * MINUTE) == []
    await ledger.note_in_session("1", {"csrf": "y"})
    assert (await ledger.session("1", now)).content == {"csrf": "y"}


async def test_the_log_is_read_backwards_in_pages(ledger, now):
    for number, person in enumerate([ADA, BRUNO, ADA]):
        await ledger.note_audit("admin", f"thing {number % 2}", person, {"number": number}, now)
    newest, *rest = await ledger.audit(limit=2)
    assert [one.facts["number"] for one in (newest, *rest)] == [2, 1]
    assert [one.facts["number"] for one in await ledger.audit(before=rest[-1].id)] == [0]
    assert [one.facts["number"] for one in await ledger.audit(person=ADA)] == [2, 0]
    assert [one.person for one in await ledger.audit(what="thing 1")] == [BRUNO]
