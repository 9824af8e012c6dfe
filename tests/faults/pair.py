"""Somebody who writes to somebody else on another process, and what became of it."""

import asyncio
import re
import time
from uuid import UUID, uuid4

import asyncpg

from tests.faults.history import percentile
from tests.faults.world import World
from tests.support import Client, Person, RpcError, Server, key

DELIVERED_SECONDS = 5.0
FAST_SECONDS = 0.5
OUTCOME_UNKNOWN = 4011


class Pair:
    """Somebody on the one server who writes to somebody on the other, and when what was answered and delivered."""

    def __init__(self, server: Server, sender: Client, receiver: Client, people: tuple[Person, Person]) -> None:
        self.sender, self.receiver, self.people = sender, receiver, people
        self._server = server
        self.acked: dict[str, float] = {}
        self.calls: list[float] = []
        self.refused: list[tuple[float, int]] = []
        self.seen: dict[str, float] = {}
        self.order: list[int] = []
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        while True:
            params = (await self.receiver.event("message.created", 600))["params"]
            self.seen.setdefault(params["data"]["content"], time.monotonic())
            self.order.append(params["seq"])

    async def say(self, text: str | None = None) -> None:
        """Write once, and note how it went. Who is closed with 4011 comes back and asks with the same key."""
        text, began, same = text or str(uuid4()), time.monotonic(), key()
        try:
            await self._send(text, same)
        except RpcError as error:
            self.refused.append((time.monotonic() - began, error.code))
        else:
            self.acked[text] = time.monotonic()
            self.calls.append(self.acked[text] - began)

    async def _send(self, text: str, same: str) -> None:
        params = {"receiver_id": self.people[1].id, "content": text, "idempotency_key": same}
        try:
            await self.sender.call("message.send", **params)
        except ConnectionError:
            assert await self.sender.closed() == OUTCOME_UNKNOWN
            self.sender = await self._server.connect(self.people[0])
            await self.sender.call("message.send", **params)

    async def talk(self, seconds: float, pause: float = 0.05) -> None:
        """Write again and again for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await self.say()
            await asyncio.sleep(pause)

    async def delivered(self, within: float) -> list[float]:
        """How long each message took; all of them have to come so soon after they were acknowledged."""
        for text, acked in self.acked.items():
            while text not in self.seen:
                assert time.monotonic() < acked + within, f"{text} was not delivered within {within} s"
                await asyncio.sleep(0.005)
        assert self.order == sorted(set(self.order))
        return [self.seen[text] - acked for text, acked in self.acked.items()]

    async def becomes_fast(self, within: float) -> None:
        """Return when a message is delivered at once again."""
        end = time.monotonic() + within
        while True:
            self.acked.clear()
            await self.say()
            if self.acked and max(await self.delivered(within + DELIVERED_SECONDS)) < FAST_SECONDS:
                return
            assert time.monotonic() < end, "it did not become fast again"

    def forget(self) -> None:
        """Begin to measure anew."""
        self.acked.clear()
        self.calls.clear()
        self.refused.clear()

    async def close(self) -> None:
        self._listening.cancel()
        await self.sender.close()
        await self.receiver.close()


async def introduce(place: World) -> Pair:
    one, other = Server(place.servers[0].url), Server(place.servers[1].url)
    people = await one.user(), await one.user()
    sender, receiver = await one.connect(people[0]), await other.connect(people[1])
    await receiver.subscribe({people[1].topic: None})
    return Pair(one, sender, receiver, people)


def shown(name: str, values: list[float]) -> str:
    p50, p99 = (1000 * percentile(values, share) for share in (0.5, 0.99))
    return f"{name}: p50 {p50:.0f} ms, p99 {p99:.0f} ms, slowest {1000 * max(values):.0f} ms of {len(values)}"


async def count(place: World, statement: str, *values: object) -> int:
    connection = await asyncpg.connect(place.engines.database_url)
    try:
        return int(await connection.fetchval(statement, *values))
    finally:
        await connection.close()


async def closed_with(place: World, code: int) -> int:
    """How many sockets the first server has closed with a code."""
    async with Server(place.servers[0].url).http() as http:
        text = (await http.get("/metrics")).text
    found = re.search(rf'^nexa_sockets_closed_total{{code="{code}"}} (\d+)', text, re.MULTILINE)
    return int(found[1]) if found else 0


async def effects(place: World, person: Person) -> dict[int, int]:
    connection = await asyncpg.connect(place.engines.database_url)
    try:
        rows = await connection.fetch("SELECT number, runs FROM probe_effect WHERE user_id = $1", UUID(person.id))
        return {row["number"]: row["runs"] for row in rows}
    finally:
        await connection.close()


async def until_done(place: World, person: Person, wanted: dict[int, int], seconds: float) -> None:
    """Wait until these tasks of somebody have had their effect so often, and no others."""
    async with asyncio.timeout(seconds):
        while await effects(place, person) != wanted:
            await asyncio.sleep(0.05)
