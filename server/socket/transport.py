"""uvicorn's WebSocket class with another way of sending and receiving.

The handshake, the frame parser, pings and the closing handshake stay those of uvicorn and `websockets`. What differs,
because it is where the time goes (docs/performance.md): a message is handed to its connection by a plain call, so the
socket is always being read and needs no reader task; frames are corked, one write for all that one turn of the event
loop produced; and a frame may come ready-made, so that an event is framed once for all its subscribers.
"""

import asyncio
import struct
from typing import Any, Protocol, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.speedups import apply_mask
from websockets.streams import StreamReader

from server.kernel import metrics

EXTENSION = "nexa.transport"
_CUT_SECONDS = 2.0

# RFC 6455, section 5.2: FIN with opcode 1; the mask bit; the length that says that two bytes of length follow.
FINAL_TEXT = 0x81
MASKED = 0x80
TWO_BYTES = 126
SHORTEST = 6


class Receiver(Protocol):
    """What takes the messages of one socket."""

    def on_text(self, text: bytes) -> None:
        """A text message came; that it is UTF-8 has not been checked."""

    def on_binary(self) -> None:
        """A binary message came."""

    def on_full(self) -> None:
        """More waits to be sent than may wait."""

    def on_lost(self) -> None:
        """The socket is gone."""


_WITH_CORK: list["Transport"] = []
"""The sockets that have something to send at the end of this turn of the event loop."""


def _uncork_all() -> None:
    global _WITH_CORK
    sockets, _WITH_CORK = _WITH_CORK, []
    for socket in sockets:
        socket.uncork()


class _Discard:
    """Takes the place of the ASGI queue once nobody reads from it any more."""

    def put_nowait(self, message: object) -> None:
        """Forget the message."""


_DISCARD = cast("asyncio.Queue[Any]", _Discard())
_WRITABLE = asyncio.Event()
"""Nobody waits until a socket can be written to: what it may buffer has a bound instead."""


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
        self._at_frame = False
        self._corked: list[bytes] = []
        self._corked_bytes = 0

    def attach(self, receiver: Receiver) -> None:
        """From now on messages go to the receiver, beginning with those that came along with the handshake."""
        early, self.queue = self.queue, _DISCARD
        self.writable = _WRITABLE
        self._receiver = receiver
        del self.scope, self.request, self.response
        while not early.empty():
            message = cast("dict[str, Any]", early.get_nowait())
            if message["type"] == "websocket.receive":
                self._deliver(message["text"].encode() if "text" in message else None)
        self._at_frame = self._between_frames()
        if self._at_frame:
            self._forget_the_handshake()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

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
        self.uncork()
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        self.close_timer = self.loop.call_later(_CUT_SECONDS, self.transport.abort)

    def uncork(self) -> None:
        """Write what waits, in one piece."""
        frames = self._corked
        if not frames:
            return
        # Where the parser has found a fault in between, a close frame is out, and nothing may follow it.
        if not (self.disconnected or self.close_sent):
            metrics.TALLY.count(metrics.FRAMES_OUT, len(frames))
            self.transport.write(frames[0] if len(frames) == 1 else b"".join(frames))
        self._corked = []
        self._corked_bytes = 0

    def shutdown(self) -> None:
        """The server goes away (1012); what has been answered is sent first."""
        self.uncork()
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Take whole, unfragmented, masked text frames the short way; everything else goes through `websockets`.

        The short way is only for what begins at a frame's first byte and is complete, so the parser behind it sees
        an unbroken sequence of frames as well, and whatever is unusual or wrong is judged by it alone.
        """
        taken = self._take_text_frames(data) if self._at_frame else 0
        if taken < len(data):
            super().data_received(data[taken:] if taken else data)
            self._at_frame = self._receiver is not None and self._between_frames()

    def _forget_the_handshake(self) -> None:
        """Begin the parser anew, where it may: the first one keeps the request with its headers for ever."""
        self.conn.parser = self.conn.parse()
        next(self.conn.parser)

    def _between_frames(self) -> bool:
        """Whether the next byte begins a frame, and no message is in fragments.

        An empty buffer does not say so: the parser may have taken a frame's first bytes and wait for its mask. What
        it waits in does, for it looks for the end of the stream only where a frame may begin.
        """
        waiting: Any = self.conn.parser
        while (inner := waiting.gi_yieldfrom) is not None:
            waiting = inner
        return self.conn.current_size is None and waiting.gi_code is StreamReader.at_eof.__code__

    def _take_text_frames(self, data: bytes) -> int:
        """Deliver the text frames at the beginning of what came; returns how many bytes they were."""
        offset, end, receiver = 0, len(data), self._receiver
        while end - offset >= SHORTEST and data[offset] == FINAL_TEXT and receiver is not None:
            length, start = data[offset + 1] - MASKED, offset + 2
            if length == TWO_BYTES and end - offset >= SHORTEST + 2:
                length, start = data[start] << 8 | data[start + 1], start + 2
                if length < TWO_BYTES:
                    break
            elif not 0 <= length < TWO_BYTES:
                break
            stop = start + 4 + length
            if stop > end or length > self.config.ws_max_size or self.close_sent:
                break
            receiver.on_text(apply_mask(data[start + 4 : stop], data[start : start + 4]))
            offset = stop
        return offset

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
        self._deliver(data if self.curr_msg_data_type == "text" else None)

    def _deliver(self, text: bytes | None) -> None:
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
        except ClientDisconnected:
            # It went before it had its answer, which is no fault of anybody's.
            self.transport.close()
            return
        except BaseException:
            self.logger.exception("the handshake failed")
            self.send_500_response()
            self.transport.close()
            raise
        if self._receiver is None:
            self.transport.close()
