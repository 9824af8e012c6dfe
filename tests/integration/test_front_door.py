"""What a connection may take before there is a request: heads, bodies and handshakes that never end hold nobody up."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson
import pytest
from websockets.asyncio.client import connect

from tests.support import Server

StartApp = Callable[..., Awaitable[Server]]

MB = 1024 * 1024
SOON = 5.0
GET = b"GET /health/live HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /api/v1/rpc HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
CALL = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": "system.info", "params": {}})


@dataclass
class Raw:
    """A connection on which a test sends what it likes."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send, as far as the server lets us."""
        try:
            for start in range(0, len(data), MB):
                self.writer.write(data[start : start + MB])
                await self.writer.drain()
        except ConnectionError:
            return

    async def answer(self) -> tuple[int, bytes]:
        """The status and the head of one answer; its body is read."""
        async with asyncio.timeout(SOON):
            head = await self.reader.readuntil(b"\r\n\r\n")
            names = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
            body = await self.reader.readexactly(int(names.get(b"content-length", b"0")))
        status = int(head.split()[1])
        if status >= 400:
            assert set(orjson.loads(body)) >= {"code", "error", "message", "detail", "request_id"}
        return status, head

    async def ends(self) -> None:
        """Wait until the server has ended the connection."""
        async with asyncio.timeout(SOON):
            try:
                while await self.reader.read(MB):
                    pass
            except ConnectionError:
                return


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Raw]:
    where = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


async def is_well(server: Server) -> None:
    async with server.http() as http:
        assert (await http.get("/health/live")).status_code == 200


def handshake(*lines: bytes, version: bytes | None = b"13", method: bytes = b"GET", path: bytes = b"/ws") -> bytes:
    key = base64.b64encode(bytes(16))
    first = [method + b" " + path + b" HTTP/1.1", b"Host: a", b"Upgrade: websocket", b"Connection: Upgrade"]
    stated = [] if version is None else [b"Sec-WebSocket-Version: " + version]
    return b"\r\n".join([*first, b"Sec-WebSocket-Key: " + key, *stated, *lines, b"", b""])


# The size of a head


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(GET + b"X: " + b"a" * (40 * MB), id="40 MB of one header"),
        pytest.param(GET + b"X: a\r\n" * (7 * MB), id="40 MB of headers"),
        pytest.param(b"GET /" + b"a" * (30 * MB), id="a URL of 30 MB"),
        pytest.param(GET + b"X: " + b"a" * 65_536 + b"\r\n\r\n", id="a head that is complete"),
        pytest.param(GET + b"X: a\r\n" * 20_000 + b"\r\n", id="many headers that are complete"),
        pytest.param(b"GET /?" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", id="a URL that is complete"),
        pytest.param(handshake(b"X: " + b"a" * 70_000), id="a handshake"),
    ],
)
async def test_a_head_that_is_too_large_is_431(server: Server, head: bytes) -> None:
    async with connected(server) as raw:
        sending = asyncio.create_task(raw.send(head))
        assert (await raw.answer())[0] == 431
        await raw.ends()
        sending.cancel()
    await is_well(server)


async def test_a_head_may_have_64_kib(server: Server) -> None:
    async with connected(server) as raw:
        await raw.send(GET + b"X: " + b"a" * (65_536 - len(GET) - 7) + b"\r\n\r\n")
        assert (await raw.answer())[0] == 200


