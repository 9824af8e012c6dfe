"""What a handler gets to know of the call that it answers."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from clients.ports import Ports
from models.errors import Unauthenticated
from models.kit.scope import Scope
from models.work import Work
from server.kernel.access import Access
from server.kernel.identity import Identity, Sessions, Tokens
from server.kernel.limits import Buckets
from server.kernel.links import Links
from server.kernel.networks import network_of
from server.kernel.shapes import View
from server.kernel.throttle import Attempts
from server.kernel.vault import Vault

Limits = TypeVar("Limits")


@dataclass(slots=True)
class Caller:
    """Who calls, and by which way.

    Attributes:
        address: The client's address, for the audit; limits count its `network`.
        identity: The user; None for a guest.
        expires_at: When the access token runs out.
        connection_id: The socket; None over HTTP.
        connection: The socket's own object, for the control methods of the edge.
        trusted: One of our own routes, which may call what is `internal`.
        renewing: Done once the identity has been read anew after a change; calls that begin meanwhile wait for it.
    """

    address: str
    user_agent: str = ""
    identity: Identity | None = None
    expires_at: datetime | None = None
    connection_id: str | None = None
    connection: Any = None
    trusted: bool = False
    renewing: "asyncio.Future[None] | None" = None

    @property
    def remembers(self) -> bool:
        """Whether the identity was read earlier: a socket's; over HTTP it is read for each request."""
        return self.connection is not None

    @property
    def network(self) -> str:
        """What guests are limited by."""
        return network_of(self.address)

    def expired(self, now: datetime) -> bool:
        """Whether there was a user, but the token has run out."""
        return self.expires_at is not None and self.expires_at <= now


class SystemInfo(View):
    """What is running, and which of its outside services are played by emulators."""

    status: str
    service: str
    version: str
    environment: str
    auth0_configured: bool
    supabase_configured: bool
    emulated: list[str]
    features: list[str]


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers may use beside the database, built in the composition root.

    Attributes:
        ports: The outside services.
        limits: The limits of domains, an object a class; `ctx.limits(AssistantLimits)` reads one.
        tokens: Issues and checks access tokens.
        info: What `/health` and `system.info` say of this installation.
        describe: The OpenRPC document, encoded.
        vault: Encrypts what is kept and must not be read in the tables.
        pages: The address below which links in mails lead, without a slash at its end.
        file_links: Signs addresses at which a file can be read without a token.
        sessions: Reads who a session stands for.
        pepper: A key of this installation for hashes of what could be guessed.
        buckets: What handlers count themselves, where a limit is a setting or has a key of its own.
        attempts: Wrong passwords.
    """

    ports: Ports
    limits: Mapping[type, Any]
    tokens: Tokens
    info: SystemInfo
    describe: Callable[[], bytes]
    vault: Vault
    pages: str
    file_links: Links
    sessions: Sessions
    pepper: bytes
    buckets: Buckets = field(default_factory=Buckets)
    attempts: Attempts = field(default_factory=Attempts)

    def limits_of(self, kind: type[Limits]) -> Limits:
        """Return the limits of a domain, as this installation sets them."""
        found: Limits = self.limits[kind]
        return found


class Declared(Protocol):
    """What a call has to know of its method here."""

    @property
    def access(self) -> Access:
        """Who may call it."""


class Calling(Protocol):
    """What a handler may know of the call that it answers."""

    @property
    def method(self) -> Declared:
        """What is called."""

    caller: Caller
    now: datetime
    as_of: Any
    after_reply: list[Callable[[], None]]

    @property
    def request_id(self) -> str:
        """How logs and errors name this call."""


@dataclass(slots=True)
class Ctx:
    """One call, as its handler sees it."""

    call: Calling
    services: Services
    unit: Work | None = None

    @property
    def caller(self) -> Caller:
        """Who calls, and by which way."""
        return self.call.caller

    @property
    def ports(self) -> Ports:
        """The outside services."""
        return self.services.ports

    def limits(self, kind: type[Limits]) -> Limits:
        """Return the limits of a domain, as this installation sets them."""
        return self.services.limits_of(kind)

    @property
    def now(self) -> datetime:
        """When the call arrived."""
        return self.call.now

    @property
    def request_id(self) -> str:
        """How logs and errors name this call."""
        return self.call.request_id

    @property
    def pinned(self) -> bool:
        """Whether all is read as of one moment (`as_of`), in a transaction: waiting would hold it, and show nothing."""
        return self.call.as_of is not None

    @property
    def after_reply(self) -> list[Callable[[], None]]:
        """What is put here happens once a successful reply is on its way."""
        return self.call.after_reply

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
    def scope(self) -> Scope:
        """Whose rows the caller reaches, by the method's own access; a fault of ours where that is not `own`."""
        access = self.call.method.access
        scope = access.scope(self.user)
        if not access.own or scope is None:
            raise RuntimeError("the access of this method does not say whose rows it reaches")
        return scope

    def reach(self, access: Access) -> Scope | None:
        """Whose rows the caller reaches by another rule than the method's; None where it does not admit them."""
        return access.scope(self.caller.identity)

    @property
    def work(self) -> Work:
        """The unit of work of a command or a signal; a query has none."""
        if self.unit is None:
            raise RuntimeError("a query changes nothing")
        return self.unit
