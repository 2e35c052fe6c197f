"""Counts what was asked of each face: how a client's forecast of its own requests is checked."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samepic.practice.wire import Answer, Ask, Face

_CALLED_WITH = re.compile(r"\((?:'[^']*'|[^()'])*\)")


class Requests:
    """Counts since the last reset, by face, method and status. Questions to `control` itself are not counted."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._items: Counter[tuple[str, int]] = Counter()
        self._posts: Counter[tuple[str, str]] = Counter()

    def reset(self) -> None:
        self._counts.clear()
        self._items.clear()
        self._posts.clear()

    def summary(self) -> dict[str, Any]:
        """`{"total": 3, "faces": {"graph": {"total": 3, "methods": {"GET": {"200": 2, "404": 1}}}}, "batched": {}}`.

        The total is of HTTP requests; items of a batch are told apart, as `{"GET": {"200": 20}}`. Since a POST may
        change something or not, a face has `posts` too, by the last word of their paths: `{"$batch": 3, "add": 1}`.
        """
        faces: dict[str, Any] = {}
        for (face, method, status), count in sorted(self._counts.items()):
            of_face = faces.setdefault(face, {"total": 0, "methods": {}})
            of_face["total"] += count
            of_face["methods"].setdefault(method, {})[str(status)] = count
        for (face, word), count in sorted(self._posts.items()):
            faces[face].setdefault("posts", {})[word] = count
        batched: dict[str, dict[str, int]] = {}
        for (method, status), count in sorted(self._items.items()):
            batched.setdefault(method, {})[str(status)] = count
        return {"total": self._counts.total(), "faces": faces, "batched": batched}

    def counting_items(self, inside: Face) -> Face:
        def counted(ask: Ask) -> Answer:
            answer = inside(ask)
            self._items[ask.method, int(answer.status)] += 1
            return answer

        return counted

    def counting(self, face: str, app: ASGIApp) -> ASGIApp:
        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._counts[face, scope["method"], message["status"]] += 1
                    if scope["method"] == "POST":
                        self._posts[face, _last_word(scope["path"])] += 1
                await send(message)

            await app(scope, receive, noting)

        return counted


def _last_word(path: str) -> str:
    """Without what it is called with: `add` of `/Files/add(url='a.jpg')`."""
    return _CALLED_WITH.sub("", path).rpartition("/")[2]
