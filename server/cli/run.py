"""`run` and `worker`: the processes of an installation."""

import asyncio
import contextlib
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

import uvloop
from prometheus_client.multiprocess import mark_process_dead

from server.cli.database import prepared
from server.cli.demo import PASSWORD, PEOPLE
from server.cli.invocation import Invocation
from server.cli.processes import Processes, Role
from server.compose.adapters import ADAPTERS
from server.compose.app import App
from server.compose.serving import DrainingServer, configuration
from server.compose.settings import Environment
from server.compose.worker import run_worker


def run(call: Invocation) -> int:
    """Start one server, or several processes behind one port."""
    is_child = call.options.fd is not None
    if not is_child:
        refused = prepared(call)
        if refused:
            return refused
        _greet(call)
    if not is_child and (call.options.workers > 1 or call.options.with_worker):
        return _run_processes(call)
    _in_loop(_serve(call))
    return 0


async def _serve(call: Invocation) -> None:
    # Until uvicorn listens to signals, asyncio's own answer to Ctrl-C would cancel the start halfway, with a traceback.
    early: list[int] = []
    _on_ending(lambda number, _frame: early.append(number))
    # The pools belong to the running loop, so the application is put together inside it.
    app = App(call.settings, call.database_url, call.redis_url)
    server = DrainingServer(configuration(call.settings, app, host=call.host, port=call.port), app)
    _on_ending(server.handle_exit)
    for number in early:
        server.handle_exit(number, None)
    inherited = call.options.fd
    await server.serve(sockets=None if inherited is None else [socket.socket(fileno=inherited)])


def _on_ending(act: Callable[[int, FrameType | None], object]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, act)


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
        "DEVELOPMENT_DATABASE": "true",
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


def work(call: Invocation) -> int:
    """Start a worker."""
    _in_loop(run_worker(call.settings, call.database_url, call.redis_url))
    return 0


def _in_loop(work: Coroutine[Any, Any, None]) -> None:
    # Ctrl-C has ended the work in order by then; how it ended is no fault to report.
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


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
    lines += [
        f"  {one.note.format(address=address)}" for one in ADAPTERS.values() if one.note and one.emulated(settings)
    ]
    if settings.environment is Environment.DEVELOPMENT and not settings.database_url:
        lines.append(f"  accounts   {', '.join(email.split('@')[0] + '@' for email in PEOPLE)}demo.example")
        lines.append(f"  password   {PASSWORD}")
    print("\n".join([*lines, ""]), flush=True)
