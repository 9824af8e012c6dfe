"""The limits of accounts."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """What an installation allows.

    Attributes:
        signups_per_hour: Accounts that one network may open in an hour.
        session: How long a session lives without being refreshed.
    """

    signups_per_hour: int
    session: timedelta
