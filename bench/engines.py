"""One PostgreSQL and one Redis for the whole run, on the core of the load client."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from bench.contender import Engines

FOLDER = Path(__file__).parent / "build/engines"
DATABASE = "nexa_bench"
STARTS, STOP_SECONDS = 5, 3


async def _query(database_url: str, sql: str, *arguments: Any) -> list[Any]:
    connection = await asyncpg.connect(database_url)
    try:
        return [row[0] for row in await connection.fetch(sql, *arguments)]
    finally:
        await connection.close()


def query(database_url: str, sql: str, *arguments: Any) -> list[Any]:
    """Run one statement and return the first column."""
    return asyncio.run(_query(database_url, sql, *arguments))


def with_empty_database(places: Engines) -> Engines:
    """Return the engines with a database of the benchmark's own, made anew for this run."""
    query(places.database_url, f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    query(places.database_url, f"CREATE DATABASE {DATABASE}")
    return Engines(urlsplit(places.database_url)._replace(path=f"/{DATABASE}").geturl(), places.redis_url)


@contextmanager
def running() -> Iterator[Engines]:
    """Give the engines of BENCH_DATABASE_URL and BENCH_REDIS_URL, else embedded ones; in both an empty database.

    The embedded PostgreSQL notes when each transaction was committed, which the row of the first delivery reads.
    """
    if "BENCH_DATABASE_URL" in os.environ:
        yield with_empty_database(Engines(os.environ["BENCH_DATABASE_URL"], os.environ["BENCH_REDIS_URL"]))
        return
    from server import embedded  # noqa: PLC0415 only where it is used

    FOLDER.mkdir(parents=True, exist_ok=True)
    for _ in range(STARTS):
        with embedded.engines(FOLDER) as first:
            if query(first.database_url, "SHOW track_commit_timestamp") == ["on"]:
                break
            query(first.database_url, "ALTER SYSTEM SET track_commit_timestamp = on")  # holds from the next start on
        time.sleep(STOP_SECONDS)  # the engines end a moment after the last one who uses them
    with embedded.engines(FOLDER) as places:
        yield with_empty_database(Engines(places.database_url, places.redis_url))
