"""Fan-out: one event through Redis to many sockets of one process, one event in flight."""

from bench.contender import Work
from bench.row import Figure, Row, Target, Trial

SOCKETS = 1000
TARGETS = {
    "Channels": Target(15, 30),
    "python-socketio": Target(6, 10),
    "picows": Target(0.4, 0.75),
}


def measure(trial: Trial) -> dict[str, float]:
    result = trial.load("fanout", trial.contender.fan_out(trial.port, SOCKETS))
    return {"rate": result["events_per_second"], "p99": result["p99_ms"]}


WORK = f"fan-out to {SOCKETS:,} sockets"
ROWS = (
    Row(
        WORK,
        Work.FAN_OUT,
        ("Nexa", "picows", "Channels", "python-socketio"),
        (
            Figure("rate", WORK, "deliveries/s", targets=TARGETS),
            Figure("p99", f"{WORK}, until the last, p99", "ms", less_is_better=True, digits=1),
        ),
        measure,
    ),
)
