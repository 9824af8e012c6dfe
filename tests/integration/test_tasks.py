"""Deferred tasks: exactly those of committed commands, soon, once, and never lost (DESIGN.md, section 3)."""

import ast
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from prometheus_client import REGISTRY as METRICS

from models.account import RefreshToken, Session
from server.compose.domains import MODULES
from server.kernel.deferred import Lane
from server.kernel.registry import Registry
from server.kernel.tasks import UNKNOWN, Tasks, delay_seconds
from tests.auth import later, refresh
from tests.conftest import Backing
from tests.probe_tasks import GATES, MODULE
from tests.support import ROOT, Client, Person, RpcError, Server, key
from tests.support_kernel import make_table
from tests.tasks import run_one

WAIT = 10.0


@dataclass
class Bench:
    """A server whose tasks nobody carries out unless the test does, and a look at the database from outside."""

    server: Server
    client: Client
    database: "asyncpg.Pool[asyncpg.Record]"
    tasks: Tasks

    @property
    def core(self) -> Any:
        return self.server.app.core  # type: ignore[attr-defined]

    def another(self) -> Tasks:
        """What another worker would have."""
        core = self.core
        return Tasks(list(core.registry.tasks.values()), core.units, core.clock, core.services)

    async def defer(self, name: str, task: str = "test.note", **params: Any) -> None:
        await self.client.call("test.defer", task=task, args=[name], **params)

    async def noted(self, name: str) -> int:
        """How often a task has left its trace, as everybody sees it."""
        return await self.database.fetchval("SELECT n FROM probe WHERE name = $1", name) or 0

    async def rows(self, task: str = "test.%") -> list[dict[str, Any]]:
        found = await self.database.fetch("SELECT * FROM deferred_task WHERE name LIKE $1 ORDER BY id", task)
        return [dict(row) for row in found]

    async def carry_out(self, tasks: Tasks | None = None) -> int:
        """Do what the clock of a worker would do now; returns how many tasks were begun."""
        mine = tasks or self.tasks
        claimed = await mine.claim_due(1000)
        for one in claimed:
            await mine.perform(one)
        return len(claimed)

    def now(self) -> Any:
        return self.core.clock.now()


async def until(happened: Callable[[], Awaitable[object]], seconds: float = WAIT) -> float:
    """Wait until something is so; returns how long it took."""
    begin = time.monotonic()
    async with asyncio.timeout(seconds):
        while not await happened():
            await asyncio.sleep(0.01)
    return time.monotonic() - begin


@pytest.fixture
async def bench(backing: Backing, start_app: Callable[..., Awaitable[Server]]) -> AsyncIterator[Bench]:
    await make_table(backing.database_url)
    async with asyncpg.create_pool(backing.database_url, min_size=1, max_size=2) as database:
        await database.execute("DELETE FROM deferred_task")
        await database.execute("DELETE FROM periodic_work")
        server = await start_app(modules=[MODULE], commands_burst=1000, commands_per_second=1000)
        client = await server.connect(await server.user())
        # Signing up may have deferred something, which is not what is tried here.
        await database.execute("DELETE FROM deferred_task")
        core = server.app.core  # type: ignore[attr-defined]
        tasks = Tasks(list(core.registry.tasks.values()), core.units, core.clock, core.services)
        yield Bench(server, client, database, tasks)
        await database.execute("DELETE FROM deferred_task")


@pytest.fixture
def name() -> str:
    return uuid4().hex


@contextlib.asynccontextmanager
async def nudged(bench: Bench) -> AsyncIterator[None]:
    """Carry out what nudges name, and only that, as long as the test wants."""
    stop = asyncio.Event()
    receiving = asyncio.create_task(bench.core.queue.receive(partial(run_one, bench.tasks), 8, stop, Lane.WORK))
    try:
        yield
    finally:
        stop.set()
        await receiving


# With the command or not at all


@pytest.mark.seed("S1-H11")
async def test_a_task_of_a_committed_command_runs_once_and_at_once(bench: Bench, name: str) -> None:
    async with nudged(bench):
        await bench.defer("warm-up " + name)
        await until(lambda: bench.noted("warm-up " + name))
        begin = time.monotonic()
        await bench.defer(name)
        await until(lambda: bench.noted(name))
        assert time.monotonic() - begin < 1
    assert await bench.rows() == []
    assert await bench.carry_out() == 0
    assert await bench.noted(name) == 1


