"""The limits of messages."""

from dataclasses import dataclass
from datetime import timedelta

PERIOD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """Who may write to people who have not written to them.

    Attributes:
        strangers_per_hour: How many new people one person may write to in an hour.
        strangers_verified: Whether the sender's e-mail address has to be confirmed.
    """

    strangers_per_hour: int = 10
    strangers_verified: bool = True
