"""Bringing the database to the models' shape, safely when several processes start at once."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import structlog
from aerich import Command

from server.compose.domains import MODELS
from server.kernel.database import tortoise_config

logger = structlog.get_logger("nexa.migrations")

LOCATION = str(Path(__file__).parents[2] / "models" / "migrations")
LOCK = 0x6E657861
WAIT_SECONDS = 60.0


def configuration(url: str) -> dict[str, Any]:
    """Tortoise's configuration with the table in which aerich keeps what it has done."""
    return tortoise_config(url, pool_size=2, apps={"models": [*MODELS, "aerich.models"]})


async def migrate(url: str) -> list[str]:
    """Apply what is missing and return the names; whoever comes second waits and finds nothing to do.

    The lock is polled on a connection of its own: the blocking form would be a transaction that waits, which hangs
    together with CREATE INDEX CONCURRENTLY.
    """
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
                await asyncio.sleep(0.1)
        async with Command(configuration(url), location=LOCATION) as command:
            await command.init()
            applied = await command.upgrade(run_in_transaction=True)
    finally:
        await connection.close()
    for name in applied:
        logger.info("migrated", version=name)
    return applied


async def missing(url: str) -> list[str]:
    """The migrations that the database lacks; nothing is changed."""
    connection = await asyncpg.connect(url)
    try:
        known = await connection.fetchval("SELECT to_regclass('aerich') IS NOT NULL")
        rows = await connection.fetch("SELECT version FROM aerich WHERE app = 'models'") if known else []
    finally:
        await connection.close()
    return sorted(_files() - {row["version"] for row in rows})


def _files() -> set[str]:
    return {path.name for path in Path(LOCATION, "models").glob("[0-9]*_*.py")}
