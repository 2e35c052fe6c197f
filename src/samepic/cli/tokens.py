"""Commands for the tokens that programs use the API with."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from cyclopts import App, Parameter

from samepic.cli.app import GOOD, MOVE, WRONG, Common, app
from samepic.cli.records import records
from samepic.errors import UserError
from samepic.services import utc_now
from samepic.store.tokens import Scope, new_token

token_app = App(name="token", help="Tokens for programs that use the API.", group=MOVE)
app.command(token_app)


@token_app.command(name="new")
async def new_command(
    name: str,
    /,
    *,
    scope: Annotated[tuple[str, ...], Parameter(negative=())],
    days: int = 90,
    common: Common | None = None,
) -> int:
    """Make a token and print it, once: only its digest is kept.

    Parameters
    ----------
    name
        What it is for.
    scope
        What it may do, such as people:read; may be repeated.
    days
        How long it works.

    """
    async with records(common) as at:
        scopes = [_scope(one) for one in scope]
        text, digest = new_token()
        now = utc_now()
        until = now + timedelta(days=days)
        number = await at.ledger.add_token(digest, name, scopes, "command line", now, until)
        await at.ledger.note_audit("command line", "token made", None, {"token": number, "name": name}, now)
        at.screen.say(text)
        at.screen.note(f"Token {number} works until {until:%Y-%m-%d}. It is not shown again.")
        at.screen.json({"token": text, "id": number, "until": until})
    return GOOD


def _scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        raise UserError(f"There is no scope {text!r}.", f"There are {', '.join(Scope)}.") from None


@token_app.command(name="list")
async def list_command(*, common: Common | None = None) -> int:
    """The tokens there are, newest first."""
    async with records(common) as at:
        found, now = await at.ledger.tokens(), utc_now()
        at.screen.table(
            ["id", "name", "scopes", "works", "last used"],
            [
                [
                    str(one.id),
                    one.name,
                    " ".join(sorted(one.scopes)),
                    f"until {one.until:%Y-%m-%d}" if one.works(now) else "no longer",
                    f"{one.used_at:%Y-%m-%d %H:%M}" if one.used_at else "never",
                ]
                for one in found
            ],
        )
        at.screen.json(found)
    return GOOD


@token_app.command(name="revoke")
async def revoke_command(number: int, /, *, common: Common | None = None) -> int:
    """End a token now.

    Parameters
    ----------
    number
        Its number, as `samepic token list` says.

    """
    async with records(common) as at:
        if not await at.ledger.revoke_token(number, utc_now()):
            at.screen.note(f"There is no token {number} that works.")
            return WRONG
        await at.ledger.note_audit("command line", "token revoked", None, {"token": number}, utc_now())
        at.screen.say(f"Token {number} no longer works.")
    return GOOD
