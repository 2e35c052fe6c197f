"""Graph's `$batch`: many GETs in few requests.

The outer 200 says nothing about the parts: each is answered, refused and throttled on its own, in any order. Parts
worth repeating are sent again, together, after the longest wait any of them asked for.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from samepic.connectors.answers import Answer, error_from
from samepic.connectors.http import Session
from samepic.errors import ConnectorError, Failed, Throttled

PARTS = 20
"""The most requests Graph takes in one batch."""

AT_ONCE = 4
"""Batches under way together."""


async def get_all(
    session: Session, paths: Sequence[str], accept: Collection[int] = ()
) -> list[Answer | ConnectorError]:
    """One answer or error for each path (`/users/{id}/photo`), in the order of the paths. Never raises for a part.

    `accept` names statuses besides 2xx that are answers.
    """
    lots = [paths[start : start + PARTS] for start in range(0, len(paths), PARTS)]
    found: list[Answer | ConnectorError] = []
    for start in range(0, len(lots), AT_ONCE):
        together = lots[start : start + AT_ONCE]
        for answers in await asyncio.gather(*(_lot(session, lot, accept) for lot in together)):
            found += answers
    return found


def bytes_in(part: Answer) -> bytes:
    """What a part brings that is not JSON: base64, in one of its two alphabets, padded or not. Raises Failed."""
    try:
        text = str(part.json()).replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise Failed("A part of a batch should bring bytes, and brings something else.") from None


async def _lot(session: Session, paths: Sequence[str], accept: Collection[int]) -> list[Answer | ConnectorError]:
    answers: dict[int, Answer | ConnectorError] = {}
    pending = list(range(len(paths)))
    waited = 0.0
    for attempt in range(1, session.patience.tries + 1):
        answers |= await _round(session, {number: paths[number] for number in pending}, accept)
        troubles = {number: trouble for number in pending if isinstance(trouble := answers[number], Throttled | Failed)}
        jitter = random.random()  # noqa: S311 -- jitter, no secret
        pause = max((session.patience.pause(attempt, trouble, jitter) for trouble in troubles.values()), default=0.0)
        pending, waited = list(troubles), waited + pause
        if not pending or waited > session.patience.total or attempt == session.patience.tries:
            break
        await session.around.sleep(pause)
    return [answers[number] for number in range(len(paths))]


async def _round(
    session: Session, paths: Mapping[int, str], accept: Collection[int]
) -> dict[int, Answer | ConnectorError]:
    requests = [{"id": str(number), "method": "GET", "url": path} for number, path in paths.items()]
    content = json.dumps({"requests": requests}).encode()
    try:
        answer = await session.send(
            "POST", "/$batch", headers={"Content-Type": "application/json"}, content=content, reads=True
        )
        parts = {str(part["id"]): part for part in answer.json()["responses"]}
    except ConnectorError as trouble:
        return dict.fromkeys(paths, trouble)
    except (KeyError, TypeError):
        return dict.fromkeys(paths, Failed("The answer to a batch has an unknown shape.", system=session.system))
    return {number: _part(session, parts.get(str(number)), accept) for number in paths}


def _part(session: Session, part: Any, accept: Collection[int]) -> Answer | ConnectorError:
    try:
        headers = {name.lower(): value for name, value in (part.get("headers") or {}).items()}
        answer = Answer(int(part["status"]), headers, json.dumps(part.get("body")).encode())
    except (AttributeError, KeyError, TypeError, ValueError):
        return Failed("A batch came back without an answer to one of its parts.", system=session.system)
    if answer.ok or answer.status in accept:
        return answer
    trouble = error_from(answer, session.around.clock())
    trouble.system = session.system
    return trouble
