"""A mail server that delivers nothing: it speaks SMTP, and what it is given can be read at `/dev/mail`.

Every process that sends mail has a server of its own, on a port of 127.0.0.1 that the system chooses, so nobody has to
be first and two installations on one machine do not catch each other's mail. What is caught goes into one list in
Redis, which all processes of the installation read.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import orjson
from aiosmtpd.smtp import SMTP, Envelope, Session

from clients.mail import SmtpMail, SmtpServer
from clients.redis import FAULTS, connect

HOST = "127.0.0.1"
KEPT = 200


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """One mail as it arrived."""

    sender: str
    to: str
    subject: str
    text: str
    html: str
    headers: list[list[str]]
    at: str


class EmulatedMail(SmtpMail):
    """Hands mails to its own emulated server, over real SMTP.

    Args:
        redis_url: Where what was caught is kept.
        prefix: Of the installation.
        sender: `Name <address>` that mails come from.
        port: Where to listen; 0: any free port.
    """

    def __init__(self, redis_url: str, prefix: str, sender: str, port: int = 0) -> None:
        super().__init__(None, sender)
        self._redis = connect(redis_url)
        self._key = f"{prefix}dev:mail"
        self._port = port
        self._listening: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen."""
        self._listening = await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, enable_SMTPUTF8=True, hostname="nexa-emulator", ident="Nexa emulator"), HOST, self._port
        )
        self.server = SmtpServer(HOST, self._listening.sockets[0].getsockname()[1], security="none")

    async def stop(self) -> None:
        """Listen no longer."""
        if self._listening is not None:
            self._listening.close()
        await self._redis.aclose()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Catch a mail. While Redis is away a sender is told to come again, as by any server in trouble."""
        content = envelope.original_content or b""
        caught = [orjson.dumps(_read(content, to)) for to in envelope.rcpt_tos]
        try:
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.lpush(self._key, *caught)
                pipeline.ltrim(self._key, 0, KEPT - 1)
                await pipeline.execute()
        except FAULTS:
            return "451 4.3.0 Nothing can be kept at the moment"
        return "250 2.0.0 Caught"

    async def caught(self) -> list[CaughtMail]:
        """The mails that were caught last, newest first; none while Redis is away."""
        try:
            rows: Any = await self._redis.lrange(self._key, 0, KEPT - 1)
        except FAULTS:
            return []
        return [CaughtMail(**orjson.loads(row)) for row in rows]


def _read(content: bytes, to: str) -> CaughtMail:
    message = message_from_bytes(content, _class=EmailMessage, policy=default)
    return CaughtMail(
        sender=str(message["From"]),
        to=to,
        subject=str(message["Subject"]),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=[[name, str(value)] for name, value in message.items()],
        at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
