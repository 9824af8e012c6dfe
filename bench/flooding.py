"""Floods for the row `floods`: a process of its own, at the lowest priority, on 127.0.0.1, for a given time.

`python -m bench.flooding NAME PORT SECONDS`, with the tokens of the attackers on stdin. It writes as fast as the server
reads, throws away what comes back, and opens a connection again when the server has ended it, at most 50 times a
second.
"""

import json
import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{authorization}\r\n"
)
UPLOAD = (
    "POST /api/v1/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
)
REOPENED_EVERY = 0.02
CHUNK = 256 * 1024


def frame(opcode: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """A masked frame (RFC 6455, section 5.2); its mask is zero."""
    head = bytes([0x80 * final | opcode])
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
    return head + length + bytes(4) + payload


def text(method: str, **params: object) -> bytes:
    return frame(1, json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())


def asked(method: str, **params: object) -> bytes:
    return frame(1, json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode())


def posted(body: object, token: str) -> bytes:
    content = json.dumps(body).encode()
    head = f"POST /api/v1/rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


@dataclass(frozen=True)
class Attacker:
    """Who attacks: an access token and the topic of its owner."""

    token: str
    topic: str


@dataclass(frozen=True)
class Flood:
    """What is sent on each connection: once at its beginning, then again and again.

    Attributes:
        sockets: How many connections.
        first: What opens it.
        again: What follows without an end; empty: nothing.
        pause: Seconds between two pieces of what follows.
        reads: Whether what comes back is read.
    """

    sockets: int
    first: Callable[[Attacker], bytes]
    again: Callable[[Attacker], bytes] = lambda _: b""
    pause: float = 0
    reads: bool = True


def socket_of(attacker: Attacker) -> bytes:
    return HANDSHAKE.format(authorization=f"Authorization: Bearer {attacker.token}\r\n").encode()


def nothing(_attacker: Attacker) -> bytes:
    return b""


def unknown_topics(_attacker: Attacker) -> bytes:
    return asked("session.subscribe", topics={f"conversation:{uuid4()}": None for _ in range(128)})


def own_log(attacker: Attacker) -> bytes:
    unsubscribe = text("session.unsubscribe", topics=[attacker.topic])
    return asked("session.subscribe", topics={attacker.topic: {"seq": 0}}) + unsubscribe


def discoveries(attacker: Attacker) -> bytes:
    return posted([{"jsonrpc": "2.0", "id": one, "method": "rpc.discover"} for one in range(50)], attacker.token)


FLOODS = {
    "empty pings": Flood(1, socket_of, lambda _: frame(9) * 20_000),
    "pings, unread": Flood(1, socket_of, lambda _: frame(9, bytes(125)) * 2000, reads=False),
    "empty continuations": Flood(
        1, lambda one: socket_of(one) + frame(1, final=False), lambda _: frame(0, final=False) * 20_000
    ),
    "session.ping notifications": Flood(1, socket_of, lambda _: text("session.ping") * 2000),
    "malformed requests": Flood(1, socket_of, lambda _: frame(1, b"{") * 5000),
    "calls, unread": Flood(5, socket_of, lambda _: asked("system.info") * 20, pause=0.01, reads=False),
    "endless headers": Flood(10, lambda _: b"GET / HTTP/1.1\r\n", lambda _: b"X: a\r\n" * 10_000),
    "silent connections": Flood(300, nothing),
    "discover in batches": Flood(4, discoveries, discoveries, pause=0.05),
    "128 topics": Flood(4, socket_of, unknown_topics, pause=0.02),
    "own log on 10 sockets": Flood(10, socket_of, own_log, pause=0.02),
    "slow uploads": Flood(40, lambda one: UPLOAD.format(token=one.token).encode(), lambda _: b"x", pause=1),
}


class Line:
    """One connection of a flood."""

    def __init__(self, flood: Flood, attacker: Attacker, port: int) -> None:
        self.flood, self.attacker, self.port = flood, attacker, port
        self.socket: socket.socket | None = None
        self.waiting = b""
        self.due = 0.0

    def turn(self, now: float) -> None:
        """Read, write, open again."""
        if self.socket is None:
            if now >= self.due:
                self._open()
            return
        try:
            if self.flood.reads:
                while chunk := self.socket.recv(CHUNK):
                    pass
                if not chunk:
                    self._lost(now)
                    return
        except BlockingIOError:
            pass
        except OSError:
            self._lost(now)
            return
        self._write(now)

    def _open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setblocking(False)
        self.waiting = self.flood.first(self.attacker)
        self.due = 0.0

    def _write(self, now: float) -> None:
        assert self.socket is not None
        if not self.waiting and now >= self.due:
            self.waiting = self.flood.again(self.attacker)
            self.due = now + self.flood.pause
        try:
            self.waiting = self.waiting[self.socket.send(self.waiting) :] if self.waiting else b""
        except BlockingIOError:
            pass
        except OSError:
            self._lost(now)

    def _lost(self, now: float) -> None:
        if self.socket is not None:
            self.socket.close()
        self.socket, self.waiting, self.due = None, b"", now + REOPENED_EVERY


def main() -> None:
    """Flood until the time is over."""
    name, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    attackers = [Attacker(*one) for one in json.load(sys.stdin)]
    os.nice(19)
    flood = FLOODS[name]
    lines = [Line(flood, attackers[number % len(attackers)], port) for number in range(flood.sockets)]
    until = time.monotonic() + seconds
    while (now := time.monotonic()) < until:
        for line in lines:
            line.turn(now)
        time.sleep(0.002)


if __name__ == "__main__":
    main()
