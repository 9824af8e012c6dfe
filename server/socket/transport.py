"""uvicorn's WebSocket class with another way of sending, receiving and ending.

The handshake and the frame parser stay those of uvicorn and `websockets`. What differs, because it is where the time
goes (docs/performance.md): a message is handed to its connection by a plain call, so the socket is always being read
and needs no reader task; frames are corked, one write for all that one turn of the event loop produced; and a frame may
come ready-made, so that an event is framed once for all its subscribers.

What one socket may cost is bounded: its output by `max_waiting_bytes`, its input by a budget, its share of a turn of
the event loop by `TURN_SECONDS`.
"""

import asyncio
import time
from typing import Any, cast

from uvicorn.protocols.utils import ClientDisconnected
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.speedups import apply_mask
from websockets.streams import StreamReader

from server.kernel.closing import TOO_MUCH
from server.socket.budget import InputBudget, InputLimits
from server.socket.outgoing import Outgoing, Receiver

EXTENSION = "nexa.transport"
TURN_SECONDS = 0.005
"""How long one socket's input may hold a turn of the event loop."""
SLICE_BYTES = 2048
"""What the parser of `websockets` gets at once: at most 340 frames, a few milliseconds."""
FRAMES_AT_ONCE = 64

# RFC 6455, section 5.2: FIN with opcode 1; the mask bit; the length that says that two bytes of length follow.
FINAL_TEXT = 0x81
MASKED = 0x80
TWO_BYTES = 126
SHORTEST = 6


class _Discard:
    """Takes the place of the ASGI queue once nobody reads from it any more."""

    def put_nowait(self, message: object) -> None:
        """Forget the message."""


_DISCARD = cast("asyncio.Queue[Any]", _Discard())
_WRITABLE = asyncio.Event()
"""Nobody waits until a socket can be written to: what it may buffer has a bound instead."""


class Transport(Outgoing):
    """One WebSocket. `attach` takes it out of ASGI's hands after the handshake was accepted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._budget = InputBudget(InputLimits())
        self._at_frame = False

    def attach(self, receiver: Receiver, limits: InputLimits) -> None:
        """From now on messages go to the receiver, beginning with those that came along with the handshake."""
        early, self.queue = self.queue, _DISCARD
        self.writable = _WRITABLE
        self._receiver = receiver
        self._budget = InputBudget(limits)
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
            if not self._backlog:
                self.transport.resume_reading()

    # Receiving

    def data_received(self, data: bytes) -> None:
        """Take what came, as far as its budget and this turn of the event loop allow; the rest in the next turns."""
        if not self.spend(0, len(data)):
            return
        if self._backlog:
            self._backlog += data
        else:
            self._take(data)

    def spend(self, frames: int, size: int = 0) -> bool:
        """Draw on the budget of this socket's input; ends the socket where it is used up."""
        if self._budget.take(frames, size):
            return True
        if self.close_sent:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.close(TOO_MUCH)
            # Reading on would cost what the budget is there to spare.
            self.transport.pause_reading()
        return False

    def _take(self, data: bytes) -> None:
        until = time.perf_counter() + TURN_SECONDS
        offset = 0
        while offset < len(data):
            offset += self._take_text_frames(data, offset) or self._parse(data[offset : offset + SLICE_BYTES])
            if self.disconnected or self.transport.is_closing():
                return
            if offset < len(data) and time.perf_counter() > until:
                self._backlog = data[offset:]
                self.transport.pause_reading()
                self.loop.call_soon(self._take_backlog)
                return

    def _take_backlog(self) -> None:
        data, self._backlog = self._backlog, b""
        self._take(data)
        if not (self._backlog or self.read_paused or self.transport.is_closing()):
            self.transport.resume_reading()

    def _take_text_frames(self, data: bytes, offset: int) -> int:
        """Deliver whole, unfragmented, masked text frames the short way; returns how many bytes they were.

        The short way is only for what begins at a frame's first byte and is complete, so the parser behind it sees
        an unbroken sequence of frames as well, and whatever is unusual or wrong is judged by it alone.
        """
        begin, end, receiver, count = offset, len(data), self._receiver, 0
        if not self._at_frame or receiver is None:
            return 0
        while end - offset >= SHORTEST and data[offset] == FINAL_TEXT and count < FRAMES_AT_ONCE:
            length, start = data[offset + 1] - MASKED, offset + 2
            if length == TWO_BYTES and end - offset >= SHORTEST + 2:
                length, start = data[start] << 8 | data[start + 1], start + 2
            elif not 0 <= length < TWO_BYTES:
                break
            stop = start + 4 + length
            if stop > end or length > self.config.ws_max_size or self.close_sent:
                break
            receiver.on_text(apply_mask(data[start + 4 : stop], data[start : start + 4]))
            offset = stop
            count += 1
        if count:
            self.spend(count)
        return offset - begin

    def _parse(self, data: bytes) -> int:
        """Let `websockets` read a slice. What came before a fault is carried out, and answered, before the close."""
        self.conn.receive_data(data)
        if self.handshake_initiated:
            # Pongs and close frames are written by us, in their order among the replies.
            self.conn.data_to_send()
        if self.spend(len(self.conn.events)):
            self.handle_events()
            if self.conn.parser_exc is not None:
                self.handle_parser_exception()
        self._at_frame = self._receiver is not None and self._between_frames()
        return len(data)

    def handle_events(self) -> None:
        """Go through what the parser has found."""
        handlers = {
            Opcode.CONT: self.handle_cont,
            Opcode.TEXT: self.handle_text,
            Opcode.BINARY: self.handle_bytes,
            Opcode.PONG: self.handle_pong,
            Opcode.CLOSE: self.handle_close,
        }
        for event in self.conn.events_received():
            if isinstance(event, Request):
                self.handle_connect(event)
            elif isinstance(event, Frame):
                if event.opcode is Opcode.PING:
                    self._answer_ping(bytes(event.data))
                else:
                    handlers[event.opcode](event)

    def handle_cont(self, event: Frame) -> None:
        """A further fragment of a message."""
        if len(self.frames) >= self._budget.limits.fragments:
            self.close(TOO_MUCH)
            return
        super().handle_cont(event)

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
        return (
            self.conn.current_size is None
            and self.conn.state is State.OPEN
            and waiting.gi_code is StreamReader.at_eof.__code__
        )

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
