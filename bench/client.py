"""The load client: what its sockets do, and running it. The program itself is in `load/`."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent / "load"
BUILD = Path(__file__).parent / "build"
PROGRAM = BUILD / "load"
GRACE = 20  # seconds beyond its own limit in which the client must have ended

Step = tuple[str, str]  # ("send", text) or ("expect", part of a text)
Result = dict[str, Any]

plan_numbers = count()


class LoadError(Exception):
    """A run in which not everything was answered as it should."""


@dataclass(frozen=True)
class Socket:
    """One socket: its handshake, the steps until it is ready, its request (`%n` stands for the request's number)."""

    path: str
    headers: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    request: str = ""
    publisher: bool = False
    repeat: int = 1
    port: int = 0  # where it is not the measured server's

    def lines(self) -> Iterator[str]:
        yield "socket"
        yield f"path {self.path}"
        yield from (f"header {header}" for header in self.headers)
        yield from (f"{verb} {text}" for verb, text in self.steps)
        if self.request:
            yield f"request {self.request}"
        if self.publisher:
            yield "publisher"
        if self.port:
            yield f"port {self.port}"
        yield f"repeat {self.repeat}"


@dataclass(frozen=True)
class Script:
    """All sockets of a run, and how each frame that they get is recognised: by a text in it (^: at its beginning)."""

    sockets: Sequence[Socket]
    reply: str = ""
    error: str = ""
    event: str = ""
    heartbeat: tuple[str, str] = ("", "")  # a text frame that must be answered, and the answer
    tag: str = ""  # stands in what this script makes the server store

    def lines(self) -> Iterator[str]:
        ping, pong = self.heartbeat
        marks = {"reply": self.reply, "error": self.error, "event": self.event, "ping": ping, "pong": pong}
        yield from (f"{key} {value}" for key, value in marks.items() if value)
        for one in self.sockets:
            yield from one.lines()


def build() -> None:
    """Compile the program where it is missing or older than its sources."""
    sources = sorted(SOURCES.glob("*.c"))
    newest = max(path.stat().st_mtime for path in SOURCES.iterdir())
    if PROGRAM.exists() and PROGRAM.stat().st_mtime >= newest:
        return
    BUILD.mkdir(exist_ok=True)
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-std=gnu11", "-o", PROGRAM, *sources], check=True)


def write_plan(mode: str, port: int, script: Script, options: dict[str, Any]) -> Path:
    """Write the plan of one run; an option that is True is a key alone."""
    lines = [f"mode {mode}", f"port {port}"]
    lines += [key if value is True else f"{key} {value}" for key, value in options.items() if value is not False]
    path = BUILD / f"plan-{next(plan_numbers) % 16}.txt"
    path.write_text("\n".join([*lines, *script.lines(), ""]))
    return path


def checked(result: Result) -> Result:
    """Return the result, or raise where sockets were lost, refused or not answered in time."""
    if result.get("samples") == 0 and not result["errors"]:
        raise LoadError("nothing was answered")
    if result["errors"] or result["timed_out"] or result.get("lost"):
        raise LoadError(json.dumps({key: result.get(key) for key in ("errors", "timed_out", "lost")}))
    return result


def run(mode: str, port: int, script: Script, *, limit: float = 60, **options: Any) -> Result:
    """Run the client to its end and return what it found."""
    plan = write_plan(mode, port, script, {"limit": limit, **options})
    done = subprocess.run([PROGRAM, plan], capture_output=True, text=True, timeout=limit + GRACE, check=True)
    return checked(json.loads(done.stdout))


@contextmanager
def holding(port: int, script: Script, *, limit: float = 60, pace: int = 100) -> Iterator[None]:
    """Hold the script's sockets open, all of them ready, until the block ends; `pace` of them connect at once."""
    plan = write_plan("idle", port, script, {"limit": limit, "pace": pace})
    with subprocess.Popen([PROGRAM, plan], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if not json.loads(process.stdout.readline() if process.stdout else "{}").get("ready"):
            raise LoadError("no socket became ready")
        yield
        output, _ = process.communicate(timeout=GRACE)
    checked(json.loads(output))
