"""One transaction with its events, its tasks and its reply, on a connection that breaks wherever it hurts.

Everything here reaches PostgreSQL through a proxy, so that a test can lose the answer of one COMMIT.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest
from tortoise import connections

from models.errors import InvalidState
from server.kernel.errors import OutcomeUnknownError, TimedOut, to_wire
from server.kernel.idempotency import AlreadyDoneError, Key
from server.kernel.unit_of_work import MAX_EVENT_BYTES, Collected
from tests.conftest import Backing
from tests.support import Client, RpcError, Server
from tests.support import key as new_key
from tests.support_kernel import MODULE, Kernel, kernel, make_table, new_topic, note
from tests.support_proxy import (
    TO_CLIENT,
    TO_SERVER,
    Act,
    Direction,
    Proxy,
    between_postgres,
    cut,
    delay,
    fall_silent,
    hold,
    pass_and_end,
)

COMMIT = b"COMMIT;"
COMMITTED = b"COMMIT\0"
READY = b"Z\0\0\0\5I"


@pytest.fixture
async def direct(backing: Backing) -> str:
    """Where PostgreSQL is for whoever does not take the proxy."""
    return backing.database_url


@pytest.fixture
async def proxied(direct: str) -> AsyncIterator[tuple[Proxy, str]]:
    async with between_postgres(direct) as (proxy, url):
        yield proxy, url


@pytest.fixture
async def proxy(proxied: tuple[Proxy, str]) -> Proxy:
    return proxied[0]


@pytest.fixture
async def core(direct: str, proxied: tuple[Proxy, str]) -> AsyncIterator[Kernel]:
    async with kernel(proxied[1], outside_url=direct) as started:
        yield started


async def statement(text: str, *values: Any) -> list[dict[str, Any]]:
    """Run a statement in the transaction that is open."""
    rows: list[dict[str, Any]] = await connections.get("default").execute_query_dict(text, list(values))
    return rows


class Deed:
    """A unit of work with a row, an event and a task, which counts how often it was begun."""

    def __init__(self, before: Callable[[int], Awaitable[None]] | None = None) -> None:
        self.name = str(uuid4())
        self.topic = new_topic()
        self.begun = 0
        self._before = before

    async def __call__(self, collected: Collected) -> bytes:
        self.begun += 1
        await note(self.name)
        collected.emit(self.topic, "probe.happened", {"n": self.begun})
        collected.defer("probe.work", self.begun)
        if self._before is not None:
            await self._before(self.begun)
        return b'"done"'

    async def left(self, core: Kernel) -> tuple[int | None, list[int], int]:
        """What is there for everybody: the row, the event's numbers, the tasks."""
        return await core.noted(self.name), await core.numbers(self.topic), len(await core.tasks())


NOTHING: tuple[None, list[int], int] = (None, [], 0)
ONCE = (1, [1], 1)


async def test_what_commits_leaves_its_row_its_event_and_its_task_and_tells_of_them_afterwards(core: Kernel) -> None:
    act = Deed()
    assert await core.run(act) == b'"done"'
    assert await act.left(core) == ONCE
    assert [message.topic for message in core.recorder.published] == [act.topic]
    assert len(core.recorder.nudged) == 1


@pytest.mark.seed("S1-H08")
@pytest.mark.parametrize("error", [RuntimeError("a fault"), InvalidState("refused"), asyncio.CancelledError()])
async def test_what_fails_leaves_neither_rows_nor_events_nor_tasks(core: Kernel, error: BaseException) -> None:
    async def fail(_begun: int) -> None:
        raise error

    act = Deed(fail)
    with pytest.raises(type(error)):
        await core.run(act)
    assert act.begun == 1
    assert await act.left(core) == NOTHING
    assert core.recorder.published == []
    assert core.recorder.nudged == []


async def test_an_error_that_asks_for_it_is_answered_after_the_commit_of_what_was_done(core: Kernel) -> None:
    async def refuse(_begun: int) -> None:
        raise InvalidState("too late", commit=True)

    act, key = Deed(refuse), Key.of(uuid4(), new_key(), "probe.note", {})
    with pytest.raises(InvalidState, match="too late"):
        await core.run(act, key=key)
    assert await act.left(core) == ONCE
    assert len(core.recorder.published) == 1
    assert len(core.recorder.nudged) == 1
    # The error is not kept: the same key may try again.
    assert await key.reply(connections.get("default")) is None


