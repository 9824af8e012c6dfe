"""Mail over SMTP."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import aiosmtplib

Security = Literal["none", "starttls", "tls"]

SECONDS = 20.0
FOR_GOOD = 500
"""Answers from here on mean that another try would be answered in the same way (RFC 5321, section 4.2.1)."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over.

    Attributes:
        security: `starttls` and `tls` refuse a server that does not offer it.
    """

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: Security = "starttls"

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """Read `smtp://user:password@host:587`, `smtps://host`, `smtp://host:25?tls=none`; raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("a mail server is smtp://[user:password@]host[:port] or smtps://…")
        wanted = parse_qs(parts.query).get("tls", ["tls" if parts.scheme == "smtps" else "starttls"])[0]
        if wanted not in {"none", "starttls", "tls"}:
            raise ValueError("tls is none, starttls or tls")
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if wanted == "tls" else 587),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            security=wanted,  # type: ignore[arg-type]  # one of the three, as was just looked at
        )


class SmtpMail:
    """Hands mails to an SMTP server, each over a connection of its own.

    Args:
        server: Where; None while nobody knows yet.
        sender: `Name <address>` that mails come from.
    """

    def __init__(self, server: SmtpServer | None, sender: str) -> None:
        self.server = server
        self._sender = sender
        self._domain = parseaddr(sender)[1].rpartition("@")[2]

    async def start(self) -> None:
        """Nothing has to be made ready."""

    async def stop(self) -> None:
        """Nothing is left behind."""

    async def send(self, *, to: str, subject: str, text: str, html: str, message_id: UUID) -> bool:
        """Hand a mail over; False when it was refused for good. Raises what another try may mend."""
        if self.server is None:
            raise RuntimeError("there is no mail server yet")
        server = self.server
        message = self._message(to, subject, text, html, message_id)
        try:
            async with aiosmtplib.SMTP(
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password or None,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                local_hostname=self._domain,
                timeout=SECONDS,
            ) as smtp:
                await smtp.send_message(message, recipients=[to])
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPDataError, aiosmtplib.SMTPNotSupported) as error:
            if _for_good(error):
                return False
            raise
        return True

    def _message(self, to: str, subject: str, text: str, html: str, message_id: UUID) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = one_line(to)
        message["Subject"] = one_line(subject)
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{message_id}@{self._domain}>"
        # Nobody's holiday notice shall answer (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        return message


def one_line(text: str) -> str:
    """A text without line breaks and other control characters, which could begin a header of their own."""
    kept = (character if unicodedata.category(character)[0] not in "CZ" else " " for character in text)
    return " ".join("".join(kept).split())


def _for_good(error: aiosmtplib.SMTPException) -> bool:
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            return all(one.code >= FOR_GOOD for one in error.recipients)
        case aiosmtplib.SMTPDataError():
            return error.code >= FOR_GOOD
        case _:
            return True
