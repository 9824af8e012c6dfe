"""Catching up: many sockets that missed events connect at once, until each has all of them."""

from bench.contender import Work
from bench.row import Figure, Row, Trial

SOCKETS, MISSED = 1000, 200


def measure(trial: Trial) -> dict[str, float]:
    script = trial.contender.catch_up(trial.port, SOCKETS, MISSED)
    result = trial.load("catchup", script, timed=False, pace=SOCKETS, events=MISSED)
    return {"seconds": result["seconds"], "p50": result["p50_ms"]}


WORK = f"catching up, {SOCKETS:,} sockets x {MISSED} missed events at once"
ROWS = (
    Row(
        WORK,
        Work.CATCH_UP,
        ("Nexa", "Channels"),
        (
            Figure("seconds", f"{WORK}, until the last", "s", less_is_better=True, digits=2),
            Figure("p50", f"{WORK}, p50", "ms", less_is_better=True),
        ),
        measure,
    ),
)
