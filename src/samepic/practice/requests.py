"""Counts what was asked of each face: how a client's forecast of its own requests is checked."""

from __future__ import annotations

from collections import Counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Requests:
    """Counts since the last reset, by face, method and status. Questions to `control` itself are not counted."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, int]] = Counter()

    def reset(self) -> None:
        self._counts.clear()

    def note(self, face: str, method: str, status: int) -> None:
        self._counts[face, method, status] += 1

    def summary(self) -> dict[str, Any]:
        """`{"total": 3, "faces": {"graph": {"total": 3, "methods": {"GET": {"200": 2, "404": 1}}}}}`."""
        faces: dict[str, Any] = {}
        for (face, method, status), count in sorted(self._counts.items()):
            of_face = faces.setdefault(face, {"total": 0, "methods": {}})
            of_face["total"] += count
            of_face["methods"].setdefault(method, {})[str(status)] = count
        return {"total": self._counts.total(), "faces": faces}

    def counting(self, face: str, app: ASGIApp) -> ASGIApp:
        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self.note(face, scope["method"], message["status"])
                await send(message)

            await app(scope, receive, noting)

        return counted
