"""The one sentence a page opens with: for every state of the systems, the most useful thing to say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from samepic.engine.reasons import Code, Reason, because, resting_on
from samepic.model import Route, Slot, Trigger, Verdict, Way
from samepic.web.pages.headline import News, headline
from samepic.web.pages.standing import Standing
from samepic.web.pages.titles import Title

PULL = Route(("exchange",), "sharepoint", Way.PULL, frozenset({Trigger.VISIT}))
WRITE = Route(("exchange",), "directory", Way.WRITE, frozenset({Trigger.VISIT, Trigger.MANUAL}))
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def source(verdict: Verdict = Verdict.SAME, reason: Reason | None = None) -> Standing:
    reason = reason or because(Code.IS_SOURCE)
    present = verdict is not Verdict.NONE
    return Standing("exchange", Title("Outlook"), Slot("exchange", "1"), verdict, reason, present, source=True)


def target(verdict: Verdict, reason: Reason, route: Route = PULL) -> Standing:
    name = route.target
    return Standing(name, Title(name.title()), Slot(name, "1"), verdict, reason, route=route)


def waits(code: Code, when: str = "visit") -> Reason:
    return resting_on(because(code, source="exchange"), Code.WAITS_FOR_TRIGGER, when=when)


FINE = source()
SAME = target(Verdict.SAME, because(Code.AS_LEFT, source="exchange", at=AT))
OLDER = target(Verdict.OLDER, waits(Code.SOURCE_CHANGED))
NEVER = target(Verdict.NEVER_VISITED, waits(Code.FIRST_PICTURE))
ASKED = target(Verdict.WAITING, because(Code.ASKED, at=AT, until=AT))
WRITTEN_LATER = target(Verdict.OLDER, waits(Code.SOURCE_CHANGED), WRITE)
UNSTARTED = replace(WRITTEN_LATER, started=False)
SAME_UNSTARTED = replace(SAME, started=False)
WRITTEN_BY_OTHERS = target(Verdict.DIFFERENT, because(Code.DIFFERS_SINCE, at=AT), WRITE)
NO_SOURCE = source(Verdict.NONE, because(Code.HAS_NONE))
SPARE = replace(NO_SOURCE, system="entra", title=Title("Entra ID"), slot=Slot("entra", "1"), present=False)
NOTHING_TO_BRING = target(Verdict.NONE, because(Code.SOURCE_HAS_NONE, source="exchange"))
UNASKED = target(Verdict.HELD, because(Code.CONSENT_MISSING))
OPTED_OUT = target(Verdict.HELD, because(Code.OPTED_OUT, at=AT))
UNDONE = target(Verdict.HELD, because(Code.PINNED, source="exchange", at=AT), WRITE)
UNKNOWN = Standing("entra", Title("Entra ID"), Slot("entra", "1"), Verdict.UNKNOWN_STORE, because(Code.UNKNOWN_STORE))
ABSENT = Standing("sharepoint", Title("SharePoint"), route=PULL)
NEW = Standing("exchange", Title("Outlook"), Slot("exchange", "1"), source=True)


@pytest.mark.parametrize(
    ("found", "news", "about"),
    [
        pytest.param([], News.NOWHERE, [], id="no system"),
        pytest.param([ABSENT], News.NOWHERE, [], id="no account"),
        pytest.param([NEW, ABSENT], News.LOOKING, [], id="nobody looked"),
        pytest.param([FINE, SAME], News.EVERYWHERE, [FINE, SAME], id="all the same"),
        pytest.param([FINE, SAME, UNKNOWN], News.EVERYWHERE, [FINE, SAME], id="a store that cannot be told"),
        pytest.param([FINE, OLDER], News.UPDATE, [OLDER], id="an old one"),
        pytest.param([FINE, NEVER], News.UPDATE, [NEVER], id="never visited"),
        pytest.param([FINE, NEVER, WRITTEN_LATER], News.UPDATE, [WRITTEN_LATER, NEVER], id="an old one before none"),
        pytest.param([FINE, WRITTEN_LATER], News.UPDATE, [WRITTEN_LATER], id="written once they come by"),
        pytest.param([FINE, ASKED], News.WAITING, [ASKED], id="asked already"),
        pytest.param([FINE, ASKED, WRITTEN_LATER], News.UPDATE, [WRITTEN_LATER], id="what helps before what waits"),
        pytest.param([NO_SOURCE, NOTHING_TO_BRING], News.ADD, [NO_SOURCE, NOTHING_TO_BRING], id="no picture"),
        pytest.param([FINE, SPARE, SAME], News.SETTLED, [FINE, SPARE, SAME], id="one of two sources is empty"),
        pytest.param([NO_SOURCE, OLDER], News.UPDATE, [OLDER], id="what helps before what is missing elsewhere"),
        pytest.param([FINE, UNSTARTED], News.UNSTARTED, [UNSTARTED], id="nobody has started the route"),
        pytest.param(
            [FINE, replace(SAME, started=False)],
            News.EVERYWHERE,
            [FINE, replace(SAME, started=False)],
            id="nothing to start",
        ),
        pytest.param([FINE, UNASKED], News.CONSENT, [UNASKED], id="waits for a yes"),
        pytest.param([FINE, OPTED_OUT], News.SETTLED, [FINE, OPTED_OUT], id="opted out on purpose"),
        pytest.param([FINE, UNDONE], News.ASK, [UNDONE], id="somebody has to release it"),
        pytest.param([FINE, WRITTEN_BY_OTHERS], News.ASK, [WRITTEN_BY_OTHERS], id="somebody else's picture"),
    ],
)
def test_the_most_useful_thing_is_said(found: list[Standing], news: News, about: list[Standing]) -> None:
    said = headline(found)
    assert said.news is news
    assert list(said.about) == about


def test_a_picture_that_waits_for_approval_comes_first() -> None:
    assert headline([FINE, OLDER], awaiting_approval=True).news is News.APPROVAL


def test_where_nothing_starts_by_a_visit_nobody_is_sent() -> None:
    timed = Route(("exchange",), "directory", Way.WRITE, frozenset({Trigger.SCHEDULE}))
    later = target(Verdict.OLDER, waits(Code.SOURCE_CHANGED, "schedule"), timed)
    assert headline([FINE, later]).news is News.WAITING
