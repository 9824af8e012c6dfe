"""One engine as a child process of the supervisor."""

import logging
import signal
import subprocess
import time

from server.embedded.account import Account
from server.embedded.guard import Guard
from server.embedded.places import EmbeddedError, tail
from server.embedded.programs import ENVIRONMENT, Program

START_SECONDS = 60.0
RESTART_SECONDS = 1.0
POLL_SECONDS = 0.05
LOG_BYTES = 10_000_000

logger = logging.getLogger(__name__)


class Engine:
    """A program that is started, started again when it dies, and ended.

    `alive` is a locked file that it and all its children inherit, so that the lock tells whether any of them is left.
    """

    def __init__(self, program: Program, account: Account, alive: int, guard: Guard | None) -> None:
        self.name = program.name
        self._program = program
        self._account = account
        self._alive = alive
        self._guard = guard
        self._process: subprocess.Popen[bytes] | None = None
        self._died: float | None = None

    @property
    def pid(self) -> int:
        """The process id of the latest start, 0 before the first."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it; it answers somewhat later."""
        log = self._program.log
        if log.exists() and log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.old"))
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self._program.command,
                env=ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(self._alive,),
                preexec_fn=self._account.entering(self._program.end_signal),  # noqa: PLW1509 - there is one thread
            )
        self._died = None
        self._tell_guard(self.pid)

    def await_answer(self) -> None:
        """Return when it answers; raise EmbeddedError when it dies or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while not self._program.answers():
            status = self._process.poll() if self._process else None
            if status is not None:
                raise EmbeddedError(f"{self.name} ended with status {status}; {tail(self._program.log)}")
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{self.name} does not answer; {tail(self._program.log)}")
            time.sleep(POLL_SECONDS)

    def revive(self) -> bool:
        """Start it again a moment after it died by itself; say whether that was now."""
        if self._process is None or self._process.poll() is None:
            return False
        if self._died is None:
            logger.warning("%s ended with status %s", self.name, self._process.returncode)
            self._died = time.monotonic()
        if time.monotonic() - self._died < RESTART_SECONDS:
            return False
        self.start()
        return True

    def ask_to_end(self) -> None:
        """Begin its clean end."""
        if self._process:
            self._process.send_signal(self._program.end_signal)
            self._process.send_signal(signal.SIGCONT)  # a frozen one could not hear it

    def await_end(self, deadline: float) -> None:
        """Return when it has ended; kill it at the deadline."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.warning("%s does not end: killed", self.name)
            self._process.kill()
            self._process.wait()
        self._tell_guard(0)

    def _tell_guard(self, pid: int) -> None:
        if self._guard:
            self._guard.tell(self.name, pid, self._program.end_signal)
