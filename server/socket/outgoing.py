"""What goes out over one WebSocket, and how it ends.

Frames are corked: one write for all that one turn of the event loop produced. Every byte goes through one bounded
function. Every end takes one way (`_end`), whoever begins it.
"""

import os
from typing import Any, Protocol

import structlog
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import State

from server.kernel import metrics
from server.kernel.closing import GOING_AWAY, NO_PONG, Closing
from server.socket.frames import CLOSE, PING, PONG, close_frame, control_frame, text_frame

logger = structlog.get_logger("nexa.transport")

CUT_SECONDS = 2.0
PONG_BYTES = 64 * 1024
"""While more waits to be sent, only the latest pong is kept (RFC 6455, section 5.5.3)."""


class Receiver(Protocol):
    """What takes the messages of one socket."""

    def on_text(self, text: bytes) -> None:
        """A text message came; that it is UTF-8 has not been checked."""

    def on_binary(self) -> None:
        """A binary message came."""

    def on_full(self) -> None:
        """More waits to be sent than may wait."""

    def on_ending(self, code: int | None) -> None:
        """The closing handshake has begun: nothing more is delivered or sent. The code is the server's, if it is."""

    def on_lost(self) -> None:
        """The socket is gone."""


_WITH_CORK: list["Outgoing"] = []
"""The sockets that have something to send at the end of this turn of the event loop."""


def _uncork_all() -> None:
    global _WITH_CORK
    sockets, _WITH_CORK = _WITH_CORK, []
    for socket in sockets:
        try:
            socket.uncork()
        except Exception:
            # One socket must not keep what the others wait for.
            logger.exception("a socket could not be written to")
            socket.transport.abort()


class Outgoing(WebSocketsSansIOProtocol):
    """The sending half of a socket."""

    max_waiting_bytes = 1024 * 1024

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._receiver: Receiver | None = None
        self._backlog = b""
        self._corked: list[bytes] = []
        self._corked_bytes = 0
        self._pong: bytes | None = None

    # Sending

    def send_frame(self, frame: bytes) -> None:
        """Send a finished frame at the end of this turn of the event loop. Never waits."""
        if self.close_sent or self.disconnected:
            return
        if not self._corked:
            if not _WITH_CORK:
                self.loop.call_soon(_uncork_all)
            _WITH_CORK.append(self)
        self._corked.append(frame)
        self._corked_bytes += len(frame)
        if self._waiting_bytes > self.max_waiting_bytes:
            if self._receiver is None:
                self.transport.abort()
            else:
                self._receiver.on_full()

    def send_text_message(self, payload: bytes) -> None:
        """Send a text message."""
        self.send_frame(text_frame(payload))

    @property
    def _waiting_bytes(self) -> int:
        return self._corked_bytes + self.transport.get_write_buffer_size()

    def uncork(self) -> None:
        """Write what waits, in one piece."""
        frames = self._corked
        if not frames:
            return
        self._corked = []
        self._corked_bytes = 0
        # After a close frame nothing may follow.
        if not (self.disconnected or self.close_sent):
            metrics.TALLY.count(metrics.FRAMES_OUT, len(frames))
            self.transport.write(frames[0] if len(frames) == 1 else b"".join(frames))

    def send_keepalive_ping(self) -> None:
        """Ping; a pong that does not come in time ends the socket."""
        self.ping_timer = None
        if self.close_sent or self.transport.is_closing():
            return
        self.pending_ping_payload = os.urandom(4)
        self.ping_sent_at = self.loop.time()
        self.send_frame(control_frame(PING, self.pending_ping_payload))
        if self.ping_timeout is None:
            self.schedule_ping()
        else:
            self.pong_timer = self.loop.call_later(self.ping_timeout, self.keepalive_timeout)

    def _answer_ping(self, payload: bytes) -> None:
        if self._waiting_bytes > PONG_BYTES:
            self._pong = control_frame(PONG, payload)
        else:
            self.send_frame(control_frame(PONG, payload))

    def resume_writing(self) -> None:
        """What waited has been sent, so the latest pong can go."""
        super().resume_writing()
        if self._pong is not None:
            pong, self._pong = self._pong, None
            self.send_frame(pong)

    # Ending

    def close(self, closing: Closing) -> None:
        """Send what waits and a close frame; cut the connection if the other side does not answer in time."""
        if self.close_sent or self.disconnected:
            return
        frame = close_frame(closing.code, closing.reason)
        if self.conn.state is State.OPEN:
            # The parser has to know the answer for what it is.
            self.conn.send_close(closing.code, closing.reason)
            self.conn.data_to_send()
        self._end(frame, closing.code)

    def _end(self, frame: bytes, code: int | None) -> None:
        """The one way in which a socket ends: nothing follows the close frame, and the connection is cut in time."""
        if self.close_sent:
            return
        self.uncork()
        self.close_sent = True
        self._backlog = b""
        self.stop_keepalive()
        if frame and not self.transport.is_closing():
            self.transport.write(frame)
        self.close_timer = self.loop.call_later(CUT_SECONDS, self.transport.abort)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code or 1005, "reason": ""})
        if self._receiver is not None:
            self._receiver.on_ending(code)

    def handle_close(self, event: Frame) -> None:
        """The client has closed, or has answered our close frame. A client that reads nothing is cut all the same."""
        self._end(control_frame(CLOSE, bytes(event.data)), None)
        self.transport.close()

    def handle_parser_exception(self) -> None:
        """What came is not WebSocket: close with the code that the parser gave."""
        sent = self.conn.close_sent
        self._end(b"" if sent is None else close_frame(sent.code, sent.reason), sent.code if sent else None)
        self.transport.close()

    def keepalive_timeout(self) -> None:
        """No pong came in time."""
        self.pong_timer = None
        self._end(close_frame(NO_PONG.code, NO_PONG.reason), NO_PONG.code)
        self.transport.close()

    def shutdown(self) -> None:
        """The server goes away (1012); what has been answered is sent first."""
        if not self.handshake_complete:
            super().shutdown()
            return
        self._end(close_frame(GOING_AWAY.code, GOING_AWAY.reason), GOING_AWAY.code)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone, whoever closed it."""
        self._backlog = b""
        super().connection_lost(exc)
        if self._receiver is not None:
            self._receiver.on_lost()
