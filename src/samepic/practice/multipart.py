"""SharePoint's batching: several requests in one `multipart/mixed` body, answered in the same form and order.

As documented (learn.microsoft.com/sharepoint/dev/sp-add-ins/make-batch-requests-with-the-rest-apis): a part is one
HTTP message, or a change set that holds several; a change set is no transaction, and its answers stand among the
others. Decided here because the documentation leaves it open: a batch holds 100 requests at most, a part without an
`Accept` of its own is answered in the batch's shape, and a part that names another host is refused on its own.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from email.message import Message
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

from samepic.practice.odata import SharePointError
from samepic.practice.wire import Answer, Ask, Face

MOST = 100
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_REQUEST_LINE = re.compile(r"(\w+) (\S.*?)(?: HTTP/[\d.]+)?")
_INHERITED = ("authorization", "accept", "host")


def batched(batch: Ask, inside: Face) -> Answer:
    """Every request of the batch is given to `inside`. Raises SharePointError for a body that cannot be read."""
    asks = list(_asks(batch, batch.headers.get("content-type", ""), batch.body))
    if len(asks) > MOST:
        raise _unreadable(f"The batch holds {len(asks)} operations; {MOST} are allowed.")
    boundary = f"batchresponse_{uuid.uuid4()}"
    parts = [_part(boundary, inside(ask)) for ask in asks]
    kind = f'multipart/mixed; boundary="{boundary}"'
    return Answer(content=b"".join(parts) + f"--{boundary}--\r\n".encode(), headers={"Content-Type": kind})


def _asks(batch: Ask, kind: str, body: bytes) -> Iterator[Ask]:
    for part in _split(kind, body):
        head, content = _head(part)
        if head.get_content_maintype() == "multipart":
            yield from _asks(batch, head["content-type"], content)
        else:
            yield _ask(batch, content)


def _split(kind: str, body: bytes) -> list[bytes]:
    declared = Message()
    declared["content-type"] = kind
    boundary = declared.get_boundary()
    if declared.get_content_type() != "multipart/mixed" or not boundary:
        raise _unreadable("A batch is multipart/mixed with a boundary.")
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode()) + rb"(?:--)?[ \t]*(?=\r?\n|\Z)")
    return [part.removeprefix(b"\r").removeprefix(b"\n") for part in delimiter.split(body)[1:-1]]


def _head(message: bytes) -> tuple[Message, bytes]:
    """Headers, and what follows the first blank line."""
    head, _, rest = _cut(message)
    parsed = Message()
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        parsed[name.strip()] = value.strip()
    return parsed, rest


def _cut(message: bytes) -> tuple[bytes, bytes, bytes]:
    found = _BLANK_LINE.search(message)
    return (message[: found.start()], found[0], message[found.end() :]) if found else (message, b"", b"")


def _ask(batch: Ask, message: bytes) -> Ask:
    line, _, rest = message.lstrip().partition(b"\n")
    match = _REQUEST_LINE.fullmatch(line.decode("latin-1").strip())
    if match is None:
        raise _unreadable("A part of the batch holds no request.")
    address = urlsplit(match[2])
    head, body = _head(rest) if not rest.startswith((b"\r\n", b"\n")) else (Message(), rest.lstrip(b"\r\n"))
    own = {name.casefold(): str(value) for name, value in head.items()}
    kept = {name: batch.headers[name] for name in _INHERITED if name in batch.headers}
    return Ask(
        method=match[1].upper(),
        path=unquote(address.path),
        query={name.casefold(): value for name, value in parse_qsl(address.query, keep_blank_values=True)},
        headers=kept | own | ({"host": address.netloc} if address.netloc else {}),
        body=body,
    )


def of_this_host(batch: Ask, inside: Face) -> Face:
    """The face, for parts that stay at the host the batch was sent to."""

    def answer(ask: Ask) -> Answer:
        if ask.headers.get("host", "").casefold() == batch.headers.get("host", "").casefold():
            return inside(ask)
        content = {"odata.error": {"code": _INVALID, "message": {"lang": "en-US", "value": "Another host is named."}}}
        return Answer(HTTPStatus.BAD_REQUEST, content)

    return answer


def _part(boundary: str, answer: Answer) -> bytes:
    """One answer; its body stays on one line, because clients read it line by line."""
    status = HTTPStatus(answer.status)
    headers = dict(answer.headers) if answer.content is not None else {}
    if answer.content is not None and not isinstance(answer.content, bytes):
        headers.setdefault("Content-Type", "application/json;charset=utf-8")
    lines = [
        f"--{boundary}",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        f"HTTP/1.1 {status.value} {status.phrase}",
        *(f"{name.upper()}: {value}" for name, value in headers.items()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + answer.body + b"\r\n"


_INVALID = "-1, Microsoft.SharePoint.Client.InvalidClientQueryException"


def _unreadable(message: str) -> SharePointError:
    return SharePointError(HTTPStatus.BAD_REQUEST, _INVALID, message)
