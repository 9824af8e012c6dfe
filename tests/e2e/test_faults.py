"""One fault at a time: what can be answered is answered, the rest is refused in time, and all recovers by itself."""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
import pytest_asyncio

from tests.faults import schedule
from tests.faults.deaf import be_deaf
from tests.faults.engines import POSTGRES, REDIS, OwnEngines, copy_data, own_engines, put_back
from tests.faults.network import COMMITTED, spring
from tests.faults.pair import DELIVERED_SECONDS, Pair, closed_with, count, introduce, shown, until_done
from tests.faults.run import Options, run
from tests.faults.schedule import cut_connections, empty_redis
from tests.faults.world import World, world
from tests.support import Client, Person, RpcError, Server, key
from tests.support_proxy import TO_CLIENT, TO_SERVER, cut, fall_silent

pytestmark = pytest.mark.asyncio(loop_scope="module")

AWAY = {-32051, -32008}
TIME_LIMIT_SECONDS = 10.0


@pytest.fixture(scope="module")
def own() -> Iterator[OwnEngines]:
    with own_engines() as engines:
        yield engines


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(own: OwnEngines) -> AsyncIterator[World]:
    async with world(own, 0, 1, Random(1)) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def pair(place: World) -> AsyncIterator[Pair]:
    await asyncio.wait_for(place.healed(), 60)
    made = await introduce(place)
    await made.becomes_fast(5)
    made.forget()
    yield made
    await made.close()


def tell(capsys: pytest.CaptureFixture[str], *parts: str) -> None:
    """Print something that was measured."""
    with capsys.disabled():
        sys.stdout.write(" · ".join(parts) + "\n")


