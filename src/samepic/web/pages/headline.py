"""The one sentence that a person's page opens with, and the one button below it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from samepic.engine.advice import Advice
from samepic.model import Verdict
from samepic.web.pages.standing import STALE, Standing


class News(StrEnum):
    """What is most worth saying, most useful to the reader first."""

    LOOKING = "looking"  # nobody has looked yet
    ADD = "add"  # there is no picture that could go anywhere
    APPROVAL = "approval"  # somebody else has to look at the new picture first
    UPDATE = "update"  # a visit brings the picture where it is missing or old
    CONSENT = "consent"  # a system waits for the person's yes
    UNSTARTED = "unstarted"  # nothing is brought to a system before an administrator says so
    WAITING = "waiting"  # it is on its way
    ASK = "ask"  # only somebody else can help
    EVERYWHERE = "everywhere"  # every system shows the picture
    SETTLED = "settled"  # every system shows what it should; in some that is another picture, or none
    NOWHERE = "nowhere"  # the person has no account in any system


@dataclass(frozen=True, slots=True)
class Headline:
    """`about` are the systems that it speaks of, the first one first."""

    news: News
    about: tuple[Standing, ...] = ()


def headline(found: Sequence[Standing], *, awaiting_approval: bool = False) -> Headline:
    here = [one for one in found if not one.absent]
    if not here:
        return Headline(News.NOWHERE)
    if all(one.verdict is None for one in here):
        return Headline(News.LOOKING)
    if awaiting_approval:
        return Headline(News.APPROVAL)
    for news, concerns in _IN_ORDER:
        if about := tuple(one for one in sorted(here, key=_urgency) if concerns(one, here)):
            return Headline(news, about)
    told = tuple(one for one in here if one.verdict is not Verdict.UNKNOWN_STORE)
    everywhere = all(one.verdict is Verdict.SAME for one in told)
    return Headline(News.EVERYWHERE if everywhere else News.SETTLED, told)


def _urgency(one: Standing) -> int:
    """An old picture is worse than none: it says something wrong."""
    order = (Verdict.OLDER, Verdict.DIFFERENT, Verdict.NEVER_VISITED, Verdict.NONE)
    return order.index(one.verdict) if one.verdict in order else len(order)


def _lacks_a_picture(one: Standing, here: Sequence[Standing]) -> bool:
    """There is nothing that could go anywhere. A source may well be empty while another one has a picture."""
    elsewhere = one.source and any(other.source and other.present for other in here)
    return one.advice is Advice.ADD and not elsewhere


def _on_its_way(one: Standing, _: Sequence[Standing]) -> bool:
    return one.verdict is Verdict.WAITING or one.advice is Advice.WAIT


_IN_ORDER: tuple[tuple[News, Callable[[Standing, Sequence[Standing]], bool]], ...] = (
    (News.UPDATE, lambda one, _: one.fixable),
    (News.ADD, _lacks_a_picture),
    (News.CONSENT, lambda one, _: one.advice is Advice.CONSENT),
    (News.UNSTARTED, lambda one, _: not one.started and one.verdict in STALE),
    (News.WAITING, _on_its_way),
    (News.ASK, lambda one, _: one.advice is Advice.DECIDE),
)
