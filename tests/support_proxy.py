"""A proxy between a client and an engine that does what networks do: it loses, delays, freezes and cuts.

    async with between_postgres(url) as (proxy, url):
        answer = proxy.when(TO_CLIENT, b"COMMIT", cut)  # the answer of the next COMMIT is lost
        ...
        await answer.sprung.wait()

A rule looks at whole messages where the protocol is known (PostgreSQL), otherwise at what one read brought; a pattern
is found there too when it is spread over several reads.
"""

import asyncio
import contextlib
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

READ_BYTES = 65_536
GONE = (OSError, RuntimeError)
"""What writing to a closed connection raises; the second is uvloop's."""


class Direction(StrEnum):
    """Which way a message goes."""

    TO_SERVER = "to the server"
    TO_CLIENT = "to the client"


TO_SERVER, TO_CLIENT = Direction.TO_SERVER, Direction.TO_CLIENT


class Splitter:
    """What one read brought is one message."""

    def feed(self, data: bytes) -> list[bytes]:
        return [data]


class PostgresSplitter(Splitter):
    """Messages of PostgreSQL's protocol, version 3, without TLS: only a client's first one has no type."""

    def __init__(self, direction: Direction) -> None:
        self._buffer = b""
        self._header = 4 if direction is TO_SERVER else 5

    def feed(self, data: bytes) -> list[bytes]:
        self._buffer += data
        messages = []
        while len(self._buffer) >= self._header:
            size = int.from_bytes(self._buffer[self._header - 4 : self._header]) + self._header - 4
            if len(self._buffer) < size:
                break
            messages.append(self._buffer[:size])
            self._buffer = self._buffer[size:]
            self._header = 5
        return messages


class Link:
    """One connection through the proxy."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.writers = {TO_CLIENT: client, TO_SERVER: server}
        self.silent: set[Direction] = set()
        self.cut_off = False
        self.tail: defaultdict[Direction, bytes] = defaultdict(bytes)

    def cut(self) -> None:
        """Reset both ends; what has not been passed on is lost."""
        self.cut_off = True
        for writer in self.writers.values():
            writer.transport.abort()


Act = Callable[[Link, Direction, bytes], Awaitable[bytes]]
"""What to do with a message: returns what is passed on."""


async def drop(_link: Link, _direction: Direction, _message: bytes) -> bytes:
    """Lose this message alone."""
    return b""


async def cut(link: Link, _direction: Direction, _message: bytes) -> bytes:
    """Cut the connection instead of passing this message on."""
    link.cut()
    return b""


async def pass_and_cut(link: Link, direction: Direction, message: bytes) -> bytes:
    """Pass this message on, then cut the connection."""
    writer = link.writers[direction]
    writer.write(message)
    await writer.drain()
    link.cut()
    return b""


async def pass_and_end(_link: Link, _direction: Direction, message: bytes) -> bytes:
    """Pass this message on, and behind it PostgreSQL's word that an administrator ended the session."""
    fields = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
    return message + b"E" + (len(fields) + 4).to_bytes(4) + fields


async def fall_silent(link: Link, direction: Direction, _message: bytes) -> bytes:
    """Lose this message and all that follow it in its direction; the connection stays open."""
    link.silent.add(direction)
    return b""


def delay(seconds: float) -> Act:
    """Pass this message, and those behind it, on so much later."""

    async def act(_link: Link, _direction: Direction, message: bytes) -> bytes:
        await asyncio.sleep(seconds)
        return message

    return act


def hold(until: asyncio.Event) -> Act:
    """Pass this message, and those behind it, on when the test says so."""

    async def act(_link: Link, _direction: Direction, message: bytes) -> bytes:
        await until.wait()
        return message

    return act


@dataclass(eq=False)
class Rule:
    """Does something to the n-th message of a direction that holds a pattern, and to the next ones after it.

    Attributes:
        nth: Counted from when the rule was made, over all connections.
        times: To how many messages it happens, beginning with the n-th.
        sprung: Set when it has happened for the first time.
    """

    direction: Direction
    pattern: bytes
    act: Act
    nth: int = 1
    times: int = 1
    seen: int = 0
    sprung: asyncio.Event = field(default_factory=asyncio.Event)

    def takes(self, link: Link, direction: Direction, message: bytes) -> bool:
        """Whether this message is one that the rule is about; counts it."""
        if direction is not self.direction:
            return False
        overlap = len(self.pattern) - 1
        before = link.tail[direction][-overlap:] if overlap > 0 else b""
        if self.pattern not in before + message:
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times


