"""Which keys sign and verify access tokens at this moment, the same on every process (decision 0014)."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import asyncpg

from models.account import SigningGeneration
from server.kernel.clock import Clock
from server.kernel.errors import DATABASE_AWAY, database_cause
from server.kernel.identity import SigningKey, Tokens
from server.loops import Loop

LOOK_SECONDS = 15.0
PAUSE_SECONDS = 1.0
LATE = timedelta(seconds=120)
"""How much longer an old key verifies than its tokens live, for processes that went on signing with it."""


def chosen(history: Sequence[tuple[int, datetime]], now: datetime, lifetime: timedelta) -> list[int]:
    """The generations in use: the present one, those before it whose tokens may still live, and the next one.

    The next one is among them before anybody signs with it, so that whoever checks tokens knows it in time.

    Args:
        history: Every generation with the moment since when it signs, oldest first.
        now: The present moment.
        lifetime: How long an access token lives.
    """
    present = history[-1][0]
    ended = ((number, following) for (number, _), (_, following) in pairwise(history))
    old = [number for number, until in ended if until + lifetime + LATE > now]
    return [present, *reversed(old), present + 1]


class KeyRing:
    """Keeps the keys of a process's tokens up to date."""

    def __init__(self, secret: str, tokens: Tokens, clock: Clock) -> None:
        self._secret = secret
        self._tokens = tokens
        self._clock = clock
        self._looked_at = 0.0
        self._loop = Loop(
            "signing keys", LOOK_SECONDS, self._look, expected=DATABASE_AWAY, cause=database_cause, vital=True
        )

    async def start(self) -> None:
        """Look now, and then again and again."""
        await self._look()
        self._tokens.renew = self._renew
        self._loop.start()

    async def stop(self) -> None:
        """Stop looking."""
        await self._loop.stop()

    async def _renew(self) -> None:
        # Anybody can invent names of keys: the table is not asked each time.
        if time.monotonic() - self._looked_at >= PAUSE_SECONDS:
            await self._look()

    async def _look(self) -> None:
        self._looked_at = time.monotonic()
        numbers = chosen(await SigningGeneration.history(), self._clock.now(), timedelta(seconds=self._tokens.seconds))
        self._tokens.use([SigningKey.derive(self._secret, number) for number in numbers])


async def rotate(database_url: str) -> int:
    """Begin the next generation and return its number; running processes follow within 30 seconds."""
    connection = await asyncpg.connect(database_url)
    try:
        async with connection.transaction():
            # Two operators at once make two generations.
            await connection.execute("LOCK TABLE signing_generation IN SHARE ROW EXCLUSIVE MODE")
            return int(await connection.fetchval(SigningGeneration.NEXT))
    finally:
        await connection.close()
