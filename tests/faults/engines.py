"""Engines of one's own, to be killed, frozen, emptied and put back to an older copy."""

import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.embedded import engines
from server.embedded.places import Places, lock_file, try_lock

ATTACH_SECONDS = 30.0
POSTGRES, REDIS = "postgres", "valkey"


@dataclass
class OwnEngines:
    """A PostgreSQL and a Redis that nobody else uses; their supervisor starts again what died."""

    folder: Path
    database_url: str
    redis_url: str

    def pid(self, name: str) -> int:
        """The process of an engine as it was last started."""
        content = json.loads((self.folder / "engines.json").read_text())
        return int(content[name])

    def all_pids(self, name: str) -> list[int]:
        """The process of an engine with all its children, the parent first."""
        parent = self.pid(name)
        return [parent, *_children(parent)]

    def kill(self, name: str) -> None:
        """SIGKILL: the engine and what it began are gone; a second later it is started again."""
        _signal(self.all_pids(name), signal.SIGKILL)

    def restart(self, name: str) -> None:
        """End an engine cleanly; a second later it is started again."""
        _signal([self.pid(name)], signal.SIGINT if name == POSTGRES else signal.SIGTERM)

    def crash_backend(self) -> bool:
        """SIGKILL one session of PostgreSQL, which then ends all others and recovers; says whether there was one."""
        backends = [pid for pid in _children(self.pid(POSTGRES)) if "nexa nexa" in _command(pid)]
        _signal(backends[-1:], signal.SIGKILL)
        return bool(backends)

    @contextlib.contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Stop an engine with SIGSTOP: it holds its connections and answers nothing."""
        pids = self.all_pids(name)
        _signal(pids, signal.SIGSTOP)
        # What its parent had forked a moment before.
        late = [pid for pid in self.all_pids(name) if pid not in pids]
        _signal(late, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal([*pids, *late], signal.SIGCONT)


@contextlib.contextmanager
def own_engines(folder: Path | None = None) -> Iterator[OwnEngines]:
    """Start engines in a temporary folder, or in a given one that stays, and end them."""
    os.environ.setdefault("NEXA_EMBEDDED_FSYNC", "off")
    place = folder or Path(tempfile.mkdtemp(prefix="nexa-faults-"))
    place.chmod(0o755)
    try:
        with engines(place) as embedded:
            yield OwnEngines(place, embedded.database_url, embedded.redis_url)
        _await_end(place)
    finally:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)


def _await_end(folder: Path) -> None:
    """Return when the supervisor is gone, and its engines with it."""
    lock = lock_file(Places(folder.resolve()).supervisor_lock)
    deadline = time.monotonic() + ATTACH_SECONDS
    try:
        while not try_lock(lock) and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        os.close(lock)


def copy_data(engines_: OwnEngines, target: Path) -> None:
    """Copy the data of a PostgreSQL that has ended."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(engines_.folder / POSTGRES, target, symlinks=True)


def put_back(engines_: OwnEngines, copy: Path) -> None:
    """Replace the data of a PostgreSQL that has ended by an older copy."""
    data = engines_.folder / POSTGRES
    owner = data.stat()
    shutil.rmtree(data)
    shutil.copytree(copy, data, symlinks=True)
    for path in (data, *data.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
    data.chmod(0o700)


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == parent:
                    found.append(int(entry.name))
    return found


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""
