"""Whose an account is, decided by hand. Such a decision wins over every key, and stays through renames."""

from __future__ import annotations

from samepic.engine.matching import BY_HAND
from samepic.engine.organisation import Organisation
from samepic.engine.reading import Roll
from samepic.errors import UserError
from samepic.model import Account, By, PersonId, Slot
from samepic.store.people import Link, People


async def link(org: Organisation, roll: Roll, person: PersonId, slot: Slot, actor: str) -> None:
    """The account is this person's. Raises UserError where there is no such account, or it cannot be theirs."""
    account = _account(roll, slot)
    if account.kind is not roll.kind(person):
        raise UserError(f"{slot} is a {account.kind}, {roll.name(person)} is a {roll.kind(person)}.", _NEVER)
    there = roll.persons[person].get(slot.system)
    if there is not None and there != slot:
        raise UserError(
            f"{roll.name(person)} has an account in {slot.system} already: {there.ref}.",
            f"If that one is somebody else's: samepic unlink {there.system} {there.ref}",
        )
    await _decide(org, person, slot, account, actor, "linked")


_NEVER = "Accounts of different kinds are never linked to one another."


async def unlink(org: Organisation, roll: Roll, slot: Slot, actor: str) -> PersonId:
    """The account is nobody's whom we know: it stands for a person of its own, who is returned. Raises UserError."""
    account = _account(roll, slot)
    before = await org.people.owner(slot)
    if before is not None and list(roll.persons.get(before, {}).values()) == [slot]:
        raise UserError(f"{slot} stands alone already.", "`samepic link` says whose it is.")
    alone = People.new_id()
    await _decide(org, alone, slot, account, actor, "unlinked")
    return alone


def _account(roll: Roll, slot: Slot) -> Account:
    if slot.system in roll.troubles:
        raise UserError(f"{slot.system} cannot be read now, so nothing is decided about its accounts.", "Try later.")
    if slot not in roll.accounts:
        raise UserError(f"There is no account {slot.ref!r} in {slot.system}.", "`samepic matching` lists them all.")
    return roll.accounts[slot]


async def _decide(org: Organisation, person: PersonId, slot: Slot, account: Account, actor: str, what: str) -> None:
    now = org.clock()
    before = await org.people.owner(slot)
    await org.people.save([Link(person, slot.system, account, BY_HAND, now)])
    if before != person:
        await _forget_the_other(org, slot)
    facts = {"system": slot.system, "ref": slot.ref, "before": before or ""}
    await org.ledger.note_audit(actor, what, person, facts, now)


async def _forget_the_other(org: Organisation, slot: Slot) -> None:
    """What was said of the account was said of somebody else. A picture of ours stays known as ours, and is replaced;
    any other is whoever's it is, and is asked about.
    """
    baseline = await org.ledger.baseline(slot)
    if baseline is not None and baseline.by is not By.US:
        await org.ledger.set_baseline(slot, None)
    await org.ledger.forget_verdicts([slot])
