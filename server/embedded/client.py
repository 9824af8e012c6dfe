"""The side of a process that uses the engines."""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from server.embedded.places import POSTGRES_SOCKET, VALKEY_SOCKET, EmbeddedError, Engines, Places, lock_file, read_state

PROJECT = Path(__file__).resolve().parents[2]
ATTACH_SECONDS = 30.0
POLL_SECONDS = 0.05


@contextmanager
def engines(folder: Path) -> Iterator[Engines]:
    """Give the URLs of a PostgreSQL and a Valkey that keep their data under `folder`, and run while this block does.

    The engines are started when nobody did so yet, and otherwise shared. They outlive this process if another one
    still uses them, and end a moment after the last one, even when that was killed. Raises EmbeddedError.
    """
    places = Places(folder.resolve())
    try:
        _keep_out_others(places.folder)
        users = lock_file(places.users_lock)
    except OSError as error:
        raise EmbeddedError(f"the folder {places.folder} cannot hold the embedded engines: {error}") from error
    try:
        # Waits while a supervisor that saw no users is ending its engines.
        fcntl.flock(users, fcntl.LOCK_SH)
        yield _attach(places)
    finally:
        # Closed, not unlocked: a forked child that still has the descriptor still uses the engines.
        os.close(users)


def _keep_out_others(folder: Path) -> None:
    """Make the folder, closed to other users: as root they may pass through it, for the engines run as one of them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid == os.getuid():
        folder.chmod(0o711 if os.getuid() == 0 else 0o700)


def _attach(places: Places) -> Engines:
    deadline = time.monotonic() + ATTACH_SECONDS
    while time.monotonic() < deadline:
        found = read_state(places.state)
        if found is None:
            _start(places)
        elif _accept(found):
            return found
        else:
            time.sleep(POLL_SECONDS)  # one of them is being started again
    raise EmbeddedError(f"the embedded engines of {places.folder} do not stay up; see {places.log}")


def _accept(found: Engines) -> bool:
    """Whether both engines take connections."""
    sockets = Path(unquote(urlsplit(found.redis_url).path)).parent
    try:
        for name in (POSTGRES_SOCKET, VALKEY_SOCKET):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(sockets / name))
    except PermissionError as error:
        raise EmbeddedError(f"the embedded engines run already, as another user: {sockets} is closed to us") from error
    except OSError:
        return False
    return True


def _start(places: Places) -> None:
    """Return when the engines are ready, whoever started them."""
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "server.embedded", str(places.folder)],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        # Ctrl-C in the terminal is for the server, which then still needs its database to end well.
        start_new_session=True,
    )
    if done.returncode:
        raise EmbeddedError(done.stderr.strip() or f"the supervisor ended with status {done.returncode}")
