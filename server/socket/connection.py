"""One connection: what came in goes to its lane, what goes out goes through one bounded outbox."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from uuid_utils.compat import uuid7

from models.errors import DomainError, RateLimited
from server.kernel import metrics, protocol
from server.kernel.batches import BatchRoom
from server.kernel.closing import (
    NOT_OUR_PROTOCOL,
    NOT_UTF8,
    OUTCOME_UNKNOWN,
    SLOW_CONSUMER,
    TOO_MUCH,
    Closing,
)
from server.kernel.context import Caller
from server.kernel.dispatch import Dispatcher, Outcome, refused
from server.kernel.errors import InvalidRequest, OutcomeUnknownError
from server.kernel.log import Message
from server.kernel.notifications import NotificationType
from server.kernel.registry import Kind
from server.socket.budget import InputLimits
from server.socket.lanes import RETRY_AFTER, Answers, CommandLane, Job, QueryLane
from server.socket.notifications import UNSUBSCRIBED
from server.socket.transport import Transport

if TYPE_CHECKING:
    from server.socket.sockets import Sockets

logger = structlog.get_logger("nexa.socket")

TOO_OFTEN = 200
TOO_OFTEN_SECONDS = 10.0

AUTHENTICATE = "session.authenticate"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one socket may do, as `session.ready` tells it."""

    max_message_bytes: int = 65_536
    max_frame_bytes: int = 524_288
    queries: int = 16
    queries_waiting: int = 64
    commands: int = 64
    topics: int = 128
    batch: int = 50
    guest_seconds: float = 60.0
    heartbeat_seconds: float = 20.0
    input: InputLimits = field(default_factory=InputLimits)

    @property
    def batch_bytes(self) -> int:
        """The largest answer of a batch beside the ids, which are together no longer than the message they came in."""
        return self.max_frame_bytes - self.max_message_bytes

    def shown(self) -> dict[str, int]:
        """The part that clients are told."""
        names = ("max_message_bytes", "max_frame_bytes", "queries", "commands", "topics", "batch")
        return {name: getattr(self, name) for name in names}


