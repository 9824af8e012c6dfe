"""The process's idea of now: its own clock, corrected by the measured offset from the database's."""

import time
from datetime import UTC, datetime

import asyncpg


class Clock:
    """Tells the time that deadlines are compared with. Tests move `offset`."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> datetime:
        """The present moment in UTC, by the database's clock as far as it is known."""
        return datetime.fromtimestamp(time.time() + self.offset, UTC)

    async def measure(self, connection: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Compare with the database once; the answer is taken to stand for the middle of the round trip."""
        before = time.time()
        theirs: datetime = await connection.fetchval("SELECT clock_timestamp()")
        self.offset = theirs.timestamp() - (before + time.time()) / 2
