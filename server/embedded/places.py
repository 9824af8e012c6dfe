"""What lies where in the folder of the engines, and the locks by which processes agree."""

import fcntl
import hashlib
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

# sun_path is 108 bytes on Linux and 104 on macOS, with the terminating zero.
SOCKET_PATH_LIMIT = 107 if sys.platform == "linux" else 103
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"


class EmbeddedError(RuntimeError):
    """The embedded engines cannot run; the text says why and quotes the log."""


@dataclass(frozen=True)
class Engines:
    """The URLs of the running engines, as asyncpg, Tortoise and redis-py take them."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Places:
    """The paths of one folder of engines."""

    folder: Path

    @property
    def postgres(self) -> Path:
        """The data of PostgreSQL."""
        return self.folder / "postgres"

    @property
    def valkey(self) -> Path:
        """The data of Valkey."""
        return self.folder / "valkey"

    @property
    def log(self) -> Path:
        """The folder of the logs."""
        return self.folder / "log"

    @property
    def state(self) -> Path:
        """The URLs and process ids; true only as long as its writer holds a lock on it."""
        return self.folder / "engines.json"

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the engines."""
        return self.folder / "users.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the one supervisor."""
        return self.folder / "supervisor.lock"

    @property
    def engines_lock(self) -> Path:
        """Inherited by the engines and all their children: free exactly when none of them is left."""
        return self.folder / "engines.lock"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets, which is a short one elsewhere when paths below ours would be too long."""
        short = "nexa-" + hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        candidates = [self.folder / "run", Path(tempfile.gettempdir()) / short, Path("/tmp") / short]  # noqa: S108
        return next(c for c in candidates if len(os.fsencode(c / POSTGRES_SOCKET)) <= SOCKET_PATH_LIMIT)

    @property
    def engines(self) -> Engines:
        """The URLs that lead to the sockets."""
        return Engines(
            database_url=f"postgres://nexa@/nexa?host={quote(str(self.sockets))}&port=5432",
            redis_url=f"unix://{quote(str(self.sockets / VALKEY_SOCKET))}",
        )


def lock_file(path: Path) -> int:
    """Open a file to lock. Closing it, or dying, releases the lock."""
    # Read-only suffices for flock, and lets another user wait for a lock that root made.
    return os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)


def try_lock(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    """Take the lock if that is possible at once."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def read_state(state: Path) -> Engines | None:
    """Give the URLs of the running engines, or None when nobody runs them or they are not ready."""
    try:
        with state.open() as file:
            if try_lock(file.fileno(), fcntl.LOCK_SH):
                return None  # its writer is gone
            content = json.load(file)
    except FileNotFoundError:
        return None
    return Engines(content["database_url"], content["redis_url"])


class State:
    """The state file as its writer holds it: complete and locked from the moment that it appears."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: int | None = None

    def publish(self, engines: Engines, pids: dict[str, int]) -> None:
        """Replace what the file says."""
        content = {"database_url": engines.database_url, "redis_url": engines.redis_url, **pids}
        new = self._path.with_suffix(".new")
        new.unlink(missing_ok=True)
        descriptor = lock_file(new)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        new.write_text(json.dumps(content, indent=2) + "\n")
        new.replace(self._path)
        if self._held is not None:
            os.close(self._held)
        self._held = descriptor

    def withdraw(self) -> None:
        """Let nobody attach any more."""
        self._path.unlink(missing_ok=True)


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, to be quoted in an error."""
    try:
        last = log.read_text(errors="replace").splitlines()[-lines:]
    except OSError as error:
        return f"(no log: {error})"
    return "\n".join([f"last lines of {log}:", *(f"  {line}" for line in last)])
