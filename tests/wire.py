"""A transport between a test and a fake network, and `websockets`' own parser beside it."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any, cast

import uvicorn
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from server.socket.budget import InputLimits
from server.socket.transport import Transport

MAX_BYTES = 1000
PLENTY = InputLimits(10**9, 10**9, 10**12, 10**12, 10**9)


class Network:
    """What the event loop would give the transport; it keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False
        self.paused = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0

    def get_extra_info(self, _name: str, default: Any = None) -> Any:
        return default

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


@dataclass
class Record:
    """What came of a stream: the messages, and the code of the close frame; None where there was none."""

    messages: list[tuple[str, bytes]] = field(default_factory=list)
    code: int | None = None

    def on_text(self, text: bytes) -> None:
        self.messages.append(("text", text))

    def on_binary(self) -> None:
        self.messages.append(("binary", b""))

    def on_full(self) -> None:
        raise AssertionError("nothing waits here")

    def on_ending(self, code: int | None) -> None:
        pass

    def on_lost(self) -> None:
        pass


def transport(receiver: Any, limits: InputLimits = PLENTY) -> tuple[Transport, Network]:
    """A transport after its handshake, on a running event loop."""
    config = uvicorn.Config("", ws_max_size=MAX_BYTES, ws_ping_interval=None, log_config=None, interface="asgi3")
    config.loaded = True
    config.loaded_app = None  # type: ignore[assignment]  # never called
    made, network = Transport(config, ServerState(), {}), Network()
    made.connection_made(cast("asyncio.Transport", network))
    made.handshake_initiated = made.handshake_complete = True
    made.conn.state = State.OPEN
    made._forget_the_handshake()
    made.scope = made.request = made.response = None  # type: ignore[assignment]  # of the handshake
    made.attach(receiver, limits)
    return made, network


async def ours(chunks: list[bytes]) -> Record:
    """What our transport makes of a stream."""
    record = Record()
    made, network = transport(record)
    for chunk in chunks:
        if network.closed:
            break
        made.data_received(chunk)
        while made._backlog:
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    record.code = _close_code(network.written)
    made.connection_lost(None)
    return record


def theirs(chunks: list[bytes]) -> Record:
    """What `websockets` makes of it, used as its documentation says."""
    record = Record()
    protocol = ServerProtocol(max_size=MAX_BYTES, logger=logging.getLogger("reference"))
    protocol.state = State.OPEN
    protocol.parser = protocol.parse()
    next(protocol.parser)
    parts: list[bytes] = []
    kind = Opcode.TEXT
    for chunk in chunks:
        protocol.receive_data(chunk)
        for event in protocol.events_received():
            assert isinstance(event, Frame)
            if event.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
                kind = kind if event.opcode is Opcode.CONT else event.opcode
                parts.append(bytes(event.data))
                if event.fin:
                    text = kind is Opcode.TEXT
                    record.messages.append(("text", b"".join(parts)) if text else ("binary", b""))
                    parts = []
        if protocol.close_sent is not None:
            break
    sent = protocol.close_sent
    record.code = None if sent is None else sent.code
    return record


def _close_code(written: bytes) -> int | None:
    """The code of the close frame at the end of what was written; 1005 for one without a code."""
    offset = 0
    while offset < len(written):
        first, length = written[offset], written[offset + 1]
        start = offset + 2
        if length == 126:
            length, start = int.from_bytes(written[start : start + 2]), start + 2
        if first & 0x0F == Opcode.CLOSE:
            return int.from_bytes(written[start : start + 2]) if length else 1005
        offset = start + length
    return None
