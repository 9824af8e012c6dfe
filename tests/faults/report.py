"""What a run has shown, in a few lines."""

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from tests.faults.history import Delivery, History, percentile

if TYPE_CHECKING:
    from tests.faults.run import Options
    from tests.faults.world import World

SHOWN = 12
STOPPED = {"server frozen", "postgres frozen", "postgres killed", "postgres restarted", "postgres session killed"}
NETWORK = {"frames dropped", "frames delayed", "frames repeated", "frames cut", "frames swallowed"}


def logged_errors(folder: Path) -> Counter[str]:
    """What the processes logged as an error, and every traceback that nobody caught."""
    found: Counter[str] = Counter()
    for log in sorted(folder.glob("*.log")):
        for line in log.read_text(errors="replace").splitlines():
            if line.startswith("{"):
                record = orjson.loads(line)
                if record.get("level") in {"error", "critical"}:
                    found[f"{log.stem}: {record.get('event')} {_last_line(record)}".strip()] += 1
            elif re.match(r"^[A-Za-z_.]*(Error|Exception)\b", line):
                found[f"{log.stem}: {line[:160]}"] += 1
    return found


def _last_line(record: dict[str, object]) -> str:
    return str(record.get("exception", "")).strip().rpartition("\n")[2][:160]


def report(
    options: "Options", place: "World", faults: Counter[str], seconds: float, errors: Counter[str]
) -> tuple[str, str]:
    """The line that counts, and the whole text."""
    history = place.history
    sends = history.acknowledged
    kinds = [len(history.unusual[kind]) if kind in history.unusual else 0 for kind in ("lost", "repeated", "reordered")]
    line = f"lost / repeated / reordered: {' / '.join(map(str, kinds))} of {len(sends)}"
    tasks = sum(one.method == "probe.defer" and one.acked is not None for one in history.commands)
    resent = sum(one.attempts > 1 for one in history.commands)
    who = f"{options.people} people with {len(place.people)} devices"
    what = f"{len(sends)} sends and {tasks} tasks acknowledged in {seconds:.0f} s, {resent} of them sent more than once"
    seen = f"{sum(map(len, history.logs.values()))} seen, {history.caught_up} times by catching up"
    network = f"{history.repeats_by_network} repeated and {history.gaps_by_network} lost by the network"
    lines = [
        f"seed {options.seed}: {who}, {len(place.servers)} servers, {len(place.workers)} worker; {what}",
        f"faults ({sum(faults.values())}): {_counted(faults)}",
        f"reconnects ({sum(history.closed.values())}): {_counted(history.closed)}",
        f"events: {seen}; {history.resets} resets; {network}",
        *_calls(history),
        *_deliveries(history),
        *(f"logged {count} x {text}" for text, count in errors.most_common(SHOWN)),
    ]
    for kind, texts in sorted(history.unusual.items()):
        lines += [f"{kind.upper()}: {text}" for text in texts[:SHOWN]]
        lines += [f"{kind.upper()}: and {len(texts) - SHOWN} more"] * (len(texts) > SHOWN)
    return line, "\n".join([*lines, line])


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common()) or "none"


def _calls(history: History) -> list[str]:
    taken = [(at - took, at, took, kind) for at, took, kind in history.answers]
    ok = [took for _, _, took, kind in taken if kind == "ok"]
    refused = [took for _, _, took, kind in taken if kind != "ok"]
    while_frozen = [
        took
        for begin, end, took, kind in taken
        if kind == "ok" and _redis_frozen(history, end) and _is_calm(history, begin, end, STOPPED)
    ]
    kinds = Counter(kind for *_, kind in taken)
    return [
        f"calls: {_percentiles(ok)}; answered {_counted(kinds)}; the slowest refusal {max(refused, default=0):.1f} s",
        f"calls while Redis was frozen: {_percentiles(while_frozen)}",
    ]


def _is_calm(history: History, begin: float, end: float, stopped: set[str]) -> bool:
    return not set(history.active(begin, end)) & stopped


def _redis_frozen(history: History, moment: float) -> bool:
    return any(one.name == "redis frozen" and one.begin <= moment <= one.end for one in history.windows)


def _deliveries(history: History) -> list[str]:
    slowest = max(history.deliveries, key=lambda one: one.seconds, default=Delivery(0, 0, 0))
    calm = [one for one in history.deliveries if _is_calm(history, one.begin, one.end, STOPPED | NETWORK)]
    frozen = [one.seconds for one in calm if _redis_frozen(history, one.begin)]
    cause = ", ".join(history.active(slowest.begin, slowest.end)) or "no fault"
    unhurt = (
        f"{max((one.seconds for one in calm), default=0):.2f} s where neither PostgreSQL nor the receiver was cut off"
    )
    return [
        f"deliveries: {_percentiles([one.seconds for one in history.deliveries])}",
        f"deliveries while Redis was frozen: {_percentiles(frozen)}",
        f"slowest delivery: {slowest.seconds:.2f} s ({cause})",
        f"slowest delivery while PostgreSQL and the receiver were there: {unhurt}",
    ]


def _percentiles(values: list[float]) -> str:
    if not values:
        return "none"
    p50, p99 = (1000 * percentile(values, share) for share in (0.5, 0.99))
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, slowest {max(values):.2f} s of {len(values)}"
