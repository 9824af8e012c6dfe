"""Ten thousand idle authenticated sockets on one process: their memory, and how long a garbage collection stops it.

The pauses are the server's own measurement (`nexa_gc_pause_seconds`). Full collections are demanded (`collecting.py`),
some without the sockets and some with them, since one that comes by itself may be due at another time; what came by
itself while the sockets connected is a figure of its own, known no closer than to its histogram's bucket.
"""

import math
import os
import resource
import signal
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from bench import machine
from bench.client import holding
from bench.contender import StartError, Work
from bench.row import Figure, Row, Trial
from bench.rows.idle_memory import FIRST, KIB, SETTLE

SOCKETS = 10_000
OTHER_FILES = 200
CONNECT_LIMIT = 240  # seconds
AT_ONCE = 20  # of those that connect
COLLECTIONS = 5
COLLECTION_LIMIT = 10  # seconds
PAUSES = "nexa_gc_pause_seconds"
FULL = "2"


@dataclass(frozen=True)
class Pauses:
    """The histogram as it stands."""

    buckets: Counter[float]  # how many pauses lasted at most so long, in all generations
    full: float  # full collections
    full_seconds: float

    def since(self, earlier: "Pauses") -> float:
        """Return a limit that no pause since then exceeded, and the longest one nearly reached."""
        new = {limit: count - earlier.buckets[limit] for limit, count in self.buckets.items()}
        return min(limit for limit, count in new.items() if count == new[math.inf])


def pauses(port: int) -> Pauses:
    """Read the server's metrics."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    samples = next(family.samples for family in families if family.name == PAUSES)
    buckets: Counter[float] = Counter()
    full = {"count": 0.0, "sum": 0.0}
    for sample in samples:
        if "le" in sample.labels:
            buckets[float(sample.labels["le"])] += int(sample.value)
        elif sample.labels["generation"] == FULL:
            full[sample.name.rpartition("_")[2]] = sample.value
    return Pauses(buckets, full["count"], full["sum"])


def collect(trial: Trial) -> float:
    """Demand a full collection, and return how long it lasted."""
    before = pauses(trial.port)
    os.kill(trial.pid, signal.SIGUSR1)
    until = time.monotonic() + COLLECTION_LIMIT
    while time.monotonic() < until:
        after = pauses(trial.port)
        if after.full > before.full:
            return (after.full_seconds - before.full_seconds) / (after.full - before.full)
        time.sleep(0.05)
    raise StartError("the server does not collect")


def longest_collection(trial: Trial) -> float:
    return 1000 * max(collect(trial) for _ in range(COLLECTIONS))


def need_files(count: int) -> None:
    """Raise where a process may not hold so many sockets; the run has already raised the limit to what it may be."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed < count:
        raise StartError(f"a process may open {allowed} files, {count} are needed: ulimit -Hn {count}")


def measure(trial: Trial) -> dict[str, float]:
    need_files(SOCKETS + FIRST + OTHER_FILES)
    contender, port = trial.contender, trial.port
    few, many = contender.idle(port, FIRST, beginning=0), contender.many_idle(port, SOCKETS)
    with holding(port, few, limit=CONNECT_LIMIT):
        without = longest_collection(trial)
        memory, before = machine.resident_bytes(trial.pid), pauses(port)
        with holding(port, many, limit=CONNECT_LIMIT, pace=AT_ONCE):
            time.sleep(SETTLE)
            grown = machine.resident_bytes(trial.pid) - memory
            by_itself = 1000 * pauses(port).since(before)
            full = longest_collection(trial)
    return {"memory": grown / SOCKETS / KIB, "without": without, "full": full, "by_itself": by_itself}


WORK = f"{SOCKETS:,} idle sockets"
ROWS = (
    Row(
        WORK,
        Work.MANY_IDLE,
        ("Nexa",),
        (
            Figure("memory", f"{WORK}, memory of each", "KiB", less_is_better=True, digits=1),
            Figure("full", f"{WORK}, longest pause of {COLLECTIONS} full collections", "ms", digits=1),
            Figure("without", f"with {FIRST} sockets, longest pause of {COLLECTIONS} full collections", "ms", digits=1),
            Figure("by_itself", f"{WORK}, longest pause while they connected, at most", "ms", digits=1),
        ),
        measure,
    ),
)
