"""The doors that are open to anybody: the page that asks to sign in, the language, and what is said to a stranger."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import RedirectResponse, Response

from samepic.model import Language
from samepic.web.access import Access, Door
from samepic.web.ask import Ask
from samepic.web.words import COOKIE

_REMEMBERED = timedelta(days=365)


async def welcome(ask: Ask) -> Response:
    to = inside(ask.text("to"))
    if ask.visitor is not None and ask.visitor.person is not None:
        return RedirectResponse(to, status_code=303)
    return ask.page("welcome.html", to=to)


async def stranger(ask: Ask) -> Response:
    """Signed in, and nobody in any system; everybody else is somewhere else."""
    if ask.visitor is None or ask.visitor.person is not None:
        return ask.see("welcome")
    return ask.page("stranger.html", claimed=ask.visitor.address or ask.visitor.name, provider=None)


async def language(ask: Ask) -> Response:
    """The language somebody chose, for a year, but for the time of the visit only where it is a private one."""
    response = RedirectResponse(inside(ask.text("to")), status_code=303)
    chosen = ask.text("language")
    if chosen not in set(Language):
        return response
    if ask.visitor is not None and ask.visitor.private:
        await ask.site.visitors.speak(ask.visitor, Language(chosen))
        return response
    life = int(_REMEMBERED.total_seconds())
    response.set_cookie(COOKIE, chosen, max_age=life, secure=ask.site.visitors.secure, samesite="lax")
    return response


def inside(address: str) -> str:
    """The address if it is a path of ours, else the first page: nobody is sent elsewhere from here."""
    if address.startswith("/") and not address.startswith(("//", "/\\")) and not any(one < " " for one in address):
        return address
    return "/"


DOORS = (
    Door("welcome", "/welcome", Access.ANYBODY, welcome),
    Door("stranger", "/stranger", Access.ANYBODY, stranger),
    Door("language", "/language", Access.ANYBODY, language, methods=("POST",)),
)
