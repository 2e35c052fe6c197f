"""What the portal says: every text of its pages and its code, and the catalogues that say it in other languages.

`python -m tests.house.translations` lists what a catalogue lacks, as entries to fill in.
"""

from __future__ import annotations

import io
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

import samepic.web
from samepic.store.tokens import MEANING

WEB = Path(samepic.web.__file__).parent

PYTHON = {"say": None, "say_many": (1, 2), "say_in": ((1, "c"), 2), "later": None}
"""`Words.say` and its kin, and `later`, which marks what is said later."""

TEMPLATE = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}

Key = tuple[str, tuple[str, ...]]
"""A context, empty for none, and the English text with its plural, if it has one."""


def texts() -> dict[Key, set[str]]:
    """Everything that is said, and the files that say it."""
    found: dict[Key, set[str]] = defaultdict(set)
    for file in (*WEB.rglob("*.py"), *WEB.rglob("*.html")):
        for key in _texts_in(file):
            found[key].add(str(file.relative_to(WEB)))
    for meaning in MEANING.values():  # what tokens may do is said by the API, too, so it is written on a lower floor
        found["", (meaning,)].add("templates/admin/tokens.html")
    return found


def _texts_in(file: Path) -> Iterator[Key]:
    method, keywords = ("python", PYTHON) if file.suffix == ".py" else ("jinja2.ext:babel_extract", TEMPLATE)
    options = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    source = io.BytesIO(file.read_bytes())
    for _line, message, _comments, context in extract(method, source, keywords=keywords, options=options):
        several = message if isinstance(message, tuple) else (message,)
        yield context or "", tuple(several)


def catalogues(language: str) -> dict[str, Catalog]:
    """By file name."""
    return {
        file.name: read_po(io.BytesIO(file.read_bytes()), locale=language, abort_invalid=True)
        for file in sorted((WEB / "locale" / language).glob("*.po"))
    }


def key_of(message: Message) -> Key:
    several = message.id if isinstance(message.id, list | tuple) else (message.id,)
    return message.context or "", tuple(several)


def translated(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def said_in(language: str) -> dict[Key, list[tuple[str, Message]]]:
    """What the catalogues have, and in which of them."""
    found: dict[Key, list[tuple[str, Message]]] = defaultdict(list)
    for name, catalogue in catalogues(language).items():
        for message in catalogue:
            if message.id:
                found[key_of(message)].append((name, message))
    return found


def lacking(language: str) -> Catalog:
    """Entries to fill in."""
    empty = Catalog(locale=language, fuzzy=False)
    known = said_in(language)
    for (context, several), files in sorted(texts().items(), key=lambda one: (min(one[1]), one[0])):
        if (context, several) not in known:
            places = [(file, 1) for file in sorted(files)]
            empty.add(several if len(several) > 1 else several[0], locations=places, context=context or None)
    return empty


if __name__ == "__main__":
    write_po(sys.stdout.buffer, lacking("ru"), omit_header=True, width=120, include_lineno=False)