async def test_a_large_body_is_no_head(server: Server) -> None:
    async with connected(server) as raw:
        body = CALL[:-1] + b" " * 60_000 + b"}"
        await raw.send(b"POST /api/v1/rpc HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000 + b"\r\n")
        await raw.send(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert (await raw.answer())[0] == 200


async def test_the_second_head_of_a_connection_counts_anew(server: Server) -> None:
    async with connected(server) as raw:
        for _ in range(3):
            await raw.send(GET + b"X: " + b"a" * 40_000 + b"\r\n\r\n")
            assert (await raw.answer())[0] == 200
        await raw.send(GET + b"X: " + b"a" * 90_000)
        assert (await raw.answer())[0] == 431


async def test_what_is_not_http_is_400(server: Server) -> None:
    async with connected(server) as raw:
        await raw.send(b"\x16\x03\x01\x02\x00\r\n\r\n")
        assert (await raw.answer())[0] == 400
        await raw.ends()


# The time of a head


async def test_300_silent_connections_are_cut(start_app: StartApp) -> None:
    server = await start_app(request_head_seconds=0.5)
    where = urlsplit(server.url)
    raws = [Raw(*await asyncio.open_connection(where.hostname, where.port)) for _ in range(300)]
    await is_well(server)
    await asyncio.gather(*(raw.ends() for raw in raws))
    for raw in raws:
        raw.writer.close()


@pytest.mark.parametrize("begun", [GET, b"GET", handshake()[:-2], POST[:20]])
async def test_a_head_that_does_not_end_is_408(start_app: StartApp, begun: bytes) -> None:
    server = await start_app(request_head_seconds=0.3)
    async with connected(server) as raw:
        await raw.send(begun)
        assert (await raw.answer())[0] == 408
        await raw.ends()


async def test_a_head_that_trickles_in_has_no_more_time(start_app: StartApp) -> None:
    server = await start_app(request_head_seconds=0.5)
    async with connected(server) as raw:
        await raw.send(GET)

        async def trickle() -> None:
            while True:
                await raw.send(b"X: a\r\n")
                await asyncio.sleep(0.05)

        sending = asyncio.create_task(trickle())
        assert (await raw.answer())[0] == 408
        sending.cancel()


async def test_empty_lines_after_an_answer_keep_nothing_open(start_app: StartApp) -> None:
    server = await start_app(request_head_seconds=0.3)
    async with connected(server) as raw:
        await raw.send(GET + b"\r\n")
        assert (await raw.answer())[0] == 200
        await raw.send(b"\r\n\r\n")
        await raw.ends()


async def test_a_socket_may_be_silent_for_longer_than_a_head(start_app: StartApp) -> None:
    server = await start_app(request_head_seconds=0.2)
    client = await server.connect()
    await asyncio.sleep(0.5)
    assert (await client.call("session.ping", t=1))["t"] == 1


# Bodies


@pytest.mark.parametrize("part", [b"", CALL[:10]])
async def test_a_body_that_stays_away_is_408(start_app: StartApp, part: bytes) -> None:
    server = await start_app(request_body_seconds=0.4)
    async with connected(server) as raw:
        await raw.send(POST % len(CALL) + part)
        assert (await raw.answer())[0] == 408
        await raw.ends()
    assert not _busy(server)


async def test_a_body_below_the_least_speed_is_408(start_app: StartApp) -> None:
    server = await start_app(request_body_seconds=0.4)
    async with connected(server) as raw:
        await raw.send(POST % 50_000)

        async def trickle() -> None:
            while True:
                await raw.send(b" ")
                await asyncio.sleep(0.02)

        sending = asyncio.create_task(trickle())
        assert (await raw.answer())[0] == 408
        sending.cancel()


async def test_a_fast_beginning_earns_no_time_for_ever(start_app: StartApp) -> None:
    server = await start_app(request_body_seconds=0.4)
    async with connected(server) as raw:
        await raw.send(POST % 60_000 + b" " * 55_000)
        assert (await raw.answer())[0] == 408


async def test_a_body_at_the_least_speed_may_take_its_time(start_app: StartApp) -> None:
    server = await start_app(request_body_seconds=0.4, request_body_bytes_per_second=1000)
    async with connected(server) as raw:
        await raw.send(POST % (len(CALL) + 8000))
        for _ in range(8):
            await raw.send(b" " * 1000)
            await asyncio.sleep(0.2)
        await raw.send(CALL)
        assert (await raw.answer())[0] == 200


def _busy(server: Server) -> bool:
    sockets = server.app.sockets  # type: ignore[attr-defined]
    return bool(list(sockets))


async def test_an_answer_that_is_never_read_ends_its_connection(start_app: StartApp) -> None:
    server = await start_app(response_unread_seconds=0.5)
    where = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=1024)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    for _ in range(60):
        writer.write(b"GET /openrpc.json HTTP/1.1\r\nHost: a\r\n\r\n")
    await asyncio.sleep(2)
    writer.transport.resume_reading()  # type: ignore[attr-defined]
    size = 0
    async with asyncio.timeout(SOON):
        try:
            while chunk := await reader.read(MB):
                size += len(chunk)
        except ConnectionError:
            pass
    async with server.http() as http:
        document = len((await http.get("/openrpc.json")).content)
    assert size < 60 * document
    writer.transport.abort()


# Connections of one network


async def test_a_network_has_so_many_connections(start_app: StartApp) -> None:
    server = await start_app(trusted_proxies="", connections_per_network=3)
    async with connected(server) as one, connected(server) as two:
        async with connected(server) as three:
            for raw in (one, two, three):
                await raw.send(GET + b"\r\n")
                assert (await raw.answer())[0] == 200
            async with connected(server) as four:
                assert (await four.answer())[0] == 429
                await four.ends()
        await is_well(server)


async def test_sockets_do_not_count_as_connections(start_app: StartApp) -> None:
    server = await start_app(trusted_proxies="", connections_per_network=2)
    for _ in range(5):
        await server.connect()
    await is_well(server)


async def test_what_a_proxy_brings_is_not_counted_as_one_network(start_app: StartApp) -> None:
    server = await start_app(trusted_proxies="127.0.0.0/8", connections_per_network=1)
    async with connected(server), connected(server), connected(server):
        await is_well(server)


# Handshakes


async def test_a_long_cookie_opens_a_socket(server: Server) -> None:
    cookie = "; ".join(f"name{number}={'a' * 1000}" for number in range(30))
    url = server.url.replace("http", "ws", 1) + "/ws"
    async with connect(url, additional_headers={"Cookie": cookie}) as socket:
        assert orjson.loads(await socket.recv())["method"] == "session.ready"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param(handshake(*[b"X-%d: a" % number for number in range(200)]), 431, id="200 headers"),
        pytest.param(handshake(b"X: " + b"a" * 20_000), 431, id="a long header"),
        pytest.param(handshake(path=b"/ws?" + b"a" * 20_000), 431, id="a long URL"),
        pytest.param(handshake(b"Cookie: " + b"a" * 20_000), 101, id="a long cookie"),
        pytest.param(handshake(*[b"X-%d: a" % number for number in range(100)]), 101, id="100 headers"),
        pytest.param(handshake(version=b"8"), 426, id="version 8"),
        pytest.param(handshake(version=b"14"), 426, id="version 14"),
        pytest.param(handshake(version=b"13, 8"), 426, id="two versions"),
        pytest.param(handshake(version=None), 426, id="no version"),
        pytest.param(handshake(path=b"/other"), 403, id="another path"),
    ],
)
async def test_a_handshake_is_always_answered(server: Server, request_: bytes, expected: int) -> None:
    async with connected(server) as raw:
        await raw.send(request_)
        async with asyncio.timeout(SOON):
            head = (await raw.reader.readuntil(b"\r\n\r\n")).lower()
        assert int(head.split()[1]) == expected
        assert (b"sec-websocket-version: 13" in head) == (expected == 426)
        if expected != 101:
            await raw.ends()
    await is_well(server)


@pytest.mark.parametrize(
    "request_",
    [
        handshake(method=b"POST"),
        handshake(b"Content-Length: 5") + b"hello",
        handshake(b"Sec-WebSocket-Key: again"),
        handshake(b"Sec-WebSocket-Extensions: \xff\xfe"),
        handshake(b"X: \xe9"),
        handshake().replace(b"HTTP/1.1", b"HTTP/1.0"),
        handshake(b"Transfer-Encoding: chunked"),
    ],
)
async def test_an_odd_handshake_is_answered_too(server: Server, request_: bytes) -> None:
    async with connected(server) as raw:
        await raw.send(request_)
        async with asyncio.timeout(SOON):
            assert (await raw.reader.readline()).startswith(b"HTTP/1.1 ")
    await is_well(server)
