"""uvicorn as we run it."""

import asyncio
import signal
import socket
from functools import partial
from types import FrameType
from typing import cast

import uvicorn

from server.compose.app import App
from server.compose.limits import door_limits
from server.compose.settings import Settings
from server.kernel.networks import Proxies
from server.socket.transport import Transport
from server.web.door import Door, Visitors


class DrainingServer(uvicorn.Server):
    """Drains before uvicorn closes the sockets; SIGINT, a developer's Ctrl-C, closes them at once."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app
        self._in_a_hurry = False

    def handle_exit(self, sig: int, _frame: FrameType | None) -> None:
        """Begin to end. Ctrl-C reaches a process twice, from its terminal and from its parent, and means the same.

        uvicorn would break its own shutdown off at the second signal, with a traceback, and in the end raise the first
        one again, so that a process that has ended in order would seem to have been killed.
        """
        self._in_a_hurry = self._in_a_hurry or sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new sockets, send the old ones elsewhere, then end."""
        for server in self.servers:
            server.close()
        if not self._in_a_hurry:
            await self._app.drain()
        await super().shutdown(sockets)


def configuration(settings: Settings, app: App, *, host: str, port: int) -> uvicorn.Config:
    """Configure uvicorn: our front door and WebSocket class, no compression, no access log, the contract's limits."""
    visitors = Visitors(door_limits(settings), Proxies(settings.trusted_proxies))
    return uvicorn.Config(
        app.asgi,
        host=host,
        port=port,
        loop="uvloop",
        # uvicorn makes one of it for each connection, whatever it is called.
        http=cast("type[asyncio.Protocol]", partial(Door, visitors=visitors)),
        ws=Transport,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        ws_max_size=settings.max_message_bytes,
        ws_per_message_deflate=False,
        ws_ping_interval=settings.heartbeat_seconds,
        ws_ping_timeout=settings.heartbeat_seconds,
        timeout_graceful_shutdown=10,
    )
