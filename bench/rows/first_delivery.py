"""First delivery after commit: from the moment at which PostgreSQL commits a message to its arrival at the receiver.

One message is in flight. The commit's time is PostgreSQL's own (`track_commit_timestamp`), the arrival's the load
client's, by the same clock.
"""

from statistics import quantiles

from bench import engines
from bench.contender import Work
from bench.row import Figure, Row, Trial


def measure(trial: Trial) -> dict[str, float]:
    script = trial.contender.delivery(trial.port)
    result = trial.load("fanout", script, arrivals=True, acknowledged=True)
    commits = engines.query(trial.engines.database_url, trial.contender.commit_times, script.tag)
    pairs = list(zip(result["arrivals"], commits, strict=False))[-result["samples"] :]
    cuts = quantiles([(arrival - commit) * 1000 for arrival, commit in pairs], n=100)
    return {"p50": cuts[49], "p99": cuts[98], "whole": result["p50_ms"]}


WORK = "first delivery after commit"
ROWS = (
    Row(
        WORK,
        Work.SENDS,
        ("Nexa", "Channels"),
        (
            Figure("p50", f"{WORK}, p50", "ms", less_is_better=True, digits=2),
            Figure("p99", f"{WORK}, p99", "ms", less_is_better=True, digits=2),
            Figure("whole", "from the request until the delivery, p50", "ms", less_is_better=True, digits=2),
        ),
        measure,
    ),
)
