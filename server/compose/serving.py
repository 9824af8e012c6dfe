"""uvicorn as we run it."""

import signal
import socket
from types import FrameType

import uvicorn

from server.compose.app import App
from server.compose.settings import Settings
from server.socket.transport import Transport


class DrainingServer(uvicorn.Server):
    """Drains before uvicorn closes the sockets; SIGINT, a developer's Ctrl-C, closes them at once."""

    def __init__(self, config: uvicorn.Config, app: App) -> None:
        super().__init__(config)
        self._app = app
        self._in_a_hurry = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Remember which signal asked for the end."""
        self._in_a_hurry = self._in_a_hurry or sig == signal.SIGINT
        super().handle_exit(sig, frame)
        # uvicorn raises it once more in the end, and a process that has ended in order would seem to have been killed.
        self._captured_signals.clear()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no new sockets, send the old ones elsewhere, then end."""
        for server in self.servers:
            server.close()
        if not self._in_a_hurry:
            await self._app.drain()
        await super().shutdown(sockets)


def configuration(settings: Settings, app: App, *, host: str, port: int) -> uvicorn.Config:
    """Configure uvicorn: our WebSocket class, no compression, no access log, limits as the contract says."""
    return uvicorn.Config(
        app.asgi,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
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