async def test_an_error_that_commits_does_not_commit_under_a_key_that_has_acted_already(core: Kernel) -> None:
    key = Key.of(uuid4(), new_key(), "probe.note", {})
    first = Deed()
    await core.run(first, key=key)

    async def refuse(_begun: int) -> None:
        raise InvalidState("too late", commit=True)

    again = Deed(refuse)
    with pytest.raises(AlreadyDoneError):
        await core.run(again, key=key)
    assert (await again.left(core))[:2] == NOTHING[:2]
    assert len(core.recorder.published) == 1


@pytest.mark.parametrize("fault", [asyncpg.DeadlockDetectedError, asyncpg.SerializationError])
async def test_a_deadlock_and_a_serialisation_failure_are_tried_again_twice(
    core: Kernel, fault: type[Exception]
) -> None:
    async def fail_twice(begun: int) -> None:
        if begun <= 2:
            raise fault

    act = Deed(fail_twice)
    await core.run(act)
    assert act.begun == 3
    assert await act.left(core) == ONCE

    async def always_fail(_begun: int) -> None:
        raise fault

    hopeless = Deed(always_fail)
    with pytest.raises(fault) as caught:
        await core.run(hopeless)
    assert hopeless.begun == 3
    assert (await hopeless.left(core))[:2] == NOTHING[:2]
    assert to_wire(caught.value).kind.code == -32051


async def test_a_real_deadlock_ends_with_both_done_once(core: Kernel) -> None:
    names = [str(uuid4()), str(uuid4())]
    for name in names:
        await core.outside.execute("INSERT INTO probe VALUES ($1, 0)", name)
    met = asyncio.Barrier(2)

    def crossed(first: str, second: str) -> Callable[[Collected], Awaitable[None]]:
        begun = 0

        async def act(_collected: Collected) -> None:
            nonlocal begun
            begun += 1
            await note(first)
            if begun == 1 and met.n_waiting < 2 and not met.broken:
                async with asyncio.timeout(2):
                    await met.wait()
            await note(second)

        return act

    await asyncio.gather(core.run(crossed(*names)), core.run(crossed(*reversed(names))))
    assert [await core.noted(name) for name in names] == [2, 2]


async def test_a_real_serialisation_failure_is_tried_again(core: Kernel) -> None:
    name = str(uuid4())
    await core.outside.execute("INSERT INTO probe VALUES ($1, 0)", name)
    begun = 0

    async def act(_collected: Collected) -> None:
        nonlocal begun
        begun += 1
        await statement("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        await statement("SELECT n FROM probe WHERE name = $1", name)
        if begun == 1:
            await core.outside.execute("UPDATE probe SET n = n + 10 WHERE name = $1", name)
        await note(name)

    await core.run(act)
    assert begun == 2
    assert await core.noted(name) == 11


async def test_a_connection_that_is_terminated_before_the_commit_begins_anew_and_does_it_once(core: Kernel) -> None:
    async def terminate_the_first(begun: int) -> None:
        if begun == 1:
            pid = (await statement("SELECT pg_backend_pid() AS pid"))[0]["pid"]
            await core.outside.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)

    act = Deed(terminate_the_first)
    assert await core.run(act) == b'"done"'
    assert act.begun == 2
    assert await act.left(core) == ONCE
    assert len(core.recorder.published) == 1


@pytest.mark.parametrize("place", [b"INSERT INTO probe", b"INSERT INTO deferred_task", b"INSERT INTO event"])
async def test_a_connection_that_breaks_at_any_statement_before_the_commit_begins_anew(
    core: Kernel, proxy: Proxy, place: bytes
) -> None:
    act = Deed()
    broken = proxy.when(TO_SERVER, place, cut)
    await core.run(act)
    assert broken.sprung.is_set()
    assert await act.left(core) == ONCE
    assert len(core.recorder.published) == 1


async def test_the_answer_of_a_commit_that_is_lost_leaves_the_outcome_unknown_and_is_never_tried_again(
    core: Kernel, proxy: Proxy
) -> None:
    act, key = Deed(), Key.of(uuid4(), new_key(), "probe.note", {})
    proxy.when(TO_CLIENT, COMMITTED, cut)
    with pytest.raises(OutcomeUnknownError):
        await core.run(act, key=key)
    assert act.begun == 1
    assert await act.left(core) == ONCE
    # Nothing is told here: the tail of the log and the clock find what may have happened.
    assert core.recorder.published == []
    assert core.recorder.nudged == []
    again = Deed()
    with pytest.raises(AlreadyDoneError):
        await core.run(again, key=key)
    assert await key.reply(connections.get("default")) == b'"done"'
    assert await core.noted(again.name) is None


