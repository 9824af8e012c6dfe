"""Several processes under one parent: it starts them, starts them anew when they die, and stops them together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

import structlog

logger = structlog.get_logger("nexa.processes")

PR_SET_PDEATHSIG = 1
PAUSE_SECONDS = 1.0
STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Role:
    """One process that shall always be running: `python -m server` with these arguments."""

    arguments: tuple[str, ...]
    inherited: tuple[int, ...] = ()


class Processes:
    """The parent's loop.

    Args:
        roles: What shall be running.
        environment: What the children find in their environment besides ours.
        on_end: Told the id of every process that ended by itself.
        on_stop: Called before the processes are asked to stop.
    """

    def __init__(
        self,
        roles: Sequence[Role],
        environment: dict[str, str],
        on_end: Callable[[int], None],
        on_stop: Callable[[], None],
    ) -> None:
        self._on_end = on_end
        self._on_stop = on_stop
        self._roles = roles
        self._environment = {**os.environ, **environment}
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._started: dict[int, float] = {}
        self._signal: int | None = None

    def run(self) -> int:
        """Keep every role running until a signal asks to stop; returns the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        while self._signal is None:
            for index, role in enumerate(self._roles):
                self._keep(index, role)
            time.sleep(0.1)
        self._on_stop()
        self._stop(self._signal)
        return 0

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number

    def _keep(self, index: int, role: Role) -> None:
        process = self._running.get(index)
        if process is not None and process.poll() is None:
            return
        if process is not None:
            logger.error("process ended", role=role.arguments[0], status=process.returncode)
            self._on_end(process.pid)
            del self._running[index]
        now = time.monotonic()
        if now - self._started.get(index, 0) < PAUSE_SECONDS:
            return
        self._started[index] = now
        self._running[index] = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "server", *role.arguments],
            env=self._environment,
            pass_fds=role.inherited,
            # A terminal's Ctrl-C reaches this process alone, which hands it on once.
            process_group=0,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - this parent has no threads
        )

    def _stop(self, number: int) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(number)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def _die_with_parent() -> None:
    """A parent that is killed takes its children along (Linux; elsewhere they have to be ended by hand)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
