"""A bare ASGI application that answers every frame with a fixed text: as little as can be done on uvicorn."""

from typing import Any

from serving import FIXED_REPLY, Receive, Send, arguments, serve

REPLY = {"type": "websocket.send", "text": FIXED_REPLY}


async def app(_scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Accept, then answer until the client leaves."""
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] == "websocket.receive":
        await send(REPLY)


if __name__ == "__main__":
    serve(app, arguments().port)
