"""What the process counts, for `/metrics`."""

import gc
from collections import defaultdict, deque
from functools import cache
from time import perf_counter

from prometheus_client import Counter, Gauge, Histogram


class Tally:
    """Counts what happens a hundred thousand times a second in a plain dictionary, and hands it on now and then.

    A counter of the library takes a lock each time, which would be a quarter of the cost of a small call.
    """

    def __init__(self) -> None:
        self._counts: defaultdict[Counter, int] = defaultdict(int)

    def count(self, counter: Counter, by: int = 1) -> None:
        """Count; on the event loop's thread only."""
        self._counts[counter] += by

    def hand_on(self) -> None:
        """Add up what has come together; on the event loop's thread only."""
        counts, self._counts = self._counts, defaultdict(int)
        for counter, by in counts.items():
            counter.inc(by)
        while _PAUSES:
            generation, seconds = _PAUSES.popleft()
            GC_SECONDS.labels(str(generation)).observe(seconds)


TALLY = Tally()

CALLS = Counter("nexa_calls_total", "Calls answered", ["method", "outcome"])
CALL_SECONDS = Histogram(
    "nexa_call_seconds", "From the frame's arrival to the encoded reply", ["method"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
RUNNING = Gauge("nexa_calls_in_flight", "Calls that are running", ["kind"], multiprocess_mode="livesum")
SOCKETS = Gauge("nexa_sockets", "Open sockets", ["state"], multiprocess_mode="livesum")
CLOSED = Counter("nexa_sockets_closed_total", "Sockets that the server closed", ["code"])
TURNED_AWAY = Counter("nexa_connections_turned_away_total", "Connections refused or cut before a request", ["reason"])
_FRAMES = Counter("nexa_frames_total", "Text frames", ["direction"])
FRAMES_IN = _FRAMES.labels("in")
FRAMES_OUT = _FRAMES.labels("out")
LOGGED = Counter("nexa_events_logged_total", "Events written to the log", ["event"])
DELIVERED = Counter("nexa_events_delivered_total", "Events handed to sockets")
CAUGHT_UP = Counter("nexa_events_caught_up_total", "Events given to subscribers from the log")
GAPS = Counter("nexa_gaps_filled_total", "Events that were read from the log because no message brought them", ["why"])
PUBLISH_DROPPED = Counter("nexa_publish_dropped_total", "Messages not published because Redis was away or slow")
RETRIED = Counter("nexa_transactions_retried_total", "Transactions begun anew", ["reason"])
DATABASE_SECONDS = Histogram("nexa_transaction_seconds", "From begin to commit")
TASKS = Counter("nexa_tasks_total", "Runs of deferred tasks", ["name", "outcome"])
TASK_SECONDS = Histogram("nexa_task_seconds", "One run of a deferred task", ["name"])
TASKS_WAITING = Gauge(
    "nexa_tasks_waiting", "Deferred tasks that are due and have not begun", multiprocess_mode="livemax"
)
TASKS_FAILED = Gauge(
    "nexa_tasks_failed", "Deferred tasks that were given up and wait for somebody to look", multiprocess_mode="livemax"
)
MAILS = Counter("nexa_mails_total", "Mails by template and what became of them", ["template", "outcome"])
ASSISTANT_RUNS = Counter("nexa_assistant_runs_total", "Answers by how they ended, or why they failed", ["outcome"])
ASSISTANT_TOKENS = Counter("nexa_assistant_tokens_total", "Tokens that answers have used", ["kind"])
ASSISTANT_FIRST = Histogram(
    "nexa_assistant_first_seconds", "From asking the model to the first that it says",
    buckets=(0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64),
)  # fmt: skip
GC_SECONDS = Histogram(
    "nexa_gc_pause_seconds", "Garbage collections, during which the process does nothing else", ["generation"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)  # fmt: skip
_PAUSES: deque[tuple[int, float]] = deque(maxlen=10_000)


@cache
def time_collections() -> None:
    """Note from now on how long each garbage collection lasts; however often it is called, each is noted once.

    A collection can begin where the library holds its lock, and to observe it there would wait for ever. So it is only
    noted, and observed when the tally is handed on.
    """
    begun = 0.0

    def on_collection(phase: str, info: dict[str, int]) -> None:
        nonlocal begun
        if phase == "start":
            begun = perf_counter()
        else:
            _PAUSES.append((info["generation"], perf_counter() - begun))

    gc.callbacks.append(on_collection)