class Proxy:
    """Listens at one place and connects to another."""

    def __init__(self, listen: Path, upstream: Path, splitter: Callable[[Direction], Splitter]) -> None:
        self.links: set[Link] = set()
        self._listen = listen
        self._upstream = upstream
        self._splitter = splitter
        self._rules: list[Rule] = []
        self._server: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._tasks: set[asyncio.Task[None]] = set()

    def when(self, direction: Direction, pattern: bytes, act: Act, *, nth: int = 1, times: int = 1) -> Rule:
        """Do something when a pattern passes; the empty pattern is every message."""
        rule = Rule(direction, pattern, act, nth, times)
        self._rules.append(rule)
        return rule

    def forget_rules(self) -> None:
        """From now on everything passes."""
        self._rules.clear()

    async def accept(self) -> None:
        """Let clients connect."""
        self._server = await asyncio.start_unix_server(self._serve, self._listen)

    def refuse(self) -> None:
        """Refuse new connections; those that exist stay."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._listen.unlink(missing_ok=True)

    def cut(self) -> None:
        """Cut every connection."""
        for link in list(self.links):
            link.cut()

    def freeze(self) -> None:
        """Pass nothing on any more, in neither direction; connections stay open and new ones are accepted."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Go on where `freeze` stopped."""
        self._flowing.set()

    async def close(self) -> None:
        """End everything."""
        self.refuse()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(OSError):
                server_reader, server_writer = await asyncio.open_unix_connection(self._upstream)
                await self._link(Link(writer, server_writer), reader, server_reader)
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _link(self, link: Link, client: asyncio.StreamReader, server: asyncio.StreamReader) -> None:
        self.links.add(link)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(link, TO_SERVER, client))
                group.create_task(self._pump(link, TO_CLIENT, server))
        finally:
            self.links.discard(link)
            for writer in link.writers.values():
                writer.close()

    async def _pump(self, link: Link, direction: Direction, reader: asyncio.StreamReader) -> None:
        splitter, writer = self._splitter(direction), link.writers[direction]
        with contextlib.suppress(*GONE):
            while data := await reader.read(READ_BYTES):
                for message in splitter.feed(data):
                    await self._flowing.wait()
                    passed = await self._judged(link, direction, message)
                    if passed and not link.cut_off and direction not in link.silent:
                        writer.write(passed)
                        await writer.drain()
        if not link.cut_off:
            with contextlib.suppress(*GONE):
                writer.write_eof()

    async def _judged(self, link: Link, direction: Direction, message: bytes) -> bytes:
        rule = next((one for one in self._rules if one.takes(link, direction, message)), None)
        longest = max((len(one.pattern) for one in self._rules), default=1)
        link.tail[direction] = (link.tail[direction] + message)[-longest:]
        if rule is None:
            return message
        rule.sprung.set()
        return await rule.act(link, direction, message)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    # Short, because the path of a Unix socket may have no more than about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="nexa-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def between_postgres(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before a PostgreSQL that listens on a Unix socket, and the URL that leads through it."""
    options = parse_qs(urlsplit(url).query)
    folder, port = options["host"][0], options.get("port", ["5432"])[0]
    name = f".s.PGSQL.{port}"
    with _folder() as own:
        proxy = Proxy(own / name, Path(folder) / name, PostgresSplitter)
        await proxy.accept()
        try:
            yield proxy, url.replace(quote(folder), quote(str(own)))
        finally:
            await proxy.close()


@contextlib.asynccontextmanager
async def between_redis(url: str) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before a Redis that listens on a Unix socket, and the URL that leads through it."""
    with _folder() as own:
        proxy = Proxy(own / "redis.sock", Path(unquote(urlsplit(url).path)), lambda _direction: Splitter())
        await proxy.accept()
        try:
            yield proxy, f"unix://{quote(str(own / 'redis.sock'))}"
        finally:
            await proxy.close()
