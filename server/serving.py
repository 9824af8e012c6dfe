"""uvicorn as we run it."""

import uvicorn

from server.app import App
from server.edge.transport import Transport
from server.settings import Settings


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
