"""What a server says about a socket without being asked: `session.*` notifications (PROTOCOL.md, sections 2 and 6)."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from server.kernel.notifications import NotificationType
from server.kernel.shapes import View


class SessionUser(View):
    """The user of a socket."""

    id: str
    email: str
    full_name: str
    role: str
    roles: list[str]


class TopicPosition(View):
    """Where a topic stands."""

    seq: Annotated[int, Field(ge=0)]


class SocketLimits(View):
    """What one socket may do: sizes in bytes, and how many calls, topics and members of a batch at once."""

    max_message_bytes: int
    max_frame_bytes: int
    queries: int
    commands: int
    topics: int
    batch: int


class SessionReady(View):
    """The first frame of a socket. `user` is null for a guest; `topics` are those that are subscribed already."""

    connection_id: str
    protocol: str
    epoch: str
    server_time: datetime
    user: SessionUser | None
    topics: dict[str, TopicPosition]
    limits: SocketLimits
    heartbeat_seconds: int


class SessionExpiring(View):
    """The moment when the access token expires."""

    expires_at: datetime


class SessionDraining(View):
    """When to reconnect, in milliseconds from now, and when the socket is closed at the latest."""

    reconnect_after_ms: Annotated[int, Field(ge=0)]
    closes_at: datetime


class SessionUnsubscribed(View):
    """The topic, and a word for the reason."""

    topic: str
    reason: str


READY = NotificationType("session.ready", SessionReady, "The socket is open: its limits, its user, the server's time.")
EXPIRING = NotificationType(
    "session.expiring",
    SessionExpiring,
    "The access token expires in 60 seconds: call `session.refresh` with a new one.",
)
DRAINING = NotificationType(
    "session.draining", SessionDraining, "The server process shuts down: reconnect after the given delay."
)
UNSUBSCRIBED = NotificationType(
    "session.unsubscribed", SessionUnsubscribed, "The socket no longer follows this topic: a right to it was lost."
)
