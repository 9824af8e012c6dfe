"""Floods: the calls of a quiet user beside each of them, compared with the same calls without."""

import json
import subprocess
import sys
import time
from statistics import quantiles

from websockets.sync.client import connect

from bench import engines
from bench.contender import ROOT, StartError, Work
from bench.contenders.nexa import Nexa
from bench.contenders.people import Person
from bench.flooding import FLOODS
from bench.row import Figure, Row, Trial

EVERY = 0.02  # seconds between two calls of the quiet user
SETTLE = 1.0
ATTACKERS = 4
CALL = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "account.profile.get", "params": {}})

LOG = """
WITH raised AS (
    INSERT INTO topic (name, seq) VALUES ('{topic}', 1000)
    ON CONFLICT (name) DO UPDATE SET seq = topic.seq + 1000 RETURNING name, seq
), logged AS (
    INSERT INTO event (topic, seq, name, at, by, data)
    SELECT name, seq - 1000 + n, 'bench.happened', now(), 'null', to_json(repeat('x', 2000))::text
    FROM raised, generate_series(1, 1000) n RETURNING 1
) SELECT count(*) FROM logged
"""


def measure(trial: Trial) -> dict[str, float]:
    assert isinstance(trial.contender, Nexa)
    quiet, *attackers = trial.contender.people.take(trial.port, 0, 1 + ATTACKERS)
    for one in attackers:
        engines.query(trial.engines.database_url, LOG.format(topic=one.topic))
    without = calls(trial, quiet)
    figures = {"without": without}
    for name in FLOODS:
        figures[name] = beside(trial, name, quiet, attackers)
        figures[f"{name} ratio"] = figures[name] / without
    return figures


def beside(trial: Trial, name: str, quiet: Person, attackers: list[Person]) -> float:
    """Return the p99 of the quiet user's calls while a flood goes on, in milliseconds."""
    seconds = trial.pace.warmup + trial.pace.seconds + 5
    command = [sys.executable, "-m", "bench.flooding", name, str(trial.port), str(seconds)]
    flood = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    try:
        assert flood.stdin is not None
        flood.stdin.write(json.dumps([(one.token, one.topic) for one in attackers]).encode())
        flood.stdin.close()
        time.sleep(trial.pace.warmup)
        taken = calls(trial, quiet)
        if flood.poll() not in {None, 0}:
            raise StartError(f"the flood {name} ended with {flood.returncode}")
        return taken
    finally:
        flood.kill()
        flood.wait()
        time.sleep(SETTLE)


def calls(trial: Trial, quiet: Person) -> float:
    """Return the p99 of calls on a socket of their own, in milliseconds."""
    times = []
    with connect(
        f"ws://127.0.0.1:{trial.port}/ws",
        additional_headers={"Authorization": f"Bearer {quiet.token}"},
        compression=None,
        ping_interval=None,
        open_timeout=10,
    ) as socket:
        socket.recv()
        until = time.monotonic() + trial.pace.seconds
        while time.monotonic() < until:
            began = time.perf_counter()
            socket.send(CALL)
            answer = json.loads(socket.recv(timeout=20))
            times.append((time.perf_counter() - began) * 1000)
            if "result" not in answer:
                raise StartError(f"a quiet user's call was refused: {answer}")
            time.sleep(EVERY)
    return quantiles(times, n=100)[98]


WORK = "calls of a quiet user, p99"
ROWS = (
    Row(
        WORK,
        Work.FLOODS,
        ("Nexa",),
        (
            Figure("without", f"{WORK}, without a flood", "ms", less_is_better=True, digits=1),
            *(
                figure
                for name in FLOODS
                for figure in (
                    Figure(name, f"{WORK}, beside {name}", "ms", less_is_better=True, digits=1),
                    Figure(f"{name} ratio", f"{WORK}, beside {name}", "× without", less_is_better=True, digits=1),
                )
            ),
        ),
        measure,
    ),
)
