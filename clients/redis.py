"""Redis as the bus between processes. It makes delivery fast; it is never the truth and nobody ever waits for it.

The usual clients hold a caller for seconds while Redis is away or frozen. Here publishing appends to a bounded queue,
and the one connection that receives is watched with pings of its own, for a frozen Redis answers nothing and reports
nothing.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import structlog
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from server.loops import Loop, ended

logger = structlog.get_logger("nexa.redis")

ANSWER_SECONDS = 1.0
PING_SECONDS = 1.5
SILENCE_SECONDS = 4.0
BREAK_SECONDS = 1.0
QUEUE = 10_000
PIPELINE = 500
SUBSCRIBE_AT_ONCE = 1000
IDLE_SECONDS = 60.0

FAULTS = (RedisError, OSError, asyncio.TimeoutError)


def connect(url: str) -> "Redis":
    """A client that answers or fails within a second and tries nothing twice behind our back."""
    return Redis(connection_pool=_pool(url, ANSWER_SECONDS))


def _pool(url: str, answer_seconds: float | None) -> ConnectionPool:
    return ConnectionPool.from_url(
        url,
        protocol=2,
        socket_timeout=answer_seconds,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


class RedisBus:
    """Publish and subscribe over Redis.

    Args:
        url: Where Redis is.
        prefix: Put before every channel, so that several installations can share one Redis.
        on_message: Told the channel (without prefix) and the payload of every message.
        on_resync: Told when messages may have been lost: after every connection but the first.
        on_drop: Told how many messages were not published.
    """

    def __init__(
        self,
        url: str,
        prefix: str,
        on_message: Callable[[str, bytes], None],
        on_resync: Callable[[], None],
        on_drop: Callable[[int], None],
    ) -> None:
        self.on_message = on_message
        self.on_resync = on_resync
        self.on_drop = on_drop
        self.connected = False
        self._prefix = prefix.encode()
        self._client = connect(url)
        # What receives may wait for ever for the next message; whether Redis still lives is seen by its pongs.
        self._pool = _pool(url, None)
        self._queue: deque[tuple[bytes, bytes]] = deque()
        self._wanted: set[bytes] = set()
        self._confirmed: set[bytes] = set()
        self._waiting: dict[bytes, list[asyncio.Future[None]]] = {}
        self._connection: AbstractConnection | None = None
        self._resync = False
        self._tasks: list[asyncio.Task[None]] = []
        self._publisher = Loop("redis publisher", IDLE_SECONDS, self._publish_queued)
        self._receiver = Loop("redis receiver", BREAK_SECONDS / 2, self._receive, expected=FAULTS)

    async def start(self) -> None:
        """Begin to connect; returns at once, whether Redis is there or not."""
        self._publisher.start()
        self._receiver.start()

    async def stop(self) -> None:
        """Send what is queued, if that is quick, and disconnect."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                while self._queue:
                    await asyncio.sleep(0.01)
        await self._publisher.stop()
        await self._receiver.stop()
        await ended(self._tasks)
        await self._client.aclose()
        await self._pool.aclose()

    # Publishing

    def publish(self, channel: str, payload: bytes) -> None:
        """Queue a message; drops it when the queue is full."""
        if len(self._queue) >= QUEUE:
            self.on_drop(1)
            return
        self._queue.append((self._prefix + channel.encode(), payload))
        self._publisher.wake()

    async def _publish_queued(self) -> None:
        while self._queue:
            count = min(len(self._queue), PIPELINE)
            await self._publish_some([self._queue.popleft() for _ in range(count)])

    async def _publish_some(self, messages: Sequence[tuple[bytes, bytes]]) -> None:
        try:
            async with self._client.pipeline(transaction=False) as pipeline:
                for channel, payload in messages:
                    pipeline.publish(channel, payload)
                await pipeline.execute()
        except FAULTS as error:
            # What waits is stale by the time Redis is back, and the subscribers have read it from the log by then.
            dropped = len(messages) + len(self._queue)
            self._queue.clear()
            self.on_drop(dropped)
            logger.warning("redis does not take messages", dropped=dropped, reason=repr(error))
            await asyncio.sleep(BREAK_SECONDS)
            self.on_drop(len(self._queue))
            self._queue.clear()

    # Receiving

    async def subscribe(self, channels: Sequence[str]) -> None:
        """Receive these channels; returns when Redis has confirmed them, at once while it is away."""
        names = [self._prefix + channel.encode() for channel in channels]
        self._wanted.update(names)
        missing = [name for name in names if name not in self._confirmed]
        if not missing or self._connection is None:
            return
        loop = asyncio.get_running_loop()
        confirmations = [loop.create_future() for _ in missing]
        for name, confirmation in zip(missing, confirmations, strict=True):
            self._waiting.setdefault(name, []).append(confirmation)
        await self._send("SUBSCRIBE", missing)
        await asyncio.gather(*confirmations)

    def unsubscribe(self, channel: str) -> None:
        """Receive no more of a channel."""
        name = self._prefix + channel.encode()
        self._wanted.discard(name)
        if name in self._confirmed:
            self._confirmed.discard(name)
            self._leave(name)

    def _leave(self, name: bytes) -> None:
        task = asyncio.get_running_loop().create_task(self._unsubscribe(name))
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)

    async def _unsubscribe(self, name: bytes) -> None:
        # Whoever wants the channel again has subscribed before this task came to run, and must not lose it by it.
        if name not in self._wanted:
            await self._send("UNSUBSCRIBE", [name])

    async def _send(self, command: str, names: Sequence[bytes]) -> None:
        connection = self._connection
        if connection is None or not names:
            return
        try:
            await connection.send_command(command, *names)
        except FAULTS as error:
            # The reader notices too, connects anew and subscribes to all that is wanted.
            logger.warning("redis connection lost while sending", reason=repr(error))

    async def _receive(self) -> None:
        """Read over one connection until it breaks. After the first one, messages may have been lost in between."""
        resync, self._resync = self._resync, True
        try:
            await self._connected()
            if resync:
                self.on_resync()
            await self._read()
        finally:
            await self._disconnected()

    async def _connected(self) -> None:
        connection: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]  # theirs
        try:
            # This connection may wait for ever for a message, but not for the answers of its handshake.
            async with asyncio.timeout(ANSWER_SECONDS):
                await connection.connect()  # type: ignore[no-untyped-call]  # theirs
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        self._connection = connection
        async with asyncio.timeout(SILENCE_SECONDS):
            for names in _chunks(sorted(self._wanted), SUBSCRIBE_AT_ONCE):
                await connection.send_command("SUBSCRIBE", *names)
            await connection.send_command("PING")
        self.connected = True

    async def _disconnected(self) -> None:
        self.connected = False
        self._confirmed.clear()
        for waiting in self._waiting.values():
            _resolve(waiting)
        self._waiting.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        connection = self._connection
        assert connection is not None
        heard = loop.time()
        pinger = loop.create_task(self._ping(connection))
        try:
            while loop.time() - heard < SILENCE_SECONDS:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SILENCE_SECONDS):
                        message = await connection.read_response(disable_decoding=True, timeout=None)
                        heard = loop.time()
                        self._take(message)
            raise TimeoutError("redis says nothing")
        finally:
            pinger.cancel()

    async def _ping(self, connection: AbstractConnection) -> None:
        with contextlib.suppress(*FAULTS):
            while True:
                await asyncio.sleep(PING_SECONDS)
                await connection.send_command("PING")

    def _take(self, message: Any) -> None:
        match message:
            case [b"message", bytes(channel), bytes(payload)]:
                self.on_message(channel[len(self._prefix) :].decode(), payload)
            case [b"subscribe", bytes(channel), int()]:
                if channel in self._wanted:
                    self._confirmed.add(channel)
                else:
                    self._leave(channel)
                _resolve(self._waiting.pop(channel, []))


def _resolve(waiting: Iterable["asyncio.Future[None]"]) -> None:
    for future in waiting:
        if not future.done():
            future.set_result(None)


def _chunks(items: Sequence[bytes], size: int) -> Iterable[Sequence[bytes]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
