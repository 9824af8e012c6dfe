"""Calls: a query without database through the full dispatcher, against fixed answers and mere echoes."""

from functools import partial

from bench.contender import Work
from bench.row import Figure, Row, Target, Trial

SOCKETS = 50
TARGETS = {
    "bare uvicorn": Target(0.8, 1.5),
    "Channels": Target(6, 10),
    "python-socketio": Target(5, 9),
}


def measure(trial: Trial, depth: int) -> dict[str, float]:
    result = trial.load("calls", trial.contender.calls(trial.port, SOCKETS), depth=depth)
    return {"rate": result["per_second"], "p99": result["p99_ms"]}


def row(depth: int, targets: dict[str, Target]) -> Row:
    """Return the row of so many requests in flight on each socket."""
    work = f"calls, {SOCKETS} sockets x {depth} in flight"
    figures = (
        Figure("rate", work, "calls/s", targets=targets),
        Figure("p99", f"{work}, p99", "ms", less_is_better=True, digits=1),
    )
    sides = ("Nexa", "bare uvicorn", "picows", "Channels", "python-socketio")
    return Row(work, Work.CALLS, sides, figures, partial(measure, depth=depth))


ROWS = (row(1, {}), row(16, TARGETS))
