"""One socket's input has a budget, and never holds the event loop for long, whatever it consists of."""

import asyncio
from collections.abc import Awaitable, Callable

import orjson
import pytest
from websockets.frames import Opcode

from tests.raw import Raw, RawSocket, frame, request
from tests.support import Server

StartApp = Callable[..., Awaitable[Server]]

PLENTY = {"guest_calls_per_second": 10**6, "guest_calls_burst": 10**6}
SMALL = {"socket_frames_per_second": 50, "socket_frames_burst": 100}

FLOODS = {
    "empty pings": frame(b"", Opcode.PING),
    "pongs": frame(b"x", Opcode.PONG),
    "session.ping notifications": frame(request("session.ping")),
    "session.ping calls": frame(request("session.ping", 1)),
    "unknown methods": frame(request("no.such.method", 1)),
    "malformed requests": frame(b"[1]"),
    "what is not JSON": frame(b"{"),
    "fragments": frame(b"[", fin=False) + frame(b"", Opcode.CONT, fin=False) * 5 + frame(b"]", Opcode.CONT),
}


async def ended_with(socket: RawSocket) -> int:
    return await socket.close_code()


@pytest.mark.parametrize("flood", list(FLOODS))
async def test_a_flood_is_closed_with_4029_and_an_equal_amount_in_time_is_not(
    start_app: StartApp, raw: Raw, flood: str
) -> None:
    server = await start_app(**PLENTY, **SMALL)
    patient, hasty = await raw(server), await raw(server)
    frames = FLOODS[flood] * (90 // (FLOODS[flood].count(b"\x00\x80") + 1 if flood == "fragments" else 1))
    few = FLOODS[flood] * (10 if flood == "fragments" else 90)
    patient.writer.write(few)
    hasty.writer.write(frames * 2 + few)
    assert await ended_with(hasty) == 4029
    patient.writer.write(frame(request("session.ping", "still there")))
    while (answer := orjson.loads(await patient.until(Opcode.TEXT))) is not None:
        if isinstance(answer, dict) and answer.get("id") == "still there":
            break


async def test_the_requests_of_a_batch_count_one_by_one(start_app: StartApp, raw: Raw) -> None:
    server = await start_app(**PLENTY, **SMALL)
    socket = await raw(server)
    batch = orjson.dumps([orjson.loads(request("session.ping", number)) for number in range(50)])
    socket.writer.write(frame(batch) * 3)
    assert await ended_with(socket) == 4029


async def test_bytes_have_a_budget_of_their_own(start_app: StartApp, raw: Raw) -> None:
    server = await start_app(**PLENTY, socket_bytes_per_second=1000, socket_bytes_burst=100_000)
    socket = await raw(server)
    for _ in range(3):
        socket.writer.write(frame(request("session.ping", 1, t="x" * 40_000)))
    assert await ended_with(socket) == 4029


async def test_the_budget_fills_again(start_app: StartApp, raw: Raw) -> None:
    server = await start_app(**PLENTY, socket_frames_per_second=200, socket_frames_burst=20)
    socket = await raw(server)
    for _ in range(5):
        socket.writer.write(frame(b"p", Opcode.PING) * 19)
        for _ in range(19):
            assert await socket.until(Opcode.PONG) == b"p"
        await asyncio.sleep(0.12)


@pytest.mark.parametrize(("fragments", "code"), [(10, None), (11, 4029)])
async def test_a_message_has_so_many_fragments_at_the_most(
    start_app: StartApp, raw: Raw, fragments: int, code: int | None
) -> None:
    server = await start_app(**PLENTY, socket_fragments=10)
    socket = await raw(server)
    await socket.until(Opcode.TEXT)
    text = request("session.ping", 1)
    parts = [text[:1], *[b""] * (fragments - 2), text[1:]]
    opcodes = [Opcode.TEXT, *[Opcode.CONT] * (fragments - 1)]
    for number, (opcode, part) in enumerate(zip(opcodes, parts, strict=True)):
        socket.writer.write(frame(part, opcode, fin=number == fragments - 1))
    if code is None:
        assert orjson.loads(await socket.until(Opcode.TEXT))["id"] == 1
    else:
        assert await ended_with(socket) == code


async def test_the_numbers_are_those_of_the_contract(start_app: StartApp) -> None:
    limits = (await start_app()).app.sockets.limits.input  # type: ignore[attr-defined]
    assert (limits.frames_per_second, limits.frames_burst) == (2000, 4000)
    assert (limits.bytes_per_second, limits.bytes_burst) == (4 * 2**20, 8 * 2**20)
    assert limits.fragments == 1000
