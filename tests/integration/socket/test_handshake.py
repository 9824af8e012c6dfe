"""Clients that go before their handshake has an answer."""

import asyncio
import logging
from urllib.parse import urlsplit

import pytest

from models.errors import Unauthenticated
from tests.support import Server

REQUEST = (
    "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer {token}\r\n\r\n"
)


@pytest.mark.parametrize("welcome", [True, False])
async def test_who_goes_during_the_handshake_leaves_nothing_and_is_no_fault(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, welcome: bool
) -> None:
    person = await server.user()
    sockets = server.app.sockets  # type: ignore[attr-defined]
    original, reached, gone, done = sockets.authenticate, asyncio.Event(), asyncio.Event(), asyncio.Event()
    unseen: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: unseen.append(context))

    async def late(connection: object, token: str) -> int:
        transport = connection._transport  # type: ignore[attr-defined]
        reached.set()
        await gone.wait()
        while not transport.disconnected:
            await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(done.set)
        if not welcome:
            raise Unauthenticated
        head: int = await original(connection, token)
        return head

    monkeypatch.setattr(sockets, "authenticate", late)
    where = urlsplit(server.url)
    _, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(REQUEST.format(token=person.token).encode())
    async with asyncio.timeout(5):
        await reached.wait()
        writer.transport.abort()
        gone.set()
        await done.wait()
        while sockets.users:
            await asyncio.sleep(0.01)
    for _ in range(5):
        await asyncio.sleep(0)
    assert list(sockets) == []
    assert unseen == []
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
