"""The close codes of a socket (PROTOCOL.md, section 8): one table that the server closes with and publishes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a socket is closed.

    Attributes:
        code: The close code of RFC 6455; 4000 and above are ours.
        reason: The reason text of the close frame.
        client: What a client does next.
        reconnect: Whether a client opens a new socket.
    """

    code: int
    reason: str
    client: str
    reconnect: bool


NOT_UTF8 = Closing(1007, "not UTF-8", "Has a bug.", reconnect=False)
MESSAGE_TOO_BIG = Closing(1009, "message too big", "Has a bug: a message exceeds `max_message_bytes`.", reconnect=False)
NO_PONG = Closing(1011, "keepalive ping timeout", "Reconnects.", reconnect=True)
INTERNAL_ERROR = Closing(1011, "internal error", "Reconnects.", reconnect=True)
GOING_AWAY = Closing(1012, "the process goes away", "Reconnects.", reconnect=True)
TOKEN_EXPIRED = Closing(4001, "the access token ran out", "Gets a new access token, then reconnects.", reconnect=True)
GUEST_IDLE = Closing(4008, "idle guest", "Reconnects when it needs to.", reconnect=True)
ANOTHER_EPOCH = Closing(4010, "the log has another epoch", "Reconnects and reads its state again.", reconnect=True)
OUTCOME_UNKNOWN = Closing(
    4011, "outcome unknown", "Reconnects and resends the command with its idempotency key.", reconnect=True
)
SLOW_CONSUMER = Closing(4013, "slow consumer", "Reconnects and catches up.", reconnect=True)
TOO_MUCH = Closing(4029, "too much input", "Waits a minute, then reconnects.", reconnect=True)
NOT_OUR_PROTOCOL = Closing(4400, "text frames only", "Has a bug.", reconnect=False)
SESSION_REVOKED = Closing(4403, "the session was revoked", "Logs in again.", reconnect=False)
SUSPENDED = Closing(4404, "the account is suspended", "Stops.", reconnect=False)
REPLACED = Closing(4409, "replaced by a newer socket", "Stops: a newer socket took its place.", reconnect=False)

CLOSINGS = (
    NOT_UTF8,
    MESSAGE_TOO_BIG,
    NO_PONG,
    GOING_AWAY,
    TOKEN_EXPIRED,
    GUEST_IDLE,
    ANOTHER_EPOCH,
    OUTCOME_UNKNOWN,
    SLOW_CONSUMER,
    TOO_MUCH,
    NOT_OUR_PROTOCOL,
    SESSION_REVOKED,
    SUSPENDED,
    REPLACED,
)
"""Every close code once, in the order of the codes."""
