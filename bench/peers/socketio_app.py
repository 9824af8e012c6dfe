"""python-socketio with its Redis manager: an acknowledgement that echoes, and a fan-out by emitting to a room."""

from typing import Any

import socketio
from serving import arguments, serve

ROOM = "everybody"


def make_app(redis_url: str) -> socketio.ASGIApp:
    """Build the application; the packets travel through Redis only where the fan-out needs it."""
    manager = socketio.AsyncRedisManager(redis_url) if redis_url else None
    server = socketio.AsyncServer(async_mode="asgi", client_manager=manager, transports=["websocket"])

    @server.on("echo")
    async def echo(_sid: str, data: Any) -> Any:
        return data

    @server.on("join")
    async def join(sid: str, _data: Any) -> str:
        await server.enter_room(sid, ROOM)
        return "joined"

    @server.on("fan")
    async def fan(_sid: str, data: Any) -> None:
        await server.emit("fanned", data, room=ROOM)

    return socketio.ASGIApp(server)


if __name__ == "__main__":
    options = arguments()
    serve(make_app(options.redis), options.port, lifespan="on")
