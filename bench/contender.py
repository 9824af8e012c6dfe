"""A contender: a server that is measured, how it is started, and what the load client says to it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from bench import machine
from bench.client import BUILD, Script

ROOT = Path(__file__).parent.parent
PEERS = Path(__file__).parent / "peers"
PEERS_PYTHON = Path(__file__).parent / ".venv/bin/python"
START_LIMIT = 60
STOP_LIMIT = 5


class Work(StrEnum):
    """What a server is started for: a peer is given no more engines than the work needs."""

    CALLS = "calls"
    FAN_OUT = "fan-out"
    SENDS = "sends"
    CATCH_UP = "catch-up"
    IDLE = "idle"
    HANDSHAKES = "handshakes"
    MANY_IDLE = "many idle"
    EXPIRY = "expiry"
    ASSISTANT = "assistant"
    FLOODS = "floods"


class StartError(Exception):
    """A server that did not come up."""


@dataclass(frozen=True)
class Engines:
    """Where PostgreSQL and Redis are."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Command:
    """What to run to start a server."""

    arguments: list[str | Path]
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)


class Contender:
    """One side, with the scripts of those rows that name it; its server is running when they are asked for."""

    name: str
    cores: Collection[int] = (machine.SERVER_CORE,)
    commit_times = ""  # SQL: when each message whose content begins with $1 was committed, in order

    def command(self, work: Work, port: int, engines: Engines) -> Command:
        raise NotImplementedError

    def prepare(self, engines: Engines) -> None:
        """Do once a run what must be done before the server's first start."""

    def calls(self, port: int, sockets: int) -> Script:
        raise NotImplementedError

    def fan_out(self, port: int, sockets: int) -> Script:
        raise NotImplementedError

    def sends(self, port: int, senders: int, *, to_one: bool) -> Script:
        raise NotImplementedError

    def catch_up(self, port: int, sockets: int, missed: int) -> Script:
        raise NotImplementedError

    def idle(self, port: int, sockets: int, *, beginning: int) -> Script:
        raise NotImplementedError

    def many_idle(self, port: int, sockets: int) -> Script:
        raise NotImplementedError

    def handshakes(self, port: int, sockets: int) -> Script:
        raise NotImplementedError

    def delivery(self, port: int) -> Script:
        raise NotImplementedError

    @contextmanager
    def started(self, work: Work, engines: Engines) -> Iterator[tuple[int, int]]:
        """Run the server on its core for as long as the block lasts; gives its port and its process id."""
        with self.server(work, engines, self.cores, self.name) as started:
            yield started

    @contextmanager
    def server(self, work: Work, engines: Engines, cores: Collection[int], name: str) -> Iterator[tuple[int, int]]:
        """Run a server on these cores; its log has the name."""
        port = machine.free_port()
        log = BUILD / f"{name.replace(' ', '-')}.log"
        with log.open("w") as output:
            process = start(self.command(work, port, engines), output.fileno(), cores)
        try:
            wait_until_listening(process, port, log)
            yield port, process.pid
        finally:
            stop(process)


def start(command: Command, output: int, cores: Collection[int]) -> "subprocess.Popen[bytes]":
    """Start a server on its cores."""
    return subprocess.Popen(
        command.arguments,
        cwd=command.folder,
        env={**os.environ, **command.environment},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        preexec_fn=machine.child_on(cores),  # noqa: PLW1509 no thread runs here
    )


def wait_until_listening(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Return when the server takes connections; raise with the last line of its log when it does not."""
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    last = log.read_text().strip().rpartition("\n")[2]
    raise StartError(f"{log.name} ends with: {last}")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End a server that we started, at once where asking does not help."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
