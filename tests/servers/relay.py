"""A relay to a server on this machine. It can lose an answer: the request arrives, the yes does not. And it can have
something happen at a certain request, such as the end of the server.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable
from typing import Self


class Relay:
    """Listens on a free port and passes everything on, until told otherwise."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._losing: bytes | None = None
        self._awaited: tuple[bytes, int, Callable[[], None]] | None = None
        self._thread = threading.Thread(target=self._run)
        self._selector = selectors.DefaultSelector()
        self._other: dict[socket.socket, socket.socket] = {}
        self._clients: set[socket.socket] = set()
        self._doomed: set[socket.socket] = set()
        self._ending = False

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self._listener.getsockname()[1]}"

    def lose_answer_to(self, operation: bytes) -> None:
        """The next request of that kind is passed on, and its connection ends with the answer."""
        self._losing = operation

    def when(self, operation: bytes, count: int, then: Callable[[], None]) -> None:
        """At the request of that kind with that number, counted from now, something happens before it is passed on."""
        self._awaited = operation, count, then

    def __enter__(self) -> Self:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending = True
        self._thread.join(5)
        for one in list(self._other):
            self._close(one)
        self._selector.close()
        self._listener.close()

    def _run(self) -> None:
        while not self._ending:
            for found, _ in self._selector.select(0.02):
                if found.fileobj is self._listener:
                    self._accept()
                else:
                    self._pass_on(found.fileobj)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self._port))
        except OSError:
            client.close()
            return
        self._other[client], self._other[server] = server, client
        self._clients.add(client)
        for one in (client, server):
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, one: socket.socket) -> None:
        if one not in self._other:
            return
        data = b""
        with contextlib.suppress(OSError):
            data = one.recv(1_000_000)
        if not data or one in self._doomed:
            self._close(one)
            return
        if one in self._clients:
            self._heed(_operation(data), self._other[one])
        with contextlib.suppress(OSError):
            self._other[one].sendall(data)

    def _heed(self, operation: bytes, server: socket.socket) -> None:
        if operation == self._losing:
            self._losing = None
            self._doomed.add(server)
        if self._awaited is not None and operation == self._awaited[0]:
            _, count, then = self._awaited
            self._awaited = (operation, count - 1, then) if count > 1 else None
            if count == 1:
                then()

    def _close(self, one: socket.socket) -> None:
        """Both ends of a connection, unless they are closed already."""
        if one in self._other:
            for end in (one, self._other.pop(one)):
                self._other.pop(end, None)
                self._selector.unregister(end)
                end.close()


def _operation(message: bytes) -> bytes:
    """The tag of an LDAPMessage's operation, which follows its length and its number."""
    start = 2 + (message[1] & 0x7F if message[1] & 0x80 else 0)
    start += 2 + message[start + 1]
    return message[start : start + 1]
