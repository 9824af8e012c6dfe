"""What every request goes through before it reaches a route."""

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send


class TrailingSlash:
    """Accepts every path with a slash at its end as well."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, without the slash."""
        if scope["type"] in {"http", "websocket"} and len(scope["path"]) > 1:
            scope["path"] = scope["path"].rstrip("/") or "/"
        await self.app(scope, receive, send)


def middleware(origins: Sequence[str]) -> list[Middleware]:
    """All of it; browsers of these origins may call."""
    cors = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "If-None-Match", "If-Range", "Range"],
        expose_headers=["Content-Disposition", "Content-Range", "ETag", "Retry-After", "WWW-Authenticate"],
    )
    return [Middleware(TrailingSlash), cors]
