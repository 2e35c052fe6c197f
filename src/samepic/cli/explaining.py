"""One person's whole story, for an administrator, or as an answer that can be pasted into a ticket."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from samepic.cli.app import LOOK, Common, Desk, app, desk
from samepic.cli.looking import person_json, row_json
from samepic.cli.screen import badge
from samepic.engine.reasons import sentence
from samepic.engine.status import Cell, Row, status
from samepic.engine.tickets import Circumstances, ticket
from samepic.engine.wording import wording
from samepic.model import Language, Route
from samepic.services import the_one

TicketFlag = Annotated[bool, Parameter(name="--ticket", negative=())]
Spoken = Annotated[Language | None, Parameter(name="--lang", negative=())]


@app.command(name="explain", group=LOOK)
async def explain_command(
    person: str, /, *, as_ticket: TicketFlag = False, language: Spoken = None, common: Common | None = None
) -> int:
    """One person's whole story: accounts, what each system shows, why, which rule decided, and what samepic did.

    Parameters
    ----------
    person
        A name, an address or an id.
    as_ticket
        Instead, an answer for a help-desk ticket: state, cause, what to do, when to look again.
    language
        The ticket's language: `en` or `ru`. Default: that of [mail].

    """
    async with desk(common, read_only=not as_ticket) as at:  # whoever may not act may not say a system's own link
        who = await the_one(at.org, at.roll, person)
        (row,) = await status(at.org, at.roll, [who])
        if as_ticket:
            text = await _ticket(at, row, language or at.settings.mail.language)
            at.screen.say(text)
            at.screen.json({"person": who, "name": row.name, "address": row.address, "ticket": text})
            return at.code
        await _story(at, row)
        journal = await at.org.ledger.journal(person=who, limit=20)
        at.screen.json(row_json(row) | {"accounts": person_json(at, who)["accounts"], "journal": journal})
        return at.code


async def _story(at: Desk, row: Row) -> None:
    screen = at.screen
    screen.styled(f"{row.name}  {row.address or ''}  ({row.kind})", "bold")
    accounts = [at.roll.accounts[cell.slot] for cell in row.cells.values() if cell.slot is not None]
    screen.say(f"person {row.person}")
    screen.say(f"known as {', '.join(sorted(frozenset().union(*(one.keys for one in accounts))))}")
    for system, cell in row.cells.items():
        screen.say()
        screen.styled(f"{system}: {badge(cell.verdict)}", "bold")
        screen.say(f"  why    {sentence(cell.reason)}")
        if cell.decision is not None and cell.decision.rule:
            screen.say(f"  rule   {cell.decision.rule}")
        if cell.slot is not None:
            account = at.roll.accounts[cell.slot]
            screen.say(f"  ref    {cell.slot.ref}{'' if account.active else '  (sign-in blocked)'}")
            await _since(at, cell)
    await _deeds(at, row)


async def _since(at: Desk, cell: Cell) -> None:
    assert cell.slot is not None
    known = (await at.org.ledger.remembered(cell.slot.system, [cell.slot.ref])).get(cell.slot.ref)
    if known is not None:
        what = "this picture" if known.sighting.present else "no picture"
        at.screen.say(f"  since  {what} first seen {known.first_at:%Y-%m-%d %H:%M UTC}")


async def _deeds(at: Desk, row: Row) -> None:
    journal = await at.org.ledger.journal(person=row.person, limit=20)
    if not journal:
        return
    at.screen.say()
    at.screen.styled("what samepic did", "bold")
    for one in journal:
        state = f"{one.outcome or 'not confirmed yet'}{', undone' if one.undone_by else ''}"
        at.screen.say(
            f"  {one.opened_at:%Y-%m-%d %H:%M} UTC  {one.step} in {one.slot.system}: {state}  (run {one.run})"
        )


async def _ticket(at: Desk, row: Row, language: Language) -> str:
    slots = {name: cell.slot for name, cell in row.cells.items() if cell.slot is not None}
    prompted = [one for one in at.org.routes if one.target in slots and at.org.systems[one.target].traits.pulls]
    now = at.org.clock()
    around = Circumstances(
        now=now,
        deadline=now + max((route.deadline for route in at.org.routes), default=Route((), "").deadline),
        start=at.settings.portal.start,
        helpdesk=at.settings.portal.helpdesk,
        links={one.target: await _link(at, row, one.target) for one in prompted},
    )
    return ticket(row, around, wording(language))


async def _link(at: Desk, row: Row, system: str) -> str:
    """Where the person has to go for this system."""
    slot = row.cells[system].slot
    assert slot is not None
    return (await at.org.systems[system].ask(slot.ref)).link or at.settings.portal.start
