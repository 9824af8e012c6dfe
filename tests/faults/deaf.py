"""A client that asks and never reads."""

import asyncio
import base64
import os
import socket
from contextlib import suppress

import orjson

QUESTION = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": "rpc.discover"})


def _masked(payload: bytes) -> bytes:
    """A text frame of a client; a mask of zeros leaves the payload as it is."""
    return b"\x81" + bytes([0x80 | len(payload)]) + bytes(4) + payload


async def be_deaf(port: int, seconds: float) -> bool:
    """Ask for large answers and read none of them; says whether the server has cut the connection in time."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    nonce = base64.b64encode(os.urandom(16)).decode()
    head = f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    head += f"Sec-WebSocket-Key: {nonce}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    try:
        async with asyncio.timeout(seconds):
            await loop.sock_connect(sock, ("127.0.0.1", port))
            await loop.sock_sendall(sock, head.encode())
            while True:
                await loop.sock_sendall(sock, _masked(QUESTION))
                await asyncio.sleep(0.01)
    except OSError as error:
        # A reset shows as soon as something is written; a time-out is ours.
        return not isinstance(error, TimeoutError)
    finally:
        with suppress(OSError):
            sock.close()
