"""Answers of the assistant: how late a chunk of Gemini's reaches who reads it; one answer alone, and 200 at once.

Every chunk says when the emulated Gemini sent it, by the clock that the reader has too.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from itertools import count
from statistics import quantiles
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from bench.client import LoadError
from bench.contender import Work
from bench.contenders.people import People, Person, call
from bench.row import Figure, Row, Trial

ALONE, AT_ONCE, CHUNKS, PACE = 40, 200, 25, 0.2
PEOPLE = 50
LIMIT = 60


@dataclass
class Answer:
    """One answer as its reader gets it: the delay of every chunk, in milliseconds."""

    thread_id: str
    text: str = ""
    delays: list[float] = field(default_factory=list)
    ended: str = ""

    def take(self, method: str, data: dict[str, Any]) -> None:
        """Note what an event says."""
        now = time.time()
        if method != "assistant.delta":
            self.ended = method
            if data.get("text") != self.text:
                raise LoadError("an answer did not arrive whole")
            return
        self.text += data["text"]
        self.delays += [(now - float(stamp)) * 1000 for stamp in data["text"].split()]


class Reader:
    """One socket of one person, who reads several answers on it."""

    def __init__(self, socket: ClientConnection, answers: list[Answer]) -> None:
        self.socket = socket
        self.answers = {f"thread:{one.thread_id}": one for one in answers}
        self._numbers = count(1)

    async def ask(self, chunks: int, pace: float) -> None:
        """Ask in all threads, and read until every answer has ended."""
        await self._say("session.subscribe", topics=dict.fromkeys(self.answers))
        # What is told before this is confirmed would be missing.
        while "result" not in (message := json.loads(await self.socket.recv())):
            self._take(message)
        text = f"/emulate stamp=1 pieces={chunks} delay={pace}\nread me"
        for answer in self.answers.values():
            await self._say("assistant.message.send", thread_id=answer.thread_id, text=text)
        async for frame in self.socket:
            self._take(json.loads(frame))
            if all(answer.ended for answer in self.answers.values()):
                return

    async def _say(self, method: str, **params: Any) -> None:
        request = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params}
        await self.socket.send(json.dumps(request))

    def _take(self, message: dict[str, Any]) -> None:
        if "error" in message:
            raise LoadError(json.dumps(message["error"]))
        answer = self.answers.get(message.get("params", {}).get("topic", ""))
        if answer is not None and message["method"] not in {"assistant.run_started", "assistant.attachment_changed"}:
            answer.take(message["method"], message["params"]["data"])


async def read(port: int, person: Person, threads: list[str], chunks: int, pace: float) -> list[Answer]:
    """Have one person's threads answered."""
    headers = {"Authorization": f"Bearer {person.token}"}
    answers = [Answer(thread) for thread in threads]
    address = f"ws://127.0.0.1:{port}/ws"
    async with asyncio.timeout(LIMIT), connect(address, additional_headers=headers, compression=None) as socket:
        await Reader(socket, answers).ask(chunks, pace)
    if {answer.ended for answer in answers} != {"assistant.message_completed"}:
        raise LoadError(f"not every answer was finished: {[answer.ended for answer in answers]}")
    if {len(answer.delays) for answer in answers} != {chunks}:
        raise LoadError("not every chunk arrived")
    return answers


async def at_once(port: int, people: list[Person], threads: list[list[str]]) -> list[Answer]:
    """Have all threads of all people answered at the same time."""
    reading = (read(port, person, mine, CHUNKS, PACE) for person, mine in zip(people, threads, strict=True))
    return [answer for answers in await asyncio.gather(*reading) for answer in answers]


def measure(trial: Trial) -> dict[str, float]:
    port, people = trial.port, PEOPLE_OF_RUN.take(trial.port, 0, PEOPLE)
    first = []
    for number in range(ALONE):
        person = people[number % PEOPLE]
        (answer,) = asyncio.run(read(port, person, [thread_of(port, person)], 3, 0.02))
        first.append(answer.delays[0])
    threads = [[thread_of(port, person) for _ in range(AT_ONCE // PEOPLE)] for person in people]
    answers = asyncio.run(at_once(port, people, threads))
    cuts = quantiles([delay for answer in answers for delay in answer.delays], n=100)
    alone = quantiles(first, n=100)
    return {"first": alone[49], "first99": alone[98], "p50": cuts[49], "p99": cuts[98]}


def thread_of(port: int, person: Person) -> str:
    """A new thread of somebody's."""
    return str(call(port, person, "assistant.thread.create")["id"])


PEOPLE_OF_RUN = People()
WORK = f"{AT_ONCE} answers at once through one worker"
ROWS = (
    Row(
        WORK,
        Work.ASSISTANT,
        ("Nexa's assistant",),
        (
            Figure("first", "first delta of an answer, after Gemini sent it, p50", "ms", less_is_better=True, digits=1),
            Figure("first99", "first delta of an answer, p99", "ms", less_is_better=True, digits=1),
            Figure("p50", f"{WORK}, a chunk at its reader after Gemini sent it, p50", "ms", less_is_better=True),
            Figure("p99", f"{WORK}, a chunk at its reader after Gemini sent it, p99", "ms", less_is_better=True),
        ),
        measure,
        subject="Nexa's assistant",
    ),
)
