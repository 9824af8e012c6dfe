"""The assistant, as tests use it: a Gemini of their own, a reader that joins as the contract says, and a worker."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from clients.emulators.gemini import Behaviour, Call, GeminiEmulator
from models.system import DeferredTask
from server.compose.app import App
from server.kernel.deferred import Lane
from server.kernel.tasks import Tasks
from tests.conftest import Backing
from tests.support import ROOT, WAIT, Client, Person, Server
from tests.tasks import run_one

ENDED = ("assistant.message_completed", "assistant.run_stopped", "assistant.run_failed")


@contextlib.asynccontextmanager
async def gemini(**behaviour: Any) -> AsyncIterator[GeminiEmulator]:
    """A Gemini that lives as long as the test and can be looked into."""
    emulator = GeminiEmulator(behaviour=Behaviour(**{"delay": 0.005, **behaviour}))
    await emulator.start()
    try:
        yield emulator
    finally:
        await emulator.stop()


def endpoint(emulator: GeminiEmulator) -> str:
    return f"http://127.0.0.1:{emulator.port}"


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@contextlib.asynccontextmanager
async def working(server: Server) -> AsyncIterator[None]:
    """Carry out in this process what a worker would, at once when it is nudged."""
    app: App = server.app  # type: ignore[attr-defined]
    core = app.core
    tasks = Tasks(list(core.registry.tasks.values()), core.units, core.clock, core.services)
    stop = asyncio.Event()
    receiving = [asyncio.create_task(core.queue.receive(partial(run_one, tasks), 50, stop, lane)) for lane in Lane]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*receiving)


@dataclass
class Reader:
    """Follows one run as a client should: subscribe, ask how far it is, then add what is new.

    Raises AssertionError where a delta leaves a hole.
    """

    client: Client
    thread_id: str
    text: str = ""
    attempt: int = 0
    restarts: int = 0
    asked: int = 0
    _seen: int = 0
    ended: dict[str, Any] = field(default_factory=dict)

    @classmethod
    async def join(cls, client: Client, thread_id: str, run_id: str | None = None) -> "Reader":
        """Begin to read; with a run, in its middle."""
        reader = cls(client, thread_id)
        reader._seen = len(client.events)
        await client.subscribe({f"thread:{thread_id}": None})
        if run_id is not None:
            await reader.catch_up(run_id)
        return reader

    async def catch_up(self, run_id: str) -> None:
        """Ask how far the run is, and forget what was known."""
        run = await self.client.call("assistant.run.get", run_id=run_id)
        assert run["offset"] == utf16(run["text"])
        self.text, self.attempt, self.asked = run["text"], run["attempt"], self.asked + 1

    async def read(self, until: Callable[["Reader"], bool] | None = None, seconds: float = WAIT) -> "Reader":
        """Read on until the run has ended, or something is so."""
        async with asyncio.timeout(seconds):
            while not (self.ended or (until and until(self))):
                while self._seen == len(self.client.events):
                    async with self.client._arrived:
                        await self.client._arrived.wait()
                event = self.client.events[self._seen]
                self._seen += 1
                await self._take(event["method"], event["params"])
        self.client.keeps_contract()
        return self

    async def _take(self, method: str, params: dict[str, Any]) -> None:
        if params.get("topic") != f"thread:{self.thread_id}":
            return
        data = params["data"]
        if method == "assistant.run_restarted":
            self.text, self.attempt, self.restarts = "", data["attempt"], self.restarts + 1
        elif method == "assistant.delta":
            self._add(data)
        elif method in ENDED:
            self.ended = {"event": method, **data}

    def _add(self, data: dict[str, Any]) -> None:
        if data["attempt"] < self.attempt:
            return
        if data["attempt"] > self.attempt:
            self.text, self.attempt = "", data["attempt"]
        known = utf16(self.text)
        if data["offset"] + utf16(data["text"]) <= known:
            return
        assert data["offset"] == known, f"a hole: {data['offset']} after {known}"
        self.text += data["text"]


async def thread_of(client: Client, **params: Any) -> str:
    """Begin a thread."""
    return str((await client.call("assistant.thread.create", **params))["id"])


async def ask(client: Client, thread_id: str, text: str = "How do I write a résumé?", **params: Any) -> dict[str, Any]:
    """Send a prompt; its ids."""
    asked: dict[str, Any] = await client.call("assistant.message.send", thread_id=thread_id, text=text, **params)
    return asked


async def answered(client: Client, asked: dict[str, Any]) -> dict[str, Any]:
    """Wait until a run has ended."""
    run: dict[str, Any] = await client.call("assistant.run.get", run_id=asked["run_id"], wait_seconds=10)
    return run


def last_call(emulator: GeminiEmulator, containing: str = "") -> Call:
    """The last call whose prompt holds a text."""
    return next(call for call in reversed(emulator.calls) if containing in str(call.turns))


async def until(happened: Callable[[], Any], seconds: float = WAIT) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while True:
            so = happened()
            if await so if isinstance(so, Awaitable) else so:
                return
            await asyncio.sleep(0.01)


def worker_process(backing: Backing, emulator: GeminiEmulator, **environment: str) -> "subprocess.Popen[bytes]":
    """A worker in a process of its own."""
    known = {**backing.environment, "GEMINI_ENDPOINT": endpoint(emulator), **environment}
    return subprocess.Popen([sys.executable, "-m", "server", "worker"], cwd=ROOT, env={**os.environ, **known})


async def forget_tasks() -> None:
    """Leave nothing that an earlier test has queued."""
    await DeferredTask.all().delete()


async def somebody(server: Server) -> tuple[Person, Client]:
    """A person on a socket that follows their own topic."""
    person = await server.user()
    client = await server.connect(person)
    await client.subscribe({person.topic: None})
    return person, client
