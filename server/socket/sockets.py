"""All sockets of the process: who they belong to, how many there may be, and what ends them."""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from models.errors import InvalidState
from models.kit.topics import user_topic
from server.kernel import metrics
from server.kernel.closing import GUEST_IDLE, INTERNAL_ERROR, REPLACED, TOKEN_EXPIRED
from server.kernel.context import Caller
from server.kernel.dispatch import Dispatcher
from server.kernel.identity import Identity, Sessions, TokenInvalid, Tokens
from server.kernel.log import Log, Message, moment
from server.loops import Loop
from server.socket.connection import Connection, Limits
from server.socket.hub import Hub
from server.socket.notifications import EXPIRING
from server.socket.rights import Rights

logger = structlog.get_logger("nexa.sockets")

SWEEP_SECONDS = 1.0
EXPIRING_AHEAD = timedelta(seconds=60)
EXPIRED_GRACE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class SocketCounts:
    """How many sockets there may be at once."""

    per_user: int = 20
    guests_per_network: int = 50


class Sockets:
    """The connections of this process."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        hub: Hub,
        log: Log,
        tokens: Tokens,
        sessions: Sessions,
        limits: Limits,
        counts: SocketCounts,
    ) -> None:
        self.dispatcher = dispatcher
        self.hub = hub
        self.log = log
        self.limits = limits
        self._tokens = tokens
        self._sessions = sessions
        self._counts = counts
        self._all: dict[Connection, None] = {}
        self._of_user: defaultdict[UUID, dict[Connection, None]] = defaultdict(dict)
        self._guests: defaultdict[str, set[Connection]] = defaultdict(set)
        self._rights = Rights(dispatcher.registry, sessions)
        self._touched: set[Connection] = set()
        self._sweeper = Loop("sweep", min(SWEEP_SECONDS, limits.guest_seconds / 4), self._sweep, vital=True)

    async def start(self) -> None:
        """Begin to watch for guests that have gone quiet, and for tokens that run out."""
        self._sweeper.start()

    async def stop(self) -> None:
        """Stop watching."""
        await self._sweeper.stop()

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._all))

    def has_room_for_guest(self, network: str) -> bool:
        """Whether a network may open one more guest socket."""
        return len(self._guests.get(network, ())) < self._counts.guests_per_network

    def add(self, connection: Connection) -> None:
        """Count a new socket."""
        self._all[connection] = None
        if connection.caller.identity is None:
            self._guests[connection.caller.network].add(connection)
        self._measure()

    def retire(self, connection: Connection) -> None:
        """A socket that closes counts no longer and receives nothing more."""
        self.hub.leave(connection, connection.topics)
        connection.topics.clear()
        self._drop_guest(connection)
        identity = connection.caller.identity
        if identity is not None:
            self.hub.unfollow(identity.topic, connection.on_own_event)
            self._drop_of_user(connection, identity)

    def remove(self, connection: Connection) -> None:
        """Forget a socket that is gone."""
        self._all.pop(connection, None)
        self._measure()

    @property
    def users(self) -> list[UUID]:
        """Everybody who has a socket here."""
        return list(self._of_user)

    async def authenticate(self, connection: Connection, token: str) -> int:
        """Give a socket its user; returns the head of the user's own topic.

        Raises TokenInvalid or TokenExpired, and TokenInvalid for a session that was revoked. The user's topic is
        followed before the session is read, and the session is read again when something happens to the user while it
        is read, so that a revocation in between is not missed.
        """
        claims = await self._tokens.verify_or_renew(token, self.dispatcher.clock.now())
        topic = user_topic(claims.user_id)
        try:
            head = await self.hub.follow(topic, connection.on_own_event)
            identity = await self._identity(connection, claims.session_id)
            if identity is None or identity.user_id != claims.user_id or connection.closing:
                raise TokenInvalid
        except BaseException:
            self.hub.unfollow(topic, connection.on_own_event)
            raise
        finally:
            self._touched.discard(connection)
        self._adopt(connection, identity, claims.expires_at)
        return head

    async def _identity(self, connection: Connection, session_id: UUID) -> Identity | None:
        while True:
            self._touched.discard(connection)
            identity = await self._sessions(session_id)
            if connection not in self._touched:
                return identity

    def _adopt(self, connection: Connection, identity: Identity, expires_at: datetime) -> None:
        self._drop_guest(connection)
        old = connection.caller
        # A new object: calls that are under way go on as the guest who sent them.
        connection.caller = Caller(
            address=old.address,
            user_agent=old.user_agent,
            identity=identity,
            expires_at=expires_at,
            connection_id=connection.id,
            connection=connection,
        )
        mine = self._of_user[identity.user_id]
        mine[connection] = None
        if len(mine) > self._counts.per_user:
            next(iter(mine)).close(REPLACED)
        self._measure()

    async def caller_of(self, token: str, address: str, user_agent: str) -> Caller:
        """Who calls over HTTP; raises Unauthenticated."""
        claims = await self._tokens.verify_or_renew(token, self.dispatcher.clock.now())
        identity = await self._sessions(claims.session_id)
        if identity is None or identity.user_id != claims.user_id:
            raise TokenInvalid
        return Caller(address, user_agent, identity, claims.expires_at)

    async def refresh(self, connection: Connection, token: str) -> datetime:
        """Let a socket live as long as a newer token of its session; returns until when.

        Raises TokenInvalid when the token is not one of the same session, or the session has ended.
        """
        claims = await self._tokens.verify_or_renew(token, self.dispatcher.clock.now())
        caller = connection.caller
        if caller.identity is None or claims.session_id != caller.identity.session_id:
            raise TokenInvalid("The access token is not one of this socket's session.")
        if await self._sessions(claims.session_id) is None:
            raise TokenInvalid
        if caller.expires_at is None or claims.expires_at > caller.expires_at:
            caller.expires_at = claims.expires_at
            connection.told_to_refresh = False
        return claims.expires_at if caller.expires_at is None else caller.expires_at

    def on_own_event(self, connection: Connection, message: Message) -> None:
        """Something happened to the user of a socket, or of one that is about to get its user."""
        if connection.caller.identity is None:
            self._touched.add(connection)
        else:
            self._rights.on_own_event(connection, message)

    def _drop_guest(self, connection: Connection) -> None:
        guests = self._guests.get(connection.caller.network)
        if guests is not None:
            guests.discard(connection)
            if not guests:
                del self._guests[connection.caller.network]

    def _drop_of_user(self, connection: Connection, identity: Identity) -> None:
        mine = self._of_user.get(identity.user_id)
        if mine is not None:
            mine.pop(connection, None)
            if not mine:
                del self._of_user[identity.user_id]

    def _measure(self) -> None:
        metrics.SOCKETS.labels("open").set(len(self._all))
        metrics.SOCKETS.labels("users").set(len(self._of_user))

    async def _sweep(self) -> None:
        metrics.TALLY.hand_on()
        quiet_since = time.monotonic() - self.limits.guest_seconds
        now = self.dispatcher.clock.now()
        for connection in self:
            try:
                _watch(connection, now, quiet_since)
            except Exception:
                logger.exception("a socket could not be watched")
                connection.close(INTERNAL_ERROR)


def _watch(connection: Connection, now: datetime, quiet_since: float) -> None:
    if connection.caller.identity is not None:
        _watch_token(connection, now)
    elif connection.last_call < quiet_since:
        connection.close(GUEST_IDLE)


def _watch_token(connection: Connection, now: datetime) -> None:
    """Warn before the access token runs out, and close when nobody has brought a newer one."""
    expires_at = connection.caller.expires_at
    if expires_at is None or now < expires_at - EXPIRING_AHEAD:
        return
    if now >= expires_at + EXPIRED_GRACE:
        connection.close(TOKEN_EXPIRED)
    elif not connection.told_to_refresh:
        connection.told_to_refresh = True
        connection.notify(EXPIRING, {"expires_at": moment(expires_at)})


def connection_of(caller: Caller) -> Connection:
    """The socket that a control method is about; raises InvalidState over HTTP."""
    if not isinstance(caller.connection, Connection):
        raise InvalidState("This method is for sockets only.", state="http")
    return caller.connection
