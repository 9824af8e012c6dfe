"""One person with one socket at a time, who follows the own topic and sends numbered messages, whatever happens.

What was sent and not answered is kept, and sent again as it was after every reconnect; that, an idempotency key and the
position in the own topic are all that a client needs.
"""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Protocol

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.faults.history import Command, Delivery, Entry, History
from tests.faults.network import Tampered

UNANSWERED = 6
SILENCE_SECONDS = 8.0
PING_SECONDS = 2.5
STAY_SECONDS = (4.0, 40.0)
ANSWER_SECONDS = 20.0
IMPATIENT_SECONDS = 6.0
OPEN_SECONDS = 8.0
RETRY = {"unavailable", "timeout", "rate_limited"}


class Away(Exception):
    """This session is over; the next one goes on where it stopped."""


class Site(Protocol):
    """Where the servers are, and what there is to do."""

    history: History
    tampered: Tampered

    @property
    def over(self) -> bool:
        """Whether everybody may go home."""

    def address(self, rng: Random) -> str:
        """One of the addresses under which a server can be reached."""

    def next_command(self, person: "Person") -> Command | None:
        """What this person shall do next, None when it is enough for the moment."""

    def is_tampered(self, url: str) -> bool:
        """Whether the network may lose frames at this address."""

    def find(self, label: str) -> Command | None:
        """The command that sent a message with this text."""


