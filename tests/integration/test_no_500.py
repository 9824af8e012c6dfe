"""Whatever is thrown at a method, it answers: never with −32603, never by closing the socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import asyncpg
import orjson
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from tortoise import connections

from server.compose.domains import MODULES
from server.compose.settings import VERSION
from server.kernel.discover import openrpc
from server.kernel.registry import Kind, Registry
from server.kernel.throttle import Attempts
from tests.contract.assessment_samples import make_attempt
from tests.contract.samples import SAMPLES, TOPICS, World
from tests.contract.strategies import ANYTHING, DEEP, Builder
from tests.support import Client, Server

REGISTRY = Registry.of(MODULES)
DOCUMENT = openrpc(REGISTRY, VERSION)
METHODS = {one["name"]: one for one in DOCUMENT["methods"]}
ENOUGH = 1_000_000
LARGEST = 65_000
CALLS = 1000
READS = 400
"""Each caller makes about so many in `make test`, however many methods there are."""
FREELY = {
    "queries_per_second": ENOUGH,
    "queries_burst": ENOUGH,
    "commands_per_second": ENOUGH,
    "commands_burst": ENOUGH,
    "guest_calls_per_second": ENOUGH,
    "guest_calls_burst": ENOUGH,
    "guests_per_network": ENOUGH,
    "sockets_per_user": ENOUGH,
}
INTERNAL = [method for method in REGISTRY.methods.values() if method.access.internal]
FIELDS = sorted({field for method in INTERNAL for field in method.params.model_fields})
ROUTES = sorted(method.rest.path for method in REGISTRY.methods.values() if method.rest is not None)
READING = {Kind.QUERY, Kind.SIGNAL}
KEEPING = {"presence.set"}
"""Signals that keep a wish, the last one alone: who is invisible stays so when Redis is emptied."""

callers = pytest.mark.parametrize("caller", ["guest", "user", "admin"])


@pytest.fixture
async def server(start_app: Callable[..., Awaitable[Server]], monkeypatch: pytest.MonkeyPatch) -> Server:
    server = await start_app(**FREELY, database_pool=2)
    # Limits of single methods, and waiting after wrong passwords: who is refused 200 times loses the socket.
    for name, method in server.app.dispatcher.registry.methods.items():  # type: ignore[attr-defined]
        monkeypatch.setitem(server.app.dispatcher.registry.methods, name, replace(method, limit=None))  # type: ignore[attr-defined]
    monkeypatch.setattr(Attempts, "begin", lambda _self, _what, _address, **_options: None)
    return server


async def world_of(server: Server, caller: str) -> World:
    world = World(server, roles=frozenset({caller}))
    if caller != "guest":
        world.caller = await world.person("Ada Lovelace", [caller], verified=True)
    return world


async def builder_of(world: World) -> Builder:
    """With ids of rows that there are, the caller's own and others'."""
    ids: list[str] = [world.caller.id] if world.caller else []
    for message in (await world.own(), await world.received(), await world.foreign()):
        ids += [str(message.id), str(message.conversation_id), str(message.sender_id), str(message.receiver_id)]
    attempt = await make_attempt(world, world.caller)
    ids += [str(attempt.id), str(attempt.assessment_id), *map(str, attempt.plan.places)]
    topics = [await name(world) for topic in TOPICS.values() for name in (topic.own, topic.foreign) if name]
    return Builder(DOCUMENT["components"]["schemas"], ids, topics)


def as_json(params: Any) -> str:
    return json.dumps(params, ensure_ascii=False)


def too_deep(params: str) -> bool:
    """Whether it is no JSON to the server, which then cannot know the id."""
    try:
        orjson.loads(f'{{"params":{params}}}')
    except orjson.JSONDecodeError:
        return True
    return False


class Thrower:
    """Calls from Hypothesis' thread on a socket of the test's loop."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._loop = asyncio.get_running_loop()
        self._client: Client | None = None

    def throw(self, method: str, params: str) -> dict[str, Any]:
        return asyncio.run_coroutine_threadsafe(self._throw(method, params), self._loop).result(30)

    async def _throw(self, method: str, params: str) -> dict[str, Any]:
        # A guest that has logged in by chance would be one no more.
        if self._client is None or method == "session.authenticate":
            self._client = await self._world.connect()
        if too_deep(params):
            await self._client.send(f'{{"jsonrpc":"2.0","id":"deep","method":"{method}","params":{params}}}')
            response = await self._client.next_stray()
            assert response["error"]["code"] == -32700
        else:
            response = await self._client.ask(method, params)
        assert response.get("error", {}).get("code") != -32603, (method, params[:500])
        return response

    async def lives(self) -> None:
        """The socket has survived all that."""
        if self._client is not None:
            assert (await self._client.request("session.ping"))["result"]["t"] is None

    async def each(self, names: list[str], strategy: Callable[[str], st.SearchStrategy[str]], examples: int) -> None:
        """Throw so many examples at every method."""
        for name in names:
            await asyncio.to_thread(self._examples, name, strategy(name), examples)
            await self.lives()

    def _examples(self, name: str, strategy: st.SearchStrategy[str], examples: int) -> None:
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=examples < 100,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        @given(strategy)
        def run(params: str) -> None:
            assume(len(params.encode()) < LARGEST)
            self.throw(name, params)

        run()


