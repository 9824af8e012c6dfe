"""The assistant across processes: two servers and workers that are killed, and readers that lose nothing by it."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from clients.emulators.gemini import GeminiEmulator
from tests.assistant import Reader, ask, gemini, last_call, thread_of, until, utf16, worker_process
from tests.conftest import Backing
from tests.support import ServerProcess

Pair = tuple[ServerProcess, ServerProcess]
StartProcess = Callable[..., Awaitable[ServerProcess]]


class Workers:
    """Workers in processes of their own, which answer by one emulated Gemini."""

    def __init__(self, backing: Backing, emulator: GeminiEmulator) -> None:
        self._backing = backing
        self._emulator = emulator
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> "subprocess.Popen[bytes]":
        self.running.append(worker_process(self._backing, self._emulator))
        return self.running[-1]

    async def end(self) -> None:
        for one in self.running:
            if one.poll() is None:
                one.kill()
            await asyncio.to_thread(one.wait)


@pytest.fixture
async def emulator() -> AsyncIterator[GeminiEmulator]:
    async with gemini() as running:
        yield running


@pytest.fixture
async def workers(backing: Backing, emulator: GeminiEmulator) -> AsyncIterator[Workers]:
    started = Workers(backing, emulator)
    yield started
    await started.end()


async def test_two_processes_read_one_answer_and_one_joins_again(
    pair: Pair, emulator: GeminiEmulator, workers: Workers
) -> None:
    """Two sockets on two processes, one of them cut and joined again in the middle: both have what was sent."""
    one, two = pair
    workers.start()
    person = await one.user()
    first, second = await one.connect(person), await two.connect(person)
    thread = await thread_of(first)
    readers = [await Reader.join(client, thread) for client in (first, second)]
    asked = await ask(first, thread, "/emulate pieces=200 delay=0.02 size=11\nboth 🙂 read it")
    await asyncio.gather(*(reader.read(lambda it: utf16(it.text) > 300, 30) for reader in readers))
    second.socket.transport.abort()
    cut = readers[1].text
    await readers[0].read(lambda it: len(it.text) > len(cut) + 300)
    joined = await Reader.join(await two.connect(person), thread, asked["run_id"])
    assert len(joined.text) > len(cut)
    await asyncio.gather(readers[0].read(), joined.read())
    sent = last_call(emulator, "both").sent
    assert len(sent) == 2200
    assert readers[0].text == joined.text == sent


@pytest.mark.slow
async def test_a_worker_that_is_killed_is_replaced_and_it_is_seen(
    pair: Pair, emulator: GeminiEmulator, workers: Workers
) -> None:
    one, two = pair
    doomed = workers.start()
    person = await one.user()
    client = await two.connect(person)
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, "/emulate pieces=150 delay=0.02\nkill the worker")
    await reader.read(lambda it: len(it.text) > 200, 30)
    doomed.send_signal(signal.SIGKILL)
    workers.start()
    await reader.read(seconds=60)
    assert (reader.ended["event"], reader.restarts, reader.attempt) == ("assistant.message_completed", 1, 2)
    calls = [call for call in emulator.calls if "kill the worker" in str(call.turns)]
    assert [call.ended for call in calls] == ["cancelled", "completed"]
    assert reader.text == calls[1].sent
    run = await client.call("assistant.run.get", run_id=asked["run_id"])
    assert (run["status"], run["attempt"], run["text"]) == ("completed", 2, reader.text)


@pytest.mark.slow
async def test_a_server_that_is_killed_costs_its_reader_nothing(
    pair: Pair, start_process: StartProcess, emulator: GeminiEmulator, workers: Workers
) -> None:
    one, (two, _) = await start_process(), pair
    workers.start()
    person = await two.user()
    client = await one.connect(person)
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, "/emulate pieces=150 delay=0.02\nkill the server")
    await reader.read(lambda it: len(it.text) > 200, 30)
    await one.end(signal.SIGKILL)
    joined = await Reader.join(await two.connect(person), thread, asked["run_id"])
    assert len(joined.text) >= len(reader.text)
    await joined.read()
    assert joined.text == last_call(emulator, "kill the server").sent


@pytest.mark.slow
async def test_a_stop_reaches_the_worker_in_another_process(
    pair: Pair, emulator: GeminiEmulator, workers: Workers
) -> None:
    one, two = pair
    workers.start()
    person = await one.user()
    client, other = await one.connect(person), await two.connect(person)
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, "/emulate fail=endless delay=0.02\nstop it")
    await reader.read(lambda it: len(it.text) > 100, 30)
    await other.call("assistant.run.stop", run_id=asked["run_id"])
    await reader.read()
    assert reader.ended["event"] == "assistant.run_stopped"
    assert reader.ended["text"] == reader.text
    await until(lambda: last_call(emulator, "stop it").ended == "cancelled")


@pytest.mark.slow
async def test_a_worker_that_froze_does_not_end_what_another_has_taken_over(
    pair: Pair, emulator: GeminiEmulator, workers: Workers
) -> None:
    """It comes back after its lease, with a text of its own: what is stored and read is the other one's."""
    one, _ = pair
    frozen = workers.start()
    person = await one.user()
    client = await one.connect(person)
    thread = await thread_of(client)
    reader = await Reader.join(client, thread)
    asked = await ask(client, thread, "/emulate pieces=300 delay=0.02\nfreeze")
    await reader.read(lambda it: len(it.text) > 200, 30)
    frozen.send_signal(signal.SIGSTOP)
    workers.start()
    await reader.read(lambda it: it.attempt == 2 and len(it.text) > 100, 60)
    os.kill(frozen.pid, signal.SIGCONT)
    await reader.read(seconds=60)
    assert (reader.ended["event"], reader.attempt) == ("assistant.message_completed", 2)
    calls = [call for call in emulator.calls if "freeze" in str(call.turns)]
    await until(lambda: calls[0].ended != "running")
    assert reader.text == calls[1].sent
    run = await client.call("assistant.run.get", run_id=asked["run_id"])
    assert (run["attempt"], run["text"]) == (2, calls[1].sent)
