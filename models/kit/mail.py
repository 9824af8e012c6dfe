"""Queueing mails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from uuid_utils.compat import uuid7

from models.work import Work


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that waits to be sent.

    Attributes:
        template: A template of `workers/templates/mail/`.
        to: One bare address.
        shown: The values of the template.
        token: The token of the mail's link, sealed while it waits in the table; None for a mail without a link.
        id: The same for every try, so that a receiver can recognise a repetition.
    """

    template: str
    to: str
    shown: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None
    id: UUID = field(default_factory=uuid7)

    def queue(self, work: Work) -> None:
        """Send the mail once the transaction has committed."""
        work.defer("mail.send", self)
