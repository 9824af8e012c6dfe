"""A row of the table: what is measured, against whom, and what has to be reached."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench import client, machine
from bench.client import Result, Script
from bench.contender import Contender, Engines, Work


@dataclass(frozen=True)
class Target:
    """What the ratio to another side has to reach."""

    required: float
    aim: float


@dataclass(frozen=True)
class Figure:
    """One number of a row."""

    key: str
    title: str
    unit: str
    less_is_better: bool = False
    digits: int = 0
    targets: dict[str, Target] = field(default_factory=dict)


@dataclass(frozen=True)
class Pace:
    """How long is measured."""

    seconds: float
    warmup: float


@dataclass
class Trial:
    """One server, started for one measurement."""

    contender: Contender
    port: int
    pid: int
    engines: Engines
    pace: Pace
    loads: list[Result] = field(default_factory=list)

    def load(self, mode: str, script: Script, *, timed: bool = True, **options: Any) -> Result:
        """Run the load client against the server."""
        if timed:
            options = {"seconds": self.pace.seconds, "warmup": self.pace.warmup, **options}
        before = machine.cpu_seconds(self.pid)
        result = client.run(mode, self.port, script, **options)
        used = [seconds - before.get(pid, 0) for pid, seconds in machine.cpu_seconds(self.pid).items()]
        result["server_cpu_seconds"], result["busiest_process_seconds"] = sum(used), max(used)
        self.loads.append({key: value for key, value in result.items() if key != "arrivals"})
        return result


@dataclass(frozen=True)
class Row:
    """A piece of work that all its contenders do; `measure` returns its figures by their keys.

    The others' figures are compared with the subject's.
    """

    name: str
    work: Work
    contenders: tuple[str, ...]
    figures: tuple[Figure, ...]
    measure: Callable[[Trial], dict[str, float]]
    subject: str = "Nexa"
