"""Runs rows: in every round all contenders in turn, each with a server started for it alone."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from urllib.error import URLError

import asyncpg

from bench.client import LoadError, Result
from bench.contender import Contender, Engines, StartError
from bench.row import Pace, Row, Trial

FAILURES = (
    *(LoadError, StartError, URLError, asyncpg.PostgresError, subprocess.SubprocessError),
    *(OSError, RuntimeError, LookupError, ValueError),
)


@dataclass
class Outcome:
    """What the rounds of one row gave: per contender a dictionary of figures each round, None for one that failed."""

    row: Row
    rounds: dict[str, list[dict[str, float] | None]] = field(default_factory=dict)
    loads: dict[str, list[Result]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, figure: str) -> float | None:
        """Return the median of a contender's figure."""
        values = [values[figure] for values in self.rounds.get(name, ()) if values]
        return median(values) if values else None

    def ratio(self, name: str, other: str, figure: str) -> float | None:
        """Return the median over the rounds of a contender's figure divided by another's in the same round."""
        pairs = zip(self.rounds.get(name, ()), self.rounds.get(other, ()), strict=False)
        ratios = [mine[figure] / theirs[figure] for mine, theirs in pairs if mine and theirs and theirs[figure]]
        return median(ratios) if ratios else None

    def busiest_client(self) -> float:
        """Return the largest share of its core that the load client used."""
        return max((load["client_cpu"] for loads in self.loads.values() for load in loads), default=0)


def in_turn(contenders: Sequence[Contender], number: int) -> Iterator[Contender]:
    """Give all contenders, another one first in every round."""
    for offset in range(len(contenders)):
        yield contenders[(number + offset) % len(contenders)]


def run_row(row: Row, contenders: Sequence[Contender], engines: Engines, rounds: int, pace: Pace) -> Outcome:
    """Measure one row."""
    outcome = Outcome(row)
    sides = [contender for contender in contenders if contender.name in row.contenders]
    for number in range(rounds):
        for contender in in_turn(sides, number):
            values = attempt(outcome, contender, engines, pace)
            outcome.rounds.setdefault(contender.name, []).append(values)
            tell(f"{row.name} · round {number + 1} · {contender.name}: {values or outcome.failures[contender.name]}")
    return outcome


def attempt(outcome: Outcome, contender: Contender, engines: Engines, pace: Pace) -> dict[str, float] | None:
    """Measure one contender once; what goes wrong is kept as a sentence."""
    try:
        with contender.started(outcome.row.work, engines) as (port, pid):
            trial = Trial(contender, port, pid, engines, pace)
            values = outcome.row.measure(trial)
    except FAILURES as failure:
        outcome.failures[contender.name] = f"{type(failure).__name__}: {failure}"
        return None
    outcome.loads.setdefault(contender.name, []).extend(trial.loads)
    return values


def tell(line: str) -> None:
    """Write a line of progress beside the table."""
    print(line, file=sys.stderr, flush=True)
