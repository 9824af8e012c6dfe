"""Acknowledged sends: a message stored, delivered to its receiver and answered; between distinct people, and to one.

What was delivered meanwhile is a figure of its own: a server may acknowledge faster than it delivers.
"""

from functools import partial

from bench.contender import Work
from bench.row import Figure, Row, Target, Trial

SENDERS = 50


def measure(trial: Trial, *, to_one: bool) -> dict[str, float]:
    result = trial.load("calls", trial.contender.sends(trial.port, SENDERS, to_one=to_one))
    return {"rate": result["per_second"], "delivered": result["events_per_second"], "p99": result["p99_ms"]}


def row(work: str, *, to_one: bool, targets: dict[str, Target]) -> Row:
    """Return the row of sends to one person or to many."""
    figures = (
        Figure("rate", work, "sends/s", targets=targets),
        Figure("delivered", f"{work}, delivered meanwhile", "deliveries/s"),
        Figure("p99", f"{work}, p99", "ms", less_is_better=True, digits=1),
    )
    return Row(work, Work.SENDS, ("Nexa", "Channels"), figures, partial(measure, to_one=to_one))


ROWS = (
    row(f"acknowledged sends, {SENDERS} senders, distinct people", to_one=False, targets={"Channels": Target(1, 2)}),
    row(f"acknowledged sends, {SENDERS} senders, all to one person", to_one=True, targets={}),
)
