"""One socket, from the handshake to the close frame, on real connections."""

import asyncio
import base64
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.frames import Opcode
from websockets.speedups import apply_mask

from models.account import User
from server.kernel.registry import Method
from server.kernel.rpc import (
    Ctx,
    ListParams,
    Page,
    Params,
    View,
    command,
    internal,
    keyset,
    page_of,
    public,
    query,
    signal,
    user,
)
from server.socket.connection import TOO_OFTEN
from tests.raw import Raw, frame, request
from tests.support import WAIT, Client, RpcError, Server, key

StartApp = Callable[..., Awaitable[Server]]

PLENTY = {
    "guest_calls_burst": 100_000,
    "queries_burst": 100_000,
    "commands_burst": 100_000,
    "commands_per_second": 10_000,
}
"""Rates that no test here runs into by accident."""


# Methods that only these tests have


class Number(Params):
    n: int = 0


class Size(Params):
    size: int


class Subtraction(Params):
    minuend: int
    subtrahend: int


class Named(View):
    id: UUID
    full_name: str
    created_at: datetime


class Stage:
    """Methods that wait until a test lets them go on, and note in what order they came."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.steps = asyncio.Semaphore(0)
        self.began: asyncio.Queue[int] = asyncio.Queue()
        self.order: list[int] = []
        self.running = 0
        self.most = 0

    def open(self) -> None:
        """Let everything go on, now and later."""
        self.gate.set()
        for _ in range(1000):
            self.steps.release()

    async def hold(self, _ctx: Ctx, params: Number) -> int:
        """Wait for the gate."""
        self.running += 1
        self.most = max(self.most, self.running)
        self.began.put_nowait(params.n)
        try:
            await self.gate.wait()
        finally:
            self.running -= 1
        return params.n

    async def step(self, _ctx: Ctx, params: Number) -> int:
        """Wait for a permission, and note the number."""
        self.began.put_nowait(params.n)
        await self.steps.acquire()
        self.order.append(params.n)
        return params.n

    async def wave(self, _ctx: Ctx, params: Number) -> None:
        """Note the number, in order with the commands."""
        self.order.append(params.n)

    def subtract(self, _ctx: Ctx, params: Subtraction) -> int:
        """What the examples of the specification call."""
        return params.minuend - params.subtrahend

    def big(self, _ctx: Ctx, params: Size) -> str:
        """A text of any size."""
        return "x" * params.size

    def boom(self, _ctx: Ctx) -> None:
        """A fault of ours."""
        raise RuntimeError("the secret ingredient")

    def hidden(self, _ctx: Ctx) -> None:
        """What only our own routes may call."""

    async def people(self, _ctx: Ctx, params: ListParams) -> Page[Named]:
        """A list in an order of its own."""
        found = await keyset(User.all(), params, by="created_at")
        return page_of(found, [Named.of(row) for row in found.rows])

    def methods(self) -> Iterator[Method]:
        yield query("test.hold", access=public)(self.hold)
        yield command("test.step", access=user)(self.step)
        yield signal("test.wave", access=user)(self.wave)
        yield query("test.subtract", access=public)(self.subtract)
        yield query("test.big", access=public)(self.big)
        yield query("test.boom", access=public)(self.boom)
        yield query("test.hidden", access=internal)(self.hidden)
        yield query("test.people", access=public)(self.people)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    yield stage
    stage.open()


@pytest.fixture
def start(start_app: StartApp, stage: Stage) -> StartApp:
    """Start a server that has the methods of the stage, and rates that nobody runs into."""

    async def start(**settings: object) -> Server:
        server = await start_app(**{**PLENTY, **settings})
        server.app.core.registry.methods.update({one.name: one for one in stage.methods()})  # type: ignore[attr-defined]
        return server

    return start


@pytest.fixture
async def server(start: StartApp) -> Server:
    return await start()


# Frames as a test wants them


def write(client: Client, *messages: bytes) -> None:
    """Send several messages in one write, so that the server reads them at once."""
    client.socket.transport.write(b"".join(map(frame, messages)))


async def answers(client: Client, count: int) -> dict[Any, Any]:
    """The next so many replies that nobody awaits, by id."""
    replies = [await client.next_stray() for _ in range(count)]
    return {reply["id"]: reply for reply in replies}


def code(reply: dict[str, Any]) -> int | None:
    return reply["error"]["code"] if "error" in reply else None


async def refused(call: Awaitable[Any]) -> RpcError:
    with pytest.raises(RpcError) as caught:
        await call
    return caught.value


# The handshake


async def denied(server: Server, **options: Any) -> tuple[int, dict[str, Any], Any]:
    """Try to open a socket: the status, the body and the headers of the refusal."""
    with pytest.raises(InvalidStatus) as caught:
        await connect(server.url.replace("http", "ws", 1) + "/ws", **options)
    response = caught.value.response
    assert response.headers["content-type"] == "application/json"
    return response.status_code, orjson.loads(response.body or b""), response.headers


def is_moment(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text) is not None


async def test_a_guest_is_told_what_it_may_do(server: Server) -> None:
    guest = await server.connect()
    assert guest.events[0] == {"jsonrpc": "2.0", "method": "session.ready", "params": guest.ready}
    changing = {"connection_id", "epoch", "server_time"}
    assert {name: value for name, value in guest.ready.items() if name not in changing} == {
        "protocol": "nexa.v1",
        "user": None,
        "topics": {},
        "limits": {
            "max_message_bytes": 65536,
            "max_frame_bytes": 524288,
            "queries": 16,
            "commands": 64,
            "topics": 128,
            "batch": 50,
        },
        "heartbeat_seconds": 20,
    }
    assert UUID(guest.ready["connection_id"]).version == 7
    assert guest.ready["epoch"]
    assert is_moment(guest.ready["server_time"])


async def test_the_limits_that_are_told_are_those_that_are_set(start_app: StartApp) -> None:
    server = await start_app(socket_queries=3, socket_commands=4, socket_topics=5, socket_batch=6, heartbeat_seconds=7)
    ready = (await server.connect()).ready
    limits = {name: ready["limits"][name] for name in ("queries", "commands", "topics", "batch")}
    assert limits == {"queries": 3, "commands": 4, "topics": 5, "batch": 6}
    assert ready["heartbeat_seconds"] == 7


@pytest.mark.seed("S0-17")
async def test_a_token_on_the_handshake_brings_its_user(server: Server) -> None:
    ada = await server.user("Ada Lovelace")
    client = await server.connect(ada)
    assert set(client.ready) == {
        "connection_id", "protocol", "epoch", "server_time", "user", "topics", "limits", "heartbeat_seconds"
    }  # fmt: skip
    assert client.ready["user"] == {
        "id": ada.id,
        "email": ada.email,
        "full_name": "Ada Lovelace",
        "role": "user",
        "roles": ["user"],
    }
    assert list(client.ready["topics"]) == [ada.topic]
    assert list(client.ready["topics"][ada.topic]) == ["seq"]
    assert isinstance(client.ready["topics"][ada.topic]["seq"], int)


@pytest.mark.seed("S0-18")
@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer a.b.c", "Bearer ", "Bearer", "Basic YTpi", "", "Token x"]
)
async def test_a_bad_token_is_refused_before_the_upgrade(server: Server, header: str) -> None:
    status, body, headers = await denied(server, additional_headers={"Authorization": header})
    assert status == 401
    assert set(body) == {"code", "error", "message", "detail", "request_id"}
    assert body["code"] == "unauthenticated"
    assert headers["www-authenticate"].startswith("Bearer")


@pytest.mark.seed("S0-18")
async def test_a_token_that_has_run_out_is_refused_before_the_upgrade(start: StartApp) -> None:
    server = await start(access_token_seconds=0)
    ada = await server.user()
    status, body, _ = await denied(server, additional_headers={"Authorization": f"Bearer {ada.token}"})
    assert (status, body["code"], body["message"]) == (401, "unauthenticated", "The access token has run out.")


async def test_a_token_in_the_url_is_not_read(server: Server) -> None:
    ada = await server.user()
    async with connect(server.url.replace("http", "ws", 1) + f"/ws?access_token={ada.token}&token={ada.token}") as one:
        assert orjson.loads(await one.recv())["params"]["user"] is None


@pytest.mark.seed("S1-H22")
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost:3001", "http://localhost:3000.evil.example", "http://localhost"],
)
async def test_a_foreign_origin_is_refused(server: Server, origin: str) -> None:
    status, body, _ = await denied(server, origin=origin)
    assert (status, body["code"]) == (403, "forbidden")
    assert set(body) == {"code", "error", "message", "detail", "request_id"}


@pytest.mark.seed("S1-H22")
async def test_a_foreign_origin_is_refused_even_with_a_good_token(server: Server) -> None:
    ada = await server.user()
    headers = {"Authorization": f"Bearer {ada.token}"}
    status, _, _ = await denied(server, origin="https://evil.example", additional_headers=headers)
    assert status == 403


@pytest.mark.seed("S1-H21")
@pytest.mark.parametrize("origin", ["http://localhost:3000", None])
async def test_a_listed_origin_is_let_in_and_so_is_none(server: Server, origin: str | None) -> None:
    assert (await server.connect(origin=origin)).ready["user"] is None


@pytest.mark.seed("S1-H06")
async def test_the_subprotocol_is_picked_where_it_is_offered(server: Server) -> None:
    assert (await server.connect(subprotocols=["graphql-ws", "nexa.v1"])).socket.subprotocol == "nexa.v1"
    assert (await server.connect()).socket.subprotocol is None


@pytest.mark.seed("S1-H06")
async def test_another_subprotocol_is_refused(server: Server) -> None:
    status, body, _ = await denied(server, subprotocols=["nexa.v2", "graphql-ws"])
    assert (status, body["code"]) == (400, "invalid_request")


async def test_an_address_has_room_for_so_many_guests(start: StartApp) -> None:
    server = await start(guests_per_network=3)
    guests = [await server.connect() for _ in range(3)]
    status, body, headers = await denied(server)
    assert (status, body["code"], body["retry_after"], headers["retry-after"]) == (429, "rate_limited", 60, "60")
    # Users do not count, and whoever logs in or leaves makes room.
    ada = await server.user()
    await server.connect(ada)
    await guests[0].call("session.authenticate", access_token=ada.token)
    await server.connect()
    assert (await denied(server))[0] == 429
    await guests[1].close()
    await server.connect()


async def test_other_paths_have_no_socket(server: Server) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(server.url.replace("http", "ws", 1) + "/socket")
    assert caught.value.response.status_code in {403, 404}


async def test_the_path_is_accepted_with_a_slash(server: Server) -> None:
    async with connect(server.url.replace("http", "ws", 1) + "/ws/") as one:
        assert orjson.loads(await one.recv())["method"] == "session.ready"


# session.authenticate


@pytest.mark.seed("S0-17")
async def test_a_guest_can_log_in_on_its_socket(server: Server) -> None:
    ada, guest = await server.user(), await server.connect()
    result = await guest.call("session.authenticate", access_token=ada.token)
    assert set(result) == {"user", "connection_id", "expires_at", "epoch", "topics"}
    assert result["user"]["id"] == ada.id
    assert result["connection_id"] == guest.ready["connection_id"]
    assert result["epoch"] == guest.ready["epoch"]
    assert list(result["topics"]) == [ada.topic]
    assert (await guest.call("session.whoami"))["user"] == result["user"]


async def test_what_is_sent_right_behind_it_runs_as_the_user(server: Server, stage: Stage) -> None:
    ada, guest = await server.user(), await server.connect()
    stage.open()
    write(
        guest,
        request("test.step", 1, n=0),
        request("session.authenticate", 2, access_token=ada.token),
        request("session.whoami", 3),
        request("test.step", 4, n=4),
        request("block.list", 5),
        orjson.dumps([orjson.Fragment(request("session.whoami", 6)), orjson.Fragment(request("test.wave", None, n=5))]),
    )
    got = [await guest.next_stray() for _ in range(6)]
    single = {reply["id"]: reply for reply in got if isinstance(reply, dict)}
    assert code(single[1]) == -32001
    assert single[2]["result"]["user"]["id"] == ada.id
    assert single[3]["result"]["user"]["id"] == ada.id
    assert single[4]["result"] == 4
    assert single[5]["result"] == {"items": [], "next_cursor": None}
    assert [reply["result"]["user"]["id"] for reply in next(one for one in got if isinstance(one, list))] == [ada.id]
    assert stage.order == [4, 5]


async def test_a_second_user_is_refused(server: Server) -> None:
    ada, bob = await server.user(), await server.user("Bob Marley")
    client = await server.connect(ada)
    error = await refused(client.call("session.authenticate", access_token=bob.token))
    assert (error.code, error.kind, error.data["state"]) == (-32022, "invalid_state", "authenticated")
    assert (await client.call("session.whoami"))["user"]["id"] == ada.id


async def test_of_two_at_once_the_first_one_counts(server: Server) -> None:
    ada, bob, guest = await server.user(), await server.user("Bob Marley"), await server.connect()
    write(
        guest,
        request("session.authenticate", 1, access_token=ada.token),
        request("session.authenticate", 2, access_token=bob.token),
        request("session.whoami", 3),
    )
    got = await answers(guest, 3)
    assert (code(got[1]), code(got[2])) == (None, -32022)
    assert got[3]["result"]["user"]["id"] == ada.id


@pytest.mark.seed("S0-18")
@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "é", "x" * 4000])
async def test_with_a_bad_token_the_socket_stays_a_guest(server: Server, token: str) -> None:
    guest = await server.connect()
    error = await refused(guest.call("session.authenticate", access_token=token))
    assert (error.code, error.kind) == (-32001, "unauthenticated")
    assert (await guest.call("session.whoami"))["user"] is None
    assert code(await guest.request("block.list")) == -32001


async def test_what_was_held_behind_a_bad_token_runs_as_a_guest(server: Server) -> None:
    guest = await server.connect()
    write(guest, request("session.authenticate", 1, access_token="bad"), request("block.list", 2))
    got = await answers(guest, 2)
    assert (code(got[1]), code(got[2])) == (-32001, -32001)


async def test_the_id_of_a_login_under_way_is_in_flight(server: Server) -> None:
    ada, guest = await server.user(), await server.connect()
    write(guest, request("session.authenticate", 1, access_token=ada.token), request("session.ping", 1))
    got = await answers(guest, 2)
    assert got[None]["error"]["data"]["duplicate_id"] == 1
    assert "user" in got[1]["result"]


async def test_no_more_is_held_behind_a_login_than_may_wait(start: StartApp) -> None:
    server = await start(socket_commands=4)
    ada, guest = await server.user(), await server.connect()
    pings = [request("session.ping", n) for n in range(2, 8)]
    write(guest, request("session.authenticate", 1, access_token=ada.token), *pings)
    got = await answers(guest, 7)
    assert [code(got[n]) for n in range(1, 8)] == [None] * 5 + [-32029] * 2
    assert got[7]["error"]["data"]["retry_after"] > 0


# Guests


async def test_an_idle_guest_is_closed(start: StartApp) -> None:
    server = await start(guest_seconds=0.4)
    assert await (await server.connect()).closed() == 4008


async def test_a_guest_that_calls_is_not_idle_and_neither_is_a_user(start: StartApp) -> None:
    server = await start(guest_seconds=0.8, guest_calls_per_second=100_000, guest_calls_burst=100_000)
    here, there = await server.user(), await server.user()
    busy, late, someone = await server.connect(), await server.connect(), await server.connect(here)
    idle = await server.connect()
    await late.call("session.authenticate", access_token=there.token)
    closed = asyncio.create_task(idle.closed())
    while not closed.done():
        await busy.call("session.ping")
        await asyncio.sleep(0.01)
    assert closed.result() == 4008
    for client in (busy, late, someone):
        await client.call("session.ping")


@pytest.mark.seed("S0-21")
async def test_a_guest_may_call_what_is_public_and_nothing_else(server: Server) -> None:
    guest = await server.connect()
    assert (await guest.call("system.info"))["service"] == "nexa"
    error = await refused(guest.call("block.list"))
    assert (error.code, error.kind, error.data["retryable"]) == (-32001, "unauthenticated", False)
    assert error.message == "Please log in."


# What is not our protocol


async def test_a_binary_frame_is_not_our_protocol(server: Server) -> None:
    client = await server.connect()
    await client.socket.send(b'{"jsonrpc":"2.0","id":1,"method":"session.ping"}')
    assert await client.closed() == 4400


@pytest.mark.parametrize("payload", [b"\xff", b'"\xed\xa0\x80"', b"\xc3", b"ok\x80"])
async def test_what_is_not_utf_8_closes_with_1007(server: Server, payload: bytes) -> None:
    client = await server.connect()
    await client.socket.send(payload, text=True)
    assert await client.closed() == 1007


@pytest.mark.parametrize("size", [65_537, 70_000, 2_000_000])
async def test_a_message_that_is_too_large_closes_with_1009(server: Server, size: int) -> None:
    client = await server.connect()
    with_fragments = [b"x" * (size // 2), b"x" * (size - size // 2)]
    await client.socket.send(b"x" * size if size != 70_000 else with_fragments, text=True)
    assert await client.closed() == 1009


@pytest.mark.parametrize("size", [2001, 60_000])
async def test_a_message_beyond_a_limit_of_ones_own_closes_with_1009(start: StartApp, size: int) -> None:
    client = await (await start(max_message_bytes=2000)).connect()
    await client.send("x" * 2000)
    assert code(await client.next_stray()) == -32700
    await client.send("x" * size)
    assert await client.closed() == 1009


async def test_the_largest_message_is_read(server: Server) -> None:
    client = await server.connect()
    empty = len(request("session.ping", 1, t=""))
    await client.send(request("session.ping", 1, t="x" * (65_536 - empty)))
    assert len((await client.next_stray())["result"]["t"]) == 65_536 - empty


async def test_fragments_are_put_together_even_within_a_character(server: Server, raw: Raw) -> None:
    one = await raw(server)
    text = request("session.ping", 1, t="\U0001f600é")
    cuts = [text[:5], text[5 : text.index(b"\xf0") + 2], text[text.index(b"\xf0") + 2 : -3], text[-3:]]
    await one.until(Opcode.TEXT)
    for index, part in enumerate(cuts):
        one.writer.write(frame(part, Opcode.TEXT if index == 0 else Opcode.CONT, fin=index == 3))
        # A control frame may stand between fragments (RFC 6455, section 5.4).
        one.writer.write(frame(b"%d" % index, Opcode.PING))
    got = [await one.next() for _ in range(5)]
    assert [payload for opcode, payload in got if opcode == Opcode.PONG] == [b"0", b"1", b"2", b"3"]
    reply = next(payload for opcode, payload in got if opcode == Opcode.TEXT)
    assert orjson.loads(reply)["result"]["t"] == "\U0001f600é"


async def test_a_frame_may_come_byte_by_byte(server: Server, raw: Raw) -> None:
    one = await raw(server)
    for byte in frame(request("session.ping", 1, t=5)):
        one.writer.write(bytes([byte]))
        await one.writer.drain()
        await asyncio.sleep(0)
    await one.until(Opcode.TEXT)
    assert orjson.loads(await one.until(Opcode.TEXT))["result"]["t"] == 5


async def test_an_unmasked_frame_closes_with_1002(server: Server, raw: Raw) -> None:
    one = await raw(server)
    one.writer.write(b"\x81\x02{}")
    assert await one.close_code() == 1002


async def test_a_ping_is_answered_with_its_payload(server: Server, raw: Raw) -> None:
    one = await raw(server)
    one.writer.write(frame(b"hello", Opcode.PING))
    assert await one.until(Opcode.PONG) == b"hello"


async def test_whoever_does_not_answer_a_ping_is_closed(start: StartApp, raw: Raw) -> None:
    server = await start(heartbeat_seconds=0.2)
    silent, alive = await raw(server), await server.connect()
    began = time.monotonic()
    await silent.until(Opcode.PING)
    assert await silent.close_code() == 1011
    assert 0.3 < time.monotonic() - began < 2
    await silent.lost()
    await alive.call("session.ping")


async def test_whoever_answers_pings_stays(start: StartApp, raw: Raw) -> None:
    server = await start(heartbeat_seconds=0.1)
    one = await raw(server)
    for _ in range(5):
        one.writer.write(frame(await one.until(Opcode.PING), Opcode.PONG))
    one.writer.write(frame(request("session.ping", 1)))
    assert orjson.loads(await one.until(Opcode.TEXT))["id"] == 1


async def test_a_client_that_closes_is_answered_with_its_code(server: Server) -> None:
    client = await server.connect()
    await client.socket.close(3000, "bye")
    assert client.socket.close_code == 3000


# JSON-RPC 2.0, the examples of its specification, section 7

SPECIFICATION: list[tuple[str, Any]] = [
    ('{"jsonrpc": "2.0", "method": "test.subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3}', (3, 19)),
    ('{"jsonrpc": "2.0", "method": "test.subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4}', (4, 19)),
    # The one deviation: params are passed by name.
    ('{"jsonrpc": "2.0", "method": "test.subtract", "params": [42, 23], "id": 1}', (1, -32602)),
    ('{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}', None),
    ('{"jsonrpc": "2.0", "method": "foobar"}', None),
    ('{"jsonrpc": "2.0", "method": "foobar", "id": "1"}', ("1", -32601)),
    ('{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', (None, -32700)),
    ('{"jsonrpc": "2.0", "method": 1, "params": "bar"}', (None, -32600)),
    ('[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},{"jsonrpc": "2.0", "method"]', (None, -32700)),
    ("[]", (None, -32600)),
    ("[1]", [(None, -32600)]),
    ("[1,2,3]", [(None, -32600)] * 3),
    (
        """[{"jsonrpc": "2.0", "method": "test.subtract", "params": {"minuend": 7, "subtrahend": 1}, "id": "1"},
            {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
            {"jsonrpc": "2.0", "method": "test.subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": "2"},
            {"foo": "boo"},
            {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
            {"jsonrpc": "2.0", "method": "test.hold", "id": "9"}]""",
        [("1", 6), ("2", 19), (None, -32600), ("5", -32601), ("9", 0)],
    ),
    (
        '[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},{"jsonrpc": "2.0", "method": "notify_hello"}]',
        None,
    ),
]


def outline(reply: Any) -> Any:
    """A reply as its id and its result or its error's code."""
    if isinstance(reply, list):
        return [outline(one) for one in reply]
    assert set(reply) in ({"jsonrpc", "id", "result"}, {"jsonrpc", "id", "error"})
    assert reply["jsonrpc"] == "2.0"
    return reply["id"], reply["result"] if "result" in reply else reply["error"]["code"]


@pytest.mark.parametrize(("text", "expected"), SPECIFICATION, ids=range(len(SPECIFICATION)))
async def test_the_examples_of_the_specification(server: Server, stage: Stage, text: str, expected: Any) -> None:
    client = await server.connect()
    stage.open()
    await client.send(text)
    await client.send(request("session.ping", "end"))
    got = await client.next_stray()
    if expected is None:
        assert got["id"] == "end"
    elif isinstance(expected, list):
        # The array may come behind what was sent later; its own order is not promised either.
        got = got if isinstance(got, list) else await client.next_stray()
        assert sorted(outline(got), key=str) == sorted(expected, key=str)
    else:
        assert outline(got) == expected


async def test_an_error_has_exactly_these_members(server: Server) -> None:
    client = await server.connect()
    await client.send(request("no.such", 1))
    reply = await client.next_stray()
    assert set(reply) == {"jsonrpc", "id", "error"}
    assert set(reply["error"]) == {"code", "message", "data"}
    assert set(reply["error"]["data"]) == {"kind", "request_id", "retryable"}
    assert (reply["error"]["data"]["kind"], reply["error"]["data"]["retryable"]) == ("method_not_found", False)
    assert UUID(reply["error"]["data"]["request_id"]).version == 7


@pytest.mark.parametrize("name", ["no.such", "", "auth.login", "test.hidden", "__init__", "é", "session"])
async def test_an_unknown_method_and_an_internal_one_look_the_same(server: Server, name: str) -> None:
    error = await refused((await server.connect()).call(name))
    assert (error.code, error.kind, error.message) == (-32601, "method_not_found", "There is no such method.")


@pytest.mark.seed("S1-H20")
async def test_an_unknown_parameter_is_named(server: Server) -> None:
    error = await refused((await server.connect()).call("session.ping", t=1, tt=2))
    assert (error.code, error.kind) == (-32602, "validation_failed")
    assert error.data["details"] == {"tt": ["Unknown parameter."]}


async def test_a_cancel_with_a_bad_id_names_the_parameter(server: Server) -> None:
    error = await refused((await server.connect()).call("rpc.cancel", id=True))
    assert error.code == -32602
    assert list(error.data["details"]) == ["id"]


@pytest.mark.seed("S4-21")
async def test_of_a_fault_of_ours_nothing_leaks(server: Server) -> None:
    client = await server.connect()
    reply = await client.request("test.boom")
    assert (code(reply), reply["error"]["message"]) == (-32603, "An unexpected error occurred")
    assert (reply["error"]["data"]["kind"], reply["error"]["data"]["retryable"]) == ("internal_error", True)
    assert "secret" not in str(reply)
    await client.call("session.ping")


async def test_params_that_are_nested_deeply_are_refused_and_nothing_breaks(server: Server) -> None:
    client = await server.connect(await server.user())
    for levels in (150, 210, 300, 1000):
        deep = '{"jsonrpc":"2.0","id":1,"method":"%s","params":{%s"t":%s1%s}}'
        for method, more in (("session.ping", ""), ("test.step", f'"idempotency_key":"{key()}",')):
            await client.send(deep % (method, more, "[" * levels, "]" * levels))
            reply = await client.next_stray()
            expected = None if (method, levels) == ("session.ping", 150) else -32602
            assert code(reply) in {expected, -32700}, (method, levels, reply)


async def test_a_message_with_thousands_of_faults_gets_a_small_answer(server: Server) -> None:
    client = await server.connect()
    name = "x" * 30_000
    for params in ({"topics": [0] * 999}, {"topics": {name: {f"{n:04}": 0 for n in range(3000)}}}):
        await client.send(
            request("session.subscribe" if name in params["topics"] else "session.unsubscribe", 1, **params)
        )
        reply = await client.next_stray()
        assert code(reply) == -32602
        assert len(orjson.dumps(reply)) < 65_536


# Ids


@pytest.mark.parametrize("id_", ["a", "", "\U0001f600", 0, -1, 1.5, 2**63, "x" * 60_000])
async def test_the_id_comes_back_as_it_was(server: Server, id_: Any) -> None:
    client = await server.connect()
    await client.send(request("session.ping", id_))
    assert (await client.next_stray())["id"] == id_


async def test_an_id_of_null_is_answered(server: Server) -> None:
    client = await server.connect()
    await client.send('{"jsonrpc":"2.0","id":null,"method":"session.ping"}')
    reply = await client.next_stray()
    assert (reply["id"], reply["result"]["t"]) == (None, None)


@pytest.mark.parametrize("method", ["test.hold", "test.step"])
async def test_an_id_that_is_in_flight_is_refused(server: Server, stage: Stage, method: str) -> None:
    client = await server.connect(await server.user())
    write(client, request(method, 7), request(method, 7), request("session.ping", 7), request(method, "7"))
    for _ in range(2):
        reply = await client.next_stray()
        assert (code(reply), reply["id"], reply["error"]["data"]["duplicate_id"]) == (-32600, None, 7)
    stage.open()
    assert set(await answers(client, 2)) == {7, "7"}
    # Answered, it is free again.
    await client.send(request(method, 7))
    assert (await client.next_stray())["id"] == 7
    assert stage.began.qsize() == 3


async def test_null_is_never_in_flight_twice(server: Server, stage: Stage) -> None:
    client = await server.connect()
    text = b'{"jsonrpc":"2.0","id":null,"method":"test.hold"}'
    write(client, text, text)
    for _ in range(2):
        await stage.began.get()
    stage.open()
    assert [(await client.next_stray())["result"] for _ in range(2)] == [0, 0]


# Batches and notifications


def batch(*calls: bytes) -> bytes:
    return b"[" + b",".join(calls) + b"]"


async def test_a_batch_of_fifty_is_answered_with_one_array(server: Server) -> None:
    client = await server.connect()
    await client.send(batch(*(request("session.ping", n, t=n) for n in range(50))))
    reply = await client.next_stray()
    assert {one["id"]: one["result"]["t"] for one in reply} == {n: n for n in range(50)}


async def test_a_batch_of_fifty_one_is_refused_as_a_whole(server: Server, stage: Stage) -> None:
    client = await server.connect(await server.user())
    stage.open()
    await client.send(batch(*(request("test.step", n, n=n) for n in range(51))))
    reply = await client.next_stray()
    assert (reply["id"], code(reply), reply["error"]["data"]["limit"]) == (None, -32600, 50)
    assert stage.order == []


async def test_a_batch_is_answered_when_its_last_call_is(server: Server, stage: Stage) -> None:
    client = await server.connect(await server.user())
    await client.send(
        batch(
            request("session.ping", 1), request("test.step", 2, n=2), request("test.wave", None, n=3), request("x", 4)
        )
    )
    await stage.began.get()
    assert client.stray == []
    stage.open()
    reply = await client.next_stray()
    assert {one["id"]: code(one) for one in reply} == {1: None, 2: None, 4: -32601}
    await client.call("test.step", n=5)
    assert stage.order == [2, 3, 5]


async def test_the_array_of_a_batch_is_no_larger_than_a_frame(server: Server) -> None:
    client = await server.connect()
    long = "x" * 60_000
    sizes = [400_000, 110_000]
    await client.send(batch(*(request("test.big", n, size=size) for n, size in enumerate(sizes)), request("no", long)))
    reply = await client.next_stray()
    assert len(orjson.dumps(reply)) <= 524_288
    found = {one["id"]: code(one) for one in reply}
    assert found == {0: None, 1: -32013, long: -32601}
    error = next(one["error"] for one in reply if one["id"] == 1)
    assert (error["data"]["kind"], error["data"]["limit"]) == ("too_large", 524_288 - 65_536)


async def test_notifications_are_carried_out_and_never_answered(server: Server, stage: Stage) -> None:
    client = await server.connect(await server.user())
    stage.open()
    write(
        client,
        request("test.step", None, n=1),
        request("test.step", None, wrong=1),
        request("no.such"),
        request("test.boom"),
        batch(request("test.step", None, n=2), request("test.wave", None, n=3)),
        request("test.step", "end", n=4),
    )
    assert (await client.next_stray())["id"] == "end"
    assert stage.order == [1, 2, 3, 4]
    assert client.stray == []


# as_of


async def test_a_query_tells_on_demand_where_topics_stand(server: Server) -> None:
    ada = await server.user()
    client = await server.connect(ada)
    reply = await client.request("conversation.list", as_of=[ada.topic])
    assert set(reply) == {"jsonrpc", "id", "result", "meta"}
    head = client.ready["topics"][ada.topic]["seq"]
    assert reply["meta"] == {"epoch": client.ready["epoch"], "positions": {ada.topic: head}}
    assert set(await client.request("conversation.list")) == {"jsonrpc", "id", "result"}


@pytest.mark.parametrize(
    ("as_of", "expected"), [("x", -32602), ({}, -32602), ([1], -32602), (["a"] * 129, -32602), (["no"], -32004)]
)
async def test_as_of_is_a_list_of_topics_that_one_may_see(server: Server, as_of: Any, expected: int) -> None:
    client = await server.connect(await server.user())
    assert (await refused(client.call("conversation.list", as_of=as_of))).code == expected


async def test_the_position_of_somebody_elses_topic_is_not_told(server: Server) -> None:
    ada, bob = await server.user(), await server.user("Bob Marley")
    for client in (await server.connect(ada), await server.connect()):
        method = "conversation.list" if client.ready["user"] else "system.info"
        assert (await refused(client.call(method, as_of=[bob.topic]))).code == -32004


async def test_a_command_takes_no_as_of(server: Server) -> None:
    ada = await server.user()
    error = await refused((await server.connect(ada)).call("test.step", as_of=[ada.topic]))
    assert (error.code, error.data["details"]) == (-32602, {"as_of": ["Unknown parameter."]})


# The lane of the commands


async def test_fifty_messages_sent_without_waiting_keep_their_order(server: Server) -> None:
    ada, bob = await server.user(), await server.user("Bob Marley")
    a, b = await server.connect(ada), await server.connect(bob)
    await b.subscribe({bob.topic: None})
    write(a, *(request("message.send", n, receiver_id=bob.id, content=str(n)) for n in range(50)))
    replies = await answers(a, 50)
    assert [replies[n]["result"]["number"] for n in range(50)] == list(range(1, 51))
    async with asyncio.timeout(WAIT):
        while sum(event["method"] == "message.created" for event in b.logged) < 50:
            await b.until(len(b.logged) + 1)
    contents = [event["params"]["data"]["content"] for event in b.logged if event["method"] == "message.created"]
    assert contents == [str(n) for n in range(50)]
    seqs = [event["params"]["seq"] for event in b.logged]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_a_command_waits_for_the_one_before_it_and_a_signal_too(server: Server, stage: Stage) -> None:
    client = await server.connect(await server.user())
    write(client, request("test.step", 11, n=1), request("test.wave", 12, n=2), request("test.step", 13, n=3))
    assert await stage.began.get() == 1
    await client.call("session.ping")
    await client.call("system.info")
    assert (stage.began.empty(), stage.order) == (True, [])
    stage.open()
    assert [(await client.next_stray())["id"] for _ in range(3)] == [11, 12, 13]
    assert stage.order == [1, 2, 3]


async def test_a_full_lane_refuses_until_it_is_empty_and_loses_nothing(start: StartApp, stage: Stage) -> None:
    server = await start(socket_commands=64)
    client = await server.connect(await server.user())
    await client.send(request("test.step", 0, n=0))
    await stage.began.get()
    write(client, *(request("test.step", n, n=n) for n in range(1, 70)))
    full = await answers(client, 5)
    assert sorted(full) == [65, 66, 67, 68, 69]
    for reply in full.values():
        assert (code(reply), reply["error"]["data"]["kind"]) == (-32029, "rate_limited")
        assert reply["error"]["data"]["retry_after"] > 0
        assert reply["error"]["data"]["retryable"] is True
    # Some of the accepted are done and there is room, but what comes now would overtake what was refused.
    for n in range(10):
        stage.steps.release()
        assert (await client.next_stray())["id"] == n
    await client.send(request("test.step", 70, n=70))
    assert code(await client.next_stray()) == -32029
    await client.call("session.ping")
    await client.call("system.info")
    stage.open()
    assert [(await client.next_stray())["result"] for _ in range(55)] == list(range(10, 65))
    assert stage.order == list(range(65))
    assert await client.call("test.step", n=71) == 71


async def test_a_full_lane_closes_nobody(start: StartApp, stage: Stage) -> None:
    server = await start(socket_commands=1)
    client = await server.connect(await server.user())
    write(client, *(request("test.step", n, n=n) for n in range(TOO_OFTEN + 50)))
    await answers(client, TOO_OFTEN + 49)
    stage.open()
    assert (await client.next_stray())["result"] == 0
    await client.call("session.ping")


async def test_commands_that_have_not_started_are_dropped_with_their_socket(server: Server, stage: Stage) -> None:
    ada = await server.user()
    client, other = await server.connect(ada), await server.connect(ada)
    write(client, *(request("test.step", n, n=n) for n in range(5)))
    await stage.began.get()
    await client.close()
    while sum(1 for _ in server.app.sockets) > 1:  # type: ignore[attr-defined]
        await asyncio.sleep(0)
    stage.open()
    await other.call("test.step", n=9)
    while len(stage.order) < 2:
        await asyncio.sleep(0)
    assert sorted(stage.order) == [0, 9]


# The lane of the queries


async def test_so_many_queries_run_at_once_so_many_wait_and_the_next_is_refused(server: Server, stage: Stage) -> None:
    client = await server.connect()
    write(client, *(request("test.hold", f"q{n}", n=n) for n in range(16 + 64 + 2)))
    over = await answers(client, 2)
    assert {id_: code(reply) for id_, reply in over.items()} == {"q80": -32029, "q81": -32029}
    assert over["q80"]["error"]["data"]["retry_after"] > 0
    assert {await stage.began.get() for _ in range(16)} == set(range(16))
    # The others are not concerned: controls, what never waits, and commands.
    await client.call("session.ping")
    await client.call("system.info")
    assert (stage.running, stage.began.qsize()) == (16, 0)
    stage.open()
    assert set(await answers(client, 80)) == {f"q{n}" for n in range(80)}
    assert stage.most == 16


async def test_a_query_that_runs_can_be_cancelled(server: Server, stage: Stage) -> None:
    client = await server.connect()
    await client.send(request("test.hold", "q"))
    await stage.began.get()
    await client.send(request("rpc.cancel", "c", id="q"))
    got = await answers(client, 2)
    assert got["c"]["result"] == {"cancelled": True}
    assert (code(got["q"]), got["q"]["error"]["data"]["kind"]) == (-32099, "cancelled")
    assert stage.running == 0
    assert (await client.call("rpc.cancel", id="q")) == {"cancelled": False}


async def test_a_query_can_be_cancelled_in_the_very_write_that_sent_it(server: Server, stage: Stage) -> None:
    client = await server.connect()
    for n in range(0, 60, 2):
        write(client, request("test.hold", n), request("rpc.cancel", n + 1, id=n), request("rpc.cancel", "again", id=n))
        got = await answers(client, 3)
        assert (code(got[n]), got[n + 1]["result"]) == (-32099, {"cancelled": True})
    # None of them takes up a place.
    write(client, *(request("test.hold", n, n=n) for n in range(16)))
    for _ in range(16):
        async with asyncio.timeout(WAIT):
            await stage.began.get()
    assert stage.most == 16


async def test_a_query_that_waits_can_be_cancelled_and_no_more_run_for_it(server: Server, stage: Stage) -> None:
    client = await server.connect()
    write(client, *(request("test.hold", n, n=n) for n in range(100, 140)))
    for _ in range(16):
        await stage.began.get()
    for n in range(120, 130):
        await client.send(request("rpc.cancel", f"c{n}", id=n))
        got = await answers(client, 2)
        assert (code(got[n]), got[f"c{n}"]["result"]) == (-32099, {"cancelled": True})
    await client.call("session.ping")
    assert stage.began.empty()
    stage.open()
    assert set(await answers(client, 30)) == {*range(100, 120), *range(130, 140)}
    assert stage.most == 16


async def test_a_cancelled_query_in_a_batch_is_answered_in_its_array(server: Server, stage: Stage) -> None:
    client = await server.connect()
    await client.send(batch(request("test.hold", 11), request("session.ping", 12)))
    await stage.began.get()
    assert await client.call("rpc.cancel", id=11) == {"cancelled": True}
    reply = await client.next_stray()
    assert {one["id"]: code(one) for one in reply} == {11: -32099, 12: None}


@pytest.mark.parametrize("id_", ["no such", 0, 1.5])
async def test_what_is_not_in_flight_cannot_be_cancelled(server: Server, id_: Any) -> None:
    assert await (await server.connect()).call("rpc.cancel", id=id_) == {"cancelled": False}


async def test_a_command_cannot_be_cancelled_nor_can_another_sockets_query(server: Server, stage: Stage) -> None:
    ada = await server.user()
    client, other = await server.connect(ada), await server.connect(ada)
    write(client, request("test.step", "c", n=1), request("test.hold", "q"))
    for _ in range(2):
        await stage.began.get()
    assert await client.call("rpc.cancel", id="c") == {"cancelled": False}
    assert await other.call("rpc.cancel", id="q") == {"cancelled": False}
    stage.open()
    assert {id_: code(reply) for id_, reply in (await answers(client, 2)).items()} == {"c": None, "q": None}


# Too often, too many, too slow


@pytest.mark.seed("S1-H05")
async def test_calls_beyond_the_rate_are_refused_with_the_time_to_wait(start_app: StartApp) -> None:
    server = await start_app(guest_calls_per_second=1, guest_calls_burst=3)
    guest = await server.connect()
    for _ in range(3):
        await guest.call("system.info")
    error = await refused(guest.call("system.info"))
    assert (error.code, error.kind, error.data["retryable"]) == (-32029, "rate_limited", True)
    assert 0 < error.data["retry_after"] <= 1
    # The bucket is the address's, and what is about the socket itself is never refused.
    other = await server.connect()
    assert (await refused(other.call("system.info"))).code == -32029
    for _ in range(20):
        await guest.call("session.ping")
    # A user has buckets of their own, one for queries and one for commands.
    client = await server.connect(await server.user())
    await client.call("system.info")


@pytest.mark.seed("S1-H05")
async def test_queries_and_commands_of_a_user_have_buckets_of_their_own(start: StartApp, stage: Stage) -> None:
    server = await start(queries_per_second=1, queries_burst=2, commands_per_second=1, commands_burst=2)
    ada = await server.user()
    client, other = await server.connect(ada), await server.connect(ada)
    stage.open()
    for method in ("system.info", "test.step"):
        await client.call(method)
        await other.call(method)
        assert (await refused(client.call(method))).code == -32029
    assert (await refused(client.call("test.wave"))).code == -32029
    bob = await server.connect(await server.user("Bob Marley"))
    await bob.call("system.info")


async def test_far_too_many_calls_close_the_socket(start_app: StartApp) -> None:
    server = await start_app(guest_calls_per_second=1, guest_calls_burst=1)
    guest, other = await server.connect(), await server.connect()
    await guest.call("system.info")
    for n in range(TOO_OFTEN - 1):
        await guest.send(request("system.info", n))
    await answers(guest, TOO_OFTEN - 1)
    await guest.call("session.ping")
    await guest.send(request("system.info"))
    assert await guest.closed() == 4029
    await other.call("session.ping")


async def test_nothing_of_a_batch_is_carried_out_behind_the_call_that_closed_the_socket(
    start: StartApp, stage: Stage
) -> None:
    server = await start(queries_per_second=1, queries_burst=1)
    ada = await server.user()
    client, other = await server.connect(ada), await server.connect(ada)
    stage.open()
    write(client, *(request("system.info", n) for n in range(TOO_OFTEN)))
    await answers(client, TOO_OFTEN)
    await client.send(batch(request("system.info", 1), request("test.step", 2, n=1), request("test.wave", 3, n=2)))
    assert await client.closed() == 4029
    await other.call("test.step", n=9)
    assert stage.order == [9]


async def test_the_oldest_socket_gives_way_to_the_twenty_first(server: Server) -> None:
    ada = await server.user()
    clients = [await server.connect(ada) for _ in range(20)]
    for client in clients:
        await client.call("session.ping")
    newest = await server.connect(ada)
    assert await clients[0].closed() == 4409
    for client in [*clients[1:], newest]:
        await client.call("session.ping")
    # One that logs in on its socket counts as well.
    late = await server.connect()
    await late.call("session.authenticate", access_token=ada.token)
    assert await clients[1].closed() == 4409
    await clients[2].call("session.ping")


async def test_old_sockets_give_way_also_when_they_do_not_answer_the_close(start: StartApp, raw: Raw) -> None:
    server = await start(sockets_per_user=2)
    ada = await server.user()
    silent = [await raw(server, ada.token) for _ in range(2)]
    await asyncio.gather(*(server.connect(ada) for _ in range(2)))
    assert [await one.close_code() for one in silent] == [4409, 4409]
    for client in server.clients:
        await client.call("session.ping")


async def test_a_slow_consumer_is_closed_and_the_others_are_not_concerned(server: Server, raw: Raw) -> None:
    slow, other = await raw(server, window=4096), await server.connect()
    times = []
    for _ in range(40):
        slow.writer.write(frame(request("test.big", 1, size=400_000)))
        began = time.monotonic()
        await other.call("session.ping")
        times.append(time.monotonic() - began)
        if sum(1 for _ in server.app.sockets) == 1:  # type: ignore[attr-defined]
            break
    async with asyncio.timeout(5):  # it is cut when it does not take the close frame either
        while sum(1 for _ in server.app.sockets) > 1:  # type: ignore[attr-defined]
            await other.call("session.ping")
            await asyncio.sleep(0.01)
    assert max(times) < 1


async def test_a_slow_consumer_that_reads_on_learns_why(server: Server, raw: Raw) -> None:
    slow = await raw(server, window=4096)
    await slow.until(Opcode.TEXT)
    for n in range(40):
        slow.writer.write(frame(request("test.big", n, size=400_000)))
    texts = []
    while True:
        opcode, payload = await slow.next()
        if opcode != Opcode.TEXT:
            break
        texts.append(orjson.loads(payload)["id"])
    assert (opcode, int.from_bytes(payload[:2])) == (Opcode.CLOSE, 4013)
    assert texts == list(range(len(texts)))
    assert len(texts) < 40


# Idempotency keys


@pytest.mark.parametrize(
    "text", ["a" * 15, "a" * 65, "", "é" * 16, "a" * 15 + "\n", "a" * 15 + "\x7f", 16, ["a" * 16], {}]
)
async def test_a_key_has_16_to_64_printable_ascii_characters(server: Server, stage: Stage, text: Any) -> None:
    client = await server.connect(await server.user())
    stage.open()
    error = await refused(client.call("test.step", idempotency_key=text))
    assert (error.code, list(error.data["details"])) == (-32602, ["idempotency_key"])
    assert stage.order == []


@pytest.mark.parametrize("text", ["a" * 16, "~ !" * 21])
async def test_the_same_key_gets_the_first_reply(server: Server, stage: Stage, text: str) -> None:
    client = await server.connect(await server.user())
    stage.open()
    assert [await client.call("test.step", n=5, idempotency_key=text) for _ in range(3)] == [5, 5, 5]
    error = await refused(client.call("test.step", n=6, idempotency_key=text))
    assert (error.code, error.kind) == (-32009, "conflict")
    # Another user's key is another key.
    other = await server.connect(await server.user("Bob Marley"))
    assert await other.call("test.step", n=6, idempotency_key=text) == 6


@pytest.mark.parametrize("method", ["test.hold", "test.wave", "session.ping", "rpc.discover"])
async def test_only_commands_take_a_key(server: Server, method: str) -> None:
    client = await server.connect(await server.user())
    error = await refused(client.call(method, idempotency_key=key()))
    assert (error.code, error.data["details"]) == (-32602, {"idempotency_key": ["Unknown parameter."]})


@pytest.mark.parametrize("method", ["test.step", "system.info", "session.ping"])
async def test_guests_take_no_key(server: Server, method: str) -> None:
    error = await refused((await server.connect()).call(method, idempotency_key=key()))
    assert (error.code, list(error.data["details"])) == (-32602, ["idempotency_key"])


# Results


async def test_a_result_fits_into_a_frame_or_is_refused(server: Server) -> None:
    client = await server.connect()
    limit = 524_288 - 65_536 - 1024
    assert len(await client.call("test.big", size=limit - 2)) == limit - 2
    error = await refused(client.call("test.big", size=limit - 1))
    assert (error.code, error.kind, error.data["limit"]) == (-32013, "too_large", limit)
    await client.call("session.ping")


async def test_the_document_of_the_contract_fits_into_a_frame(server: Server) -> None:
    client = await server.connect()
    document = await client.call("rpc.discover")
    assert {"session.ping", "rpc.discover"} <= {method["name"] for method in document["methods"]}


# Lists in an order of their own


@pytest.mark.seed("S1-H03")
async def test_a_list_goes_through_everything_once(server: Server) -> None:
    people = [await server.user(f"Person {letter}") for letter in "abcde"]
    client = await server.connect()
    seen, cursor = [], None
    for _ in range(3):
        page = await client.call("test.people", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        await server.user("Comes Between")
    assert seen[:5] == [person.id for person in reversed(people)]


@pytest.mark.parametrize(
    "value", ["", "soon", "\0", None, True, 5, 1e300, 2**63, [], {}, "9999-99-99", "2026-11-21T09:00:00+99:99"]
)
async def test_a_cursor_that_no_list_gave_is_refused(server: Server, value: Any) -> None:
    client = await server.connect()
    for id_ in (value, "01890a5d-ac96-774b-bcce-b302099a8057"):
        raw = base64.urlsafe_b64encode(orjson.dumps([value, id_])).decode().rstrip("=")
        error = await refused(client.call("test.people", cursor=raw))
        assert (error.code, list(error.data["details"])) == (-32602, ["cursor"])


# However the bytes are cut


def cut(data: bytes, random: Random) -> Iterator[bytes]:
    """The same bytes in pieces, many of them tiny."""
    while data:
        size = random.choice([1, 1, 2, 3, 4, 6, 8, 14, 100, 70_000])
        yield data[:size]
        data = data[size:]


def masked(first: int, payload: bytes, mask: bytes) -> bytes:
    """A frame with a mask that a test has chosen."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2) if size < 65536 else b""
    assert length
    return bytes([first]) + length + mask + apply_mask(payload, mask)


def conversation(random: Random) -> tuple[bytes, list[bytes]]:
    """Frames of every kind, and the messages that are in them."""
    stream, messages = b"", []
    for _ in range(random.randrange(1, 12)):
        # A mask may look like the beginning of a text frame.
        mask = random.choice([random.randbytes(4), b"\x81\x80\x00\x00", b"\x81\x85ab", b"\x81\xfe\x00\x80"])
        payload = random.randbytes(random.choice([0, 1, 5, 40, 125, 126, 127, 300, 5000])).hex().encode()
        kind = random.choice(["text", "text", "text", "fragments", "ping", "pong"])
        if kind in {"ping", "pong"}:
            stream += masked(0x89 if kind == "ping" else 0x8A, payload[:125], mask)
            continue
        messages.append(payload)
        if kind == "text":
            stream += masked(0x81, payload, mask)
        else:
            at = random.randrange(len(payload) + 1)
            stream += masked(0x01, payload[:at], mask) + masked(0x89, b"", mask) + masked(0x80, payload[at:], mask)
    return stream, messages


class Recorder:
    """Takes the place of a connection."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []

    def on_text(self, text: bytes) -> None:
        self.texts.append(bytes(text))

    def on_binary(self) -> None:
        raise AssertionError("there was no binary message")

    def on_full(self) -> None:
        raise AssertionError("nothing was sent")

    def on_lost(self) -> None:
        pass


async def test_messages_are_the_same_however_the_bytes_are_cut(server: Server, raw: Raw) -> None:
    await raw(server)
    (connection,) = server.app.sockets  # type: ignore[attr-defined]
    transport = connection._transport
    recorder = transport._receiver = Recorder()
    for seed in range(400):
        random = Random(seed)
        stream, messages = conversation(random)
        recorder.texts.clear()
        for piece in cut(stream, random):
            transport.data_received(piece)
        assert recorder.texts == messages, seed
        assert not transport.close_sent, seed
    transport._receiver = connection


async def test_no_params_may_be_an_empty_list(server: Server) -> None:
    client = await server.connect()
    await client.send('{"jsonrpc":"2.0","id":1,"method":"session.whoami","params":[]}')
    assert (await client.next_stray())["result"]["user"] is None
    await client.send('{"jsonrpc":"2.0","id":2,"method":"session.subscribe","params":[]}')
    assert (await client.next_stray())["error"]["data"]["details"] == {"topics": ["This field is required."]}


async def test_half_of_a_character_is_wrong_in_its_field_alone(server: Server) -> None:
    """Over the socket, in a batch, and over HTTP: the request keeps its id, and its neighbours their answers."""
    wrong = '{"jsonrpc":"2.0","id":"a","method":"session.authenticate","params":{"access_token":"hi \\ud83d"}}'
    right = '{"jsonrpc":"2.0","id":"b","method":"session.whoami"}'
    client = await server.connect()
    await client.send(wrong)
    error = (await client.next_stray())["error"]
    assert (error["code"], list(error["data"]["details"])) == (-32602, ["access_token"])
    await client.send(f"[{wrong},{right}]")
    replies = {reply["id"]: reply for reply in await client.next_stray()}
    assert "result" in replies["b"]
    assert code(replies["a"]) == -32602
    unknown = (await server.rpc(b'{"jsonrpc":"2.0","id":1,"method":"\\ud800"}')).json()
    assert (unknown["id"], unknown["error"]["code"]) == (1, -32601)
