"""Memory of an idle, authenticated socket: what the process grows by, with the first sockets not counted."""

import time

from bench import machine
from bench.client import holding
from bench.contender import Work
from bench.row import Figure, Row, Target, Trial

FIRST, SOCKETS = 200, 1000
SETTLE = 1.5  # seconds
KIB = 1024


def measure(trial: Trial) -> dict[str, float]:
    contender, port = trial.contender, trial.port
    with holding(port, contender.idle(port, FIRST, beginning=0)):
        time.sleep(SETTLE)
        before = machine.resident_bytes(trial.pid)
        with holding(port, contender.idle(port, SOCKETS, beginning=FIRST)):
            time.sleep(SETTLE)
            after = machine.resident_bytes(trial.pid)
    return {"memory": (after - before) / SOCKETS / KIB}


WORK = "memory of an idle socket"
TARGETS = {"bare uvicorn": Target(1.5, 0.9)}
ROWS = (
    Row(
        WORK,
        Work.IDLE,
        ("Nexa", "bare uvicorn", "picows", "Channels", "python-socketio"),
        (Figure("memory", WORK, "KiB", less_is_better=True, digits=1, targets=TARGETS),),
        measure,
    ),
)
