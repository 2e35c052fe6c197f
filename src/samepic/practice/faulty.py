"""Faults on the wire: what stands between a face and the network, and does to each request what the plan says."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Coroutine, Hashable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Generic, TypeVar
from urllib.parse import unquote, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from samepic.practice.faults import Fault, Faults, Rule
from samepic.practice.origins import SITES
from samepic.practice.state import State
from samepic.practice.wire import Answer, Ask, Face

T = TypeVar("T")

_REMEMBERED = 5000
_ETAG = re.compile(rb'("(?:@odata\.mediaEtag|@?odata\.etag|etag)"\s*:\s*")((?:[^"\\]|\\.)+)(")', re.IGNORECASE)
_LAST_WORD = re.compile(rb"[0-9A-Fa-f]+(?=[^0-9A-Fa-f]*$)")
_GATEWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)


class Connection(H11Protocol):
    """Lets an application get at its connection, as `scope["state"]["transport"]`: ending it is a fault too."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


@dataclass(frozen=True, slots=True)
class _Reply:
    """A whole answer as it would go over the wire."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    async def to(self, send: Send, *, torn: bool = False) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.headers)})
        body = self.body[: len(self.body) // 2] if torn else self.body
        await send({"type": "http.response.body", "body": body, "more_body": torn})


class Faulty:
    """`around` a face, and `around_items` of its batches."""

    def __init__(self, faults: Faults, state: State) -> None:
        self._faults = faults
        self._state = state
        self._replies: _Earlier[_Reply] = _Earlier()
        self._items: _Earlier[Answer] = _Earlier()

    def around(self, face: str, app: ASGIApp) -> ASGIApp:
        async def troubled(scope: Scope, receive: Receive, send: Send) -> None:
            path = unquote(scope.get("raw_path", b"").decode("latin-1") or scope["path"])
            query = scope["query_string"].decode("latin-1")
            rule = self._faults.strike(face, scope["method"], path, query)
            if rule is None and not self._faults.plan.rules:
                await asyncio.sleep(self._faults.plan.latency / 1000)
                await app(scope, receive, send)
                return
            await asyncio.sleep((self._faults.plan.latency + (rule.latency if rule else 0)) / 1000)
            await self._answered(face, app, rule or Rule(), scope, receive, send)

        return troubled

    def around_items(self, face: str, inside: Face) -> Face:
        """Items know no connection and no waiting; statuses, lies and stale answers strike them one by one."""

        def troubled(ask: Ask) -> Answer:
            query = urlencode(sorted(ask.query.items()))
            rule = self._faults.strike(face, ask.method, ask.path, query, item=True) or Rule()
            match rule.fault:
                case int():
                    return refusal(face, rule.fault, rule.wait)
                case Fault.IGNORED:
                    with self._state.undone():
                        return inside(ask)
            answer, key = inside(ask), (f"{face} {ask.path}", query)
            earlier = self._items.than(key, answer, answer.body) if ask.method == "GET" else None
            if rule.fault is Fault.STALE and earlier is not None:
                return earlier
            if rule.fault is Fault.MISLABELLED:
                return _mislabelled_item(answer, self._faults.struck.total())
            return answer

        return troubled

    async def _answered(self, face: str, app: ASGIApp, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope["state"]["transport"]
        if rule.fault is Fault.DROPPED:
            await _ended(transport, receive)
            return
        body = await _read(receive)
        if isinstance(rule.fault, int):
            await _reply_of(refusal(face, rule.fault, rule.wait)).to(send)
            return
        reply = await self._reply(app, rule, scope, body)
        match rule.fault:
            case Fault.LOST:
                await _ended(transport, receive)
            case Fault.TORN:
                await reply.to(send, torn=True)
                transport.close()
                await _gone(receive)
            case _:
                await self._told(rule, (face, scope["path"], scope["query_string"]), scope["method"], reply).to(send)

    async def _reply(self, app: ASGIApp, rule: Rule, scope: Scope, body: bytes) -> _Reply:
        if rule.fault is not Fault.IGNORED:
            return await _collected(app, scope, body)
        with self._state.undone():
            return _at_once(_collected(app, scope, body))

    def _told(self, rule: Rule, key: Hashable, method: str, reply: _Reply) -> _Reply:
        """The reply, or the lie in its place."""
        earlier = self._replies.than(key, reply, reply.body) if method == "GET" else None
        if rule.fault is Fault.STALE and earlier is not None:
            return earlier
        return _mislabelled(reply, self._faults.struck.total()) if rule.fault is Fault.MISLABELLED else reply


class _Earlier(Generic[T]):
    """What was answered before the last change, for requests seen lately."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[T | None, T, bytes]] = OrderedDict()

    def than(self, key: Hashable, answer: T, content: bytes) -> T | None:
        """Notes an answer; gives the one before the last that was different, or None."""
        before, last, said = self._answers.pop(key, (None, answer, content))
        if said != content:
            before, last, said = last, answer, content
        self._answers[key] = (before, last, said)
        if len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
        return before


