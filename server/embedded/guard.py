"""Ends the engines when the supervisor dies, where the kernel has no death signal to do so (macOS).

The guard process reads lines of `name pid signal` from the supervisor; the latest of a name counts, and pid 0 means
ended. The end of the stream is the supervisor's end, however it came.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress


class Guard:
    """The supervisor's end of the stream."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", __name__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)  # noqa: S603 - our own module

    def tell(self, name: str, pid: int, end_signal: int) -> None:
        """Say which process to end, and how; pid 0 when there is none any more."""
        if self._process.stdin:
            self._process.stdin.write(f"{name} {pid} {end_signal}\n")
            self._process.stdin.flush()


def watch(lines: Iterable[str]) -> None:
    """Follow the lines to their end, then signal what is still running."""
    running: dict[str, tuple[int, int]] = {}
    for line in lines:
        name, pid, end_signal = line.split()
        running[name] = (int(pid), int(end_signal))
    for process, number in running.values():
        if process:
            with suppress(ProcessLookupError):
                os.kill(process, number)


if __name__ == "__main__":
    watch(sys.stdin)
