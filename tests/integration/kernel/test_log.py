"""The log against a real PostgreSQL: numbers without gaps, in commit order, and nothing that the tail overlooks."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from tortoise.backends.asyncpg.client import TransactionWrapper

from server.kernel import log, metrics
from server.kernel.database import commit, transaction
from server.kernel.log import PendingEvent
from tests.conftest import Backing
from tests.support_kernel import Kernel, body, kernel, new_topic

WRITERS = 12
TRANSACTIONS = 40

_SNAPSHOT = """
SELECT t.name, t.seq AS head, array(SELECT e.seq FROM event e WHERE e.topic = t.name ORDER BY e.seq) AS seqs
FROM topic t WHERE t.name = ANY($1::text[])
"""


@pytest.fixture
async def core(backing: Backing) -> AsyncIterator[Kernel]:
    async with kernel(backing.database_url) as started:
        yield started


class RolledBackError(Exception):
    """What a writer of these tests gives up with."""


def pending(topic: str, text: str = "") -> PendingEvent:
    data = b'{"n":1,"text":"%b"}' % text.encode()
    return PendingEvent(topic, "probe.happened", data, datetime.now(UTC), b"null", logged=True)


async def write(topics: list[str], *, give_up: bool = False) -> None:
    """One transaction that logs an event on each of the topics, in this order."""
    async with transaction() as connection:
        await log.append(connection, [pending(topic) for topic in topics])
        if give_up:
            raise RolledBackError
        await commit(connection)


async def fill(topic: str, count: int, text: str = "") -> None:
    async with transaction() as connection:
        await log.append(connection, [pending(topic, text) for _ in range(count)])
        await commit(connection)


async def prune(core: Kernel, topic: str, up_to: int) -> None:
    await core.outside.execute("DELETE FROM event WHERE topic = $1 AND seq <= $2", topic, up_to)


class Readers:
    """Looks at the log all the time while others write, and keeps what must not be."""

    def __init__(self, core: Kernel, topics: list[str]) -> None:
        self.snapshots = 0
        self.faults: list[str] = []
        self._core = core
        self._topics = topics

    async def look(self) -> None:
        while True:
            for row in await self._core.outside.fetch(_SNAPSHOT, self._topics):
                if row["seqs"] != list(range(1, row["head"] + 1)):
                    self.faults.append(f"head {row['head']}, events {row['seqs'][-5:]}")
            self.snapshots += 1

    async def follow(self, topic: str) -> None:
        position = 0
        while True:
            missed = await self._core.log.read(topic, position)
            seqs = [event.seq for event in missed.events]
            if missed.reset or seqs != list(range(position + 1, missed.seq + 1)):
                self.faults.append(f"after {position}: {seqs}, reset {missed.reset}")
            position = missed.seq
            self.snapshots += 1
            await asyncio.sleep(0)


async def test_twelve_writers_with_rollbacks_leave_no_gap_that_anybody_could_ever_see(core: Kernel) -> None:
    topics = [new_topic() for _ in range(4)]
    dice = random.Random(12)
    kept = dict.fromkeys(topics, 0)

    async def writer() -> None:
        for _ in range(TRANSACTIONS):
            chosen = [dice.choice(topics) for _ in range(dice.randint(1, 4))]
            give_up = dice.random() < 0.3
            with suppress(RolledBackError):
                await write(chosen, give_up=give_up)
                for topic in chosen:
                    kept[topic] += 1

    readers = Readers(core, topics)
    watching = [asyncio.create_task(readers.look()) for _ in range(2)]
    watching += [asyncio.create_task(readers.follow(topics[0]))]
    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    for task in watching:
        assert not task.done(), task.exception()
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)

    assert readers.faults == []
    assert readers.snapshots > 50
    for topic in topics:
        assert await core.head(topic) == kept[topic]
        assert await core.numbers(topic) == list(range(1, kept[topic] + 1))


async def test_a_number_is_given_only_once_the_one_before_it_has_committed_or_was_given_back(core: Kernel) -> None:
    topic = new_topic()
    appended, go_on = asyncio.Event(), asyncio.Event()

    async def slow(*, give_up: bool) -> None:
        with suppress(RolledBackError):
            async with transaction() as connection:
                await log.append(connection, [pending(topic)])
                appended.set()
                await go_on.wait()
                if give_up:
                    raise RolledBackError
                await commit(connection)

    for give_up in (True, False):
        appended.clear()
        go_on.clear()
        first = asyncio.create_task(slow(give_up=give_up))
        await appended.wait()
        second = asyncio.create_task(write([topic]))
        await _until_somebody_waits(core)
        assert not second.done()
        assert await core.numbers(topic) == ([] if give_up else [1])
        go_on.set()
        await asyncio.gather(first, second)
    assert await core.numbers(topic) == [1, 2, 3]


async def _until_somebody_waits(core: Kernel) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with asyncio.timeout(5):
        while not await core.outside.fetchval(waiting):
            await asyncio.sleep(0.005)


@pytest.mark.seed("S1-H08")
async def test_two_hundred_commands_on_crossed_topics_do_not_lock_each_other_out(core: Kernel) -> None:
    topics = [new_topic() for _ in range(6)]
    dice = random.Random(7)
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = await core.outside.fetchval(deadlocks)
    retried = metrics.RETRIED.labels("DeadlockDetectedError")._value.get()
    await asyncio.gather(*(core.emit(*dice.sample(topics, 4)) for _ in range(200)))
    assert sum([await core.head(topic) for topic in topics]) == 800
    for topic in topics:
        assert await core.numbers(topic) == list(range(1, await core.head(topic) + 1))
    assert metrics.RETRIED.labels("DeadlockDetectedError")._value.get() == retried
    assert await core.outside.fetchval(deadlocks) == before


async def test_the_events_of_a_transaction_are_numbered_and_returned_in_the_order_of_their_emission(
    core: Kernel,
) -> None:
    one, two = sorted((new_topic(), new_topic()))
    async with transaction() as connection:
        messages = await log.append(connection, [pending(two, "a"), pending(one, "b"), pending(two, "c")])
        await commit(connection)
    assert [(message.topic, message.seq) for message in messages] == [(two, 1), (one, 1), (two, 2)]
    assert [body(message)["params"]["data"]["text"] for message in messages] == ["a", "b", "c"]
    again = (await core.log.read(two, 0)).events
    assert [message.body for message in again] == [messages[0].body, messages[2].body]


async def test_the_tail_finds_what_a_long_transaction_commits_late(core: Kernel) -> None:
    late, soon = new_topic(), new_topic()
    begun, log_now, logged, commit_now = (asyncio.Event() for _ in range(4))

    async def long() -> None:
        async with transaction() as connection:
            # It has its number among the transactions now, and logs only when others have long committed.
            await connection.execute_query("SELECT pg_current_xact_id()")
            begun.set()
            await log_now.wait()
            await log.append(connection, [pending(late)])
            logged.set()
            await commit_now.wait()
            await commit(connection)

    start = await core.log.start()
    task = asyncio.create_task(long())
    await begun.wait()
    for _ in range(30):
        await write([soon])
    early = await core.log.tail(start.xmin)
    assert early.heads[soon] == 30
    assert late not in early.heads
    log_now.set()
    await logged.wait()
    assert late not in (await core.log.tail(early.xmin)).heads
    commit_now.set()
    await task
    tail = await core.log.tail(early.xmin)
    assert tail.heads[late] == 1
    # Other databases of the same PostgreSQL may have transactions that are older, and hold the horizon back.
    async with asyncio.timeout(30):
        while {late, soon} & (tail := await core.log.tail(tail.xmin)).heads.keys():
            await asyncio.sleep(0.05)


async def test_following_the_tail_from_xmin_to_xmin_overlooks_nothing_that_many_writers_commit(core: Kernel) -> None:
    topics = [new_topic() for _ in range(60)]
    dice = random.Random(3)
    seen: dict[str, int] = {}
    xmin = (await core.log.start()).xmin

    async def writer(topic: str) -> None:
        for _ in range(5):
            with suppress(RolledBackError):
                async with transaction() as connection:
                    await connection.execute_query("SELECT pg_current_xact_id()")
                    await asyncio.sleep(dice.random() / 50)
                    await log.append(connection, [pending(topic)])
                    if dice.random() < 0.3:
                        raise RolledBackError
                    await commit(connection)

    writing = asyncio.gather(*(writer(topic) for topic in topics))
    rounds = 0
    while not writing.done():
        tail = await core.log.tail(xmin)
        assert tail.xmin >= xmin
        xmin = tail.xmin
        seen |= tail.heads
        rounds += 1
    seen |= (await core.log.tail(xmin)).heads
    await writing
    heads = await core.log.heads(topics)
    assert {topic: seen.get(topic) for topic in heads} == heads
    assert rounds > 5


async def test_reading_from_the_beginning_gives_the_whole_log(core: Kernel) -> None:
    topic = new_topic()
    empty = await core.log.read(topic, 0)
    assert (empty.seq, empty.events, empty.more, empty.reset) == (0, [], False, False)
    await fill(topic, 3)
    missed = await core.log.read(topic, 0)
    assert (missed.seq, [event.seq for event in missed.events], missed.more, missed.reset) == (
        3,
        [1, 2, 3],
        False,
        False,
    )


async def test_reading_at_the_head_gives_nothing_and_no_reset(core: Kernel) -> None:
    topic = new_topic()
    await fill(topic, 3)
    await prune(core, topic, 3)
    at_head = await core.log.read(topic, 3)
    assert (at_head.seq, at_head.events, at_head.more, at_head.reset) == (3, [], False, False)
    head = await core.log.read(topic, None)
    assert (head.seq, head.events, head.reset) == (3, [], False)


@pytest.mark.parametrize(
    ("pruned", "after", "reset"), [(2, 1, True), (2, 2, False), (2, 0, True), (5, 0, True), (5, 4, True), (5, 5, False)]
)
async def test_a_pruned_log_reaches_back_only_to_its_first_event(
    core: Kernel, pruned: int, after: int, reset: bool
) -> None:
    topic = new_topic()
    await fill(topic, 5)
    await prune(core, topic, pruned)
    missed = await core.log.read(topic, after)
    assert missed.reset is reset
    assert missed.seq == 5
    assert [event.seq for event in missed.events] == ([] if reset else list(range(after + 1, 6)))
    assert not missed.more


@pytest.mark.parametrize("after", [6, 2**63 - 1])
async def test_a_position_beyond_the_head_is_reset(core: Kernel, after: int) -> None:
    topic = new_topic()
    await fill(topic, 5)
    missed = await core.log.read(topic, after)
    assert (missed.seq, missed.events, missed.more, missed.reset) == (5, [], False, True)
    assert (await core.log.read(new_topic(), after)).reset


async def test_a_long_log_is_read_piece_by_piece_by_its_bytes(core: Kernel) -> None:
    topic = new_topic()
    await fill(topic, 20, "x" * 5_000)
    position, pieces = 0, []
    while True:
        missed = await core.log.read(topic, position, 20_000)
        assert sum(len(event.body) for event in missed.events) <= 20_000
        assert [event.seq for event in missed.events] == list(range(position + 1, missed.seq + 1))
        pieces.append(len(missed.events))
        position = missed.seq
        if not missed.more:
            break
    assert pieces == [3, 3, 3, 3, 3, 3, 2]


async def test_more_than_five_hundred_events_are_more_whatever_their_size(core: Kernel) -> None:
    topic = new_topic()
    await fill(topic, 501)
    first = await core.log.read(topic, 0)
    assert (first.seq, len(first.events), first.more) == (500, 500, True)
    last = await core.log.read(topic, first.seq)
    assert (last.seq, len(last.events), last.more) == (501, 1, False)


async def test_an_event_larger_than_the_room_is_given_alone_or_not_at_all(core: Kernel) -> None:
    topic = new_topic()
    await fill(topic, 2, "x" * 5_000)
    given = await core.log.read(topic, 0, 100)
    assert (given.seq, len(given.events), given.more) == (1, 1, True)
    refused = await core.log.read(topic, 0, 100, at_least_one=False)
    assert (refused.seq, refused.events, refused.more, refused.reset) == (0, [], True, False)


async def test_the_epoch_is_the_same_until_it_is_renewed(core: Kernel) -> None:
    start = await core.log.start()
    system, timeline, stored = start.epoch.split("-", 2)
    assert (await core.log.tail(start.xmin)).epoch == start.epoch
    assert system == await core.outside.fetchval("SELECT system_identifier::text FROM pg_control_system()")
    assert int(timeline) >= 1
    try:
        await core.outside.execute("UPDATE log_epoch SET value = gen_random_uuid()::text")
        renewed = await core.log.tail(start.xmin)
        assert renewed.epoch != start.epoch
        assert renewed.epoch.startswith(f"{system}-{timeline}-")
        assert (await core.log.start()).epoch == renewed.epoch
    finally:
        await core.outside.execute("UPDATE log_epoch SET value = $1", stored)


async def test_what_a_query_reads_as_of_and_the_heads_beside_it_are_of_one_moment(core: Kernel) -> None:
    topic = new_topic()
    await fill(topic, 1)
    async with transaction() as connection:
        assert isinstance(connection, TransactionWrapper)
        await connection.execute_script("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        before = await log.heads_in(connection, [topic, "probe:never"])
        await core.outside.execute("UPDATE topic SET seq = 2 WHERE name = $1", topic)
        assert await log.heads_in(connection, [topic, "probe:never"]) == before == {topic: 1, "probe:never": 0}
