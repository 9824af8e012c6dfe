"""What all peers share: their arguments, and uvicorn with the settings that are fastest for each of them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# As long as the reply of a small query: what the bare servers answer to everything.
FIXED_REPLY = (
    '{"jsonrpc":"2.0","id":1,"result":{"status":"ok","service":"nexa","version":"0.1.0",'
    '"environment":"development","server_time":"2026-11-21T09:00:00.000Z"}}'
)


def arguments() -> Namespace:
    """Read the arguments with which the harness starts every peer."""
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", default="", help="URL of PostgreSQL")
    parser.add_argument("--redis", default="", help="URL of Redis")
    parser.add_argument("--seed", default="0x0", help="receivers x messages to be there at the start")
    return parser.parse_args()


def serve(app: Any, port: int, lifespan: str = "off") -> None:
    """Serve an ASGI application until the process is told to end."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan=lifespan,  # type: ignore[arg-type]
        access_log=False,
        log_level="warning",
    )
