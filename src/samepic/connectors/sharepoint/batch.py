"""SharePoint's `$batch`: many requests in one `multipart/mixed` body, each answered on its own, in order.

As documented on learn.microsoft.com, "Make batch requests with the REST APIs". What is not said there: how many parts
one batch may have, and whether the profile service and files take part. So where a batch is refused, or its answer
makes no sense, everything is asked one by one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from http.client import HTTPException, parse_headers
from io import BytesIO
from uuid import uuid4

from samepic.connectors.answers import Answer, error_from
from samepic.connectors.sharepoint.site import PLAIN, Site
from samepic.errors import ConnectorError, Failed, Gone, Refused, Throttled

PARTS = 100
"""The most requests that are put into one batch."""

AT_ONCE = 8
"""Questions under way together, where they have to be asked one by one."""

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Question:
    """A GET of a path behind `/_api`. `accept` names statuses besides 2xx that are answers."""

    path: str
    shape: str = PLAIN
    accept: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """A POST to a path behind `/_api`."""

    path: str
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


async def ask_all(site: Site, questions: Sequence[Question]) -> list[Answer | ConnectorError]:
    """One answer or error for each, in their order: in one batch while the host takes batches, else one by one.

    A part that was busy or broke is asked again alone, which has patience.
    """
    try:
        answers = await _asked_together(site, questions) if site.batches and len(questions) > 1 else {}
    except Throttled as trouble:
        return [trouble] * len(questions)
    at_once = asyncio.Semaphore(AT_ONCE)
    left = [number for number in range(len(questions)) if isinstance(answers.get(number), Throttled | Failed | None)]
    alone = await asyncio.gather(*(_asked_alone(site, questions[number], at_once) for number in left))
    answers |= dict(zip(left, alone, strict=True))
    return [answers[number] for number in range(len(questions))]


async def _asked_alone(site: Site, question: Question, at_once: asyncio.Semaphore) -> Answer | ConnectorError:
    async with at_once:
        try:
            return await site.get(question.path, shape=question.shape, accept=question.accept)
        except ConnectorError as trouble:
            return trouble


async def _asked_together(site: Site, questions: Sequence[Question]) -> dict[int, Answer | ConnectorError]:
    """Answers by number; none where the batch came to nothing. Raises Throttled."""
    parts = [_part(f"GET {site.address}/_api{one.path}", {"Accept": one.shape}) for one in questions]
    try:
        answers = await _sent(site, parts, len(questions), reads=True)
    except Throttled:
        raise
    except Failed:
        return {}
    except ConnectorError:
        site.batches = False
        return {}
    pairs = zip(questions, answers, strict=True)
    return dict(enumerate(_judged(site, answer, question.accept) for question, answer in pairs))


async def write_all(site: Site, writes: Sequence[Write]) -> None:
    """Carries all out: together while the host takes batches, else one after the other. A part that was busy or broke
    is done again alone.

    Raises the first trouble; some of the others may have happened then.
    """
    answers = await _written_together(site, writes) if site.batches and len(writes) > 1 else [None] * len(writes)
    for write, answer in zip(writes, answers, strict=True):
        if answer is None or isinstance(answer, Throttled | Failed):
            await site.post(write.path, write.content, headers=write.headers)
        elif isinstance(answer, ConnectorError):
            raise answer


async def _written_together(site: Site, writes: Sequence[Write]) -> Sequence[Answer | ConnectorError | None]:
    """An answer for each; None where batches are not taken."""
    try:
        answers = await _sent(site, [_change_set(site, writes)], len(writes), reads=False)
    except (Throttled, Failed):
        raise
    except ConnectorError:
        site.batches = False
        return [None] * len(writes)
    return [_judged(site, answer, reads=False) for answer in answers]


async def _sent(site: Site, parts: Sequence[bytes], answers: int, *, reads: bool) -> list[Answer]:
    """Raises what became of the batch itself; Refused where the answer makes no sense."""
    boundary = f"batch_{uuid4()}"
    headers = {"Content-Type": f"multipart/mixed; boundary={boundary}"}
    answer = await site.post("/$batch", _body(parts, boundary), headers=headers, reads=reads)
    found = answers_in(answer)
    if len(found) != answers:
        raise Refused("SharePoint's answer to a batch has not as many parts as the batch.", system=site.session.system)
    return found


def _part(request: str, headers: Mapping[str, str], content: bytes = b"") -> bytes:
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", "", f"{request} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def _change_set(site: Site, writes: Sequence[Write]) -> bytes:
    """What changes something has to be in one of these."""
    boundary = f"changeset_{uuid4()}"
    parts = [
        _part(f"POST {site.address}/_api{one.path}", {"Accept": PLAIN, **one.headers}, one.content) for one in writes
    ]
    return f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode() + _body(parts, boundary)


def _body(parts: Sequence[bytes], boundary: str) -> bytes:
    delimiter = f"--{boundary}".encode()
    return b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts) + delimiter + b"--\r\n"


def answers_in(answer: Answer) -> list[Answer]:
    """The parts of an answer, their bodies byte for byte. Raises Refused where it is no message of HTTP answers."""
    declared = Message()
    declared["Content-Type"] = answer.headers.get("content-type", "")
    boundary = declared.get_boundary()
    if declared.get_content_maintype() != "multipart" or not boundary:
        raise Refused("SharePoint's answer to a batch has an unknown shape.")
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(?:--)?[ \t]*(?:\r?\n|\Z)")
    return [_answer(part) for part in delimiter.split(answer.body)[1:-1]]


def _answer(part: bytes) -> Answer:
    said = BytesIO(_BLANK_LINE.split(part, maxsplit=1)[-1])
    try:
        status = int(said.readline().split()[1])
        headers = {name.lower(): value for name, value in parse_headers(said).items()}
    except (IndexError, ValueError, HTTPException):
        raise Refused("A part of SharePoint's answer to a batch has an unknown shape.") from None
    return Answer(status, headers, said.read())


def _judged(site: Site, answer: Answer, accept: Collection[int] = (), *, reads: bool = True) -> Answer | ConnectorError:
    """A 404 is about an address, as everywhere in SharePoint: nobody is gone because of it."""
    if answer.ok or answer.status in accept:
        return answer
    now = site.session.around.clock()
    trouble = error_from(answer, now, reads=reads)
    trouble = Refused(f"{site.address}: {trouble}") if isinstance(trouble, Gone) else trouble
    if isinstance(trouble, Throttled):
        site.session.around.traffic.hush(now + (trouble.wait or timedelta(0)))
    trouble.system = site.session.system
    return trouble
