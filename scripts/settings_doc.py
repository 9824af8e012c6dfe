"""Write docs/settings.md from the settings and the texts below. With `--check` only compare.

A new setting needs a docstring below it, or a line in `GROUPS`; those of an outside service stand in its adapter.
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from pydantic_settings import BaseSettings  # noqa: E402 - the path comes first

from server.compose.settings import DEVELOPMENT_SECRET, Settings  # noqa: E402 - the path comes first

PLACE = PROJECT / "docs" / "settings.md"
ADAPTED = [one for one in Settings.__bases__ if one is not BaseSettings]
"""The settings of outside services, each beside its adapter."""

HEAD = """\
# Settings

Made by `scripts/settings_doc.py` from `server/compose/settings.py`; do not edit it by hand.

Every setting is read from the environment, and from a file `.env` in the folder that the process is started in. The
environment wins. Names are not case-sensitive; lists are written with commas. What is not known is ignored.
`cp .env.template .env` is enough for development.
"""

FOOT = """\
## Beside the settings

| variable | read by | what |
|---|---|---|
| `NEXA_EMBEDDED_FSYNC` | the embedded PostgreSQL | `off`: faster, not safe when the power fails; the tests do so |
| `POSTGRES_PASSWORD` | `docker-compose.yml` | password of its PostgreSQL |
| `BENCH_DATABASE_URL`, `BENCH_REDIS_URL` | `bench/` | engines to measure on, instead of the embedded ones |
| `PROMETHEUS_MULTIPROC_DIR` | set by `run` itself | where processes that were started together collect metrics |

## What production refuses

