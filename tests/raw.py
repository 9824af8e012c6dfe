"""A WebSocket client that does nothing by itself, and frames as a test wants them."""

import asyncio
import base64
import os
import socket as sockets
from collections.abc import Awaitable, Callable
from typing import Any, Self

import orjson
from websockets.frames import Frame, Opcode

from tests.support import WAIT, Server


def request(method: str, id_: Any = None, **params: Any) -> bytes:
    """A call, a notification where there is no id."""
    call = {"jsonrpc": "2.0", "method": method, "params": params}
    return orjson.dumps(call if id_ is None else {**call, "id": id_})


def frame(payload: bytes, opcode: Opcode = Opcode.TEXT, *, fin: bool = True) -> bytes:
    """One masked frame."""
    return Frame(opcode, payload, fin).serialize(mask=True, extensions=[])


class RawSocket:
    """A WebSocket client that does nothing by itself: no pongs, no closing handshake, no reading."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, server: Server, token: str | None = None, *, window: int | None = None) -> Self:
        port = int(server.url.rpartition(":")[2])
        own = sockets.socket()
        if window is not None:
            own.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, window)
        own.setblocking(False)
        await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=own, limit=window or 2**20)
        nonce = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /ws HTTP/1.1",
            "Host: nexa",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {nonce}",
            "Sec-WebSocket-Version: 13",
        ]
        if token is not None:
            lines.append(f"Authorization: Bearer {token}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        return cls(reader, writer)

    async def next(self) -> tuple[int, bytes]:
        """The opcode and the payload of the next frame."""
        async with asyncio.timeout(WAIT):
            first, length = await self.reader.readexactly(2)
            if length in {126, 127}:
                length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8))
            return first & 0x0F, await self.reader.readexactly(length)

    async def until(self, opcode: Opcode) -> bytes:
        """The payload of the next frame of a kind; others are passed over."""
        while True:
            found, payload = await self.next()
            if found == opcode:
                return payload

    async def close_code(self) -> int:
        return int.from_bytes((await self.until(Opcode.CLOSE))[:2])

    async def lost(self) -> None:
        """Wait until the server has cut the connection."""
        async with asyncio.timeout(WAIT):
            try:
                while await self.reader.read(65536):
                    pass
            except ConnectionResetError:
                pass

    def close(self) -> None:
        self.writer.transport.abort()


Raw = Callable[..., Awaitable[RawSocket]]
