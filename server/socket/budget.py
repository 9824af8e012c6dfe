"""What one socket may send: a budget of frames and bytes, so that no socket's input holds up the others."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputLimits:
    """The budget of one socket's input (PROTOCOL.md, section 12).

    Attributes:
        frames_per_second: Frames of every kind, and each further request of a batch.
        frames_burst: How many at once.
        bytes_per_second: Bytes on the wire.
        bytes_burst: How many at once.
        fragments: The most frames of one message.
    """

    frames_per_second: float = 2000
    frames_burst: float = 4000
    bytes_per_second: float = 4 * 1024**2
    bytes_burst: float = 8 * 1024**2
    fragments: int = 1000


class InputBudget:
    """Two token buckets, for frames and for bytes."""

    __slots__ = ("_bytes", "_clock", "_frames", "_since", "limits")

    def __init__(self, limits: InputLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._frames = limits.frames_burst
        self._bytes = limits.bytes_burst
        self._clock = clock
        self._since = clock()

    def take(self, frames: int, size: int = 0) -> bool:
        """Draw frames and bytes; False when there were not so many left."""
        now, limits = self._clock(), self.limits
        passed, self._since = now - self._since, now
        self._frames = min(limits.frames_burst, self._frames + passed * limits.frames_per_second) - frames
        self._bytes = min(limits.bytes_burst, self._bytes + passed * limits.bytes_per_second) - size
        return self._frames >= 0 and self._bytes >= 0
