"""The command line: `python -m server run | worker | migrate | create-superuser | shell | …`."""

import argparse
import asyncio
import contextlib
import shutil
import socket
import sys
import tempfile
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import uvloop
from prometheus_client.multiprocess import mark_process_dead

from models.errors import DomainError
from server import logs, shell, superuser
from server.app import App
from server.core import Core
from server.demo import PASSWORD, PEOPLE, load_demo
from server.embedded import EmbeddedError, engines
from server.keys import rotate
from server.migrations import migrate, missing
from server.processes import Processes, Role
from server.serving import DrainingServer, configuration
from server.settings import Settings
from server.worker import run_worker


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of the command line, with the engines that it uses."""

    settings: Settings
    options: argparse.Namespace
    database_url: str
    redis_url: str

    @property
    def host(self) -> str:
        """Where to listen."""
        return str(self.options.host or self.settings.host)

    @property
    def port(self) -> int:
        """Where to listen."""
        return int(self.settings.port if self.options.port is None else self.options.port)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    refusals = settings.refusals()
    if refusals:
        print("This configuration must not run in production:", *refusals, sep="\n  - ", file=sys.stderr)
        return 2
    try:
        with _engines(settings) as (database_url, redis_url):
            return int(options.run(Invocation(settings, options, database_url, redis_url)))
    except (EmbeddedError, OSError) as error:
        print(f"nexa: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server", description="Nexa, the real-time backend.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start a server")
    run.set_defaults(run=_run)
    run.add_argument("--host", help="address to listen on (HOST)")
    run.add_argument("--port", type=int, help="port to listen on (PORT)")
    run.add_argument("--workers", type=int, default=1, help="so many server processes behind the one port")
    run.add_argument("--with-worker", action="store_true", help="start a worker beside it, and stop both together")
    run.add_argument("--fd", type=int, help=argparse.SUPPRESS)
    parsers = {}
    for name, (command, text) in _COMMANDS.items():
        parsers[name] = commands.add_parser(name, help=text, description=text)
        parsers[name].set_defaults(run=command)
    superuser.add_arguments(parsers[superuser.COMMAND])
    return parser


@contextlib.contextmanager
def _engines(settings: Settings) -> Iterator[tuple[str, str]]:
    """The engines' URLs: the configured ones, and an embedded engine for each that is not."""
    if settings.database_url and settings.redis_url:
        yield settings.database_url, settings.redis_url
        return
    with engines(settings.data_dir) as embedded:
        yield settings.database_url or embedded.database_url, settings.redis_url or embedded.redis_url


def _run(call: Invocation) -> int:
    is_child = call.options.fd is not None
    if not is_child:
        refused = _prepared(call)
        if refused:
            return refused
        _greet(call)
    if not is_child and (call.options.workers > 1 or call.options.with_worker):
        return _run_processes(call)
    _in_loop(_serve(call))
    return 0


def _prepared(call: Invocation) -> int:
    """Bring the database up to date, with the demo accounts, or refuse to where that is the operator's to decide."""
    if call.settings.is_production:
        return _migrated(call)
    asyncio.run(_prepare(call.database_url))
    return 0


def _migrated(call: Invocation) -> int:
    """Bring the database up to date, or refuse to where that is the operator's to decide."""
    if not call.settings.is_production:
        asyncio.run(migrate(call.database_url))
        return 0
    lacking = asyncio.run(missing(call.database_url))
    if lacking:
        print("The database is not migrated (python -m server migrate):", *lacking, file=sys.stderr)
    return 2 if lacking else 0


async def _prepare(database_url: str) -> None:
    await migrate(database_url)
    await load_demo(database_url)


async def _serve(call: Invocation) -> None:
    # The pools belong to the running loop, so the application is put together inside it.
    app = App(call.settings, call.database_url, call.redis_url)
    server = DrainingServer(configuration(call.settings, app, host=call.host, port=call.port), app)
    inherited = call.options.fd
    await server.serve(sockets=None if inherited is None else [socket.socket(fileno=inherited)])


