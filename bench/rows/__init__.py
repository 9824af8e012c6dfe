"""The rows of the table, one file for each kind of work."""

from bench.row import Row
from bench.rows import (
    assistant,
    breadth,
    calls,
    catch_up,
    expiry,
    fanout,
    first_delivery,
    floods,
    handshakes,
    idle_memory,
    many_idle,
    sends,
)

MODULES = {
    "calls": calls,
    "fanout": fanout,
    "sends": sends,
    "catch_up": catch_up,
    "idle_memory": idle_memory,
    "handshakes": handshakes,
    "first_delivery": first_delivery,
    "breadth": breadth,
    "many_idle": many_idle,
    "expiry": expiry,
    "assistant": assistant,
    "floods": floods,
}
ROWS: dict[str, tuple[Row, ...]] = {name: module.ROWS for name, module in MODULES.items()}
