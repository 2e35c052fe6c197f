"""Pictures that wait until somebody else has looked at them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from samepic.engine import setting
from samepic.engine.apply import Outcome
from samepic.engine.reading import one_roll
from samepic.errors import UserError
from samepic.model import Digest, PersonId
from samepic.store.ledger import Approval
from samepic.web.access import Access, Door
from samepic.web.admin.log import note
from samepic.web.admin.names import names
from samepic.web.ask import Ask

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Request:
    """One picture that waits. `system` is where it would go, and where the present one is; empty where nobody can."""

    approval: Approval
    name: str
    digest: Digest | None
    system: str


async def approvals(ask: Ask) -> Response:
    waiting = await ask.site.org.ledger.waiting_approvals()
    known = await names(ask, [one.person for one in waiting])
    requests = [await _request(ask, one, known[one.person]) for one in waiting]
    return ask.page("admin/approvals.html", requests=requests, now=ask.site.clock())


async def _request(ask: Ask, approval: Approval, name: str) -> Request:
    org = ask.site.org
    picture = await org.ledger.gallery_picture(approval.picture)
    roll = await one_roll(org, approval.person)
    try:
        system = setting.source_of_authority(org, roll, approval.person).system if roll.persons else ""
    except UserError:
        system = ""
    return Request(approval, name, picture.digest if picture else None, system)


async def decide(ask: Ask) -> Response:
    """Approves or refuses. Whoever comes second is told what was decided before."""
    org, found = ask.site.org, await ask.site.org.ledger.approval(ask.request.path_params["number"])
    if found is None:
        raise HTTPException(404)
    if found.decision is not None:
        return await _decided(ask, found)
    said = ask.text("note")[:LONGEST_NOTE]
    if ask.text("decision") == "approve":
        await note(ask, "picture approved", found.person, approval=found.id)
        effect = await setting.approve(org, await one_roll(org, found.person), found.id, by=ask.who.label)
        return (
            ask.see("admin-approvals", said="approved") if effect.good else _failed(ask, found.person, effect.outcome)
        )
    await note(ask, "picture refused", found.person, approval=found.id, note=said)
    await setting.refuse(org, found.id, by=ask.who.label, note=said)
    return ask.see("admin-approvals", said="picture-refused")


def _failed(ask: Ask, person: PersonId, outcome: Outcome | None) -> Response:
    return ask.page("admin/outcome.html", 409, person=person, outcome=outcome, deed=None)


async def _decided(ask: Ask, found: Approval) -> Response:
    known = await names(ask, [found.person, found.decided_by])
    return ask.page("admin/decided.html", 409, approval=found, names=known)


DOORS = (
    Door("admin-approvals", "/admin/approvals", Access.ADMINISTRATOR, approvals),
    Door("admin-approval", "/admin/approvals/{number:int}", Access.ADMINISTRATOR, decide, methods=("POST",)),
)
