"""The command line: `python -m server run | migrate | demo`."""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Iterator, Sequence

import uvicorn
import uvloop

from server import logs
from server.app import App
from server.demo import PASSWORD, PEOPLE, load_demo
from server.embedded import EmbeddedError, engines
from server.migrations import migrate, missing
from server.serving import configuration
from server.settings import Settings

MESSAGES = {
    "run": "start a server",
    "migrate": "bring the database up to date",
    "demo": "load the demo accounts, once",
}


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
            return _COMMANDS[options.command](settings, options, database_url, redis_url)
    except (EmbeddedError, OSError) as error:
        print(f"nexa: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server", description="Nexa, the real-time backend.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in MESSAGES.items():
        command = commands.add_parser(name, help=text, description=text)
        if name == "run":
            command.add_argument("--host", default=None, help="address to listen on (HOST)")
            command.add_argument("--port", type=int, default=None, help="port to listen on (PORT)")
    return parser


@contextlib.contextmanager
def _engines(settings: Settings) -> Iterator[tuple[str, str]]:
    """The engines' URLs: the configured ones, and an embedded engine for each that is not."""
    if settings.database_url and settings.redis_url:
        yield settings.database_url, settings.redis_url
        return
    with engines(settings.data_dir) as embedded:
        yield settings.database_url or embedded.database_url, settings.redis_url or embedded.redis_url


def _run(settings: Settings, options: argparse.Namespace, database_url: str, redis_url: str) -> int:
    host, port = options.host or settings.host, options.port or settings.port
    if settings.is_production:
        lacking = asyncio.run(missing(database_url))
        if lacking:
            print("The database is not migrated (python -m server migrate):", *lacking, file=sys.stderr)
            return 2
    else:
        asyncio.run(_prepare(settings, database_url))
    _greet(settings, host, port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, database_url, redis_url, host, port))
    return 0


async def _serve(settings: Settings, database_url: str, redis_url: str, host: str, port: int) -> None:
    # The pools belong to the running loop, so the application is put together inside it.
    app = App(settings, database_url, redis_url)
    await uvicorn.Server(configuration(settings, app, host=host, port=port)).serve()


async def _prepare(settings: Settings, database_url: str) -> None:
    await migrate(database_url)
    if not settings.is_production:
        await load_demo(database_url)


def _migrate(_settings: Settings, _options: argparse.Namespace, database_url: str, _redis_url: str) -> int:
    applied = asyncio.run(migrate(database_url))
    print(*(applied or ["The database is up to date."]), sep="\n")
    return 0


def _demo(settings: Settings, _options: argparse.Namespace, database_url: str, _redis_url: str) -> int:
    if settings.is_production:
        print("Demo accounts have a known password; production gets none.", file=sys.stderr)
        return 2
    asyncio.run(_prepare(settings, database_url))
    print(*(f"{email}  {PASSWORD}" for email in PEOPLE), sep="\n")
    return 0


def _greet(settings: Settings, host: str, port: int) -> None:
    address = f"{host}:{port}"
    embedded = [name for name, url in (("PostgreSQL", settings.database_url), ("Redis", settings.redis_url)) if not url]
    lines = [
        "",
        f"  Nexa {settings.environment.value}",
        f"  socket     ws://{address}/ws",
        f"  health     http://{address}/health",
        f"  contract   http://{address}/openrpc.json",
    ]
    if embedded:
        lines.append(f"  embedded   {' and '.join(embedded)}, data in {settings.data_dir}/")
    if not settings.is_production:
        lines.append(f"  accounts   {', '.join(email.split('@')[0] + '@' for email in PEOPLE)}demo.example")
        lines.append(f"  password   {PASSWORD}")
    print("\n".join([*lines, ""]), flush=True)


_COMMANDS = {"run": _run, "migrate": _migrate, "demo": _demo}

if __name__ == "__main__":
    sys.exit(main())
