"""The machine: which core runs what, free ports, and what a process uses."""

import ctypes
import os
import resource
import signal
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

SERVER_CORE = 0
OTHER_CORE = 1  # the load client, Redis and PostgreSQL
BOTH_CORES = frozenset({SERVER_CORE, OTHER_CORE})

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
SET_PARENT_DEATH_SIGNAL = 1


def pin_myself() -> None:
    """Put this process, and with it all that it starts, on the core beside the server's; allow many open files."""
    os.sched_setaffinity(0, {OTHER_CORE})
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def unpinned() -> Iterator[None]:
    """Let what we start in the block run on both cores."""
    os.sched_setaffinity(0, BOTH_CORES)
    try:
        yield
    finally:
        os.sched_setaffinity(0, {OTHER_CORE})


def child_on(cores: Collection[int]) -> Callable[[], None]:
    """Return what a child does before it begins: go to its cores, and end when we end."""
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        os.sched_setaffinity(0, cores)
        libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)

    return prepare


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> list[int]:
    """Return a process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def cpu_seconds(pid: int) -> dict[int, float]:
    """Return the processor time that a process and its children have used so far, each by itself."""
    stats = {one: Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split() for one in family(pid)}
    return {one: (int(fields[11]) + int(fields[12])) / TICKS for one, fields in stats.items()}


def resident_bytes(pid: int) -> int:
    """Return the memory that a process occupies."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


def processor() -> str:
    """Return the name of the processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"
