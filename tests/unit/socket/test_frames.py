"""The short way for frames does what `websockets`' own parser does, for right, wrong and split streams."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Opcode

from server.socket import transport as module
from server.socket.frames import close_frame, control_frame, text_frame
from tests.wire import MAX_BYTES, Record, ours, theirs, transport

SIZES = st.one_of(st.integers(0, 8), st.sampled_from([124, 125, 126, 127, 128, 300, MAX_BYTES - 1, MAX_BYTES]))


def encoded(payload: bytes, first: int, mask: bytes | None = b"\x01\x02\x03\x04", *, wide: int | None = None) -> bytes:
    """One frame. `wide` forces a length of two or eight bytes; without a mask it is one that no client may send."""
    bit = 0 if mask is None else 0x80
    size = len(payload)
    if wide == 8 or size > 65535:
        header = bytes((first, bit | 127)) + size.to_bytes(8)
    elif wide == 2 or size > 125:
        header = bytes((first, bit | 126)) + size.to_bytes(2)
    else:
        header = bytes((first, bit | size))
    if mask is None:
        return header + payload
    return header + mask + bytes(one ^ mask[index % 4] for index, one in enumerate(payload))


MASKS = st.binary(min_size=4, max_size=4)
PAYLOADS = SIZES.flatmap(lambda size: st.binary(min_size=size, max_size=size))


@st.composite
def good(draw: st.DrawFn) -> bytes:
    """Whole text messages above all, and everything else that may stand between them."""
    kind = draw(st.sampled_from(["text"] * 5 + ["binary", "ping", "pong", "fragments"]))
    mask = draw(MASKS)
    if kind == "text":
        return encoded(draw(PAYLOADS), 0x81, mask)
    if kind == "binary":
        return encoded(draw(PAYLOADS), 0x82, mask)
    if kind in {"ping", "pong"}:
        return encoded(draw(st.binary(max_size=125)), 0x89 if kind == "ping" else 0x8A, mask)
    parts = draw(st.lists(st.binary(max_size=200), min_size=2, max_size=4))
    firsts = [0x01, *[0x00] * (len(parts) - 2), 0x80]
    between = encoded(b"p", 0x89, mask) if draw(st.booleans()) else b""
    return between.join(encoded(part, first, mask) for part, first in zip(parts, firsts, strict=True))


@st.composite
def wrong(draw: st.DrawFn) -> bytes:
    """What a client must not send, or what ends the connection."""
    payload, mask = draw(PAYLOADS), draw(MASKS)
    return draw(
        st.sampled_from(
            [
                encoded(payload, 0x81, None),
                encoded(payload, 0x81, mask, wide=2),
                encoded(payload, 0x81, mask, wide=8),
                encoded(payload, 0xC1, mask),
                encoded(payload, 0x83, mask),
                encoded(payload, 0x80, mask),
                encoded(payload, 0x01, mask) + encoded(payload, 0x81, mask),
                encoded(b"x" * (MAX_BYTES + 1), 0x81, mask),
                encoded(b"x" * 126, 0x89, mask),
                encoded(b"", 0x09, mask),
                encoded((1000).to_bytes(2) + b"bye", 0x88, mask),
                encoded(b"", 0x88, mask),
                encoded(b"\x03", 0x88, mask),
                encoded((999).to_bytes(2), 0x88, mask),
                encoded((1000).to_bytes(2) + b"\xff", 0x88, mask),
                encoded(payload[:5], 0x81, mask)[:-1],
                b"\x81",
                b"\x81\xfe",
                b"\x81\xfe\x00",
                b"\x81\x85\x01\x02",
            ]
        )
    )


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """A stream of frames, cut into reads anywhere."""
    pieces = draw(st.lists(good(), max_size=6))
    if draw(st.booleans()):
        pieces += [draw(wrong()), *draw(st.lists(good(), max_size=3))]
    stream = b"".join(pieces)
    if not stream:
        return []
    cuts = sorted(set(draw(st.lists(st.integers(1, len(stream)), max_size=6))))
    return [part for part in (stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)) if part]


def same(chunks: list[bytes]) -> None:
    mine, reference = asyncio.run(ours(chunks)), theirs(chunks)
    assert mine.messages == reference.messages
    assert mine.code == reference.code


@given(streams())
@settings(max_examples=400, deadline=None)
def test_deliveries_and_close_codes_equal_those_of_websockets(chunks: list[bytes]) -> None:
    same(chunks)


@given(streams())
@settings(max_examples=100, deadline=None)
def test_byte_by_byte(chunks: list[bytes]) -> None:
    same([bytes((one,)) for one in b"".join(chunks)])


class Tearing(Record):
    """Closes by itself at the second message, as a connection does for many reasons."""

    transport: Any = None

    def on_text(self, text: bytes) -> None:
        super().on_text(text)
        if len(self.messages) == 2:
            self.transport.close(module.TOO_MUCH)


async def test_nothing_is_delivered_after_our_own_close() -> None:
    record = Tearing()
    record.transport, _ = transport(record)
    record.transport.data_received(b"".join(encoded(bytes((n,)), 0x81) for n in range(5)))
    assert [text for _, text in record.messages] == [b"\0", b"\1"]


# Each of these was put into the short way on purpose, and has to be noticed.

BREAKS = {
    "unmasked frames are taken": (
        "length, start = data[offset + 1] - MASKED",
        "length, start = data[offset + 1] & 127",
    ),
    "the two bytes of length are swapped": ("data[start] << 8 | data[start + 1]", "data[start + 1] << 8 | data[start]"),
    "eight bytes of length are read as two": ("elif not 0 <= length < TWO_BYTES:", "elif not 0 <= length < 200:"),
    "a short frame is taken": ("if stop > end or", "if"),
    "the size has no limit": ("length > self.config.ws_max_size or", ""),
    "a frame begins one byte late": ("offset = stop", "offset = stop + 1"),
    "a frame begins one byte early": ("offset = stop", "offset = stop - 1"),
    "the mask is taken for the payload": ("stop = start + 4 + length", "stop = start + length"),
    "fragments are taken for messages": ("data[offset] == FINAL_TEXT", "data[offset] & 0x0F == 1"),
    "reserved bits are overlooked": ("data[offset] == FINAL_TEXT", "data[offset] & 0x8F == FINAL_TEXT"),
    "it is used in the middle of a frame": ("if not self._at_frame or receiver is None:", "if receiver is None:"),
    "it goes on after a close": ("or self.close_sent:", "or False:"),
}


@pytest.mark.parametrize("fault", list(BREAKS))
def test_a_fault_in_the_short_way_is_noticed(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = _source()
    old, new = BREAKS[fault]
    assert source.count(old) == 1, old
    namespace: dict[str, Any] = dict(vars(module))
    exec(source.replace(old, new), namespace)  # noqa: S102 - our own source with one line changed
    monkeypatch.setattr(module.Transport, "_take_text_frames", namespace["_take_text_frames"])
    monkeypatch.setattr(module, "FRAMES_AT_ONCE", 10**6)
    with pytest.raises((AssertionError, IndexError, ExceptionGroup)):
        _all_examples()


def _source() -> str:
    import inspect  # noqa: PLC0415 - here alone
    import textwrap  # noqa: PLC0415 - here alone

    return textwrap.dedent(inspect.getsource(module.Transport._take_text_frames))


def _all_examples() -> None:
    """Streams that were chosen, one for each way of being wrong, so that this is quick and finds the same each time."""
    text = encoded(b"hello", 0x81)
    middle = [text + encoded(b"x" * 50, 0x81)[:10], encoded(b"x" * 50, 0x81)[10:] + text]
    inside = encoded(text + text, 0x81, b"\0\0\0\0")
    for chunks in (
        [text * 3],
        [encoded(b"hello", 0x81, None) + text],
        [encoded(b"hello", 0x81, wide=2) + text],
        [encoded(b"hello", 0x81, wide=8) + text],
        [encoded(b"x" * 256, 0x81) + text],
        [encoded(b"x" * 300, 0x81, wide=8) + text],
        [encoded(b"x" * (MAX_BYTES + 1), 0x81) + text],
        [encoded(b"a", 0x01) + encoded(b"b", 0x80) + text],
        [encoded(b"a", 0xC1) + text],
        middle,
        [inside[:6], inside[6:]],
        [text + encoded(b"x" * 50, 0x81)[:20]],
        [text + b"\x81\xfe\x00", b"\x7f" + b"\0" * 131],
        [encoded((1000).to_bytes(2), 0x88) + text],
    ):
        same(chunks)
    asyncio.run(test_nothing_is_delivered_after_our_own_close())


def test_frames_of_the_server() -> None:
    assert text_frame(b"x" * 125)[:2] == b"\x81\x7d"
    assert text_frame(b"x" * 126)[:4] == b"\x81\x7e\x00\x7e"
    assert text_frame(b"x" * 65536)[:10] == b"\x81\x7f" + (65536).to_bytes(8)
    assert control_frame(0x8A, b"x") == b"\x8a\x01x"
    long = close_frame(4000, "é" * 100)
    assert long[0] & 0x0F == Opcode.CLOSE
    assert len(long) <= 127
    long[4:].decode()


# One turn of the event loop


async def test_one_sockets_input_gives_way_to_others_in_the_middle_of_a_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A millisecond a look at the clock: after five of them the rest has to wait for the next turn."""
    clock = iter(range(10**6))
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(clock) / 1000)
    record = Record()
    made, network = transport(record)
    made.data_received(encoded(b"p", 0x89) * 20_000 + encoded(b"last", 0x81))
    assert made._backlog
    assert network.paused
    turns = 0
    while made._backlog:
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
    assert record.messages == [("text", b"last")]
    assert not network.paused