def refusal(face: str, status: int, wait: int | None) -> Answer:
    """An error as this face says it; what a gateway before it says is a page."""
    phrase = HTTPStatus(status).phrase
    headers = {"Cache-Control": "no-store"} | ({} if wait is None else {"Retry-After": str(wait)})
    if status in _GATEWAY or face == "start":
        page = f"<html><head><title>{status} {phrase}</title></head><body><h1>{phrase}</h1></body></html>"
        return Answer(status, page.encode(), headers | {"Content-Type": "text/html"})
    code, message = phrase.replace(" ", ""), f"{phrase}: this is a fault that was asked for."
    if face in SITES:
        said = {"lang": "en-US", "value": message}
        return Answer(status, {"odata.error": {"code": f"-1, {code}", "message": said}}, headers)
    if face == "authority":
        return Answer(status, {"error": "temporarily_unavailable", "error_description": message}, headers)
    return Answer(status, {"error": {"code": code, "message": message, "innerError": {}}}, headers)


def _reply_of(answer: Answer) -> _Reply:
    headers = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(answer.body))}
    raw = tuple((name.lower().encode(), value.encode()) for name, value in (headers | dict(answer.headers)).items())
    return _Reply(answer.status, raw, answer.body)


def _mislabelled(reply: _Reply, salt: int) -> _Reply:
    headers = tuple((name, _made_up(value, salt) if name == b"etag" else value) for name, value in reply.headers)
    body = _ETAG.sub(lambda found: found[1] + _made_up(found[2], salt) + found[3], reply.body)
    return replace(reply, headers=headers, body=body)


def _mislabelled_item(answer: Answer, salt: int) -> Answer:
    if not isinstance(answer.content, dict):
        return answer
    said = {
        name: _made_up(str(value).encode(), salt).decode() if name.casefold().endswith("etag") else value
        for name, value in answer.content.items()
    }
    return replace(answer, content=said)


def _made_up(etag: bytes, salt: int) -> bytes:
    """Of the same look and length: a version keeps its digits, a checksum its letters."""

    def other(found: re.Match[bytes]) -> bytes:
        number = int(hashlib.sha256(b"%d %b" % (salt, etag)).hexdigest(), 16)
        text = str(number) if found[0].isdigit() else f"{number:X}"
        return text[: len(found[0])].encode()

    return _LAST_WORD.sub(other, etag, count=1)


async def _read(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _collected(app: ASGIApp, scope: Scope, body: bytes) -> _Reply:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    return _Reply(start["status"], tuple(start["headers"]), b"".join(part.get("body", b"") for part in sent[1:]))


def _at_once(running: Coroutine[Any, Any, _Reply]) -> _Reply:
    """Runs to the end without letting anybody else run: what they change in between would be undone too."""
    try:
        running.send(None)
    except StopIteration as ended:
        reply: _Reply = ended.value
        return reply
    running.close()
    raise AssertionError("a face waited for something while it answered")


async def _ended(transport: asyncio.Transport, receive: Receive) -> None:
    transport.abort()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Until the server knows; it would say a word about an application that answers nothing otherwise."""
    while (await receive())["type"] != "http.disconnect":
        pass