async def throw_everything(server: Server, caller: str, examples: int) -> None:
    world = await world_of(server, caller)
    builder = await builder_of(world)
    texts = {name: builder.params(method).map(as_json) for name, method in METHODS.items()}
    await Thrower(world).each(sorted(METHODS), lambda name: texts[name] | DEEP, examples)


@pytest.mark.seed("S1-H20", "S4-21")
@callers
async def test_no_params_make_any_method_fail(server: Server, caller: str) -> None:
    await throw_everything(server, caller, max(8, CALLS // len(METHODS)))


@pytest.mark.slow
@callers
async def test_no_params_of_very_many_make_any_method_fail(server: Server, caller: str) -> None:
    await throw_everything(server, caller, 100)


@pytest.mark.seed("S1-H20")
async def test_no_body_makes_a_route_of_signing_in_fail(server: Server) -> None:
    loop = asyncio.get_running_loop()
    async with server.http() as http:
        for route in ROUTES:

            @settings(max_examples=30, deadline=None, database=None, derandomize=True)
            @given(ANYTHING | st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
            def run(body: Any) -> None:
                post = http.post(route, content=json.dumps(body).encode())  # noqa: B023 - run at once
                assert asyncio.run_coroutine_threadsafe(post, loop).result(30).status_code < 500

            await asyncio.to_thread(run)


# Queries write no row


async def write_no_more(world: World) -> None:
    """From here on PostgreSQL refuses every write on every connection that the server has, or ever opens."""
    pools: list[asyncpg.Pool] = [connections.get("default")._pool, world.app.core.log_pool]
    for pool in pools:
        held = [await pool.acquire() for _ in range(pool.get_max_size())]
        for connection in held:
            await connection.execute("SET default_transaction_read_only = on")
        for connection in held:
            await pool.release(connection)


@callers
async def test_what_only_reads_writes_no_row(server: Server, caller: str) -> None:
    world = await world_of(server, caller)
    builder = await builder_of(world)
    names = sorted(name for name in METHODS if REGISTRY.methods[name].kind in READING and name not in KEEPING)
    calls = [(name, await make(world)) for name in names for make in (SAMPLES[name].params, *SAMPLES[name].foreign)]
    send = await SAMPLES["message.send"].params(world)
    await write_no_more(world)
    thrower = Thrower(world)
    for name, params in calls:
        await thrower._throw(name, json.dumps(params))
        if world.caller and REGISTRY.methods[name].kind is Kind.QUERY:
            await thrower._throw(name, json.dumps({**params, "as_of": [world.caller.topic]}))
    await thrower.each(names, lambda name: builder.params(METHODS[name]).map(as_json), max(4, READS // len(names)))
    if world.caller:
        # The refusal bites: a command fails.
        client = await world.connect()
        assert (await client.request("message.send", **send))["error"]["code"] == -32603
