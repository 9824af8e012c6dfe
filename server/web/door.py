"""The front door: what a connection may take while there is no request yet (PROTOCOL.md, sections 1, 9 and 12).

uvicorn's HTTP protocol puts no end to a request's head or to the time that it takes. Everything that comes over HTTP,
handshakes too, passes here, so here is the one place for these limits.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import httptools
from starlette.responses import Response
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from server.kernel import metrics
from server.kernel.networks import Proxies, network_of
from server.socket.transport import Transport
from server.web.answers import refusal

LINGER_SECONDS = 2.0
TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """What a connection may take.

    Attributes:
        head_bytes: The request line and the headers together.
        head_seconds: From the first byte, or from the connection, to the end of the head.
        body_bytes_per_second: The least speed of a body; 0: any.
        body_seconds: For how long a body may be slower.
        unread_seconds: For how long a client may leave its answer unread.
        per_network: Connections of one network that are not sockets yet.
    """

    head_bytes: int = 65_536
    head_seconds: float = 10.0
    body_bytes_per_second: int = 10_240
    body_seconds: float = 10.0
    unread_seconds: float = 60.0
    per_network: int = 256


class Visitors:
    """The connections of one process that are not sockets, counted by network.

    Args:
        limits: What each may take.
        proxies: Connections of these are not counted: what they bring are the requests of many.
    """

    def __init__(self, limits: DoorLimits, proxies: Proxies) -> None:
        self.limits = limits
        self._proxies = proxies
        self._counts: Counter[str] = Counter()

    def enter(self, address: str | None) -> str | None:
        """Count a connection; returns the network it counts for, None where none does. Raises FullError."""
        if address is None or address in self._proxies:
            return None
        network = network_of(address)
        if self._counts[network] >= self.limits.per_network:
            raise FullError
        self._counts[network] += 1
        return network

    def leave(self, network: str) -> None:
        """Count a connection no longer."""
        self._counts[network] -= 1
        if not self._counts[network]:
            del self._counts[network]


class FullError(Exception):
    """A network has as many connections as it may."""


class HeadTooLargeError(Exception):
    """The request line and the headers are larger than they may be."""


class Door(HttpToolsProtocol):
    """One connection, until it is a WebSocket."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        visitors: Visitors,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._visitors = visitors
        self._limits = visitors.limits
        self._network: str | None = None
        self._gone = False
        self._in_head = True
        self._begun = False
        self._head_bytes = 0
        self._parsed_bytes = 0
        self._credit = 0.0
        self._head_timer: asyncio.TimerHandle | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, unless its network has too many."""
        super().connection_made(transport)
        try:
            self._network = self._visitors.enter(self.client[0] if self.client else None)
        except FullError:
            text = "Too many connections from this network."
            self._refuse("network", refusal(429, "rate_limited", "Too many connections", text))
            return
        self._head_timer = self.loop.call_later(self._limits.head_seconds, self._on_late_head)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._leave()
        super().connection_lost(exc)

    def _leave(self) -> None:
        """Count and watch this connection no longer."""
        self._gone = True
        self._unset_keepalive_if_required()
        for timer in (self._head_timer, self._body_timer, self._unread_timer):
            if timer is not None:
                timer.cancel()
        if self._network is not None:
            self._visitors.leave(self._network)
            self._network = None

    # The head

    def data_received(self, data: bytes) -> None:
        """Read on; a head is fed no further than it may reach."""
        if self._gone:
            return
        self._unset_keepalive_if_required()
        rest = b""
        if self._in_head:
            room = self._limits.head_bytes - self._head_bytes
            data, rest = data[:room], data[room:]
            self._head_bytes += len(data)
        self._feed(data)
        if rest and not self._gone:
            if self._in_head and self._head_bytes >= self._limits.head_bytes:
                self._refuse_head()
                return
            self._feed(rest)
        if not self._gone:
            self._watch()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, HeadTooLargeError):
                self._refuse_head()
            else:
                self._refuse("invalid", refusal(400, "invalid_request", "Bad request", "This is not valid HTTP/1.1."))

    def _watch(self) -> None:
        """Set the clocks for what has to come next."""
        if not self._in_head:
            if self._body_timer is None and self._limits.body_bytes_per_second:
                self._credit = self._limits.body_bytes_per_second * self._limits.body_seconds
                self._body_timer = self.loop.call_later(self._tick, self._on_tick)
        elif self._head_timer is None and (self._begun or self.cycle is None or self.cycle.response_complete):
            self._head_timer = self.loop.call_later(self._limits.head_seconds, self._on_late_head)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._begun, self._parsed_bytes = True, 0

    def on_url(self, url: bytes) -> None:
        """A part of the request line."""
        self._parsed_bytes += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; each has a colon, a space and the end of its line besides."""
        self._parsed_bytes += len(name) + len(value) + 4
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        if self._parsed_bytes > self._limits.head_bytes:
            raise HeadTooLargeError
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        super().on_headers_complete()

    def _refuse_head(self) -> None:
        text = f"The request line and the headers together may have at most {self._limits.head_bytes} bytes."
        self._refuse("head", refusal(431, "too_large", "Request Header Fields Too Large", text))

    def _on_late_head(self) -> None:
        self._head_timer = None
        if not self._begun:
            self._cut("silent")
            return
        self._refuse("slow_head", refusal(408, "timeout", "Request Timeout", "The request did not arrive in time."))

    # The body

    @property
    def _tick(self) -> float:
        return min(TICK_SECONDS, self._limits.body_seconds / 4)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        most = self._limits.body_bytes_per_second * self._limits.body_seconds
        self._credit = min(most, self._credit + len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there; what follows begins the next one."""
        self._in_head, self._begun, self._head_bytes = True, False, 0
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None
        super().on_message_complete()

    def _on_tick(self) -> None:
        self._body_timer = self.loop.call_later(self._tick, self._on_tick)
        if self.flow.read_paused or self.cycle.waiting_for_100_continue:
            return  # we are slow, not the client
        self._credit -= self._limits.body_bytes_per_second * self._tick
        if self._credit < 0:
            self._refuse("slow_body", refusal(408, "timeout", "Request Timeout", "The body arrives too slowly."))

    # The answer

    def pause_writing(self) -> None:
        """More waits to be read than may wait."""
        super().pause_writing()
        if self._unread_timer is None and not self._gone:
            self._unread_timer = self.loop.call_later(self._limits.unread_seconds, self._cut, "unread")

    def resume_writing(self) -> None:
        """The client reads."""
        super().resume_writing()
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, also where the last answer was never read."""
        if self.transport.get_write_buffer_size():
            self._cut("unread")
        else:
            super().timeout_keep_alive_handler()

    # The handshake

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over to the WebSocket, or answer why not: a handshake is never left without one.

        `websockets` reads the head once more, with limits of its own for a line and for the number of headers. Cookies,
        which browsers send along and nobody reads here, are left out: they are the lines that get long.
        """
        headers = self.scope["headers"]
        if [value.strip() for name, value in headers if name == b"sec-websocket-version"] != [b"13"]:
            answer = refusal(426, "invalid_request", "Upgrade Required", "This server speaks WebSocket version 13.")
            answer.headers.update({"Upgrade": "websocket", "Sec-WebSocket-Version": "13"})
            self._refuse("handshake", answer)
            return
        lines = [(name, value) for name, value in headers if name != b"cookie"]
        head = [self.scope["method"].encode(), b" ", self.url, b" HTTP/1.1\r\n"]
        for name, value in lines:
            head += [name, b": ", value, b"\r\n"]
        protocol = Transport(self.config, self.server_state, self.app_state)
        protocol.connection_made(self.transport)
        protocol.data_received(b"".join([*head, b"\r\n"]))
        if not protocol.handshake_initiated:
            protocol.connections.discard(protocol)
            text = "A line of the handshake is too long, it has too many headers, or they are not valid."
            self._refuse("handshake", refusal(431, "too_large", "Request Header Fields Too Large", text))
            return
        self.connections.discard(self)
        self._leave()
        self.transport.set_protocol(protocol)

    # The end

    def _cut(self, reason: str) -> None:
        """End the connection without a word."""
        metrics.TURNED_AWAY.labels(reason).inc()
        self._leave()
        self.transport.abort()

    def _refuse(self, reason: str, answer: Response) -> None:
        """Answer and close, if it is this request's turn to be answered.

        Many clients read nothing before they have sent everything, and a connection that is closed while bytes arrive
        takes the answer with it. So it is closed a moment later, and what comes in that moment is thrown away.
        """
        if not self._may_answer():
            self._cut(reason)
            return
        metrics.TURNED_AWAY.labels(reason).inc()
        self._leave()
        self.transport.write(_raw(answer))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _may_answer(self) -> bool:
        """Whether nothing else is being answered; a request that nobody has answered yet is taken from the app."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            return True
        if cycle.response_started or self.pipeline or self._in_head:
            return False
        cycle.disconnected = True
        cycle.message_event.set()
        return True


def _raw(answer: Response) -> bytes:
    """Return an answer as it goes over the wire, after which the connection ends."""
    headers = [*answer.raw_headers, (b"connection", b"close")]
    lines = [name + b": " + value + b"\r\n" for name, value in headers]
    return b"".join([STATUS_LINE[answer.status_code], *lines, b"\r\n", answer.body])
