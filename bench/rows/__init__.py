"""The rows of the table, one file for each kind of work."""

from bench.row import Row
from bench.rows import calls, catch_up, fanout, first_delivery, handshakes, idle_memory, sends

MODULES = {
    "calls": calls,
    "fanout": fanout,
    "sends": sends,
    "catch_up": catch_up,
    "idle_memory": idle_memory,
    "handshakes": handshakes,
    "first_delivery": first_delivery,
}
ROWS: dict[str, tuple[Row, ...]] = {name: module.ROWS for name, module in MODULES.items()}
