"""What was asked, answered and seen during a run, by the clients' own clocks."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

DATABASE = "postgres"
AFTERMATH_SECONDS = 3.0


@dataclass(slots=True)
class Command:
    """One command: what is sent again stays what it was.

    Attributes:
        label: Names it: the text of a message, or the number of a task.
        result_id: What the first answer gave.
        served: When it was answered, how long the server had it before it for itself.
    """

    sender: int
    method: str
    params: dict[str, object]
    label: str
    key: str
    sent_first: float = 0.0
    sent_last: float = 0.0
    acked: float | None = None
    result_id: str | None = None
    attempts: int = 0


@dataclass(slots=True, frozen=True)
class Entry:
    """One logged event as a subscriber saw it; `subject` is the message's id or the task's number."""

    seq: int
    name: str
    subject: str


@dataclass(slots=True)
class Window:
    """When a fault began and when it was undone."""

    name: str
    begin: float
    end: float = float("inf")

    def covers(self, begin: float, end: float, aftermath: float = 0.0) -> bool:
        """Whether the fault was there at some moment between the two."""
        return self.begin <= end and begin <= self.end + aftermath


@dataclass(slots=True, frozen=True)
class Delivery:
    """How long an acknowledged message took to somebody who was subscribed."""

    seconds: float
    begin: float
    end: float


@dataclass
class History:
    """Everything that is known of one run."""

    commands: list[Command] = field(default_factory=list)
    logs: dict[str, list[Entry]] = field(default_factory=dict)
    topics: dict[str, str] = field(default_factory=dict)
    windows: list[Window] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    answers: list[tuple[float, float, str]] = field(default_factory=list)
    """Of every answer: when it came, how long the server took, `ok` or the error's kind."""
    closed: Counter[str] = field(default_factory=Counter)
    unusual: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What must not happen, by kind: repeated, lost, reordered, wrong."""
    caught_up: int = 0
    resets: int = 0
    repeats_by_network: int = 0
    gaps_by_network: int = 0

    @contextmanager
    def window(self, name: str) -> Iterator[None]:
        """Note when a fault is there."""
        window = Window(name, time.monotonic())
        self.windows.append(window)
        try:
            yield
        finally:
            window.end = time.monotonic()

    def active(self, begin: float, end: float) -> list[str]:
        """Which faults were there, or had just been undone, between two moments."""
        return sorted({window.name for window in self.windows if window.covers(begin, end, AFTERMATH_SECONDS)})

    def complain(self, kind: str, text: str) -> None:
        """Note something that must not happen."""
        self.unusual[kind].append(text)

    @property
    def acknowledged(self) -> list[Command]:
        """The messages that were answered with a result."""
        return [one for one in self.commands if one.acked is not None and one.method == "message.send"]


def percentile(values: list[float], share: float) -> float:
    """The value below which so large a share lies; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
