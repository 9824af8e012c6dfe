"""The kernel without a server: units of work on a real PostgreSQL, with a topic, events and a task to try it with."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
from tortoise import connections

from server.compose.core import close_pool, log_pool
from server.compose.domains import MODELS
from server.kernel.context import Ctx
from server.kernel.database import connect, disconnect, tortoise_config
from server.kernel.deferred import Lane
from server.kernel.idempotency import Key
from server.kernel.log import Log, Message
from server.kernel.registry import Registry
from server.kernel.rpc import Params, View, command, live_event, logged_event, public, role, task, topic, user
from server.kernel.tasks import TaskCtx
from server.kernel.unit_of_work import Collected, UnitOfWork


class Told(View):
    """What an event of the probe tells."""

    n: int
    text: str = ""


class Note(Params):
    """What to write down."""

    name: str
    n: int = 1
    text: str = ""


probe = topic("probe", logged=True, audience="everybody", readers={public: None})


happened = logged_event("probe.happened", "probe", Told)
blinked = live_event("probe.blinked", "probe", Told)


@task("probe.work")
async def work(ctx: TaskCtx, n: int) -> None:
    await note(f"task {n}", ctx.attempt)


@command("probe.note", access=user)
async def write_note(ctx: Ctx, params: Note) -> Told:
    """Write a row and tell of it."""
    await note(params.name, params.n)
    ctx.work.emit(f"probe:{UUID(int=1)}", "probe.happened", {"n": params.n, "text": params.text})
    return Told(n=params.n, text=params.text)


@command("probe.employ", access=role("employer"))
async def employ(_ctx: Ctx, params: Note) -> Told:
    """Write a row, for employers only."""
    await note(params.name, params.n)
    return Told(n=params.n)


@command("probe.undeclared", access=user)
async def undeclared(ctx: Ctx, params: Note) -> Told:
    """Write a row, then emit what nobody declared."""
    await note(params.name, params.n)
    ctx.work.emit(f"probe:{UUID(int=1)}", "probe.nobody_declared_this", {"n": 1})
    return Told(n=params.n)


MODULE = ModuleType("probe")
"""What a test adds to the application's modules to have the probe over a socket."""
for declared in (probe, happened, blinked, work, write_note, employ, undeclared):
    setattr(MODULE, getattr(declared, "name", getattr(declared, "kind", "")), declared)

_TABLE = "CREATE TABLE IF NOT EXISTS probe (name text PRIMARY KEY, n bigint NOT NULL)"


async def make_table(url: str) -> None:
    """Make the probe's table, which no migration knows."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(7)")
            await connection.execute(_TABLE)
    finally:
        await connection.close()


async def note(name: str, n: int = 1) -> None:
    """Add to a row of the probe's table, in the transaction that is open."""
    statement = "INSERT INTO probe VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET n = probe.n + excluded.n"
    await connections.get("default").execute_query(statement, [name, n])


@dataclass
class Recorder:
    """Stands where the hub and the queue of tasks stand."""

    published: list[Message] = field(default_factory=list)
    nudged: list[UUID] = field(default_factory=list)

    def publish(self, messages: Sequence[Message]) -> None:
        self.published.extend(messages)

    def nudge(self, task_ids: Sequence[UUID], _lane: Lane) -> None:
        self.nudged.extend(task_ids)


@dataclass
class Kernel:
    """The kernel's parts, and a connection `outside` on which nothing of them is seen before it has committed."""

    units: UnitOfWork
    log: Log
    log_pool: "asyncpg.Pool[asyncpg.Record]"
    outside: "asyncpg.Pool[asyncpg.Record]"
    recorder: Recorder
    registry: Registry

    async def run(
        self, act: Callable[[Collected], Awaitable[Any]], *, key: Key | None = None, seconds: float = 10
    ) -> bytes:
        """Carry out a unit of work whose result does not matter unless it is bytes."""

        async def encoded(collected: Collected) -> bytes:
            result = await act(collected)
            return result if isinstance(result, bytes) else b"null"

        now = datetime.now(UTC)
        return await self.units.run(encoded, now=now, by=b"null", key=key, timeout_seconds=seconds)

    async def emit(self, *topics: str, n: int = 1) -> list[Message]:
        """Log one event on each topic, in one transaction, and return them as they were published."""
        before = len(self.recorder.published)

        async def act(collected: Collected) -> None:
            for name in topics:
                collected.emit(name, "probe.happened", {"n": n})

        await self.run(act)
        return self.recorder.published[before:]

    async def noted(self, name: str) -> int | None:
        """What the probe's row says to everybody else."""
        value: int | None = await self.outside.fetchval("SELECT n FROM probe WHERE name = $1", name)
        return value

    async def head(self, topic: str) -> int:
        """The head of a topic as everybody else sees it."""
        return await self.outside.fetchval("SELECT seq FROM topic WHERE name = $1", topic) or 0

    async def numbers(self, topic: str) -> list[int]:
        """The numbers that a topic's log holds, as everybody else sees it."""
        rows = await self.outside.fetch("SELECT seq FROM event WHERE topic = $1 ORDER BY seq", topic)
        return [row["seq"] for row in rows]

    async def tasks(self, name: str = "probe.work") -> list[str]:
        """The arguments of the tasks that are queued."""
        rows = await self.outside.fetch("SELECT args FROM deferred_task WHERE name = $1 ORDER BY id", name)
        return [row["args"] for row in rows]


@contextlib.asynccontextmanager
async def kernel(url: str, *, outside_url: str | None = None, pool_size: int = 16) -> AsyncIterator[Kernel]:
    """Connect the kernel's parts; `outside_url` is for what must not go through a proxy."""
    outside_url = outside_url or url
    await make_table(outside_url)
    await connect(tortoise_config(url, pool_size=pool_size, apps={"models": MODELS}))
    pool = log_pool(url)
    try:
        await pool
        async with asyncpg.create_pool(outside_url, min_size=1, max_size=4) as outside:
            await outside.execute("DELETE FROM deferred_task WHERE name LIKE 'probe%'")
            registry, recorder = Registry.of([MODULE]), Recorder()
            units = UnitOfWork(registry, recorder, recorder)
            yield Kernel(units, Log(pool), pool, outside, recorder, registry)
    finally:
        await close_pool(pool)
        async with asyncio.timeout(5):
            await disconnect()


def new_topic() -> str:
    """A topic that nobody has used."""
    return f"probe:{uuid4()}"


def body(message: Message) -> dict[str, Any]:
    """What a message says."""
    decoded: dict[str, Any] = orjson.loads(message.body)
    return decoded