async def test_a_commit_that_never_arrives_leaves_the_outcome_unknown_too(core: Kernel, proxy: Proxy) -> None:
    act, key = Deed(), Key.of(uuid4(), new_key(), "probe.note", {})
    proxy.when(TO_SERVER, COMMIT, cut)
    with pytest.raises(OutcomeUnknownError):
        await core.run(act, key=key)
    assert act.begun == 1
    assert await act.left(core) == NOTHING
    await core.run(act, key=key)
    assert await act.left(core) == ONCE


async def test_a_backend_that_is_terminated_while_it_commits_leaves_the_outcome_unknown(
    core: Kernel, proxy: Proxy
) -> None:
    go_on, pids = asyncio.Event(), []

    async def remember(_begun: int) -> None:
        pids.append((await statement("SELECT pg_backend_pid() AS pid"))[0]["pid"])

    act = Deed(remember)
    held = proxy.when(TO_SERVER, COMMIT, hold(go_on))
    running = asyncio.create_task(core.run(act))
    await held.sprung.wait()
    await core.outside.fetchval("SELECT pg_terminate_backend($1, 5000)", pids[0])
    go_on.set()
    with pytest.raises(OutcomeUnknownError):
        await running
    assert act.begun == 1


async def test_a_commit_that_is_not_answered_at_all_is_given_up_as_unknown(core: Kernel, proxy: Proxy) -> None:
    act = Deed()
    proxy.when(TO_CLIENT, COMMITTED, fall_silent)
    with pytest.raises(OutcomeUnknownError):
        async with asyncio.timeout(15):
            await core.run(act)
    assert act.begun == 1
    assert await act.left(core) == ONCE
    after = Deed()
    await core.run(after)
    assert (await after.left(core))[:2] == ONCE[:2]


