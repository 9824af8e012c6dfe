"""The assistant: asking, streaming, joining in the middle, stopping, branches and budgets."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from clients.emulators.gemini import GeminiEmulator
from tests.assistant import (
    Reader,
    ask,
    endpoint,
    gemini,
    last_call,
    somebody,
    thread_of,
    utf16,
    working,
)
from tests.support import Client, Person, Server

StartApp = Callable[..., Awaitable[Server]]


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


@pytest.mark.seed("S3-01", "S3-08", "S3-16")
async def test_an_answer_streams_and_stays(emulator: GeminiEmulator, ada: tuple[Person, Client]) -> None:
    _, client = ada
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, "How do I write a résumé 🙂?")
    await reader.read()
    sent = last_call(emulator).sent
    assert "résumé 🙂" in sent
    assert reader.text == reader.ended["text"] == sent
    assert reader.ended["event"] == "assistant.message_completed"
    assert reader.ended["finish_reason"] == "stop"
    assert reader.ended["usage"]["output_tokens"] > 0
    run = await client.call("assistant.run.get", run_id=asked["run_id"])
    assert (run["status"], run["text"], run["offset"], run["attempt"]) == ("completed", sent, utf16(sent), 1)
    whole = await client.call("assistant.thread.get", thread_id=thread)
    assert whole["conversations"] == [{"prompt": "How do I write a résumé 🙂?", "response": sent}]
    assert whole["active_run"] is None
    assert whole["active_leaf"] == asked["reply_id"]
