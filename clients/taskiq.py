"""taskiq on Redis carries the ids of tasks from those who queue them to a worker: a nudge, never the truth.

A lost nudge costs the second until the clock looks, so the simplest broker serves: a list. What is added to it is what
it lacks when Redis is away: it neither spins nor grows without end.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from taskiq import BrokerMessage
from taskiq.receiver import Receiver
from taskiq.serializers import ORJSONSerializer
from taskiq_redis import ListQueueBroker

from clients.redis import IDLE_SECONDS
from server.loops import Loop

logger = structlog.get_logger("nexa.taskiq")

FAULTS = (RedisError, OSError, asyncio.TimeoutError)
KICK_SECONDS = 1.0
BREAK_SECONDS = 1.0
QUEUE = 10_000
BLOCK_SECONDS = 2


class NudgeBroker(ListQueueBroker):
    """A list in Redis that keeps the newest nudges and survives that Redis goes away."""

    async def kick(self, message: BrokerMessage) -> None:
        """Append, and let the oldest go when nobody fetches them: the clock does their work."""
        async with Redis(connection_pool=self.connection_pool) as redis, redis.pipeline(transaction=False) as pipeline:
            pipeline.lpush(self.queue_name, message.message)
            pipeline.ltrim(self.queue_name, 0, QUEUE - 1)
            await pipeline.execute()

    async def listen(self) -> AsyncGenerator[bytes, None]:
        """Fetch nudges for ever, waiting a moment between attempts while Redis is away."""
        while True:
            try:
                async with Redis(connection_pool=self.connection_pool) as redis:
                    fetched: tuple[bytes, bytes] | None = await redis.brpop([self.queue_name], timeout=BLOCK_SECONDS)  # type: ignore[assignment]  # bytes, for nothing is decoded
            except FAULTS as error:
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    # What waits for Redis with a time limit may take a cancellation for its time-out. Waiting on would
                    # keep whoever stops the receiver waiting for ever.
                    raise asyncio.CancelledError from error
                logger.warning("no nudges while redis is away", reason=repr(error))
                await asyncio.sleep(BREAK_SECONDS)
                continue
            if fetched is not None:
                yield fetched[1]


class TaskQueue:
    """Both ends of the lists, one for each lane: `nudge` for whoever queues tasks, `receive` for workers."""

    def __init__(self, url: str, prefix: str, lanes: Sequence[str]) -> None:
        self._lanes = {lane: _Lane(url, f"{prefix}tasks:{lane}") for lane in lanes}

    async def start(self) -> None:
        """Begin to send what `nudge` takes; returns at once, whether Redis is there or not."""
        for lane in self._lanes.values():
            lane.start()

    async def stop(self) -> None:
        """Disconnect; nudges that were not sent are the clock's."""
        for lane in self._lanes.values():
            await lane.stop()

    def nudge(self, task_ids: Sequence[UUID], lane: str) -> None:
        """Tell a worker that these tasks are there; never waits, never raises."""
        self._lanes[lane].nudge(task_ids)

    async def receive(
        self, on_nudge: Callable[[UUID], Awaitable[object]], at_once: int, until: asyncio.Event, lane: str
    ) -> None:
        """Call a function for every nudge that comes, until the event is set and what it began has ended."""
        await self._lanes[lane].receive(on_nudge, at_once, until)


class _Lane:
    """One list."""

    def __init__(self, url: str, name: str) -> None:
        self._broker = NudgeBroker(
            url, queue_name=name, socket_timeout=BLOCK_SECONDS + KICK_SECONDS, protocol=2
        ).with_serializer(ORJSONSerializer())
        self._on_nudge: Callable[[UUID], Awaitable[object]] | None = None

        # taskiq renames the function it registers, which a method does not allow.
        async def run(task_id: str) -> None:
            await self._run(task_id)

        self._task = self._broker.register_task(run, "nexa.run")
        self._waiting: deque[UUID] = deque(maxlen=QUEUE)
        self._sender = Loop("nudges", IDLE_SECONDS, self._send_queued)

    def start(self) -> None:
        self._sender.start()

    async def stop(self) -> None:
        await self._sender.stop()
        await self._broker.shutdown()

    def nudge(self, task_ids: Sequence[UUID]) -> None:
        self._waiting.extend(task_ids)
        self._sender.wake()

    async def receive(self, on_nudge: Callable[[UUID], Awaitable[object]], at_once: int, until: asyncio.Event) -> None:
        self._on_nudge = on_nudge
        receiver = Receiver(self._broker, max_async_tasks=at_once, run_startup=False)
        await receiver.listen(until)

    async def _run(self, task_id: str) -> None:
        if self._on_nudge is None:
            raise RuntimeError("this process receives no nudges")
        await self._on_nudge(UUID(task_id))

    async def _send_queued(self) -> None:
        while self._waiting:
            await self._send(self._waiting.popleft())

    async def _send(self, task_id: UUID) -> None:
        try:
            async with asyncio.timeout(KICK_SECONDS):
                await self._task.kiq(str(task_id))
        except Exception as error:  # noqa: BLE001 - taskiq wraps what the broker raises into errors of many kinds
            logger.warning("nudge not sent", reason=repr(error))
            self._waiting.clear()
            await asyncio.sleep(BREAK_SECONDS)
