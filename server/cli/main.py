"""The command line: `python -m server run | worker | migrate | create-superuser | shell | …`."""

import argparse
import contextlib
import sys
from collections.abc import Iterator, Sequence

from server.cli import operate, superuser
from server.cli.invocation import Invocation
from server.cli.run import run, work
from server.compose import logs
from server.compose.settings import Settings
from server.embedded import EmbeddedError, engines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    settings = Settings()
    logs.configure(settings.log_level, settings.log_format)
    refusals = settings.refusals()
    if refusals:
        print("This configuration must not be started:", *refusals, sep="\n  - ", file=sys.stderr)
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
    serve = commands.add_parser("run", help="start a server")
    serve.set_defaults(run=run)
    serve.add_argument("--host", help="address to listen on (HOST)")
    serve.add_argument("--port", type=int, help="port to listen on (PORT)")
    serve.add_argument("--workers", type=int, default=1, help="so many server processes behind the one port")
    serve.add_argument("--with-worker", action="store_true", help="start a worker beside it, and stop both together")
    serve.add_argument("--fd", type=int, help=argparse.SUPPRESS)
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


_VARIABLE = superuser.PASSWORD_VARIABLE
_COMMANDS = {
    "worker": (work, "carry out deferred and periodic work"),
    "migrate": (operate.apply_migrations, "bring the database up to date"),
    "demo": (operate.demo, "load the demo accounts, once"),
    superuser.COMMAND: (
        operate.create_superuser,
        f"make an admin; the password is asked for, or piped in, or {_VARIABLE}",
    ),
    "shell": (operate.open_shell, "Python with the models, connected; `await` works at the prompt"),
    "rotate-keys": (operate.rotate_keys, "sign access tokens with the next key; nobody is logged out"),
    "new-epoch": (operate.new_epoch, "after the database was restored from a copy: make clients read their state anew"),
}
