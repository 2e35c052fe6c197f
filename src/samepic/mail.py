"""Messages by SMTP: one connection for all of them, each told apart as taken or refused."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from samepic.errors import UserError

PATIENCE = 30.0
"""Seconds for each answer of the mail server."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where to hand messages in. `ca` is a PEM file of authorities to trust besides the machine's own."""

    host: str
    sender: str
    port: int = 0
    encryption: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None

    @property
    def usual_port(self) -> int:
        return self.port or (465 if self.encryption == "tls" else 587)


@dataclass(frozen=True, slots=True)
class Letter:
    to: str
    subject: str
    text: str
    language: str = "en"

    def message(self, sender: str, at: datetime) -> EmailMessage:
        """Raises ValueError where an address or the subject would break out of its line."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, self.to, self.subject
        message["Date"], message["Message-ID"] = format_datetime(at), make_msgid(domain=sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
        message.set_content(self.text)
        message["Content-Language"] = self.language  # last: setting the content clears what is said about it
        return message


class Mailer:
    """An async context manager: connects and signs in, sends, and says goodbye. Raises UserError, naming the server."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def __aenter__(self) -> Self:
        try:
            self._connection = await asyncio.to_thread(_connect, self._server)
        except (OSError, smtplib.SMTPException) as why:
            raise self._trouble(why) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(_leave, self._connection)

    async def send(self, letter: Letter, at: datetime) -> str:
        """Empty where the server took it; else why it will not, in the server's words."""
        try:
            message = letter.message(self._server.sender, at)
            await asyncio.to_thread(self._connection.send_message, message)
        except smtplib.SMTPRecipientsRefused as why:
            return _said(next(iter(why.recipients.values())))
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as why:
            return _said((why.smtp_code, why.smtp_error))
        except (ValueError, smtplib.SMTPNotSupportedError) as why:
            return f"{letter.to!r} cannot be written to: {why}."
        except (OSError, smtplib.SMTPException) as why:
            raise self._trouble(why) from None
        return ""

    def _trouble(self, why: Exception) -> UserError:
        place = f"{self._server.host}:{self._server.usual_port}"
        if isinstance(why, smtplib.SMTPResponseException):
            said = _said((why.smtp_code, why.smtp_error))
            remedy = "Check user and password in [mail]."
            return UserError(f"The mail server {place} does not let us in: {said}", remedy)
        return UserError(
            f"The mail server {place} cannot be used: {why}.", "Check host, port and encryption in [mail]."
        )


def _connect(server: MailServer) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if server.ca is not None:
        trust.load_verify_locations(server.ca)
    if server.encryption == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.usual_port, timeout=PATIENCE, context=trust)
    else:
        connection = smtplib.SMTP(server.host, server.usual_port, timeout=PATIENCE)
    try:
        if server.encryption == "starttls":
            connection.starttls(context=trust)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _leave(connection: smtplib.SMTP) -> None:
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()


def _said(answer: tuple[int, bytes | str]) -> str:
    code, text = answer
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"
