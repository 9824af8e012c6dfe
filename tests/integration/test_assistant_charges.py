"""What the model has used is charged, whatever becomes of the answer: once, and to the person who asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from clients.emulators.gemini import Behaviour, GeminiEmulator
from models.assistant import Charge, Outcome, Run
from tests.assistant import Reader, answered, ask, endpoint, gemini, last_call, somebody, thread_of, until, working
from tests.support import Client, Person, Server

StartApp = Callable[..., Awaitable[Server]]
LONG = "x" * 4000
"""About a thousand tokens."""


@pytest.fixture
async def emulator() -> AsyncIterator[GeminiEmulator]:
    async with gemini() as running:
        yield running


@pytest.fixture
async def server(start_app: StartApp, emulator: GeminiEmulator) -> AsyncIterator[Server]:
    server = await start_app(gemini_endpoint=endpoint(emulator), commands_burst=10_000, commands_per_second=10_000)
    async with working(server):
        yield server


@pytest.fixture
async def ada(server: Server) -> tuple[Person, Client]:
    return await somebody(server)


async def used(client: Client) -> int:
    return int((await client.call("assistant.usage.get"))["day"]["used"])


async def settled() -> bool:
    return not await Charge.all().exists()


async def all_settled() -> None:
    async with asyncio.timeout(10):
        while not await settled():
            await asyncio.sleep(0.02)


async def test_an_answer_whose_thread_is_deleted_is_charged(
    emulator: GeminiEmulator, ada: tuple[Person, Client]
) -> None:
    _, client = ada
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    await ask(client, thread, f"/emulate fail=endless delay=0.01\ndelete me {LONG}")
    await reader.read(lambda reader: len(reader.text) > 20)
    await client.call("assistant.thread.delete", thread_id=thread)
    await until(lambda: last_call(emulator, "delete me").ended == "cancelled")
    await all_settled()
    assert await used(client) >= len(LONG) // 4 + 5


async def test_an_answer_that_is_stopped_before_its_first_token_is_charged(
    emulator: GeminiEmulator, ada: tuple[Person, Client]
) -> None:
    _, client = ada
    asked = await ask(client, await thread_of(client), f"/emulate first=60\nsay nothing {LONG}")
    await until(lambda: any("say nothing" in str(call.turns) for call in emulator.calls))
    await client.call("assistant.run.stop", run_id=asked["run_id"])
    run = await answered(client, asked)
    assert (run["status"], run["text"]) == ("stopped", "")
    assert await used(client) == run["usage"]["prompt_tokens"] >= len(LONG) // 4


@pytest.mark.parametrize(
    ("fail", "charged"),
    [
        ("cut", True),
        ("half", True),
        ("safety", True),
        ("prompt", True),
        ("empty", True),
        ("500", False),
        ("long", False),
    ],
)
async def test_a_failure_is_charged_where_the_model_has_read_the_prompt(
    ada: tuple[Person, Client], fail: str, charged: bool
) -> None:
    _, client = ada
    asked = await ask(client, await thread_of(client), f"/emulate fail={fail} delay=0\n{LONG}")
    run = await answered(client, asked)
    assert run["status"] == "failed"
    assert await used(client) == sum(run["usage"].values())
    assert (await used(client) >= len(LONG) // 4) == charged
    assert await settled()


async def test_attempts_of_workers_that_died_are_charged_once_each(
    start_app: StartApp, emulator: GeminiEmulator
) -> None:
    server = await start_app(gemini_endpoint=endpoint(emulator))
    core = server.app.core  # type: ignore[attr-defined]
    _, client = await somebody(server)
    asked = await ask(client, await thread_of(client), "poison")
    begun: list[Any] = []

    async def act(body: Callable[[Any], Awaitable[Any]]) -> Any:
        found: list[Any] = []

        async def run(work: Any) -> bytes:
            found.append(await body(work))
            return b""

        await core.units.run(run, now=core.clock.now(), by=b"null", key=None, timeout_seconds=10)
        return found[0]

    for lost in ({}, {1: 400}, {1: 400, 2: 0}):
        begun.append(await act(lambda work, lost=lost: Run.begin(work, asked["run_id"], lost)))
        one = begun[-1]
        assert await Charge.open(one.run_id, one.attempt, one.thread_id, 4000)
    # The first two are charged by estimate: a thousand tokens each for what was read, a hundred for what was written.
    assert await used(client) == 2100
    late = Outcome("completed", "late", 5, 5, finish_reason="stop")
    assert await act(lambda work: Run.finish(work, begun[0], late)) is False
    assert await used(client) == 2100
    assert await act(lambda work: Run.finish(work, begun[2], late)) is True
    assert await used(client) == 2110
    assert await settled()


async def test_what_the_model_says_is_kept_as_far_as_it_can_be_stored(
    emulator: GeminiEmulator, ada: tuple[Person, Client]
) -> None:
    _, client = ada
    emulator.behaviour = Behaviour(text="before\0after", delay=0)
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, "say U+0000")
    run = await answered(client, asked)
    await reader.read()
    assert (run["status"], run["text"], run["attempt"]) == ("completed", "before\ufffdafter", 1)
    assert reader.text == run["text"]
    assert len(emulator.calls) == 1
    assert await used(client) == sum(run["usage"].values()) > 0