async def test_what_postgresql_refuses_at_the_commit_is_that_error_and_is_not_tried_again(core: Kernel) -> None:
    table = f"deferred_{uuid4().hex}"
    await core.outside.execute(f"CREATE TABLE {table} (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    begun = 0

    async def act(_collected: Collected) -> None:
        nonlocal begun
        begun += 1
        for _ in range(2):
            await statement(f"INSERT INTO {table} VALUES (1) RETURNING n")  # noqa: S608 - our own name

    try:
        with pytest.raises(asyncpg.UniqueViolationError) as caught:
            await core.run(act)
        assert begun == 1
        assert to_wire(caught.value).kind.name == "conflict"
        assert await core.outside.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608 - our own name
    finally:
        await core.outside.execute(f"DROP TABLE {table}")


async def test_a_time_limit_ends_what_comes_before_the_commit(core: Kernel) -> None:
    async def dawdle(_begun: int) -> None:
        await asyncio.sleep(5)

    act = Deed(dawdle)
    with pytest.raises(TimedOut):
        await core.run(act, seconds=0.1)
    assert act.begun == 1
    assert await act.left(core) == NOTHING

    async def dawdle_there(_begun: int) -> None:
        await statement("SELECT pg_sleep(5)")

    act = Deed(dawdle_there)
    with pytest.raises(TimedOut):
        await core.run(act, seconds=0.1)
    assert await act.left(core) == NOTHING


async def test_a_time_limit_never_covers_the_commit(core: Kernel, proxy: Proxy) -> None:
    act = Deed()
    slow = proxy.when(TO_SERVER, COMMIT, delay(0.8))
    assert await core.run(act, seconds=0.4) == b'"done"'
    assert slow.sprung.is_set()
    assert await act.left(core) == ONCE


async def test_nothing_is_told_before_the_commit_was_answered(core: Kernel, proxy: Proxy) -> None:
    act, go_on = Deed(), asyncio.Event()
    held = proxy.when(TO_CLIENT, COMMITTED, hold(go_on))
    running = asyncio.create_task(core.run(act))
    await held.sprung.wait()
    assert await act.left(core) == ONCE
    assert core.recorder.published == []
    assert core.recorder.nudged == []
    go_on.set()
    await running
    assert len(core.recorder.published) == 1
    assert len(core.recorder.nudged) == 1


async def test_a_task_for_later_is_queued_but_nobody_is_nudged_about_it(core: Kernel) -> None:
    async def act(collected: Collected) -> None:
        collected.defer("probe.work", 7, at=datetime.now(UTC) + timedelta(days=7))

    await core.run(act)
    assert await core.tasks() == ["[7]"]
    assert core.recorder.nudged == []


async def test_an_event_may_have_sixty_four_kibibytes_and_not_one_more(core: Kernel) -> None:
    room = MAX_EVENT_BYTES - len('{"n":1,"text":""}')

    def telling(length: int) -> Deed:
        act = Deed()

        async def tell(_begun: int) -> None:
            collected.emit(act.topic, "probe.happened", {"n": 1, "text": "x" * length})

        act._before = tell
        return act

    for length, fits in ((room, True), (room + 1, False)):
        act = telling(length)

        async def run(given: Collected, act: Deed = act) -> bytes:
            nonlocal collected
            collected = given
            return await act(given)

        collected: Collected
        if fits:
            await core.run(run)
            assert await core.numbers(act.topic) == [1, 2]
        else:
            with pytest.raises(ValueError, match="more than an event may"):
                await core.run(run)
            assert await act.left(core) == (None, [], 1)


@pytest.mark.parametrize(
    ("emit", "error"),
    [
        (lambda one: one.emit(new_topic(), "probe.nobody_declared_this", {"n": 1}), KeyError),
        (lambda one: one.emit(f"user:{uuid4()}", "probe.happened", {"n": 1}), ValueError),
        (lambda one: one.emit(new_topic(), "probe.happened", {"n": "many"}), ValueError),
        (lambda one: one.defer("probe.nobody_works_at_this", 1), KeyError),
        (lambda one: one.defer("probe.work"), ValueError),
        (lambda one: one.defer("probe.work", "many"), ValueError),
    ],
)
async def test_what_nobody_declared_fails_loudly_and_takes_the_rows_with_it(
    core: Kernel, emit: Callable[[Collected], None], error: type[Exception]
) -> None:
    name = str(uuid4())

    async def act(collected: Collected) -> None:
        await note(name)
        emit(collected)

    with pytest.raises(error):
        await core.run(act)
    assert await core.noted(name) is None


async def test_a_signal_may_not_store_anything(core: Kernel) -> None:
    for store in (
        lambda one: one.emit(new_topic(), "probe.happened", {"n": 1}),
        lambda one: one.defer("probe.work", 1),
    ):
        collected = Collected(core.registry, datetime.now(UTC), b"null")
        store(collected)
        with pytest.raises(ValueError, match="nothing is stored"):
            core.units.release_live(collected)
    assert core.recorder.published == []


@dataclass(frozen=True)
class Proxied(Backing):
    """Engines of which PostgreSQL is reached through a proxy."""

    proxy: Proxy
    direct_url: str


class TestOverTheSocket:
    """The same faults, as a client of a server sees them."""

    @pytest.fixture
    async def backing(self, backing: Backing) -> AsyncIterator[Proxied]:
        await make_table(backing.database_url)
        async with between_postgres(backing.database_url) as (proxy, url):
            yield Proxied(url, backing.redis_url, backing.prefix, proxy, backing.database_url)

    @pytest.fixture
    async def server(self, start_app: Callable[..., Awaitable[Server]]) -> Server:
        return await start_app(modules=[MODULE])

    @pytest.fixture
    async def client(self, server: Server) -> Client:
        return await server.connect(await server.user())

    async def noted(self, backing: Proxied, name: str) -> int | None:
        connection = await asyncpg.connect(backing.direct_url)
        try:
            value: int | None = await connection.fetchval("SELECT n FROM probe WHERE name = $1", name)
        finally:
            await connection.close()
        return value

    @pytest.mark.parametrize(
        ("direction", "pattern", "fault", "there"),
        [
            (TO_CLIENT, COMMITTED, cut, 1),
            (TO_SERVER, COMMIT, cut, None),
            (TO_CLIENT, COMMITTED, fall_silent, 1),
        ],
        ids=["the answer is lost", "the commit is lost", "no answer comes"],
    )
    async def test_an_unknown_outcome_closes_with_4011_without_a_reply_and_the_same_key_gives_the_one_effect(
        self, backing: Proxied, server: Server, direction: Direction, pattern: bytes, fault: Act, there: int | None
    ) -> None:
        person = await server.user()
        client = await server.connect(person)
        name, key = str(uuid4()), new_key()
        backing.proxy.when(direction, pattern, fault)
        with pytest.raises(ConnectionError, match="4011"):
            await client.call("probe.note", name=name, n=1, idempotency_key=key)
        assert await client.closed() == 4011
        assert client.stray == []
        assert await self.noted(backing, name) == there

        again = await server.connect(person)
        for _ in range(2):
            assert await again.call("probe.note", name=name, n=1, idempotency_key=key) == {"n": 1, "text": ""}
        assert await self.noted(backing, name) == 1

    async def test_what_waited_behind_an_unknown_outcome_is_not_carried_out(
        self, backing: Proxied, server: Server
    ) -> None:
        client = await server.connect(await server.user())
        first, second = str(uuid4()), str(uuid4())
        backing.proxy.when(TO_CLIENT, COMMITTED, cut)
        for id_, name in (("a", first), ("b", second)):
            call = {"jsonrpc": "2.0", "id": id_, "method": "probe.note", "params": {"name": name}}
            await client.send(orjson.dumps(call))
        assert await client.closed() == 4011
        assert await self.noted(backing, first) == 1
        assert await self.noted(backing, second) is None
        assert client.stray == []

    async def test_over_http_an_unknown_outcome_is_no_answer_of_the_protocol(
        self, backing: Proxied, server: Server
    ) -> None:
        person = await server.user()
        name, key = str(uuid4()), new_key()
        call = {"jsonrpc": "2.0", "id": 1, "method": "probe.note", "params": {"name": name, "idempotency_key": key}}
        backing.proxy.when(TO_CLIENT, COMMITTED, cut)
        answer = await server.rpc(call, person.token)
        assert answer.status_code >= 500
        assert "result" not in answer.json()
        answer = await server.rpc(call, person.token)
        assert answer.json()["result"] == {"n": 1, "text": ""}
        assert await self.noted(backing, name) == 1

    async def test_a_connection_that_breaks_before_the_commit_is_not_noticed(
        self, backing: Proxied, client: Client
    ) -> None:
        name = str(uuid4())
        backing.proxy.when(TO_SERVER, b"INSERT INTO event", cut)
        assert await client.call("probe.note", name=name) == {"n": 1, "text": ""}
        assert await self.noted(backing, name) == 1

    async def test_sessions_that_were_ended_before_their_next_transaction_are_not_missing_from_the_pool(
        self, backing: Proxied, start_app: Callable[..., Awaitable[Server]]
    ) -> None:
        server = await start_app(modules=[MODULE], database_pool=2)
        client = await server.connect(await server.user())
        for _ in range(4):
            ended = backing.proxy.when(TO_CLIENT, READY, pass_and_end)
            await client.call("probe.note", name=str(uuid4()))
            await ended.sprung.wait()
            name = str(uuid4())
            assert await client.call("probe.note", name=name) == {"n": 1, "text": ""}
            assert await self.noted(backing, name) == 1

    async def test_connections_of_failed_calls_are_not_missing_from_the_pool(
        self, backing: Proxied, start_app: Callable[..., Awaitable[Server]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("server.kernel.database.STATEMENT_SECONDS", 0.3)
        server = await start_app(modules=[MODULE], database_pool=2)
        client = await server.connect(await server.user())
        for _ in range(3):
            backing.proxy.when(TO_SERVER, b"INSERT INTO event", fall_silent)
            with pytest.raises(RpcError) as caught:
                await client.call("probe.note", name=str(uuid4()))
            assert caught.value.code == -32051
            with pytest.raises(RpcError):
                await client.call("probe.undeclared", name=str(uuid4()))
        name = str(uuid4())
        assert await client.call("probe.note", name=name) == {"n": 1, "text": ""}

    async def test_an_event_that_nobody_declared_is_a_fault_of_ours_and_changes_nothing(
        self, backing: Proxied, client: Client
    ) -> None:
        name = str(uuid4())
        with pytest.raises(RpcError) as caught:
            await client.call("probe.undeclared", name=name)
        assert (caught.value.code, caught.value.message) == (-32603, "An unexpected error occurred")
        assert await self.noted(backing, name) is None

    async def test_an_event_that_is_too_large_is_a_fault_of_ours_and_changes_nothing(
        self, backing: Proxied, start_app: Callable[..., Awaitable[Server]]
    ) -> None:
        server = await start_app(modules=[MODULE], max_message_bytes=200_000)
        client = await server.connect(await server.user())
        name = str(uuid4())
        with pytest.raises(RpcError) as caught:
            await client.call("probe.note", name=name, text="x" * MAX_EVENT_BYTES)
        assert caught.value.code == -32603
        assert await self.noted(backing, name) is None
