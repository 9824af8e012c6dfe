"""Everything that a run consists of: engines, processes, networks between them, people."""

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import unquote, urlsplit

import asyncpg

from tests.faults.engines import OwnEngines
from tests.faults.history import Command, History
from tests.faults.network import Tampered, TcpProxy, before_redis, before_server
from tests.faults.person import Person
from tests.faults.probe import make_table
from tests.faults.processes import Process, ServerProcess
from tests.support import Server, key
from tests.support_proxy import Proxy, between_postgres

TASK_SHARE = 0.03
AT_ONCE = 5


@dataclass
class World:
    """Two servers, a worker, and what lies between them and their engines.

    Attributes:
        fronts: A bad network before each server; half of the connections go through it.
        buses: A bad network between each process and Redis.
        databases: A bad network between PostgreSQL and one server and the worker.
        goal: How many messages shall be acknowledged.
        pace_seconds: Over how long they are spread.
    """

    engines: OwnEngines
    folder: Path
    goal: int
    pace_seconds: float
    rng: Random
    servers: list[ServerProcess] = field(default_factory=list)
    workers: list[Process] = field(default_factory=list)
    fronts: list[TcpProxy] = field(default_factory=list)
    buses: list[Proxy] = field(default_factory=list)
    databases: list[Proxy] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    history: History = field(default_factory=History)
    tampered: Tampered = field(default_factory=Tampered)
    over: bool = False
    begun: float = field(default_factory=time.monotonic)
    _labels: dict[str, Command] = field(default_factory=dict)
    _issued: int = 0
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    # What people ask

    def address(self, rng: Random) -> str:
        """One of the addresses under which a server can be reached."""
        return rng.choice([*(server.url for server in self.servers), *(front.url for front in self.fronts)])

    def is_tampered(self, url: str) -> bool:
        """Whether the network may lose frames at this address."""
        return any(front.url == url for front in self.fronts)

    def find(self, label: str) -> Command | None:
        """The command that sent a message with this text."""
        return self._labels.get(label)

    def next_command(self, person: Person) -> Command | None:
        """A message to somebody, now and then a task; None when enough is under way for the moment."""
        elapsed = time.monotonic() - self.begun
        if self._issued >= self.goal * min(1.0, elapsed / self.pace_seconds):
            return None
        if person.rng.random() < TASK_SHARE:
            return self._task(person)
        self._issued += 1
        receiver = person.rng.choice([one for one in self.people if one.user_id != person.user_id])
        label = f"message {self._issued} of {person.name}"
        params: dict[str, object] = {"receiver_id": receiver.user_id, "content": label}
        return self._asked(Command(person.number, "message.send", params, label, key()))

    def _task(self, person: Person) -> Command:
        number = len(self.history.commands)
        params: dict[str, object] = {"number": number, "seconds": person.rng.choice([0, 0, 0, 0.1, 1.0])}
        params["delay"] = person.rng.choice([0, 0, 1.0])
        return self._asked(Command(person.number, "probe.defer", params, str(number), key()))

    def _asked(self, command: Command) -> Command:
        self.history.commands.append(command)
        self._labels[command.label] = command
        return command

    # What the run asks

    def lock(self, name: str) -> asyncio.Lock:
        """Who hurts this waits until nobody else does."""
        return self._locks.setdefault(name, asyncio.Lock())

    @property
    def all_sent(self) -> bool:
        """Whether everything was sent and answered."""
        return self._issued >= self.goal and not any(person.unanswered for person in self.people)

    @property
    def redis_path(self) -> str:
        """The socket of Redis itself."""
        return unquote(urlsplit(self.engines.redis_url).path)

    async def redis_answers(self) -> None:
        """Return when Redis takes connections."""
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_unix_connection(self.redis_path)
                writer.close()
                return
            await asyncio.sleep(0.05)

    async def postgres_answers(self) -> None:
        """Return when PostgreSQL takes connections."""
        while True:
            with contextlib.suppress(OSError, asyncpg.PostgresError, TimeoutError):
                connection = await asyncpg.connect(self.engines.database_url, timeout=2)
                await connection.close()
                return
            await asyncio.sleep(0.05)

    async def healed(self) -> None:
        """Return when all engines and processes are there."""
        await self.postgres_answers()
        await self.redis_answers()
        for server in self.servers:
            await server.ready()

    async def move_in(self, count: int, devices: int) -> None:
        """Sign people up; the first ones get a second device that only follows."""
        gate = asyncio.Semaphore(AT_ONCE)
        front = Server(self.servers[0].url)

        async def sign_up() -> tuple[str, str]:
            async with gate:
                one = await front.user()
                return one.id, one.token

        accounts = await asyncio.gather(*(sign_up() for _ in range(count)))
        for number, (user_id, token) in enumerate([*accounts, *accounts[:devices]]):
            sends = number < count
            name = f"p{number}" if sends else f"p{number - count}'s second device"
            rng = Random(self.rng.random())
            self.people.append(Person(self, name, number, user_id, token, rng, sends=sends))


@contextlib.asynccontextmanager
async def world(engines: OwnEngines, goal: int, pace_seconds: float, rng: Random) -> AsyncIterator[World]:
    """Two servers and a worker on engines of one's own, with bad networks in between."""
    folder = Path(tempfile.mkdtemp(prefix="nexa-faults-log-"))
    place = World(engines, folder, goal, pace_seconds, rng)
    async with AsyncExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for name in ("a", "b", "worker"):
            database_url = engines.database_url
            if name != "a":
                database, database_url = await stack.enter_async_context(between_postgres(engines.database_url))
                place.databases.append(database)
            bus, redis_url = await stack.enter_async_context(before_redis(engines.redis_url))
            place.buses.append(bus)
            environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
            log = folder / f"{name}.log"
            if name == "worker":
                place.workers.append(Process(name, ["worker"], environment, log))
                continue
            server = ServerProcess(name, environment, log)
            place.servers.append(server)
            place.fronts.append(await stack.enter_async_context(before_server(server.port)))
        # The servers migrate the database; the worker needs it migrated.
        await _begin(place.servers, stack)
        for server in place.servers:
            await server.ready()
        await make_table(engines.database_url)
        await _begin(place.workers, stack)
        yield place


async def _begin(processes: Sequence[Process], stack: AsyncExitStack) -> None:
    for process in processes:
        process.start()
        stack.push_async_callback(process.stop)