@pytest.mark.parametrize(("then", "kind"), [("refuse", "conflict"), ("break", "internal_error")])
async def test_a_task_of_a_rolled_back_command_never_runs(bench: Bench, name: str, then: str, kind: str) -> None:
    async with nudged(bench):
        with pytest.raises(RpcError) as caught:
            await bench.defer(name, then=then)
        assert caught.value.kind == kind
        assert await bench.rows() == []
        # One that was deferred after it has run by now; so would have it.
        await bench.defer(name + " after")
        await until(lambda: bench.noted(name + " after"))
    assert await bench.carry_out() == 0
    assert await bench.noted(name) == 0


async def test_a_repeated_command_defers_nothing_a_second_time(bench: Bench, name: str) -> None:
    repeated = key()
    for _ in range(3):
        await bench.client.call("test.defer", args=[name], idempotency_key=repeated)
    assert await bench.carry_out() == 1
    assert await bench.noted(name) == 1


async def test_a_task_is_done_without_a_nudge(bench: Bench, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.core.queue, "nudge", lambda _ids, _lane: None)
    async with nudged(bench):
        await bench.defer(name)
        assert len(await bench.rows()) == 1
        assert await bench.carry_out() == 1
    assert await bench.noted(name) == 1


async def test_a_nudge_that_comes_twice_or_too_late_does_nothing(bench: Bench, name: str) -> None:
    await bench.defer(name)
    (row,) = await bench.rows()
    assert await run_one(bench.tasks, row["id"])
    assert not await run_one(bench.tasks, row["id"])
    assert not await run_one(bench.tasks, uuid4())
    assert await bench.noted(name) == 1


@pytest.mark.seed("S1-H12")
async def test_a_task_for_later_waits_until_then(bench: Bench, name: str) -> None:
    await bench.defer(name, delay_seconds=3600)
    (row,) = await bench.rows()
    later(bench.server, 3590)
    assert not await run_one(bench.tasks, row["id"])
    assert await bench.carry_out() == 0
    later(bench.server, 11)
    assert await bench.carry_out() == 1
    assert await bench.noted(name) == 1


async def test_arguments_come_back_as_what_they_were(bench: Bench) -> None:
    odd = 'a "quoted" \U0001f600 \\ text'
    await bench.defer(odd)
    assert await bench.carry_out() == 1
    assert await bench.noted(odd) == 1


# Names


@pytest.mark.parametrize(("task", "args"), [("no.such.task", ["x"]), ("test.note", []), ("test.note", ["x", "y"])])
async def test_what_no_worker_could_do_is_refused_when_it_is_deferred(bench: Bench, task: str, args: list[str]) -> None:
    response = await bench.client.request("test.defer", task=task, args=args)
    assert response["error"]["code"] == -32603
    assert await bench.rows("%") == []


