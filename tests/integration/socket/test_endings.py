"""However a socket ends, the others notice nothing, and it is cut in time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from websockets.frames import Opcode

from server.kernel.rpc import Ctx, Params, public, query
from tests.raw import Raw, RawSocket, frame, request
from tests.support import Person, Server

StartApp = Callable[..., Awaitable[Server]]
CLOSE = frame((1000).to_bytes(2), Opcode.CLOSE)
BAD_CODE = frame((999).to_bytes(2), Opcode.CLOSE)
CUT_WITHIN = 8.0


class Size(Params):
    size: int


def big(_ctx: Ctx, params: Size) -> str:
    """A text of any size."""
    return "x" * params.size


@pytest.fixture
def start(start_app: StartApp) -> StartApp:
    async def start(**settings: Any) -> Server:
        server = await start_app(**{"guest_calls_burst": 100_000, "queries_burst": 100_000, **settings})
        declared = query("test.big", access=public)(big)
        server.app.core.registry.methods["test.big"] = declared  # type: ignore[attr-defined]
        return server

    return start


async def unread(raw: Raw, server: Server, person: Person | None = None) -> RawSocket:
    """A socket of which nothing is read, and for which more waits than the system takes."""
    socket = await raw(server, person.token if person else None, window=4096)
    socket.writer.transport.pause_reading()
    connection = list(server.app.sockets)[-1]  # type: ignore[attr-defined]
    async with asyncio.timeout(10):
        while connection._transport.transport.get_write_buffer_size() < 100_000:
            socket.writer.write(frame(request("test.big", 1, size=200_000)))
            await asyncio.sleep(0.01)
    return socket


def count(server: Server) -> int:
    return sum(1 for _ in server.app.sockets)  # type: ignore[attr-defined]


async def emptied(server: Server, left: int = 0) -> None:
    async with asyncio.timeout(CUT_WITHIN):
        while count(server) > left:
            await asyncio.sleep(0.02)


FAULTY = {
    "a close frame": CLOSE,
    "a close frame with a bad code": BAD_CODE,
    "a close frame in the middle of a message": frame(b"x", fin=False) + CLOSE,
    "a frame without a mask": b"\x81\x01x",
    "a reserved opcode": b"\x83\x80\0\0\0\0",
    "a reserved bit": b"\xc1\x80\0\0\0\0",
    "a long ping": frame(b"x" * 125, Opcode.PING)[:1] + b"\xfe\0\x80" + b"\0" * 132,
    "a continuation of nothing": frame(b"x", Opcode.CONT),
    "a message that is too big": b"\x81\xff" + (2**20).to_bytes(8) + b"\0" * 4,
    "a binary frame": frame(b"x", Opcode.BINARY),
    "bytes that are not UTF-8": frame(b"\xff\xfe"),
}


async def test_guests_that_end_and_read_nothing_harm_nobody(start: StartApp, raw: Raw) -> None:
    server = await start(guest_seconds=0.4)
    for fault in FAULTY.values():
        (await unread(raw, server)).writer.write(fault)
    # The sweep goes on for the others, and the faulty ones are gone for good.
    assert await (await server.connect()).closed() == 4008
    await emptied(server)
    assert await (await server.connect()).closed() == 4008


async def test_twenty_faulty_sockets_that_are_not_read_are_all_cut(start: StartApp, raw: Raw) -> None:
    server = await start()
    for number in range(20):
        (await unread(raw, server)).writer.write(list(FAULTY.values())[number % len(FAULTY)])
    await emptied(server)


async def test_a_socket_that_answers_no_ping_and_reads_nothing_is_cut(start: StartApp, raw: Raw) -> None:
    server = await start(heartbeat_seconds=0.3)
    await unread(raw, server)
    await emptied(server)


async def test_who_writes_to_somebody_that_has_closed_and_reads_nothing_is_answered(start: StartApp, raw: Raw) -> None:
    server = await start()
    ada, bob = await server.user("Ada"), await server.user("Bob")
    gone = await unread(raw, server, bob)
    gone.writer.write(frame(request("session.subscribe", 9, topics={bob.topic: None})))
    behind = await server.connect(bob)
    await behind.subscribe({bob.topic: None})
    gone.writer.write(CLOSE)
    sender = await server.connect(ada)
    for number in range(3):
        await sender.call("message.send", receiver_id=bob.id, content=f"{number}")
    assert [(await behind.event("message.created"))["params"]["data"]["content"] for _ in range(3)] == ["0", "1", "2"]


async def test_a_socket_whose_closing_has_begun_counts_no_longer(start: StartApp, raw: Raw) -> None:
    server = await start()
    bob = await server.user("Bob")
    gone = await unread(raw, server, bob)
    gone.writer.write(CLOSE)
    sockets = server.app.sockets  # type: ignore[attr-defined]
    async with asyncio.timeout(1.5):  # long before it is cut
        while UUID(bob.id) in sockets.users:
            await asyncio.sleep(0.01)
    assert count(server) == 1
    await emptied(server)


async def test_logging_out_is_answered_though_a_socket_has_closed_and_reads_nothing(start: StartApp, raw: Raw) -> None:
    server = await start()
    bob = await server.user("Bob")
    (await unread(raw, server, bob)).writer.write(CLOSE)
    async with server.http() as http:
        answer = await http.post(
            "/api/v1/auth/logout",
            json={"refresh_token": bob.refresh_token},
            headers={"Authorization": f"Bearer {bob.token}"},
        )
    assert answer.status_code == 200
    await emptied(server)


@pytest.mark.parametrize("fails", ["closing", "sending"])
async def test_one_socket_that_fails_keeps_nothing_from_the_others(
    start: StartApp, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    """Whatever is done for many goes on after the failure of one: here one whose transport is broken on purpose."""
    server = await start(guest_seconds=0.5)
    bob = await server.user("Bob")
    broken, behind, guest = await server.connect(bob), await server.connect(bob), await server.connect()
    for one in (broken, behind):
        await one.subscribe({bob.topic: None})
    first = next(one for one in server.app.sockets if one.id == broken.ready["connection_id"])  # type: ignore[attr-defined]

    def fail(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    if fails == "sending":
        first.send_frame = fail
    else:
        monkeypatch.setattr(first, "told_to_refresh", property(fail), raising=False)
        monkeypatch.setattr(first.caller, "expires_at", "never")
    sender = await server.connect(await server.user("Ada"))
    await sender.call("message.send", receiver_id=bob.id, content="hi")
    assert (await behind.event("message.created"))["params"]["data"]["content"] == "hi"
    assert await guest.closed() == 4008
    assert await broken.closed() == 1011


# Output


async def test_pings_of_a_client_that_reads_nothing_fill_no_memory(start: StartApp, raw: Raw) -> None:
    server = await start(socket_frames_burst=10**9, socket_bytes_burst=10**9)
    socket = await unread(raw, server)
    (connection,) = server.app.sockets  # type: ignore[attr-defined]
    transport = connection._transport
    before = transport.transport.get_write_buffer_size()
    ping = frame(b"x" * 125, Opcode.PING) * 1000
    for _ in range(40):
        socket.writer.write(ping)
        await asyncio.sleep(0)
    socket.writer.write(frame(request("session.ping", "after")))
    async with asyncio.timeout(10):
        while not transport.close_sent and transport._waiting_bytes <= before:
            await asyncio.sleep(0.01)
    assert transport.transport.get_write_buffer_size() < before + 4000
    assert not transport.close_sent


async def test_the_latest_pong_comes_once_the_client_reads_again(start: StartApp, raw: Raw) -> None:
    server = await start()
    socket = await unread(raw, server)
    for number in range(100):
        socket.writer.write(frame(str(number).encode(), Opcode.PING))
    await asyncio.sleep(0.2)
    socket.writer.transport.resume_reading()
    assert await socket.until(Opcode.PONG) == b"99"


async def test_every_ping_is_answered_while_the_client_reads(start: StartApp, raw: Raw) -> None:
    socket = await raw(await start())
    socket.writer.write(b"".join(frame(str(number).encode(), Opcode.PING) for number in range(100)))
    assert [await socket.until(Opcode.PONG) for _ in range(100)] == [str(number).encode() for number in range(100)]


# Order


async def test_what_came_before_a_fault_is_answered_before_the_close(start: StartApp, raw: Raw) -> None:
    server = await start()
    first, second = (frame(request("session.ping", number)) for number in (1, 2))
    for fault, code in (("a frame without a mask", 1002), ("a close frame", 1000)):
        socket = await raw(server)
        socket.writer.write(first + frame(b"p", Opcode.PING) + second + FAULTY[fault])
        found = [await socket.next() for _ in range(5)]
        # The first text is session.ready.
        assert [opcode for opcode, _ in found] == [Opcode.TEXT, Opcode.TEXT, Opcode.PONG, Opcode.TEXT, Opcode.CLOSE]
        assert int.from_bytes(found[-1][1][:2]) == code
