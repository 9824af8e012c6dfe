"""What a server and a worker have in common, put together from the settings."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import ModuleType
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import orjson
import structlog
from uuid_utils.compat import uuid7

from clients.redis import RedisBus
from clients.taskiq import TaskQueue
from models.account import Session
from models.work import Work
from server.compose.adapters import Outside, emulated
from server.compose.domains import FEATURES, MODELS, MODULES
from server.compose.keys import KeyRing
from server.compose.limits import limits_of
from server.compose.settings import VERSION, Settings
from server.kernel import metrics
from server.kernel.audit import Actor
from server.kernel.clock import Clock
from server.kernel.context import Services, SystemInfo
from server.kernel.database import (
    ACQUIRE_SECONDS,
    SESSION,
    BoundedPool,
    connect,
    disconnect,
    keep_session,
    tortoise_config,
)
from server.kernel.deferred import Lane
from server.kernel.discover import openrpc
from server.kernel.errors import DATABASE_AWAY
from server.kernel.identity import Identity, SigningKey, Tokens, derived_key
from server.kernel.links import Links
from server.kernel.log import Log
from server.kernel.registry import Registry
from server.kernel.unit_of_work import UnitOfWork
from server.kernel.vault import Vault
from server.socket.hub import Hub

logger = structlog.get_logger("nexa.core")

Result = TypeVar("Result")

LOG_CONNECTIONS = 3


class Core:
    """What a server and a worker have in common: the registry, the database, the log, the bus, the units of work.

    Args:
        settings: Of this installation.
        database_url: Where PostgreSQL is.
        redis_url: Where Redis is.
        modules: What declares methods, topics, events and tasks.
    """

    def __init__(
        self, settings: Settings, database_url: str, redis_url: str, modules: Sequence[ModuleType] = MODULES
    ) -> None:
        self.settings = settings
        self.clock = Clock()
        self.registry = Registry.of(modules)
        self.tokens = Tokens(
            [SigningKey.derive(settings.secret_key)],
            issuer=settings.issuer,
            audience=settings.audience,
            seconds=settings.access_token_seconds,
        )
        self.bus = RedisBus(redis_url, settings.redis_prefix, self._on_message, self._on_resync, _count_dropped)
        self.queue = TaskQueue(redis_url, settings.redis_prefix, list(Lane))
        self.outside = Outside.of(settings, redis_url)
        self.ports = self.outside.ports
        self.keys = KeyRing(settings.secret_key, self.tokens, self.clock)
        self.log_pool = log_pool(database_url)
        self.log = Log(self.log_pool)
        self.hub = Hub(self.log, self.bus)
        self.units = UnitOfWork(self.registry, self.hub, self.queue)
        self.services = self._services()
        self._database_url = database_url

    def _services(self) -> Services:
        document = orjson.dumps(openrpc(self.registry, VERSION, self.settings.address))
        return Services(
            ports=self.ports,
            limits=limits_of(self.settings),
            tokens=self.tokens,
            info=_info(self.settings),
            describe=lambda: document,
            vault=Vault(self.settings.secret_key),
            pages=self.settings.pages,
            file_links=_file_links(self.settings),
            sessions=self.identity_of,
            pepper=derived_key(self.settings.secret_key, "nexa idempotency"),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connect to everything, and disconnect in the opposite order."""
        async with AsyncExitStack() as stack:
            await connect(
                tortoise_config(self._database_url, pool_size=self.settings.database_pool, apps={"models": MODELS})
            )
            stack.push_async_callback(disconnect)
            await self.log_pool
            stack.push_async_callback(close_pool, self.log_pool)
            await self.clock.measure(self.log_pool)
            await self.keys.start()
            stack.push_async_callback(self.keys.stop)
            await stack.enter_async_context(self.outside.running())
            await self.queue.start()
            stack.push_async_callback(self.queue.stop)
            await self.bus.start()
            stack.push_async_callback(self.bus.stop)
            await self.hub.start()
            stack.push_async_callback(self.hub.stop)
            # What exists now lives as long as the process: the collector need not look at it again and again.
            gc.collect()
            gc.freeze()
            metrics.time_collections()
            yield

    async def identity_of(self, session_id: UUID) -> Identity | None:
        """Read who a session stands for, for the kernel, which does not know the accounts."""
        person = await Session.identity(session_id, self.clock.now())
        if person is None:
            return None
        return Identity(
            user_id=person.user_id,
            session_id=session_id,
            email=person.email,
            full_name=person.full_name,
            roles=frozenset(person.roles),
            email_verified=person.email_verified,
            authenticated_at=person.authenticated_at,
        )

    async def operate(self, action: str, do: Callable[[Work], Awaitable[Result]]) -> Result:
        """Do something in one unit of work, as the operator at the command line; the audit log names the action."""
        results: list[Result] = []

        async def act(work: Work) -> bytes:
            results.append(await do(work))
            return b""

        actor = Actor(action, None, "", str(uuid7()), required=True)
        await self.units.run(act, now=self.clock.now(), by=b"null", key=None, timeout_seconds=60, actor=actor)
        return results[-1]

    def _on_message(self, channel: str, payload: bytes) -> None:
        self.hub.receive(channel, payload)

    def _on_resync(self) -> None:
        self.hub.resynchronise()

    async def database_answers(self) -> bool:
        """Whether the database can be asked at this moment."""
        try:
            async with asyncio.timeout(1):
                await self.log_pool.fetchval("SELECT 1")
        except DATABASE_AWAY as error:
            logger.warning("not ready", reason=repr(error))
            return False
        return True


def _file_links(settings: Settings) -> Links:
    key = derived_key(settings.secret_key, "nexa file links")
    return Links(key, "/api/v1/files/", settings.file_url_seconds)


def _info(settings: Settings) -> SystemInfo:
    return SystemInfo(
        status="healthy",
        service="nexa",
        version=VERSION,
        environment=settings.environment.value,
        auth0_configured=bool(settings.auth0_domain),
        supabase_configured="supabase" in settings.database_url,
        emulated=emulated(settings),
        features=FEATURES,
    )


def log_pool(url: str) -> BoundedPool:
    """A pool of its own for reading the log, so that catching up never waits behind commands."""
    return BoundedPool(
        url,
        min_size=LOG_CONNECTIONS,
        max_size=LOG_CONNECTIONS,
        max_queries=50_000,
        max_inactive_connection_lifetime=0,
        connect=None,
        setup=None,
        init=None,
        reset=keep_session,
        loop=None,
        connection_class=asyncpg.Connection,
        record_class=asyncpg.Record,
        command_timeout=ACQUIRE_SECONDS,
        timeout=ACQUIRE_SECONDS,
        server_settings=SESSION,
    )


async def close_pool(pool: "asyncpg.Pool[Any]") -> None:
    """Close a pool, hard where its database does not answer any more."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ACQUIRE_SECONDS):
            await pool.close()
            return
    pool.terminate()


def _count_dropped(count: int) -> None:
    metrics.PUBLISH_DROPPED.inc(count)
