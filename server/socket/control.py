"""The methods about the socket itself: `session.*` and `rpc.*` (PROTOCOL.md, sections 5 and 6)."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

import orjson
from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from models.errors import Conflict, DomainError, Invalid, InvalidState, NotFound, Unauthenticated, Unavailable
from server.kernel import metrics
from server.kernel.errors import KINDS, kind_of, to_wire
from server.kernel.log import BYTES_PER_REPLY, Missed, moment
from server.kernel.registry import Kind, TopicName
from server.kernel.rpc import Ctx, Encoded, Params, Text, View, control, public, user
from server.socket.channel import Join
from server.socket.connection import Connection
from server.socket.notifications import SessionUser, TopicPosition
from server.socket.sockets import connection_of

MAX_SEQ = 2**63 - 1
BYTES_PER_TOKEN = 16 * 1024
"""What is read from the log costs besides a token for each of these."""


TopicText = Annotated[str, Text(max=200)]


class AuthenticateParams(Params):
    """`access_token` as `login` gave it."""

    access_token: Annotated[str, Text(max=4096)]


class Position(Params):
    """How far a client has followed a topic."""

    seq: Annotated[int, Field(ge=0, le=MAX_SEQ)]
    epoch: Annotated[str, Text(max=200)] | None = None


class SubscribeParams(Params):
    """Topics, each with the last position seen, or null to begin now."""

    topics: dict[TopicText, Position | None]


class UnsubscribeParams(Params):
    """Topics to follow no longer."""

    topics: Annotated[list[TopicText], Field(max_length=1000)]


class PingParams(Params):
    """`t` is sent back as it came."""

    t: Any = None


def _is_id(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError as error:  # one text for the field, rather than one for each type that it could have
        raise PydanticCustomError("id_type", "This must be a text or a number.") from error


class CancelParams(Params):
    """The `id` of the request to give up."""

    id: Annotated[str | int | float, WrapValidator(_is_id)]


class Authenticated(View):
    """Who the socket belongs to from now on, and where the user's own topic stands."""

    user: SessionUser
    connection_id: str
    expires_at: datetime
    epoch: str
    topics: dict[str, TopicPosition]


class Refreshed(View):
    """Until when the socket may be used."""

    expires_at: datetime


class WhoAmI(View):
    """Who calls; `user` is null for a guest."""

    user: SessionUser | None
    roles: list[str]
    expires_at: datetime | None
    server_time: str


class Pong(View):
    """The answer to a ping."""

    t: Any
    server_time: str


class Subscribed(View):
    """What became of each topic: a position with what was missed, or an error."""

    epoch: str
    topics: dict[str, dict[str, Any]]


class Unsubscribed(View):
    """The topics that were left; those that were not subscribed are not named."""

    unsubscribed: list[str]


class CancelResult(View):
    """Whether there was such a query."""

    cancelled: bool


@control("session.authenticate", access=public)
async def authenticate(ctx: Ctx, params: AuthenticateParams) -> Authenticated:
    """Give this socket its user. It is a barrier: what is sent after it runs as that user.

    Raises InvalidState when the socket has a user, Unauthenticated for a bad token (the socket stays a guest).
    """
    connection = connection_of(ctx.caller)
    if connection.caller.identity is not None:
        raise InvalidState("This socket has a user already.", state="authenticated")
    head = await connection.sockets.authenticate(connection, params.access_token)
    identity, expires_at = connection.caller.identity, connection.caller.expires_at
    if identity is None or expires_at is None:
        raise InvalidState("The socket was closed.", state="closed")
    return Authenticated(
        user=SessionUser(**identity.shown()),
        connection_id=connection.id,
        expires_at=expires_at,
        epoch=connection.sockets.hub.epoch,
        topics={identity.topic: TopicPosition(seq=head)},
    )


@control("session.refresh", access=user)
async def refresh(ctx: Ctx, params: AuthenticateParams) -> Refreshed:
    """Let the socket live on with a newer access token of the same session, also after the old one has run out.

    Raises Unauthenticated for a guest, for a bad token, and for one of another session.
    """
    connection = connection_of(ctx.caller)
    return Refreshed(expires_at=await connection.sockets.refresh(connection, params.access_token))


@control("session.whoami", access=public)
async def whoami(ctx: Ctx) -> WhoAmI:
    """Say who calls."""
    identity = ctx.caller.identity
    return WhoAmI(
        user=SessionUser(**identity.shown()) if identity else None,
        roles=identity.shown()["roles"] if identity else [],
        expires_at=ctx.caller.expires_at,
        server_time=moment(ctx.now),
    )


@control("session.ping", access=public, weight=0)
def ping(ctx: Ctx, params: PingParams) -> Pong:
    """Answer at once, for clients that cannot see the pings of the protocol."""
    return Pong(t=params.t, server_time=moment(ctx.now))


@control("rpc.cancel", access=public, weight=0)
def cancel(ctx: Ctx, params: CancelParams) -> CancelResult:
    """Give up a query of this socket that waits or runs; it is answered with −32099."""
    return CancelResult(cancelled=connection_of(ctx.caller).cancel(params.id))


@control("rpc.discover", access=public, weight=5, result=dict[str, Any])
def discover(ctx: Ctx) -> Encoded:
    """The OpenRPC document of everything, events included."""
    return Encoded(ctx.services.describe())


