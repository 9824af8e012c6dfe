"""The texts of answers that are being written, in Redis, so that any process can show how far they are.

They are copies: whoever writes an answer has its whole text. Redis emptied costs nothing, for a piece is appended only
where the text in Redis is as long as it should be; otherwise the whole text is written anew. What many answers append
at the same moment goes in one round trip.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog

from clients.ports import Away
from clients.redis import FAULTS, IDLE_SECONDS, connect
from server.loops import Loop

logger = structlog.get_logger("nexa.runs")

KEPT_SECONDS = 3600
AT_ONCE = 500
BREAK_SECONDS = 1.0

_APPEND = """
if redis.call('STRLEN', KEYS[1]) ~= tonumber(ARGV[1]) then return 0 end
redis.call('APPEND', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""


@dataclass(slots=True)
class _Append:
    key: str
    expected: int
    piece: bytes
    done: "asyncio.Future[bool]" = field(repr=False)


class RunTexts:
    """All texts that this process writes or reads."""

    def __init__(self, url: str, prefix: str) -> None:
        self._redis = connect(url)
        self._prefix = f"{prefix}assistant:run:"
        self._queue: deque[_Append] = deque()
        self._sender = Loop("answer texts", IDLE_SECONDS, self._send_queued)
        self._away_until = 0.0

    async def close(self) -> None:
        """Disconnect."""
        await self._sender.stop()
        await self._redis.aclose()

    def write(self, run_id: UUID, attempt: int) -> "RunWriter":
        """Begin the text of one attempt."""
        return RunWriter(self, f"{self._prefix}{run_id}:{attempt}")

    async def read(self, run_id: UUID, attempt: int) -> str | None:
        """The text so far; None where there is none. Raises Away."""
        try:
            text: Any = await self._redis.get(f"{self._prefix}{run_id}:{attempt}")
        except FAULTS as error:
            raise Away from error
        return None if text is None else text.decode()

    async def append(self, key: str, expected: int, piece: bytes) -> bool:
        """Append where so many bytes are; False where there are not, or Redis is away."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._away_until:
            return False
        self._sender.start()
        one = _Append(key, expected, piece, loop.create_future())
        self._queue.append(one)
        self._sender.wake()
        return await one.done

    async def replace(self, key: str, text: bytes) -> bool:
        """Write the whole text; False while Redis is away."""
        if asyncio.get_running_loop().time() < self._away_until:
            return False
        try:
            await self._redis.set(key, text, ex=KEPT_SECONDS)
        except FAULTS as error:
            self._rest(error)
            return False
        return True

    async def _send_queued(self) -> None:
        while self._queue:
            await self._send([self._queue.popleft() for _ in range(min(len(self._queue), AT_ONCE))])

    async def _send(self, appends: list[_Append]) -> None:
        results: list[Any] = [0] * len(appends)
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for one in appends:
                    pipeline.eval(_APPEND, 1, one.key, one.expected, one.piece, KEPT_SECONDS)
                results = await pipeline.execute(raise_on_error=False)
        except FAULTS as error:
            self._rest(error)
        finally:
            for one, result in zip(appends, results, strict=True):
                if not one.done.done():
                    one.done.set_result(result == 1)

    def _rest(self, error: Exception) -> None:
        self._away_until = asyncio.get_running_loop().time() + BREAK_SECONDS
        logger.warning("redis does not take answers", reason=repr(error))


class RunWriter:
    """The text of one attempt, as whoever writes it has it."""

    def __init__(self, texts: RunTexts, key: str) -> None:
        self._texts = texts
        self._key = key
        self._pieces: list[str] = []
        self._bytes = 0

    @property
    def text(self) -> str:
        """All that was added."""
        return "".join(self._pieces)

    async def add(self, piece: str) -> None:
        """Add to the text. When this returns, a reader finds it, unless Redis is away; it raises nothing then."""
        encoded = piece.encode()
        expected = self._bytes
        self._pieces.append(piece)
        self._bytes += len(encoded)
        if not await self._texts.append(self._key, expected, encoded):
            await self._texts.replace(self._key, self.text.encode())
