"""Frames as servers send them, without a mask (RFC 6455, section 5.2)."""

import struct

PING, PONG, CLOSE = 0x89, 0x8A, 0x88
MOST_CONTROL_BYTES = 125


def text_frame(payload: bytes) -> bytes:
    """Return one whole text frame."""
    length = len(payload)
    if length < 126:
        return b"\x81" + length.to_bytes() + payload
    if length < 65536:
        return struct.pack("!BBH", 0x81, 126, length) + payload
    return struct.pack("!BBQ", 0x81, 127, length) + payload


def control_frame(first: int, payload: bytes) -> bytes:
    """Return a ping, pong or close frame; its payload has at most 125 bytes."""
    return bytes((first, len(payload))) + payload


def close_frame(code: int, reason: str) -> bytes:
    """Return a close frame; a reason that does not fit is cut."""
    text = reason.encode()[: MOST_CONTROL_BYTES - 2].decode(errors="ignore")
    return control_frame(CLOSE, code.to_bytes(2) + text.encode())
