"""Every race that the hub has to win, forced one by one against a real PostgreSQL.

Two hubs share a database. Where the order of messages matters, a bus stands between them that carries a message when
the test says so; the rest goes over the real Redis, through a proxy where Redis has to be away.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from tortoise import connections

from clients.redis import RedisBus
from server.kernel.closing import Closing
from server.kernel.log import Log, Message, Missed
from server.socket import hub as hub_module
from server.socket.channel import Join
from server.socket.hub import Hub
from tests.conftest import Backing
from tests.support_kernel import Kernel, kernel, new_topic
from tests.support_proxy import TO_CLIENT, Proxy, between_postgres, between_redis, hold

SOON = 1.0
TAIL = hub_module.TAIL_SECONDS


class HandBus:
    """A bus that carries a message when the test says so; messages that nobody carries are lost."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.subscribed: set[str] = set()
        self.before_confirming: Callable[[], Any] | None = None

    def publish(self, channel: str, payload: bytes) -> None:
        self.sent.append((channel, payload))

    async def subscribe(self, channels: Sequence[str]) -> None:
        self.subscribed.update(channels)
        if self.before_confirming is not None:
            await self.before_confirming()

    def unsubscribe(self, channel: str) -> None:
        self.subscribed.discard(channel)


class Socket:
    """A connection, as the hub sees it."""

    def __init__(self, hub: Hub) -> None:
        self.frames: list[dict[str, Any]] = []
        self.closed_with: int | None = None
        self.topics: set[str] = set()
        self.joins: dict[str, Join] = {}
        self._hub = hub
        self._changed = asyncio.Event()

    def send_frame(self, frame: bytes) -> None:
        start = 2 if frame[1] < 126 else 4
        self.frames.append(orjson.loads(frame[start:]))
        self._changed.set()

    def close(self, closing: Closing) -> None:
        self.closed_with = closing.code
        self._hub.leave(self, self.topics)
        self._changed.set()

    @property
    def seqs(self) -> list[int]:
        return [frame["params"]["seq"] for frame in self.frames]

    async def until(self, true: Callable[[], bool], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not true():
                self._changed.clear()
                await self._changed.wait()

    async def has(self, *seqs: int, seconds: float = 10) -> None:
        """Wait for as many events, which have to be these."""
        await self.until(lambda: len(self.frames) >= len(seqs), seconds)
        assert self.seqs == list(seqs)

    async def closed(self, seconds: float = 10) -> int | None:
        await self.until(lambda: self.closed_with is not None, seconds)
        return self.closed_with


@dataclass
class Place:
    """One process: a hub with a bus of its own, and how one subscribes there, step by step."""

    core: Kernel
    hub: Hub
    bus: HandBus
    log: Log
    carried: int = 0
    sockets: list[Socket] = field(default_factory=list)

    def socket(self) -> Socket:
        return Socket(self.hub)

    async def register(self, socket: Socket, topic: str) -> None:
        socket.topics.add(topic)
        socket.joins.update(await self.hub.begin_join(socket, [topic]))

    async def look(self, topic: str, after: int | None = None) -> Missed:
        return await self.log.read(topic, after)

    def reply(self, socket: Socket, topic: str, missed: Missed) -> None:
        """What stands in the reply, then the reply has gone."""
        socket.frames.extend(orjson.loads(event.body) for event in missed.events)
        self.hub.end_join(socket.joins[topic], missed.seq)

    async def subscribe(self, topic: str, after: int | None = None) -> Socket:
        socket = self.socket()
        await self.register(socket, topic)
        self.reply(socket, topic, await self.look(topic, after))
        return socket

    def bring(self, messages: Sequence[Message], epoch: str | None = None) -> None:
        """Receive messages of the other process, in this order."""
        for message in messages:
            self.hub.receive(message.topic, packed(message, epoch or self.hub.epoch))


def packed(message: Message, epoch: str, origin: str = "elsewhere") -> bytes:
    return f"{origin} {epoch} {message.seq} {message.name}\n".encode() + message.body


@pytest.fixture
async def core(backing: Backing) -> AsyncIterator[Kernel]:
    async with kernel(backing.database_url) as started:
        yield started


@pytest.fixture
async def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tail is read only when somebody asks for it, so that it hides nothing."""
    monkeypatch.setattr(hub_module, "TAIL_SECONDS", 3600.0)


@pytest.fixture
async def place(core: Kernel) -> AsyncIterator[Place]:
    """A process in which nothing but the bus and the log brings events."""
    bus = HandBus()
    hub = Hub(core.log, bus)
    await hub.start()
    yield Place(core, hub, bus, core.log)
    await hub.stop()


pytestmark = pytest.mark.usefixtures("core")


# Joining


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("arrives", ["before the snapshot", "before the reply", "after the reply", "never"])
@pytest.mark.parametrize("first", [True, False], ids=["first subscriber", "second subscriber"])
async def test_an_event_that_commits_between_registering_and_the_snapshot_comes_once(
    place: Place, arrives: str, first: bool
) -> None:
    topic = new_topic()
    await place.core.emit(topic)
    other = None if first else await place.subscribe(topic)
    socket = place.socket()
    await place.register(socket, topic)
    event = await place.core.emit(topic)
    if arrives == "before the snapshot":
        place.bring(event)
    missed = await place.look(topic, 1)
    if arrives == "before the reply":
        place.bring(event)
    place.reply(socket, topic, missed)
    if arrives == "after the reply":
        place.bring(event)
    place.bring(await place.core.emit(topic))
    await socket.has(2, 3)
    if other is not None:
        await other.has(2, 3)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("arrives", ["before the reply", "after the reply", "with the next one"])
@pytest.mark.parametrize("first", [True, False], ids=["first subscriber", "second subscriber"])
async def test_an_event_that_commits_between_the_snapshot_and_the_reply_comes_once_and_after_the_reply(
    place: Place, arrives: str, first: bool
) -> None:
    topic = new_topic()
    await place.core.emit(topic)
    if not first:
        await place.subscribe(topic)
    socket = place.socket()
    await place.register(socket, topic)
    missed = await place.look(topic, 0)
    event = await place.core.emit(topic)
    if arrives == "before the reply":
        place.bring(event)
        await asyncio.sleep(0)
        assert socket.frames == []
    place.reply(socket, topic, missed)
    if arrives == "after the reply":
        place.bring(event)
    place.bring(await place.core.emit(topic))
    await socket.has(1, 2, 3)


@pytest.mark.usefixtures("quiet")
async def test_an_event_after_the_reply_is_delivered_at_once(place: Place) -> None:
    topic = new_topic()
    socket = await place.subscribe(topic)
    place.bring(await place.core.emit(topic))
    assert socket.seqs == [1]


@pytest.mark.usefixtures("quiet")
async def test_the_first_subscriber_misses_nothing_while_events_fly(place: Place) -> None:
    topic = new_topic()
    flown: list[Message] = []
    socket = place.socket()

    async def fly() -> None:
        event = await place.core.emit(topic)
        flown.extend(event)
        place.bring(event)

    await fly()
    place.bus.before_confirming = fly
    await place.register(socket, topic)
    await fly()
    missed = await place.look(topic, 1)
    await fly()
    await fly()
    place.reply(socket, topic, missed)
    await fly()
    await socket.has(2, 3, 4, 5, 6)
    place.bring(flown)
    assert socket.seqs == [2, 3, 4, 5, 6]


@pytest.mark.usefixtures("quiet")
async def test_a_second_subscriber_who_has_seen_more_than_the_hub_hears_nothing_twice(place: Place) -> None:
    topic = new_topic()
    first = await place.subscribe(topic)
    events = [event for _ in range(3) for event in await place.core.emit(topic)]
    # Three have committed and no message has come: the hub still stands at 0.
    second = await place.subscribe(topic, 0)
    assert second.seqs == [1, 2, 3]
    place.bring(events)
    place.bring(await place.core.emit(topic))
    await first.has(1, 2, 3, 4)
    await second.has(1, 2, 3, 4)


@pytest.mark.usefixtures("quiet")
async def test_a_second_subscriber_who_has_seen_more_makes_the_hub_catch_up(place: Place) -> None:
    topic = new_topic()
    first = await place.subscribe(topic)
    await place.core.emit(topic, topic)
    second = await place.subscribe(topic)
    await first.has(1, 2, seconds=SOON)
    assert second.frames == []


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("arrive", [True, False], ids=["messages arrive", "messages are lost"])
async def test_two_who_join_at_once_with_snapshots_of_different_moments_both_miss_nothing(
    place: Place, arrive: bool
) -> None:
    topic = new_topic()
    await place.core.emit(topic)
    early, late = place.socket(), place.socket()
    await place.register(early, topic)
    await place.register(late, topic)
    seen_early = await place.look(topic)
    events = await place.core.emit(topic, topic)
    seen_late = await place.look(topic)
    assert (seen_early.seq, seen_late.seq) == (1, 3)
    place.reply(late, topic, seen_late)
    if arrive:
        place.bring(events)
    place.reply(early, topic, seen_early)
    place.bring(await place.core.emit(topic))
    await late.has(4)
    await early.has(2, 3, 4)


@pytest.mark.usefixtures("quiet")
async def test_a_follower_and_a_subscriber_with_snapshots_of_different_moments_both_miss_nothing(place: Place) -> None:
    topic = new_topic()
    heard: list[int | None] = []
    socket = place.socket()
    await place.register(socket, topic)
    seen = await place.look(topic)
    await place.core.emit(topic, topic)
    assert await place.hub.follow(topic, lambda message: heard.append(message.seq)) == 2
    place.reply(socket, topic, seen)
    place.bring(await place.core.emit(topic))
    await socket.has(1, 2, 3)
    assert heard[-1] == 3


@pytest.mark.usefixtures("quiet")
async def test_who_leaves_while_joining_is_not_in_and_hears_nothing(place: Place) -> None:
    topic = new_topic()
    stays, leaves = await place.subscribe(topic), place.socket()
    await place.register(leaves, topic)
    assert place.hub.is_joining(leaves.joins[topic])
    place.hub.leave(leaves, [topic])
    assert not place.hub.is_joining(leaves.joins[topic])
    missed = await place.look(topic)
    place.bring(await place.core.emit(topic))
    place.reply(leaves, topic, missed)
    place.bring(await place.core.emit(topic))
    await stays.has(1, 2)
    assert leaves.frames == []


@pytest.mark.usefixtures("quiet")
async def test_when_the_last_one_leaves_while_joining_the_topic_is_closed(place: Place) -> None:
    topic = new_topic()
    for end in (place.hub.leave, lambda socket, topics: place.hub.abandon_join(socket.joins[topics[0]])):
        socket = place.socket()
        await place.register(socket, topic)
        assert topic in place.bus.subscribed
        end(socket, [topic])
        assert topic not in place.bus.subscribed
        place.hub.end_join(socket.joins[topic], 0)
        place.bring(await place.core.emit(topic))
        assert socket.frames == []


@pytest.mark.usefixtures("quiet")
async def test_who_left_and_comes_back_begins_where_the_new_snapshot_says(place: Place) -> None:
    topic = new_topic()
    socket = await place.subscribe(topic)
    events = await place.core.emit(topic)
    place.hub.leave(socket, [topic])
    place.bring(events)
    await place.core.emit(topic)
    await place.register(socket, topic)
    place.reply(socket, topic, await place.look(topic, 1))
    place.bring(await place.core.emit(topic))
    await socket.has(2, 3)


@pytest.mark.usefixtures("quiet")
async def test_a_follower_hears_every_logged_event_from_its_head_on(place: Place) -> None:
    topic = new_topic()
    heard: list[int | None] = []

    def follower(message: Message) -> None:
        heard.append(message.seq)

    await place.core.emit(topic, topic)
    assert await place.hub.follow(topic, follower) == 2
    events = [event for _ in range(4) for event in await place.core.emit(topic)]
    place.bring([events[0], events[0], events[2], events[1]])
    assert heard == [3, 4, 5]
    place.hub.resynchronise()
    async with asyncio.timeout(SOON):
        while len(heard) < 4:
            await asyncio.sleep(0.005)
    assert heard == [3, 4, 5, 6]
    place.hub.unfollow(topic, follower)
    place.bring(await place.core.emit(topic))
    assert heard == [3, 4, 5, 6]
    assert topic not in place.bus.subscribed


# Order


@pytest.mark.usefixtures("quiet")
async def test_a_message_that_overtakes_waits_for_the_one_before_it_without_asking_the_log(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = new_topic()
    socket = await place.subscribe(topic)
    one, two, three = [event for _ in range(3) for event in await place.core.emit(topic)]

    async def never(*_arguments: object) -> Missed:
        raise AssertionError("the log was read")

    monkeypatch.setattr(Log, "read", never)
    place.bring([three, two])
    assert socket.frames == []
    place.bring([one])
    assert socket.seqs == [1, 2, 3]
    await asyncio.sleep(2 * hub_module.GAP_SECONDS)
    assert socket.seqs == [1, 2, 3]


@pytest.mark.usefixtures("quiet")
async def test_what_a_message_has_overtaken_is_read_from_the_log_after_thirty_milliseconds(place: Place) -> None:
    topic = new_topic()
    socket = await place.subscribe(topic)
    events = [event for _ in range(5) for event in await place.core.emit(topic)]
    began = time.monotonic()
    place.bring([events[3]])
    assert socket.frames == []
    await socket.has(1, 2, 3, 4, 5, seconds=SOON)
    assert hub_module.GAP_SECONDS * 0.9 < time.monotonic() - began < 0.5
    place.bring(events)
    assert socket.seqs == [1, 2, 3, 4, 5]


@pytest.mark.usefixtures("quiet")
async def test_duplicates_and_older_messages_are_dropped(place: Place) -> None:
    topic = new_topic()
    socket = await place.subscribe(topic)
    events = [event for _ in range(3) for event in await place.core.emit(topic)]
    place.bring([events[0], events[0], events[1], events[0], events[1], events[2], *events])
    assert socket.seqs == [1, 2, 3]
    # They are not kept either, nor taken for the sign of a gap.
    channel = place.hub._channels[topic]
    assert channel.pending == {}
    assert not channel.behind


@pytest.mark.usefixtures("quiet")
async def test_more_early_messages_than_may_wait_are_read_from_the_log_instead(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "MAX_PENDING", 5)
    topic = new_topic()
    socket = await place.subscribe(topic)
    events = [event for _ in range(20) for event in await place.core.emit(topic)]
    place.bring(events[1:])
    assert len(place.hub._channels[topic].pending) <= 5
    await socket.has(*range(1, 21))


@pytest.mark.usefixtures("quiet")
async def test_a_gap_that_is_read_in_several_pieces_is_filled_whole(place: Place) -> None:
    topic = new_topic()
    socket = await place.subscribe(topic)
    await place.core.emit(*[topic] * 1200)
    place.bring(await place.core.emit(topic))
    await socket.has(*range(1, 1202))


@pytest.mark.usefixtures("quiet")
async def test_a_gap_whose_topic_nobody_wants_any_more_is_not_read_for_ever(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = new_topic()
    socket = await place.subscribe(topic)
    await place.core.emit(topic)
    reads, reading, go_on = 0, asyncio.Event(), asyncio.Event()
    original = Log.read

    async def slow(log: Log, *arguments: Any, **options: Any) -> Missed:
        nonlocal reads
        reads += 1
        missed = await original(log, *arguments, **options)
        reading.set()
        await go_on.wait()
        return missed

    monkeypatch.setattr(Log, "read", slow)
    place.bring(await place.core.emit(topic))
    await reading.wait()
    place.hub.leave(socket, [topic])
    go_on.set()
    async with asyncio.timeout(2):
        while any("_fill" in repr(task) for task in place.hub._tasks):
            assert reads < 5, "it reads the log again and again"
            await asyncio.sleep(0.005)
    assert socket.frames == []


# What the bus loses


async def test_lost_messages_are_filled_in_by_the_tail_within_three_seconds(place: Place) -> None:
    topic = new_topic()
    socket = await place.subscribe(topic)
    began = time.monotonic()
    await place.core.emit(topic, topic)
    await socket.has(1, 2, seconds=TAIL + 1)
    assert time.monotonic() - began < TAIL + 1


@pytest.mark.usefixtures("quiet")
async def test_the_tail_is_read_at_once_when_messages_may_have_been_lost(place: Place) -> None:
    topics = [new_topic() for _ in range(20)]
    sockets = [await place.subscribe(topic) for topic in topics]
    await place.core.emit(*topics, *topics)
    place.hub.resynchronise()
    for socket in sockets:
        await socket.has(1, 2, seconds=SOON)


@pytest.mark.usefixtures("quiet")
async def test_what_committed_before_the_last_tail_in_a_transaction_that_began_long_ago_is_found(place: Place) -> None:
    topic, other = new_topic(), new_topic()
    socket, watcher = await place.subscribe(topic), await place.subscribe(other)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def long(collected: Any) -> None:
        await connections.get("default").execute_query("SELECT pg_current_xact_id()")
        collected.emit(topic, "probe.happened", {"n": 1})
        begun.set()
        await go_on.wait()

    running = asyncio.create_task(place.core.run(long))
    await begun.wait()
    await place.core.emit(other)
    place.hub.resynchronise()
    await watcher.has(1, seconds=SOON)
    go_on.set()
    await running
    place.hub.resynchronise()
    await socket.has(1, seconds=SOON)


# What ends the flow


@pytest.mark.usefixtures("quiet")
async def test_a_log_that_was_pruned_beneath_the_hub_closes_who_follows_it_with_4010(place: Place) -> None:
    topic, other = new_topic(), new_topic()
    member, joining, bystander = await place.subscribe(topic), place.socket(), await place.subscribe(other)
    await place.register(joining, topic)
    await place.core.emit(topic, topic, topic)
    await place.core.outside.execute("DELETE FROM event WHERE topic = $1 AND seq <= 2", topic)
    place.hub.resynchronise()
    assert await member.closed(SOON) == 4010
    assert await joining.closed(SOON) == 4010
    assert member.frames == joining.frames == []
    assert bystander.closed_with is None
    again = await place.subscribe(topic)
    place.bring(await place.core.emit(topic))
    await again.has(4)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("told_by", ["the tail", "a message"])
async def test_another_epoch_closes_everybody_with_4010(place: Place, told_by: str) -> None:
    topic = new_topic()
    await place.core.emit(topic)
    sockets = [await place.subscribe(topic), await place.subscribe(new_topic())]
    epochs: list[str] = []
    restored: list[bool] = []
    place.hub.on_epoch = epochs.append
    place.hub.on_restored = lambda: restored.append(True)
    stored = await place.core.outside.fetchval("SELECT value FROM log_epoch")
    try:
        await place.core.outside.execute("UPDATE log_epoch SET value = gen_random_uuid()::text")
        renewed = (await place.log.start()).epoch
        if told_by == "the tail":
            place.hub.resynchronise()
        else:
            place.bring(await place.core.emit(topic), renewed)
        for socket in sockets:
            assert await socket.closed(SOON) == 4010
            assert socket.frames == []
        assert epochs == [renewed]
        assert restored == [True]
        assert place.hub.epoch == renewed
        again = await place.subscribe(topic)
        place.bring(await place.core.emit(topic))
        await again.until(lambda: bool(again.frames))
    finally:
        await place.core.outside.execute("UPDATE log_epoch SET value = $1", stored)


@pytest.mark.usefixtures("quiet")
async def test_a_message_of_another_epoch_is_not_delivered(place: Place) -> None:
    topic = new_topic()
    socket = await place.subscribe(topic)
    event = await place.core.emit(topic)
    place.bring(event, "an-older-epoch")
    assert socket.frames == []
    await socket.has(1, seconds=SOON)


@pytest.mark.usefixtures("quiet")
async def test_a_database_whose_transactions_went_back_closes_everybody_with_4010(place: Place) -> None:
    socket = await place.subscribe(new_topic())
    place.hub._xmin += 1_000_000
    place.hub.resynchronise()
    assert await socket.closed(SOON) == 4010
    assert place.hub._xmin < 1_000_000


class TestWhileTheDatabaseIsAway:
    """The log is read through a proxy; what commits does not take it."""

    @pytest.fixture
    async def away(self, backing: Backing, core: Kernel) -> AsyncIterator[tuple[Proxy, Place]]:
        async with AsyncExitStack() as stack:
            proxy, url = await stack.enter_async_context(between_postgres(backing.database_url))
            pool = hub_pool(url)
            await pool
            stack.callback(pool.terminate)
            bus, log = HandBus(), Log(pool)
            hub = Hub(log, bus)
            await hub.start()
            stack.push_async_callback(hub.stop)
            yield proxy, Place(core, hub, bus, log)

    async def gone_and_back(self, proxy: Proxy, place: Place, meanwhile: Callable[[], Any]) -> None:
        """Take the database away until the hub has noticed, do something, and give it back."""
        proxy.refuse()
        proxy.cut()
        noticed = asyncio.Event()
        original = Log.tail

        async def tail(log: Log, xmin: int) -> Any:
            try:
                return await original(log, xmin)
            finally:
                noticed.set()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Log, "tail", tail)
            place.hub.resynchronise()
            async with asyncio.timeout(5):
                await noticed.wait()
            await asyncio.sleep(0)
        await meanwhile()
        await proxy.accept()
        place.hub.resynchronise()

    @pytest.mark.usefixtures("quiet")
    async def test_what_was_logged_meanwhile_is_delivered_when_it_is_back(self, away: tuple[Proxy, Place]) -> None:
        proxy, place = away
        topic = new_topic()
        socket = await place.subscribe(topic)
        await self.gone_and_back(proxy, place, lambda: place.core.emit(topic, topic))
        await socket.has(1, 2, seconds=SOON)
        assert socket.closed_with is None

    async def test_it_is_delivered_within_five_seconds_after_the_database_answers(
        self, away: tuple[Proxy, Place]
    ) -> None:
        proxy, place = away
        topic = new_topic()
        socket = await place.subscribe(topic)
        answers = asyncio.Event()
        held = proxy.when(TO_CLIENT, b"", hold(answers), times=1_000_000)
        await place.core.emit(topic)
        await held.sprung.wait()
        assert socket.frames == []
        answers.set()
        began = time.monotonic()
        await socket.has(1, seconds=5)
        assert time.monotonic() - began < 5

    @pytest.mark.usefixtures("quiet")
    async def test_a_head_that_went_back_closes_everybody_with_4010(self, away: tuple[Proxy, Place]) -> None:
        proxy, place = away
        topic, other = new_topic(), new_topic()
        sockets = [await place.subscribe(topic), await place.subscribe(other)]
        place.bring(await place.core.emit(topic))
        place.bring(await place.core.emit(topic))

        async def restore_an_older_copy() -> None:
            await place.core.outside.execute("DELETE FROM event WHERE topic = $1 AND seq = 2", topic)
            await place.core.outside.execute("UPDATE topic SET seq = 1 WHERE name = $1", topic)

        await self.gone_and_back(proxy, place, restore_an_older_copy)
        for socket in sockets:
            assert await socket.closed(SOON) == 4010

    @pytest.mark.usefixtures("quiet")
    async def test_events_and_newcomers_that_come_while_the_heads_are_compared_close_nobody(
        self, away: tuple[Proxy, Place], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        proxy, place = away
        topic, new = new_topic(), new_topic()
        await place.core.emit(new)
        socket = await place.subscribe(topic)
        newcomer: asyncio.Future[Socket] = asyncio.get_running_loop().create_future()
        original, calls = Log.heads, 0

        async def slow(log: Log, topics: Sequence[str], _person: object = None) -> dict[str, int]:
            nonlocal calls
            calls += 1
            first, heads = calls == 1, await original(log, topics)
            if first:
                # An event commits and arrives, and somebody joins a topic, while the answer is on its way.
                place.bring(await place.core.emit(topic))
                newcomer.set_result(await place.subscribe(new))
            return heads

        monkeypatch.setattr(Log, "heads", slow)
        await self.gone_and_back(proxy, place, lambda: asyncio.sleep(0))
        async with asyncio.timeout(SOON):
            joined = await newcomer
        await socket.has(1, seconds=SOON)
        # What only the tail can bring shows that the comparison is over.
        await place.core.emit(topic, new)
        place.hub.resynchronise()
        await socket.has(1, 2, seconds=SOON)
        await joined.has(2, seconds=SOON)
        assert socket.closed_with is None
        assert joined.closed_with is None


def hub_pool(url: str) -> Any:
    from server.compose.core import log_pool  # noqa: PLC0415 - the application's own pool, so that it behaves like it

    return log_pool(url)


# Over Redis


class TestOverRedis:
    """Two processes with a real Redis between them; the second one reaches it through a proxy."""

    @dataclass
    class Two:
        """`here` makes the changes, `there` hears of them over the proxy."""

        core: Kernel
        here: Hub
        there: Hub
        proxy: Proxy
        bus: RedisBus
        log: Log

        async def subscribe(self, hub: Hub, topic: str) -> Socket:
            socket = Socket(hub)
            socket.topics.add(topic)
            joins = await hub.begin_join(socket, [topic])
            missed = await self.log.read(topic, None)
            hub.end_join(joins[topic], missed.seq)
            return socket

        async def emit(self, topic: str) -> None:
            self.here.publish(await self.core.emit(topic))

    @pytest.fixture
    async def two(self, backing: Backing, core: Kernel) -> AsyncIterator["TestOverRedis.Two"]:
        async with AsyncExitStack() as stack:
            proxy, url = await stack.enter_async_context(between_redis(backing.redis_url))
            hubs, buses = [], []
            for address in (backing.redis_url, url):
                bus = RedisBus(address, backing.prefix, _ignore, _ignore, _ignore)
                hub = Hub(core.log, bus)
                bus.on_message, bus.on_resync = hub.receive, hub.resynchronise
                await bus.start()
                stack.push_async_callback(bus.stop)
                await hub.start()
                stack.push_async_callback(hub.stop)
                hubs.append(hub)
                buses.append(bus)
            async with asyncio.timeout(5):
                while not all(bus.connected for bus in buses):
                    await asyncio.sleep(0.005)
            yield self.Two(core, *hubs, proxy, buses[1], core.log)

    @pytest.mark.usefixtures("quiet")
    async def test_an_event_is_heard_in_both_processes_at_once(self, two: "TestOverRedis.Two") -> None:
        topic = new_topic()
        here, there = await two.subscribe(two.here, topic), await two.subscribe(two.there, topic)
        for seq in range(1, 21):
            await two.emit(topic)
            assert here.seqs[-1] == seq
            await there.has(*range(1, seq + 1), seconds=SOON)

    @pytest.mark.parametrize("how", ["gone", "frozen"])
    async def test_while_redis_is_away_the_own_process_delivers_at_once_and_the_other_one_within_five_seconds(
        self, two: "TestOverRedis.Two", how: str
    ) -> None:
        topic = new_topic()
        here, there = await two.subscribe(two.here, topic), await two.subscribe(two.there, topic)
        if how == "gone":
            two.proxy.refuse()
            two.proxy.cut()
        else:
            two.proxy.freeze()
        began = time.monotonic()
        await two.emit(topic)
        assert here.seqs == [1]
        await there.has(1, seconds=5)
        assert time.monotonic() - began < TAIL + 1

    async def test_who_publishes_while_redis_is_away_never_waits_and_is_heard_within_five_seconds(
        self, two: "TestOverRedis.Two"
    ) -> None:
        topic = new_topic()
        own, other = await two.subscribe(two.there, topic), await two.subscribe(two.here, topic)
        two.proxy.freeze()
        events = [event for _ in range(50) for event in await two.core.emit(topic)]
        began = time.monotonic()
        two.there.publish(events)
        assert time.monotonic() - began < 0.1
        assert own.seqs == list(range(1, 51))
        await other.has(*range(1, 51), seconds=5)
        assert time.monotonic() - began < TAIL + 1

    @pytest.mark.usefixtures("quiet")
    async def test_when_redis_is_back_what_was_missed_is_read_at_once_and_the_flow_goes_on(
        self, two: "TestOverRedis.Two"
    ) -> None:
        topic = new_topic()
        there = await two.subscribe(two.there, topic)
        two.proxy.refuse()
        two.proxy.cut()
        await two.emit(topic)
        late = await two.subscribe(two.there, new := new_topic())
        await two.proxy.accept()
        await there.has(1, seconds=5)
        for seq in range(2, 12):
            await two.emit(topic)
            await there.has(*range(1, seq + 1), seconds=SOON)
        await two.emit(new)
        await late.has(1, seconds=SOON)

    @pytest.mark.usefixtures("quiet")
    async def test_a_frozen_redis_is_noticed_and_left(self, two: "TestOverRedis.Two") -> None:
        topic = new_topic()
        there = await two.subscribe(two.there, topic)
        two.proxy.freeze()
        await two.emit(topic)
        async with asyncio.timeout(7):
            while two.bus.connected:
                await asyncio.sleep(0.05)
        two.proxy.thaw()
        await there.has(1, seconds=5)
        await two.emit(topic)
        await there.has(1, 2, seconds=SOON)

    @pytest.mark.usefixtures("quiet")
    async def test_who_leaves_a_topic_and_comes_back_in_the_same_moment_hears_it_over_redis(
        self, two: "TestOverRedis.Two"
    ) -> None:
        topic = new_topic()
        first = await two.subscribe(two.there, topic)
        for seq in range(1, 6):
            second = Socket(two.there)
            two.there.leave(first, [topic])
            joins = await two.there.begin_join(second, [topic])
            two.there.end_join(joins[topic], (await two.log.read(topic, None)).seq)
            await two.emit(topic)
            await second.has(seq, seconds=SOON)
            first = second

    @pytest.mark.usefixtures("quiet")
    async def test_a_topic_that_is_left_before_redis_has_confirmed_it_is_not_kept(
        self, two: "TestOverRedis.Two"
    ) -> None:
        topic = new_topic()
        socket = Socket(two.there)
        joining = asyncio.create_task(two.there.begin_join(socket, [topic]))
        await asyncio.sleep(0)
        two.there.leave(socket, [topic])
        await joining
        two.there.leave(socket, [topic])
        client = two.bus._client
        async with asyncio.timeout(SOON):
            while (await client.pubsub_numsub(two.bus._prefix + topic.encode()))[0][1]:
                await asyncio.sleep(0.01)


def _ignore(*_arguments: object) -> None:
    pass
