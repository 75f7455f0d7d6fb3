"""Letters to people, through the SMTP server that the installation names. One letter, one connection: there
are few of them, and a server that went away meanwhile is no trouble then.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from backend.core.errors import InvalidInput, TryLater

SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Server:
    """`security`: starttls, tls (from the first byte) or none. Without a user nobody signs in."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    to: Sequence[str]
    subject: str
    text: str


def send(server: Server, letter: Letter, now: datetime) -> tuple[str, ...]:
    """The addresses that the server refused while it took the letter for others. TryLater while it is away or
    busy, InvalidInput when it does not want this letter at all.
    """
    try:
        with _connected(server) as line:
            return tuple(line.send_message(_message(server, letter, now)))
    except (
        smtplib.SMTPRecipientsRefused,
        smtplib.SMTPSenderRefused,
        smtplib.SMTPAuthenticationError,
    ) as error:
        raise InvalidInput("mail.refused", error=type(error).__name__) from error
    except smtplib.SMTPResponseException as error:
        kind = InvalidInput if error.smtp_code >= 500 else TryLater
        raise kind("mail.refused", error=str(error.smtp_code)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise TryLater("mail.unreachable", error=type(error).__name__) from error


def _connected(server: Server) -> smtplib.SMTP:
    if server.security == "tls":
        line: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=SECONDS, context=ssl.create_default_context()
        )
    else:
        line = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    if server.security == "starttls":
        line.starttls(context=ssl.create_default_context())
    if server.user:
        line.login(server.user, server.password or "")
    return line


def _message(server: Server, letter: Letter, now: datetime) -> EmailMessage:
    """Headers are made by the library, which refuses line breaks in them: nothing can be smuggled in."""
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = ", ".join(letter.to)
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message
