"""Letters that ask people for their visit: who gets one, never twice too soon, and what became of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from samepic.engine.nudging import Nudge, note
from samepic.engine.organisation import Organisation
from samepic.engine.wording import wording
from samepic.errors import UserError
from samepic.mail import Letter, Mailer
from samepic.model import Language


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one message: `mailed`, `skipped` or `refused`, and why."""

    result: str
    name: str
    address: str
    detail: str = ""


def why_not(one: Nudge) -> str:
    """Why a message to this person would be of no use; empty where it is of use."""
    if not (one.needed or one.invites):
        return "A visit would bring nothing."
    if not one.active:
        return "Sign-in is blocked."
    return "" if one.address else "No address is known."


def unmailed(one: Nudge, why: str) -> Posted:
    return Posted("skipped", one.name, one.address or "", why)


async def post(
    org: Organisation, mailer: Mailer, nudges: Sequence[Nudge], language: Language, *, every: timedelta = timedelta(0)
) -> AsyncIterator[Posted]:
    """Sends to each of them, whom `why_not` says nothing about; nobody twice within the system's interval or `every`.

    Each person is claimed before and given back where it came to nothing, so that a crash never writes twice.
    """
    ledger, words = org.ledger, wording(language)
    for one in nudges:
        interval = max(one.interval, every)
        earlier = await ledger.claim_mailing(one.person, one.system, org.clock(), interval)
        if earlier is not None:
            again = words.instant(earlier + interval)
            yield unmailed(one, f"Written to on {words.instant(earlier)}; not again before {again}.")
            continue
        subject = words.invitation_subject if one.invites else words.subject
        letter = Letter(one.address or "", subject, one.text(language), language)
        try:
            refusal = await mailer.send(letter, org.clock())
        except UserError:
            await ledger.give_back_mailing(one.person, one.system)
            raise
        if refusal:
            await ledger.give_back_mailing(one.person, one.system)
            yield Posted("refused", one.name, letter.to, refusal)
        else:
            await note(org, [one])
            yield Posted("mailed", one.name, letter.to)
