"""SharePoint's `$batch`: many GETs in one `multipart/mixed` request, each answered on its own, in order.

As documented on learn.microsoft.com, "Make batch requests with the REST APIs". Whether the profile service takes
part is not said: where a batch is refused, or its answer makes no sense, the caller asks one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.message import Message
from email.parser import BytesParser
from http.client import parse_headers
from io import BytesIO
from uuid import uuid4

from samepic.connectors.http import Answer, error_from
from samepic.connectors.sharepoint.site import PLAIN, Site
from samepic.errors import ConnectorError, Failed, Gone, Refused

PARTS = 100
"""The most requests that are put into one batch."""


async def get_batch(site: Site, paths: Sequence[str]) -> list[Answer | ConnectorError]:
    """One answer or error for each path behind `/_api`, in their order. Raises what became of the batch itself."""
    boundary = f"batch_{uuid4()}"
    headers = {"Content-Type": f"multipart/mixed; boundary={boundary}"}
    answer = await site.post("/$batch", body_of(site.address, paths, boundary), headers=headers, reads=True)
    answers = answers_in(answer)
    if len(answers) != len(paths):
        raise Failed("SharePoint's answer to a batch has not as many parts as the batch.", system=site.session.system)
    return [_judged(site, one) for one in answers]


def body_of(address: str, paths: Sequence[str], boundary: str) -> bytes:
    parts = [
        f"--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        f"GET {address}/_api{path} HTTP/1.1\r\nAccept: {PLAIN}\r\n\r\n"
        for path in paths
    ]
    return "".join([*parts, f"--{boundary}--\r\n"]).encode()


def answers_in(answer: Answer) -> list[Answer]:
    """The parts of an answer. Raises Failed where it is no multipart message of HTTP answers."""
    kind = answer.headers.get("content-type", "")
    whole = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + answer.body)
    parts = whole.get_payload() if whole.is_multipart() else None
    if not isinstance(parts, list):
        raise Failed("SharePoint's answer to a batch has an unknown shape.")
    return [_answer(part) for part in parts if isinstance(part, Message)]


def _answer(part: Message) -> Answer:
    content = part.get_payload(decode=True)
    try:
        assert isinstance(content, bytes)
        said = BytesIO(content)
        status = int(said.readline().split()[1])
        headers = {name.lower(): value for name, value in parse_headers(said).items()}
    except (AssertionError, IndexError, ValueError):
        raise Failed("A part of SharePoint's answer to a batch has an unknown shape.") from None
    return Answer(status, headers, said.read())


def _judged(site: Site, answer: Answer) -> Answer | ConnectorError:
    """A 404 is about an address, as everywhere in SharePoint: nobody is gone because of it."""
    if answer.ok:
        return answer
    trouble = error_from(answer, site.session.around.clock())
    trouble = Refused(f"{site.address}: {trouble}") if isinstance(trouble, Gone) else trouble
    trouble.system = site.session.system
    return trouble
