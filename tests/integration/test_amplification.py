"""A small request never costs much: answers are bounded, much work is charged, and nobody is passed over."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest
from websockets.asyncio.client import connect

from server.kernel import log
from server.kernel.log import Log
from tests.conftest import Backing
from tests.support import RpcError, Server

StartApp = Callable[..., Awaitable[Server]]


def batch(method: str, count: int) -> list[dict[str, Any]]:
    return [{"jsonrpc": "2.0", "id": number, "method": method} for number in range(count)]


# The description of everything


async def test_the_answer_of_a_batch_is_bounded_over_http(start_app: StartApp) -> None:
    server = await start_app(guest_calls_burst=1000)
    answer = await server.rpc(batch("rpc.discover", 50))
    assert len(answer.content) <= 524_288
    replies = answer.json()
    assert sorted(reply["id"] for reply in replies) == list(range(50))
    assert "openrpc" in replies[0]["result"]
    assert {reply["error"]["data"]["kind"] for reply in replies if "error" in reply} == {"too_large"}


async def test_the_description_is_encoded_once(server: Server) -> None:
    services = server.app.core.services  # type: ignore[attr-defined]
    assert services.describe() is services.describe()
    async with server.http() as http:
        assert (await http.get("/openrpc.json")).content == services.describe()
    assert (await (await server.connect()).call("rpc.discover")) == orjson.loads(services.describe())


async def test_the_description_is_no_free_call(start_app: StartApp) -> None:
    server = await start_app(guest_calls_per_second=1, guest_calls_burst=30)
    client = await server.connect()
    answers = [await client.request("rpc.discover") for _ in range(30)]
    assert sum("result" in answer for answer in answers) in range(6, 11)
    assert {answer["error"]["data"]["kind"] for answer in answers if "error" in answer} == {"rate_limited"}
    # What keeps a socket going is never refused.
    assert (await client.call("session.ping", t=1))["t"] == 1


# Subscribing


async def test_each_topic_is_charged(start_app: StartApp) -> None:
    server = await start_app(queries_per_second=1, queries_burst=200)
    client = await server.connect(await server.user())

    async def look() -> None:
        answer = await client.subscribe({f"conversation:{uuid4()}": None for _ in range(128)})
        assert {topic["error"]["code"] for topic in answer["topics"].values()} == {-32004}

    await look()
    await look()  # partly on credit: what was begun in good faith is not refused half-way
    with pytest.raises(RpcError) as caught:
        await look()
    assert caught.value.kind == "rate_limited"
    with pytest.raises(RpcError):
        await client.subscribe({f"conversation:{uuid4()}": None})


async def test_one_topic_costs_one_token(start_app: StartApp) -> None:
    server = await start_app(queries_per_second=1, queries_burst=5)
    client = await server.connect(await server.user())
    answers = [await client.request("session.subscribe", topics={f"conversation:{uuid4()}": None}) for _ in range(30)]
    assert sum("result" in answer for answer in answers) in range(5, 11)


async def test_what_is_read_from_the_log_is_charged(start_app: StartApp) -> None:
    server = await start_app(queries_per_second=1, queries_burst=60)
    ada = await server.user()
    await _fill(server.app.core.log_pool, ada.topic, 40, 10_000)  # type: ignore[attr-defined]
    ask = {"jsonrpc": "2.0", "id": 1, "method": "session.subscribe", "params": {"topics": {ada.topic: {"seq": 0}}}}
    url, headers = server.url.replace("http", "ws", 1) + "/ws", {"Authorization": f"Bearer {ada.token}"}
    async with connect(url, additional_headers=headers, max_size=None) as socket:
        await socket.recv()
        answers = []
        for _ in range(20):
            await socket.send(orjson.dumps(ask).decode())
            answers.append(orjson.loads(await socket.recv()))
    # A reply of 256 KiB costs 16 tokens besides the one of the call.
    assert sum("result" in answer for answer in answers) in range(4, 7)
    assert {answer["error"]["data"]["kind"] for answer in answers if "error" in answer} == {"rate_limited"}


# The log


async def _fill(pool: Any, topic: str, count: int, size: int) -> None:
    """Log events on a topic."""
    head = await pool.fetchval("SELECT seq FROM topic WHERE name = $1", topic) or 0
    await pool.execute(
        "INSERT INTO topic (name, seq) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seq = $2", topic, head + count
    )
    await pool.execute(
        'INSERT INTO event (topic, seq, name, at, by, data)'
        " SELECT $1, $2 + n, 'test.happened', now(), 'null', to_json(repeat('x', $3))::text"
        " FROM generate_series(1, $4) n",
        topic, head, size, count,
    )  # fmt: skip


async def test_the_database_gives_no_more_bytes_than_are_wanted(backing: Backing) -> None:
    topic = f"user:{uuid4()}"
    async with asyncpg.create_pool(backing.database_url, min_size=1, max_size=3) as pool:
        await _fill(pool, topic, 100, 10_000)
        assert len(await pool.fetch(log._READ, topic, 0, 500, 25_000)) == 3
        assert len(await pool.fetch(log._READ, topic, 0, 500, 0)) == 1
        assert len(await pool.fetch(log._READ, topic, 0, 500, 10**7)) == 100
        reader = Log(pool)
        positions = [0]
        while (missed := await reader.read(topic, positions[-1], 25_000)).more:
            assert 1 <= len(missed.events) <= 2
            positions.append(missed.seq)
        assert missed.seq == 100
        # No room at all is no reason to take the reader for one that lies behind the log.
        assert (await reader.read(topic, 5, -1, at_least_one=False)).reset is False


async def test_who_reads_much_does_not_keep_others_waiting(backing: Backing) -> None:
    async with asyncpg.create_pool(backing.database_url, min_size=3, max_size=3) as pool:
        reader, order = Log(pool), list[str]()
        much, little = f"user:{uuid4()}", f"user:{uuid4()}"
        await _fill(pool, much, 30, 8000)
        await _fill(pool, little, 1, 10)

        async def read(topic: str) -> None:
            assert (await reader.read(topic, 0, person=topic)).events
            order.append(topic)

        await asyncio.gather(*(read(much) for _ in range(20)), read(little))
        assert order.index(little) <= 5
