"""A mail server of a few lines, in a thread: takes every message, except for whom it was told not to."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Thread


class PostOffice(socketserver.ThreadingTCPServer):
    """`messages` is what came, by recipient; mail to somebody in `refused` is turned away."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.messages: dict[str, list[EmailMessage]] = {}
        self.refused: set[str] = set()
        self.hangs_up_after = 10_000

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Counter(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self._say("220 ready")
        to = ""
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "RCPT":
                to = line[line.index("<") + 1 : line.index(">")]
                if sum(map(len, self.server.messages.values())) >= self.server.hangs_up_after:
                    return
                self._say("550 no such mailbox" if to in self.server.refused else "250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                self.server.messages.setdefault(to, []).append(self._message())
                self._say("250 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def post_office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        thread = Thread(target=office.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield office
        finally:
            office.shutdown()
            thread.join()
