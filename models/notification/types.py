"""The kinds of notifications, as data: a new one is a line here."""

from collections.abc import Mapping
from dataclasses import dataclass

IN_APP, EMAIL = "in_app", "email"
CHANNELS = (IN_APP, EMAIL)


@dataclass(frozen=True, slots=True)
class NotificationType:
    """One kind.

    Attributes:
        title: How the preferences call it.
        channels: The ways it takes as long as a person has not chosen otherwise.
        required: The ways that cannot be switched off.
        own_mail: Whoever notifies sends a mail of its own kind beside it, also in quiet hours.
    """

    title: str
    channels: frozenset[str]
    required: frozenset[str] = frozenset()
    own_mail: bool = False


_APP, _BOTH = frozenset({IN_APP}), frozenset(CHANNELS)

TYPES: Mapping[str, NotificationType] = {
    "account.security": NotificationType("Security of your account", _BOTH, required=_BOTH, own_mail=True),
    "message.waiting": NotificationType("Messages that came while you were away", _BOTH),
    "onboarding.completed": NotificationType("Your introduction is complete", _APP),
    "role.requested": NotificationType("Somebody asks for a role", _BOTH),
}
