"""The assistant: a worker that is measured, an emulated Gemini, and a server to which the readers are connected."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench import machine
from bench.client import BUILD
from bench.contender import Command, Engines, Work, start, stop, wait_until_listening
from bench.contenders.nexa import Nexa, environment

PLENTY = {"ASSISTANT_RUNS_AT_ONCE": "1000", "ASSISTANT_DAILY_TOKENS": "1000000000"}
PLENTY |= {"ASSISTANT_MONTHLY_TOKENS": "1000000000"}


class NexaAssistant(Nexa):
    """One worker process on the measured core; all that is around it on the other one."""

    name = "Nexa's assistant"
    gemini_port = 0

    def command(self, work: Work, port: int, engines: Engines) -> Command:
        command = super().command(work, port, engines)
        return Command(command.arguments, environment={**command.environment, **self._answering()})

    def _answering(self) -> dict[str, str]:
        return {**PLENTY, "GEMINI_ENDPOINT": f"http://127.0.0.1:{self.gemini_port}"}

    @contextmanager
    def started(self, work: Work, engines: Engines) -> Iterator[tuple[int, int]]:
        """Give the server's port and the worker's process id."""
        with (
            self._gemini(),
            self.server(work, engines, (machine.OTHER_CORE,), f"{self.name} server") as (port, _),
            self._worker(engines) as pid,
        ):
            yield port, pid

    @contextmanager
    def _gemini(self) -> Iterator[None]:
        self.gemini_port = machine.free_port()
        arguments = [sys.executable, "-m", "clients.emulators.gemini", "--port", str(self.gemini_port)]
        with self._process(Command(arguments), (machine.OTHER_CORE,), "gemini", self.gemini_port):
            yield

    @contextmanager
    def _worker(self, engines: Engines) -> Iterator[int]:
        port = machine.free_port()
        variables = {**environment(engines), **self._answering(), "WORKER_METRICS_PORT": str(port)}
        command = Command([sys.executable, "-m", "server", "worker"], environment=variables)
        with self._process(command, self.cores, "worker", port) as process:
            yield process.pid

    @contextmanager
    def _process(
        self, command: Command, cores: tuple[int, ...], name: str, port: int
    ) -> Iterator["subprocess.Popen[bytes]"]:
        log = BUILD / f"assistant-{name}.log"
        with log.open("w") as output:
            process = start(command, output.fileno(), cores)
        try:
            wait_until_listening(process, port, log)
            yield process
        finally:
            stop(process)
