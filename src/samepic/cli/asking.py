"""Commands about visits: asking people to make theirs, by text or by mail, and noting that somebody came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from cyclopts import Parameter

from samepic.cli.app import GOOD, MOVE, SOME_FAILED, Common, Desk, app, desk
from samepic.cli.explaining import Spoken
from samepic.cli.looking import Flag, Verdicts
from samepic.engine.mailing import Posted, post, unmailed, why_not
from samepic.engine.nudging import Nudge, note, nudge
from samepic.engine.wording import wording
from samepic.errors import UserError
from samepic.mail import Mailer
from samepic.model import Language, PersonId, Verdict
from samepic.services import mail_server, matching, the_one


@app.command(name="nudge", group=MOVE)
async def nudge_command(
    *people: str,
    everybody: Annotated[bool, Parameter(name="--all", negative=())] = False,
    verdict: Verdicts = (),
    mail: Flag = False,
    dry_run: Flag = False,
    language: Spoken = None,
    common: Common | None = None,
) -> int:
    """The link and the text that ask people to make their visit, so that the system fetches their picture.

    Parameters
    ----------
    people
        Names, addresses, ids, patterns, or groups as 'group:Pilots'.
    everybody
        All whose picture a visit would bring, except who waits for an answer already.
    verdict
        All with this verdict; may be repeated.
    mail
        Send the text through the server in [mail]; nobody gets it twice within the system's interval.
    dry_run
        Note and send nothing.
    language
        `en` or `ru`. Default: that of [mail].

    """
    if not (people or everybody or verdict):
        raise UserError("Whom?", "Name people, or say --all, or --verdict VERDICT.")
    async with desk(common, read_only=False) as at:
        chosen = await _chosen(at, people)
        portal, spoken = at.settings.portal, language or at.settings.mail.language
        found = await nudge(at.org, at.roll, chosen, portal.start, portal.helpdesk)
        found = [one for one in found if _meant(one, bool(people), verdict)]
        if mail:
            return await _mail(at, found, spoken, dry_run=dry_run)
        if not dry_run:
            await note(at.org, [one for one in found if one.needed])
        for one in found:
            _show(at, one, spoken)
        at.screen.json([_json(one, spoken) for one in found])
    return GOOD


async def _chosen(at: Desk, people: Sequence[str]) -> list[PersonId]:
    if len(people) == 1 and not set(people[0]) & set("*?"):
        return [await the_one(at.org, at.roll, people[0])]
    found = [one for text in people for one in await matching(at.org, at.roll, text)]
    return list(dict.fromkeys(found)) if people else list(at.roll.persons)


def _meant(one: Nudge, named: bool, verdicts: Sequence[Verdict]) -> bool:  # noqa: FBT001 -- a private predicate
    if verdicts:
        return one.verdict in verdicts
    return named or (one.needed and one.active and not one.waiting)


def _show(at: Desk, one: Nudge, language: Language) -> None:
    words = wording(language)
    at.screen.note(f"{one.name} in {one.system}: {words.verdicts[one.verdict]}. {words.sentence(one.reason)}")
    if one.needed:
        at.screen.say(f"To: {one.address or '(no address)'}")
        at.screen.say(f"Link: {one.link}")
        at.screen.say()
        at.screen.say(one.text(language))


def _json(one: Nudge, language: Language) -> dict[str, Any]:
    return {
        "person": one.person,
        "name": one.name,
        "address": one.address,
        "system": one.system,
        "verdict": one.verdict,
        "why": wording(language).sentence(one.reason),
        "needed": one.needed,
        "link": one.link,
        "until": one.until,
        "text": one.text(language) if one.needed else None,
    }


async def _mail(at: Desk, nudges: Sequence[Nudge], language: Language, *, dry_run: bool) -> int:
    server = mail_server(at.settings)
    posted = [unmailed(one, why) for one in nudges if (why := why_not(one))]
    wanted = [one for one in nudges if not why_not(one)]
    if dry_run:
        posted += [Posted("would mail", one.name, one.address or "") for one in wanted]
    elif wanted:
        async with Mailer(server) as mailer:
            posted += [one async for one in post(at.org, mailer, wanted, language)]
    at.screen.table(
        ["result", "person", "address", "detail"], [[p.result, p.name, p.address, p.detail] for p in posted]
    )
    at.screen.json(posted)
    return SOME_FAILED if any(one.result == "refused" for one in posted) else GOOD


@app.command(name="visit", group=MOVE)
async def visit_command(person: str, /, *, common: Common | None = None) -> int:
    """Note that a person came by themselves; the next sync serves it once, on every route with `visit` in its `when`.

    Parameters
    ----------
    person
        A name, an address or an id.

    """
    async with desk(common) as at:
        who = await the_one(at.org, at.roll, person)
        visit = await at.org.ledger.record_visit(who, at.org.clock(), "command line")
        at.screen.say(f"Noted: {at.roll.name(who)} came by. `samepic sync` serves it.")
        at.screen.json({"visit": visit, "person": who})
    return GOOD
