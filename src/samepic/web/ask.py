"""One request, as the pages see it: who asks, in which language, and how to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from samepic.model import PersonId
from samepic.web.access import DIGITS
from samepic.web.site import Site
from samepic.web.visitor import Visitor
from samepic.web.words import Words


@dataclass(frozen=True)
class Ask:
    """`form` is what was posted; empty otherwise. `nobody` is where the door let anybody in."""

    site: Site
    request: Request
    visitor: Visitor | None
    words: Words
    form: FormData

    @property
    def who(self) -> Visitor:
        """Who is signed in; only behind doors that ask for it."""
        assert self.visitor is not None
        return self.visitor

    @property
    def person(self) -> PersonId:
        """The person who asks; only behind doors for persons."""
        assert self.who.person is not None
        return self.who.person

    def text(self, name: str, default: str = "") -> str:
        """A field of the form, or of the address where nothing was posted, without spaces around it."""
        value = self.form.get(name) if self.form else self.request.query_params.get(name)
        return value.strip() if isinstance(value, str) else default

    def number(self, name: str) -> int | None:
        """A field as one of our numbers; None where it is none, or has more digits than any of ours will have."""
        said = self.text(name)
        return int(said) if said.isdecimal() and len(said) <= DIGITS else None

    def door(self, name: str, /, **parts: Any) -> str:
        return str(self.request.app.url_path_for(name, **parts))

    def see(self, name: str, /, said: str = "", **parts: Any) -> RedirectResponse:
        """Sends the browser to one of our own pages. `said` is the word for a notice to show there."""
        address = self.door(name, **parts)
        return RedirectResponse(f"{address}?said={said}" if said else address, status_code=303)

    def page(self, template: str, code: int = 200, /, **facts: Any) -> HTMLResponse:
        return HTMLResponse(self.draw(template, **facts), status_code=code)

    def draw(self, template: str, **facts: Any) -> str:
        """A page, or a part of one, in the reader's language."""
        return self.site.render(
            template,
            ask=self,
            visitor=self.visitor,
            words=self.words,
            door=self.door,
            static=self.site.static,
            portal=self.site.settings.portal,
            helpdesk=self.words.whom_to_ask(self.site.settings.portal.helpdesk),
            gettext=self.words.say,
            ngettext=self.words.say_many,
            pgettext=self.words.say_in,
            **facts,
        )
