"""How samepic speaks to people, by language: everything that ends up in a message or a ticket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from samepic.engine.advice import Advice
from samepic.engine.reasons import Code, Reason, instant_in
from samepic.engine.reasons import sentence as sentence_of
from samepic.model import Language, Verdict


@dataclass(frozen=True, slots=True)
class Wording:
    """One language.

    sentences  a template for each reason.
    triggers   what starts a route, as it stands in a sentence.
    instant    an instant in the reader's form, with its zone.
    helpdesk   whom to ask, where the settings do not say.
    letter     asks for a visit: {name} {start} {link} {until} {helpdesk}.
    invitation asks for a picture, {name} {link} {helpdesk}; `invitation_subject` is its subject.
    arrived    says that the picture is there, {name} {systems} {helpdesk}; `arrived_subject` is its subject.
    advice     what to do: {start} {link} {helpdesk} {person}.
    heading    of a ticket: {name} {now}. `again`: {until}.
    """

    sentences: Mapping[Code, str]
    verdicts: Mapping[Verdict, str]
    triggers: Mapping[str, str]
    instant: Callable[[datetime], str]
    helpdesk: str
    subject: str
    letter: str
    invitation_subject: str
    invitation: str
    arrived_subject: str
    arrived: str
    advice: Mapping[Advice, str]
    heading: str
    what_to_do: str
    again: str

    def sentence(self, reason: Reason) -> str:
        return sentence_of(reason, self.sentences, self._say)

    def _say(self, name: str, fact: str) -> str:
        if name == "when":
            return ", ".join(self.triggers.get(one, one) for one in fact.split(", "))
        at = instant_in(fact)
        return fact if at is None else self.instant(at)


def wording(language: Language) -> Wording:
    """Only the language that is asked for is loaded."""
    if language is Language.RU:
        from samepic.engine.russian import WORDING as RUSSIAN  # noqa: PLC0415 -- see above

        return RUSSIAN
    from samepic.engine.english import WORDING as ENGLISH  # noqa: PLC0415 -- see above

    return ENGLISH
