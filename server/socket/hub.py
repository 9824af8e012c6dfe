"""Topics → connections: delivering in order, filling gaps, letting newcomers in between.

The log in PostgreSQL is the truth. Messages that come over the bus only make it fast: what is next is delivered, what
is older is dropped, and what is missing is read from the log, at the latest when the tail is read every two seconds.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Protocol

import asyncpg
import structlog

from server.kernel import metrics
from server.kernel.closing import ANOTHER_EPOCH, INTERNAL_ERROR
from server.kernel.errors import DATABASE_AWAY
from server.kernel.log import Log, Message, Tail
from server.loops import Loop, ended
from server.socket.channel import Channel, Follower, Join, Subscriber
from server.socket.frames import text_frame

logger = structlog.get_logger("nexa.hub")

GAP_SECONDS = 0.03
TAIL_SECONDS = 2.0
SUBSCRIBE_SECONDS = 0.5
MAX_PENDING = 1000
LOG_LOST = "log.lost"
"""What followers are told when events that they have not seen are gone; clients never see it."""


class Bus(Protocol):
    """What carries messages between processes. It may lose some; it must not make anybody wait."""

    def publish(self, channel: str, payload: bytes) -> None:
        """Send, or drop."""

    async def subscribe(self, channels: Sequence[str]) -> None:
        """Receive what is published from now on; returns when that is so, or at once while the bus is away."""

    def unsubscribe(self, channel: str) -> None:
        """Receive no more of a channel."""


class Hub:
    """All channels of one process."""

    def __init__(self, log: Log, bus: Bus) -> None:
        self.epoch = ""
        self.on_epoch: Callable[[str], None] = lambda _epoch: None
        self.on_restored: Callable[[], None] = lambda: None
        self._log = log
        self._bus = bus
        self._origin = secrets.token_hex(4).encode()
        self._channels: dict[str, Channel] = {}
        self._xmin = 0
        expected = (*DATABASE_AWAY, asyncpg.PostgresError)
        self._tail = Loop("tail of the log", TAIL_SECONDS, self._read_tail, expected=expected, vital=True)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Learn the epoch, then read the tail for as long as the process lives."""
        now = await self._log.start()
        self._adopt(now)
        self._tail.start()

    async def stop(self) -> None:
        """End the loop, and what fills gaps."""
        await self._tail.stop()
        await ended(self._tasks)

    # Publishing and receiving

    def publish(self, messages: Sequence[Message]) -> None:
        """Deliver here at once and send to the other processes; never waits, never raises."""
        for message in messages:
            try:
                self.accept(message)
                self._bus.publish(message.topic, self._pack(message))
            except Exception:
                # What it tells has committed, and the tail of the log brings it.
                logger.exception("an event could not be published", topic=message.topic)

    def receive(self, topic: str, payload: bytes) -> None:
        """Take a message that another process published."""
        header, _, body = payload.partition(b"\n")
        origin, epoch, seq, name = header.split(b" ")
        if origin == self._origin:
            return
        if epoch.decode() != self.epoch:
            self.resynchronise()
            return
        self.accept(Message(topic, int(seq) if seq != b"-" else None, name.decode(), body))

    def _pack(self, message: Message) -> bytes:
        seq = b"-" if message.seq is None else str(message.seq).encode()
        return b"%b %b %b %b\n%b" % (self._origin, self.epoch.encode(), seq, message.name.encode(), message.body)

    def resynchronise(self) -> None:
        """Messages may have been lost: read the tail now."""
        self._tail.wake()

    def accept(self, message: Message) -> None:
        """Deliver what is next, drop what is older, keep what is too early."""
        channel = self._channels.get(message.topic)
        if channel is None:
            return
        if message.seq is None:
            self._broadcast(channel, text_frame(message.body))
            return
        channel.head = max(channel.head, message.seq)
        if channel.position is not None and message.seq <= channel.position:
            return
        channel.pending[message.seq] = message
        if len(channel.pending) > MAX_PENDING:
            channel.pending.clear()
        self._drain(channel)
        if channel.behind and channel.timer is None:
            channel.timer = asyncio.get_running_loop().call_later(GAP_SECONDS, self._gap, channel)

    def _drain(self, channel: Channel) -> None:
        while channel.position is not None and (message := channel.pending.pop(channel.position + 1, None)):
            channel.position += 1
            self._deliver(channel, message, channel.position)

    def _deliver(self, channel: Channel, message: Message, seq: int) -> None:
        frame = text_frame(message.body)
        for join in channel.joining.values():
            join.buffer.append((seq, frame))
        if channel.ahead:
            self._deliver_but(channel, frame, seq)
        else:
            self._broadcast(channel, frame)
        self._tell(channel, message)

    def _tell(self, channel: Channel, message: Message) -> None:
        for follower in list(channel.followers):
            try:
                follower(message)
            except Exception:
                logger.exception("a follower failed", topic=channel.name)

    def _deliver_but(self, channel: Channel, frame: bytes, seq: int) -> None:
        """Deliver while some members are further than we are."""
        for member in list(channel.members):
            if channel.ahead.get(member, 0) < seq:
                channel.ahead.pop(member, None)
                _send(member, frame)

    def _broadcast(self, channel: Channel, frame: bytes) -> None:
        # A full socket closes itself, which takes it out of `members`: hence the copy.
        for member in list(channel.members):
            _send(member, frame)
        metrics.TALLY.count(metrics.DELIVERED, len(channel.members))

    # Joining and leaving

    async def follow(self, topic: str, follower: Follower) -> int:
        """Tell a function of this process every logged event of a topic; returns the head from which on."""
        channel = self._channel(topic)
        channel.followers[follower] = None
        await self._open([topic])
        head = (await self._log.heads([topic])).get(topic, 0)
        self._reached(channel, head)
        return head

    def unfollow(self, topic: str, follower: Follower) -> None:
        """End what `follow` began."""
        if channel := self._channels.get(topic):
            channel.followers.pop(follower, None)
            self._close_if_idle(channel)

    def joined(self, kind: str) -> dict[str, int]:
        """The topics of a kind that sockets of this process follow, each with where it stands."""
        return {
            name: channel.position or 0
            for name, channel in self._channels.items()
            if channel.members and name.startswith(f"{kind}:")
        }

    async def begin_join(self, subscriber: Subscriber, topics: Sequence[str]) -> dict[str, Join]:
        """Register as joining: from here on, whatever is delivered is also kept for the newcomer.

        It comes before the check of the right and before the snapshot. An event that commits between the two would
        otherwise be neither in the snapshot nor delivered. For the same reason the hub learns here where a new topic
        stands, and not from the snapshots: of two newcomers the later snapshot may be answered first.
        """
        joins = {topic: Join(topic, subscriber) for topic in topics}
        for topic, join in joins.items():
            self._channel(topic).joining[subscriber] = join
        await self._open(topics)
        unknown = [self._channels[name] for name in topics if name in self._channels]
        unknown = [channel for channel in unknown if channel.position is None]
        heads = await self._log.heads([channel.name for channel in unknown]) if unknown else {}
        for channel in unknown:
            self._reached(channel, heads.get(channel.name, 0))
        return joins

    def end_join(self, join: Join, head: int | None) -> None:
        """The reply is queued: deliver what came since the snapshot, and go on as an ordinary subscriber."""
        channel = self._channels.get(join.topic)
        if channel is None or not self.is_joining(join):
            return
        subscriber = join.subscriber
        del channel.joining[subscriber]
        channel.members[subscriber] = None
        if head is None:
            return
        for seq, frame in join.buffer:
            if seq > head:
                subscriber.send_frame(frame)
        if channel.position is not None and channel.position < head:
            channel.ahead[subscriber] = head
        self._reached(channel, head)

    def abandon_join(self, join: Join) -> None:
        """The newcomer was refused, or has not caught up yet."""
        channel = self._channels.get(join.topic)
        if channel is not None and self.is_joining(join):
            del channel.joining[join.subscriber]
            self._close_if_idle(channel)

    def is_joining(self, join: Join) -> bool:
        """Whether the newcomer still waits; it does not when it has left, or its right was lost in the meantime."""
        channel = self._channels.get(join.topic)
        return channel is not None and channel.joining.get(join.subscriber) is join

    def leave(self, subscriber: Subscriber, topics: Iterable[str]) -> None:
        """Take a subscriber out of topics, whether it is in or still joining."""
        for topic in topics:
            if channel := self._channels.get(topic):
                channel.members.pop(subscriber, None)
                channel.joining.pop(subscriber, None)
                channel.ahead.pop(subscriber, None)
                self._close_if_idle(channel)

    def _channel(self, topic: str) -> Channel:
        return self._channels.setdefault(topic, Channel(topic))

    async def _open(self, topics: Sequence[str]) -> None:
        new = [topic for topic in topics if topic not in self._channels or self._channels[topic].position is None]
        # Waiting longer would be for speed alone: what the bus does not bring, the tail does.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SUBSCRIBE_SECONDS):
                await self._bus.subscribe(new)

    def _close_if_idle(self, channel: Channel) -> None:
        if not channel.idle or self._channels.get(channel.name) is not channel:
            return
        del self._channels[channel.name]
        if channel.timer is not None:
            channel.timer.cancel()
        self._bus.unsubscribe(channel.name)

    def _reached(self, channel: Channel, head: int) -> None:
        """Somebody has read the head: begin there, or fill what lies between."""
        channel.head = max(channel.head, head)
        if channel.position is None:
            channel.position = head
            channel.pending = {seq: message for seq, message in channel.pending.items() if seq > head}
            self._drain(channel)
        if channel.behind:
            self._gap(channel)

    # Filling gaps

    def _gap(self, channel: Channel) -> None:
        channel.timer = None
        if channel.behind and not channel.filling:
            channel.filling = True
            self._spawn(self._fill(channel))

    async def _fill(self, channel: Channel) -> None:
        try:
            # A channel that was closed meanwhile gets no further, however often its log is read.
            while channel.behind and channel.position is not None and self._channels.get(channel.name) is channel:
                missed = await self._log.read(channel.name, channel.position)
                if missed.reset:
                    self._lost(channel, missed.seq)
                    return
                if not missed.events:
                    return
                for message in missed.events:
                    self._fill_in(channel, message)
        except DATABASE_AWAY as error:
            logger.warning("gap not filled yet", topic=channel.name, reason=repr(error))
        finally:
            channel.filling = False

    def _fill_in(self, channel: Channel, message: Message) -> None:
        if message.seq == (channel.position or 0) + 1 and message.seq not in channel.pending:
            metrics.GAPS.labels("gap").inc()
        self.accept(message)

    def _lost(self, channel: Channel, head: int) -> None:
        """The log does not reach back to where we are: whoever subscribes has to read its state again."""
        logger.error("the log does not reach back", topic=channel.name, position=channel.position, head=head)
        for member in [*channel.members, *channel.joining]:
            member.close(ANOTHER_EPOCH)
        self._tell(channel, Message(channel.name, None, LOG_LOST, b""))
        channel.position = channel.head = head
        channel.pending.clear()

    # The tail

    async def _read_tail(self) -> None:
        tail = await self._log.tail(self._xmin)
        if self._tail.failures:
            await self._compare_heads()
        self._take(tail)

    def _take(self, tail: Tail) -> None:
        if tail.epoch != self.epoch or tail.xmin < self._xmin:
            logger.error("another epoch", was=self.epoch, now=tail.epoch)
            self._everybody_out()
        self._adopt(tail)
        for topic, head in tail.heads.items():
            if channel := self._channels.get(topic):
                channel.head = max(channel.head, head)
        for channel in self._channels.values():
            if channel.behind:
                self._gap(channel)

    def _adopt(self, tail: Tail) -> None:
        self._xmin = tail.xmin
        if tail.epoch != self.epoch:
            self.epoch = tail.epoch
            self.on_epoch(tail.epoch)

    async def _compare_heads(self) -> None:
        """After the database was away: a head that went back means that it was restored from an older copy.

        Events and newcomers go on coming meanwhile, so what is compared is where we stood before.
        """
        stood = {name: channel.position or 0 for name, channel in self._channels.items()}
        heads = await self._log.heads(list(stood))
        if any(position > heads.get(name, 0) for name, position in stood.items()):
            self._everybody_out()

    def _everybody_out(self) -> None:
        for channel in list(self._channels.values()):
            self._lost(channel, 0)
        self.on_restored()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _send(member: Subscriber, frame: bytes) -> None:
    """Send to one subscriber; one that fails must not keep the event from those behind it."""
    try:
        member.send_frame(frame)
    except Exception:
        logger.exception("an event could not be delivered to a socket")
        member.close(INTERNAL_ERROR)
