"""Which faults come when: random, and the same for the same seed."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

import asyncpg

from tests.faults.deaf import be_deaf
from tests.faults.engines import POSTGRES, REDIS
from tests.faults.network import COMMITTED, DIRECTIONS, PUBLISHED, Tampered, spring
from tests.faults.processes import RESTART_SECONDS, ServerProcess
from tests.faults.world import World
from tests.support import ROOT
from tests.support_proxy import TO_CLIENT, cut, fall_silent

LONGEST_SECONDS = 90.0
LATE_SECONDS = 3.0
OVERLAPPING = 0.3

Act = Callable[[World, Random], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """One kind: what it hurts, how long it lasts about, how often it comes in a long and in a short run."""

    name: str
    hurts: str
    seconds: float
    times: int
    times_quick: int
    act: Act


@dataclass(frozen=True)
class Planned:
    """One fault of a schedule."""

    fault: Fault
    seed: int
    pause_seconds: float
    overlapping: bool


async def _back(server: ServerProcess) -> None:
    """Return when a server that was told to end has ended and is back."""
    await server.ended()
    await asyncio.sleep(RESTART_SECONDS + 0.1)
    await server.ready()


async def kill_server(world: World, rng: Random) -> None:
    server = rng.choice(world.servers)
    server.signal(signal.SIGKILL)
    await _back(server)


async def drain_server(world: World, rng: Random) -> None:
    server = rng.choice(world.servers)
    server.signal(signal.SIGTERM)
    await _back(server)


async def restart_all(world: World, _rng: Random) -> None:
    """One server after the other is drained and comes back."""
    for server in world.servers:
        server.signal(signal.SIGTERM)
        await _back(server)


async def freeze_server(world: World, rng: Random) -> None:
    server = rng.choice(world.servers)
    server.signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(rng.uniform(2, 7))
    finally:
        server.signal(signal.SIGCONT)


async def kill_worker(world: World, rng: Random) -> None:
    worker = rng.choice(world.workers)
    worker.signal(signal.SIGKILL)
    await worker.ended()


async def kill_redis(world: World, _rng: Random) -> None:
    world.engines.kill(REDIS)
    await asyncio.sleep(0.5)
    await world.redis_answers()


async def empty_redis(world: World, _rng: Random) -> None:
    await world.redis_answers()
    reader, writer = await asyncio.open_unix_connection(world.redis_path)
    writer.write(b"FLUSHALL\r\n")
    await reader.readline()
    writer.close()


async def freeze_redis(world: World, rng: Random) -> None:
    with world.engines.frozen(REDIS):
        await asyncio.sleep(rng.uniform(2.5, 6))


def redis_away(seconds: float) -> Act:
    """Redis refuses connections and has cut all that it had."""

    async def act(world: World, _rng: Random) -> None:
        for bus in world.buses:
            bus.refuse()
            bus.cut()
        try:
            await asyncio.sleep(seconds)
        finally:
            for bus in world.buses:
                await bus.accept()

    return act


async def lose_messages(world: World, rng: Random) -> None:
    """Messages between the processes are lost, repeated or delayed, or a connection to Redis goes dead."""
    bus, name, untold = rng.choice(world.buses), rng.choice(["drop", "repeat", "delay", "silence"]), Tampered()
    for _ in range(1 if name == "silence" else 5):
        await spring(bus, TO_CLIENT, PUBLISHED, untold.act(name, rng), nth=rng.randint(1, 5), seconds=LATE_SECONDS)


async def kill_postgres(world: World, _rng: Random) -> None:
    world.engines.kill(POSTGRES)
    await asyncio.sleep(0.5)
    await world.postgres_answers()


async def restart_postgres(world: World, _rng: Random) -> None:
    world.engines.restart(POSTGRES)
    await asyncio.sleep(0.5)
    await world.postgres_answers()


async def crash_backend(world: World, _rng: Random) -> None:
    world.engines.crash_backend()
    await asyncio.sleep(0.2)
    await world.postgres_answers()


async def freeze_postgres(world: World, rng: Random) -> None:
    with world.engines.frozen(POSTGRES):
        await asyncio.sleep(rng.uniform(2, 8))


async def cut_connections(world: World, _rng: Random) -> None:
    await world.postgres_answers()
    connection = await asyncpg.connect(world.engines.database_url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nexa'"
        )
    finally:
        await connection.close()


async def lose_commit(world: World, rng: Random) -> None:
    """The answer of a COMMIT never arrives: its connection breaks, or goes dead."""
    database, act = rng.choice(world.databases), rng.choice([cut, fall_silent])
    await spring(database, TO_CLIENT, COMMITTED, act, nth=rng.randint(1, 10), seconds=LATE_SECONDS)


def bad_network(name: str) -> Act:
    """The network does something to a few frames between clients and a server."""

    async def act(world: World, rng: Random) -> None:
        front = rng.choice(world.fronts)
        for _ in range(4):
            way, what = rng.choice(DIRECTIONS), world.tampered.act(name, rng)
            await spring(front, way, b"", what, nth=rng.randint(1, 40), seconds=LATE_SECONDS)

    return act


async def drop_people(world: World, rng: Random) -> None:
    """A tenth of the people lose their connection."""
    for person in rng.sample(world.people, max(1, len(world.people) // 10)):
        person.drop()


async def deaf_client(world: World, rng: Random) -> None:
    await be_deaf(rng.choice(world.servers).port, 6)


async def new_epoch(world: World, _rng: Random) -> None:
    """What an operator does after restoring a copy; here nothing is lost, so everybody must find all again."""
    await world.postgres_answers()
    urls = {
        "DATABASE_URL": world.engines.database_url,
        "REDIS_URL": world.engines.redis_url,
        "DEVELOPMENT_DATABASE": "true",
    }
    command = [sys.executable, "-m", "server", "new-epoch"]
    await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env={**os.environ, **urls}, check=True, stdout=subprocess.DEVNULL, timeout=30
    )


FAULTS = [
    Fault("server killed", "server", 4, 4, 1, kill_server),
    Fault("server drained", "server", 6, 2, 0, drain_server),
    Fault("rolling restart", "server", 12, 1, 0, restart_all),
    Fault("server frozen", "server", 4.5, 2, 0, freeze_server),
    Fault("worker killed", "worker", 1, 4, 1, kill_worker),
    Fault("redis killed", "redis", 2, 3, 0, kill_redis),
    Fault("redis emptied", "redis", 0, 3, 1, empty_redis),
    Fault("redis frozen", "redis", 4, 3, 1, freeze_redis),
    Fault("redis away 20 s", "redis", 20, 1, 0, redis_away(20)),
    Fault("redis messages lost", "bus", 3, 4, 1, lose_messages),
    Fault("postgres killed", "postgres", 3, 2, 1, kill_postgres),
    Fault("postgres restarted", "postgres", 3, 2, 0, restart_postgres),
    Fault("postgres session killed", "postgres", 2, 1, 0, crash_backend),
    Fault("postgres frozen", "postgres", 5, 3, 0, freeze_postgres),
    Fault("connections cut", "postgres", 0, 3, 1, cut_connections),
    Fault("commit unanswered", "database", 1, 5, 1, lose_commit),
    Fault("frames dropped", "front", 2, 2, 1, bad_network("drop")),
    Fault("frames delayed", "front", 2, 2, 0, bad_network("delay")),
    Fault("frames repeated", "front", 2, 2, 1, bad_network("repeat")),
    Fault("frames cut", "front", 2, 2, 0, bad_network("cut")),
    Fault("frames swallowed", "front", 2, 2, 1, bad_network("silence")),
    Fault("people dropped", "people", 0, 8, 2, drop_people),
    Fault("client deaf", "client", 4, 1, 0, deaf_client),
    Fault("new epoch", "postgres", 2, 1, 0, new_epoch),
]


def plan(rng: Random, *, quick: bool, only: Sequence[str] = ()) -> list[Planned]:
    """A schedule: each kind as often as it says, in random order; or, once each, those that are named."""
    chosen = [fault for fault in FAULTS for _ in range(fault.times_quick if quick else fault.times)]
    if only:
        chosen = [next(fault for fault in FAULTS if fault.name == name) for name in only]
    rng.shuffle(chosen)
    longest = 1.0 if quick else 3.0
    return [
        Planned(fault, rng.randrange(2**32), rng.uniform(0.2, longest), rng.random() < OVERLAPPING) for fault in chosen
    ]


def expected_seconds(planned: list[Planned]) -> float:
    """How long a schedule takes about."""
    return sum(one.pause_seconds + (0.5 if one.overlapping else one.fault.seconds) for one in planned)


async def follow(planned: list[Planned], world: World) -> None:
    """Carry a schedule out; returns when every fault has been undone."""
    running = []
    for one in planned:
        await asyncio.sleep(one.pause_seconds)
        task = asyncio.create_task(_carry_out(one, world))
        running.append(task)
        if not one.overlapping:
            await task
    await asyncio.gather(*running)


async def _carry_out(one: Planned, world: World) -> None:
    async with asyncio.timeout(LONGEST_SECONDS), world.lock(one.fault.hurts):
        with world.history.window(one.fault.name):
            await one.fault.act(world, Random(one.seed))
