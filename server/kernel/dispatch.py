"""The pipeline that every call takes, whichever way it came in.

find → access → limit → validate → handler (a command: in a unit of work) → encode. One place maps errors.
"""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import orjson
import structlog
from prometheus_client import Counter, Histogram
from tortoise import connections
from uuid_utils.compat import uuid7

from models.errors import (
    DomainError,
    EmailUnverified,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    ReauthenticationRequired,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from server.kernel import log, metrics, protocol
from server.kernel.audit import Actor
from server.kernel.clock import Clock
from server.kernel.context import Caller, Ctx, Services
from server.kernel.database import snapshot
from server.kernel.errors import (
    Cancelled,
    MethodNotFound,
    OutcomeUnknownError,
    TimedOut,
    WireError,
    database_cause,
    to_wire,
    worth_another_try,
)
from server.kernel.idempotency import Key
from server.kernel.rates import Charges, Rates
from server.kernel.registry import Kind, Method, Registry
from server.kernel.shapes import Encoded, Params
from server.kernel.unit_of_work import Collected, UnitOfWork, caused_by
from server.kernel.validation import validate

logger = structlog.get_logger("nexa.dispatch")

Read = TypeVar("Read")

AS_OF_TOPICS = 128
RENEWING_SECONDS = 3.0
RIGHTS_CHANGED = (ReauthenticationRequired, EmailUnverified, Forbidden)
NO_KEY = object()
"""No idempotency key was given; null is one that is not valid."""


@dataclass(slots=True)
class Call:
    """One request on its way through the pipeline."""

    caller: Caller
    method: Method
    id: protocol.Id | protocol.NoId
    params: dict[str, Any]
    now: datetime
    started: float = field(default_factory=time.perf_counter)
    key_text: Any = NO_KEY
    as_of: Any = None
    cancelled: bool = False
    after_reply: list[Callable[[], None]] = field(default_factory=list)
    named: str = ""

    @property
    def instant(self) -> bool:
        """Whether it can be carried out where it stands, without waiting for anything."""
        return self.method.instant and self.method.kind is not Kind.COMMAND and self.as_of is None

    @property
    def request_id(self) -> str:
        """How logs and errors name this call; made when somebody asks, for most calls nobody does."""
        if not self.named:
            self.named = str(uuid7())
        return self.named


@dataclass(slots=True)
class Outcome:
    """What came of a call: an encoded result, or an error, never both."""

    result: bytes = b""
    meta: bytes = b""
    error: WireError | None = None
    request_id: str = ""
    """Of a refusal only."""

    def reply(self, id_: protocol.Id | protocol.NoId) -> bytes:
        """The JSON-RPC response."""
        if self.error is not None:
            return protocol.error(id_, self.error.rpc(self.request_id))
        if self.meta:
            return protocol.result_with_meta(id_, self.result, self.meta)
        return protocol.result(id_, self.result)


class Dispatcher:
    """Carries out calls. Everything that all methods share is done here, once."""

    def __init__(
        self, registry: Registry, units: UnitOfWork, clock: Clock, services: Services, rates: Rates, max_bytes: int
    ) -> None:
        self.registry = registry
        self.clock = clock
        self.epoch = ""
        self._units = units
        self.services = services
        self.charges = Charges(rates)
        self._max_bytes = max_bytes

    def begin(self, caller: Caller, request: protocol.Request) -> Call:
        """Find the method and take the reserved params apart; raises MethodNotFound or Invalid."""
        method = self.registry.methods.get(request.method)
        if method is None or (method.access.internal and not caller.trusted):
            raise MethodNotFound
        if isinstance(request.params, list) and request.params:
            raise Invalid({"params": ["Parameters are passed by name, in an object."]})
        params = dict(request.params) if isinstance(request.params, dict) else {}
        call = Call(caller, method, request.id, params, self.clock.now())
        if "idempotency_key" in params and method.kind is Kind.COMMAND:
            call.key_text = params.pop("idempotency_key")
        if "as_of" in params and method.kind is Kind.QUERY:
            call.as_of = params.pop("as_of")
        return call

    def run_now(self, call: Call) -> Outcome:
        """Carry out a method that never waits. Never raises."""
        try:
            ctx, params = self._admit(call)
            result = _invoke(call.method, ctx, params)
            return self._done(call, self._encode(call.method, result))
        except Exception as error:  # noqa: BLE001 - the one place that maps errors
            return self._failed(call, error)

    async def run(self, call: Call) -> Outcome:
        """Carry out any method. Raises nothing but OutcomeUnknownError and the caller's own cancellation."""
        with metrics.RUNNING.labels(call.method.kind).track_inprogress():
            try:
                if call.cancelled:
                    raise Cancelled
                return await self._run(call)
            except OutcomeUnknownError:
                self._count(call, "outcome_unknown")
                raise
            except asyncio.CancelledError:
                if not call.cancelled:
                    raise
                return self._failed(call, Cancelled())
            except Exception as error:  # noqa: BLE001 - the one place that maps errors
                return self._failed(call, error)

    async def _run(self, call: Call) -> Outcome:
        await _renewed(call.caller)
        if call.caller.identity is None:
            self._key(call)
        try:
            ctx, params = await self._admit_anew(call)
        except (*RIGHTS_CHANGED, RateLimited) as refusal:
            known = await self._done_before(call, refusal)
            if known is None:
                raise
            return self._done(call, known)
        if call.method.kind is Kind.COMMAND:
            return self._done(call, await self._command(call, ctx, params, self._key(call)))
        if call.as_of is not None:
            return await self._query_as_of(call, ctx, params)
        return self._done(call, await self._limited(call, ctx, params))

    async def _done_before(self, call: Call, refusal: DomainError) -> bytes | None:
        """The reply of a command that acted before its caller lost the right to it, or called too often.

        The look at the database has a rate too, for everybody can be refused as often as they like.
        """
        key = self._key(call)
        if key is not None and isinstance(refusal, RateLimited):
            try:
                self.charges.answer_again(key.user_id)
            except RateLimited:
                return None
        return await _known_reply(key)

    async def _admit_anew(self, call: Call) -> tuple[Ctx, Params]:
        """Admit by what holds now: a socket may remember a role that was taken, or not know one that was given."""
        method, caller = call.method, call.caller
        self._begin(call)
        if caller.remembers and caller.identity is not None and method.depends_on_roles(caller.identity):
            await self.renew(caller)
        try:
            _check(call)
        except RIGHTS_CHANGED:
            await self.renew(caller)
            _check(call)
        return self._admitted(call)

    async def renew(self, caller: Caller) -> None:
        """Read who calls anew; raises Unauthenticated where the session has ended."""
        if caller.identity is not None:
            caller.identity = await self.services.sessions(caller.identity.session_id)
            if caller.identity is None:
                raise Unauthenticated

    def _admit(self, call: Call) -> tuple[Ctx, Params]:
        self._begin(call)
        _check(call)
        return self._admitted(call)

    def _begin(self, call: Call) -> None:
        """Refuse a token that has run out, and what is called too often, whatever the caller may do."""
        if call.method.kind is not Kind.CONTROL and call.caller.expired(call.now):
            raise Unauthenticated("The access token has run out.")
        self.charges.take(call.method, call.caller)

    def _admitted(self, call: Call) -> tuple[Ctx, Params]:
        return Ctx(call, self.services), validate(call.method.params, call.params)

    def _key(self, call: Call) -> Key | None:
        if call.key_text is NO_KEY:
            return None
        if call.caller.identity is None:
            raise Invalid({"idempotency_key": ["Guests take no idempotency key."]})
        identity, method = call.caller.identity, call.method
        return Key.of(
            identity.user_id, call.key_text, method.name, call.params, secret=method.secret, pepper=self.services.pepper
        )

    async def _command(self, call: Call, ctx: Ctx, params: Params, key: Key | None) -> bytes:
        prepared: list[Any] = []

        async def act(collected: Collected) -> bytes:
            ctx.unit = collected
            return await self._awaited(call.method, ctx, params, *prepared)

        try:
            if (before := call.method.before) is not None:
                known = await _known_reply(key)
                if known is not None:
                    return known
                prepared.append(await self._in_time(call.method, lambda: before(ctx, params), again=True))
            return await self._units.run(
                act,
                now=call.now,
                by=caused_by(call.caller.connection_id, key.text if key else None),
                key=key,
                timeout_seconds=call.method.timeout_seconds,
                actor=_actor(call),
            )
        except OutcomeUnknownError:
            raise
        except Exception:
            # Another one with this key may have committed while we were at work, and be the reason why we failed.
            known = await _known_reply(key)
            if known is None:
                raise
            return known

    async def _limited(self, call: Call, ctx: Ctx, params: Params) -> bytes:
        """A query, signal or control method within its time limit; a query whose connection broke is read again."""
        collected = Collected(self.registry, call.now, caused_by(call.caller.connection_id, None))
        if call.method.kind is Kind.SIGNAL:
            ctx.unit = collected
        is_query = call.method.kind is Kind.QUERY
        encoded = await self._in_time(call.method, lambda: self._awaited(call.method, ctx, params), again=is_query)
        self._units.release_live(collected)
        return encoded

    async def _awaited(self, method: Method, ctx: Ctx, params: Params, *prepared: Any) -> bytes:
        result = _invoke(method, ctx, params, *prepared)
        return self._encode(method, result if method.instant else await result)

    async def _in_time(self, method: Method, read: Callable[[], Awaitable[Read]], *, again: bool) -> Read:
        """What is read within the method's time limit; `again`: once more where the connection broke."""
        try:
            async with asyncio.timeout(method.timeout_seconds) as limit:
                try:
                    return await read()
                except Exception as error:
                    if not again or not worth_another_try(database_cause(error)):
                        raise
                    return await read()
        except TimeoutError as error:
            if limit.expired():
                raise TimedOut from error
            raise

    async def _query_as_of(self, call: Call, ctx: Ctx, params: Params) -> Outcome:
        positions: dict[str, int] = {}

        async def read() -> bytes:
            topics = await self._readable(call)
            async with snapshot() as connection:
                positions.update(await log.heads_in(connection, topics))
                return await self._awaited(call.method, ctx, params)

        encoded = await self._in_time(call.method, read, again=True)
        return self._done(call, encoded, orjson.dumps({"epoch": self.epoch, "positions": positions}))

    async def _readable(self, call: Call) -> list[str]:
        topics = call.as_of
        if not isinstance(topics, list) or not all(isinstance(name, str) for name in topics):
            raise Invalid({"as_of": ["This is a list of topics."]})
        if len(topics) > AS_OF_TOPICS:
            raise Invalid({"as_of": [f"At most {AS_OF_TOPICS} topics."]})
        named = [self.registry.topic(name) for name in topics]
        identity = call.caller.identity
        if call.caller.remembers and identity and any(topic.type.depends_on_roles(identity) for topic in named):
            await self.renew(call.caller)
        for topic in named:
            if not topic.type.logged or not await topic.type.may_follow(call.caller.identity, topic.id):
                raise NotFound
        return topics

    def _encode(self, method: Method, result: object) -> bytes:
        encoded = result if isinstance(result, Encoded) else method.adapter.dump_json(result)
        if len(encoded) > self._max_bytes:
            raise TooLarge("The result is too large; ask for less.", limit=self._max_bytes)
        return encoded

    def _done(self, call: Call, encoded: bytes, meta: bytes = b"") -> Outcome:
        self._count(call, "ok")
        return Outcome(encoded, meta)

    def _failed(self, call: Call, error: BaseException) -> Outcome:
        wire = to_wire(error)
        self._count(call, wire.kind.name)
        if wire.kind.name == "internal_error":
            logger.error("call failed", method=call.method.name, request_id=call.request_id, exc_info=error)
        elif wire.kind.name == "unavailable":
            logger.warning("database away", method=call.method.name, request_id=call.request_id, reason=repr(error))
        return Outcome(error=wire, request_id=call.request_id)

    def _count(self, call: Call, outcome: str) -> None:
        counter, seconds = _meters(call.method.name, outcome)
        metrics.TALLY.count(counter)
        if not call.instant:
            seconds.observe(time.perf_counter() - call.started)


@functools.cache
def _meters(method: str, outcome: str) -> tuple[Counter, Histogram]:
    """The two metrics of an outcome; looking them up by their labels costs as much as the rest of a small call."""
    return metrics.CALLS.labels(method, outcome), metrics.CALL_SECONDS.labels(method)


def _actor(call: Call) -> Actor:
    identity = call.caller.identity
    user_id = identity.user_id if identity else None
    return Actor(call.method.name, user_id, call.caller.address, call.request_id, call.method.audit)


def _check(call: Call) -> None:
    call.method.access.check(call.caller.identity, call.now)


async def _renewed(caller: Caller) -> None:
    """Wait until what has changed about the caller is known; raises Unavailable while the database cannot say."""
    if caller.renewing is not None:
        done, _ = await asyncio.wait([caller.renewing], timeout=RENEWING_SECONDS)
        if not done:
            raise Unavailable(retry_after=1)


async def _known_reply(key: Key | None) -> bytes | None:
    return await key.reply(connections.get("default")) if key is not None else None


def _invoke(method: Method, ctx: Ctx, params: Params, *prepared: Any) -> Any:
    return method.handler(ctx, params, *prepared) if method.takes_params else method.handler(ctx)


def refused(error: DomainError) -> Outcome:
    """The outcome of what never became a call."""
    wire = to_wire(error)
    metrics.CALLS.labels("", wire.kind.name).inc()
    return Outcome(error=wire, request_id=str(uuid7()))
