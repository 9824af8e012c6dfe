"""The only SQL of the log: append, read, tail.

Each topic has its own numbers. They are given as the last thing before the commit, under the lock of the topic's
row, so they have no gaps and rise in commit order: nobody can see event n + 1 before event n.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import orjson
from tortoise.backends.base.client import BaseDBAsyncClient

from server.kernel import protocol
from server.kernel.turns import Turns


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """An event of a transaction that has not committed; `data` and `by` are encoded JSON."""

    topic: str
    name: str
    data: bytes
    at: datetime
    by: bytes
    logged: bool


@dataclass(frozen=True, slots=True)
class Message:
    """An event as it travels: `seq` is None for a live one; `body` is the finished JSON-RPC notification."""

    topic: str
    seq: int | None
    name: str
    body: bytes

    @property
    def without_version(self) -> bytes:
        """The notification without its `jsonrpc` member, as the reply of `session.subscribe` lists it."""
        return b"{" + self.body.removeprefix(protocol.NOTIFICATION_PREFIX)


@dataclass(frozen=True, slots=True)
class Missed:
    """What a reader of one topic missed. `reset`: the log does not reach back to where the reader was."""

    seq: int
    events: Sequence[Message]
    more: bool
    reset: bool


@dataclass(frozen=True, slots=True)
class Tail:
    """What has committed lately: the highest number of every topic concerned, and from where to ask next time."""

    epoch: str
    xmin: int
    heads: Mapping[str, int]


def encode(topic: str, seq: int | None, name: str, at: str, by: bytes, data: bytes) -> bytes:
    """The notification as clients see it (PROTOCOL.md, section 4)."""
    number = b"" if seq is None else b'"seq":%d,' % seq
    params = b'{"topic":%b,%b"at":"%b","by":%b,"data":%b}' % (orjson.dumps(topic), number, at.encode(), by, data)
    return protocol.notification(name, params)


def moment(at: datetime) -> str:
    """A moment as the wire writes it: RFC 3339, UTC, milliseconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


_APPEND = """
WITH incoming AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY
        AS e(topic, name, by, data, ordinal)
), counted AS (
    SELECT topic, count(*) AS n FROM incoming GROUP BY topic
), raised AS (
    INSERT INTO topic (name, seq) SELECT topic, n FROM counted ORDER BY topic COLLATE "C"
    ON CONFLICT (name) DO UPDATE SET seq = topic.seq + excluded.seq
    RETURNING name, seq
)
INSERT INTO event (topic, seq, name, at, by, data)
SELECT i.topic, r.seq - c.n + row_number() OVER (PARTITION BY i.topic ORDER BY i.ordinal),
       i.name, $5::timestamptz, i.by, i.data
FROM incoming i JOIN counted c USING (topic) JOIN raised r ON r.name = i.topic
RETURNING topic, seq
"""


async def append(connection: BaseDBAsyncClient, events: Sequence[PendingEvent]) -> list[Message]:
    """Give the events their numbers and store them; the last statement before the commit, for it locks the topics.

    All events of one call share the moment of the first. Returns them ready to be published, in the given order.
    """
    if not events:
        return []
    at = events[0].at
    columns = [[getattr(event, name) for event in events] for name in ("topic", "name")]
    texts = [[event.by.decode() for event in events], [event.data.decode() for event in events]]
    rows = await connection.execute_query_dict(_APPEND, [*columns, *texts, at])
    numbers: dict[str, list[int]] = {}
    for topic, seq in sorted((row["topic"], row["seq"]) for row in rows):
        numbers.setdefault(topic, []).append(seq)
    return [_numbered(event, numbers[event.topic].pop(0), moment(at)) for event in events]


def _numbered(event: PendingEvent, seq: int, at: str) -> Message:
    body = encode(event.topic, seq, event.name, at, event.by, event.data)
    return Message(event.topic, seq, event.name, body)


# The head stands in a row of its own so that it is there also when nothing was missed. `first_seq` and `head` come
# from the same snapshot as the rows: that is what makes the answer free of gaps and of overlaps. Rows are given up to
# the one with which their data exceeds the bytes asked for: what the reader could not use is not read from the disk.
_READ = """
SELECT COALESCE((SELECT seq FROM topic WHERE name = $1), 0) AS head, e.seq, e.name, e.at, e.by, e.data
FROM (SELECT 1) AS one LEFT JOIN LATERAL (
    SELECT * FROM (
        SELECT *, sum(octet_length(data)) OVER (ORDER BY seq) - octet_length(data) AS before FROM (
            SELECT * FROM event WHERE topic = $1 AND seq > $2 ORDER BY seq LIMIT $3
        ) AS next
    ) AS measured WHERE before <= $4
) AS e ON true
ORDER BY e.seq
"""

