"""One server process: its routes, its sockets, and what it starts and stops."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from types import ModuleType
from urllib.parse import urlsplit
from uuid import UUID

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

import handlers.presence
from clients.emulators.mail import EmulatedMail
from server.compose.core import Core
from server.compose.domains import MODULES
from server.compose.limits import upload_shares
from server.compose.settings import Settings
from server.kernel.closing import ANOTHER_EPOCH
from server.kernel.dispatch import Dispatcher
from server.kernel.limits import Rate
from server.kernel.rates import Rates
from server.socket.budget import InputLimits
from server.socket.connection import Limits
from server.socket.countdowns import Countdowns
from server.socket.drain import Drain
from server.socket.presence import PresenceLoop
from server.socket.sockets import SocketCounts, Sockets
from server.web import dev_mail
from server.web.answers import fault, not_found
from server.web.contract import Contract
from server.web.files.downloads import Downloads
from server.web.files.uploads import Uploads
from server.web.handshake import Handshake
from server.web.headers import SecurityHeaders
from server.web.health import Health
from server.web.middleware import middleware
from server.web.routes import DeclaredRoutes
from server.web.rpc import Rpc


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
        self.presence = PresenceLoop(self.sockets, core.ports.presence, core.clock, self._left, self._announce)
        self.countdowns = Countdowns(core.registry, core.hub, core.clock)
        core.hub.on_epoch = self._on_epoch
        core.hub.on_restored = self._close_everything
        rpc = Rpc(self.sockets)
        health = Health(core.services.info, settings.metrics_allow, core.database_answers)
        routed = Starlette(
            routes=[
                *Handshake(self.sockets, frozenset(settings.origins)).routes(),
                *rpc.routes(),
                *health.routes(),
                *Contract(self.dispatcher, core.tokens).routes(),
                *DeclaredRoutes(self.dispatcher, rpc.caller_of).routes(),
                *_pages(core),
                *self._files(rpc),
            ],
            middleware=middleware(settings.origins),
            exception_handlers={HTTPException: not_found, Exception: fault},
            lifespan=self._lifespan,
        )
        self.asgi = SecurityHeaders(routed, strict_transport=settings.is_production)

    def _files(self, rpc: Rpc) -> list[Route]:
        """The routes that move the bytes of files."""
        core, limits = self.core, self.settings.upload_limits()
        uploads = Uploads(self.dispatcher, rpc.caller_of, core.ports.storage, limits, upload_shares(self.settings))
        downloads = Downloads(self.dispatcher, rpc.caller_of, core.ports.storage, core.services.file_links)
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
            input=InputLimits(
                frames_per_second=settings.socket_frames_per_second,
                frames_burst=settings.socket_frames_burst,
                bytes_per_second=settings.socket_bytes_per_second,
                bytes_burst=settings.socket_bytes_burst,
                fragments=settings.socket_fragments,
            ),
        )
        counts = SocketCounts(settings.sockets_per_user, settings.guests_per_network)
        core = self.core
        return Sockets(self.dispatcher, core.hub, core.log, core.tokens, core.identity_of, limits, counts)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        async with self.core.running():
            await self.sockets.start()
            await self.presence.start()
            await self.countdowns.start()
            try:
                yield
            finally:
                await self.countdowns.stop()
                await self.presence.stop()
                await self.sockets.stop()

    async def _left(self, due: Sequence[tuple[UUID, datetime]]) -> Sequence[UUID]:
        """End the leases of who has gone."""
        return await handlers.presence.left(self.core.ports.presence, due)

    async def _announce(self, users: Sequence[UUID]) -> None:
        """Tell who comes and goes."""
        for event in await handlers.presence.announcements(self.core.ports.presence, users):
            self.core.units.tell(*event, self.clock.now())

    async def drain(self) -> None:
        """Send every socket elsewhere, and wait until they are gone."""
        settings = self.settings
        await Drain(settings.drain_spread_seconds, settings.drain_hold_seconds).run(self.sockets)

    def _on_epoch(self, epoch: str) -> None:
        self.dispatcher.epoch = epoch

    def _close_everything(self) -> None:
        for connection in self.sockets:
            connection.close(ANOTHER_EPOCH)


def _pages(core: Core) -> list[Route]:
    """The caught mails, where mail is emulated."""
    if not isinstance(core.ports.mail, EmulatedMail):
        return []
    known = urlsplit(core.settings.public_url).hostname
    return dev_mail.routes(core.ports.mail.caught, [known] if known else [])
