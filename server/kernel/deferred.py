"""What a deferred task is, and how a transaction queues one."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol, get_type_hints
from uuid import UUID

from pydantic import TypeAdapter
from tortoise.backends.base.client import BaseDBAsyncClient


class Lane(StrEnum):
    """Tasks of one lane never wait behind those of another: each has hands of its own in every worker."""

    WORK = "work"
    STREAMS = "streams"


@dataclass(frozen=True)
class TaskType:
    """One kind of deferred work, declared on a function `(ctx, *args)` of a worker's module.

    Attributes:
        tries: How often it is begun before it is given up and kept to be looked at.
        lease_seconds: How long a worker may be silent before another one takes over; it is renewed meanwhile.
        every_seconds: How often it comes by itself; None for what only commands ask for.
        external: It talks to the outside, and so it runs outside of any transaction: none is open across the network.
            Its row is deleted when it has ended well; what it did may be done again if its worker dies just then.
        lane: `STREAMS` is for what waits for the outside for minutes; it has many hands, and must be external.
    """

    name: str
    handler: Callable[..., Any]
    tries: int
    lease_seconds: float
    every_seconds: float | None
    external: bool = False
    lane: Lane = Lane.WORK

    @cached_property
    def arguments(self) -> "TypeAdapter[tuple[Any, ...]]":
        """What turns stored arguments into those that the function is annotated with."""
        hints = get_type_hints(self.handler)
        names = list(inspect.signature(self.handler).parameters)[1:]
        shape: Any = tuple[tuple(hints[name] for name in names)]  # type: ignore[misc]  # made at run time
        return TypeAdapter(shape)


def task(
    name: str,
    *,
    tries: int = 8,
    lease_seconds: float = 30.0,
    every_seconds: float | None = None,
    external: bool = False,
    lane: Lane = Lane.WORK,
) -> Callable[[Callable[..., Any]], TaskType]:
    """Declare a task."""

    def decorate(handler: Callable[..., Any]) -> TaskType:
        return TaskType(name, handler, tries, lease_seconds, every_seconds, external, lane)

    return decorate


@dataclass(frozen=True)
class BeatType:
    """Work that every worker process looks for all the time, declared on a function `(ctx) -> bool`.

    It has no row: what is to be done is found in the domain's own tables, and whoever locks it first does it. So it is
    not late because the hands of the workers are full, and a worker that dies leaves nothing behind.

    Attributes:
        every_seconds: How long to rest when there was nothing to do; when the function says True there may be more,
            and it is called again at once.
    """

    name: str
    handler: Callable[..., Any]
    every_seconds: float


def beat(name: str, *, every_seconds: float) -> Callable[[Callable[..., Any]], BeatType]:
    """Declare work that is looked for all the time."""

    def decorate(handler: Callable[..., Any]) -> BeatType:
        return BeatType(name, handler, every_seconds)

    return decorate


class Nudger(Protocol):
    """What tells workers that there is something to do."""

    def nudge(self, task_ids: Sequence[UUID], lane: Lane) -> None:
        """Tell those who work on a lane, or let it be: never waits, never raises."""


@dataclass(frozen=True, slots=True)
class PendingTask:
    """A task of a transaction that has not committed; `args` is a JSON array."""

    id: UUID
    name: str
    args: str
    due_at: datetime
    lane: Lane = Lane.WORK


_QUEUE = """
WITH queued AS (
    INSERT INTO deferred_task (id, name, args, due_at, attempt, created_at)
    SELECT id, name, args, due_at, 0, now()
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS t(id, name, args, due_at)
    RETURNING 1
) SELECT count(*) FROM queued
"""


async def queue(connection: BaseDBAsyncClient, tasks: Sequence[PendingTask]) -> None:
    """Write the rows of tasks in the transaction that wants them."""
    if tasks:
        columns = [[getattr(one, name) for one in tasks] for name in ("id", "name", "args", "due_at")]
        await connection.execute_query_dict(_QUEUE, columns)