def _run_processes(call: Invocation) -> int:
    """Several processes: the servers share one listening socket, whose number they inherit."""
    listening = socket.create_server((call.host, call.port), backlog=2048)
    listening.set_inheritable(True)
    number = listening.fileno()
    server = Role(("run", "--fd", str(number)), (number,))
    roles = [server] * call.options.workers + [Role(("worker",))] * call.options.with_worker
    metrics = tempfile.mkdtemp(prefix="nexa-metrics-")
    environment = {
        "DATABASE_URL": call.database_url,
        "REDIS_URL": call.redis_url,
        "PROMETHEUS_MULTIPROC_DIR": metrics,
        # A worker writes addresses of ours into mails.
        "HOST": call.host,
        "PORT": str(call.port),
    }
    try:
        return Processes(
            roles,
            environment,
            # A gauge of a dead process would count for ever.
            on_end=lambda pid: mark_process_dead(pid, metrics),  # type: ignore[no-untyped-call]  # theirs
            # What connects from now on is refused, and does not wait for a process that will not come.
            on_stop=listening.close,
        ).run()
    finally:
        listening.close()
        shutil.rmtree(metrics, ignore_errors=True)


def _worker(call: Invocation) -> int:
    _in_loop(run_worker(call.settings, call.database_url, call.redis_url))
    return 0


def _in_loop(work: Coroutine[Any, Any, None]) -> None:
    # Ctrl-C has ended the work in order by then; how it ended is no fault to report.
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def _migrate(call: Invocation) -> int:
    applied = asyncio.run(migrate(call.database_url))
    print(*(applied or ["The database is up to date."]), sep="\n")
    return 0


def _demo(call: Invocation) -> int:
    if call.settings.is_production:
        print("Demo accounts have a known password; production gets none.", file=sys.stderr)
        return 2
    asyncio.run(_prepare(call.database_url))
    print(*(f"{email}  {PASSWORD}" for email in PEOPLE), sep="\n")
    return 0


def _new_epoch(call: Invocation) -> int:
    print(asyncio.run(_renew_epoch(call.database_url)))
    return 0


async def _renew_epoch(database_url: str) -> str:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE log_epoch SET value = $1", epoch := str(uuid4()))
    finally:
        await connection.close()
    return epoch


def _rotate_keys(call: Invocation) -> int:
    print(asyncio.run(rotate(call.database_url)))
    return 0


def _create_superuser(call: Invocation) -> int:
    try:
        wanted = superuser.Wanted.asked(call.options)
        if refused := _migrated(call):
            return refused
        print(asyncio.run(_made(call, wanted)))
    except DomainError as error:
        print(superuser.told(error), file=sys.stderr)
        return 1
    except (EOFError, KeyboardInterrupt):
        print("\nNothing was changed.", file=sys.stderr)
        return 1
    return 0


async def _made(call: Invocation, wanted: superuser.Wanted) -> str:
    core = Core(call.settings, call.database_url, call.redis_url)
    async with core.running():
        return await superuser.make(core, wanted)


def _shell(call: Invocation) -> int:
    if refused := _migrated(call):
        return refused
    shell.run(lambda: Core(call.settings, call.database_url, call.redis_url))
    return 0


def _greet(call: Invocation) -> None:
    settings, address = call.settings, f"{call.host}:{call.port}"
    engines_of_ours = {"PostgreSQL": settings.database_url, "Redis": settings.redis_url}
    embedded = [name for name, url in engines_of_ours.items() if not url]
    lines = [
        "",
        f"  Nexa {settings.environment.value}",
        f"  socket     ws://{address}/ws",
        f"  health     http://{address}/health",
        f"  contract   http://{address}/openrpc.json",
    ]
    if embedded:
        lines.append(f"  embedded   {' and '.join(embedded)}, data in {settings.data_dir}/")
    if not settings.has_mail_server:
        lines.append(f"  mail       caught: http://{address}/dev/mail")
    if not settings.has_gemini:
        lines.append("  assistant  emulated: set GEMINI_API_KEY for real answers")
    if not settings.is_production:
        lines.append(f"  accounts   {', '.join(email.split('@')[0] + '@' for email in PEOPLE)}demo.example")
        lines.append(f"  password   {PASSWORD}")
    print("\n".join([*lines, ""]), flush=True)


_VARIABLE = superuser.PASSWORD_VARIABLE
_COMMANDS = {
    "worker": (_worker, "carry out deferred and periodic work"),
    "migrate": (_migrate, "bring the database up to date"),
    "demo": (_demo, "load the demo accounts, once"),
    superuser.COMMAND: (_create_superuser, f"make an admin; the password is asked for, or piped in, or {_VARIABLE}"),
    "shell": (_shell, "Python with the models, connected; `await` works at the prompt"),
    "rotate-keys": (_rotate_keys, "sign access tokens with the next key; nobody is logged out"),
    "new-epoch": (_new_epoch, "after the database was restored from a copy: make clients read their state anew"),
}

if __name__ == "__main__":
    sys.exit(main())
