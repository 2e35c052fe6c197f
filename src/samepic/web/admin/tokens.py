"""Tokens for programs: made, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from samepic.store.tokens import MEANING, Scope, new_token
from samepic.web.access import Access, Door
from samepic.web.admin.log import note
from samepic.web.ask import Ask

DAYS = (30, 90, 365)
LONGEST_NAME = 100


async def tokens(ask: Ask) -> Response:
    return await _page(ask)


async def _page(ask: Ask, code: int = 200, made: str = "", trouble: str = "") -> Response:
    """`made` is the text of a new token: it is on this one page and nowhere else."""
    found = await ask.site.org.ledger.tokens()
    now = ask.site.clock()
    return ask.page(
        "admin/tokens.html",
        code,
        tokens=found,
        now=now,
        made=made,
        trouble=trouble,
        scopes=[(one, MEANING[one]) for one in Scope],
        days=DAYS,
        name=ask.text("name") if trouble else "",
    )


async def make_token(ask: Ask) -> Response:
    scopes = [Scope(one) for one in ask.form.getlist("scope") if one in set(Scope)]
    name = ask.text("name")[:LONGEST_NAME]
    if not scopes or not name:
        return await _page(ask, 422, trouble="name" if not name else "scopes")
    text, digest = new_token()
    now = ask.site.clock()
    until = now + timedelta(days=int(ask.text("days")) if ask.text("days") in map(str, DAYS) else DAYS[0])
    number = await ask.site.org.ledger.add_token(digest, name, scopes, ask.who.label, now, until)
    await note(ask, "token made", token=number, name=name, scopes=" ".join(scopes))
    return await _page(ask, made=text)


async def revoke_token(ask: Ask) -> Response:
    number = int(ask.request.path_params["number"])
    if await ask.site.org.ledger.revoke_token(number, ask.site.clock()):
        await note(ask, "token revoked", token=number)
    return ask.see("admin-tokens", "token-revoked")


DOORS = (
    Door("admin-tokens", "/admin/tokens", Access.ADMINISTRATOR, tokens),
    Door("admin-token-make", "/admin/tokens", Access.ADMINISTRATOR, make_token, methods=("POST",)),
    Door(
        "admin-token-revoke", "/admin/tokens/{number:int}/revoke", Access.ADMINISTRATOR, revoke_token, methods=("POST",)
    ),
)