class Connection:
    """One socket after its handshake.

    Attributes:
        id: How events name this socket in `by`.
        send_frame: Sends a finished frame; never waits.
        caller: Who is calling; replaced when the socket authenticates.
        topics: What it is subscribed to, or joining.
    """

    def __init__(self, transport: Transport, sockets: "Sockets", caller: Caller) -> None:
        self.id = str(uuid7())
        self.caller = caller
        self.topics: set[str] = set()
        self.closing = False
        self.told_to_refresh = False
        self.last_call = time.monotonic()
        self._last: Closing | None = None
        caller.connection_id = self.id
        caller.connection = self
        self.sockets = sockets
        self._limits = sockets.limits
        self._dispatcher: Dispatcher = sockets.dispatcher
        self._transport = transport
        # What fans out calls this a thousand times an event: the transport's own function, without one of ours between.
        self.send_frame = transport.send_frame
        self._in_flight: dict[protocol.Id | protocol.NoId, Job] = {}
        self._held: deque[tuple[protocol.Request, Answers]] | None = None

    # Made when they are needed first: most sockets are idle, and every object of theirs is one more that each full
    # garbage collection visits.

    @cached_property
    def _commands(self) -> CommandLane:
        return CommandLane(self._run, self._limits.commands)

    @cached_property
    def _queries(self) -> QueryLane:
        return QueryLane(self._run, self._limits.queries, self._limits.queries_waiting)

    @cached_property
    def _controls(self) -> set["asyncio.Task[None]"]:
        return set()

    @cached_property
    def _refused(self) -> deque[float]:
        return deque()

    # What goes out

    def send(self, message: bytes) -> None:
        """Send one message; never waits."""
        self._transport.send_text_message(message)

    def notify(self, notification: NotificationType, params: Mapping[str, Any]) -> None:
        """Send a notification about this socket itself."""
        self.send(notification.encode(params))

    def close(self, closing: Closing) -> None:
        """Close the socket, and carry out nothing more of what it sent. Never raises."""
        self._transport.close(closing)

    def end_after_reply(self, closing: Closing, by: Mapping[str, Any] | None) -> None:
        """Close; where a command of this socket is the cause, once it is answered. Nothing more is carried out."""
        if by is None or by["connection_id"] != self.id or self._commands.runner is None:
            self.close(closing)
            return
        self._last = closing
        self._commands.drop_waiting()
        self._queries.drop()

    def on_ending(self, code: int | None) -> None:
        """The socket ends: carry out and deliver nothing more."""
        if self.closing:
            return
        self.closing = True
        if code is not None:
            metrics.CLOSED.labels(str(code)).inc()
        self._forget()

    def lose_topic(self, topic: str, reason: str) -> None:
        """The right to a topic was lost: say so, and deliver nothing of it any more."""
        self.sockets.hub.leave(self, [topic])
        self.topics.discard(topic)
        self.notify(UNSUBSCRIBED, {"topic": topic, "reason": reason})

    def on_full(self) -> None:
        """A slow consumer: it loses nothing by it, for it catches up from the log."""
        self.close(SLOW_CONSUMER)

    # What comes in

    def on_text(self, text: bytes) -> None:
        """A message from the client. Everything in it is answered, closed upon, or in a lane when this returns."""
        metrics.TALLY.count(metrics.FRAMES_IN)
        if self.closing or self._last is not None:
            return
        self.last_call = time.monotonic()
        parsed = protocol.parse(text, max_batch=self._limits.batch)
        if isinstance(parsed, protocol.Malformed) and not _is_utf8(text):
            self.close(NOT_UTF8)
            return
        if not isinstance(parsed, protocol.Batch):
            self._take_item(parsed, self)
            return
        # The frame has been paid for; a batch costs as much as its requests alone would.
        if not self._transport.spend(len(parsed.items) - 1):
            return
        answers = BatchAnswer(self, len(parsed.items), self._limits.batch_bytes)
        for item in parsed.items:
            self._take_item(item, answers)

    def on_binary(self) -> None:
        """We speak in text frames."""
        self.close(NOT_OUR_PROTOCOL)

    def on_lost(self) -> None:
        """The socket is gone: what runs is finished, what waits is dropped."""
        self.on_ending(None)
        self.sockets.remove(self)

    def _forget(self) -> None:
        self._commands.drop_waiting()
        self._queries.drop()
        self._held = None
        self.sockets.retire(self)

    def _take_item(self, item: protocol.Request | protocol.Malformed, answers: Answers) -> None:
        if self.closing:
            return
        if isinstance(item, protocol.Malformed):
            answers.add(refused(item.error), item.id)
        elif item.id in self._in_flight:
            error = InvalidRequest(
                "This id is in flight already.", duplicate_id=orjson.Fragment(protocol.id_bytes(item.id))
            )
            answers.add(refused(error), None)
        elif self._held is not None:
            self._hold(item, answers)
        else:
            self._take_request(item, answers)

    def _take_request(self, request: protocol.Request, answers: Answers) -> None:
        try:
            call = self._dispatcher.begin(self.caller, request)
            if call.instant:
                self._answer(request, answers, self._dispatcher.run_now(call))
            else:
                self._enqueue(Job(call, request, answers))
        except DomainError as error:
            self._answer(request, answers, refused(error))

    def _enqueue(self, job: Job) -> None:
        kind = job.call.method.kind
        if kind is Kind.QUERY:
            self._queries.add(job)
        elif kind is Kind.CONTROL:
            self._start_control(job)
        else:
            self._commands.add(job)
        if job.request.id is not None and not job.request.is_notification:
            self._in_flight[job.request.id] = job

    def _start_control(self, job: Job) -> None:
        if job.call.method.name == AUTHENTICATE:
            self._held = deque()
        job.task = asyncio.get_running_loop().create_task(self._run(job))
        self._controls.add(job.task)
        job.task.add_done_callback(self._controls.discard)

    # The barrier: what came after `session.authenticate` runs as the user that it brings.

    def _hold(self, request: protocol.Request, answers: Answers) -> None:
        assert self._held is not None
        if len(self._held) < self._limits.commands:
            self._held.append((request, answers))
        else:
            error = RateLimited("Too much waits for the login.", retry_after=RETRY_AFTER, lane=True)
            self._answer(request, answers, refused(error))

    def _release_held(self) -> None:
        held, self._held = self._held, None
        while held:
            self._take_item(*held.popleft())
            if self._held is not None:
                # Another `session.authenticate` was among them: what follows waits for that one.
                self._held.extend(held)
                return

    # Running and answering

    async def _run(self, job: Job) -> None:
        try:
            outcome = await self._dispatcher.run(job.call)
        except OutcomeUnknownError:
            self.close(OUTCOME_UNKNOWN)
            return
        if job.request.id is not None:
            self._in_flight.pop(job.request.id, None)
        self._answer(job.request, job.answers, outcome, job.call.after_reply)
        if self._last is not None and job.call.method.kind is Kind.COMMAND:
            self.close(self._last)
        if job.call.method.name == AUTHENTICATE:
            self._release_held()

    def _answer(
        self, request: protocol.Request, answers: Answers, outcome: Outcome, after: Sequence[Callable[[], None]] = ()
    ) -> None:
        self._watch(outcome)
        wanted = None if request.is_notification else outcome
        answers.add(wanted, request.id, () if outcome.error else after)

    def add(
        self, outcome: Outcome | None, id_: protocol.Id | protocol.NoId, after: Sequence[Callable[[], None]] = ()
    ) -> None:
        """Answer a request that stood alone."""
        if outcome is not None and not self.closing:
            self.send(outcome.reply(id_))
        for act in after:
            act()

    def _watch(self, outcome: Outcome) -> None:
        """Close on whoever keeps calling beyond the rates; a full lane does not count."""
        error = outcome.error
        if error is None or error.kind.name != "rate_limited" or error.data.get("lane"):
            return
        now = time.monotonic()
        self._refused.append(now)
        while self._refused[0] < now - TOO_OFTEN_SECONDS:
            self._refused.popleft()
        if len(self._refused) >= TOO_OFTEN:
            self.close(TOO_MUCH)

    def cancel(self, id_: protocol.Id) -> bool:
        """Give up a query that waits or runs; says whether there was one."""
        job = self._in_flight.get(id_)
        if job is None or job.call.method.kind is not Kind.QUERY:
            return False
        self._queries.cancel(job)
        return True

    def on_own_event(self, message: Message) -> None:
        """An event of the user's own topic, subscribed or not."""
        self.sockets.on_own_event(self, message)

    def running_commands(self) -> "asyncio.Task[None] | None":
        """What has to be finished before the process may go."""
        return self._commands.runner


def _is_utf8(text: bytes) -> bool:
    """Asked only where the text is no JSON, for all JSON is UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


class BatchAnswer:
    """Collects the replies of a batch and sends them as one array, no larger (beside the ids) than it may be."""

    def __init__(self, connection: Connection, count: int, max_bytes: int) -> None:
        self._connection = connection
        self._missing = count
        self._replies: list[bytes] = []
        self._after: list[Callable[[], None]] = []
        self._room = BatchRoom(count, max_bytes)

    def add(
        self, outcome: Outcome | None, id_: protocol.Id | protocol.NoId, after: Sequence[Callable[[], None]] = ()
    ) -> None:
        """Take the next reply; None where there is none to give."""
        self._missing -= 1
        self._after.extend(after)
        reply = self._room.fitting(outcome, id_)
        if reply is not None:
            self._replies.append(reply)
        if self._missing:
            return
        if self._replies and not self._connection.closing:
            self._connection.send(protocol.batch(self._replies))
        for act in self._after:
            act()
