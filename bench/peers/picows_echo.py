"""picows, the fastest WebSocket library of Python: fixed answers, and a fan-out through Redis.

A frame `fan…` is published on Redis; the one subscription of the process sends it to every socket that said `join`.
"""

import asyncio
from collections.abc import Coroutine

import redis.asyncio
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_create_server
from serving import FIXED_REPLY, arguments

CHANNEL = "picows-fan-out"
REPLY = FIXED_REPLY.encode()


class Hub:
    """The sockets that joined, and the way of an event to them."""

    def __init__(self, redis_url: str) -> None:
        self.redis = redis.asyncio.Redis.from_url(redis_url)
        self.members: set[WSTransport] = set()
        self.running: set[asyncio.Task[None]] = set()

    def start(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(coroutine)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def publish(self, event: bytes) -> None:
        await self.redis.publish(CHANNEL, event)

    async def follow(self) -> None:
        async with self.redis.pubsub(ignore_subscribe_messages=True) as subscription:
            await subscription.subscribe(CHANNEL)
            async for message in subscription.listen():
                for member in self.members:
                    member.send(WSMsgType.TEXT, message["data"])


class Listener(WSListener):
    """One socket."""

    def __init__(self, hub: Hub | None) -> None:
        self.hub = hub

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self.answer(transport, frame)
        elif frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code(), b"")
            transport.disconnect()

    def answer(self, transport: WSTransport, frame: WSFrame) -> None:
        if self.hub is None:
            transport.send(WSMsgType.TEXT, REPLY)
        elif frame.get_payload_as_bytes().startswith(b"fan"):
            self.hub.start(self.hub.publish(frame.get_payload_as_bytes()))
        else:
            self.hub.members.add(transport)
            transport.send(WSMsgType.TEXT, b"joined")

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if self.hub is not None:
            self.hub.members.discard(transport)


async def main() -> None:
    """Serve until the process is told to end; with a Redis as a fan-out, without one as an echo."""
    options = arguments()
    hub = Hub(options.redis) if options.redis else None
    server = await ws_create_server(lambda _request: Listener(hub), "127.0.0.1", options.port, backlog=2048)
    if hub is not None:
        hub.start(hub.follow())
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
