"""One PostgreSQL and one Redis for the whole run, on the core of the load client."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from bench.contender import Engines

FOLDER = Path(__file__).parent / "build/engines"


async def _query(database_url: str, sql: str, *arguments: Any) -> list[Any]:
    connection = await asyncpg.connect(database_url)
    try:
        return [row[0] for row in await connection.fetch(sql, *arguments)]
    finally:
        await connection.close()


def query(database_url: str, sql: str, *arguments: Any) -> list[Any]:
    """Run one statement and return the first column."""
    return asyncio.run(_query(database_url, sql, *arguments))


@contextmanager
def running() -> Iterator[Engines]:
    """Give the engines of BENCH_DATABASE_URL and BENCH_REDIS_URL, else embedded ones.

    The embedded PostgreSQL notes when each transaction was committed, which the row of the first delivery reads.
    """
    if "BENCH_DATABASE_URL" in os.environ:
        yield Engines(os.environ["BENCH_DATABASE_URL"], os.environ["BENCH_REDIS_URL"])
        return
    from server import embedded  # noqa: PLC0415 only where it is used

    FOLDER.mkdir(parents=True, exist_ok=True)
    with embedded.engines(FOLDER) as first:
        if query(first.database_url, "SHOW track_commit_timestamp") == ["on"]:
            yield Engines(first.database_url, first.redis_url)
            return
        query(first.database_url, "ALTER SYSTEM SET track_commit_timestamp = on")
    with embedded.engines(FOLDER) as second:
        yield Engines(second.database_url, second.redis_url)