@control("session.subscribe", access=public, timeout_seconds=30, result=Subscribed)
async def subscribe(ctx: Ctx, params: SubscribeParams) -> Encoded:
    """Follow topics, and get what was missed since the given positions, without gap and without overlap."""
    connection = connection_of(ctx.caller)
    if ctx.caller.expired(ctx.now):
        raise Unauthenticated("The access token has run out.")
    _check_positions(connection, params)
    # Each topic is a call's work; the call itself has taken one token.
    connection.sockets.dispatcher.charges.spend(ctx.caller, Kind.CONTROL, len(params.topics) - 1)
    joining = Joining(connection, ctx)
    try:
        await joining.run(params.topics)
    except BaseException:
        joining.abandon()
        raise
    return Encoded(orjson.dumps({"epoch": connection.sockets.hub.epoch, "topics": joining.answers}))


@control("session.unsubscribe", access=public, weight=0)
def unsubscribe(ctx: Ctx, params: UnsubscribeParams) -> Unsubscribed:
    """Follow topics no longer."""
    connection = connection_of(ctx.caller)
    left = [topic for topic in dict.fromkeys(params.topics) if topic in connection.topics]
    connection.sockets.hub.leave(connection, left)
    connection.topics.difference_update(left)
    return Unsubscribed(unsubscribed=left)


def _check_positions(connection: Connection, params: SubscribeParams) -> None:
    most = connection.sockets.limits.topics
    if len(connection.topics | params.topics.keys()) > most:
        raise Invalid({"topics": [f"A socket follows at most {most} topics."]})
    without = [name for name, at in params.topics.items() if at is not None and at.seq > 0 and at.epoch is None]
    if without:
        raise Invalid({f"topics.{name}.epoch": ["This field is required."] for name in without})


class Joining:
    """One `session.subscribe` on its way (DESIGN.md, section 3, "Joining a topic")."""

    def __init__(self, connection: Connection, ctx: Ctx) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self._connection = connection
        self._hub = connection.sockets.hub
        self._registry = connection.sockets.dispatcher.registry
        self._ctx = ctx
        self._joins: dict[str, Join] = {}
        self._room = BYTES_PER_REPLY
        self._person = ctx.caller.identity.user_id if ctx.caller.identity else ctx.caller.network

    async def run(self, wanted: dict[str, Position | None]) -> None:
        """Answer every topic; those that become live do so right after the reply."""
        known: dict[str, TopicName] = {}
        for name in wanted:
            with_error = self._find(name)
            if with_error is not None:
                known[name] = with_error
        self._joins = await self._hub.begin_join(self._connection, list(known))
        caller = self._ctx.caller
        if caller.identity and any(topic.type.depends_on_roles(caller.identity) for topic in known.values()):
            await self._connection.sockets.dispatcher.renew(caller)
        for name, topic in known.items():
            self.answers[name] = await self._one(name, topic, wanted[name])
        # Rights may have been lost while the topics after it were read.
        for name in [name for name, join in self._joins.items() if not self._hub.is_joining(join)]:
            self.answers[name] = _refusal(NotFound())

    def _find(self, name: str) -> TopicName | None:
        try:
            if name in self._connection.topics:
                raise Conflict("This topic is subscribed already.")
            topic = self._registry.topic(name)
        except DomainError as error:
            self.answers[name] = _refusal(error)
            return None
        self._connection.topics.add(name)
        return topic

    async def _one(self, name: str, topic: TopicName, at: Position | None) -> dict[str, Any]:
        if not await topic.type.may_follow(self._ctx.caller.identity, topic.id):
            self._abandon_one(name)
            return _refusal(NotFound())
        if not topic.type.logged:
            return await self._live(name, topic)
        missed = await self._missed(name, at)
        if missed.more:
            self._abandon_one(name)
        else:
            self._ctx.after_reply.append(partial(self._hub.end_join, self._joins[name], missed.seq))
        return {
            "seq": missed.seq,
            "events": [orjson.Fragment(event.without_version) for event in missed.events],
            "more": missed.more,
            "reset": missed.reset,
        }

    async def _live(self, name: str, topic: TopicName) -> dict[str, Any]:
        shown: dict[str, Any] = {"seq": None, "events": [], "more": False, "reset": False}
        if topic.type.state is not None and topic.id is not None:
            try:
                state = await topic.type.state(self._ctx.services, topic.id)
            except Exception as error:
                wire = to_wire(error)
                if wire.kind is not KINDS[Unavailable]:
                    raise
                # What one topic needs is away, which is no reason to refuse the others.
                self._abandon_one(name)
                return {"error": {"code": wire.kind.code, "message": wire.message}}
            shown["state"] = state.model_dump(mode="json")
        self._ctx.after_reply.append(partial(self._hub.end_join, self._joins[name], None))
        return shown

    async def _missed(self, name: str, at: Position | None) -> Missed:
        log = self._connection.sockets.log
        if at is None:
            return await log.read(name, None, person=self._person)
        if at.epoch is not None and at.epoch != self._hub.epoch:
            head = await log.read(name, None, person=self._person)
            return Missed(head.seq, [], more=False, reset=True)
        whole = self._room == BYTES_PER_REPLY
        missed = await log.read(name, at.seq, self._room, at_least_one=whole, person=self._person)
        read = sum(len(event.body) for event in missed.events)
        self._room -= read
        self._connection.sockets.dispatcher.charges.spend(self._ctx.caller, Kind.CONTROL, read / BYTES_PER_TOKEN)
        metrics.CAUGHT_UP.inc(len(missed.events))
        return missed

    def _abandon_one(self, name: str) -> None:
        join = self._joins.pop(name)
        if self._hub.is_joining(join):
            self._hub.abandon_join(join)
            self._connection.topics.discard(name)

    def abandon(self) -> None:
        """The call failed: nothing of it is subscribed."""
        for name in list(self._joins):
            self._abandon_one(name)


def _refusal(error: DomainError) -> dict[str, Any]:
    return {"error": {"code": kind_of(error).code, "message": error.message}}