def _calls(folder: str, method: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
                yield path, node


@pytest.mark.parametrize(("method", "at", "table"), [("defer", 0, "tasks"), ("emit", 1, "events")])
def test_every_name_in_the_source_is_declared(method: str, at: int, table: str) -> None:
    declared = getattr(Registry.of(MODULES), table)
    found = [one for folder in ("models", "handlers", "workers") for one in _calls(folder, method)]
    names = {
        call.args[at].value: f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, call in found
        if len(call.args) > at and isinstance(call.args[at], ast.Constant)
    }
    assert names
    assert {place for name, place in names.items() if name not in declared} == set()


# Leases


async def test_a_task_is_claimed_by_one_alone(bench: Bench, name: str) -> None:
    await bench.defer(name)
    (claimed,) = await bench.tasks.claim_due(10)
    assert await bench.another().claim_due(10) == []
    assert not await run_one(bench.another(), claimed.id)
    await bench.tasks.perform(claimed)
    assert await bench.noted(name) == 1


@pytest.mark.seed("S1-H13")
async def test_a_task_whose_worker_died_is_begun_by_another(bench: Bench, name: str) -> None:
    await bench.defer(name)
    (dead,) = await bench.tasks.claim_due(10)
    later(bench.server, 9)
    assert await bench.another().claim_due(10) == []
    later(bench.server, 2)
    (alive,) = await bench.another().claim_due(10)
    assert (dead.attempt, alive.attempt) == (1, 2)
    assert alive.lease != dead.lease
    await bench.another().perform(alive)
    assert await bench.noted(name) == 1


async def test_a_task_that_its_workers_die_of_is_given_up(bench: Bench, name: str) -> None:
    await bench.defer(name, "test.fail")
    for _ in range(3):
        assert len(await bench.tasks.claim_due(10)) == 1
        later(bench.server, 11)
    assert await bench.carry_out() == 1
    (row,) = await bench.rows()
    assert row["failed_at"] is not None
    assert row["error"] == "every worker that began it died"


async def test_who_has_lost_the_lease_changes_nothing(bench: Bench, name: str) -> None:
    before = runs("test.note", "lease_lost")
    await bench.defer(name)
    (late,) = await bench.tasks.claim_due(10)
    later(bench.server, 11)
    (second,) = await bench.another().claim_due(10)
    await bench.tasks.perform(late)
    assert await bench.noted(name) == 0
    assert [row["lease"] for row in await bench.rows()] == [second.lease]
    await bench.another().perform(second)
    assert await bench.noted(name) == 1
    await bench.tasks.perform(late)
    assert await bench.noted(name) == 1
    assert runs("test.note", "lease_lost") == before + 2


async def test_a_failure_of_who_has_lost_the_lease_does_not_put_the_task_back(bench: Bench, name: str) -> None:
    await bench.defer(name, "test.fail")
    (late,) = await bench.tasks.claim_due(10)
    later(bench.server, 11)
    (second,) = await bench.another().claim_due(10)
    await bench.tasks.perform(late)
    (row,) = await bench.rows()
    assert (row["lease"], row["error"]) == (second.lease, None)


async def test_a_lease_is_renewed_while_the_task_runs(bench: Bench, name: str) -> None:
    GATES[name] = asyncio.Event()
    await bench.defer(name, "test.gated")
    (claimed,) = await bench.tasks.claim_due(10)
    running = asyncio.create_task(bench.tasks.perform(claimed))
    seen: set[Any] = set()

    async def renewed() -> bool:
        assert await bench.another().claim_due(10) == []
        (row,) = await bench.rows()
        assert row["lease"] == claimed.lease
        seen.add(row["lease_until"])
        return len(seen) > 6

    assert await until(renewed) > 0.3
    GATES[name].set()
    await running
    assert await bench.noted(name) == 1


# Failing


def runs(task: str, outcome: str) -> float:
    return METRICS.get_sample_value("nexa_tasks_total", {"name": task, "outcome": outcome}) or 0


def test_delays_double_and_end_at_an_hour() -> None:
    assert [delay_seconds(attempt) for attempt in range(1, 6)] == [2, 4, 8, 16, 32]
    assert delay_seconds(12) == delay_seconds(1000) == 3600


@pytest.mark.seed("S1-H13", "S1-H26")
async def test_a_failing_task_is_tried_again_later_and_later_and_then_kept(bench: Bench, name: str) -> None:
    errors, given_up = runs("test.fail", "error"), runs("test.fail", "given_up")
    await bench.defer(name, "test.fail")
    for attempt, delay in ((1, 2), (2, 4)):
        begin = bench.now()
        assert await bench.carry_out() == 1
        (row,) = await bench.rows()
        assert row["attempt"] == attempt
        assert delay <= (row["due_at"] - begin).total_seconds() < delay + 1
        assert row["error"] == f"ValueError: {name} never works"
        assert (row["failed_at"], row["lease"]) == (None, None)
        later(bench.server, delay - 1)
        assert await bench.carry_out() == 0
        later(bench.server, 1.5)
    assert await bench.carry_out() == 1
    (row,) = await bench.rows()
    assert row["failed_at"] is not None
    later(bench.server, timedelta(days=30).total_seconds())
    assert await bench.carry_out() == 0
    assert not await run_one(bench.tasks, row["id"])
    assert await bench.noted(name) == 0
    assert (runs("test.fail", "error"), runs("test.fail", "given_up")) == (errors + 3, given_up + 1)
    assert await bench.tasks.count() == (0, 1)


async def test_any_text_of_an_error_is_kept(bench: Bench) -> None:
    await bench.client.call("test.defer", task="test.fail", args=["x" * 3000])
    assert await bench.carry_out() == 1
    (row,) = await bench.rows()
    assert len(row["error"]) == 2000
    declared = bench.core.registry.tasks["test.fail"]
    await bench.tasks._put_back((await claimed_again(bench)), declared, "a\0b\ud800".encode(errors="replace").decode())
    assert (await bench.rows())[0]["error"] == "ab?"


async def claimed_again(bench: Bench) -> Any:
    later(bench.server, 3)
    return (await bench.tasks.claim_due(1))[0]


@pytest.fixture
async def admin(bench: Bench) -> Client:
    person = await bench.server.user("Ada Admin")
    await bench.database.execute('UPDATE "user" SET roles = $1 WHERE id = $2', ["admin", "user"], UUID(person.id))
    return await bench.server.connect(person)


async def given_up(bench: Bench, name: str) -> dict[str, Any]:
    await bench.defer(name, "test.fail")
    for _ in range(3):
        await bench.carry_out()
        later(bench.server, 10)
    (row,) = await bench.rows()
    return row


@pytest.mark.seed("S1-H26")
async def test_admins_see_what_was_given_up(bench: Bench, admin: Client, name: str) -> None:
    row = await given_up(bench, name)
    await bench.defer(name + " waits", delay_seconds=3600)
    await bench.defer(name + " runs")
    (running,) = await bench.tasks.claim_due(1)

    async def listed(**wanted: Any) -> dict[str, str]:
        page = await admin.call("admin.task.list", filter={"name": None, **wanted})
        return {item["task_id"]: item["status"] for item in page["items"] if item["name"].startswith("test.")}

    (item,) = (await admin.call("admin.task.list", filter={"status": "failed"}))["items"]
    assert (item["task_id"], item["attempt"], item["name"]) == (str(row["id"]), 3, "test.fail")
    assert item["error"] == f"ValueError: {name} never works"
    assert item["failed_at"] is not None
    assert await listed(status="running") == {str(running.id): "running"}
    assert sorted((await listed()).values()) == ["failed", "running", "waiting"]
    assert await listed(name="test.fail") == {str(row["id"]): "failed"}
    assert list((await listed(status="waiting")).values()) == ["waiting"]


@pytest.mark.seed("S1-H13")
async def test_an_admin_lets_a_task_begin_anew(bench: Bench, admin: Client, name: str) -> None:
    row = await given_up(bench, name)
    assert await admin.call("admin.task.retry", task_id=str(row["id"])) == {"queued": True}
    assert await bench.carry_out() == 1
    (again,) = await bench.rows()
    assert (again["attempt"], again["failed_at"]) == (1, None)
    refused = await admin.request("admin.task.retry", task_id=str(row["id"]))
    assert refused["error"]["data"]["kind"] == "invalid_state"
    refused = await admin.request("admin.task.retry", task_id=str(uuid4()))
    assert refused["error"]["data"]["kind"] == "not_found"


async def test_a_task_that_a_worker_does_not_know_is_left_to_one_that_does(
    bench: Bench, admin: Client, name: str
) -> None:
    core = bench.core
    known = [one for one in core.registry.tasks.values() if one.name != "test.note"]
    old = Tasks(known, core.units, core.clock, core.services)
    await bench.carry_out()
    await bench.defer(name)
    (before,) = await bench.rows()
    for seconds in range(0, 600, 200):
        assert not await run_one(old, before["id"])
        assert await bench.carry_out(old) == 0
        assert await old.mark_unknown() == ([] if seconds else ["test.note"])
        later(bench.server, 200)
    (item,) = (await admin.call("admin.task.list", filter={"status": "waiting", "name": "test.note"}))["items"]
    assert (item["attempt"], item["failed_at"], item["error"]) == (0, None, UNKNOWN)
    assert (await bench.tasks.count())[0] == 1
    assert await bench.tasks.mark_unknown() == []
    assert await bench.carry_out() == 1
    assert await bench.noted(name) == 1
    assert await bench.rows() == []


async def test_a_task_that_idles_in_its_transaction_is_told_so(
    bench: Bench, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.kernel.database.IDLE_SECONDS", 0.1)
    await bench.defer(name, "test.idle")
    assert await bench.carry_out() == 1
    (row,) = await bench.rows()
    assert row["error"].startswith("TransactionLostError: its transaction was lost after 0.")
    assert "external task" in row["error"]
    assert (row["attempt"], row["failed_at"]) == (1, None)
    assert await bench.noted(name) == 0


# Several clocks


async def test_four_workers_do_two_hundred_tasks_once_each(bench: Bench, name: str) -> None:
    names = [f"{name} {number}" for number in range(200)]
    await asyncio.gather(*(bench.defer(one) for one in names[:60]))
    await asyncio.gather(*(bench.defer(one) for one in names[60:120]))
    await asyncio.gather(*(bench.defer(one) for one in names[120:160]))
    await asyncio.gather(*(bench.defer(one) for one in names[160:]))
    ids = [row["id"] for row in await bench.rows()]
    assert len(ids) == 200

    async def work(tasks: Tasks) -> int:
        done = 0
        while claimed := await tasks.claim_due(7):
            await asyncio.gather(*(tasks.perform(one) for one in claimed))
            done += len(claimed)
        return done

    async def follow_nudges(tasks: Tasks) -> int:
        return sum([await run_one(tasks, one) for one in reversed(ids)])

    done = await asyncio.gather(*(work(bench.another()) for _ in range(4)), follow_nudges(bench.another()))
    assert sum(done) == 200
    assert [await bench.noted(one) for one in names] == [1] * 200
    assert await bench.rows() == []


@pytest.mark.seed("S1-H12")
async def test_several_clocks_queue_periodic_work_once_a_period(bench: Bench) -> None:
    clocks = [bench.tasks, *(bench.another() for _ in range(3))]
    await asyncio.gather(*(clock.enrol_periodic() for clock in clocks))
    for _ in range(3):
        await asyncio.gather(*(clock.queue_periodic() for clock in clocks))
        await asyncio.gather(*(clock.queue_periodic() for clock in clocks))
        assert len(await bench.rows("test.periodic")) == 1
        assert len(await bench.rows("system.prune_log")) <= 1
        await bench.carry_out()
        assert await bench.rows("test.periodic") == []
        later(bench.server, 61)


async def test_periodic_work_that_still_waits_is_not_queued_again(bench: Bench) -> None:
    await bench.tasks.enrol_periodic()
    for _ in range(3):
        await bench.tasks.queue_periodic()
        later(bench.server, 61)
    assert len(await bench.rows("test.periodic")) == 1


# Pruning


async def prune(bench: Bench, task: str) -> None:
    """Let a periodic task run as the clock would let it."""
    await bench.tasks.enrol_periodic()
    await bench.database.execute("UPDATE periodic_work SET due_at = $1", bench.now())
    await bench.tasks.queue_periodic()
    assert len(await bench.rows(task)) == 1
    while await bench.carry_out():
        pass


async def fresh(bench: Bench, person: Person) -> Client:
    """A socket with a token that is good after the clock was moved."""
    renewed = (await refresh(bench.server, person.refresh_token)).json()
    person.token, person.refresh_token = renewed["access_token"], renewed["refresh_token"]
    return await bench.server.connect(person)


async def test_events_are_kept_for_seven_days_and_a_reader_from_before_begins_anew(bench: Bench) -> None:
    ada, bob = await bench.server.user("Ada Lovelace"), await bench.server.user("Bob Marley")
    client = await bench.server.connect(ada)
    for text in ("one", "two"):
        await client.call("message.send", receiver_id=bob.id, content=text)
    head = (await client.subscribe({ada.topic: None}))["topics"][ada.topic]["seq"]
    epoch = client.ready["epoch"]
    later(bench.server, timedelta(days=6).total_seconds())
    client = await fresh(bench, ada)
    await client.call("message.send", receiver_id=bob.id, content="three")
    later(bench.server, timedelta(days=1, minutes=1).total_seconds())
    await prune(bench, "system.prune_log")
    client = await fresh(bench, ada)
    answer = (await client.subscribe({ada.topic: {"seq": 1, "epoch": epoch}}))["topics"][ada.topic]
    assert answer == {"seq": head + 1, "events": [], "more": False, "reset": True}
    await client.call("session.unsubscribe", topics=[ada.topic])
    answer = (await client.subscribe({ada.topic: {"seq": head, "epoch": epoch}}))["topics"][ada.topic]
    assert [event["params"]["data"]["content"] for event in answer["events"]] == ["three"]
    assert not answer["reset"]
    await client.call("message.send", receiver_id=bob.id, content="four")
    assert (await client.event("message.created"))["params"]["seq"] == head + 2
    later(bench.server, timedelta(days=8).total_seconds())
    await prune(bench, "system.prune_log")
    client = await fresh(bench, ada)
    answer = (await client.subscribe({ada.topic: {"seq": 0}}))["topics"][ada.topic]
    assert (answer["seq"], answer["reset"], answer["events"]) == (head + 2, True, [])


async def test_an_idempotency_key_is_kept_for_a_day(bench: Bench) -> None:
    ada, bob = await bench.server.user("Ada Lovelace"), await bench.server.user("Bob Marley")
    params = {"receiver_id": bob.id, "content": "once", "idempotency_key": key()}
    first = await (await bench.server.connect(ada)).call("message.send", **params)
    # What is stored with the key has the database's time, which the test does not move.
    moved = bench.core.clock.offset
    for hours, same in ((23, True), (25, False)):
        bench.core.clock.offset = moved + hours * 3600
        await prune(bench, "system.prune_idempotency")
        again = await (await fresh(bench, ada)).call("message.send", **params)
        assert (again["id"] == first["id"]) == same


@pytest.mark.seed("S4-15")
async def test_tokens_that_have_run_out_are_forgotten(bench: Bench) -> None:
    person = await bench.server.user()
    assert await Session.filter(user_id=person.id).count() == 1
    days = timedelta(days=1).total_seconds()
    for after, tokens, sessions in ((29 * days, 1, 1), (2 * days, 0, 1), (30 * days, 0, 0)):
        later(bench.server, after)
        await prune(bench, "account.prune_tokens")
        assert await RefreshToken.filter(session__user_id=person.id).count() == tokens
        assert await Session.filter(user_id=person.id).count() == sessions


# Real workers


@contextlib.contextmanager
def worker(backing: Backing, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker process that knows the test's tasks."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.probe_tasks"],
        cwd=ROOT,
        env={**os.environ, **backing.environment, **environment},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_a_worker_finds_by_its_clock_what_no_nudge_has_reached(bench: Bench, backing: Backing, name: str) -> None:
    with worker(backing, REDIS_PREFIX="nobody:"):
        await bench.defer("warm-up " + name)
        await until(lambda: bench.noted("warm-up " + name))
        for number in range(3):
            await bench.defer(f"{name} {number}")
        assert await until(lambda: bench.noted(f"{name} 2")) < 2
        for number in range(3):
            await until(lambda number=number: bench.noted(f"{name} {number}"))
        assert [await bench.noted(f"{name} {number}") for number in range(3)] == [1, 1, 1]


async def running(bench: Bench) -> bool:
    """Whether the task itself has begun: the lease of the claim gives way to its own, shorter one."""
    soon = bench.now() + timedelta(seconds=5)
    return any(row["lease_until"] and row["lease_until"] < soon for row in await bench.rows())


async def test_a_worker_that_is_asked_to_stop_finishes_what_runs(bench: Bench, backing: Backing, name: str) -> None:
    with worker(backing) as process:
        await bench.defer(name, "test.slow")
        await until(lambda: running(bench))
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, WAIT) == 0
    assert await bench.noted(name) == 1
    assert await bench.rows() == []


async def test_what_a_killed_worker_ran_is_done_by_another(bench: Bench, backing: Backing, name: str) -> None:
    with worker(backing) as process:
        await bench.defer(name, "test.slow")
        await until(lambda: running(bench))
        process.kill()
        process.wait()
    assert await bench.noted(name) == 0
    with worker(backing):
        await until(lambda: bench.noted(name), 20)
    assert await bench.noted(name) == 1


# Lanes


async def test_everyday_work_does_not_wait_behind_streams(bench: Bench, name: str) -> None:
    GATES[name] = asyncio.Event()
    await bench.defer(name, "test.stream")
    await bench.defer(name + " quick")
    assert [one.name for one in await bench.tasks.claim_due(10, Lane.WORK)] == ["test.note"]
    assert [one.name for one in await bench.tasks.claim_due(10, Lane.STREAMS)] == ["test.stream"]
    assert await bench.tasks.claim_due(10) == []


async def test_a_nudge_reaches_those_who_work_on_its_lane(bench: Bench, name: str) -> None:
    stop = asyncio.Event()
    done: list[UUID] = []

    async def take(task_id: UUID) -> None:
        done.append(task_id)

    receiving = asyncio.create_task(bench.core.queue.receive(take, 1, stop, Lane.STREAMS))
    await bench.defer(name)
    await bench.defer(name, "test.stream")
    rows = {row["name"]: row["id"] for row in await bench.rows()}

    async def arrived() -> bool:
        return rows["test.stream"] in done

    await until(arrived)
    assert rows["test.note"] not in done
    stop.set()
    await receiving


async def test_an_external_task_changes_something_only_while_it_holds_its_lease(bench: Bench, name: str) -> None:
    GATES[name] = asyncio.Event()
    await bench.defer(name, "test.stream")
    (late,) = await bench.tasks.claim_due(1)
    running = asyncio.create_task(bench.tasks.perform(late))
    await until(lambda: bench.noted(name + " begun"))
    await bench.database.execute("UPDATE deferred_task SET lease = gen_random_uuid() WHERE id = $1", late.id)
    GATES[name].set()
    await running
    assert await bench.noted(name) == 0
    assert len(await bench.rows("test.stream")) == 1
