"""Deferred tasks: queued in the transaction of their command, claimed with a lease, deleted with their effect.

A task of a committed command runs at least once, one of a rolled-back command never. PostgreSQL is the truth; a nudge
over Redis makes it fast, and the clock finds what no nudge has reached.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import structlog
from tortoise import connections
from uuid_utils.compat import uuid7

from clients.ports import Ports
from server.kernel import database, metrics
from server.kernel.audit import Actor
from server.kernel.clock import Clock
from server.kernel.context import Limits, Services
from server.kernel.deferred import BeatType, Lane, PendingTask, TaskType, queue
from server.kernel.errors import DATABASE_AWAY, OutcomeUnknownError, database_cause
from server.kernel.unit_of_work import Collected, UnitOfWork

logger = structlog.get_logger("nexa.tasks")

FIRST_DELAY_SECONDS = 2.0
LONGEST_DELAY_SECONDS = 3600.0
ERROR_CHARACTERS = 2000
UNKNOWN = "a worker that does not know this task has left it to others"
PATIENCE_SECONDS = 1.0

T = TypeVar("T")


@dataclass(slots=True)
class TaskCtx:
    """One run of a task, as its function sees it.

    Attributes:
        unit: The same transaction as the deletion of its row; an external task has none, but can open short ones.
        now: When this run began.
    """

    unit: Collected | None
    services: Services
    attempt: int
    now: datetime
    held: "Held | None" = None

    @property
    def work(self) -> Collected:
        """The unit of work of a task that is not external."""
        if self.unit is None:
            raise RuntimeError("an external task has no transaction")
        return self.unit

    @property
    def ports(self) -> Ports:
        """The outside services."""
        return self.services.ports

    def limits(self, kind: type[Limits]) -> Limits:
        """Return the limits of a domain, as this installation sets them."""
        return self.services.limits_of(kind)

    async def transact(self, act: Callable[[Collected], Awaitable[T]], *, patience_seconds: float = 0) -> T:
        """Carry out one short transaction of an external task, if its lease is still its own.

        While the database is away it is tried again for so long. As the answer to a COMMIT may have been lost, `act`
        may then run again after it has happened. Raises LeaseLostError when another worker has taken the task over.
        """
        if self.held is None:
            raise RuntimeError("only a task has a lease")
        return await self.held.transact(act, patience_seconds)

    def tell(self, topic: str, event: str, data: object) -> None:
        """Let out a live event now, outside of any transaction."""
        if self.held is None:
            raise RuntimeError("only a task has a lease")
        self.held.units.tell(topic, event, data, self.held.clock.now())


# A row can be claimed by exactly one: the lock is skipped by everybody else, and the lease outlives the statement.
# What this worker does not know is left to others: while a new version is rolled out, the old one still runs.
_CLAIM = """
WITH claimed AS (
WITH mine AS (
    SELECT id FROM deferred_task
    WHERE {which} AND failed_at IS NULL AND due_at <= $1 AND (lease_until IS NULL OR lease_until < $1)
        AND name = ANY($3::text[])
    ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE deferred_task t SET
    attempt = t.attempt + 1, lease = gen_random_uuid(), lease_until = $1::timestamptz + interval '10 seconds'
FROM mine WHERE t.id = mine.id RETURNING t.id, t.name, t.args, t.attempt, t.lease
) SELECT * FROM claimed
"""
_CLAIM_ONE = _CLAIM.format(which="id = $4")
_CLAIM_DUE = _CLAIM.format(which="true")

_RENEW = "UPDATE deferred_task SET lease_until = $3 WHERE id = $1 AND lease = $2"
_HELD = "SELECT true AS held FROM deferred_task WHERE id = $1 AND lease = $2 FOR NO KEY UPDATE"
_FINISH = """
WITH done AS (DELETE FROM deferred_task WHERE id = $1 AND lease = $2 RETURNING 1) SELECT count(*) AS n FROM done
"""
_PUT_BACK = """
UPDATE deferred_task SET due_at = $3, error = $4, failed_at = $5, lease = NULL, lease_until = NULL
WHERE id = $1 AND lease = $2
"""
_MARK_UNKNOWN = """
UPDATE deferred_task SET error = $3
WHERE failed_at IS NULL AND due_at <= $1 AND lease IS NULL AND error IS NULL AND name <> ALL($2::text[])
RETURNING name
"""
_COUNT = """
SELECT (SELECT count(*) FROM deferred_task WHERE failed_at IS NULL AND due_at <= $1 AND lease IS NULL) AS waiting,
       (SELECT count(*) FROM deferred_task WHERE failed_at IS NOT NULL) AS failed
"""
_ENROL = """
INSERT INTO periodic_work (name, due_at) SELECT name, $2 FROM unnest($1::text[]) AS t(name) ON CONFLICT DO NOTHING
"""
_PERIODIC = "SELECT name, due_at FROM periodic_work WHERE due_at <= $1 FOR UPDATE SKIP LOCKED"
_NEXT_PERIOD = "UPDATE periodic_work SET due_at = $2 WHERE name = $1"
_UNDER_WAY = "SELECT DISTINCT name FROM deferred_task WHERE failed_at IS NULL AND name = ANY($1::text[])"


class LeaseLostError(Exception):
    """Another worker has taken the task over: this run's effect must not be committed."""


class TransactionLostError(Exception):
    """A task's transaction lost its connection after so long that it may itself have been the cause."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A task that this worker holds."""

    id: UUID
    name: str
    args: str
    attempt: int
    lease: UUID


@dataclass(frozen=True, slots=True)
class Held:
    """The lease of one run of a task, and what its transactions are made with."""

    claimed: Claimed
    units: UnitOfWork
    clock: Clock

    async def transact(self, act: Callable[[Collected], Awaitable[T]], patience_seconds: float) -> T:
        """As `TaskCtx.transact` says."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience_seconds
        while True:
            try:
                return await self._once(act)
            except Exception as error:
                is_away = isinstance(database_cause(error), (*DATABASE_AWAY, OutcomeUnknownError))
                if not is_away or loop.time() + PATIENCE_SECONDS > until:
                    raise
                logger.warning("the database is awaited", task_id=str(self.claimed.id), reason=repr(error))
                await asyncio.sleep(PATIENCE_SECONDS)

    async def _once(self, act: Callable[[Collected], Awaitable[T]]) -> T:
        results: list[T] = []

        async def under_lease(collected: Collected) -> bytes:
            values = [self.claimed.id, self.claimed.lease]
            if not await connections.get("default").execute_query_dict(_HELD, values):
                raise LeaseLostError
            results.append(await act(collected))
            return b""

        await self.units.run(under_lease, now=self.clock.now(), by=b"null", key=None, timeout_seconds=10)
        return results[-1]


class Tasks:
    """Carries tasks out."""

    def __init__(self, types: Sequence[TaskType], units: UnitOfWork, clock: Clock, services: Services) -> None:
        self._types = {one.name: one for one in types}
        self._units = units
        self._clock = clock
        self._services = services

    async def claim(self, task_id: UUID) -> list[Claimed]:
        """Take the task that a nudge named; nothing where another worker has taken it."""
        return await self._claim(_CLAIM_ONE, 1, None, task_id)

    async def claim_due(self, count: int, lane: Lane | None = None) -> list[Claimed]:
        """Take up to so many tasks that are due, or whose worker has died; of one lane, or of all."""
        return await self._claim(_CLAIM_DUE, count, lane)

    async def _claim(self, statement: str, count: int, lane: Lane | None, *arguments: Any) -> list[Claimed]:
        names = [one.name for one in self._types.values() if lane in (None, one.lane)]
        rows = await connections.get("default").execute_query_dict(
            statement, [self._clock.now(), count, names, *arguments]
        )
        return [Claimed(row["id"], row["name"], row["args"], row["attempt"], row["lease"]) for row in rows]

    async def perform(self, claimed: Claimed) -> None:
        """Run a claimed task; its effect and the deletion of its row are one transaction."""
        declared = self._types[claimed.name]
        if claimed.attempt > declared.tries:
            # Nobody was left to say that it failed: it may be what its workers died of.
            await self._put_back(claimed, declared, "every worker that began it died")
            return
        with metrics.TASK_SECONDS.labels(claimed.name).time():
            async with self._renewed(claimed, declared.lease_seconds):
                await self._attempt(claimed, declared)

    async def _attempt(self, claimed: Claimed, declared: TaskType) -> None:
        now = self._clock.now()
        began: float | None = None
        held = Held(claimed, self._units, self._clock)

        async def handle(unit: Collected | None) -> None:
            arguments = declared.arguments.validate_json(claimed.args)
            await declared.handler(TaskCtx(unit, self._services, claimed.attempt, now, held), *arguments)

        async def act(collected: Collected) -> bytes:
            nonlocal began
            began = _begun_anew(began)
            if not declared.external:
                await handle(collected)
            rows = await connections.get("default").execute_query_dict(_FINISH, [claimed.id, claimed.lease])
            if not rows[0]["n"]:
                raise LeaseLostError
            return b""

        try:
            if declared.external:
                await handle(None)
            # Nobody: what a task changes of accounts, money or roles is in the audit log all the same.
            actor = Actor(claimed.name, None, "", str(claimed.id), required=False)
            await self._units.run(act, now=now, by=b"null", key=None, timeout_seconds=3600, actor=actor)
        except LeaseLostError:
            metrics.TASKS.labels(claimed.name, "lease_lost").inc()
        except Exception as error:
            metrics.TASKS.labels(claimed.name, "error").inc()
            logger.warning("task failed", task=claimed.name, task_id=str(claimed.id), exc_info=error)
            await self._put_back(claimed, declared, f"{type(error).__name__}: {error}")
        else:
            metrics.TASKS.labels(claimed.name, "ok").inc()

    async def _put_back(self, claimed: Claimed, declared: TaskType, reason: str) -> None:
        given_up = claimed.attempt >= declared.tries
        now = self._clock.now()
        if given_up:
            metrics.TASKS.labels(claimed.name, "given_up").inc()
            logger.error("task given up", task=claimed.name, task_id=str(claimed.id), reason=reason)
        due_at = now + timedelta(seconds=delay_seconds(claimed.attempt))
        values = [
            claimed.id,
            claimed.lease,
            due_at,
            reason.replace("\0", "")[:ERROR_CHARACTERS],
            now if given_up else None,
        ]
        await connections.get("default").execute_query(_PUT_BACK, values)

    @contextlib.asynccontextmanager
    async def _renewed(self, claimed: Claimed, lease_seconds: float) -> AsyncIterator[None]:
        """Keep the lease while the task runs."""
        # Begun before the transaction, whose connection it would inherit otherwise.
        renewing = asyncio.get_running_loop().create_task(self._renew(claimed, lease_seconds))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, claimed: Claimed, lease_seconds: float) -> None:
        while True:
            until = self._clock.now() + timedelta(seconds=lease_seconds)
            try:
                await connections.get("default").execute_query(_RENEW, [claimed.id, claimed.lease, until])
            except Exception as error:
                if not isinstance(database_cause(error), DATABASE_AWAY):
                    raise
                logger.warning("lease not renewed", task_id=str(claimed.id), reason=repr(error))
            await asyncio.sleep(lease_seconds / 3)

    async def mark_unknown(self) -> list[str]:
        """Write on tasks that are due and that this worker does not know why they wait; returns their names, once.

        They are never given up for that: a worker of another version takes them.
        """
        values = [self._clock.now(), list(self._types), UNKNOWN]
        rows = await connections.get("default").execute_query_dict(_MARK_UNKNOWN, values)
        return sorted({row["name"] for row in rows})

    async def beat(self, declared: BeatType, attempt: int = 1) -> bool:
        """Do once what is looked for all the time; says whether there may be more to do at once.

        `attempt` is 1 more than how often it has failed since it went well last.
        """
        now = self._clock.now()
        more = False

        async def act(collected: Collected) -> bytes:
            nonlocal more
            more = await declared.handler(TaskCtx(collected, self._services, attempt, now))
            return b""

        await self._units.run(act, now=now, by=b"null", key=None, timeout_seconds=60)
        return more

    async def count(self) -> tuple[int, int]:
        """How many tasks are due and wait, and how many were given up."""
        rows = await connections.get("default").execute_query_dict(_COUNT, [self._clock.now()])
        return rows[0]["waiting"], rows[0]["failed"]

    async def enrol_periodic(self) -> None:
        """Give every periodic work that is declared its row."""
        names = [one.name for one in self._types.values() if one.every_seconds is not None]
        await connections.get("default").execute_query(_ENROL, [names, self._clock.now()])

    async def queue_periodic(self) -> None:
        """Queue the periodic work that is due; several clocks at once do not queue it twice.

        What still waits or runs from the time before is not queued again.
        """
        now = self._clock.now()

        async def act(_collected: Collected) -> bytes:
            connection = connections.get("default")
            due = [row["name"] for row in await connection.execute_query_dict(_PERIODIC, [now])]
            known = {name: self._types[name] for name in due if name in self._types}
            rows = await connection.execute_query_dict(_UNDER_WAY, [list(known)])
            under_way = {row["name"] for row in rows}
            fresh = [PendingTask(uuid7(), name, "[]", now) for name in known if name not in under_way]
            await queue(connection, fresh)
            for name, declared in known.items():
                following = now + timedelta(seconds=declared.every_seconds or 0)
                await connection.execute_query(_NEXT_PERIOD, [name, following])
            return b""

        await self._units.run(act, now=now, by=b"null", key=None, timeout_seconds=10)


def _begun_anew(before: float | None) -> float:
    """When this transaction began; raises TransactionLostError where the one before it may have been idle too long.

    The unit of work begins anew when a connection breaks. A task that makes its own connection break would do so again.
    """
    moment = time.monotonic()
    if before is not None and moment - before > database.IDLE_SECONDS:
        raise TransactionLostError(
            f"its transaction was lost after {moment - before:.1f} s; PostgreSQL ends one that idles for"
            f" {database.IDLE_SECONDS:g} s: what waits for the outside is an external task"
        )
    return moment


def delay_seconds(attempt: int) -> float:
    """How long to wait after the n-th failure: 2 s, doubling, an hour at most."""
    return float(min(FIRST_DELAY_SECONDS * 2 ** (attempt - 1), LONGEST_DELAY_SECONDS))