@dataclass
class Session:
    """What belongs to one socket.

    Attributes:
        heard: When anything came the last time.
        answered: When a command was answered the last time.
        following: Whether the reply that begins the live flow has come.
        ignoring: Whether what comes is read again later, from the beginning.
        leave_at: When this person moves on, or the draining process asked to go.
    """

    socket: ClientConnection
    url: str
    ids: Any = field(default_factory=lambda: itertools.count(1))
    waiting: dict[int, tuple["asyncio.Future[Any]", Callable[[Any], Any]]] = field(default_factory=dict)
    sent: dict[int, Command] = field(default_factory=dict)
    heard: float = field(default_factory=time.monotonic)
    answered: float = 0.0
    following: bool = False
    ignoring: bool = False
    leave_at: float = float("inf")
    draining: bool = False

    async def send(self, method: str, params: dict[str, Any], expect: Callable[[int], None] = lambda _id: None) -> None:
        """Send a request; `expect` learns its id before any answer can come."""
        id_: int = next(self.ids)
        expect(id_)
        request = {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}
        await self.socket.send(orjson.dumps(request).decode())

    async def call(self, method: str, params: dict[str, Any], act: Callable[[Any], Any] = lambda result: result) -> Any:
        """Ask, and return what `act` makes of the result; it acts before any frame that comes after the reply."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        await self.send(method, params, lambda id_: self.waiting.update({id_: (answer, act)}))
        async with asyncio.timeout(ANSWER_SECONDS):
            return await answer

    def on_reply(self, message: dict[str, Any]) -> None:
        """Give the reply to who waits for it."""
        answer, act = self.waiting.pop(message["id"])
        if answer.done():
            return
        if "error" in message:
            answer.set_exception(Away(message["error"]["data"]["kind"]))
        else:
            answer.set_result(act(message["result"]))


class Person:
    """A client. With `sends` false it is somebody's second device, which only follows."""

    def __init__(
        self, site: Site, name: str, number: int, user_id: str, token: str, rng: Random, *, sends: bool
    ) -> None:
        self.number = number
        self.user_id = user_id
        self.topic = f"user:{user_id}"
        self.unanswered: dict[str, Command] = {}
        self.position = 0
        self.epoch: str | None = None
        self.sends = sends
        self.session: Session | None = None
        self.log: list[Entry] = []
        self.rng = rng
        self.name = name
        self._site = site
        self._history = site.history
        self._token = token
        self._history.logs[name] = self.log
        self._history.topics[name] = self.topic

    async def live(self) -> None:
        """Be there until all is over."""
        while not self._site.over:
            try:
                await self._be_connected()
            except (OSError, ConnectionClosed, InvalidHandshake, Away, TimeoutError) as error:
                self._history.closed[_reason(error, self.session)] += 1
            finally:
                await self._hang_up()
            await asyncio.sleep(self.rng.uniform(0.05, 0.6))

    async def _hang_up(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.socket.transport.abort()

    def drop(self) -> None:
        """Lose the connection, as in a tunnel."""
        if self.session is not None:
            self.session.socket.transport.abort()

    async def _be_connected(self) -> None:
        by_header = self.rng.random() < 0.5
        url = self._site.address(self.rng)
        headers = {"Authorization": f"Bearer {self._token}"} if by_header else {}
        socket = await connect(
            url.replace("http", "ws", 1) + "/ws",
            additional_headers=headers,
            compression=None,
            max_size=None,
            open_timeout=OPEN_SECONDS,
            ping_interval=None,
            close_timeout=0.2,
            proxy=None,
        )
        stay = self.rng.uniform(*STAY_SECONDS)
        session = self.session = Session(socket, url, leave_at=time.monotonic() + stay)
        work = (self._read(session), self._watch(session), self._act(session, by_header=by_header))
        tasks = [asyncio.ensure_future(one) for one in work]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _act(self, session: Session, *, by_header: bool) -> None:
        if not by_header:
            await session.call("session.authenticate", {"access_token": self._token})
        await self._subscribe(session)
        for command in list(self.unanswered.values()):
            await self._send(session, command)
        await self._work(session)

    async def _subscribe(self, session: Session) -> None:
        """Catch up from the last position; after a restore, from the beginning, comparing with what was seen."""
        before: list[Entry] = []
        while not session.following:
            at = {"seq": self.position, **({"epoch": self.epoch} if self.epoch else {})}
            await session.call("session.subscribe", {"topics": {self.topic: at}}, partial(self._joined, session))
            if session.ignoring:
                before, self.log[:] = list(self.log), []
                self.position, self.epoch = 0, None
                await session.call("session.unsubscribe", {"topics": [self.topic]})
                session.ignoring = False
        if self.log[: len(before)] != before:
            self._history.complain("wrong", f"{self.name}: the log says something else than before")

    def _joined(self, session: Session, answer: dict[str, Any]) -> None:
        reached, epoch = answer["topics"][self.topic], answer["epoch"]
        if "error" in reached:
            self._history.complain("wrong", f"{self.name} may not subscribe: {reached}")
            return
        if reached["reset"]:
            if epoch == self.epoch:
                self._history.complain("wrong", f"{self.name}: a reset at {self.position} without another epoch")
            self._history.resets += 1
            session.ignoring = True
            return
        self.epoch = epoch
        for event in reached["events"]:
            self._take(event, live=False)
        if reached["seq"] != self.position:
            self._history.complain("lost", f"{self.name} was told {reached['seq']} but has {self.position}")
        session.following = not reached["more"]

    # What comes in

    async def _read(self, session: Session) -> None:
        async for frame in session.socket:
            session.heard = time.monotonic()
            message = orjson.loads(frame)
            if "method" in message:
                self._on_event(session, message)
            elif message.get("id") in session.sent:
                self._on_answer(session, session.sent.pop(message["id"]), message)
            elif message.get("id") in session.waiting:
                session.on_reply(message)
        raise Away(f"closed {session.socket.close_code}")

    def _on_event(self, session: Session, message: dict[str, Any]) -> None:
        params = message["params"]
        if message["method"] == "session.draining":
            # Some go when they are asked to, some stay until they are closed.
            session.draining = True
            session.leave_at = time.monotonic() + params["reconnect_after_ms"] / 1000 + self.rng.choice([0.0, 60.0])
        elif "seq" in params and not session.ignoring:
            if not session.following:
                self._without_reply(params["seq"])
            self._take(message, live=True)

    def _without_reply(self, seq: int) -> None:
        """The live flow has begun and the reply that begins it has not come; raises Away where the network lost it."""
        if self._site.tampered.has_dropped(f'"topics":{{"{self.topic}":{{"seq":'.encode(), b'"events":['):
            raise Away("reply lost")
        self._history.complain("reordered", f"{self.name}: {seq} before the reply")

    def _take(self, message: dict[str, Any], *, live: bool) -> None:
        params = message["params"]
        seq, data = params["seq"], params["data"]
        if seq <= self.position:
            if not self._site.tampered.has_repeated(self._mark(seq)):
                self._history.complain("repeated", f"{self.name}: {seq} at {self.position}, live={live}")
            self._history.repeats_by_network += 1
            return
        if seq > self.position + 1:
            if not self._site.tampered.has_dropped(self._mark(self.position + 1)):
                self._history.complain("lost", f"{self.name}: {seq} at {self.position}, live={live}")
            self._history.gaps_by_network += 1
            raise Away("gap")
        self.position = seq
        self.log.append(Entry(seq, message["method"], str(data.get("id") or data.get("number"))))
        if live and message["method"] == "message.created" and data["receiver_id"] == self.user_id:
            self._measure(data["content"])
        elif not live:
            self._history.caught_up += 1

    def _mark(self, seq: int) -> bytes:
        """How a frame with this event reads."""
        return b'"topic":"%b","seq":%d,' % (self.topic.encode(), seq)

    def _measure(self, text: str) -> None:
        command = self._site.find(text)
        if command is not None:
            now = time.monotonic()
            acked = now if command.acked is None else command.acked
            self._history.deliveries.append(Delivery(now - acked, acked, now))

    def _on_answer(self, session: Session, command: Command, message: dict[str, Any]) -> None:
        now = time.monotonic()
        took = now - max(command.sent_last, session.answered)
        session.answered = now
        error = message.get("error")
        kind = error["data"]["kind"] if error else "ok"
        self._history.answers.append((now, took, kind))
        if error is not None:
            if kind not in RETRY:
                self._history.complain("wrong", f"{self.name}: {command.method} was answered {kind}: {error}")
            asyncio.get_running_loop().call_later(0.3, self._again, session, command)
            return
        result_id = str(message["result"].get("id") or message["result"].get("number"))
        if command.result_id not in (None, result_id):
            self._history.complain("repeated", f"{command.label} was {command.result_id}, then {result_id}")
        command.result_id = result_id
        command.acked = command.acked or now
        self.unanswered.pop(command.key, None)

    # What goes out

    def _again(self, session: Session, command: Command) -> None:
        if self.session is session and session.following and command.key in self.unanswered:
            asyncio.ensure_future(self._send(session, command)).add_done_callback(_forget)

    async def _send(self, session: Session, command: Command) -> None:
        now = time.monotonic()
        command.sent_first = command.sent_first or now
        command.sent_last = now
        command.attempts += 1
        params = {**command.params, "idempotency_key": command.key}
        await session.send(command.method, params, lambda id_: session.sent.update({id_: command}))

    async def _work(self, session: Session) -> None:
        while not self._site.over:
            if time.monotonic() > session.leave_at:
                raise Away("left the draining process" if session.draining else "moved")
            room = self.sends and len(self.unanswered) < UNANSWERED
            command = self._site.next_command(self) if room else None
            if command is None:
                await asyncio.sleep(self.rng.uniform(0.01, 0.06))
                continue
            self.unanswered[command.key] = command
            await self._send(session, command)

    async def _watch(self, session: Session) -> None:
        """Notice a connection on which nothing comes, and a command that nobody answers."""
        while True:
            await asyncio.sleep(PING_SECONDS)
            now = time.monotonic()
            if now - session.heard > SILENCE_SECONDS:
                raise Away("silence")
            oldest = min((one.sent_last for one in session.sent.values()), default=now)
            # Where frames may be lost nobody waits long.
            tampered = self._site.is_tampered(session.url)
            if now - max(oldest, session.answered) > (IMPATIENT_SECONDS if tampered else ANSWER_SECONDS):
                if not tampered:
                    self._history.complain("wrong", f"{self.name}: a command was not answered for {ANSWER_SECONDS} s")
                raise Away("unanswered")
            await session.send("session.ping", {})


def _forget(task: "asyncio.Future[None]") -> None:
    if not task.cancelled():
        task.exception()


def _reason(error: BaseException, session: Session | None) -> str:
    """How a session ended, in a word or two."""
    if isinstance(error, Away):
        return str(error)
    code = session.socket.close_code if session is not None else None
    if isinstance(error, InvalidHandshake):
        response = getattr(error, "response", None)
        return f"refused {response.status_code}" if response is not None else "refused"
    return f"closed {code}" if code is not None else "no connection"
