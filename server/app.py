"""The composition root: the only module that knows everybody."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from types import ModuleType
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

import handlers.account
import handlers.admin
import handlers.auth
import handlers.auth.emails
import handlers.auth.events
import handlers.auth.factors
import handlers.auth.identities
import handlers.auth.passwords
import handlers.auth.sessions
import handlers.avatar
import handlers.block
import handlers.conversation
import handlers.file
import handlers.message
import handlers.notification
import handlers.onboarding
import handlers.presence
import handlers.system
import server.edge.session
import workers.conversation
import workers.file
import workers.mail
import workers.maintenance
import workers.notification
import workers.presence
from clients.emulators.mail import EmulatedMail
from clients.mail import SmtpMail, SmtpServer
from clients.presence import PresenceAwayError, RedisPresence
from clients.redis import RedisBus
from clients.storage import Storage, StorageAwayError
from clients.taskiq import TaskQueue
from models.account import Session
from server.edge import account_pages, auth_routes, dev_mail
from server.edge.downloads import Downloads
from server.edge.drain import Drain
from server.edge.http import Web, not_found
from server.edge.hub import Hub
from server.edge.middleware import middleware
from server.edge.presence import PresenceLoop
from server.edge.socket import Limits
from server.edge.sockets import SocketCounts, Sockets
from server.edge.uploads import Uploads
from server.kernel import metrics
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
from server.kernel.discover import openrpc
from server.kernel.dispatch import Dispatcher, Rates
from server.kernel.errors import DATABASE_AWAY, register_unavailable
from server.kernel.identity import Identity, SigningKey, Tokens, derived_key
from server.kernel.limits import Rate
from server.kernel.links import Links
from server.kernel.log import Log
from server.kernel.registry import Registry
from server.kernel.unit_of_work import UnitOfWork
from server.kernel.vault import Vault
from server.keys import KeyRing
from server.settings import VERSION, Settings

logger = structlog.get_logger("nexa.app")

MODULES = [
    handlers.account,
    handlers.admin,
    handlers.auth,
    handlers.auth.emails,
    handlers.auth.events,
    handlers.auth.factors,
    handlers.auth.identities,
    handlers.auth.passwords,
    handlers.auth.sessions,
    handlers.avatar,
    handlers.block,
    handlers.conversation,
    handlers.file,
    handlers.message,
    handlers.notification,
    handlers.onboarding,
    handlers.presence,
    handlers.system,
    server.edge.session,
    workers.conversation,
    workers.file,
    workers.mail,
    workers.maintenance,
    workers.notification,
    workers.presence,
]
"""Everything that declares methods, topics, events and tasks. Nothing is scanned: what is not listed does not exist."""

MODELS = [
    "models.system",
    "models.account",
    "models.file",
    "models.messaging",
    "models.notification",
    "models.onboarding",
]

LOG_CONNECTIONS = 3

register_unavailable(PresenceAwayError, StorageAwayError)


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
        self.queue = TaskQueue(redis_url, settings.redis_prefix)
        self.presence = RedisPresence(redis_url, settings.redis_prefix)
        self.mail = _mail(settings, redis_url)
        self.keys = KeyRing(settings.secret_key, self.tokens, self.clock)
        self.storage = Storage(settings.files_at(), settings.s3())
        self.log_pool = _log_pool(database_url)
        self.log = Log(self.log_pool)
        self.hub = Hub(self.log, self.bus)
        self.units = UnitOfWork(self.registry, self.hub, self.queue)
        self.services = self._services()
        self._database_url = database_url

    def _services(self) -> Services:
        document = openrpc(self.registry, VERSION)
        return Services(
            tokens=self.tokens,
            info=_info(self.settings),
            describe=lambda: document,
            presence=self.presence,
            mail=self.mail,
            vault=Vault(self.settings.secret_key),
            pages=self.settings.pages,
            storage=self.storage,
            file_links=_file_links(self.settings),
            sessions=self.identity_of,
            pepper=derived_key(self.settings.secret_key, "nexa idempotency"),
            signups_per_hour=self.settings.signups(),
            refresh_seconds=self.settings.refresh_token_seconds,
            unattached_bytes=self.settings.upload_unattached_bytes,
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
            stack.push_async_callback(_close_pool, self.log_pool)
            await self.clock.measure(self.log_pool)
            await self.keys.start()
            stack.push_async_callback(self.keys.stop)
            stack.push_async_callback(self.presence.close)
            await self.mail.start()
            stack.push_async_callback(self.mail.stop)
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


class App:
    """One server process, put together from the settings."""

    def __init__(
        self, settings: Settings, database_url: str, redis_url: str, modules: Sequence[ModuleType] = MODULES
    ) -> None:
        self.settings = settings
        self.core = core = Core(settings, database_url, redis_url, modules)
        self.clock = core.clock
        self.dispatcher = self._dispatcher()
        self.sockets = self._sockets()
        self.presence = PresenceLoop(self.sockets, core.presence, PresenceAwayError, core.clock, self._announce)
        core.hub.on_epoch = self._on_epoch
        core.hub.on_restored = self._close_everything
        origins = frozenset(settings.origins)
        web = Web(self.sockets, core.tokens, origins, settings.metrics_allow, core.database_answers)
        self.asgi = Starlette(
            routes=[
                *web.routes(),
                *auth_routes.routes(self.dispatcher, web.caller_of),
                *_pages(core, web),
                *self._files(web),
            ],
            middleware=middleware(settings.origins),
            exception_handlers={HTTPException: not_found},
            lifespan=self._lifespan,
        )

    def _files(self, web: Web) -> list[Route]:
        """The routes that move the bytes of files."""
        core, limits = self.core, self.settings.upload_limits()
        uploads = Uploads(self.dispatcher, web.caller_of, core.storage, limits)
        downloads = Downloads(self.dispatcher, web.caller_of, core.storage, core.services.file_links)
        return [*uploads.routes(), *downloads.routes()]

    def _dispatcher(self) -> Dispatcher:
        settings, core = self.settings, self.core
        rates = Rates(
            queries=Rate(settings.queries_per_second, 1, settings.queries_burst),
            commands=Rate(settings.commands_per_second, 1, settings.commands_burst),
            guests=Rate(settings.guest_calls_per_second, 1, settings.guest_calls_burst),
        )
        # An id comes back in its reply and may be as large as a message.
        max_result = settings.max_frame_bytes - settings.max_message_bytes - 1024
        return Dispatcher(core.registry, core.units, core.clock, core.services, rates, max_result)

    def _sockets(self) -> Sockets:
        settings = self.settings
        limits = Limits(
            max_message_bytes=settings.max_message_bytes,
            max_frame_bytes=settings.max_frame_bytes,
            queries=settings.socket_queries,
            commands=settings.socket_commands,
            topics=settings.socket_topics,
            batch=settings.socket_batch,
            guest_seconds=settings.guest_seconds,
            heartbeat_seconds=settings.heartbeat_seconds,
        )
        counts = SocketCounts(settings.sockets_per_user, settings.guests_per_address)
        core = self.core
        return Sockets(self.dispatcher, core.hub, core.log, core.tokens, core.identity_of, limits, counts)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        async with self.core.running():
            await self.sockets.start()
            await self.presence.start()
            try:
                yield
            finally:
                await self.presence.stop()
                await self.sockets.stop()

    async def _announce(self, users: Sequence[UUID]) -> None:
        """Tell who comes and goes."""
        for topic, data in await handlers.presence.announcements(self.core.presence, users):
            self.core.units.tell(topic, "presence.changed", data, self.clock.now())

    async def drain(self) -> None:
        """Send every socket elsewhere, and wait until they are gone."""
        settings = self.settings
        await Drain(settings.drain_spread_seconds, settings.drain_hold_seconds).run(self.sockets)

    def _on_epoch(self, epoch: str) -> None:
        self.dispatcher.epoch = epoch

    def _close_everything(self) -> None:
        for connection in self.sockets:
            connection.close(4010, "the log has another epoch")


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
        emulated=[] if settings.has_mail_server else ["mail"],
        features=["accounts", "messaging", "files", "notifications", "onboarding"],
    )


def _mail(settings: Settings, redis_url: str) -> SmtpMail:
    if not settings.has_mail_server:
        return EmulatedMail(redis_url, settings.redis_prefix, settings.mail_from, settings.mail_emulator_port)
    if settings.smtp_url:
        return SmtpMail(SmtpServer.parse(settings.smtp_url), settings.mail_from)
    server = SmtpServer(
        settings.smtp_host, settings.smtp_port, settings.smtp_user, settings.smtp_password, settings.smtp_tls
    )
    return SmtpMail(server, settings.mail_from)


def _pages(core: Core, web: Web) -> list[Route]:
    """The pages of our own that links in mails lead to, and the caught mails where mail is emulated."""
    caught = core.mail.caught if isinstance(core.mail, EmulatedMail) else None
    return [*account_pages.routes(), *(dev_mail.routes(caught, web.may_watch) if caught else [])]


def _log_pool(url: str) -> BoundedPool:
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


async def _close_pool(pool: "asyncpg.Pool[Any]") -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ACQUIRE_SECONDS):
            await pool.close()
            return
    pool.terminate()


def _count_dropped(count: int) -> None:
    metrics.PUBLISH_DROPPED.inc(count)
