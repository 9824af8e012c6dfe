"""Bad networks: proxies that drop, delay, repeat or cut the n-th frame of a WebSocket or the n-th reply of a Redis."""

import asyncio
import contextlib
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from urllib.parse import quote, unquote, urlsplit

from tests.support import free_port
from tests.support_proxy import (
    TO_CLIENT,
    TO_SERVER,
    Act,
    Direction,
    Link,
    Proxy,
    Rule,
    Splitter,
    cut,
    delay,
    fall_silent,
)

PUBLISHED = b"\r\nmessage\r\n"
COMMITTED = b"COMMIT\0"


class FrameSplitter(Splitter):
    """The upgrade's head is one message, every WebSocket frame after it another (RFC 6455, section 5.2)."""

    def __init__(self, _direction: Direction) -> None:
        self._buffer = b""
        self._upgraded = False

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        messages = []
        while 0 < (size := self._size()) <= len(self._buffer):
            messages.append(self._buffer[:size])
            self._buffer = self._buffer[size:]
        return messages

    def _size(self) -> int:
        """How long the next message is, 0 while that cannot be said."""
        if not self._upgraded:
            end = self._buffer.find(b"\r\n\r\n")
            self._upgraded = end >= 0
            return end + 4 if self._upgraded else 0
        if len(self._buffer) < 2:
            return 0
        short = self._buffer[1] & 0x7F
        extended = {126: 2, 127: 8}.get(short, 0)
        if len(self._buffer) < 2 + extended:
            return 0
        length = int.from_bytes(self._buffer[2 : 2 + extended]) if extended else short
        return 2 + extended + (4 if self._buffer[1] & 0x80 else 0) + length


class ReplySplitter(Splitter):
    """Every reply and every command of Redis' protocol, version 2, is one message."""

    _LINE = re.compile(rb"([+\-:$*])([^\r]*)\r\n")

    def __init__(self, _direction: Direction) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        messages = []
        start = 0
        while (end := self._end(start)) is not None:
            messages.append(self._buffer[start:end])
            start = end
        self._buffer = self._buffer[start:]
        return messages

    def _end(self, start: int) -> int | None:
        line = self._LINE.match(self._buffer, start)
        if line is None:
            return None
        end = line.end()
        if line[1] == b"$":
            end += int(line[2]) + 2 if int(line[2]) >= 0 else 0
        elif line[1] == b"*":
            for _ in range(max(0, int(line[2]))):
                after = self._end(end)
                if after is None:
                    return None
                end = after
        return end if end <= len(self._buffer) else None


class TcpProxy(Proxy):
    """The proxy between two ports of this machine."""

    def __init__(self, upstream: int) -> None:
        super().__init__(Path(), Path(), FrameSplitter)
        self.port = free_port()
        self._upstream_port = upstream

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"http://127.0.0.1:{self.port}"

    async def accept(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    def refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError):
                upstream = await asyncio.open_connection("127.0.0.1", self._upstream_port)
                await self._link(Link(writer, upstream[1]), reader, upstream[0])
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            writer.close()


@contextlib.asynccontextmanager
async def before_server(port: int) -> AsyncIterator[TcpProxy]:
    """A proxy that clients may connect to instead of the server."""
    proxy = TcpProxy(port)
    await proxy.accept()
    try:
        yield proxy
    finally:
        await proxy.close()


@contextlib.asynccontextmanager
async def before_redis(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before a Redis on a Unix socket that knows where its replies begin, and the URL that leads through it."""
    folder = Path(tempfile.mkdtemp(prefix="nexa-"))
    proxy = Proxy(folder / "redis.sock", Path(unquote(urlsplit(url).path)), ReplySplitter)
    await proxy.accept()
    try:
        yield proxy, f"unix://{quote(str(folder / 'redis.sock'))}"
    finally:
        await proxy.close()
        shutil.rmtree(folder, ignore_errors=True)


class Tampered:
    """What a proxy did to frames on their way to clients, so that a client's complaint can be told from a fault."""

    def __init__(self) -> None:
        self.repeated: list[bytes] = []
        self.dropped: list[bytes] = []

    async def repeat(self, _link: Link, direction: Direction, message: bytes) -> bytes:
        """Pass a message twice; but an upgrade only once."""
        if message.startswith((b"GET ", b"HTTP")):
            return message
        if direction is TO_CLIENT:
            self.repeated.append(message)
        return message + message

    async def drop(self, _link: Link, direction: Direction, message: bytes) -> bytes:
        """Lose a message."""
        if direction is TO_CLIENT:
            self.dropped.append(message)
        return b""

    def act(self, name: str, rng: Random) -> Act:
        """One way of the network to misbehave."""
        acts = {"drop": self.drop, "repeat": self.repeat, "cut": cut, "silence": fall_silent}
        return delay(rng.uniform(0.2, 2.0)) if name == "delay" else acts[name]

    def has_repeated(self, pattern: bytes) -> bool:
        """Whether a message with this in it was passed twice."""
        return any(pattern in message for message in self.repeated)

    def has_dropped(self, *patterns: bytes) -> bool:
        """Whether a message with all of these in it was lost."""
        return any(all(pattern in message for pattern in patterns) for message in self.dropped)


async def spring(proxy: Proxy, direction: Direction, pattern: bytes, act: Act, *, nth: int, seconds: float) -> bool:
    """Let something happen to one message, and wait until it has; False when no such message came in time."""
    rule: Rule = proxy.when(direction, pattern, act, nth=nth)
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(rule.sprung.wait(), seconds)
        return rule.sprung.is_set()
    finally:
        proxy._rules.remove(rule)


DIRECTIONS = (TO_SERVER, TO_CLIENT)
