"""Outgoing mail."""

from typing import Protocol
from uuid import UUID


class Mail(Protocol):
    """Hands mails to a mail server."""

    async def send(self, *, to: str, subject: str, text: str, html: str, message_id: UUID) -> bool:
        """Hand a mail over; return False when it was refused for good. Raises when another try may succeed.

        Args:
            to: One bare address.
            subject: One line; line breaks are removed.
            text: The mail as plain text.
            html: The same as HTML.
            message_id: The same for every try, so that a receiver can recognise a repetition.
        """
