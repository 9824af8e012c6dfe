"""Fan-out: one event to many sockets of one process, one event in flight.

Nexa and python-socketio hand an event to the sockets of the process that publishes it directly, and give it to Redis
for the others; Channels and picows get back from Redis what they have published. So there are two rows: in the first
everybody publishes at the measured server; in the second Nexa and python-socketio publish at another process on the
other core, whence the event has to come through Redis.
"""

from bench.contender import Work
from bench.row import Figure, Row, Target, Trial

SOCKETS = 1000
CHANNELS, PICOWS, SOCKETIO = Target(15, 30), Target(0.4, 0.75), Target(6, 10)


def measure(trial: Trial) -> dict[str, float]:
    result = trial.load("fanout", trial.contender.fan_out(trial.port, SOCKETS))
    return {"rate": result["events_per_second"], "p99": result["p99_ms"]}


def row(work: str, subject: str, socketio: str) -> Row:
    """Return the row of a way of publishing."""
    targets = {"Channels": CHANNELS, socketio: SOCKETIO, "picows": PICOWS}
    figures = (
        Figure("rate", work, "deliveries/s", targets=targets),
        Figure("p99", f"{work}, until the last, p99", "ms", less_is_better=True, digits=1),
    )
    return Row(work, Work.FAN_OUT, (subject, "picows", "Channels", socketio), figures, measure, subject)


WORK = f"fan-out to {SOCKETS:,} sockets"
ROWS = (
    row(f"{WORK}, published at the same process", "Nexa", "python-socketio"),
    row(
        f"{WORK}, published at another process, through Redis",
        "Nexa across processes",
        "python-socketio across processes",
    ),
)
