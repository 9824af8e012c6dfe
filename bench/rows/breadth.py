"""Breadth: two processes behind one address against one, the same load on both.

Nobody has a core alone here: the servers and the load client may use both cores, which PostgreSQL and Redis need as
well. So the ratio says what a second process is worth on two cores that others use too.
"""

from collections.abc import Callable
from functools import partial

from bench import machine
from bench.client import Result
from bench.contender import Work
from bench.row import Figure, Row, Trial
from bench.rows import calls, sends

TWO, ONE = "Nexa with 2 processes", "Nexa with 1 process"
CALLS_DEPTH = 16


def load_calls(trial: Trial) -> Result:
    return trial.load("calls", trial.contender.calls(trial.port, calls.SOCKETS), depth=CALLS_DEPTH)


def load_sends(trial: Trial) -> Result:
    return trial.load("calls", trial.contender.sends(trial.port, sends.SENDERS, to_one=False))


def measure(trial: Trial, load: Callable[[Trial], Result]) -> dict[str, float]:
    with machine.unpinned():
        result = load(trial)
    share = result["busiest_process_seconds"] / result["server_cpu_seconds"]
    return {"rate": result["per_second"], "p99": result["p99_ms"], "share": 100 * share}


def row(work: str, unit: str, kind: Work, load: Callable[[Trial], Result]) -> Row:
    """Return the row of one kind of load."""
    figures = (
        Figure("rate", work, unit),
        Figure("p99", f"{work}, p99", "ms", less_is_better=True, digits=1),
        Figure("share", f"{work}, part of the work that the busier process does", "%", less_is_better=True),
    )
    return Row(work, kind, (TWO, ONE), figures, partial(measure, load=load), TWO)


ROWS = (
    row(f"breadth: calls, {calls.SOCKETS} sockets x {CALLS_DEPTH} in flight", "calls/s", Work.CALLS, load_calls),
    row(f"breadth: acknowledged sends, {sends.SENDERS} senders", "sends/s", Work.SENDS, load_sends),
)
