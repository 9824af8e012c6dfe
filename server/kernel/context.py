"""What a handler gets to know of the call that it answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.errors import Unauthenticated
from models.work import Work
from server.kernel.identity import Identity, Tokens


@dataclass(slots=True)
class Caller:
    """Who calls, and by which way.

    Attributes:
        address: The client's address, for limits and the audit.
        identity: The user; None for a guest.
        expires_at: When the access token runs out.
        connection_id: The socket; None over HTTP.
        connection: The socket's own object, for the control methods of the edge.
        trusted: One of our own routes, which may call what is `internal`.
    """

    address: str
    user_agent: str = ""
    identity: Identity | None = None
    expires_at: datetime | None = None
    connection_id: str | None = None
    connection: Any = None
    trusted: bool = False

    def expired(self, now: datetime) -> bool:
        """Whether there was a user, but the token has run out."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers may use beside the database, built in the composition root."""

    tokens: Tokens


@dataclass(slots=True)
class Ctx:
    """One call, as its handler sees it."""

    caller: Caller
    now: datetime
    request_id: str
    services: Services
    unit: Work | None = None

    @property
    def user(self) -> Identity:
        """The user who calls; raises Unauthenticated for a guest."""
        if self.caller.identity is None:
            raise Unauthenticated
        return self.caller.identity

    @property
    def user_id(self) -> UUID:
        """The id of the user who calls; raises Unauthenticated for a guest."""
        return self.user.user_id

    @property
    def work(self) -> Work:
        """The unit of work of a command or a signal; a query has none."""
        if self.unit is None:
            raise RuntimeError("a query changes nothing")
        return self.unit
