"""PostgreSQL as the kernel uses it: a pool that does not let anybody wait for ever, and transactions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import asyncpg
from asyncpg.pool import PoolAcquireContext
from tortoise import Tortoise
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionContext, TransactionContextPooled
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.connection import get_connections
from tortoise.transactions import in_transaction

from server.kernel.errors import CONNECTION_LOST, OutcomeUnknownError

ACQUIRE_SECONDS = 3.0
STATEMENT_SECONDS = 5.0
COMMIT_SECONDS = 5.0

IDLE_SECONDS = 5.0
"""PostgreSQL ends a transaction in which so long nothing was asked: it may hold locks that others wait for."""

SESSION = {
    "application_name": "nexa",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": f"{IDLE_SECONDS:g}s",
    "timezone": "UTC",
}


async def keep_session(_connection: object) -> None:
    """Take the place of the reset between two uses of a connection: we set no session state, so nothing is lost.

    The reset is a round trip a query, 43% of what a read costs (docs/performance.md).
    """


class BoundedPool(asyncpg.Pool):
    """A pool in which waiting for a connection has an end; asyncpg's own default is to wait for ever."""

    def acquire(self, *, timeout: float | None = None) -> PoolAcquireContext:
        """Get a connection; raises TimeoutError when none becomes free in time."""
        return super().acquire(timeout=ACQUIRE_SECONDS if timeout is None else timeout)


class _Transaction(TransactionContextPooled):
    """A transaction that gives its connection back however it begins and ends.

    Tortoise's own keeps a connection for ever whose BEGIN failed: after as many connections that broke at that moment
    as the pool has, nobody gets one any more. And where its rollback fails it forgets why there was one, and leaves the
    transaction in place for all that the task does later.
    """

    async def __aenter__(self) -> TransactionWrapper:
        await self.ensure_connection()
        self._pool = self.client._parent._pool
        self.client._connection = await self._pool.acquire()
        try:
            await self.client.begin()
        except BaseException:
            await self._give_back(broken=True)
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return cast(TransactionWrapper, self.client)

    async def __aexit__(self, exc_type: object, exc_value: object, traceback: object) -> None:
        get_connections().reset(self.token)
        broken = False
        try:
            if exc_type is None:
                await self._commit()
            elif not self.client._finalized:
                broken = not await self._rolled_back()
        except BaseException:
            broken = True
            raise
        finally:
            await self._give_back(broken=broken)

    async def _commit(self) -> None:
        if not self.client._finalized:
            await self.client.commit()

    async def _rolled_back(self) -> bool:
        """Roll back; False where the connection is lost, and PostgreSQL does it by itself."""
        try:
            await self.client.rollback()
        except (*CONNECTION_LOST, TimeoutError):
            return False
        return True

    async def _give_back(self, *, broken: bool) -> None:
        if broken:
            # The pool has taken it back already where it broke while it was in use.
            with suppress(asyncpg.InterfaceError):
                self.client._connection.terminate()
        await self._pool.release(self.client._connection)


class BoundedClient(AsyncpgDBClient):
    """Tortoise's client for asyncpg on a bounded pool."""

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(TransactionWrapper(self), self._pool_init_lock)

    async def create_pool(self, **options: Any) -> asyncpg.Pool:
        """Build the pool as `asyncpg.create_pool` would, but of our class."""
        defaults = {
            "max_queries": 50_000,
            "max_inactive_connection_lifetime": 300.0,
            "connect": None,
            "setup": None,
            "init": None,
            "record_class": asyncpg.Record,
        }
        return await BoundedPool(**{**defaults, **options})


client_class = BoundedClient
"""What Tortoise looks for when a module is named as an engine."""


def tortoise_config(url: str, *, pool_size: int, apps: dict[str, list[str]]) -> dict[str, Any]:
    """Tortoise's configuration for a URL `postgres://user[:password]@host[:port]/name[?host=/socket/folder]`."""
    connection = expand_db_url(url.replace("postgresql://", "postgres://", 1))
    credentials = {
        **connection["credentials"],
        "minsize": 1,
        "maxsize": pool_size,
        "command_timeout": STATEMENT_SECONDS,
        "timeout": ACQUIRE_SECONDS,
        "reset": keep_session,
        "server_settings": SESSION,
    }
    return {
        "connections": {"default": {"engine": __name__, "credentials": credentials}},
        "apps": {name: {"models": modules, "default_connection": "default"} for name, modules in apps.items()},
        "use_tz": True,
        "timezone": "UTC",
    }


async def connect(config: dict[str, Any]) -> None:
    """Open the ORM for the whole process; tasks that were started before see it too."""
    await Tortoise.init(config=config, _enable_global_fallback=True)


async def disconnect() -> None:
    """Close the ORM's pool."""
    await Tortoise.close_connections()


@asynccontextmanager
async def transaction() -> AsyncIterator[TransactionWrapper]:
    """One transaction. It is rolled back on an exception, and otherwise by the caller committed with `commit`."""
    async with in_transaction() as connection:
        yield cast(TransactionWrapper, connection)


@asynccontextmanager
async def snapshot() -> AsyncIterator[TransactionWrapper]:
    """A transaction in which everything is read as of one moment, and nothing can be written."""
    async with transaction() as connection:
        await connection.execute_script("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection


async def commit(connection: TransactionWrapper) -> None:
    """Commit; raises what PostgreSQL refused, or OutcomeUnknownError when its answer did not reach us."""
    try:
        async with asyncio.timeout(COMMIT_SECONDS):
            await connection.commit()
    except (*CONNECTION_LOST, TimeoutError) as error:
        raise OutcomeUnknownError from error
