"""The reader's language: catalogues, dates, sizes, and the engine's own sentences.

Catalogues are `locale/LANGUAGE/*.po`, one for each part of the portal, read as they are. English is what is written
in the pages themselves.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from babel import Locale, negotiate_locale
from babel.dates import format_datetime, format_timedelta
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit
from markupsafe import Markup, escape

from samepic.engine.reasons import Reason
from samepic.engine.wording import Wording, wording
from samepic.model import Language, Verdict

COOKIE = "samepic-language"


def later(english: str) -> str:
    """Marks a text that is said later, with `Words.say`, for whoever collects what is to be translated."""
    return english


@dataclass(frozen=True)
class Words:
    """Everything that depends on who reads. `zone` is the organisation's."""

    language: Language
    zone: tzinfo

    @property
    def locale(self) -> Locale:
        return Locale.parse(self.language)

    @property
    def engine(self) -> Wording:
        return wording(self.language)

    def say(self, text: str, /, **facts: object) -> Markup:
        """The text in the reader's language. Texts are ours and may carry markup; facts are escaped."""
        return Markup(_catalogue(self.language).gettext(text)) % facts  # noqa: S704 -- see above

    def say_many(self, one: str, many: str, count: int, /, **facts: object) -> Markup:
        facts = {"num": self.number(count), **facts}
        return Markup(_catalogue(self.language).ngettext(one, many, count)) % facts  # noqa: S704 -- as in `say`

    def say_in(self, context: str, text: str, /, **facts: object) -> Markup:
        return Markup(_catalogue(self.language).pgettext(context, text)) % facts  # noqa: S704 -- as in `say`

    def sentence(self, reason: Reason) -> str:
        return self.engine.sentence(reason)

    def verdict(self, verdict: Verdict) -> str:
        return self.engine.verdicts[verdict]

    def instant(self, at: datetime) -> Markup:
        """A `<time>` with day and hour in the organisation's zone."""
        said = format_datetime(at, "d MMM y, HH:mm", tzinfo=self.zone, locale=self.locale)
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), said)

    def day(self, at: datetime) -> Markup:
        said = format_datetime(at, "d MMMM y", tzinfo=self.zone, locale=self.locale)
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), said)

    def plain_day(self, at: datetime) -> str:
        """The day without markup, for an attribute."""
        return format_datetime(at, "d MMMM y", tzinfo=self.zone, locale=self.locale)

    def ago(self, at: datetime, now: datetime) -> Markup:
        """How long ago, or in how long; the exact instant is what a pointer that rests on it is told."""
        said = format_timedelta(at - now, add_direction=True, locale=self.locale)
        exact = format_datetime(at, "d MMM y, HH:mm", tzinfo=self.zone, locale=self.locale)
        return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(timespec="seconds"), exact, said)

    def duration(self, length: timedelta) -> str:
        return format_timedelta(length, locale=self.locale)

    def number(self, number: float) -> str:
        return format_decimal(number, locale=self.locale)

    def whom_to_ask(self, helpdesk: str) -> Markup:
        """The help desk of the settings, as a link where that is an address; else what it is called in general."""
        if helpdesk.startswith("https://"):
            return Markup('<a href="{0}">{0}</a>').format(helpdesk)
        if "@" in helpdesk and " " not in helpdesk:
            return Markup('<a href="mailto:{0}">{0}</a>').format(helpdesk)
        return escape(helpdesk or self.engine.helpdesk)

    def listed(self, names: Sequence[str]) -> str:
        """Names as a sentence has them: `Outlook, Teams and SharePoint`."""
        return format_list(names, locale=self.locale)

    def size(self, count: int) -> str:
        """Bytes as people say them."""
        for unit, least in (("megabyte", 1_000_000), ("kilobyte", 1_000)):
            if count >= least:
                return format_unit(round(count / least, 1), f"digital-{unit}", "short", locale=self.locale)
        return format_unit(count, "digital-byte", locale=self.locale)


@cache
def _catalogue(language: Language) -> NullTranslations:
    """All catalogues of a language as one."""
    if language is Language.EN:
        return NullTranslations()
    found: GNUTranslations | None = None
    folder = files("samepic.web") / "locale" / language
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        compiled = io.BytesIO()
        write_mo(compiled, read_po(io.BytesIO(file.read_bytes()), locale=language))
        compiled.seek(0)
        one = GNUTranslations(compiled)
        if found is None:
            found = one
        else:
            found.add_fallback(one)
    return found or NullTranslations()


def preferred(accepted: str, chosen: str | None = None) -> Language:
    """The language of somebody who sends this `Accept-Language`, or who chose one before."""
    known = [one.value for one in Language]
    if chosen in known:
        return Language(chosen)
    return Language(negotiate_locale(list(_by_quality(accepted)), known, sep="-") or Language.EN)


def _by_quality(accepted: str) -> Iterable[str]:
    weighted = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, _, rest = part.strip().partition(";")
        quality = rest.strip().removeprefix("q=")
        try:
            weighted.append((-float(quality or 1), place, tag))
        except ValueError:
            continue
    for weight, _, tag in sorted(weighted):
        if weight < 0:
            yield tag
            yield tag.partition("-")[0]