async def test_a_frozen_redis_delays_deliveries_by_seconds_and_calls_not_at_all(
    place: World, pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    with place.engines.frozen(REDIS):
        await pair.talk(6)
        # Also who comes now is let in, and what needs Redis says so in time.
        guest = await Server(place.servers[0].url).connect(pair.people[0])
        began = time.monotonic()
        with pytest.raises(RpcError) as refused:
            await guest.call("presence.get", user_ids=[pair.people[0].id])
        assert refused.value.code == -32051
        assert time.monotonic() - began < 2
        await guest.close()
        delivered = await pair.delivered(DELIVERED_SECONDS)
    tell(capsys, "\nRedis frozen: " + shown("calls", pair.calls), shown("deliveries to the other process", delivered))
    assert not pair.refused
    assert max(pair.calls) < 1
    await pair.becomes_fast(6)


async def test_a_killed_redis_costs_neither_calls_nor_deliveries(place: World, pair: Pair) -> None:
    place.engines.kill(REDIS)
    await pair.talk(2)
    assert not pair.refused
    assert max(pair.calls) < 1
    await pair.delivered(DELIVERED_SECONDS)
    await pair.becomes_fast(10)


@pytest.mark.slow
async def test_twenty_seconds_without_redis_cost_neither_calls_nor_deliveries(place: World, pair: Pair) -> None:
    for bus in place.buses:
        bus.refuse()
        bus.cut()
    try:
        for _ in range(4):
            await pair.talk(5, 0.2)
            await pair.delivered(DELIVERED_SECONDS)
    finally:
        for bus in place.buses:
            await bus.accept()
    assert not pair.refused
    assert max(pair.calls) < 1
    await pair.becomes_fast(6)


@pytest.mark.slow
async def test_a_network_to_redis_that_swallows_everything_is_noticed(place: World, pair: Pair) -> None:
    for bus in place.buses:
        bus.freeze()
    try:
        await pair.talk(15, 0.2)
        await pair.delivered(DELIVERED_SECONDS)
        # What hangs in the middle of its handshake must be given up as well.
        for bus in place.buses:
            for link in bus.links:
                link.silent.update((TO_SERVER, TO_CLIENT))
    finally:
        for bus in place.buses:
            bus.thaw()
    assert not pair.refused
    await pair.becomes_fast(12)


async def test_tasks_are_done_although_redis_was_emptied(place: World, pair: Pair) -> None:
    worker, owner = place.workers[0], pair.people[0]
    worker.signal(signal.SIGSTOP)
    try:
        for number in range(5):
            await pair.sender.call("probe.defer", number=number, delay=number % 2)
        await asyncio.sleep(0.2)
        await empty_redis(place, Random(1))
    finally:
        worker.signal(signal.SIGCONT)
    await until_done(place, owner, dict.fromkeys(range(5), 1), 8)
    # And the nudges work again: nobody waits for the clock.
    await pair.sender.call("probe.defer", number=5)
    await until_done(place, owner, dict.fromkeys(range(6), 1), 2)
    await pair.becomes_fast(6)


@pytest.mark.slow
async def test_a_frozen_postgresql_is_answered_for_within_the_time_limit(
    place: World, pair: Pair, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.support.WAIT", 60)
    server, me = Server(place.servers[0].url), pair.people[0]
    crowd = [await server.connect(me) for _ in range(12)]
    took: list[float] = []

    async def ask(client: Client, until: float) -> None:
        while time.monotonic() < until:
            sending = {"receiver_id": pair.people[1].id, "content": str(uuid4()), "idempotency_key": key()}
            for method, params in (("message.send", sending), ("conversation.list", {})):
                began = time.monotonic()
                answer = await client.request(method, **params)
                took.append(time.monotonic() - began)
                assert answer.get("error", {"code": -32051})["code"] in AWAY

    with place.engines.frozen(POSTGRES):
        asking = [asyncio.ensure_future(ask(client, time.monotonic() + 14)) for client in crowd]
        for _ in range(28):
            began = time.monotonic()
            await pair.sender.call("session.ping")
            assert time.monotonic() - began < 1
            await asyncio.sleep(0.5)
    await asyncio.gather(*asking)
    tell(capsys, "\nPostgreSQL frozen: " + shown("commands and queries", took))
    assert max(took) < TIME_LIMIT_SECONDS + 1
    await pair.becomes_fast(10)
    await pair.sender.call("probe.defer", number=1, delay=0.5)
    await until_done(place, me, {1: 1}, 8)
    await server.close()
    for client in crowd:
        await client.close()


async def test_connections_that_are_cut_cost_nothing_but_a_moment(place: World, pair: Pair) -> None:
    talking = asyncio.ensure_future(pair.talk(3, 0))
    for _ in range(3):
        await asyncio.sleep(0.5)
        await cut_connections(place, Random(1))
    await talking
    assert {code for _, code in pair.refused} <= AWAY
    assert len(pair.refused) < len(pair.calls) / 10
    assert max(pair.calls) < 2
    await pair.delivered(DELIVERED_SECONDS)
    await pair.becomes_fast(6)


async def test_a_killed_postgresql_keeps_what_was_acknowledged_and_the_rest_is_refused(
    place: World, pair: Pair
) -> None:
    talking = asyncio.ensure_future(pair.talk(7, 0.01))
    await asyncio.sleep(1)
    place.engines.kill(POSTGRES)
    await talking
    assert pair.refused, "nobody noticed"
    assert {code for _, code in pair.refused} <= AWAY
    assert max(seconds for seconds, _ in pair.refused) < TIME_LIMIT_SECONDS
    await pair.delivered(DELIVERED_SECONDS + 3)
    await pair.becomes_fast(6)


async def test_a_commit_without_an_answer_closes_with_4011_and_the_same_key_tells(place: World, pair: Pair) -> None:
    person, text, again = pair.people[1], str(uuid4()), key()
    client = await Server(place.servers[1].url).connect(person)
    sending = {"receiver_id": pair.people[0].id, "content": text, "idempotency_key": again}
    lost = asyncio.ensure_future(spring(place.databases[0], TO_CLIENT, COMMITTED, cut, nth=1, seconds=5))
    await asyncio.sleep(0)
    with pytest.raises(ConnectionError):
        await client.call("message.send", **sending)
    assert await lost
    assert await client.closed() == 4011
    other = await Server(place.servers[0].url).connect(person)
    answers = [(await other.call("message.send", **sending))["id"] for _ in range(2)]
    assert len(set(answers)) == 1
    assert await count(place, "SELECT count(*) FROM direct_message WHERE content = $1", text) == 1
    await other.close()


async def test_the_workers_clock_outlives_a_commit_without_an_answer(place: World, pair: Pair) -> None:
    pid = place.workers[0].pid
    for act in (cut, fall_silent):
        assert await spring(place.databases[1], TO_CLIENT, COMMITTED, act, nth=1, seconds=5)
    await pair.sender.call("probe.defer", number=1, delay=0.5)
    await until_done(place, pair.people[0], {1: 1}, 15)
    assert place.workers[0].pid == pid


async def test_the_task_of_a_killed_worker_is_done_once_by_another(place: World, pair: Pair) -> None:
    worker = place.workers[0]
    await pair.sender.call("probe.defer", number=1, seconds=2)

    async with asyncio.timeout(5):
        while not await count(place, "SELECT count(*) FROM deferred_task WHERE name = 'probe.effect' AND attempt = 1"):
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    worker.signal(signal.SIGKILL)
    await pair.sender.subscribe({pair.people[0].topic: {"seq": 0}})
    await until_done(place, pair.people[0], {1: 1}, 15)
    told = await pair.sender.event("probe.effected")
    assert told["params"]["data"] == {"number": 1, "attempt": 2}


async def test_a_killed_server_loses_nothing_that_is_sent_again(place: World, pair: Pair) -> None:
    server, (me, other) = place.servers[0], pair.people
    texts = [str(uuid4()) for _ in range(30)]
    unanswered = {text: {"receiver_id": other.id, "content": text, "idempotency_key": key()} for text in texts}

    async def send(client: Client) -> None:
        sent = {text: asyncio.ensure_future(client.call("message.send", **unanswered[text])) for text in unanswered}
        await asyncio.sleep(0.03)
        if client is pair.sender:
            server.signal(signal.SIGKILL)
        await asyncio.wait(sent.values())
        for text, answer in sent.items():
            if answer.exception() is None:
                del unanswered[text]

    await send(pair.sender)
    assert unanswered, "the server was killed too late"
    survivor = await Server(place.servers[1].url).connect(me)
    await send(survivor)
    assert not unanswered
    there = await count(place, "SELECT count(*) FROM direct_message WHERE content = ANY($1::text[])", texts)
    assert there == len(texts)
    pair.acked = dict.fromkeys(texts, time.monotonic())
    await pair.delivered(DELIVERED_SECONDS)
    assert [text for text in pair.seen if text in pair.acked] == texts
    await survivor.close()


async def test_who_never_reads_is_cut_off_and_nobody_else_notices(place: World, pair: Pair) -> None:
    before = await closed_with(place, 4013)
    deaf = asyncio.ensure_future(be_deaf(place.servers[0].port, 10))
    await pair.talk(3, 0.02)
    assert await deaf
    assert await closed_with(place, 4013) == before + 1
    assert not pair.refused
    assert max(pair.calls) < 0.5
    assert max(await pair.delivered(DELIVERED_SECONDS)) < 0.5


@pytest.mark.slow
async def test_a_database_that_was_restored_from_an_older_copy_makes_everybody_read_anew() -> None:
    with tempfile.TemporaryDirectory(prefix="nexa-faults-") as text:
        folder, copy = Path(text, "engines"), Path(text, "copy")
        await asyncio.to_thread(prepare, folder)
        async with AsyncExitStack() as stack:
            with own_engines(folder) as engines:
                place = await stack.enter_async_context(world(engines, 0, 1, Random(1)))
                pids = [server.pid for server in place.servers]
                before = await introduce(place)
                await before.say()
                await before.delivered(DELIVERED_SECONDS)
            copy_data(engines, copy)
            with own_engines(folder):
                await place.healed()
                await before.becomes_fast(10)
                await before.say("what the copy does not have")
                await before.delivered(DELIVERED_SECONDS)
                epoch, position = before.receiver.ready["epoch"], max(before.order)
            put_back(engines, copy)
            with own_engines(folder):
                await schedule.new_epoch(place, Random(1))
                assert [await client.closed(20) for client in (before.sender, before.receiver)] == [4010, 4010]
                await before.close()
                await place.healed()
                assert [server.pid for server in place.servers] == pids
                await reads_anew(place, before.people[1], epoch, position)
                after = await introduce(place)
                await after.becomes_fast(6)
                await after.close()
                assert not await count(place, "SELECT count(*) FROM direct_message WHERE content LIKE 'what the copy%'")
                await stack.aclose()


def prepare(folder: Path) -> None:
    """Make a folder that the engines' account can enter."""
    folder.parent.chmod(0o755)
    folder.mkdir()


async def reads_anew(place: World, person: Person, epoch: str, position: int) -> None:
    """Who comes with a position of before the restore, on whichever server, is told to read the state again."""
    for server in place.servers:
        async with asyncio.timeout(DELIVERED_SECONDS):
            while (client := await Server(server.url).connect(person)).ready["epoch"] == epoch:
                await client.close()
        for seq in (1, position):
            answer = await client.subscribe({person.topic: {"seq": seq, "epoch": epoch}})
            assert answer["epoch"] == client.ready["epoch"]
            reached = answer["topics"][person.topic]
            assert (reached["reset"], reached["events"]) == (True, [])
            assert reached["seq"] < position
            await client.call("session.unsubscribe", topics=[person.topic])
        await client.close()


@pytest.mark.slow
async def test_a_rolling_restart_under_load_sends_everybody_elsewhere_and_loses_nothing() -> None:
    result = await run(Options(seed=1, sends=1000, people=20, only=("rolling restart",)))
    assert result.passed, result.text
    closed = result.history.closed
    assert closed["closed 1012"] > 0, result.text
    assert closed["left the draining process"] > 0, result.text
    assert not {name for name in closed if name.startswith("closed")} - {"closed 1012"}, result.text
    assert {kind for *_, kind in result.history.answers} == {"ok"}, result.text


@pytest.mark.parametrize("seed", [int(os.environ.get("FAULTS_SEED", "1"))])
async def test_nothing_is_lost_repeated_or_reordered(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    result = await run(Options(seed=seed, sends=1500, people=20, quick=True))
    tell(capsys, "\n" + result.text)
    assert result.passed, result.text
