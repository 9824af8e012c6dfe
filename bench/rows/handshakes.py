"""Handshakes: connect, be ready (with Nexa: authenticated), close in order, again."""

from bench.contender import Work
from bench.row import Figure, Row, Trial

AT_ONCE = 50


def measure(trial: Trial) -> dict[str, float]:
    script = trial.contender.handshakes(trial.port, AT_ONCE)
    result = trial.load("handshakes", script, pace=AT_ONCE)
    return {"rate": result["per_second"], "p99": result["p99_ms"]}


WORK = f"handshakes, {AT_ONCE} at once"
ROWS = (
    Row(
        WORK,
        Work.HANDSHAKES,
        ("Nexa", "bare uvicorn", "picows", "Channels", "python-socketio"),
        (
            Figure("rate", WORK, "handshakes/s"),
            Figure("p99", f"{WORK}, until ready, p99", "ms", less_is_better=True, digits=1),
        ),
        measure,
    ),
)
