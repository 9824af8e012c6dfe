"""Real engines for every test: one PostgreSQL and one Redis, a database of its own for each test process."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncpg
import pytest
import uvicorn

os.environ.setdefault("NEXA_EMBEDDED_FSYNC", "off")

from models.account.passwords import PASSWORDS, Passwords
from models.system import DeferredTask
from server.cli.demo import load_demo
from server.compose.app import App
from server.compose.domains import MODULES
from server.compose.migrations import migrate
from server.compose.serving import configuration
from server.compose.settings import Environment, Settings
from server.embedded import engines
from server.kernel.discover import openrpc
from server.kernel.registry import Registry
from tests.raw import RawSocket
from tests.support import Server, ServerProcess

WRITING_TO_ANYBODY = {"strangers_per_hour": 1_000_000, "strangers_verified": False}
"""Most tests of messages are about other things than who may write first."""
PLENTY = {"COMMANDS_PER_SECOND": "100000", "COMMANDS_BURST": "100000"}

ENGINES = Path(__file__).parent.parent / ".nexa" / "test"


@dataclass(frozen=True)
class Backing:
    """Where the engines are, and what a server process needs to use them."""

    database_url: str
    redis_url: str
    prefix: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "ENVIRONMENT": "test",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "REDIS_PREFIX": self.prefix,
            "LOG_LEVEL": "WARNING",
            **{name.upper(): str(value) for name, value in WRITING_TO_ANYBODY.items()},
        }

    def settings(self, **changes: object) -> Settings:
        return Settings(
            _env_file=None,
            environment=Environment.TEST,
            database_url=self.database_url,
            redis_url=self.redis_url,
            redis_prefix=self.prefix,
            **{**WRITING_TO_ANYBODY, **changes},
        )


async def fresh_database(url: str, name: str) -> str:
    """Make an empty database and bring it up to date."""
    await drop_database(url, name)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    own = url.replace("/nexa?", f"/{name}?", 1)
    assert own != url
    await migrate(own)
    return own


@pytest.fixture(scope="session")
def backing() -> Iterator[Backing]:
    # Two runs in one checkout share the engines, but nothing that is in them.
    name = f"test_{os.getpid()}"
    with engines(ENGINES) as embedded:
        url = asyncio.run(fresh_database(embedded.database_url, name))
        yield Backing(url, embedded.redis_url, f"{name}:")
        asyncio.run(drop_database(embedded.database_url, name))


async def drop_database(url: str, name: str) -> None:
    """Leave no database behind."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()


class QuickServer(uvicorn.Server):
    """Ends at once: uvicorn looks only every tenth of a second whether it shall end, and then waits as long again."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ending = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.ending.wait()

    async def shutdown(self, sockets: object = None) -> None:  # noqa: ARG002 - uvicorn's
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(0.005)
        await self.lifespan.shutdown()


@pytest.fixture(scope="session", autouse=True)
def _described_once() -> Iterator[None]:
    """Servers with the same methods share the description of them, which takes longer to make than all the rest."""
    made: dict[frozenset[int], dict[str, object]] = {}

    def describe(registry: Registry, version: str, _url: str) -> dict[str, object]:
        methods = frozenset(id(method.handler) for method in registry.methods.values())
        if methods not in made:
            made[methods] = openrpc(registry, version)
        return made[methods]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("server.compose.core.openrpc", describe)
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Signing up is the beginning of most tests: with the product's own parameters it would be most of their time."""
    cheap = Passwords(time_cost=1, memory_kib=64)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PASSWORDS, "_hasher", cheap._hasher)
        patched.setattr(PASSWORDS, "_nobodys", cheap._nobodys)
        yield


@pytest.fixture
async def start_app(backing: Backing) -> AsyncIterator[Callable[..., Awaitable[Server]]]:
    """Start servers in this process, with settings of the test's own, and modules beside those of the product."""
    running: list[tuple[QuickServer, asyncio.Task[None], Server]] = []

    async def start(*, modules: Sequence[ModuleType] = (), **changes: object) -> Server:
        settings = backing.settings(**changes)
        app = App(settings, backing.database_url, backing.redis_url, [*MODULES, *modules])
        config = configuration(settings, app, host="127.0.0.1", port=0)
        engine = QuickServer(config)
        task = asyncio.create_task(engine._serve())
        while not engine.started:
            assert not task.done(), task.exception()
            await asyncio.sleep(0.001)
        if not running:
            # Whoever signs up is sent a mail; those of earlier tests would be sent by the first that waits for one.
            await DeferredTask.filter(name="mail.send").delete()
        port = engine.servers[0].sockets[0].getsockname()[1]
        server = Server(f"http://127.0.0.1:{port}")
        server.app = app  # type: ignore[attr-defined]
        running.append((engine, task, server))
        return server

    yield start
    for engine, task, server in reversed(running):
        await server.close()
        engine.ending.set()
        await task


@pytest.fixture
async def server(start_app: Callable[..., Awaitable[Server]]) -> Server:
    """One server in this process."""
    return await start_app()


@pytest.fixture
async def start_process(backing: Backing) -> AsyncIterator[Callable[..., Awaitable[ServerProcess]]]:
    """Start servers in processes of their own."""
    started: list[ServerProcess] = []

    async def start(*arguments: str, port: int | None = None, **environment: str) -> ServerProcess:
        server = await ServerProcess.start({**backing.environment, **environment}, port, *arguments)
        started.append(server)
        return server

    yield start
    for server in started:
        await server.close()
        await server.end()


@pytest.fixture(scope="session")
def shared_pair(backing: Backing) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """Two server processes that live as long as the tests do, and do not limit how often anybody calls."""

    async def begin() -> tuple[ServerProcess, ServerProcess]:
        await load_demo(backing.database_url)
        one, two = await asyncio.gather(*(ServerProcess.start({**backing.environment, **PLENTY}) for _ in range(2)))
        return one, two

    servers = asyncio.run(begin())
    yield servers
    for server in servers:
        asyncio.run(server.end())


@pytest.fixture
async def pair(
    shared_pair: tuple[ServerProcess, ServerProcess],
) -> AsyncIterator[tuple[ServerProcess, ServerProcess]]:
    """Two server processes on the same engines, shared with other tests: who ends one starts an own one."""
    one, two = (ServerProcess(server.url, process=server.process) for server in shared_pair)
    yield one, two
    await one.close()
    await two.close()


@pytest.fixture
async def raw() -> AsyncIterator[Callable[..., Awaitable[RawSocket]]]:
    opened: list[RawSocket] = []

    async def open_(server: Server, *arguments: Any, **options: Any) -> RawSocket:
        opened.append(await RawSocket.open(server, *arguments, **options))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()
