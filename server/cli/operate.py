"""The operator's commands: migrating, demo data, keys, the epoch, the first admin, a shell."""

import asyncio
import sys
from uuid import uuid4

import asyncpg

from models.errors import DomainError
from server.cli import shell, superuser
from server.cli.database import migrated, prepare
from server.cli.demo import PASSWORD, PEOPLE
from server.cli.invocation import Invocation
from server.compose.core import Core
from server.compose.keys import rotate
from server.compose.migrations import migrate


def apply_migrations(call: Invocation) -> int:
    """Apply the migrations that are missing, and print their names."""
    applied = asyncio.run(migrate(call.database_url))
    print(*(applied or ["The database is up to date."]), sep="\n")
    return 0


def demo(call: Invocation) -> int:
    """Load the demo data; refused in production."""
    if call.settings.is_production:
        print("Demo accounts have a known password; production gets none.", file=sys.stderr)
        return 2
    asyncio.run(prepare(call.database_url))
    print(*(f"{email}  {PASSWORD}" for email in PEOPLE), sep="\n")
    return 0


def new_epoch(call: Invocation) -> int:
    """Renew the epoch of the log, after the database was restored from a copy."""
    print(asyncio.run(_renew_epoch(call.database_url)))
    return 0


async def _renew_epoch(database_url: str) -> str:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE log_epoch SET value = $1", epoch := str(uuid4()))
    finally:
        await connection.close()
    return epoch


def rotate_keys(call: Invocation) -> int:
    """Begin the next generation of signing keys."""
    print(asyncio.run(rotate(call.database_url)))
    return 0


def create_superuser(call: Invocation) -> int:
    """Create an admin, or grant the role to an existing account."""
    try:
        wanted = superuser.Wanted.asked(call.options)
        if refused := migrated(call):
            return refused
        print(asyncio.run(_made(call, wanted)))
    except DomainError as error:
        print(superuser.told(error), file=sys.stderr)
        return 1
    except (EOFError, KeyboardInterrupt):
        print("\nNothing was changed.", file=sys.stderr)
        return 1
    return 0


async def _made(call: Invocation, wanted: superuser.Wanted) -> str:
    core = Core(call.settings, call.database_url, call.redis_url)
    async with core.running():
        return await superuser.make(core, wanted)


def open_shell(call: Invocation) -> int:
    """Open a Python prompt with the models connected."""
    if refused := migrated(call):
        return refused
    shell.run(lambda: Core(call.settings, call.database_url, call.redis_url))
    return 0
