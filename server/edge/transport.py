"""uvicorn's WebSocket class with another way of sending and receiving.

The handshake, the frame parser, pings and the closing handshake stay those of uvicorn and `websockets`. What differs,
because it is where the time goes (docs/performance.md): a message is handed to its connection by a plain call, so the
socket is always being read and needs no reader task; frames are corked, one write for all that one turn of the event
loop produced; and a frame may come ready-made, so that an event is framed once for all its subscribers.
"""

import asyncio
import struct
from typing import Any, Protocol, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION = "nexa.transport"
_CUT_SECONDS = 2.0


class Receiver(Protocol):
    """What takes the messages of one socket."""

    def on_text(self, text: str) -> None:
        """A text message came."""

    def on_binary(self) -> None:
        """A binary message came."""

    def on_full(self) -> None:
        """More waits to be sent than may wait."""

    def on_lost(self) -> None:
        """The socket is gone."""


class _Discard:
    """Takes the place of the ASGI queue once nobody reads from it any more."""

    def put_nowait(self, message: object) -> None:
        """Forget the message."""


def text_frame(payload: bytes) -> bytes:
    """One unmasked text frame as servers send it (RFC 6455, section 5.2)."""
    length = len(payload)
    if length < 126:
        return b"\x81" + length.to_bytes() + payload
    if length < 65536:
        return struct.pack("!BBH", 0x81, 126, length) + payload
    return struct.pack("!BBQ", 0x81, 127, length) + payload


class Transport(WebSocketsSansIOProtocol):
    """One WebSocket. `attach` takes it out of ASGI's hands after the handshake was accepted."""

    max_waiting_bytes = 1024 * 1024

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._receiver: Receiver | None = None
        self._corked: list[bytes] = []
        self._corked_bytes = 0

    def attach(self, receiver: Receiver) -> None:
        """From now on messages go to the receiver, beginning with those that came along with the handshake."""
        early, self.queue = self.queue, cast("asyncio.Queue[Any]", _Discard())
        self._receiver = receiver
        del self.scope, self.request, self.response
        while not early.empty():
            message = cast("dict[str, Any]", early.get_nowait())
            if message["type"] == "websocket.receive":
                self._deliver(message.get("text"))
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def send_frame(self, frame: bytes) -> None:
        """Send a finished frame at the end of this turn of the event loop. Never waits."""
        if self.close_sent or self.disconnected:
            return
        if not self._corked:
            self.loop.call_soon(self._uncork)
        self._corked.append(frame)
        self._corked_bytes += len(frame)
        if self._corked_bytes + self.transport.get_write_buffer_size() > self.max_waiting_bytes:
            assert self._receiver is not None
            self._receiver.on_full()

    def send_text_message(self, payload: bytes) -> None:
        """Send a text message."""
        self.send_frame(text_frame(payload))

    def close(self, code: int, reason: str = "") -> None:
        """Send what waits and a close frame; cut the connection if the other side does not answer it in time."""
        if self.close_sent or self.disconnected:
            return
        self._uncork()
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        self.close_timer = self.loop.call_later(_CUT_SECONDS, self.transport.abort)

    def _uncork(self) -> None:
        if self._corked and not self.disconnected:
            self.transport.write(b"".join(self._corked))
        self._corked.clear()
        self._corked_bytes = 0

    def shutdown(self) -> None:
        """The server goes away (1012); what has been answered is sent first."""
        self._uncork()
        super().shutdown()

    def handle_connect(self, event: Request) -> None:
        """Let the application reach this object through the scope."""
        super().handle_connect(event)
        if not self.close_sent:
            cast("dict[str, Any]", self.scope["extensions"])[EXTENSION] = {"transport": self}

    def send_receive_event_to_app(self) -> None:
        """A whole message is there: hand it over, or to ASGI while the handshake goes on."""
        if self._receiver is None:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "bytes":
            self._deliver(None)
            return
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.close(1007, "not UTF-8")
            return
        self._deliver(text)

    def _deliver(self, text: str | None) -> None:
        assert self._receiver is not None
        if text is None:
            self._receiver.on_binary()
        else:
            self._receiver.on_text(text)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone, whoever closed it."""
        super().connection_lost(exc)
        if self._receiver is not None:
            self._receiver.on_lost()

    async def run_asgi(self) -> None:
        """Run the handshake; a socket that was attached lives on without a task."""
        try:
            await self.app(cast(Any, self.scope), self.receive, self.send)
        except BaseException:
            self.logger.exception("the handshake failed")
            self.send_500_response()
            self.transport.close()
            raise
        if self._receiver is None:
            self.transport.close()
