"""Bring the database up to date before a command uses it."""

import asyncio
import sys

from server.cli.demo import load_demo
from server.cli.invocation import Invocation
from server.compose.migrations import migrate, missing
from server.compose.settings import Environment


def prepared(call: Invocation) -> int:
    """Bring the database up to date, or refuse to where that is the operator's to decide.

    The embedded PostgreSQL of development gets the demo data as well; any other database only by the command `demo`.
    """
    if refused := migrated(call):
        return refused
    if call.settings.environment is Environment.DEVELOPMENT and not call.settings.database_url:
        asyncio.run(load_demo(call.database_url))
    return 0


def migrated(call: Invocation) -> int:
    """Bring the database up to date, or refuse to where that is the operator's to decide."""
    if not call.settings.is_production:
        asyncio.run(migrate(call.database_url))
        return 0
    lacking = asyncio.run(missing(call.database_url))
    if lacking:
        print("The database is not migrated (python -m server migrate):", *lacking, file=sys.stderr)
    return 2 if lacking else 0


async def prepare(database_url: str) -> None:
    """Apply the migrations that are missing, and load the demo data."""
    await migrate(database_url)
    await load_demo(database_url)