_HEADS = "SELECT name, seq FROM topic WHERE name = ANY($1::text[])"

_TAIL = """
SELECT {epoch} AS epoch, pg_snapshot_xmin(pg_current_snapshot())::text AS xmin, t.topic, t.seq
FROM (SELECT 1) AS one LEFT JOIN (
    SELECT topic, max(seq) AS seq FROM event WHERE xid >= $1::text::xid8 GROUP BY topic
) AS t ON true
"""

# What is stored is renewed by hand after a restore; the timeline by PostgreSQL itself after a recovery.
_EPOCH = """(SELECT (SELECT system_identifier FROM pg_control_system())::text
    || '-' || (SELECT timeline_id FROM pg_control_checkpoint())::text
    || '-' || (SELECT value FROM log_epoch))"""

_BATCH = 500
BYTES_PER_REPLY = 256 * 1024


class Log:
    """Reads the log over a small pool of its own, so that catching up never waits for commands.

    Args:
        pool: Its connections.
        readers: How many may read at once, fewer than the pool has connections: the tail must never wait for them.
            One person's reads come one after another, and of those who wait each has a turn before anybody has a
            second one. They wait here, for as long as their call may take, when a thousand sockets come back at
            once; in the pool's own queue they would be given up after three seconds.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", readers: int = 2) -> None:
        self._pool = pool
        self._turns = Turns(readers, each=max(1, readers - 1))

    async def read(
        self,
        topic: str,
        after: int | None,
        max_bytes: int = BYTES_PER_REPLY,
        *,
        at_least_one: bool = True,
        person: Hashable = None,
    ) -> Missed:
        """The head, and what comes after a position, in one statement and therefore of one moment.

        Args:
            topic: Whose log.
            after: The last number that the reader has; None: only the head is wanted.
            max_bytes: Where to stop.
            at_least_one: Give the first event even if it is larger, so that the reader gets on.
            person: Who waits for it, for fair turns; None: nobody with whom it would have to be shared.
        """
        if after is None:
            return Missed((await self.heads([topic], person)).get(topic, 0), [], more=False, reset=False)
        async with self._turns.of(person or object()):
            rows = await self._pool.fetch(_READ, topic, after, _BATCH, max(0, max_bytes))
        head: int = rows[0]["head"]
        if after > head:
            return Missed(head, [], more=False, reset=True)
        if after == head:
            return Missed(head, [], more=False, reset=False)
        if rows[0]["seq"] != after + 1:
            return Missed(head, [], more=False, reset=True)
        events = _fitting(topic, rows, max_bytes, at_least_one=at_least_one)
        reached = after + len(events)
        return Missed(reached, events, more=reached < head, reset=False)

    async def heads(self, topics: Sequence[str], person: Hashable = None) -> dict[str, int]:
        """The highest number of each topic; one that nothing was ever logged on is missing."""
        async with self._turns.of(person or object()):
            rows = await self._pool.fetch(_HEADS, list(topics))
        return {row["name"]: row["seq"] for row in rows}

    async def tail(self, xmin: int) -> Tail:
        """The heads of all topics that any transaction not finished by `xmin` has logged on."""
        rows = await self._pool.fetch(_TAIL.format(epoch=_EPOCH), str(xmin))
        heads = {row["topic"]: row["seq"] for row in rows if row["topic"] is not None}
        return Tail(rows[0]["epoch"], int(rows[0]["xmin"]), heads)

    async def start(self) -> Tail:
        """The present epoch and moment, with no heads."""
        row = await self._pool.fetchrow(
            f"SELECT {_EPOCH} AS epoch, pg_snapshot_xmin(pg_current_snapshot())::text AS xmin"
        )
        if row is None:
            raise RuntimeError("the database gave no epoch")
        return Tail(row["epoch"], int(row["xmin"]), {})


def _fitting(topic: str, rows: Sequence[asyncpg.Record], max_bytes: int, *, at_least_one: bool) -> list[Message]:
    events: list[Message] = []
    size = 0
    for row in rows:
        by, data = row["by"].encode(), row["data"].encode()
        body = encode(topic, row["seq"], row["name"], moment(row["at"]), by, data)
        size += len(body) + 1
        if size > max_bytes and (events or not at_least_one):
            break
        events.append(Message(topic, row["seq"], row["name"], body))
    return events


async def heads_in(connection: BaseDBAsyncClient, topics: Sequence[str]) -> dict[str, int]:
    """The heads as an open transaction sees them, in the same snapshot as what else it reads."""
    rows = await connection.execute_query_dict(_HEADS, [list(topics)])
    found = {row["name"]: row["seq"] for row in rows}
    return {topic: found.get(topic, 0) for topic in topics}
