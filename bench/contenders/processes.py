"""Sides that consist of several processes: two behind one address, and one that publishes for another."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from bench import machine
from bench.client import Script
from bench.contender import START_LIMIT, Contender, Engines, StartError, Work
from bench.contenders.nexa import Nexa
from bench.contenders.socketio import SocketIO

QUIET_SECONDS = 0.5
QUIET_SHARE = 0.1  # of a core


class AcrossProcesses(Contender):
    """A side whose publisher is at a second server, on the other core: its events have to come by way of Redis."""

    publishing_port = 0

    @contextmanager
    def started(self, work: Work, engines: Engines) -> Iterator[tuple[int, int]]:
        """Run both servers; the one with the subscribers is the measured one."""
        publishing = self.server(work, engines, (machine.OTHER_CORE,), f"{self.name} publishing")
        with publishing as (self.publishing_port, _), super().started(work, engines) as measured:
            yield measured

    def fan_out(self, port: int, sockets: int) -> Script:
        script = super().fan_out(port, sockets)
        moved = [replace(one, port=self.publishing_port if one.publisher else 0) for one in script.sockets]
        return replace(script, sockets=moved)


class NexaAcross(AcrossProcesses, Nexa):
    name = "Nexa across processes"


class SocketIOAcross(AcrossProcesses, SocketIO):
    name = "python-socketio across processes"


class NexaAlone(Nexa):
    """One process that may run on both cores."""

    name = "Nexa with 1 process"
    cores = machine.BOTH_CORES
    arguments = ("--workers", "1")

    @contextmanager
    def started(self, work: Work, engines: Engines) -> Iterator[tuple[int, int]]:
        """Run it, and wait until every process has done what it does at its start."""
        with super().started(work, engines) as (port, pid):
            wait_until_quiet(pid)
            yield port, pid


class NexaTwice(NexaAlone):
    """Two processes behind one address."""

    name = "Nexa with 2 processes"
    arguments = ("--workers", "2")


def wait_until_quiet(pid: int) -> None:
    """Return when a process and its children hardly work any more.

    The address takes connections as soon as the parent listens, before any child is there.
    """
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until:
        before = sum(machine.cpu_seconds(pid).values())
        time.sleep(QUIET_SECONDS)
        if sum(machine.cpu_seconds(pid).values()) - before < QUIET_SHARE * QUIET_SECONDS:
            return
    raise StartError("the processes do not come to rest")
