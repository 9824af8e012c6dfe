"""`python -m server run --workers 2 --with-worker` as real processes: one port, dying, being stopped, draining."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage

from tests.conftest import Backing
from tests.support import ROOT, Client, Person, ServerProcess, free_port

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")

SPREAD, HOLD = 0.6, 0.5
DRAIN = {"DRAIN_SPREAD_SECONDS": str(SPREAD), "DRAIN_HOLD_SECONDS": str(HOLD)}

Start = Callable[..., Awaitable[ServerProcess]]


@dataclass
class Family:
    """A parent with its children."""

    server: ServerProcess

    @property
    def parent(self) -> int:
        assert self.server.process is not None
        return self.server.process.pid

    def children(self, *words: str) -> set[int]:
        """The children that run with these words in their command line."""
        found = set()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError, IndexError):
                pid = int(entry.name)
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                command = (entry / "cmdline").read_text().split("\0")
                if int(status[1]) == self.parent and status[0] != "Z" and set(words) <= set(command):
                    found.add(pid)
        return found

    @property
    def servers(self) -> set[int]:
        return self.children("run")

    @property
    def workers(self) -> set[int]:
        return self.children("worker")

    async def whole(self) -> None:
        """Wait until everybody is there."""
        await until(lambda: len(self.servers) == 2 and len(self.workers) == 1)

    def sockets(self, pid: int) -> int:
        """How many connections of our port a process holds."""
        port = f":{int(self.server.url.rpartition(':')[2]):04X}"
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        established = {f"socket:[{line[9]}]" for line in lines if line[1].endswith(port) and line[3] == "01"}
        held = 0
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                held += str(entry.readlink()) in established
        return held

    async def spread(self, person: Person | None = None) -> list[Client]:
        """Open sockets until both servers have one."""
        clients: list[Client] = []
        async with asyncio.timeout(20):
            while not clients or not all(self.sockets(pid) for pid in self.servers):
                clients.append(await self.server.connect(person))
        return clients

    async def counts(self, name: str, expected: float) -> None:
        """Wait until a metric says so: each process tells what it counted once a second."""
        async with asyncio.timeout(10):
            while await self.metric(name) != expected:
                await asyncio.sleep(0.05)

    async def metric(self, name: str) -> float:
        async with self.server.http() as http:
            text = (await http.get("/metrics")).text
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def until(happened: Callable[[], object], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.02)


FAMILY = ("--workers", "2", "--with-worker")
ENVIRONMENT = {"SOCKETS_PER_USER": "1000", "GUESTS_PER_NETWORK": "1000", **DRAIN}


@pytest.fixture(scope="module")
def lasting(backing: Backing) -> Iterator[Family]:
    """One family for the tests that leave it alive."""
    environment = {**backing.environment, **ENVIRONMENT}
    family = Family(asyncio.run(ServerProcess.start(environment, None, *FAMILY)))
    yield family
    asyncio.run(family.server.end(signal.SIGTERM))


@pytest.fixture
async def family(lasting: Family) -> AsyncIterator[Family]:
    await lasting.whole()
    yield lasting
    await lasting.server.close()


@pytest.fixture
async def own_family(start_process: Start) -> AsyncIterator[Family]:
    """A family for one test, which ends it."""
    family = Family(await start_process(*FAMILY, **ENVIRONMENT))
    await family.whole()
    members = family.servers | family.workers
    yield family
    await family.server.close()
    await family.server.end(signal.SIGTERM)
    await until(lambda: not any(alive(pid) for pid in members), 30)


@pytest.mark.seed("S4-04")
async def test_both_servers_answer_on_one_port_and_tell_each_other(family: Family) -> None:
    ada, bob = await family.server.user("Ada Lovelace"), await family.server.user("Bob Marley")
    clients = await family.spread(bob)
    for client in clients:
        await client.subscribe({bob.topic: None})
    sender = await family.server.connect(ada)
    await sender.call("message.send", receiver_id=bob.id, content="to wherever you are")
    for client in clients:
        event = await client.event("message.created")
        assert event["params"]["data"]["content"] == "to wherever you are"


@pytest.mark.seed("S4-07")
async def test_the_metrics_are_those_of_both_and_of_none_that_is_dead(family: Family) -> None:
    clients = await family.spread()
    calls = 'nexa_calls_total{method="system.info",outcome="ok"}'
    before = await family.metric(calls)
    for client in clients:
        await client.call("system.info")
    await family.counts(calls, before + len(clients))
    open_sockets = 'nexa_sockets{state="open"}'
    await family.counts(open_sockets, len(clients))
    victim = min(family.servers)
    lost = family.sockets(victim)
    os.kill(victim, signal.SIGKILL)
    await until(lambda: victim not in family.servers and len(family.servers) == 2)
    await family.counts(open_sockets, len(clients) - lost)
    await family.counts(calls, before + len(clients))


@pytest.mark.parametrize("role", ["run", "worker"])
@pytest.mark.slow
async def test_a_child_that_dies_is_started_anew(family: Family, role: str) -> None:
    person = await family.server.user()
    clients = await family.spread(person)
    before = family.children(role)
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    await until(lambda: victim not in family.children(role) and len(family.children(role)) == len(before))
    left = [client for client in clients if not await is_closed(client)]
    assert left
    if role == "worker":
        assert len(left) == len(clients)
    assert all([(await client.call("session.whoami"))["user"]["id"] == person.id for client in left])
    await family.spread(person)


async def is_closed(client: Client) -> bool:
    try:
        await client.call("session.ping")
    except (OSError, ConnectionClosed):
        return True
    return False


@pytest.mark.slow
async def test_the_end_of_the_parent_is_the_end_of_all(own_family: Family) -> None:
    children = own_family.servers | own_family.workers
    clients = await own_family.spread()
    begin = time.monotonic()
    assert await own_family.server.end(signal.SIGTERM) == 0
    assert time.monotonic() - begin < 30
    assert not any(alive(pid) for pid in children)
    assert {await client.closed() for client in clients} == {1012}


@pytest.mark.slow
async def test_a_parent_that_is_killed_takes_its_children_along(own_family: Family) -> None:
    children = own_family.servers | own_family.workers
    await own_family.server.end(signal.SIGKILL)
    await until(lambda: not any(alive(pid) for pid in children), 30)


async def test_who_connects_while_all_go_down_is_refused_and_does_not_wait(own_family: Family) -> None:
    client = await own_family.server.connect()
    own_family.server.send_signal(signal.SIGTERM)
    await client.event("session.draining")
    refused = 0
    async with asyncio.timeout(1):
        while refused < 5:
            try:
                await own_family.server.connect()
            except (OSError, InvalidMessage):
                refused += 1
    assert client.socket.close_code is None
    assert await client.closed() == 1012


# Draining


async def test_draining_spreads_the_reconnects_and_holds_the_old_sockets(start_process: Start) -> None:
    server = await start_process(**DRAIN)
    clients = [await server.connect() for _ in range(20)]
    begin = time.monotonic()
    server.send_signal(signal.SIGTERM)

    async def drained(client: Client) -> tuple[float, float, float]:
        params = (await client.event("session.draining"))["params"]
        told = time.monotonic()
        now = datetime.now(datetime.fromisoformat(params["closes_at"]).tzinfo)
        closes_in = (datetime.fromisoformat(params["closes_at"]) - now).total_seconds()
        assert await client.closed() == 1012
        return params["reconnect_after_ms"] / 1000, closes_in, time.monotonic() - told

    found = await asyncio.gather(*(drained(client) for client in clients))
    for delay, closes_in, closed_after in found:
        assert 0 <= delay <= SPREAD
        assert abs(closes_in - (delay + HOLD)) < 0.3
        assert closed_after > delay + HOLD - 0.1
    assert len({delay for delay, _, _ in found}) > 10
    assert server.process is not None
    assert await asyncio.to_thread(server.process.wait, 20) == 0
    assert time.monotonic() - begin < SPREAD + HOLD + 5


async def test_a_socket_that_drains_goes_on_working(start_process: Start) -> None:
    server = await start_process(**{**DRAIN, "DRAIN_HOLD_SECONDS": "1.5"})
    ada, bob = await server.user("Ada Lovelace"), await server.user("Bob Marley")
    clients = [await server.connect(person) for person in (ada, bob)]
    await clients[1].subscribe({bob.topic: None})
    server.send_signal(signal.SIGTERM)
    for client in clients:
        await client.event("session.draining")
    await clients[0].call("message.send", receiver_id=bob.id, content="one more")
    assert (await clients[1].event("message.created"))["params"]["data"]["content"] == "one more"


async def test_commands_that_run_while_it_drains_are_answered(start_process: Start, backing: Backing) -> None:
    server = await start_process(**DRAIN)
    ada, bob = await server.user("Ada Lovelace"), await server.user("Bob Marley")
    client, idle = await server.connect(ada), await server.connect(bob)
    await client.call("message.send", receiver_id=bob.id, content="before")
    database = await asyncpg.connect(backing.database_url)
    try:
        transaction = database.transaction()
        await transaction.start()
        # Events are numbered under this lock: the command stands still right before its commit.
        await database.execute("SELECT FROM topic WHERE name = $1 FOR UPDATE", bob.topic)
        sent = [
            asyncio.create_task(client.call("message.send", receiver_id=bob.id, content=text))
            for text in ("running", "waiting")
        ]
        await client.call("session.ping")
        server.send_signal(signal.SIGTERM)
        await client.event("session.draining")
        assert await idle.closed() == 1012
        drained = time.monotonic() + SPREAD + HOLD
        while time.monotonic() < drained:
            assert client.socket.close_code is None
            await asyncio.sleep(0.05)
        await transaction.rollback()
    finally:
        await database.close()
    assert [message["content"] for message in await asyncio.gather(*sent)] == ["running", "waiting"]
    assert await client.closed() == 1012


async def test_an_interrupt_ends_at_once(start_process: Start) -> None:
    server = await start_process(DRAIN_SPREAD_SECONDS="30", DRAIN_HOLD_SECONDS="30", port=free_port())
    client = await server.connect()
    begin = time.monotonic()
    server.send_signal(signal.SIGINT)
    assert await client.closed() == 1012
    assert time.monotonic() - begin < 5


async def test_ctrl_c_ends_the_whole_family_without_a_traceback(backing: Backing, tmp_path: Path) -> None:
    """Pressed twice, and while some of them may still be starting."""
    port, log = free_port(), tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220 - it does not wait
            [sys.executable, "-m", "server", "run", *FAMILY, "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, **backing.environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        server = ServerProcess(f"http://127.0.0.1:{port}", process=process)
        await server.until_ready()
        client = await server.connect()
        os.killpg(process.pid, signal.SIGINT)
        os.killpg(process.pid, signal.SIGINT)
        assert await client.closed() == 1012
        assert await asyncio.to_thread(process.wait, 30) == 0
    assert [line for line in log.read_text().splitlines() if "Traceback" in line] == []
