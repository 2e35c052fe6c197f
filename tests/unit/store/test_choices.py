"""What people chose, added, wait for, and want to be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from samepic.model import Language, PersonId, digest_of
from samepic.store.ledger import Choice, Chosen, Decided, Notice

ADA, BRUNO = PersonId("ada"), PersonId("bruno")
HOUR = timedelta(hours=1)
ORIGINAL, PORTRAIT = digest_of(b"original"), digest_of(b"portrait")


async def test_the_last_choice_for_a_system_counts(ledger, now):
    consent = Choice(ADA, "wall", Chosen.CONSENT, now + HOUR, now, "ada")
    await ledger.set_choice(consent)
    assert await ledger.choices_of(ADA) == {"wall": consent}
    out = replace(consent, kind=Chosen.OPT_OUT, until=None)
    await ledger.set_choice(out)
    assert await ledger.choices_of(ADA) == {"wall": out}


async def test_choices_are_asked_by_system_and_by_people(ledger, now):
    for person in (ADA, BRUNO):
        for system in ("wall", "badge"):
            await ledger.set_choice(Choice(person, system, Chosen.OPT_OUT, None, now, person))
    assert set(await ledger.choices("wall")) == {(ADA, "wall"), (BRUNO, "wall")}
    assert set(await ledger.choices("wall", [ADA])) == {(ADA, "wall")}
    assert set(await ledger.choices(people=[BRUNO])) == {(BRUNO, "wall"), (BRUNO, "badge")}
    assert await ledger.choices(people=[]) == {}


async def test_a_choice_taken_back_is_gone(ledger, now):
    await ledger.set_choice(Choice(ADA, "wall", Chosen.OPT_OUT, None, now, "ada"))
    assert await ledger.clear_choice(ADA, "wall")
    assert not await ledger.clear_choice(ADA, "wall")
    assert await ledger.choices_of(ADA) == {}


async def test_a_choice_counts_until_its_end(now):
    choice = Choice(ADA, "wall", Chosen.CONSENT, now + HOUR, now, "ada")
    assert choice.counts(now)
    assert not choice.counts(now + HOUR)
    assert replace(choice, until=None).counts(now + 1000 * HOUR)


async def test_the_gallery_shows_the_newest_first_and_never_what_was_removed(ledger, now):
    cut = {"turn": 90, "left": 0.5, "top": 0.0, "side": 1.0}
    first = await ledger.add_to_gallery(ADA, PORTRAIT, ORIGINAL, cut, "upload", "ada", now)
    second = await ledger.add_to_gallery(ADA, ORIGINAL, ORIGINAL, {}, "wall", "admin", now + HOUR)
    await ledger.add_to_gallery(BRUNO, PORTRAIT, ORIGINAL, cut, "upload", "bruno", now)
    assert [one.id for one in await ledger.gallery_of(ADA)] == [second, first]
    assert await ledger.remove_from_gallery(second, now)
    assert not await ledger.remove_from_gallery(second, now)
    assert [one.id for one in await ledger.gallery_of(ADA)] == [first]
    kept = await ledger.gallery_picture(first)
    assert (kept.person, kept.digest, kept.original, kept.cut) == (ADA, PORTRAIT, ORIGINAL, cut)
    assert (kept.origin, kept.at, kept.by, kept.removed_at) == ("upload", now, "ada", None)
    assert (await ledger.gallery_picture(second)).removed_at == now
    assert await ledger.gallery_picture(99) is None


async def test_one_decision_for_each_approval(ledger, now):
    number = await ledger.ask_approval(ADA, 7, now)
    assert [(one.id, one.picture) for one in await ledger.waiting_approvals()] == [(number, 7)]
    assert await ledger.decide_approval(number, Decided.REFUSED, "boss", "A logo.", now + HOUR)
    assert not await ledger.decide_approval(number, Decided.APPROVED, "other", "", now + HOUR)
    assert await ledger.waiting_approvals() == []
    decided = await ledger.approval(number)
    assert (decided.decision, decided.decided_by, decided.note) == (Decided.REFUSED, "boss", "A logo.")
    assert decided.decided_at == now + HOUR
    assert await ledger.approval(99) is None


async def test_a_newer_picture_takes_the_place_of_the_one_that_waits(ledger, now):
    first = await ledger.ask_approval(ADA, 1, now)
    second = await ledger.ask_approval(ADA, 2, now + HOUR)
    assert [one.id for one in await ledger.waiting_approvals()] == [second]
    assert [(one.id, one.decision) for one in await ledger.approvals_of(ADA)] == [
        (second, None),
        (first, Decided.REPLACED),
    ]


async def test_a_notice_is_ended_by_one_caller_only(ledger, now):
    notice = Notice(ADA, "wall", "ada@contoso.example", Language.RU, now)
    await ledger.want_notice(notice)
    await ledger.want_notice(replace(notice, person=BRUNO, at=now - HOUR))
    assert [one.person for one in await ledger.notices()] == [BRUNO, ADA]
    assert await ledger.notices(ADA) == [notice]
    assert await ledger.end_notice(ADA, "wall")
    assert not await ledger.end_notice(ADA, "wall")
    assert await ledger.notices(ADA) == []
