"""An office with somebody who does what is due; the clock is the office's, and nobody really sleeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from samepic.mail import MailServer
from samepic.settings import Settings
from samepic.work import Work
from tests.engine.conftest import Office, intake, office
from tests.journey.post import PostOffice, post_office

__all__ = ["intake", "office"]


@pytest.fixture
def mailbox() -> Iterator[PostOffice]:
    with post_office() as opened:
        yield opened


def server(post: PostOffice) -> MailServer:
    return MailServer("127.0.0.1", "pictures@contoso.example", port=post.port, encryption="none")


def work(office: Office, mail: MailServer | None = None, **settings) -> Work:
    async def sleep(seconds: float) -> None:
        raise AssertionError(f"slept {seconds} s")

    return Work(office.org, Settings(work=settings), mail=mail, sleep=sleep)