With `ENVIRONMENT` `production` or `staging` no command starts while `SECRET_KEY` is missing, the default, or has fewer
than 32 characters, or while `DATABASE_URL`, `REDIS_URL`, a mail server (`SMTP_URL` or `SMTP_HOST`) or an address for
links in mails (`FRONTEND_URL` or `PUBLIC_URL`) or `GEMINI_API_KEY` is missing; and `run` refuses a database that is not
migrated.
"""

GROUPS: dict[str, dict[str, str]] = {
    "Where and what": {
        "environment": "`development`, `test`, `staging` or `production`; the last two are strict (see below)",
        "secret_key": "the keys that sign access tokens are derived from it",
        "database_url": "`postgres://user:password@host:port/name`; empty: an embedded PostgreSQL",
        "redis_url": "`redis://host:port/0`; empty: an embedded Valkey",
        "redis_prefix": "stands before every key and channel, so that installations can share one Redis",
        "data_dir": "where the embedded engines keep their data",
        "host": "address to listen on; `run --host` wins",
        "port": "port to listen on; `run --port` wins",
        "log_level": "lowest level that is written",
        "log_format": "`json`, `text`, or `auto`: text when stderr is a terminal",
        "worker_metrics_port": "where a worker serves its own `/metrics`; 0: nowhere",
        "worker_streams": "answers that one worker writes at the same time",
        "database_pool": "connections of one process to PostgreSQL, besides three for reading the log",
        "trusted_proxies": "whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses, networks or `*`",
    },
    "Who may come": {
        "origins": "browsers' origins that may open a socket and call over HTTP",
        "metrics_allow": "networks that may read `/metrics`",
        "issuer": "`iss` of access tokens",
        "audience": "`aud` of access tokens",
        "access_token_seconds": "how long an access token is good",
        "refresh_token_seconds": "how long a session lives without being refreshed",
        "signups_per_hour": "accounts that one network may open in an hour; 0: 20 in production and staging, else 1000",
        "auth0_domain": "for now only shown in `/health` as `auth0_configured`",
    },
    "Messages": {
        "strangers_per_hour": "people who have not written that one person may write to for the first time in an hour",
        "strangers_verified": "whether only people with a confirmed address may write to somebody who has not written",
    },
    "Files": {
        "upload_avatar_bytes": "largest avatar",
        "upload_attachment_bytes": "largest attachment of a message",
        "upload_resume_bytes": "largest résumé",
        "upload_resource_bytes": "largest business resource",
        "upload_video_bytes": "largest video",
        "upload_unattached_bytes": "how much of one person's files may belong to nothing; they are removed after a day",
        "uploads_at_once": "uploads that one process takes at the same time",
        "uploads_per_user": "of them of one person",
        "uploads_per_network": "of them of one network",
        "file_url_seconds": "how long a signed address of a file is good",
    },
    "Addresses in mails": {
        "public_url": "where clients reach this server, as in `https://api.example.org`; empty: from `HOST` and `PORT`",
        "frontend_url": "below it are the pages `verify-email`, `reset-password` and `confirm-email` to which links in"
        " mails lead, with `#token=…`; empty: small pages of our own, below `PUBLIC_URL`",
    },
    "Assistant": {
        "assistant_answer_tokens": "longest answer",
        "assistant_daily_tokens": "what one person may use in a day of UTC, prompts and answers together",
        "assistant_monthly_tokens": "what one person may use in a month of UTC",
        "assistant_runs_at_once": "answers that may be written for one person at the same time",
    },
    "Limits of one request": {
        "request_head_bytes": "request line and headers together; more is answered with 431",
        "request_head_seconds": "how long they may take; then the connection is cut (408)",
        "request_body_bytes_per_second": "least speed of a body, uploads too; 0: any",
        "request_body_seconds": "how long a body may be slower (408)",
        "response_unread_seconds": "how long a client may leave its answer unread; then the connection is cut",
    },
    "Limits of one socket": {
        "max_message_bytes": "largest message from a client; a larger one closes with 1009",
        "max_frame_bytes": "largest frame to a client; a larger result is −32013",
        "socket_queries": "queries that run side by side",
        "socket_commands": "commands that may wait",
        "socket_topics": "topics that one socket may follow",
        "socket_batch": "requests in one batch",
        "guest_seconds": "a guest without a call for so long is closed with 4008",
        "heartbeat_seconds": "between two pings of the server, and how long a pong may take",
    },
    "Limits of one person or network": {
        "connections_per_network": "connections of one network on one process that are not sockets; those of"
        " `TRUSTED_PROXIES` are not counted",
        "sockets_per_user": "open sockets of one user on one process; one more closes the oldest with 4409",
        "guests_per_network": "open guest sockets of one network (IPv4 address, IPv6 /64) on one process",
        "queries_per_second": "queries of one user",
        "queries_burst": "queries of one user at once",
        "commands_per_second": "commands and signals of one user",
        "commands_burst": "commands and signals of one user at once",
        "guest_calls_per_second": "calls of guests of one network",
        "guest_calls_burst": "calls of guests of one network at once",
    },
    "Going down": {
        "drain_spread_seconds": "sockets are told to reconnect after a random delay of up to so much",
        "drain_hold_seconds": "how long an old socket lives beside the new one, counted from that delay",
    },
}


def documented(settings: type[BaseSettings]) -> dict[str, str]:
    """The docstrings that stand below the settings of one class."""
    (body,) = [
        node.body
        for node in ast.parse(Path(inspect.getfile(settings)).read_text()).body
        if isinstance(node, ast.ClassDef) and node.name == settings.__name__
    ]
    found = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            constant = ast.literal_eval(text.value)
            found[field.target.id] = " ".join(str(constant).split()).removesuffix(".")
    return found


def groups() -> dict[str, dict[str, str]]:
    """All settings with their texts; raises SystemExit where one has none, or a text has no setting."""
    outside = {inspect.cleandoc(one.__doc__ or "").removesuffix("."): documented(one) for one in ADAPTED}
    below = documented(Settings)
    known = {name for group in (*GROUPS.values(), *outside.values()) for name in group}
    fields = set(Settings.model_fields)
    if gone := sorted(known - fields):
        raise SystemExit(f"scripts/settings_doc.py tells of settings that are gone: {', '.join(gone)}")
    if untold := [name for name in Settings.model_fields if name not in known | below.keys()]:
        raise SystemExit(f"say what these settings are, in a docstring below each: {', '.join(untold)}")
    further = {name: below[name] for name in Settings.model_fields if name not in known}
    return {**GROUPS, **outside, **({"Further": further} if further else {})}


def default(name: str) -> str:
    """The default as one would write it into `.env`."""
    value: Any = Settings.model_fields[name].get_default(call_default_factory=True)
    if value == DEVELOPMENT_SECRET:
        return "one that production refuses"
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"`{text}`" if text else "empty"


def document() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_tables(), FOOT])


def _tables() -> Iterator[str]:
    for title, group in groups().items():
        yield f"## {title}\n\n| variable | default | what |\n|---|---|---|"
        yield "".join(f"| `{name.upper()}` | {default(name)} | {text} |\n" for name, text in group.items())


def main(arguments: Sequence[str]) -> int:
    """Write the page, or compare it."""
    if list(arguments) != ["--check"]:
        PLACE.write_text(document())
        return 0
    if PLACE.read_text() == document():
        return 0
    print(f"{PLACE.relative_to(PROJECT)} is not up to date: python scripts/settings_doc.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
