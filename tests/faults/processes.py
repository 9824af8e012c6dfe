"""Processes of the server that are kept running, as an operator's supervisor would."""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.support import ROOT, free_port

PR_SET_PDEATHSIG = 1
READY_SECONDS = 40.0
RESTART_SECONDS = 0.5

# High enough that nothing but the system itself bounds how much is sent, and clients that come and go are let in.
GENEROUS = {
    "ENVIRONMENT": "test",
    "LOG_LEVEL": "WARNING",
    "LOG_FORMAT": "json",
    "COMMANDS_PER_SECOND": "10000",
    "COMMANDS_BURST": "10000",
    "STRANGERS_PER_HOUR": "1000000",
    "STRANGERS_VERIFIED": "false",
    "QUERIES_PER_SECOND": "10000",
    "QUERIES_BURST": "10000",
    "GUEST_CALLS_PER_SECOND": "10000",
    "GUEST_CALLS_BURST": "10000",
    "GUESTS_PER_NETWORK": "1000",
    "SOCKETS_PER_USER": "100",
    "DRAIN_SPREAD_SECONDS": "1",
    "DRAIN_HOLD_SECONDS": "1",
}


class Process:
    """One process that is started again whenever it has ended, until `stop`."""

    def __init__(self, name: str, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.starts = 0
        self._arguments = arguments
        self._environment = {**os.environ, **GENEROUS, **environment}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.held = False
        """While it is set, the process is not started again."""

    @property
    def pid(self) -> int:
        """The process as it was last started."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs at this moment."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, and again whenever it has ended."""
        self._launch()
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it lives."""
        if self._process is not None and self.alive:
            self._process.send_signal(number)

    def _launch(self) -> None:
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.launch", *self._arguments],
                cwd=ROOT,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - nothing of ours runs in a thread
            )
        self.starts += 1

    async def _keep(self) -> None:
        while True:
            while self.alive or self.held:
                await asyncio.sleep(0.05)
            await asyncio.sleep(RESTART_SECONDS)
            self._launch()

    async def ended(self, seconds: float = READY_SECONDS) -> None:
        """Return when the process of this moment has ended."""
        process = self._process
        async with asyncio.timeout(seconds):
            while process is not None and process.poll() is None:
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """End it for good."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._process is not None and self.alive:
            self._process.kill()
        await self.ended()


class ServerProcess(Process):
    """A server on a port of its own."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        super().__init__(name, ["run", "--port", str(self.port)], environment, log)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when it can do its work; raises TimeoutError."""
        async with asyncio.timeout(seconds), httpx.AsyncClient(base_url=self.url, timeout=2) as http:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get("/health/ready")).status_code == 200:
                        return
                await asyncio.sleep(0.05)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
