"""A whole exam of a client that loses its connection every few saves and changes the process that it talks to.

And the clock in processes of its own: killed at the deadline, Redis emptied, everything begun anew.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from redis.asyncio import Redis
from websockets.exceptions import ConnectionClosed

from tests.conftest import Backing
from tests.exams import QUESTIONS
from tests.support import ROOT, Client, Person, Server, ServerProcess, key

Start = Callable[..., Awaitable[ServerProcess]]
QUESTIONS_ASKED = 40


async def grant(backing: Backing, person: Person, *roles: str) -> None:
    connection = await asyncpg.connect(backing.database_url)
    statement = 'UPDATE "user" SET roles = $2, email_verified_at = now() WHERE id = $1'
    await connection.execute(statement, person.id, ["user", *roles])
    await connection.close()


async def an_exam(backing: Backing, server: Server, seconds: int, count: int) -> str:
    """An exam of so many questions, made by an instructor."""
    instructor = await server.user("Ivan Instructor")
    await grant(backing, instructor, "instructor")
    author = await server.connect(instructor)
    bank = await author.call("assessment.bank.create", name="Everything")
    asked = {**QUESTIONS[3]["asked"], "bank_id": bank["id"]}
    for number in range(count):
        key_ = {"value": float(number)}
        await author.call("assessment.question.create", **{**asked, "stem": f"Which number is {number}?", "key": key_})
    rules = {"title": "Lived through", "time_limit_seconds": seconds, "shuffle": {"questions": True}}
    sections = [{"title": "All", "picks": [{"bank_id": bank["id"], "count": count}]}]
    made = await author.call("assessment.create", sections=sections, **rules)
    await author.call("assessment.publish", assessment_id=made["id"], published=True)
    await author.close()
    return str(made["id"])


def number_in(item: dict[str, Any]) -> int:
    return int(item["stem"].removesuffix("?").rsplit(" ", 1)[1])


class Taker:
    """Somebody with an exam, a bad connection, and two processes to talk to."""

    def __init__(self, servers: tuple[ServerProcess, ServerProcess], person: Person) -> None:
        self.servers = servers
        self.person = person
        self.topic = ""
        self.seen: list[int] = []
        self.drops = 0
        self.position: dict[str, Any] = {"seq": 0}
        self.client: Client | None = None

    async def connect(self) -> Client:
        """A new socket on the other process, that catches up."""
        self.client = await Client.open(self.servers[self.drops % 2].url, self.person.token)
        self.drops += 1
        if self.topic:
            answer = await self.client.subscribe({self.topic: self.position})
            topic = answer["topics"][self.topic]
            assert not topic["reset"]
            self.seen += [one["params"]["seq"] for one in topic["events"]]
            self.position = {"seq": topic["seq"], "epoch": answer["epoch"]}
        return self.client

    async def drop(self) -> None:
        """Lose the connection as a phone in a tunnel does; what came until then was seen."""
        assert self.client is not None
        self.client.socket.transport.abort()
        await self.client.socket.wait_closed()
        await asyncio.gather(self.client._reader, return_exceptions=True)  # type: ignore[arg-type]
        self.seen += [one["params"]["seq"] for one in self.client.logged]
        if self.seen:
            self.position = {**self.position, "seq": max(self.seen)}

    async def surely(self, method: str, **params: Any) -> Any:
        """Call until there is an answer, sending the same again after each loss."""
        params["idempotency_key"] = key()
        while True:
            assert self.client is not None
            try:
                return await self.client.call(method, **params)
            except (ConnectionError, ConnectionClosed):
                await self.drop()
                await self.connect()


@pytest.mark.seed("S0-28", "S0-29", "S0-30")
async def test_an_exam_is_lived_through_with_a_connection_that_drops(
    backing: Backing, pair: tuple[ServerProcess, ServerProcess]
) -> None:
    assessment_id = await an_exam(backing, pair[0], 3600, QUESTIONS_ASKED)
    person = await pair[0].user("Tess Taker")
    await grant(backing, person)
    taker = Taker(pair, person)
    await taker.connect()
    attempt = await taker.surely("assessment.attempt.start", assessment_id=assessment_id)
    taker.topic = f"attempt:{attempt['id']}"
    await taker.drop()
    await taker.connect()
    for index, item in enumerate(attempt["items"]):
        params = {"attempt_id": attempt["id"], "question_id": item["question_id"], "response": number_in(item)}
        call = asyncio.ensure_future(taker.surely("assessment.attempt.save_response", seq=1, **params))
        if index % 3 == 2:
            # Somewhere between the sending and the answer.
            await asyncio.sleep(0.002 * (index % 5))
            assert taker.client is not None
            taker.client.socket.transport.abort()
        assert (await call)["accepted"]
    state = await taker.client.call("assessment.attempt.get", attempt_id=attempt["id"])  # type: ignore[union-attr]
    assert state["items"] == attempt["items"]
    assert {id_: one["response"] for id_, one in state["responses"].items()} == {
        item["question_id"]: number_in(item) for item in attempt["items"]
    }
    done = await taker.surely("assessment.attempt.submit", attempt_id=attempt["id"])
    assert (done["answered"], done["result"]["percentage"]) == (QUESTIONS_ASKED, 100.0)
    await taker.drop()
    await taker.connect()
    # Of each answer one event, and of all events each once and in order.
    assert taker.seen == list(range(1, QUESTIONS_ASKED + 4))
    assert taker.drops > 10
    await taker.drop()


class Workers:
    """Worker processes that can be killed."""

    def __init__(self, backing: Backing) -> None:
        self._environment = backing.environment
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, **self._environment}
        process = subprocess.Popen([sys.executable, "-m", "server", "worker"], cwd=ROOT, env=environment)
        self.running.append(process)
        return process

    def kill(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()
        self.running.clear()


@pytest.mark.slow
async def test_each_attempt_is_ended_once_whatever_is_killed_at_the_deadline(
    backing: Backing, start_process: Start
) -> None:
    server = await start_process()
    assessment_id = await an_exam(backing, server, 6, 3)
    people = [await server.user("Tess Taker") for _ in range(8)]
    attempts = []
    for person in people:
        await grant(backing, person)
        client = await server.connect(person)
        attempts.append(await client.call("assessment.attempt.start", assessment_id=assessment_id))
        await client.close()
    workers = Workers(backing)
    redis = Redis.from_url(backing.redis_url)
    try:
        workers.start()
        workers.start()
        # Killed while the deadlines pass, one after another, and all memory of Redis with them.
        await until_time(attempts[0], before=-2.1)
        workers.kill()
        await redis.flushall()
        await server.end()
        await until_time(attempts[-1], before=-4.0)
        server = await start_process()
        workers.start()
        workers.start()
        begun = time.monotonic()
        database = await asyncpg.connect(backing.database_url)
        ended = "SELECT count(*) FROM attempt WHERE assessment_id = $1 AND state = 'graded'"
        while await database.fetchval(ended, assessment_id) < len(people):
            assert time.monotonic() - begun < 20
            await asyncio.sleep(0.05)
        submitted = "SELECT count(*) FROM event WHERE topic = ANY($1::text[]) AND name = 'attempt.submitted'"
        assert await database.fetchval(submitted, [f"attempt:{one['id']}" for one in attempts]) == len(people)
        await database.close()
    finally:
        workers.kill()
        await redis.aclose()


async def until_time(attempt: dict[str, Any], *, before: float) -> None:
    """Wait until so many seconds before an attempt's deadline."""
    deadline = datetime.fromisoformat(attempt["deadline_at"])
    await asyncio.sleep(max(0.0, (deadline - datetime.now(UTC)).total_seconds() - before))
