"""Whether a system really fetches when it is prompted in somebody's name: tried with those who consented to it."""

from __future__ import annotations

from samepic.engine.organisation import Organisation
from samepic.errors import ConnectorError
from samepic.model import Finding, Level, Sighting
from samepic.settings import Settings
from samepic.store.ledger import Grant
from samepic.web.delegated import PROVEN, InTheirName, Own
from samepic.web.openid.provider import open_providers

LOOKS = 6
BETWEEN = 10.0
"""How often a system is looked at afterwards, and how many seconds lie between."""

_SUBJECT = "pull in people's names"


async def prove(settings: Settings, org: Organisation) -> list[tuple[str, Finding]]:
    """By system, what was found. What was seen to work is noted, and from then on everybody is offered it."""
    asking = InTheirName(settings, org, open_providers(settings, org.clock))
    grants = await org.ledger.grants()
    if not grants:
        said = "Nobody has consented to it yet, so it could not be tried."
        remedy = "An administrator may, on the account page of the portal; best one whose picture is old."
        return [("portal", Finding(Level.WARNING, _SUBJECT, said, remedy))]
    everything = [(grant, own) for grant in grants for own in await asking.own_pictures(grant.person)]
    found = [(own.system, await _tried(asking, grant, own)) for grant, own in everything if not await own.proven()]
    return found or [("portal", Finding(Level.GOOD, _SUBJECT, "It was seen to work before."))]


async def _tried(asking: InTheirName, grant: Grant, own: Own) -> Finding:
    try:
        before = await own.connector.peek(own.account.ref)
        if why := await asking.prompt(grant, own):
            return Finding(
                Level.PROBLEM, _SUBJECT, f"{own.account.name}: {why}", "People go on going there themselves."
            )
        moved = await _moves(own, before)
    except ConnectorError as trouble:
        return Finding(Level.PROBLEM, _SUBJECT, str(trouble), trouble.remedy)
    if moved:
        await own.connector.around.memo.save({PROVEN: own.connector.around.clock().isoformat(timespec="seconds")})
        return Finding(Level.GOOD, _SUBJECT, f"It works: the picture of {own.account.name} was fetched.")
    said = f"The picture of {own.account.name} was given, and stayed the one that was there."
    return Finding(Level.WARNING, _SUBJECT, said, "Try it with somebody whose picture there is old.")


async def _moves(own: Own, before: Sighting) -> bool:
    for look in range(LOOKS):
        if look:
            await own.connector.around.sleep(BETWEEN)
        if await own.connector.peek(own.account.ref) != before:
            return True
    return False
