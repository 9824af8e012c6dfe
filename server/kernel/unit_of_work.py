"""One transaction with its events and its idempotent reply."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson
from tortoise.backends.asyncpg.client import TransactionWrapper
from uuid_utils.compat import uuid7

from models.errors import DomainError
from server.kernel import audit, log, metrics
from server.kernel.audit import Actor, Change
from server.kernel.database import commit, transaction
from server.kernel.deferred import Nudger, PendingTask, queue
from server.kernel.errors import TimedOut, database_cause, worth_another_try
from server.kernel.idempotency import AlreadyDoneError, Key
from server.kernel.registry import EventType, Registry

TRIES = 3
MAX_EVENT_BYTES = 64 * 1024


class Publisher(Protocol):
    """Where events go once their transaction has committed."""

    def publish(self, messages: Sequence[log.Message]) -> None:
        """Hand events on to whoever is subscribed, here and on other processes; never waits, never raises."""


class Collected:
    """What one run of a handler wants to tell: models see it as their `Work`."""

    def __init__(self, registry: Registry, now: datetime, by: bytes) -> None:
        self.events: list[log.PendingEvent] = []
        self.tasks: list[PendingTask] = []
        self.changes: list[Change] = []
        self._registry = registry
        self._now = now
        self._by = by

    @property
    def now(self) -> datetime:
        """When the call arrived."""
        return self._now

    def emit(self, topic: str, event: str, data: object) -> None:
        """Collect an event; its data is encoded now."""
        declared = self._registry.event(event, topic)
        self.events.append(_encoded(declared, topic, data, self._now, self._by))

    def audit(
        self, target: str, *, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
    ) -> None:
        """Collect what the audit log shall say of this call."""
        self.changes.append(Change(target, before, after))

    def defer(self, task: str, *args: Any, at: datetime | None = None) -> None:
        """Queue a task in this transaction; a fault of ours where no worker declares it, or its arguments differ."""
        declared = self._registry.tasks[task]
        encoded = declared.arguments.dump_json(declared.arguments.validate_python(args)).decode()
        self.tasks.append(PendingTask(uuid7(), task, encoded, at or self._now, declared.lane))


def _encoded(declared: EventType, topic: str, data: object, at: datetime, by: bytes) -> log.PendingEvent:
    if isinstance(data, Mapping) and (unknown := data.keys() - declared.data.model_fields.keys()):
        raise ValueError(f"{declared.name} has no member {', '.join(sorted(unknown))}")
    encoded = declared.data.of(data).model_dump_json().encode()
    if len(encoded) > MAX_EVENT_BYTES:
        raise ValueError(f"{declared.name} holds {len(encoded)} bytes, more than an event may")
    return log.PendingEvent(topic, declared.name, encoded, at, by, declared.logged)


def caused_by(connection_id: str | None, key: str | None) -> bytes:
    """The `by` of an event: which socket and which key caused it, null when nobody's."""
    if connection_id is None and key is None:
        return b"null"
    return orjson.dumps({"connection_id": connection_id, "idempotency_key": key})


class UnitOfWork:
    """Runs a handler in a transaction, and lets its events out after the commit."""

    def __init__(self, registry: Registry, publisher: Publisher, nudger: Nudger) -> None:
        self._registry = registry
        self._publisher = publisher
        self._nudger = nudger

    async def run(
        self,
        act: Callable[[Collected], Awaitable[bytes]],
        *,
        now: datetime,
        by: bytes,
        key: Key | None,
        timeout_seconds: float,
        actor: Actor | None = None,
    ) -> bytes:
        """Carry out `act` once and return its encoded result.

        A deadlock, a serialisation failure or a connection that broke before the commit begins the transaction anew.
        Raises what `act` raises (then nothing has happened, unless the error asks for a commit), AlreadyDoneError when
        the key has acted elsewhere, TimedOut, and OutcomeUnknownError when the COMMIT was not answered.
        """
        for attempt in range(1, TRIES + 1):
            collected = Collected(self._registry, now, by)
            try:
                return await self._once(act, collected, key, timeout_seconds, actor)
            except Exception as error:
                cause = database_cause(error)
                if attempt == TRIES or not worth_another_try(cause):
                    raise
                metrics.RETRIED.labels(type(cause).__name__).inc()
                await asyncio.sleep(0.01 * attempt)
        raise AssertionError("unreachable")

    async def _once(
        self,
        act: Callable[[Collected], Awaitable[bytes]],
        collected: Collected,
        key: Key | None,
        timeout_seconds: float,
        actor: Actor | None,
    ) -> bytes:
        with metrics.DATABASE_SECONDS.time():
            async with transaction() as connection:
                refusal: DomainError | None = None
                reply = b""
                try:
                    async with asyncio.timeout(timeout_seconds) as limit:
                        reply, refusal = await _outcome(act, collected)
                        if actor is not None:
                            await audit.write(connection, actor, collected.changes, collected.now)
                        messages = await self._effects(connection, collected, key, None if refusal else reply)
                except TimeoutError as error:
                    raise TimedOut if limit.expired() else error from error
                await commit(connection)
        self._release(messages)
        for lane in {task.lane for task in collected.tasks}:
            due = [task.id for task in collected.tasks if task.lane == lane and task.due_at <= collected.now]
            self._nudger.nudge(due, lane)
        if refusal is not None:
            raise refusal
        return reply

    async def _effects(
        self, connection: TransactionWrapper, collected: Collected, key: Key | None, reply: bytes | None
    ) -> list[log.Message]:
        """What belongs to the transaction beside the handler's rows; the events last, for they lock topics.

        `reply` is None for an error that commits: it is not kept, but it may not add to what its key has done either.
        """
        await queue(connection, collected.tasks)
        if key is not None and reply is not None:
            await key.keep(connection, reply)
        elif key is not None and await key.reply(connection) is not None:
            raise AlreadyDoneError
        logged = iter(await log.append(connection, [event for event in collected.events if event.logged]))
        return [next(logged) if event.logged else live(event) for event in collected.events]

    def tell(self, topic: str, event: str, data: object, now: datetime) -> None:
        """Let out a live event that nobody's call has caused."""
        collected = Collected(self._registry, now, b"null")
        collected.emit(topic, event, data)
        self.release_live(collected)

    def release_live(self, collected: Collected) -> None:
        """Let out what a signal emitted; raises ValueError if that was to be logged, for nothing is stored."""
        if collected.tasks or any(event.logged for event in collected.events):
            raise ValueError("nothing is stored here: neither tasks nor logged events")
        self._release([live(event) for event in collected.events])

    def _release(self, messages: Sequence[log.Message]) -> None:
        for message in messages:
            if message.seq is not None:
                metrics.LOGGED.labels(message.name).inc()
        if messages:
            self._publisher.publish(messages)


async def _outcome(
    act: Callable[[Collected], Awaitable[bytes]], collected: Collected
) -> tuple[bytes, DomainError | None]:
    try:
        return await act(collected), None
    except DomainError as error:
        if not error.commit:
            raise
        return b"", error


def live(event: log.PendingEvent) -> log.Message:
    """A live event, ready to be published."""
    body = log.encode(event.topic, None, event.name, log.moment(event.at), event.by, event.data)
    return log.Message(event.topic, None, event.name, body)
